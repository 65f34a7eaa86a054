"""A run of 10^9 neurons on paper: memory and messages of each rank, and where it stops scaling.

    python benchmarks/scaling_plan.py [--neurons 1e9] [--rate 5] [--delay 1.5] [--threads 1]

Nothing of that size is built. Bytes come from arrays of this engine: those of one rank of a small network are weighed,
and the formulas below must give what was weighed, or the script stops. All neurons are DeltaLIF, one projection from
all to all with a fixed in-degree, one delay, one weight (`one`) or a weight for each synapse (`own`).
"""

from __future__ import annotations

import argparse
import math
import tracemalloc
from dataclasses import dataclass

import numpy as np

from reafference import DeltaLIF, FixedInDegree, LogNormal, Network, Population, Projection
from reafference.engine.build import build_groups
from reafference.engine.inbox import CHUNK, NARROW
from reafference.engine.memory import memory_needed
from reafference.units import ms, mV
from support.printing import table

HEADER = 32  # bytes from each rank to each other at an exchange, with or without spikes: four numbers
SPIKE = 8  # bytes of a spike in the mail
GB = 1e9


@dataclass(frozen=True)
class Weights:
    """Bytes of this engine's arrays, as weighed."""

    row: float  # of a source, on every worker: where its segments are
    segment: float  # of a source that reaches a worker: which synapses, of which projection, and the calendar
    synapse: float  # of a target with 16 bits
    weight: float  # of a weight
    neuron: float  # of the state and parameters of a neuron


def weigh() -> Weights:
    """Build one of eight workers of a small network and weigh its arrays; see that the formulas agree."""
    neurons, degree, workers = 40_000, 20, 8
    network = example(neurons, degree, own=True)
    build_groups(network, 0.1 * ms, 1, workers, range(3, 4))  # what is loaded only once
    tracemalloc.start()
    _, ((group,),), _ = build_groups(network, 0.1 * ms, 1, workers, range(3, 4))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    inbox, own = group.inbox, neurons / workers
    segments = inbox.delay.size
    listed = sum(getattr(inbox, name).nbytes for name in ("delay", "projection", "begin", "count"))
    state = sum(array.nbytes for name, array in group.cells._asdict().items() if name not in ("table", "head"))
    weights = Weights(
        row=inbox.first.nbytes / neurons,
        segment=listed / segments + (inbox.entry.nbytes + inbox.link.nbytes) / max(segments, 4 * CHUNK * 1024),
        synapse=inbox.narrow.nbytes / (own * degree),
        weight=inbox.weight.nbytes / (own * degree),
        neuron=(state + inbox.identity.nbytes + group.fired.nbytes) / own,
    )
    plan = Plan(neurons=neurons, degree=degree, workers=workers, own=True, weights=weights)
    for name, found, said in (
        ("segments", segments, neurons * reached(degree, workers)),
        ("bytes", kept, plan.stays),
    ):
        if abs(said / found - 1) > 0.05:
            raise SystemExit(f"the formulas say {said:.4g} {name}, but {found:.4g} were found: correct the formulas.")
    print(f"weighed: {kept / 1e6:.2f} MB on one worker of {workers}; the formulas say {plan.stays / 1e6:.2f} MB")
    return weights


def example(neurons: int, degree: int, *, own: bool) -> Network:
    """The network of the plan, of any size."""
    cells = Population("cells", neurons, DeltaLIF())
    weight = LogNormal.with_mean(0.1 * mV, log_sigma=1.0) if own else 0.1 * mV
    among = Projection(cells, cells, FixedInDegree(degree), weight=weight, delay=1.5 * ms)
    return Network(populations=[cells], projections=[among])


def reached(degree: float, parts: float) -> float:
    """Part of all sources that have a synapse in one of so many equal parts of the network."""
    return -math.expm1(-degree / parts)


@dataclass(frozen=True)
class Plan:
    """What one worker holds."""

    neurons: float
    degree: float  # synapses of a neuron
    workers: int
    own: bool  # a weight for each synapse
    weights: Weights

    @property
    def synapses(self) -> float:
        """Bytes of the synapses."""
        synapses = self.neurons * self.degree / self.workers
        each = self.weights.synapse * (1 if self.neurons / self.workers <= NARROW else 2)
        return synapses * (each + (self.weights.weight if self.own else 0))

    @property
    def segments(self) -> float:
        """Bytes of what leads from a source to its synapses here."""
        return self.neurons * reached(self.degree, self.workers) * self.weights.segment

    @property
    def rows(self) -> float:
        """Bytes of what every worker has for every source of the network."""
        return self.neurons * self.weights.row

    @property
    def state(self) -> float:
        """Bytes of the neurons."""
        return self.neurons / self.workers * self.weights.neuron

    @property
    def stays(self) -> float:
        """Bytes that stay, but for the directory, which a rank has once."""
        return self.synapses + self.segments + self.rows + self.state


