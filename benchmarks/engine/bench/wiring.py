"""Wirings of the workloads, drawn with numpy so that every simulator can be given the same synapses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.values import Index


@dataclass(frozen=True, kw_only=True)
class FixedInDegree:
    """Each target draws `degree` sources evenly, with replacement. In order of target."""

    degree: int

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        source = rng.integers(0, sources, targets * self.degree, dtype=np.uint32)
        return source, np.repeat(np.arange(targets, dtype=np.uint32), self.degree)


@dataclass(frozen=True, kw_only=True)
class FixedProbability:
    """Each pair is joined with one probability, at most once. In order of source."""

    probability: float

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        degree = rng.binomial(targets, self.probability, sources)
        ends = [np.sort(rng.choice(targets, size=int(d), replace=False, shuffle=False)) for d in degree]
        target = np.concatenate(ends).astype(np.uint32) if ends else np.zeros(0, np.uint32)
        return np.repeat(np.arange(sources, dtype=np.uint32), degree), target


@dataclass(frozen=True, kw_only=True)
class FixedTotalNumber:
    """So many synapses in all, each with a source and a target drawn evenly."""

    number: int

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        source = rng.integers(0, sources, self.number, dtype=np.uint32)
        return source, rng.integers(0, targets, self.number, dtype=np.uint32)


@dataclass(frozen=True, kw_only=True)
class LogNormalDegree:
    """Out-degrees log-normal with the given mean and sigma of the logarithm, targets even, with replacement."""

    mean: float
    sigma: float

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        log_mean = np.log(self.mean) - self.sigma**2 / 2
        degree = np.minimum(np.rint(rng.lognormal(log_mean, self.sigma, sources)), targets).astype(np.int64)
        source = np.repeat(np.arange(sources, dtype=np.uint32), degree)
        return source, rng.integers(0, targets, source.size, dtype=np.uint32)


@dataclass(frozen=True, kw_only=True)
class OneToOne:
    """Source k reaches target k."""

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        both = np.arange(sources, dtype=np.uint32)
        return both, both.copy()


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """Synapses that are known already."""

    source: Index
    target: Index

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target)."""
        return self.source, self.target
