"""From neurons to cores: a first cut, repaired until every limit holds, then improved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reafference.chips.placement.check import Use
from reafference.chips.placement.graph import Floats, Graph, Incidence, Int32s, Int64s, axons, incidence
from reafference.chips.placement.growth import Caps, caps, grown
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.metis import metis_parts
from reafference.chips.placement.refine import refined
from reafference.chips.placement.settle import settle
from reafference.chips.shortage import Shortage

ROUNDS = 40  # repeated cuts until axons out fit


class Start(Protocol):
    """A way to make a first cut; every core of it keeps what neurons of that core alone decide."""

    def __call__(self, graph: Graph, of: Incidence, limit: Caps, load: Int64s, seed: int) -> Int32s:
        """(neurons,) int32, core of each neuron."""
        ...


@dataclass(frozen=True)
class Grown:
    """Cores grow one after the other and get full: the fewest cores, see `growth`."""

    def __call__(self, graph: Graph, of: Incidence, limit: Caps, load: Int64s, seed: int) -> Int32s:
        """Grow cores over all neurons."""
        core = np.full(graph.neurons, -1, np.int32)
        grown(np.arange(graph.neurons, dtype=np.int32), of, limit, load, core, 0)
        return core


@dataclass(frozen=True)
class Metis:
    """METIS cuts into parts with few spikes between them; what is too large for a core is cut again. Needs pymetis.

    slack  parts for each core that `Grown` needs: more leave room to move neurons
    """

    slack: float = 1.0

    def __call__(self, graph: Graph, of: Incidence, limit: Caps, load: Int64s, seed: int) -> Int32s:
        """Cut, keep of every part the core that grows in it, and let the rest find room elsewhere or on new cores."""
        full = Grown()(graph, of, limit, load, seed)
        cores = int(full.max(initial=-1)) + 1
        parts = max(1, int(np.ceil(self.slack * cores)))
        part = metis_parts(graph, neuron_size(of, limit, load), parts, seed)
        core = np.full(graph.neurons, -1, np.int32)
        rest: list[Int32s] = []
        number = 0
        for p in range(parts):
            members = np.flatnonzero(part == p).astype(np.int32)
            if not members.size:
                continue
            made = grown(members, of, limit, load, core, number)
            if made > 1:  # the first is the fullest
                late = members[core[members] > number]
                core[late] = -1
                rest.append(late)
            number += 1
        if rest:
            left = settle(np.concatenate(rest), core, number, of, limit, load)
            grown(left, of, limit, load, core, number)
        return core


def neuron_size(of: Incidence, limit: Caps, load: Int64s) -> Int64s:
    """(neurons,) int64, in 1/10,000 of a core, the larger of a neuron's shares of places, memory, lists and load."""
    heard = np.diff(of.in_first)
    bits = np.add.reduceat(np.append(of.in_count, 0), np.minimum(of.in_first[:-1], of.in_count.size))
    bits = np.where(heard > 0, bits, 0).astype(np.float64)
    marginal = np.diff(limit.list_bits).min(initial=0) if limit.list_bits.size > 2 else 0
    each = float(limit.list_bits[-1]) / max(limit.list_bits.size - 1, 1)
    share = np.full(heard.size, 1 / limit.neurons)
    share = np.maximum(share, bits * max(each, float(marginal)) / limit.bits)
    share = np.maximum(share, load / limit.load)
    return np.maximum(1, np.rint(share * 10_000)).astype(np.int64)


@dataclass(frozen=True)
class Cut:
    """Neurons on cores.

    core       (neurons,) int32, core of each neuron, 0 to cores - 1
    cores      how many
    messages   messages between cores for the given spikes
    shortages  limits that it breaks; empty if it is legal
    """

    core: Int32s
    cores: int
    messages: float
    shortages: tuple[Shortage, ...]


