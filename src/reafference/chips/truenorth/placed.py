"""The cores of a network that was placed: which axons they have, what each row reaches, where each neuron sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.chips.placement import Placement, Role
from reafference.chips.placement.graph import axons
from reafference.chips.truenorth.core import NOWHERE, Core
from reafference.chips.truenorth.machine import Spikes
from reafference.chips.truenorth.neuron import TYPES, Neuron

Ints = npt.NDArray[np.int64]
RELAY = Neuron(weights=(1, 1, 1, 1), threshold=1)  # a spike in the tick in which one arrives


class Entries(NamedTuple):
    """Where the spikes of sources outside the chip go, in order of source; all (entries,).

    source  number in the network
    core, axon
    delay   ticks, any
    """

    source: Ints
    core: Ints
    axon: Ints
    delay: Ints


@dataclass(frozen=True, eq=False)
class Laid:
    """A placed network as cores of the chip.

    cores    as Machine takes them
    local    (neurons of the placed graph,) int64, place of each neuron on its core; -1 outside
    axons    (cores,) int64, how many each has
    entries  of what comes from outside
    """

    cores: tuple[Core, ...]
    local: Ints
    axons: Ints
    entries: Entries


def laid(placed: Placement, neurons: Sequence[Neuron | None], table: Ints, types: Ints) -> Laid:
    """Fill crossbars, types and targets.

    neurons  of the network, without weights
    table    (neurons of the network, types) int64, weight of each for each type of axon
    types    (kinds,) int64, axon type of each kind of synapse; kinds beyond are those of axons to relays
    """
    graph, core = placed.graph, placed.core.astype(np.int64)
    of = axons(graph)
    line, which = np.unique(of.of * np.int64(max(placed.cores, 1)) + core[graph.target], return_inverse=True)
    home = line % max(placed.cores, 1)
    source = of.source[line // max(placed.cores, 1)].astype(np.int64)
    kind = of.kind[line // max(placed.cores, 1)]
    axon_type = np.append(types, 0)[np.minimum(kind, types.size)]
    delay = np.zeros(line.size, np.int64)
    delay[which] = graph.delays()
    rows, members, heard = (_Grouped(each, placed.cores) for each in (home, core, home[which]))
    target = np.tile(np.array(NOWHERE, np.int64), (graph.neurons, 1))
    target[source] = np.stack([home, rows.place, delay], axis=1)
    own = [
        RELAY if role == Role.RELAY else _weighted(neurons[origin], table[origin])
        for origin, role in zip(placed.extended.origin.tolist(), placed.extended.role.tolist(), strict=True)
    ]
    made = list[Core]()
    for number in range(placed.cores):
        here, some = members.of(number), heard.of(number)
        crossbar = np.zeros((rows.of(number).size, here.size), np.bool_)
        crossbar[rows.place[which[some]], members.place[graph.target[some]]] = True
        sets: dict[Neuron, int] = {}
        made.append(
            Core(
                crossbar=crossbar,
                axon_type=axon_type[rows.of(number)],
                kind=np.array([sets.setdefault(own[n], len(sets)) for n in here.tolist()], np.int64),
                neurons=list(sets),
                targets=target[here],
            )
        )
    outer = core[source] < 0
    entries = Entries(source[outer], home[outer], rows.place[outer], delay[outer])
    return Laid(tuple(made), members.place, np.diff(rows.begin), entries)


class _Grouped:
    """What belongs to each of so many cores, in order.

    place  (keys,) int64, place of each within its core; -1 where the key is below 0
    begin  (cores + 1,) int64
    """

    def __init__(self, key: Ints, cores: int) -> None:
        self.order = np.argsort(key, kind="stable")
        self.begin = np.searchsorted(key[self.order], np.arange(cores + 1)).astype(np.int64)
        self.place = np.full(key.size, -1, np.int64)
        inside = self.order[self.begin[0] :]
        self.place[inside] = np.arange(self.begin[0], key.size) - self.begin[key[inside]]

    def of(self, core: int) -> Ints:
        """All that belong to a core."""
        return self.order[self.begin[core] : self.begin[core + 1]]


def _weighted(neuron: Neuron | None, weights: Ints) -> Neuron:
    """A neuron with its weights, those of types that are not in use 0; one outside the chip is never asked for."""
    if neuron is None:
        return RELAY
    a, b, c, d = [*weights.tolist(), *[0] * TYPES][:TYPES]
    return replace(neuron, weights=(a, b, c, d))


def arriving(entries: Entries, tick: Ints, neuron: Ints, ticks: int) -> Spikes:
    """Spikes of sources as they reach axons of the chip within `ticks`, in order of tick.

    tick, neuron  (spikes,) int64, of the sources, ticks counted from 1 as the engine does; the chip counts from 0
    """
    first = np.searchsorted(entries.source, neuron)
    many = np.searchsorted(entries.source, neuron, side="right") - first
    spike = np.repeat(np.arange(tick.size), many)
    entry = np.repeat(first, many) + np.arange(spike.size) - np.repeat(np.cumsum(many) - many, many)
    when = tick[spike] + entries.delay[entry] - 1
    order = np.argsort(when, kind="stable")
    order = order[when[order] < ticks]
    return Spikes(when[order], entries.core[entry[order]], entries.axon[entry[order]])
