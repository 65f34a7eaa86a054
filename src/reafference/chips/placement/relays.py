"""Relays: neurons that pass a spike on to cores that its neuron cannot reach itself.

A spike takes one tick more through a relay, so the synapse behind it is one tick shorter and the spike arrives when it
always did. Relays of one neuron sit together on one core, which that neuron reaches by a single axon; a group of relays
that is larger than a core becomes several, which a higher group serves (a tree). Every level takes a tick.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reafference.chips.placement.check import Use
from reafference.chips.placement.extra import Extended, Price, Role
from reafference.chips.placement.graph import Graph, Int32s, Int64s, axons
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.rooms import Rooms
from reafference.chips.shortage import Shortage


@dataclass(frozen=True)
class Relayed:
    """A graph with relays, on cores.

    extended   the graph; behind a relay the delays are shorter
    core       (neurons,) int32, core of each neuron; those of the network stay where they were
    shortages  neurons that relays cannot serve; their axons are left as they were
    """

    extended: Extended
    core: Int32s
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True)
class Group:
    """Relays of one neuron on one core; each branch is a number of a branch, or of another group."""

    branches: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def width(self) -> int:
        """Axons that leave it."""
        return len(self.branches) + len(self.groups)


def relayed(graph: Graph, core: Int32s, limits: CoreLimits, *, least: int = 1) -> Relayed:
    """Let neurons send through relays until the axons that leave each core and each neuron fit.

    core   (neurons,) core of each neuron; all limits but those on axons out hold
    least  ticks that a spike takes at least; one arrives at a relay after so many

    Where a core is over, those neurons get relays first that free most axons for the spikes that it costs. Relays go
    where cores have room, then on new cores. Neurons outside the chip send as far as they like, without any.
    """
    core = np.asarray(core, np.int32)
    branches = Branches(graph, core)
    use = Use(graph, core)
    each = limits.axons_per_neuron
    width = min(x for x in (limits.axons_out, (limits.neurons or 2**31) * (each or 2**31), 2**31) if x is not None)
    over = np.zeros(use.cores) if limits.axons_out is None else use.axons_out - limits.axons_out
    trees: dict[int, list[Group]] = {}
    found: list[Shortage] = []
    if each is not None:
        for neuron in np.flatnonzero(use.of_neuron > each):
            tree = branches.tree(int(neuron), each, width, least, direct=False)
            if isinstance(tree, Shortage):
                found.append(tree)
            else:
                trees[int(neuron)] = tree
                over[core[neuron]] -= use.of_neuron[neuron] - len(tree)
    for c in np.flatnonzero(over > 0):
        candidates: list[tuple[float, int, list[Group], int]] = []
        for neuron in np.flatnonzero(core == c):
            if int(neuron) in trees:
                continue
            tree = branches.tree(int(neuron), each, width, least, direct=True)
            if isinstance(tree, list) and (freed := branches.served(tree) - len(tree)) > 0:
                cost = branches.spikes[neuron] * relays_in(tree, each)
                candidates.append((cost / freed, int(neuron), tree, freed))
        for _, neuron, tree, freed in sorted(candidates, key=lambda one: one[:2]):
            if over[c] <= 0:
                break
            trees[neuron] = tree
            over[c] -= freed
        if over[c] > 0:
            needed = int(over[c]) + int(limits.axons_out or 0)
            remedy = f"So many remain with relays, which need delays of {2 * least} ticks or more; use more cores."
            found.append(Shortage("axons out", f"core {c}", needed, limits.axons_out, remedy))
    return branches.grown(trees, limits, least, found)


def relays_in(groups: list[Group], each: int | None) -> int:
    """Relays of a tree."""
    own = sum(1 if each is None else -(-group.width // each) for group in groups)
    return own + sum(relays_in(list(group.groups), each) for group in groups)


class Branches:
    """The pairs of axon and core of a graph: what leaves a core one by one.

    of      (synapses,) int64  branch of each synapse
    source  (branches,) int32  neuron that it leaves
    delay   (branches,) int32  its shortest delay
    first   (neurons + 1,)     branches of neuron v are first[v] to first[v + 1]
    """

    def __init__(self, graph: Graph, core: Int32s) -> None:
        self.graph, self.core = graph, core
        self.spikes = graph.activity()
        of = axons(graph)
        cores = int(core.max()) + 1 if core.size else 1
        key, inverse = np.unique(of.of * np.int64(cores) + core[graph.target], return_inverse=True)
        self.of: Int64s = inverse.astype(np.int64)
        self.source: Int32s = of.source[key // cores]
        self.delay = np.full(key.size, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(self.delay, self.of, graph.delays())
        self.first: Int64s = np.searchsorted(self.source, np.arange(graph.neurons + 1))

    def tree(self, neuron: int, each: int | None, width: int, least: int, *, direct: bool) -> list[Group] | Shortage:
        """Groups of relays for a neuron's branches, longest delays deepest; with `direct` short ones stay out of it."""
        mine = np.arange(self.first[neuron], self.first[neuron + 1])
        mine = mine[np.argsort(self.delay[mine], kind="stable")]
        if direct:
            mine = mine[self.delay[mine] >= 2 * least]
        if not mine.size:
            return []
        groups = [Group(tuple(part.tolist()), ()) for part in np.array_split(mine, -(-mine.size // width))]
        depth = 1
        while each is not None and len(groups) > each and not direct:
            groups = [Group((), tuple(groups[k : k + width])) for k in range(0, len(groups), width)]
            depth += 1
        needed, shortest = (depth + 1) * least, int(self.delay[mine[0]])
        if shortest < needed:
            remedy = f"Its {mine.size} axons need relays {depth} deep: lengthen its delays, or copy the neuron."
            return Shortage("delay", f"neuron {neuron}", needed, shortest, remedy, "tick")
        return groups

    def served(self, groups: list[Group]) -> int:
        """Branches that a tree takes over."""
        return sum(len(group.branches) + self.served(list(group.groups)) for group in groups)

    def grown(self, trees: dict[int, list[Group]], limits: CoreLimits, least: int, found: list[Shortage]) -> Relayed:
        """Add the relays of all trees and find cores for them."""
        graph = self.graph
        old = graph.neurons
        owner = self.source.copy()  # neuron that sends each branch
        later = np.zeros(self.source.size, np.int32)  # ticks that its way through relays takes
        origin: list[int] = []
        drives: list[tuple[int, int]] = []  # who sends to which relay
        homes: list[tuple[int, int, int]] = []  # first relay, relays, axons out of each group
        each = limits.axons_per_neuron

        def add(sender: int, group: Group, neuron: int, depth: int) -> None:
            count = 1 if each is None else -(-group.width // each)
            first = old + len(origin)
            origin.extend([neuron] * count)
            drives.extend((sender, first + k) for k in range(count))
            homes.append((first, count, group.width))
            per = group.width if each is None else each
            for place, branch in enumerate(group.branches):
                owner[branch] = first + place // per
                later[branch] = depth * least
            for place, below in enumerate(group.groups, len(group.branches)):
                add(first + place // per, below, neuron, depth + 1)

        for neuron, groups in trees.items():
            for group in groups:
                add(neuron, group, neuron, 1)
        new = len(origin)
        sender = np.array([s for s, _ in drives], np.int32)
        relay = np.array([r for _, r in drives], np.int32)
        fresh = np.int32(graph.kinds().max(initial=0) + 1)  # an axon of its own also where the neuron sends itself
        weight = None
        if graph.weight is not None:
            weight = np.concatenate([graph.weight, np.ones(new, graph.weight.dtype)])
        stand = np.array(origin, np.int32)
        made = replace(
            graph,
            neurons=old + new,
            source=np.concatenate([owner[self.of], sender]),
            target=np.concatenate([graph.target, relay]),
            kind=np.concatenate([graph.kinds(), np.full(new, fresh, np.int32)]),
            delay=np.concatenate([graph.delays() - later[self.of], np.full(new, least, np.int32)]),
            weight=weight,
            spikes=np.concatenate([self.spikes, self.spikes[stand]]) if graph.spikes is not None else None,
            outside=np.concatenate([graph.outside, np.zeros(new, np.bool_)]) if graph.outside is not None else None,
        )
        core = np.concatenate([self.core, np.full(new, -1, np.int32)])
        before = int(self.core.max()) + 1 if old else 0
        direct = (owner < old) & (self.core[self.source] >= 0)
        out = np.bincount(self.core[self.source[direct]], minlength=before)
        for neuron, groups in trees.items():
            out[self.core[neuron]] += len(groups)
        rooms = Rooms(limits, graph, self.core, out)
        for first, count, width in sorted(homes, key=lambda home: -home[2]):
            core[first : first + count] = rooms.home(count, width)
        price = Price(new, new, float(self.spikes[stand].sum()), rooms.cores - before)
        role = np.repeat(np.array([Role.NEURON, Role.RELAY], np.int32), [old, new])
        every = np.concatenate([np.arange(old, dtype=np.int32), stand])
        return Relayed(Extended(made, role, every, price), core, tuple(found))
