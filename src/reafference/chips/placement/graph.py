"""A network as placement sees it: neurons that are numbers, synapses that are arrays, and the axons between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """Neurons and synapses, nothing of what they compute.

    neurons  how many there are; they are numbered from 0
    source   (synapses,) int32   neuron that a synapse comes from
    target   (synapses,) int32   neuron that it reaches
    kind     (synapses,) int32   synapses of one source that differ in kind cannot share an axon into a core: where
                                 axons have a type or a delay, these are put here; None: all alike
    delay    (synapses,) int32   ticks from the source's spike to its arrival, 1 or more; None: 1
    weight   (synapses,)         whole numbers or volts; None where no step needs them
    spikes   (neurons,) float64  spikes that each neuron fires, counted or expected; None: every neuron counts as one
    outside  (neurons,) bool     sources that are no neurons of the chip: they need no core, and are heard through axons
                                 as others are; None: there are none
    """

    neurons: int
    source: Int32s
    target: Int32s
    kind: Int32s | None = None
    delay: Int32s | None = None
    weight: npt.NDArray[Any] | None = None
    spikes: Floats | None = None
    outside: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.neurons < 0:
            raise ValueError(f"Graph.neurons = {self.neurons}; it cannot be negative.")
        for name in ("source", "target", "kind", "delay"):
            value = getattr(self, name)
            if value is None:
                continue
            array = np.asarray(value)
            if array.ndim != 1 or array.shape != np.shape(self.source) or (array.size and array.dtype.kind not in "iu"):
                raise ValueError(
                    f"Graph.{name} has shape {array.shape} and type {array.dtype}; give whole numbers, one a synapse."
                )
            object.__setattr__(self, name, np.ascontiguousarray(array, np.int32))
        for name in ("source", "target"):
            value = getattr(self, name)
            if value.size and not 0 <= value.min() <= value.max() < self.neurons:
                wrong = value[(value < 0) | (value >= self.neurons)][0]
                raise ValueError(f"Graph.{name} holds {wrong}; neurons are numbered 0 to {self.neurons - 1}.")
        if self.delay is not None and self.delay.size and self.delay.min() < 1:
            raise ValueError(f"Graph.delay holds {self.delay.min()} ticks; the shortest is 1.")
        if self.weight is not None:
            object.__setattr__(self, "weight", np.asarray(self.weight))
            if np.shape(self.weight) != self.source.shape:
                raise ValueError(f"Graph.weight has shape {np.shape(self.weight)}; give one weight a synapse.")
        if self.spikes is not None:
            spikes = np.asarray(self.spikes, np.float64)
            if spikes.shape != (self.neurons,) or not np.all(np.isfinite(spikes) & (spikes >= 0)):
                raise ValueError("Graph.spikes: give one finite number of 0 or more for each neuron.")
            object.__setattr__(self, "spikes", spikes)
        if self.outside is not None:
            outside = np.asarray(self.outside, np.bool_)
            if outside.shape != (self.neurons,):
                raise ValueError(f"Graph.outside has shape {outside.shape}; give one truth value for each neuron.")
            if np.any(outside[self.target]):
                wrong = int(self.target[outside[self.target]][0])
                raise ValueError(f"Graph.target holds {wrong}, which is outside the chip; synapses end on its neurons.")
            object.__setattr__(self, "outside", outside)

    @property
    def inside(self) -> Int32s:
        """Numbers of the neurons that need a core."""
        every = np.arange(self.neurons, dtype=np.int32)
        return every if self.outside is None else every[~self.outside]

    @property
    def synapses(self) -> int:
        """How many there are."""
        return self.source.size

    def delays(self) -> Int32s:
        """Ticks of each synapse."""
        return np.ones(self.synapses, np.int32) if self.delay is None else self.delay

    def kinds(self) -> Int32s:
        """Kind of each synapse."""
        return np.zeros(self.synapses, np.int32) if self.kind is None else self.kind

    def activity(self) -> Floats:
        """Spikes of each neuron; 1 each where nobody has counted."""
        return np.ones(self.neurons) if self.spikes is None else self.spikes


def distinct(key: Int64s) -> Int64s:
    """The different keys in order, as np.unique gives them. That hashes, and takes a hundred times as long for keys
    that are products of two numbers (five million of them: 26 s for 0.3 s, NumPy 2.4).
    """
    ordered = np.sort(key)
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Axons(NamedTuple):
    """The distinct pairs of source and kind: what a core must listen to once, however many of its neurons hear it.

    of      (synapses,) int32  axon of each synapse
    source  (axons,) int32     neuron that it comes from
    kind    (axons,) int32     kind of its synapses
    """

    of: Int32s
    source: Int32s
    kind: Int32s


def axons(graph: Graph) -> Axons:
    """All axons, ordered by source and kind. A neuron without synapses has none."""
    kind = graph.kinds().astype(np.int64)
    low = int(kind.min()) if kind.size else 0
    span = int(kind.max()) - low + 1 if kind.size else 1
    key, of = np.unique(graph.source * np.int64(span) + (kind - low), return_inverse=True)
    return Axons(of.astype(np.int32), (key // span).astype(np.int32), (key % span + low).astype(np.int32))


class Incidence(NamedTuple):
    """Which neuron hears which axon, and how often, both ways round (compressed sparse rows).

    in_first, in_axon, in_count     axons that neuron v hears lie at in_first[v] to in_first[v + 1]
    out_first, out_neuron           neurons that hear axon a lie at out_first[a] to out_first[a + 1]
    own_first                       axons of neuron v are own_first[v] to own_first[v + 1]
    source                          (axons,) neuron that an axon comes from
    spikes                          (axons,) float64, spikes on it
    """

    in_first: Int64s
    in_axon: Int32s
    in_count: Int32s
    out_first: Int64s
    out_neuron: Int32s
    own_first: Int64s
    source: Int32s
    spikes: Floats


def incidence(graph: Graph, of: Axons) -> Incidence:
    """Sorted by neuron and by axon; several synapses of one axon onto one neuron become one entry with a count."""
    one = np.ones(graph.synapses, np.int32)
    heard = sparse.csr_matrix((one, (graph.target, of.of)), shape=(graph.neurons, of.source.size))
    heard.sum_duplicates()
    back = heard.tocsc()
    return Incidence(
        heard.indptr.astype(np.int64),
        heard.indices.astype(np.int32),
        heard.data.astype(np.int32),
        back.indptr.astype(np.int64),
        back.indices.astype(np.int32),
        np.searchsorted(of.source, np.arange(graph.neurons + 1)).astype(np.int64),
        of.source,
        graph.activity()[of.source],
    )
