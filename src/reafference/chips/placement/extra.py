"""Neurons that a chip needs beside those of the network, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from reafference.chips.placement.graph import Graph, Int32s


class Role(IntEnum):
    """What a neuron of a transformed graph is for."""

    NEURON = 0  # of the network
    RELAY = 1  # fires in the tick in which a spike reaches it, and keeps nothing
    COPY = 2  # computes what its origin computes, from the same inputs
    ADDER = 3  # sums the inputs of one tick, sends them on in the same tick, and keeps nothing


@dataclass(frozen=True)
class Price:
    """What a transformation adds.

    neurons   relays, copies or adders
    synapses  synapses
    spikes    spikes, for the given `Graph.spikes`
    cores     cores, where it places what it adds
    """

    neurons: int = 0
    synapses: int = 0
    spikes: float = 0.0
    cores: int = 0

    def __add__(self, other: Price) -> Price:
        """Both."""
        return Price(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Extended:
    """A graph that does the same with more neurons; the network's own keep their numbers.

    graph   with the new neurons behind the old ones
    role    (neurons,) int32, a `Role` each
    origin  (neurons,) int32, the neuron of the network that each one stands for: itself, the one whose spikes a relay
            or copy sends, the one whose inputs an adder sums
    price   what it adds
    """

    graph: Graph
    role: Int32s
    origin: Int32s
    price: Price


def unchanged(graph: Graph) -> Extended:
    """A graph to which nothing was added."""
    return Extended(graph, np.zeros(graph.neurons, np.int32), np.arange(graph.neurons, dtype=np.int32), Price())
