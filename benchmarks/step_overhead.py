"""What one step of a closed loop costs: microseconds per `advance` of one tick of a small network.

    python benchmarks/step_overhead.py [--steps N] [--repeats R]

Each repeat is the mean over many steps after a warm-up; `median` and `worst` are over the repeats, by the clock on the
wall. `CPU` is the median of the processor time, of all threads together: where it is far below the wall, other programs
were running. `slowest step` is the single slowest of all repeats; it shows what the operating system does to a loop.
The mark is a median below 100 us for each loop on one thread; exit status 1 if it is missed. The network is 100
CurrentLIF neurons, 20 Poisson sources and 20 injected trains with weak synapses: a step is nearly all overhead.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from reafference import (
    CurrentLIF,
    FixedProbability,
    Network,
    Poisson,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
)
from reafference.units import mV, nA
from support.printing import machine, table

MARK = 100.0  # us
DT = 1e-4  # s


def network() -> Network:
    """Everything that a loop can touch, and hardly any work."""
    cells = Population("cells", 100, CurrentLIF())
    noise = Population("noise", 20, Poisson(rate=50.0))
    senses = Population("senses", 20, SpikeTrain())
    wiring = FixedProbability(0.2)
    return Network(
        populations=[cells, noise, senses],
        projections=[
            Projection(cells, cells, wiring, weight=0.01 * mV),
            Projection(noise, cells, wiring, weight=0.01 * mV),
            Projection(senses, cells, wiring, weight=0.01 * mV),
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5000, help="steps of one repeat")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    current, rate, spiking = np.full(100, 0.1 * nA), np.full(20, 50.0), np.array([3, 7])

    def advance(loop: Simulation) -> None:
        loop.advance(DT)

    def inject(loop: Simulation) -> None:
        loop.inject_current("cells", current)
        loop.advance(DT)

    def read(loop: Simulation) -> None:
        loop.advance(DT)
        loop.read("cells")

    def inject_and_read(loop: Simulation) -> None:
        loop.inject_current("cells", current)
        loop.advance(DT)
        loop.read("cells")

    def everything(loop: Simulation) -> None:
        loop.inject_current("cells", current)
        loop.inject_spikes("senses", spiking)
        loop.set_rate("noise", rate)
        spikes = loop.advance(DT)
        loop.count(spikes, "cells")
        loop.read("cells")

    loops: list[tuple[str, Callable[[Simulation], None], int]] = [
        ("advance", advance, 1),
        ("inject_current, advance", inject, 1),
        ("advance, read v", read, 1),
        ("inject_current, advance, read v", inject_and_read, 1),
        ("inject current, spikes, rates; advance; count, read v", everything, 1),
        ("advance, 2 threads", advance, 2),
        ("inject_current, advance, read v, 2 threads", inject_and_read, 2),
    ]
    rows, missed = [], False
    for name, body, threads in loops:
        loop = Simulation(network(), threads=threads, record=())
        for _ in range(500):
            body(loop)
        means, processor, slowest = [], [], 0.0
        for _ in range(arguments.repeats):
            gc.collect()
            total, used = 0.0, time.process_time()
            for _ in range(arguments.steps):
                start = time.perf_counter()
                body(loop)
                took = time.perf_counter() - start
                total, slowest = total + took, max(slowest, took)
            processor.append(1e6 * (time.process_time() - used) / arguments.steps)
            means.append(1e6 * total / arguments.steps)
        median = statistics.median(means)
        missed |= threads == 1 and median >= MARK
        rows.append(
            [name, f"{median:.1f}", f"{max(means):.1f}", f"{statistics.median(processor):.1f}", f"{1e6 * slowest:.0f}"]
        )
    print(table(["one step", "us, median", "us, worst", "us, CPU", "us, slowest step"], rows))
    print(f"\n{arguments.repeats} repeats of {arguments.steps} steps. {machine()}")
    print(f"Mark, median below {MARK:g} us on one thread: {'missed' if missed else 'met'}.")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
