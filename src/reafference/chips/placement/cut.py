"""From neurons to cores: a first cut, repaired until every limit holds, then improved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reafference.chips.placement.graph import (
    Axons,
    Floats,
    Graph,
    Incidence,
    Int32s,
    Int64s,
    axons,
    distinct,
    incidence,
)
from reafference.chips.placement.growth import NO_LIMIT, Caps, at_most, caps, grown
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.metis import has_metis, metis_parts
from reafference.chips.placement.refine import refined
from reafference.chips.placement.settle import settle
from reafference.chips.shortage import Shortage

ROUNDS = 40  # quick cuts until axons out fit
TRIES = 4  # cuts with a start until they do


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
        grown(graph.inside, of, limit, load, core, 0)
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
        size = neuron_size(of, limit, load)
        outside = np.ones(graph.neurons, np.bool_)
        outside[graph.inside] = False
        size[outside] = 0
        part = metis_parts(graph, size, parts, seed)
        part[outside] = -1
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


def usual_starts() -> tuple[Start, ...]:
    """Cuts by METIS and grown ones; where pymetis is not installed, grown ones alone."""
    return (Metis(), Grown()) if has_metis() else (Grown(),)


def how_cut() -> list[str]:
    """What a report says where a better cut could be had."""
    if has_metis():
        return []
    return ["cores were cut without METIS: pip install 'reafference[chips]' may save cores and messages"]


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

    core       (neurons,) int32, core of each neuron, 0 to cores - 1; -1 for those outside
    cores      how many
    messages   messages between cores for the given spikes
    shortages  limits that it breaks; empty if it is legal
    """

    core: Int32s
    cores: int
    messages: float
    shortages: tuple[Shortage, ...]


def cut(
    graph: Graph,
    limits: CoreLimits,
    *,
    starts: Sequence[Start] | None = None,
    passes: int = 6,
    most: int | None = None,
    seed: int = 0,
) -> Cut:
    """Neurons to cores that keep `limits`, except `axons_per_neuron`, with few messages between cores.

    Every start (`usual_starts` where none is given) is tried and improved by `passes` rounds of single moves; the legal
    cut with the fewest cores is returned, of several such the one with the fewest messages. What cannot be kept is in
    `Cut.shortages`: then no cut was found, and where a single neuron is too large for a core there is none. Where axons
    out do not fit, more cores are tried, up to `most`.
    """
    of = axons(graph)
    both = incidence(graph, of)
    short = hopeless(graph, both, limits)
    if short:
        return Cut(np.zeros(graph.neurons, np.int32), 0, 0.0, tuple(short))
    load, core = loads(graph, of, both, limits, most)
    cores = int(core.max(initial=-1)) + 1
    if most is not None and cores > most and (short := too_many(graph, of, core, limits)):
        return Cut(core, cores, 0.0, (short,))
    cuts = [spread(graph, of, both, limits, start, load, passes, seed) for start in starts or usual_starts()]
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
    if graph.outside is not None:
        kinds = np.where(graph.outside, 0, kinds)
    compare("axons out", kinds, limits.axons_out, "Let its synapses have fewer kinds, such as delays or axon types.")
    return found


def loads(graph: Graph, of: Axons, both: Incidence, limits: CoreLimits, most: int | None) -> tuple[Int64s, Int32s]:
    """(neurons,) int64, how many axons each neuron sends when so many that leave a core fit; and the last quick cut.

    The cut is made again with each neuron weighing the cores that it reached, until cores are so many and so small that
    the axons that leave them fit, there are more than `most` of them, or a neuron alone does not fit.
    """
    load = np.maximum(1, np.diff(both.own_first))  # at least one core for each axon
    core = np.zeros(graph.neurons, np.int32)
    if limits.axons_out is None:
        return load, core
    limit = caps(limits, both, limits.axons_out)
    for _ in range(ROUNDS):
        core = Grown()(graph, both, limit, np.minimum(load, limit.load), 0)
        leaving = sent(graph, of, core)
        again = np.maximum(load, leaving)
        inside = core >= 0
        fits = np.bincount(core[inside], np.maximum(1, leaving)[inside]).max(initial=0) <= limits.axons_out
        if fits or np.array_equal(again, load) or int(core.max(initial=-1)) + 1 > at_most(most):
            break
        load = again
    return load, core


def too_many(graph: Graph, of: Axons, core: Int32s, limits: CoreLimits) -> Shortage | None:
    """What lacks where more axons leave a core than may; None if nothing does."""
    reached = sent(graph, of, core)
    # A neuron that sends nothing counts as one, so that there is room for it where copies of others take places.
    inside = core >= 0
    leaving = np.bincount(core[inside], np.maximum(1, reached)[inside]).astype(np.int64)
    room = at_most(limits.axons_out)
    over = leaving > room
    if not over.any():
        return None
    worst = int(np.argmax(leaving))
    where = f"core {worst}" + (f" and {int(over.sum()) - 1} more" if over.sum() > 1 else "")
    remedy = "Add relays, which need delays of 2 ticks or more, or remove synapses of neurons that reach most cores."
    return Shortage("axons out", where, int(leaving[worst]), room, remedy)


def sent(graph: Graph, of: Axons, core: Int32s) -> Int64s:
    """(neurons,) int64, pairs of axon and core that each neuron sends to."""
    cores = int(core.max(initial=-1)) + 1
    pair = distinct(of.of * np.int64(max(cores, 1)) + core[graph.target])
    return np.bincount(of.source[pair // max(cores, 1)], minlength=graph.neurons)


def spread(
    graph: Graph, of: Axons, both: Incidence, limits: CoreLimits, start: Start, load: Int64s, passes: int, seed: int
) -> Cut:
    """One start, improved; cut again with neurons further apart while axons that leave a core do not fit."""
    inside = graph.inside
    orders = np.random.default_rng(seed).permuted(np.tile(inside, (passes, 1)), axis=1)
    limit = caps(limits, both, limits.axons_out)
    room = at_most(limits.axons_out)
    best = Cut(np.zeros(graph.neurons, np.int32), 0, 0.0, ())
    for _ in range(TRIES):
        core = start(graph, both, limit, np.minimum(load, limit.load), seed)
        core[inside] = np.unique(core[inside], return_inverse=True)[1].astype(np.int32)
        messages: Floats = refined(core, both, limit._replace(load=NO_LIMIT), load, room, orders)[1]
        core[inside] = np.unique(core[inside], return_inverse=True)[1].astype(np.int32)
        cores = int(core.max(initial=-1)) + 1
        short = too_many(graph, of, core, limits)
        if short is None:
            return Cut(core, cores, float(messages[-1]), ())
        if not best.shortages or (short.needed or 0) < (best.shortages[0].needed or 0):
            best = Cut(core, cores, float(messages[-1]), (short,))
        again = np.maximum(load, sent(graph, of, core))
        if np.array_equal(again, load):
            break
        load = again
    return best
