"""Elapsed time and counted steps read from chains of spiking cells: bias, CV, Weber slope, controls.

    python benchmarks/maps/elapsed_time.py                                # seeds 0 to 9, 125 + 125 trials each
    python benchmarks/maps/elapsed_time.py --seeds 10000 --trials 50
    python benchmarks/maps/elapsed_time.py --seeds "" --rows rows.jsonl   # the tables of rows that were kept

Each seed draws a bank. Half of its trials measure the tuning curves, the other half are read out; nothing else is told
to the decoder. Log- and linear-spaced banks have as many cells and make as many spikes in 16 s. Each has its own number
of stages, loop and longest chain, chosen on seeds from 10,000 on for the smallest squared log error.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from reafference.brain.elapsed_time import Command, ElapsedDecoder, TimeError, Trials, run_trials, weber_slope
from reafference.brain.time_cells import TimeCells, TimePlan, build_time_cells, linear_times, log_times
from reafference.units import ms

DURATIONS = np.array([0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0])
GRID = np.round(np.geomspace(0.2, 24.0, 97), 3)  # where curves are measured: none of the durations but by chance
TIMES = np.unique(np.concatenate([GRID, DURATIONS]))
WIDTH = 0.08  # of the smoothing of the curves, in log time
COPIES = 25  # trials that run together: more of them no longer fit the cache
STOPPED = 2.0  # s after which the world of a control stands still
PACES = 0.25, 1.0  # of the world of another: steps in each loop, alike in log over this range, one pace for each trial
LOG = TimePlan(times=log_times(0.74, 45.0, 59), stages=28, loop=16 * ms)
LINEAR = TimePlan(times=linear_times(0.79, 20.0, 55), stages=30, loop=16 * ms)
LEAST, MOST, FLAT = 0.03, 0.10, 0.1  # marks: CV at every duration, slope of log CV over log T

Floats = np.ndarray
Row = dict[str, Any]


def batched(bank: TimeCells, times: Floats, trials: int, seed: int, world: Callable[[int], Command] | None) -> Trials:
    """So many trials, COPIES at a time: `world` makes the command of a batch, None leaves the beats to the background.

    Every batch has noise of its own; rates of the bank are the same.
    """
    batches = -(-trials // COPIES)
    parts = [
        run_trials(bank, times, seed=1000 * seed + number, command=None if world is None else world(number))
        for number in range(batches)
    ]
    return Trials(
        active=np.concatenate([part.active for part in parts], axis=1)[:, :trials],
        steps=np.concatenate([part.steps for part in parts], axis=1)[:, :trials],
        spikes=np.sum([part.spikes for part in parts], axis=0) / (batches * COPIES),
        events=np.sum([part.events for part in parts], axis=0) / (batches * COPIES),
    )


def errors(estimate: Floats, true: Floats) -> Row:
    """Bias, CV and RMS log error of estimates (times, trials), and the slope of log CV."""
    each = [TimeError.of(row, one) for row, one in zip(estimate, true, strict=True)]
    variation = [error.variation for error in each]
    return {
        "bias": [error.bias for error in each],
        "cv": variation,
        "rms": float(np.mean([error.log_error for error in each]) ** 0.5),
        "slope": weber_slope(true, variation),
    }


class Clocks:
    """Wall and CPU time since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> Row:
        """Seconds."""
        return {"wall": time.perf_counter() - self._wall, "cpu": time.process_time() - self._cpu}


def timed(plan: TimePlan, seed: int, trials: int) -> tuple[Row, ElapsedDecoder]:
    """The bank driven by its own background, and the decoder fitted to its first half of the trials."""
    clocks = Clocks()
    bank = build_time_cells(plan, copies=COPIES, seed=seed)
    ran = batched(bank, TIMES, 2 * trials, seed, None)
    decoder = ElapsedDecoder.fit(GRID, ran.active[np.searchsorted(TIMES, GRID), :trials], width=WIDTH)
    estimate = decoder.read(ran.active[np.searchsorted(TIMES, DURATIONS)][:, trials:])
    return errors(estimate, DURATIONS) | work(ran, TIMES) | clocks.read() | {"trials": 2 * trials}, decoder


def work(ran: Trials, times: Floats) -> Row:
    """Spikes and synaptic events of a trial up to 16 s."""
    last = int(np.searchsorted(times, DURATIONS[-1]))
    return {"spikes": float(ran.spikes[last]), "events": float(ran.events[last])}