@dataclass(frozen=True)
class Talk:
    """What one rank sends at an exchange."""

    neurons: float
    degree: float
    ranks: int
    rate: float  # Hz
    delay: float  # s, the shortest of the network

    @property
    def spikes(self) -> float:
        """Spikes of own neurons since the last exchange."""
        return self.neurons / self.ranks * self.rate * self.delay

    @property
    def copies(self) -> float:
        """Ranks to which a spike goes."""
        return (self.ranks - 1) * reached(self.degree, self.ranks)

    @property
    def mail(self) -> float:
        """Bytes of spikes sent, and as many received."""
        return self.spikes * self.copies * SPIKE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=float, default=1e9)
    parser.add_argument("--rate", type=float, default=5.0, help="mean rate, Hz")
    parser.add_argument("--delay", type=float, default=1.5, help="shortest delay, ms")
    parser.add_argument("--threads", type=int, default=1, help="workers of a rank")
    options = parser.parse_args()
    weights = weigh()
    print(
        f"bytes: {weights.row:.3g} a source and worker, {weights.segment:.3g} a segment, {weights.synapse:.3g} or "
        f"{2 * weights.synapse:.3g} a synapse, {weights.weight:.3g} its own weight, {weights.neuron:.3g} a neuron\n"
    )
    head = ["synapses a neuron", "weights", "ranks", "synapses", "segments", "rows", "neurons", "directory"]
    rows, messages = [], []
    for degree in (1e3, 1e4):
        for ranks in (1000, 10_000, 100_000):
            for own in (False, True):
                plan = Plan(options.neurons, degree, ranks * options.threads, own, weights)
                peak = memory_needed(
                    example(int(options.neurons), int(degree), own=own),
                    0.1 * ms,
                    ranks * options.threads,
                    options.threads,
                )
                directory = options.neurons / 8
                stays = plan.stays * options.threads + directory
                parts = [plan.synapses, plan.segments, plan.rows, plan.state]
                cells = [f"{part * options.threads / GB:.3g}" for part in parts]
                cells += [
                    f"{directory / GB:.3g}",
                    f"{stays / GB:.3g}",
                    f"{peak / GB:.3g}",
                    f"{stays * ranks / 1e12:.3g}",
                ]
                rows.append([f"{degree:.0e}", "own" if own else "one", f"{ranks:,}", *cells])
            talk = Talk(options.neurons, degree, ranks, options.rate, options.delay * ms)
            exchanges = 1 / talk.delay
            messages.append(
                [
                    f"{degree:.0e}",
                    f"{ranks:,}",
                    f"{talk.spikes:,.0f}",
                    f"{talk.copies:,.0f}",
                    f"{talk.mail / 1e6:.3g}",
                    f"{ranks * HEADER / 1e6:.3g}",
                    f"{(talk.mail + ranks * HEADER) * exchanges / GB:.3g}",
                    f"{talk.spikes * talk.copies / ranks:.3g}",
                ]
            )
    print(f"Memory of a rank of {options.neurons:.0e} neurons with {options.threads} thread(s), GB; all ranks, TB\n")
    print(table([*head, "stays", "at the peak of building", "all ranks (TB)"], rows))
    print(
        f"\nMail of a rank at {options.rate:g} Hz, an exchange every {options.delay:g} ms "
        f"({1e3 / options.delay:.0f} a simulated second); MB an exchange, GB a simulated second\n"
    )
    head = [
        "synapses a neuron",
        "ranks",
        "own spikes",
        "copies of each",
        "spikes (MB)",
        "headers (MB)",
        "together (GB/s)",
    ]
    print(table([*head, "spikes for one other rank"], messages))
    print("\nSynapses of the busiest worker over the mean, if degrees are log-normal (sigma 1), mean of 10 draws\n")
    print(table(["neurons of a worker", "busiest of 1,000"], imbalance()))


def imbalance() -> list[list[str]]:
    """How uneven the work of equal numbers of neurons is."""
    rng, rows = np.random.default_rng(1), []
    for own in (10, 100, 1000, 10_000):
        most = [max(rng.lognormal(0, 1, own).sum() for _ in range(1000)) / own for _ in range(10)]
        rows.append([f"{own:,}", f"{np.mean(most) / math.exp(0.5):.2f}"])
    return rows


if __name__ == "__main__":
    main()
