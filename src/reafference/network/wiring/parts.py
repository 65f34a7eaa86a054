"""Which neuron reaches which: wirings as data that can draw their synapses.

A wiring is a frozen dataclass with two methods:
    expected(sources, targets)      -> float: synapses it will make, on average (asked before memory is taken)
    connect(sources, targets, rng)  -> (source, target), each (synapses,) uint32, counted from 0 in their populations

Synapses that can be drawn again are not kept, so equal generators must give equal synapses. A wiring of many millions
is better drawn piece by piece: it is an `InParts`, which has, instead of `connect`,
    parts(sources, targets, rng)    -> Parts
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.uint32]
Edges = tuple[Index, Index]

PART = 2**16  # synapses of one part, about: a part then stays in the cache of a core


class Wiring(Protocol):
    """The contract of a wiring; see the head of this file."""

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses that `connect` will make, on average."""
        ...

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw the synapses."""
        ...


@dataclass(frozen=True)
class Parts:
    """The synapses between two populations, ready to be drawn part by part; they count in the order of the parts.

    count  number of parts
    draw   draw(part, rng) -> (source, target) of the parts 0 <= part < count, each from a generator of its own
    reach  reach(part) -> (low, high): the part has only targets low <= t < high; None: any part may have any target
    """

    count: int
    draw: Callable[[int, np.random.Generator], Edges]
    reach: Callable[[int], tuple[int, int]] | None = None


class InParts(ABC):
    """A wiring that can be drawn part by part."""

    @abstractmethod
    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Get ready to draw. What the parts have in common is drawn here, from `rng`; raises what `connect` would."""

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw all parts."""
        parts = self.parts(sources, targets, rng)
        drawn = [parts.draw(part, rng) for part in range(parts.count)]
        nobody = [np.zeros(0, np.uint32)]
        return np.concatenate(nobody + [s for s, _ in drawn]), np.concatenate(nobody + [t for _, t in drawn])


def parts_of(wiring: Wiring, sources: int, targets: int, rng: np.random.Generator) -> Parts:
    """The parts of any wiring; one that is not in parts has a single one."""
    if isinstance(wiring, InParts):
        return wiring.parts(sources, targets, rng)
    return Parts(1, lambda part, rng: wiring.connect(sources, targets, rng))


def in_blocks(total: int, size: int) -> tuple[int, Callable[[int], tuple[int, int]]]:
    """Number of blocks of `size` that hold `total`, and (begin, end) of each."""
    return math.ceil(total / size), lambda block: (block * size, min((block + 1) * size, total))


def places(pair: npt.NDArray[np.int64], columns: int) -> Edges:
    """Rows and columns of pairs that are counted row by row."""
    row = pair // columns
    return row.astype(np.uint32), (pair - row * columns).astype(np.uint32)


def without_self(source: Index, target: Index) -> Edges:
    """The synapses that do not join a neuron to itself."""
    keep = source != target
    return source[keep], target[keep]