def cut(
    graph: Graph, limits: CoreLimits, *, starts: Sequence[Start] = (Metis(), Grown()), passes: int = 6, seed: int = 0
) -> Cut:
    """Neurons to cores that keep `limits`, except `axons_per_neuron`, with few messages between cores.

    Every start is tried and improved by `passes` rounds of single moves; the legal cut with the fewest cores is
    returned, of several such the one with the fewest messages. What cannot be kept is in `Cut.shortages`: then no cut
    was found, and where a single neuron is too large for a core there is none.
    """
    of = axons(graph)
    both = incidence(graph, of)
    short = hopeless(graph, both, limits)
    if short:
        return Cut(np.zeros(graph.neurons, np.int32), 0, 0.0, tuple(short))
    cuts = [spread(graph, both, limits, start, passes, seed) for start in starts]
    return min(cuts, key=lambda cut: (len(cut.shortages) > 0, cut.cores, cut.messages))


def hopeless(graph: Graph, of: Incidence, limits: CoreLimits) -> list[Shortage]:
    """Limits that single neurons break on a core of their own, one shortage each, with the worst neuron as example."""
    found: list[Shortage] = []
    heard = np.diff(of.in_first)

    def compare(resource: str, amount: Int64s, limit: int | None, remedy: str, unit: str = "") -> None:
        if limit is None or not np.any(amount > limit):
            return
        worst = int(np.argmax(amount))
        others = int(np.sum(amount > limit)) - 1
        where = f"neuron {worst}" + (f" and {others} more" if others else "")
        found.append(Shortage(resource, where, int(amount[worst]), limit, remedy, unit))

    fewer = "Split its inputs over adders where the chip has them, or keep only the strongest synapses."
    compare("fan-in", heard, limits.fan_in, fewer)
    compare("axons in", heard, limits.axons_in, fewer)
    if limits.list_bits is not None:
        table = limits.list_bits.table(int(of.in_count.max(initial=0)))
        bits = np.zeros(graph.neurons, np.int64)
        np.add.at(bits, np.repeat(np.arange(graph.neurons), heard), table[of.in_count])
        remedy = "Store fewer bits a synapse, or keep only the strongest synapses."
        compare("synapse memory", bits, limits.synapse_bits, remedy, "bit")
    kinds = np.diff(of.own_first)
    compare("axons out", kinds, limits.axons_out, "Let its synapses have fewer kinds, such as delays or axon types.")
    return found


def spread(graph: Graph, of: Incidence, limits: CoreLimits, start: Start, passes: int, seed: int) -> Cut:
    """One start, cut again with neurons further apart until the axons that leave each core fit, too."""
    load = np.diff(of.own_first).astype(np.int64)  # at least one core for each axon
    orders = np.random.default_rng(seed).permuted(
        np.tile(np.arange(graph.neurons, dtype=np.int32), (passes, 1)), axis=1
    )
    limit = caps(limits, of, limits.axons_out)
    best = Cut(np.zeros(graph.neurons, np.int32), 0, 0.0, ())
    for _ in range(ROUNDS):
        core = start(graph, of, limit, np.minimum(load, limit.load), seed)
        core = np.unique(core, return_inverse=True)[1].astype(np.int32)
        room = limits.axons_out if limits.axons_out is not None else np.iinfo(np.int64).max // 4
        messages: Floats = refined(core, of, limit._replace(load=np.iinfo(np.int64).max // 4), load, room, orders)[1]
        core = np.unique(core, return_inverse=True)[1].astype(np.int32)
        use = Use(graph, core)
        over = use.axons_out > room
        if not over.any():
            return Cut(core, use.cores, float(messages[-1]), ())
        worst = int(np.argmax(use.axons_out))
        short = Shortage(
            "axons out",
            f"core {worst}" + (f" and {int(over.sum()) - 1} more" if over.sum() > 1 else ""),
            int(use.axons_out[worst]),
            room,
            "Add relays, which need delays of 2 ticks or more, or remove synapses of neurons that reach most cores.",
        )
        if not best.shortages or use.axons_out[worst] < (best.shortages[0].needed or 0):
            best = Cut(core, use.cores, float(messages[-1]), (short,))
        again = np.maximum(load, use.of_neuron)
        if np.array_equal(again, load) or use.cores >= graph.neurons:
            break
        load = again
    return best
