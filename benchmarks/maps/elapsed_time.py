"""Elapsed time and counted steps read from chains of spiking cells: bias, CV, Weber slope, controls.

    python benchmarks/maps/elapsed_time.py                              # seeds 0 to 9, 200 + 200 trials each
    python benchmarks/maps/elapsed_time.py --seeds 10000 --trials 50

Each seed draws a bank. Half of its trials measure the tuning curves, the other half are read out; nothing else is told
to the decoder. Plans were chosen on seeds from 10,000 on.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from scipy import stats

from reafference.brain.elapsed_time import ElapsedDecoder, TimeError, run_trials, weber_slope
from reafference.brain.time_cells import TimePlan, build_time_cells, linear_times, log_times

DURATIONS = np.array([0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0])
GRID = np.round(np.geomspace(0.2, 24.0, 97), 3)  # where curves are measured: none of the durations but by chance
TIMES = np.unique(np.concatenate([GRID, DURATIONS]))
STOPPED = 2.0  # s after which the world of the control stands still
LOG = TimePlan(times=log_times(0.61, 32.0, 80), stages=20)
LINEAR = TimePlan(times=linear_times(0.91, 32.0, 55), stages=30)


@dataclass(frozen=True)
class Outcome:
    """One bank: errors (durations,) of the read-out, mean spikes and events of a trial of 16 s, wall seconds."""

    bias: np.ndarray
    variation: np.ndarray
    log_error: float
    slope: float
    spikes: float
    events: float
    wall: float


def timed(plan: TimePlan, seed: int, trials: int) -> tuple[Outcome, ElapsedDecoder]:
    """The bank driven by its own background, and the decoder fitted to its first half of the trials."""
    begin = time.perf_counter()
    bank = build_time_cells(plan, copies=2 * trials, seed=seed)
    ran = run_trials(bank, TIMES, seed=seed)
    decoder = ElapsedDecoder.fit(GRID, ran.active[np.searchsorted(TIMES, GRID), :trials])
    asked = np.searchsorted(TIMES, DURATIONS)
    estimate = decoder.read(ran.active[asked][:, trials:])
    errors = [TimeError.of(row, true) for row, true in zip(estimate, DURATIONS, strict=True)]
    variation = np.array([error.variation for error in errors])
    last = np.searchsorted(TIMES, 16.0)
    outcome = Outcome(
        bias=np.array([error.bias for error in errors]),
        variation=variation,
        log_error=float(np.mean([error.log_error for error in errors])),
        slope=weber_slope(DURATIONS, variation),
        spikes=ran.spikes[last] / bank.copies,
        events=ran.events[last] / bank.copies,
        wall=time.perf_counter() - begin,
    )
    return outcome, decoder


def stopped(decoder: ElapsedDecoder, plan: TimePlan, seed: int, trials: int) -> list[float]:
    """Median read-out (s) at 2, 4 and 8 s of the same bank, clocked from outside by a world that stops after 2 s."""
    bank = build_time_cells(plan, copies=trials, seed=seed)

    def until_stop(now: float) -> np.ndarray:
        return np.full(trials, now < STOPPED - 1e-9)

    ran = run_trials(bank, np.array([2.0, 4.0, 8.0]), seed=seed + 1_000_000, command=until_stop)
    return [float(np.median(row)) for row in decoder.read(ran.active)]


def counted(decoder: ElapsedDecoder, plan: TimePlan, seed: int, trials: int) -> list[tuple[float, float, float]]:
    """(pace, bias, CV) of steps counted by the command, read by the decoder that was fitted to time.

    A step is taken in each loop with probability `pace`, so that time and steps differ; asked after 4, 8 and 12 s.
    """
    bank = build_time_cells(plan, copies=trials, seed=seed)
    rows = []
    for pace in (0.9, 0.5, 0.25):
        rng = np.random.default_rng([seed, round(100 * pace)])

        def step(_: float, pace: float = pace, rng: np.random.Generator = rng) -> np.ndarray:
            return rng.random(trials) < pace

        ran = run_trials(bank, np.array([4.0, 8.0, 12.0]), seed=seed + 2_000_000, command=step)
        ratio = decoder.read(ran.active) / (ran.steps * plan.loop)
        rows.append((pace, float(ratio.mean() - 1), float(np.mean(ratio.std(axis=1, ddof=1) / ratio.mean(axis=1)))))
    return rows


def interval(values: list[float]) -> str:
    """Mean and its 95 % interval over seeds, by Student's t."""
    if len(values) < 2:
        return f"{values[0]:+.3f}"
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):+.3f} [{np.mean(values) - half:+.3f}, {np.mean(values) + half:+.3f}]"


