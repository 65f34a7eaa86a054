"""Which neuron reaches which: wirings as data that can draw their synapses.

A wiring is a frozen dataclass with two methods:
    expected(sources, targets)      -> float: synapses it will make, on average (asked before memory is taken)
    connect(sources, targets, rng)  -> (source, target), each (synapses,) uint32, counted from 0 in their populations
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.network.values import LogNormal
from reafference.units import check_range

Index = npt.NDArray[np.uint32]
Edges = tuple[Index, Index]


class Wiring(Protocol):
    """The contract of a wiring; see the head of this file."""

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses that `connect` will make, on average."""
        ...

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw the synapses."""
        ...


@dataclass(frozen=True, eq=False)
class EdgeList:
    """Synapses given one by one: `source[k]` reaches `target[k]`; both (synapses,) int, counted from 0."""

    source: npt.NDArray[np.integer] | tuple[int, ...]
    target: npt.NDArray[np.integer] | tuple[int, ...]

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(np.size(self.source))

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """The given synapses, checked against the two populations."""
        source, target = np.asarray(self.source), np.asarray(self.target)
        if source.shape != target.shape or source.ndim != 1:
            raise ValueError(
                f"EdgeList has sources of shape {source.shape} and targets of shape {target.shape}; give two "
                "1-D arrays of equal length."
            )
        for name, index, count in (("source", source, sources), ("target", target, targets)):
            if index.size and not np.issubdtype(index.dtype, np.integer):
                raise TypeError(f"EdgeList.{name} is {index.dtype}; neurons are counted from 0 in whole numbers.")
            check_range(f"EdgeList.{name}", index, 0, count - 1, "")
        return source.astype(np.uint32), target.astype(np.uint32)


@dataclass(frozen=True)
class OneToOne:
    """Neuron k reaches neuron k; both populations have the same size."""

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(sources)

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """One synapse for each neuron."""
        if sources != targets:
            raise ValueError(
                f"OneToOne needs populations of one size, got {sources} sources and {targets} targets; use "
                "another wiring or resize one."
            )
        index = np.arange(sources, dtype=np.uint32)
        return index, index.copy()


@dataclass(frozen=True, kw_only=True)
class AllToAll:
    """Every source reaches every target.

    self_synapses  False leaves out the synapse of a neuron onto itself (meant for a population onto itself)
    """

    self_synapses: bool = True

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(sources) * targets

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """All pairs."""
        source = np.repeat(np.arange(sources, dtype=np.uint32), targets)
        target = np.tile(np.arange(targets, dtype=np.uint32), sources)
        return (source, target) if self.self_synapses else without_self(source, target)


@dataclass(frozen=True)
class FixedProbability:
    """Each pair is connected with `probability`, independently (at most one synapse a pair)."""

    probability: float
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedProbability.probability", self.probability, 0.0, 1.0, "")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses, on average."""
        return float(sources) * targets * self.probability

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw out-degrees from the binomial distribution, then distinct targets for each source."""
        degree = rng.binomial(targets, self.probability, sources)
        return distinct(degree, targets, rng, keep_self=self.self_synapses)


@dataclass(frozen=True)
class FixedInDegree:
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

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw the sources of every target."""
        choices = sources if self.self_synapses else sources - 1
        if choices < 1 and self.degree > 0:
            raise ValueError(
                f"FixedInDegree has {choices} sources to draw from; give a larger population or allow self_synapses."
            )
        target = np.repeat(np.arange(targets, dtype=np.uint32), self.degree)
        source = rng.integers(0, max(choices, 1), target.size, dtype=np.uint32)
        if not self.self_synapses:
            source += source >= target  # skips the own index without a second draw
        return source, target


@dataclass(frozen=True)
class LogNormalDegree:
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
        """Number of synapses, on average, without the cut at `targets`."""
        return sources * min(
            float(targets), self.sent.scale * float(np.exp(self.sent.log_mean + self.sent.log_sigma**2 / 2))
        )

    def connect(self, sources: int, targets: int, rng: np.random.Generator) -> Edges:
        """Draw degrees, then targets."""
        degree = np.minimum(np.rint(self.sent.sample(rng, sources)), targets).astype(np.int64)
        if self.received is None:
            return distinct(degree, targets, rng, keep_self=self.self_synapses)
        pull = np.cumsum(np.exp(self.received.log_sigma * rng.standard_normal(targets)))
        source = np.repeat(np.arange(sources, dtype=np.uint32), degree)
        target = np.searchsorted(pull, rng.random(source.size) * pull[-1], side="right").astype(np.uint32)
        np.minimum(target, targets - 1, out=target)
        return (source, target) if self.self_synapses else without_self(source, target)


def without_self(source: Index, target: Index) -> Edges:
    """The synapses that do not join a neuron to itself."""
    keep = source != target
    return source[keep], target[keep]


def distinct(degree: npt.NDArray[np.int64], targets: int, rng: np.random.Generator, *, keep_self: bool) -> Edges:
    """For each source, `degree` distinct targets out of `targets`, evenly drawn."""
    total = int(degree.sum())
    first = np.concatenate([[0], np.cumsum(degree)])
    source = np.repeat(np.arange(degree.size, dtype=np.uint32), degree)
    if total == 0:
        return source, source.copy()
    target = np.empty(total, np.uint32)
    sparse = degree * 8 <= targets
    # Few out of many: draw with replacement and draw the repeats again; it ends after a few rounds.
    pending = np.flatnonzero(np.repeat(sparse, degree))
    while pending.size:
        target[pending] = rng.integers(0, targets, pending.size, dtype=np.uint32)
        mine = np.flatnonzero(np.repeat(sparse, degree)) if pending.size else pending
        key = source[mine].astype(np.uint64) * np.uint64(targets) + target[mine]
        order = np.argsort(key, kind="stable")
        repeat = np.zeros(mine.size, bool)
        repeat[order[1:]] = key[order[1:]] == key[order[:-1]]
        pending = mine[repeat]
    for index in np.flatnonzero(~sparse):
        target[first[index] : first[index + 1]] = rng.permutation(targets)[: degree[index]]
    return (source, target) if keep_self else without_self(source, target)
