"""Cost against activity: the network of workload c from 0.01 to 100 Hz, and the two ways to look for spikes.

    python benchmarks/engine/activity_curve.py [--svg docs/activity_curve.svg] [--scale 0.1]

At every tick a population is either swept, all neurons compared with the threshold, or only the neurons on a list are.
The engine chooses for itself, to the bit the same spikes (a test holds this). Here one simulation goes on through many
stretches of time in which lists are forced on it, or sweeps, or nothing, by turns. It runs on one thread, and processor
time is measured, which other programs disturb less than the clock on the wall. `automatic / best` is the quotient of
run times within one round, its median and its extremes; the mark is 1.1 for the median.

Below 0.5 Hz halving the rate is to halve at least what the run takes over a constant. Printed is the smallest constant
with which that holds for all neighbouring rates, and beside it what the network takes without any spike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import in_reafference
from c_lognormal import describe

import reafference as ra
from reafference.engine import delta

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.chart import Curve, chart  # of all benchmarks
from support.printing import machine, table

RATES = (0.01, 0.03, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0)  # Hz, of the input trains
DENSE, SHORTER = 5.0, 0.2  # from this rate on a stretch is that part of the time
MODES = {"lists": 2**62, "sweeps": -1, "automatic": None}  # events of a tick above which it sweeps
HALVING = 0.5  # Hz, the highest rate at which halving is asked for
MARK = 1.1


def force(simulation: ra.Simulation, busy: int | None, own: list[int]) -> None:
    """From the next tick on sweep where a tick has more than `busy` events; None: as the engine does it by itself."""
    for (group, *_), usual in zip(simulation._groups, own, strict=True):
        now = group.cells.now
        now[delta.BUSY] = usual if busy is None else busy
        now[delta.SWEEPS] = busy == -1


def measured(rate: float, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run times of one rate, s for one simulated second, a list for each mode; the first round is not counted."""
    stretch = round(arguments.seconds * (SHORTER if rate >= DENSE else 1.0), 4)
    rounds = arguments.repeats + 1
    seconds = stretch * rounds * len(MODES)
    model = describe(arguments.scale, rate or 1.0, seconds if rate else 0.0, arguments.seed)
    network = in_reafference.described(ra, model, argparse.Namespace(wiring="shared"))
    simulation = ra.Simulation(network, seed=arguments.seed, record=["cells"])
    own = [int(group.cells.now[delta.BUSY]) for group, *_ in simulation._groups]
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    for number in range(rounds):
        for place in range(len(MODES)):
            mode = list(MODES)[(number + place) % len(MODES)]
            force(simulation, MODES[mode], own)
            began = time.process_time()
            simulation.advance(stretch)
            if number:
                times[mode].append((time.process_time() - began) / stretch)
    recording = simulation.recording()
    best = [min(pair) for pair in zip(times["lists"], times["sweeps"], strict=True)]
    quotients = [mine / other for mine, other in zip(times["automatic"], best, strict=True)]
    return {
        "rate": rate,
        "mean_rate": recording.neuron.size / seconds / model.cells.count,
        "events_per_second": recording.work["synaptic_events"] / seconds,
        "times": times,
        "automatic_over_best": {
            "median": statistics.median(quotients),
            "min": min(quotients),
            "max": max(quotients),
        },
    }


def constant(found: list[dict[str, Any]]) -> float:
    """The smallest c with which t1 - c <= (t2 - c) r1 / r2 for all neighbouring rates r1 < r2."""
    least = 0.0
    for one, two in pairwise(found):
        q = two["mean_rate"] / one["mean_rate"]
        t1, t2 = (statistics.median(line["times"]["automatic"]) for line in (one, two))
        least = max(least, (q * t1 - t2) / (q - 1))
    return least


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=0.5, help="simulated time of a stretch")
    parser.add_argument("--repeats", type=int, default=5, help="rounds of one stretch for each way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", help="of the input trains, Hz, as 0.1,1,10")
    parser.add_argument("--svg", type=Path, help="also draw the curve into this file")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    rates = [float(rate) for rate in arguments.rates.split(",")] if arguments.rates else RATES
    rows, found = [], []
    for rate in (0.0, *rates):
        line = measured(rate, arguments)
        found.append(line)
        middle = {mode: statistics.median(times) * 1e3 for mode, times in line["times"].items()}
        ratio = line["automatic_over_best"]
        rows.append([
            f"{rate:g}",
            f"{line['mean_rate']:.3g}",
            f"{line['events_per_second'] / 1e6:.3g}",
            *(f"{middle[mode]:.3g}" for mode in MODES),
            f"{ratio['median']:.2f}",
            f"{ratio['min']:.2f}-{ratio['max']:.2f}",
        ])  # fmt: skip
        print(f"{rate:g} Hz: done", file=sys.stderr, flush=True)
    head = ["trains, Hz", "mean rate, Hz", "M events/s", *(f"{mode}, ms/s" for mode in MODES)]
    print(table([*head, "automatic / best", "spread"], rows))
    silent, spiking = found[0], found[1:]
    worst = max(line["automatic_over_best"]["median"] for line in spiking)
    print(f"\nRun times for one simulated second, median of {arguments.repeats} rounds. {machine()}")
    print(f"Mark, automatic at most {MARK} times the better way: {'met' if worst <= MARK else 'missed'} ({worst:.2f}).")
    slow = [line for line in spiking if line["rate"] <= HALVING]
    result: dict[str, Any] = {"workload": "activity", "worst": worst, "lines": found}
    if len(slow) > 1:
        result["constant_s"] = constant(slow)
        result["halving_from_s"] = statistics.median(slow[-1]["times"]["automatic"])
        result["silent_s"] = statistics.median(silent["times"]["automatic"])
        print(
            f"Up to {HALVING:g} Hz halving the rate at least halves the run time less {result['constant_s'] * 1e3:.2f} "
            f"ms for each simulated second; without any spike it is {result['silent_s'] * 1e3:.2f} ms."
        )
    if arguments.svg:
        x = [line["mean_rate"] for line in spiking]
        curves = [
            Curve(name=mode, x=x, y=[statistics.median(line["times"][mode]) for line in spiking]) for mode in MODES
        ]
        text = f"Run time of {model_name(arguments)} against its mean rate, for lists, sweeps and the automatic choice"
        axes = {"x": "mean rate, Hz", "y": "run time for one simulated second, s"}
        arguments.svg.write_text(chart(curves, **axes, description=text), encoding="utf-8")
        print(f"Drawn into {arguments.svg}.")
    if arguments.json:
        print(json.dumps(result))
    return 0


def model_name(arguments: argparse.Namespace) -> str:
    """What the picture shows."""
    return f"{round(100_000 * arguments.scale):,} neurons with 100 synapses each"


if __name__ == "__main__":
    sys.exit(main())
