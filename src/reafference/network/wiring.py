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
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.network.choosing import Attraction, chosen, distinct
from reafference.network.values import LogNormal
from reafference.units import check_range

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
            mine = slice(part * PART, (part + 1) * PART)
            for name, index, count in (("source", source, sources), ("target", target, targets)):
                if index[mine].min() < 0 or index[mine].max() >= count:
                    check_range(f"EdgeList.{name}", index, 0, count - 1, "")
            return source[mine].astype(np.uint32), target[mine].astype(np.uint32)

        return Parts(math.ceil(source.size / PART), draw)


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

        count, blocks = in_blocks(targets, PART)
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

        count, blocks = in_blocks(sources * targets, PART)
        return Parts(count, draw)


@dataclass(frozen=True)
class FixedProbability(InParts):
    """Each pair is connected with `probability`, independently (at most one synapse a pair).

    Source of the method: Batagelj and Brandes, Phys. Rev. E 71 (2005) 036113: the gaps between pairs are geometric.
    """

    probability: float
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedProbability.probability", self.probability, 0.0, 1.0, "")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses, on average."""
        return float(sources) * targets * self.probability

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets; in each, all pairs are passed through in order of target, from one synapse to the next."""

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            target, source = places(chosen(sources * (high - low), self.probability, rng), sources)
            target += np.uint32(low)
            return (source, target) if self.self_synapses else without_self(source, target)

        size = PART / max(sources * self.probability, 1e-9)
        count, blocks = in_blocks(targets, max(1, int(min(size, 2**20))))  # so that counts of pairs stay below 2^51
        return Parts(count, draw, blocks)


@dataclass(frozen=True)
class FixedInDegree(InParts):
    """Each target draws `degree` sources evenly and with replacement (two synapses of one pair may occur)."""

    degree: int
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedInDegree.degree", self.degree, 0, 2**31, "")
        if not isinstance(self.degree, int | np.integer):
            raise TypeError(f"FixedInDegree.degree = {self.degree} is not a whole number.")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(targets) * self.degree

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets, each with all its synapses."""
        if not self.self_synapses and sources == 1 and self.degree > 0:
            raise ValueError(
                "FixedInDegree has 0 sources to draw from; give a larger population or allow self_synapses."
            )

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            target = np.repeat(np.arange(low, high, dtype=np.uint32), self.degree)
            if self.self_synapses:
                return rng.integers(0, sources, target.size, dtype=np.uint32), target
            namesakes = max(0, min(high, sources) - low) * int(self.degree)  # synapses of targets that are sources, too
            source = rng.integers(0, max(sources - 1, 1), namesakes, dtype=np.uint32)
            source += source >= target[:namesakes]  # skips the own index without a second draw
            others = rng.integers(0, sources, target.size - namesakes, dtype=np.uint32)
            return np.concatenate([source, others]), target

        count, blocks = in_blocks(targets, max(1, PART // max(int(self.degree), 1)))
        return Parts(count, draw, blocks)


@dataclass(frozen=True)
class FixedTotalNumber(InParts):
    """`number` synapses in all; each is one of all pairs, drawn evenly and with replacement."""

    number: int
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedTotalNumber.number", self.number, 0, 2**40, "")
        if not isinstance(self.number, int | np.integer):
            raise TypeError(f"FixedTotalNumber.number = {self.number} is not a whole number.")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(self.number)

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets; how many synapses each of them has is drawn here."""
        blocks_wanted = min(max(1, round(self.number / PART)), targets)
        count, blocks = in_blocks(targets, math.ceil(targets / blocks_wanted))
        alone = [self.namesakes(sources, *blocks(block)) for block in range(count)]
        pairs = [sources * (blocks(b)[1] - blocks(b)[0]) - same for b, same in enumerate(alone)]
        if sum(pairs) == 0 and self.number > 0:
            raise ValueError(
                "FixedTotalNumber has 0 pairs to draw from; give a larger population or allow self_synapses."
            )
        share = rng.multinomial(self.number, np.array(pairs) / max(sum(pairs), 1))

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            if self.self_synapses:
                target = rng.integers(low, high, share[part], dtype=np.uint32)
                return rng.integers(0, sources, share[part], dtype=np.uint32), target
            # Pairs are counted target by target; one that is a source, too, has one pair less.
            pair = rng.integers(0, pairs[part], share[part])
            shorter = alone[part] * (sources - 1)
            first = pair < shorter
            source, target = np.empty_like(pair), np.empty_like(pair)
            target[first], source[first] = np.divmod(pair[first], max(sources - 1, 1))
            source[first] += source[first] >= low + target[first]
            target[~first], source[~first] = np.divmod(pair[~first] - shorter, sources)
            target[~first] += alone[part]
            return source.astype(np.uint32), (low + target).astype(np.uint32)

        return Parts(count, draw, blocks)

    def namesakes(self, sources: int, low: int, high: int) -> int:
        """Pairs of a neuron with itself that are left out of a block of targets."""
        return 0 if self.self_synapses else max(0, min(high, sources) - low)


@dataclass(frozen=True)
class LogNormalDegree(InParts):
    """Log-normal degrees: hubs that send, hubs that receive.

    sent      LogNormal of the out-degree: every source draws how many synapses it sends (rounded, at most all targets)
    received  LogNormal of the attraction of the targets, only its log_sigma matters; None: all targets alike

    Targets of one source are drawn with replacement where `received` is given, distinct otherwise.
    Source: Buzsaki and Mizuseki, Nat. Rev. Neurosci. 15 (2014) 264-278, for log-normal connectivity.
    """

    sent: LogNormal
    received: LogNormal | None = None
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        for name, value in (("sent", self.sent), ("received", self.received)):
            if not isinstance(value, LogNormal) and (name == "sent" or value is not None):
                raise TypeError(f"LogNormalDegree.{name} = {value!r}; give a LogNormal.")
        if self.sent.scale <= 0:
            raise ValueError(
                f"LogNormalDegree.sent.scale = {self.sent.scale} gives degrees below 1; use a positive scale."
            )

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses, on average: the mean of a log-normal that is cut at `targets`."""
        return sources * self.sent.mean_below(float(targets))

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Draw the degrees and attractions of all; a part is a block of sources with all their synapses."""
        degree = np.rint(np.minimum(self.sent.sample(rng, sources), targets)).astype(np.int64)
        total = np.cumsum(degree + 1)  # so that silent sources fill a part, too
        cuts = np.searchsorted(total, np.arange(0, total[-1], PART))
        cuts = np.unique(np.append(cuts, sources))
        pull = None
        if self.received is not None:
            pull = Attraction(np.exp(self.received.log_sigma * rng.standard_normal(targets)))

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = int(cuts[part]), int(cuts[part + 1])
            mine = degree[low:high]
            source = np.repeat(np.arange(low, high, dtype=np.uint32), mine)
            target = distinct(mine, targets, rng) if pull is None else pull.sample(source.size, rng)
            return (source, target) if self.self_synapses else without_self(source, target)

        return Parts(cuts.size - 1, draw)


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
