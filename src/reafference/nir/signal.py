"""What arrives at a node: from which neurons, with which weights and waits, and what is constant in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.nir.linear import Floats, Ints, Map, Shape, size


@dataclass(frozen=True, eq=False)
class Synapses:
    """Paths from the neurons of one node. All (paths,): neuron, place where it arrives, weight, wait in s."""

    source: Ints
    place: Ints
    weight: Floats
    wait: Floats


@dataclass(frozen=True, eq=False)
class Signal:
    """One array of a graph.

    paths     for each node of neurons that reach it
    constant  (elements,) what biases add up to
    """

    shape: Shape
    paths: Mapping[str, Synapses] = field(default_factory=dict[str, Synapses])
    constant: Floats = field(default_factory=lambda: np.zeros(0))


def spikes_of(name: str, shape: Shape) -> Signal:
    """What a node of neurons sends."""
    each = np.arange(size(shape))
    paths = {name: Synapses(each, each, np.ones(each.size), np.zeros(each.size))}
    return Signal(shape, paths, np.zeros(each.size))


def summed(signals: Sequence[Signal]) -> Signal:
    """The sum of signals of one size, in the shape of the first."""
    parts: dict[str, list[Synapses]] = {}
    for signal in signals:
        for name, paths in signal.paths.items():
            parts.setdefault(name, []).append(paths)
    constant = np.sum([signal.constant for signal in signals], axis=0)
    return Signal(signals[0].shape, {name: merged(some) for name, some in parts.items()}, constant)


def merged(parts: Sequence[Synapses]) -> Synapses:
    """All paths, those of one pair and one wait as one; in order of source, then place, then wait."""
    if len(parts) == 1:
        return parts[0]
    return tidy(*(np.concatenate(column) for column in zip(*(_columns(part) for part in parts), strict=True)))


def tidy(source: Ints, place: Ints, weight: Floats, wait: Floats) -> Synapses:
    """Paths in order of source, place and wait, those of one pair and wait as one, those of weight 0 left out."""
    order = np.lexsort((wait, place, source))
    source, place, weight, wait = source[order], place[order], weight[order], wait[order]
    fresh = np.ones(source.size, np.bool_)
    fresh[1:] = (source[1:] != source[:-1]) | (place[1:] != place[:-1]) | (wait[1:] != wait[:-1])
    first = np.flatnonzero(fresh)
    total = np.add.reduceat(weight, first) if first.size else weight
    kept = total != 0.0
    first = first[kept]
    return Synapses(source[first], place[first], total[kept], wait[first])


def through(signal: Signal, step: Map) -> Signal:
    """What a linear map makes of a signal."""
    order = np.argsort(step.column, kind="stable")
    row, weight = step.row[order], step.weight[order]
    begin = np.searchsorted(step.column[order], np.arange(size(step.takes) + 1))
    paths = {name: _stretched(some, begin, row, weight, step.wait) for name, some in signal.paths.items()}
    constant = step.bias + np.bincount(
        step.row, weights=step.weight * signal.constant[step.column], minlength=size(step.gives)
    )
    return Signal(step.gives, paths, constant)


def _stretched(paths: Synapses, begin: Ints, row: Ints, weight: Floats, wait: Floats) -> Synapses:
    """Each path goes on along all entries of the column at which it arrives."""
    count = begin[paths.place + 1] - begin[paths.place]
    path = np.repeat(np.arange(count.size), count)
    entry = np.arange(path.size) - np.repeat(np.cumsum(count) - count, count) + begin[paths.place][path]
    return tidy(paths.source[path], row[entry], paths.weight[path] * weight[entry], paths.wait[path] + wait[row[entry]])


def _columns(part: Synapses) -> tuple[npt.NDArray[np.generic], ...]:
    return part.source, part.place, part.weight, part.wait
