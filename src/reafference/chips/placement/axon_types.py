"""Axon types: the few weights that each neuron of a crossbar may have, and which type each axon then needs.

On such a chip a neuron has one weight for each type of axon, and an axon has one type for all neurons of its core. So a
source whose synapses need several types sends several axons, and a neuron that hears more different weights than there
are types must make them as sums: of an axon of each of several types. Weights stay exact; what varies is how many axons
it takes, and that is kept low: neurons take turns in choosing which of their weights goes with which type, each so that
as many of its sources as possible have an axon of that type already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np

from reafference.chips.placement.graph import Graph, Int32s, Int64s, distinct
from reafference.chips.placement.type_choice import choose
from reafference.chips.shortage import Shortage

POOL = 24  # numbers that a basis is searched among


@dataclass(frozen=True)
class Typed:
    """A graph whose synapses have axon types.

    graph      a synapse for each axon that adds to a weight; its kind tells type and delay apart: `kinds` has both
    table      (neurons, types) int64, weight that each neuron has for each type; 0 where it uses none
    synapse    (synapses,) int64, the synapse of the given graph that each one is part of
    type       (synapses,) int32, type of each one's axon
    axons      distinct axons: source, delay and type
    needed     the same if every source had a single type: source and delay
    shortages  neurons whose weights no table makes; their synapses are missing in `graph`
    """

    graph: Graph
    table: Int64s
    synapse: Int64s
    type: Int32s
    axons: int
    needed: int
    shortages: tuple[Shortage, ...]


def typed(graph: Graph, *, types: int = 4, low: int = -256, high: int = 255, passes: int = 8) -> Typed:
    """Find a table for each neuron and a type for each axon, the same for all cores.

    types      axon types of the chip
    low, high  weights that it has
    passes     rounds in which neurons choose anew; it ends earlier once nobody changes its mind

    Weights are whole numbers; synapses of weight 0 are left out, several of one source, target and delay count as one
    with the sum of their weights.
    """
    if graph.weight is None or graph.weight.dtype.kind not in "iu":
        raise ValueError("typed: Graph.weight must hold whole numbers; quantise the weights first.")
    source, target, delay, weight, first = merged(graph)
    order = np.argsort(target, kind="stable")
    begin = np.searchsorted(target[order], np.arange(graph.neurons + 1))
    parts = np.zeros(source.size, np.int64)  # bits: which elements of its neuron's basis make the weight
    basis = np.zeros((graph.neurons, types), np.int64)
    short: list[Shortage] = []
    for neuron in range(graph.neurons):
        mine = order[begin[neuron] : begin[neuron + 1]]
        if not mine.size:
            continue
        wanted = tuple(np.unique(weight[mine]).tolist())
        found = basis_of(wanted, types, low, high)
        if isinstance(found, str):
            available = types if len(wanted) > types else high
            needed = len(wanted) if len(wanted) > types else max(abs(w) for w in wanted)
            resource = "different weights" if len(wanted) > types else "weight"
            short.append(Shortage(resource, f"neuron {neuron}", needed, available, found))
            continue
        basis[neuron, : len(found)] = found
        made = sums(found)
        parts[mine] = [made[w] for w in weight[mine].tolist()]
    return assigned(graph, Merged(source, target, delay, first), basis, parts, passes, tuple(short))


class Merged(NamedTuple):
    """Synapses of a graph, those of one source, target and delay as one, all (synapses,) int64.

    first  a synapse of the graph that is in it
    """

    source: Int64s
    target: Int64s
    delay: Int64s
    first: Int64s


def assigned(
    graph: Graph, heard: Merged, basis: Int64s, parts: Int64s, passes: int = 8, short: tuple[Shortage, ...] = ()
) -> Typed:
    """Which type goes with which number, where the numbers of each neuron are known.

    basis  (neurons, types) int64, numbers that each neuron makes its weights of
    parts  (synapses of `heard`,) int64, bits: which numbers of its target make the weight; 0: the synapse is left out
    """
    types = basis.shape[1]
    source, target, delay, first = heard
    order = np.argsort(target, kind="stable")
    line, lines = numbered(source, delay)
    begin = np.searchsorted(target[order], np.arange(graph.neurons + 1))
    turns = np.array(list(permutations(range(types))), np.int64)
    turn = choose(order, begin, line, parts, lines, turns, types, passes)
    table = np.zeros_like(basis)
    np.put_along_axis(table, turns[turn], basis, axis=1)
    each = [np.flatnonzero((parts >> e) & 1) for e in range(types)]
    synapse = np.concatenate(each)
    kind = np.concatenate([turns[turn[target[mine]], e] for e, mine in enumerate(each)]).astype(np.int32)
    again = np.argsort(synapse, kind="stable")
    synapse, kind = synapse[again], kind[again]
    longest = int(delay.max(initial=0)) + 1
    made_graph = replace(
        graph,
        source=source[synapse].astype(np.int32),
        target=target[synapse].astype(np.int32),
        kind=(kind * longest + delay[synapse]).astype(np.int32),
        delay=delay[synapse].astype(np.int32),
        weight=table[target[synapse], kind],
    )
    sent = distinct(line[synapse] * types + kind).size
    needed = distinct(line[parts > 0]).size
    return Typed(made_graph, table, first[synapse], kind, sent, needed, short)


def merged(graph: Graph) -> tuple[Int64s, Int64s, Int64s, Int64s, Int64s]:
    """Source, target, delay, weight of the distinct synapses whose weights are not 0, and the first of each."""
    delay = graph.delays().astype(np.int64)
    longest = int(delay.max(initial=0)) + 1
    key = (graph.source.astype(np.int64) * max(graph.neurons, 1) + graph.target) * longest + delay
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    weight = np.zeros(first.size, np.int64)
    np.add.at(weight, of, np.asarray(graph.weight, np.int64))
    first = first[weight != 0]
    weight = weight[weight != 0]
    return graph.source[first].astype(np.int64), graph.target[first].astype(np.int64), delay[first], weight, first


def numbered(source: Int64s, delay: Int64s) -> tuple[Int64s, int]:
    """A number for each pair of source and delay, and how many there are."""
    key = source * (int(delay.max(initial=0)) + 1) + delay
    lines, of = np.unique(key, return_inverse=True)
    return of.astype(np.int64), lines.size


def sums(basis: tuple[int, ...]) -> dict[int, int]:
    """Every sum of some of the numbers, and which: bit e for the e-th. Of several ways the one with the fewest."""
    made: dict[int, int] = {}
    for parts in sorted(range(1, 2 ** len(basis)), key=lambda bits: (bits.bit_count(), bits)):
        made.setdefault(sum(number for e, number in enumerate(basis) if parts >> e & 1), parts)
    return made


def both_signs(numbers: list[int]) -> list[tuple[int, ...]]:
    """The numbers, and the same with the other sign."""
    return [tuple(numbers), tuple(-number for number in numbers)]


@cache
def basis_of(wanted: tuple[int, ...], types: int, low: int, high: int) -> tuple[int, ...] | str:
    """At most `types` numbers in low..high whose sums hold all of `wanted`; a remedy in words where none was found."""
    most, least = max(wanted), min(wanted)
    if len(wanted) <= types and low <= least and most <= high:
        return wanted
    step = int(np.gcd.reduce(wanted))
    doubled = [step * 2**e for e in range(types)]
    tried = [
        tuple(doubled),
        tuple(-d for d in doubled),
        (*doubled[:-1], -doubled[-1]),
        (*(-d for d in doubled[:-1]), doubled[-1]),
    ]
    pool = sorted(
        {*wanted, *(a - b for a in wanted for b in wanted if a != b)}, key=lambda number: (abs(number), number)
    )
    pool = [number for number in pool if low <= number <= high][:POOL]
    for basis in (*tried, *combinations(pool, types)):
        if all(low <= number <= high for number in basis) and sums(basis).keys() >= set(wanted):
            return basis
    whole = f"as sums of {types} numbers from {low} to {high}"
    return f"Its weights cannot be made {whole}; use fewer levels, such as {2**types} in even steps from 0."
