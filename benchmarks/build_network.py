"""Time and memory to build networks of ten to fifteen million synapses.

    python benchmarks/build_network.py [--scale 1] [--repeats R] [--only WORD]

Each row is built in processes of its own, after a small network has loaded the compiled kernels and run for a tick. The
seconds are those of `Simulation(network)`: drawing, sorting, calendars; median and slowest of the repeats by the clock
on the wall, and the median of the processor time: where it is far below the wall, other programs were running. `kept`
is `Simulation.bytes_per_synapse`; `at peak` is how much the resident memory of the process grew at most, per synapse;
`MB, process` is the peak of the whole process, with Python, compiler and kernels. An EdgeList was there before: its own
8 bytes a synapse are in the process and not in the growth.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from reafference import (
    AllToAll,
    DeltaLIF,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    LogNormal,
    LogNormalDegree,
    Network,
    Population,
    Projection,
    Simulation,
    Uniform,
)
from reafference.network import Wiring
from reafference.units import ms, mV
from support.printing import machine, table

DELAYS = {
    "1.5 ms": 1.5 * ms,
    "Uniform 0.5-20 ms": Uniform(low=0.5 * ms, high=20 * ms),
    "LogNormal, mean 5 ms": LogNormal.with_mean(5 * ms, log_sigma=0.7),
}
WEIGHTS = {"one": 0.2 * mV, "own": LogNormal.with_mean(0.2 * mV, log_sigma=1.0)}
MARKS = {  # MB of the whole process, s
    ("FixedInDegree", "one", "1.5 ms", 10_000, 1000): (300, 5),
    ("LogNormalDegree", "own", "1.5 ms", 138_639, 108): (400, 5),
}


def wirings(neurons: int, degree: int) -> dict[str, Callable[[], Wiring]]:
    """All wirings with `degree` synapses a neuron on average."""
    rng = np.random.default_rng(5)
    sent = LogNormal.with_mean(degree, log_sigma=0.8)
    return {
        "FixedInDegree": lambda: FixedInDegree(degree),
        "FixedProbability": lambda: FixedProbability(degree / neurons),
        "LogNormalDegree": lambda: LogNormalDegree(sent=sent),
        "LogNormalDegree, hubs receive": lambda: LogNormalDegree(
            sent=sent, received=LogNormal(log_mean=0.0, log_sigma=0.8)
        ),
        "EdgeList": lambda: EdgeList(
            source=rng.integers(0, neurons, neurons * degree, dtype=np.uint32),
            target=rng.integers(0, neurons, neurons * degree, dtype=np.uint32),
        ),
        "AllToAll": lambda: AllToAll(),
    }


def rows() -> list[tuple[str, str, str, int, int]]:
    """(wiring, weight, delay, neurons, degree) of every row: those with a mark first."""
    sizes = {"AllToAll": (3162, 3162)}  # as many synapses between fewer neurons
    others = [
        (wiring, "own", delay, *sizes.get(wiring, (100_000, 100))) for wiring in wirings(1, 1) for delay in DELAYS
    ]
    return [*MARKS, *others]


def described(wiring: str, weight: str, delay: str, neurons: int, degree: int) -> Network:
    """The network of one row."""
    cells = Population("cells", neurons, DeltaLIF())
    law = wirings(neurons, degree)[wiring]()
    return Network(
        populations=[cells], projections=[Projection(cells, cells, law, weight=WEIGHTS[weight], delay=DELAYS[delay])]
    )


def peak_memory() -> int:
    """Highest resident memory of this process so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measured(wiring: str, weight: str, delay: str, neurons: int, degree: int) -> dict[str, float]:
    """Build once in this process."""
    Simulation(described(wiring, weight, delay, 200, 10)).advance(0.1 * ms)
    network = described(wiring, weight, delay, neurons, degree)
    before = peak_memory()
    start, used = time.perf_counter(), time.process_time()
    simulation = Simulation(network)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    synapses = simulation.synapses
    return {
        "neurons": network.neurons,
        "synapses": synapses,
        "seconds": seconds,
        "processor": processor,
        "kept": simulation.bytes_per_synapse,
        "growth": (peak_memory() - before) / synapses,
        "peak": peak_memory() / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of neurons")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose description holds this word")
    parser.add_argument("--row", help="build one row, given as JSON, and print JSON")
    arguments = parser.parse_args()
    if arguments.row:
        print(json.dumps(measured(*json.loads(arguments.row))))
        return
    compiled = "FixedInDegree", "own", "Uniform 0.5-20 ms", 70_000, 2  # loads, or compiles and keeps, all kernels
    subprocess.run([sys.executable, __file__, "--row", json.dumps(compiled)], check=True, stdout=subprocess.DEVNULL)
    lines: list[list[str]] = []
    verdicts: list[str] = []
    for wiring, weight, delay, neurons, degree in rows():
        if arguments.only not in f"{wiring} {weight} {delay}":
            continue
        row = wiring, weight, delay, max(round(neurons * arguments.scale), degree), degree
        command = [sys.executable, __file__, "--row", json.dumps(row)]
        runs = [
            json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            for _ in range(arguments.repeats)
        ]
        seconds, peak = [run["seconds"] for run in runs], max(run["peak"] for run in runs)
        lines.append([
            wiring,
            weight,
            delay,
            f"{runs[0]['neurons']:,}",
            f"{runs[0]['synapses']:,}",
            f"{statistics.median(seconds):.2f}",
            f"{max(seconds):.2f}",
            f"{statistics.median(run['processor'] for run in runs):.2f}",
            f"{runs[0]['kept']:.1f}",
            f"{max(run['growth'] for run in runs):.1f}",
            f"{peak:.0f}",
        ])  # fmt: skip
        print(" ".join(lines[-1]), file=sys.stderr, flush=True)
        if row in MARKS:
            megabytes, most = MARKS[row]
            met = "met" if peak <= megabytes and statistics.median(seconds) <= most else "missed"
            verdicts.append(
                f"Mark for {runs[0]['synapses']:,} synapses, {weight} weight, {megabytes} MB and {most} s: {met}."
            )
    head = [
        "wiring",
        "weight",
        "delay",
        "neurons",
        "synapses",
        "s, median",
        "s, slowest",
        "s, CPU",
        "B/synapse kept",
        "B/synapse at peak",
        "MB, process",
    ]
    print(table(head, lines))
    print(f"\n{arguments.repeats} repeats, one thread. {machine()}")
    print("\n".join(verdicts))


if __name__ == "__main__":
    main()