def input_clocked(decoder: ElapsedDecoder, plan: TimePlan, seed: int, trials: int) -> tuple[Row, Row]:
    """The same bank with beats from a world, not its own: one whose pace differs from trial to trial, one that stops.

    Read by the decoder with the world's mean pace (in log) known to it: the estimate is divided by that pace.
    """
    bank = build_time_cells(plan, copies=COPIES, seed=seed)
    middle = float(np.sqrt(PACES[0] * PACES[1]))

    def uneven(number: int) -> Command:
        rng = np.random.default_rng([seed, 3, number])
        pace = np.exp(rng.uniform(*np.log(PACES), COPIES))
        return lambda _: rng.random(COPIES) < pace

    def until_stop(_: int) -> Command:
        return lambda now: np.full(COPIES, now < STOPPED - 1e-9)

    clocks = Clocks()
    ran = batched(bank, DURATIONS, trials, seed + 1_000_000, uneven)
    paced = errors(decoder.read(ran.active) / middle, DURATIONS) | work(ran, DURATIONS) | clocks.read()
    clocks, upto = Clocks(), np.array([2.0, 4.0, 8.0, 16.0])
    ran = batched(bank, upto, trials, seed + 2_000_000, until_stop)
    told = {"read": np.median(decoder.read(ran.active), axis=1).tolist()}
    return paced | {"trials": trials}, told | work(ran, upto) | clocks.read() | {"trials": trials}


def counted(decoder: ElapsedDecoder, plan: TimePlan, seed: int, trials: int) -> list[Row]:
    """Bias and CV of steps counted by the command, read by the decoder that was fitted to time.

    A step is taken in each loop with probability `pace`, so that time and steps differ; asked after 4, 8 and 12 s.
    """
    bank = build_time_cells(plan, copies=COPIES, seed=seed)
    rows = []
    for pace in (0.9, 0.5, 0.25):

        def steps(number: int, pace: float = pace) -> Command:
            rng = np.random.default_rng([seed, round(100 * pace), number])
            return lambda _: rng.random(COPIES) < pace

        ran = batched(bank, np.array([4.0, 8.0, 12.0]), trials, seed + 3_000_000, steps)
        ratio = decoder.read(ran.active) / (ran.steps * plan.loop)
        cv = float(np.mean(ratio.std(axis=1, ddof=1) / ratio.mean(axis=1)))
        rows.append({"pace": pace, "bias": float(ratio.mean() - 1), "cv": cv})
    return rows


def whole(seed: int, trials: int, controls: int) -> Row:
    """Everything of one seed."""
    log, decoder = timed(LOG, seed, trials)
    linear = timed(LINEAR, seed, trials)[0]
    paced, stopped = input_clocked(decoder, LOG, seed, controls)
    steps = counted(decoder, LOG, seed, controls)
    return {"seed": seed, "log": log, "linear": linear, "paced": paced, "stopped": stopped, "counted": steps}


