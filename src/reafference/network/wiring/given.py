"""Wirings that leave nothing to chance: a list, one to one, all to all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.network.wiring import parts
from reafference.network.wiring.parts import Edges, InParts, Parts, in_blocks, places, without_self
from reafference.units import check_range


@dataclass(frozen=True, eq=False)
class EdgeList(InParts):
    """Synapses given one by one: `source[k]` reaches `target[k]`; both (synapses,) int, counted from 0."""

    source: npt.NDArray[np.integer] | tuple[int, ...]
    target: npt.NDArray[np.integer] | tuple[int, ...]

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(np.size(self.source))

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Slices of the two arrays, checked against the two populations."""
        source, target = np.asarray(self.source), np.asarray(self.target)
        if source.shape != target.shape or source.ndim != 1:
            raise ValueError(
                f"EdgeList has sources of shape {source.shape} and targets of shape {target.shape}; give two "
                "1-D arrays of equal length."
            )
        for name, index in (("source", source), ("target", target)):
            if index.size and not np.issubdtype(index.dtype, np.integer):
                raise TypeError(f"EdgeList.{name} is {index.dtype}; neurons are counted from 0 in whole numbers.")

        def draw(part: int, rng: np.random.Generator) -> Edges:
            mine = slice(part * parts.PART, (part + 1) * parts.PART)
            for name, index, count in (("source", source, sources), ("target", target, targets)):
                if index[mine].min() < 0 or index[mine].max() >= count:
                    check_range(f"EdgeList.{name}", index, 0, count - 1, "")
            return source[mine].astype(np.uint32), target[mine].astype(np.uint32)

        return Parts(math.ceil(source.size / parts.PART), draw)

    def __repr__(self) -> str:
        return f"EdgeList({np.size(self.source)} synapses)"


@dataclass(frozen=True)
class OneToOne(InParts):
    """Neuron k reaches neuron k; both populations have the same size."""

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(sources)

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """One synapse for each neuron."""
        if sources != targets:
            raise ValueError(
                f"OneToOne needs populations of one size, got {sources} sources and {targets} targets; use "
                "another wiring or resize one."
            )

        def draw(part: int, rng: np.random.Generator) -> Edges:
            index = np.arange(*blocks(part), dtype=np.uint32)
            return index, index.copy()

        count, blocks = in_blocks(targets, parts.PART)
        return Parts(count, draw, blocks)


@dataclass(frozen=True, kw_only=True)
class AllToAll(InParts):
    """Every source reaches every target; all synapses of the first source come first, then those of the next.

    self_synapses  False leaves out the synapse of a neuron onto itself (meant for a population onto itself)
    """

    self_synapses: bool = True

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(sources) * targets

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """All pairs."""

        def draw(part: int, rng: np.random.Generator) -> Edges:
            source, target = places(np.arange(*blocks(part)), targets)
            return (source, target) if self.self_synapses else without_self(source, target)

        count, blocks = in_blocks(sources * targets, parts.PART)
        return Parts(count, draw)
