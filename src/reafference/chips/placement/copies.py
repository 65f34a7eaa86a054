"""Copies: neurons that compute the same from the same inputs, so that each can send to axons of its own.

A copy sits on the core of its origin and hears the same axons, so it takes a place and no axon, and it costs no tick.
It is exact where the neuron is: where nothing in it is drawn at random.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reafference.chips.placement.extra import Extended, Price, Role
from reafference.chips.placement.graph import Graph, Int32s
from reafference.chips.placement.relays import Branches


def copied(graph: Graph, core: Int32s, each: int) -> tuple[Extended, Int32s]:
    """As many copies of each neuron as let each send to at most `each` axons; returns the graph and all cores.

    core  (neurons,) core of each neuron

    Whatever drives a neuron from outside must drive its copies, too: see `Extended.origin`.
    """
    core = np.asarray(core, np.int32)
    branches = Branches(graph, core)
    count = np.diff(branches.first)  # branches of each neuron
    more = np.maximum(0, -(-count // each) - 1)
    more[core < 0] = 0  # from outside the chip one neuron sends to all axons
    before = graph.neurons + np.cumsum(more) - more  # number of the first copy
    place = (np.arange(branches.source.size) - branches.first[branches.source]) // each
    own = (place == 0) | (core[branches.source] < 0)
    owner = np.where(own, branches.source, before[branches.source] + place - 1).astype(np.int32)
    source = owner[branches.of]
    times = more[graph.target]  # every input once more for each copy
    again = np.repeat(np.arange(graph.synapses), times)
    step = np.arange(again.size) - np.repeat(np.cumsum(times) - times, times)
    origin = np.concatenate([np.arange(graph.neurons), np.repeat(np.arange(graph.neurons), more)]).astype(np.int32)
    made = replace(
        graph,
        neurons=origin.size,
        source=np.concatenate([source, source[again]]),
        target=np.concatenate([graph.target, (before[graph.target[again]] + step).astype(np.int32)]),
        kind=None if graph.kind is None else np.concatenate([graph.kind, graph.kind[again]]),
        delay=None if graph.delay is None else np.concatenate([graph.delay, graph.delay[again]]),
        weight=None if graph.weight is None else np.concatenate([graph.weight, graph.weight[again]]),
        spikes=None if graph.spikes is None else graph.spikes[origin],
        outside=None if graph.outside is None else graph.outside[origin],
    )
    role = np.where(np.arange(origin.size) < graph.neurons, Role.NEURON, Role.COPY).astype(np.int32)
    stand = origin[graph.neurons :]
    price = Price(stand.size, again.size, float(graph.activity()[stand].sum()))
    return Extended(made, role, origin, price), core[origin]
