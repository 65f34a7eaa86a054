"""Does a neuron that a user writes run at the speed of a built-in one?

    python benchmarks/own_neuron.py [--rounds N] [--seconds S] [--threads N]

`support/own_coba.py` has the equations and the method of ConductanceLIF, written as a user would outside the package: a
dataclass and one step. Both run the same networks alternately in one process, in the opposite order in every other
round. A ratio is the processor time of the user's by that of the built-in one in the same round; below 1 the user's is
faster. Both make the same spikes. The mark is a median ratio of at most 1.1; exit status 1 if it is missed.

`neurons alone`: 20,000 of them without synapses. `Vogels-Abbott`: 4,000 with 320,000 conductance synapses. The resting
level is 1 mV above the threshold, so that all of them fire.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from reafference import ConductanceLIF, FixedProbability, Network, Population, Projection, Simulation
from reafference.units import ms, mV
from support.own_coba import OwnCOBA
from support.printing import machine, table

MARK = 1.1


def alone(neuron: Any) -> Network:
    """The work of the neurons and nothing else."""
    return Network(populations=[Population("cells", 20_000, neuron)])


def vogels_abbott(neuron: Any) -> Network:
    """Source: Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, benchmark 1."""
    sizes = {"excitatory": 3200, "inhibitory": 800}
    populations = [Population(name, size, neuron) for name, size in sizes.items()]
    projections = [
        Projection(source, target, FixedProbability(0.02), weight=weight, delay=0.1 * ms)
        for source, weight in zip(populations, (0.6, -6.7), strict=True)
        for target in populations
    ]
    return Network(populations=populations, projections=projections)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5, help="simulated, in every round")
    arguments = parser.parse_args()
    networks: list[tuple[str, Callable[[Any], Network]]] = [
        ("neurons alone", alone),
        ("Vogels-Abbott", vogels_abbott),
    ]
    rows, missed = [], False
    for name, network in networks:
        simulations = [Simulation(network(kind(rest=-49 * mV)), record=()) for kind in (ConductanceLIF, OwnCOBA)]
        times: list[list[float]] = [[], []]
        spikes = [0, 0]
        for turn in range(arguments.rounds + 1):
            for k in (0, 1) if turn % 2 else (1, 0):
                begin = time.process_time()
                spikes[k] += simulations[k].advance(arguments.seconds).tick.size
                if turn > 0:  # the first round warms up
                    times[k].append(time.process_time() - begin)
        ratios = [own / built_in for built_in, own in zip(*times, strict=True)]
        median = statistics.median(ratios)
        missed |= median > MARK
        seconds = [f"{statistics.median(some) / arguments.seconds:.3f}" for some in times]
        if spikes[0] != spikes[1]:
            sys.exit(
                f"{name}: {spikes[0]} spikes of the built-in neuron, {spikes[1]} of the user's; they must be equal."
            )
        rows.append([name, *seconds, f"{median:.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}", f"{spikes[0]:,}"])
    head = ["network", "CPU s per s, built-in", "CPU s per s, user's", "ratio", "spread", "spikes of each"]
    print(table(head, rows))
    print(f"\n{arguments.rounds} rounds of {arguments.seconds:g} s, one thread. {machine()}")
    print(f"Mark, a ratio of at most {MARK:g}: {'missed' if missed else 'met'}.")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
