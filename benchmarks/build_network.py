"""Time and memory to build a network of 100,000 neurons with about 100 synapses each.

    python benchmarks/build_network.py [--neurons N] [--degree K] [--repeats R]

Each row is built in processes of its own, after a small network has loaded the compiled kernels. The seconds are those
of `Simulation(network)`: drawing, sorting, calendars; median and slowest of the repeats by the clock on the wall, and
the median of the processor time: where it is far below the wall, other programs were running. `kept` is
`Simulation.bytes_per_synapse`; `at peak` is how much the resident memory of the process grew at most, per synapse.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time

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
from reafference.units import ms, mV
from support.printing import machine, table

WIRINGS = (
    "FixedInDegree",
    "FixedProbability",
    "LogNormalDegree",
    "LogNormalDegree, hubs receive",
    "EdgeList",
    "AllToAll",
)
DELAYS = {
    "1.5 ms": 1.5 * ms,
    "Uniform 0.5-20 ms": Uniform(low=0.5 * ms, high=20 * ms),
    "LogNormal, mean 5 ms": LogNormal.with_mean(5 * ms, log_sigma=0.7),
}


def described(wiring: str, delay: str, neurons: int, degree: int) -> Network:
    """The network of one row. All-to-all has as many synapses between fewer neurons."""
    if wiring == "AllToAll":
        neurons = round(math.sqrt(neurons * degree))
    rng = np.random.default_rng(5)
    kinds = {
        "FixedInDegree": lambda: FixedInDegree(degree),
        "FixedProbability": lambda: FixedProbability(degree / neurons),
        "LogNormalDegree": lambda: LogNormalDegree(sent=LogNormal.with_mean(degree, log_sigma=0.8)),
        "LogNormalDegree, hubs receive": lambda: LogNormalDegree(
            sent=LogNormal.with_mean(degree, log_sigma=0.8), received=LogNormal(log_mean=0.0, log_sigma=0.8)
        ),
        "EdgeList": lambda: EdgeList(
            source=rng.integers(0, neurons, neurons * degree, dtype=np.uint32),
            target=rng.integers(0, neurons, neurons * degree, dtype=np.uint32),
        ),
        "AllToAll": lambda: AllToAll(),
    }
    cells = Population("cells", neurons, DeltaLIF())
    weight = LogNormal.with_mean(0.2 * mV, log_sigma=1.0)
    return Network(
        populations=[cells], projections=[Projection(cells, cells, kinds[wiring](), weight=weight, delay=DELAYS[delay])]
    )


def peak_memory() -> int:
    """Highest resident memory of this process so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measured(wiring: str, delay: str, neurons: int, degree: int) -> dict[str, float]:
    """Build once in this process."""
    Simulation(described(wiring, delay, 200, 10))
    network = described(wiring, delay, neurons, degree)
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
        "peak": (peak_memory() - before) / synapses,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--degree", type=int, default=100, help="mean synapses per neuron")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--row", nargs=2, metavar=("WIRING", "DELAY"), help="build one row here and print JSON")
    arguments = parser.parse_args()
    if arguments.row:
        print(json.dumps(measured(*arguments.row, arguments.neurons, arguments.degree)))
        return
    rows = []
    for wiring in WIRINGS:
        for delay in DELAYS:
            sizes = ["--neurons", str(arguments.neurons), "--degree", str(arguments.degree)]
            command = [sys.executable, __file__, *sizes, "--row", wiring, delay]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(arguments.repeats)
            ]
            seconds = [run["seconds"] for run in runs]
            rows.append([
                wiring,
                delay,
                f"{runs[0]['neurons']:,}",
                f"{runs[0]['synapses']:,}",
                f"{statistics.median(seconds):.2f}",
                f"{max(seconds):.2f}",
                f"{statistics.median(run['processor'] for run in runs):.2f}",
                f"{runs[0]['kept']:.1f}",
                f"{max(run['peak'] for run in runs):.0f}",
            ])  # fmt: skip
            print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    head = [
        "wiring",
        "delay",
        "neurons",
        "synapses",
        "s, median",
        "s, slowest",
        "s, CPU",
        "B/synapse kept",
        "B/synapse at peak",
    ]
    print(table(head, rows))
    print(f"\n{arguments.repeats} repeats, one thread. {machine()}")


if __name__ == "__main__":
    main()
