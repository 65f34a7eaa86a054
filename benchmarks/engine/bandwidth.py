"""The machine's own bound: how many synaptic events a second any engine could deliver that walks rows of synapses.

    python benchmarks/engine/bandwidth.py [--workload a]

For the size of each workload, rows of targets are visited at random and each target's float64 accumulator is added
to: one load, one addition, one store for each event, and nothing of what a simulator does besides. With one weight for
all (it stays in a register) or one for each synapse (float32, read with the target). Targets are uint16 where the
neurons allow it. On several threads each owns a part of the accumulator and walks its own part of the rows, as an
engine does that partitions neurons. The best of several passes counts: it is a bound. Where few rows are active, as in
the fly, these stay in the cache and an engine may pass it.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numba import njit

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.printing import machine, table  # of all benchmarks

WORKLOADS = {  # neurons, synapses, synapses of a row
    "a": (10_000, 10_000_000, 1000),
    "b": (4_000, 320_000, 80),
    "c": (100_000, 10_000_000, 100),
    "d": (138_639, 15_100_000, 109),
    "e": (10_000, 10_000_000, 1000),
    "e, hpc": (11_250, 12_656_250, 1125),
    "g": (77_169, 30_000_000, 387),
    "g, full": (77_169, 30_000_000, 3873),  # a tenth of its rows, which is far more than a cache holds, too
}
OWN_WEIGHTS = ("c", "d", "e", "g")  # workloads whose synapses have weights of their own
EVENTS = 40_000_000  # of one pass


@njit(nogil=True, error_model="numpy")
def walk_one(total, target, first, rows, weight):  # pragma: no cover (compiled)
    for row in rows:
        for synapse in range(first[row], first[row + 1]):
            total[target[synapse]] += weight


@njit(nogil=True, error_model="numpy")
def walk_own(total, target, first, rows, weight):  # pragma: no cover (compiled)
    for row in rows:
        for synapse in range(first[row], first[row + 1]):
            total[target[synapse]] += weight[synapse]


def size_of(workload: str, variant: str | None) -> tuple[int, int, int]:
    """(neurons, synapses, synapses of a row) of a workload, of its variant if that has a size of its own."""
    return WORKLOADS.get(f"{workload}, {variant}", WORKLOADS[workload])


def part(neurons: int, synapses: int, row: int, threads: int, rng: np.random.Generator):
    """(accumulator, target, first, rows of one pass) of one thread's share."""
    mine = neurons // threads
    count = synapses // row
    length = rng.poisson(row / threads, count)
    first = np.concatenate([[0], np.cumsum(length)]).astype(np.uint64)
    kind = np.uint16 if mine <= 65_536 else np.uint32
    target = rng.integers(0, mine, int(first[-1]), dtype=kind)
    rows = rng.integers(0, count, EVENTS // row).astype(np.uint64)
    return np.zeros(mine), target, first, rows


def measured(neurons: int, synapses: int, row: int, threads: int, own: bool, passes: int) -> float:
    """Events a second."""
    rng = np.random.default_rng(1)
    parts = [part(neurons, synapses, row, threads, rng) for _ in range(threads)]
    walk = walk_own if own else walk_one
    weights = [np.full(p[1].size, 0.1, np.float32) if own else 0.1 for p in parts]
    events = sum(int((p[2][p[3] + np.uint64(1)] - p[2][p[3]]).sum()) for p in parts)
    best = np.inf
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(passes + 1):  # the first compiles
            start = time.perf_counter()
            for job in [pool.submit(walk, *p, weight) for p, weight in zip(parts, weights, strict=True)]:
                job.result()
            best = min(best, time.perf_counter() - start)
    return events / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", choices=tuple(WORKLOADS), help="one only")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--passes", type=int, default=5)
    arguments = parser.parse_args()
    threads = [int(number) for number in arguments.threads.split(",")]
    rows = []
    for name in [arguments.workload] if arguments.workload else WORKLOADS:
        neurons, synapses, row = WORKLOADS[name]
        for own in (False, True):
            found = [measured(neurons, synapses, row, count, own, arguments.passes) / 1e6 for count in threads]
            sizes = [f"{neurons:,}", f"{synapses:,}", str(row), "own" if own else "one"]
            rows.append([name, *sizes, *(f"{value:.0f}" for value in found)])
    head = ["workload", "neurons", "synapses", "a row", "weights"]
    print(table(head + [f"M events/s, {count} thread{'s' if count > 1 else ''}" for count in threads], rows))
    print(f"\nBest of {arguments.passes} passes of {EVENTS:,} events. {machine()}")


if __name__ == "__main__":
    main()