def interval(values: Floats, digits: int = 3) -> str:
    """Mean and its 95 % interval over seeds, by Student's t."""
    if len(values) < 2:
        return f"{values[0]:+.{digits}f}"
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    low, high = np.mean(values) - half, np.mean(values) + half
    return f"{np.mean(values):+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def show_errors(name: str, plan: TimePlan, rows: list[Row]) -> None:
    """One bank over all seeds, by duration."""
    cv, bias = np.array([row["cv"] for row in rows]), np.array([row["bias"] for row in rows])
    print(f"\n### {name}: {plan.chains} chains of {plan.stages} stages, loop {1e3 * plan.loop:.0f} ms\n")
    print("| duration (s) | bias, median | bias, worst | CV, median | CV, worst | seeds outside .03-.10 |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for i, true in enumerate(DURATIONS):
        worst = bias[np.argmax(np.abs(bias[:, i])), i]
        outside = int(np.sum((cv[:, i] < LEAST) | (cv[:, i] > MOST)))
        middle = f"{np.median(bias[:, i]):+.3f} | {worst:+.3f} | {np.median(cv[:, i]):.3f}"
        print(f"| {true:g} | {middle} | {cv[:, i].max():.3f} | {outside} |")


def show_summary(banks: dict[str, tuple[TimePlan, list[Row]]]) -> None:
    """All banks, one a row."""
    print("\n| bank | cells | trials of a seed | spikes in 16 s | synaptic events | wall (s) | CPU (s) ", end="")
    print("| CV of a seed, lowest | highest | RMS log error, median | worst | slope of log CV, 95 % |")
    print("| --- " + "| ---: " * 11 + "|")
    for name, (plan, rows) in banks.items():
        cv = np.array([row["cv"] for row in rows])
        mean = {key: np.mean([row[key] for row in rows]) for key in ("spikes", "events", "wall", "cpu")}
        rms = [row["rms"] for row in rows]
        print(
            f"| {name} | {plan.cells:,} | {rows[0]['trials']} | {mean['spikes']:,.0f} | {mean['events']:,.0f} "
            f"| {mean['wall']:.0f} | {mean['cpu']:.0f} | {cv.min():.3f} | {cv.max():.3f} "
            f"| {np.median(rms):.4f} | {max(rms):.4f} | {interval(np.array([row['slope'] for row in rows]))} |"
        )


def show(rows: list[Row]) -> None:
    """Tables and marks of all seeds."""
    log, linear, paced = ([row[name] for row in rows] for name in ("log", "linear", "paced"))
    print(f"\n{len(rows)} seeds; trials of a seed: half for the curves, half read out; of controls: all read out")
    banks = {"log-spaced": (LOG, log), "linear-spaced": (LINEAR, linear), "input-clocked": (LOG, paced)}
    show_summary(banks)
    for name, (plan, of) in banks.items():
        show_errors(name, plan, of)
    cv = np.array([row["cv"] for row in log])
    print(f"\nCV in [{LEAST}, {MOST}]: {int(np.sum((cv < LEAST) | (cv > MOST)))} of {cv.size} outside")
    print(f"flat: slope of log CV within +-{FLAT}: {interval(np.array([row['slope'] for row in log]))}")
    print("log minus linear, by seed, 95 %:")
    ratio = np.mean([row["spikes"] for row in log]) / np.mean([row["spikes"] for row in linear])
    print(f"  spikes {ratio - 1:+.1%}, cells {LOG.cells / LINEAR.cells - 1:+.1%}")
    for name, of in (("RMS log error", "rms"), ("worst CV", "cv")):
        difference = np.array([np.max(a[of]) - np.max(b[of]) for a, b in zip(log, linear, strict=True)])
        print(f"  {name}: {interval(difference, 4)}, smaller in {int(np.sum(difference < 0))} of {len(rows)} seeds")
    held = np.median([row["stopped"]["read"] for row in rows], axis=0)
    print(f"input-clocked, input stopped at {STOPPED:g} s: reads", ", ".join(f"{x:.2f}" for x in held), end="")
    print(" s at 2, 4, 8, 16 s")
    print("\n| steps per loop | bias of counted steps, median | CV, median | CV, worst |")
    print("| ---: | ---: | ---: | ---: |")
    for each in zip(*(row["counted"] for row in rows), strict=True):
        bias, cv = [one["bias"] for one in each], [one["cv"] for one in each]
        print(f"| {each[0]['pace']:g} | {np.median(bias):+.3f} | {np.median(cv):.3f} | {max(cv):.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--trials", type=int, default=125, help="trials that are read out, and as many for the curves")
    parser.add_argument("--controls", type=int, default=50, help="trials of each control")
    parser.add_argument("--rows", type=Path, help="file to which each seed is added; seeds in it are not run again")
    given = parser.parse_args()
    rows: list[Row] = []
    if given.rows is not None and given.rows.exists():
        rows = [json.loads(line) for line in given.rows.read_text().splitlines()]
    begun = Clocks()
    try:
        for seed in (int(word) for word in given.seeds.split(",") if word):
            if any(row["seed"] == seed for row in rows):
                continue
            rows.append(whole(seed, given.trials, given.controls))
            if given.rows is not None:
                with given.rows.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
            log, linear = rows[-1]["log"], rows[-1]["linear"]
            spent = begun.read()
            print(
                f"seed {seed}: worst CV log {max(log['cv']):.3f}, linear {max(linear['cv']):.3f}; RMS log error "
                f"{log['rms']:.4f}, {linear['rms']:.4f}; so far {spent['wall']:.0f} s, CPU {spent['cpu']:.0f} s",
                flush=True,
            )
    except KeyboardInterrupt:
        print(f"stopped early; {len(rows)} seeds are whole")
    if rows:
        show(rows)


if __name__ == "__main__":
    main()