def show(name: str, plan: TimePlan, outcomes: list[Outcome]) -> None:
    """One bank over all seeds."""
    cv = np.array([outcome.variation for outcome in outcomes])
    bias = np.array([outcome.bias for outcome in outcomes])
    print(f"\n### {name}: {plan.chains} chains of {plan.stages} stages, {plan.cells} cells\n")
    print("| duration (s) | bias, median | bias, worst | CV, median | CV, worst | seeds outside .03-.10 |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for i, true in enumerate(DURATIONS):
        worst = bias[np.argmax(np.abs(bias[:, i])), i]
        outside = int(np.sum((cv[:, i] < 0.03) | (cv[:, i] > 0.10)))
        middle = f"{np.median(bias[:, i]):+.3f} | {worst:+.3f} | {np.median(cv[:, i]):.3f}"
        print(f"| {true:g} | {middle} | {cv[:, i].max():.3f} | {outside} |")
    highest = cv.max(axis=1)
    print(f"\nslope of log CV over log T, 95 %: {interval([o.slope for o in outcomes])}")
    print(f"worst CV of a seed: median {np.median(highest):.3f}, worst {highest.max():.3f}")
    print(f"root mean squared log error: median {np.median([o.log_error**0.5 for o in outcomes]):.4f}")
    print(
        f"a trial of 16 s: {np.mean([o.spikes for o in outcomes]):,.0f} spikes, "
        f"{np.mean([o.events for o in outcomes]):,.0f} synaptic events"
    )
    walls = [o.wall for o in outcomes]
    print(f"wall time of a seed, all its trials: median {np.median(walls):.1f} s, worst {max(walls):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--trials", type=int, default=200, help="trials that are read out, and as many for the curves")
    parser.add_argument("--controls", type=int, default=50, help="trials of each control")
    given = parser.parse_args()
    seeds = [int(word) for word in given.seeds.split(",")]
    log, linear, stops, counts = [], [], [], []
    try:
        for seed in seeds:
            outcome, decoder = timed(LOG, seed, given.trials)
            other = timed(LINEAR, seed, given.trials)[0]
            stop = stopped(decoder, LOG, seed, given.controls)
            count = counted(decoder, LOG, seed, given.controls)
            for kept, new in ((log, outcome), (linear, other), (stops, stop), (counts, count)):
                kept.append(new)
            print(
                f"seed {seed}: worst CV log {outcome.variation.max():.3f}, linear {other.variation.max():.3f}; "
                f"RMS log error {outcome.log_error**0.5:.4f}, {other.log_error**0.5:.4f}",
                flush=True,
            )
    except KeyboardInterrupt:
        print(f"stopped early; {len(log)} of {len(seeds)} seeds are whole")
    seeds = seeds[: len(log)]
    if not seeds:
        return
    print(f"\n{len(seeds)} seeds, {given.trials} trials for the curves and {given.trials} read out, for each seed")
    show("log-spaced", LOG, log)
    show("linear-spaced", LINEAR, linear)
    wins = sum(a.variation.max() < b.variation.max() for a, b in zip(log, linear, strict=True))
    closer = sum(a.log_error < b.log_error for a, b in zip(log, linear, strict=True))
    print(f"\nlog-spaced has the smaller worst CV in {wins}, the smaller log error in {closer} of {len(seeds)} seeds")
    held = np.median(np.array(stops), axis=0)
    print(f"\ninput-clocked, input frozen at 2 s: reads {held[0]:.2f}, {held[1]:.2f}, {held[2]:.2f} s at 2, 4, 8 s")
    print(
        "\n| steps per loop | bias of counted steps, median | CV, median | CV, worst |\n| ---: | ---: | ---: | ---: |"
    )
    for rows in zip(*counts, strict=True):
        pace, bias, cv = np.array(rows).T
        print(f"| {pace[0]:g} | {np.median(bias):+.3f} | {np.median(cv):.3f} | {cv.max():.3f} |")


if __name__ == "__main__":
    main()
