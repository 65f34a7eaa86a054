"""Distributions of weights and delays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True)
class LogNormal:
    """Weights of mean `mean` and standard deviation `sigma` of the logarithm, drawn one by one.

    Those of the last `inhibitory` sources (a fraction, 0 to 1) are multiplied by `ratio`, which is negative.
    """

    mean: float
    sigma: float
    inhibitory: float = 0.0
    ratio: float = -1.0

    def draw(self, source: Index, sources: int, rng: np.random.Generator) -> Floats:
        """One weight for each synapse, (synapses,)."""
        weight = rng.lognormal(np.log(self.mean) - self.sigma**2 / 2, self.sigma, source.size)
        weight[source >= round((1 - self.inhibitory) * sources)] *= self.ratio
        return weight


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Values of a normal distribution, drawn again while they lie outside low <= value <= high."""

    mean: float
    std: float
    low: float = -np.inf
    high: float = np.inf

    def draw(self, source: Index, sources: int, rng: np.random.Generator) -> Floats:
        """One value for each synapse, (synapses,)."""
        value = rng.normal(self.mean, self.std, source.size)
        again = np.flatnonzero((value < self.low) | (value > self.high))
        while again.size:
            value[again] = rng.normal(self.mean, self.std, again.size)
            again = again[(value[again] < self.low) | (value[again] > self.high)]
        return value
