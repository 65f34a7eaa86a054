"""Values that may differ from synapse to synapse or from neuron to neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.units import check_range

Floats = npt.NDArray[np.float64]
PerNeuron = float | npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LogNormal:
    """Values exp(log_mean + log_sigma * z) * scale, z standard normal.

    log_mean   mean of the natural logarithm of the value in SI units (for weights: of volts)
    log_sigma  standard deviation of the logarithm, >= 0
    scale      factor on every value; -1 makes inhibitory weights

    The mean is scale * exp(log_mean + log_sigma^2 / 2). The most active fraction Phi(-log_sigma) holds half of the sum.
    Source: Buzsaki and Mizuseki, Nat. Rev. Neurosci. 15 (2014) 264-278, for why brains ask for it.
    """

    log_mean: float
    log_sigma: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_range("LogNormal.log_mean", self.log_mean, -100.0, 100.0, "")
        check_range("LogNormal.log_sigma", self.log_sigma, 0.0, 10.0, "")
        check_range("LogNormal.scale", self.scale, -1e12, 1e12, "")

    @staticmethod
    def with_mean(mean: float, *, log_sigma: float) -> LogNormal:
        """The log-normal of arithmetic mean `mean` (its sign is kept in `scale`)."""
        if mean == 0 or not np.isfinite(mean):
            raise ValueError(f"mean = {mean} cannot be the mean of a log-normal; give a finite value other than 0.")
        return LogNormal(
            log_mean=float(np.log(abs(mean)) - log_sigma**2 / 2), log_sigma=log_sigma, scale=float(np.sign(mean))
        )

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """`count` values, (count,)."""
        values = rng.lognormal(self.log_mean, self.log_sigma, count)
        values *= self.scale
        return values

    def mean_below(self, limit: float) -> float:
        """Mean of min(value, limit), for a positive scale."""
        middle, sigma = self.log_mean + math.log(self.scale), self.log_sigma
        if sigma == 0.0:
            return min(math.exp(middle), limit)
        above = (middle - math.log(limit)) / sigma
        return math.exp(middle + sigma**2 / 2) * normal(-above - sigma) + limit * normal(above)


@dataclass(frozen=True)
class Uniform:
    """Values spread evenly over [low, high), SI units."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"Uniform needs finite low <= high, got low = {self.low}, high = {self.high}.")

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """`count` values, (count,)."""
        return rng.uniform(self.low, self.high, count)


LEAST_CHANCE = 1e-3  # that a value of a Normal lies between its bounds


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Normally distributed values; those outside low <= value <= high are drawn again.

    mean, std  of the distribution before it is cut, SI units; std >= 0
    low, high  bounds, SI units; infinite if not given

    Raises ValueError where fewer than one value in a thousand would lie between the bounds.
    """

    mean: float
    std: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        check_range("Normal.mean", self.mean, -1e12, 1e12, "")
        check_range("Normal.std", self.std, 0.0, 1e12, "")
        for name, value in (("low", self.low), ("high", self.high)):
            if math.isnan(value):
                raise ValueError(f"Normal.{name} is NaN; leave it out where there is no bound.")
        if self.chance() < LEAST_CHANCE:
            raise ValueError(
                f"Normal of mean {self.mean:g} and std {self.std:g} has a chance of {self.chance():.2g} to lie between "
                f"low = {self.low:g} and high = {self.high:g}, below the limit of {LEAST_CHANCE:g}; move the bounds."
            )

    def chance(self) -> float:
        """Probability that a value before the cut lies between the bounds."""
        if self.std == 0.0:
            return float(self.low <= self.mean <= self.high)
        return normal((self.high - self.mean) / self.std) - normal((self.low - self.mean) / self.std)

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """`count` values, (count,)."""
        values = rng.normal(self.mean, self.std, count)
        outside = np.flatnonzero((values < self.low) | (values > self.high))
        while outside.size:
            again = rng.normal(self.mean, self.std, outside.size)
            values[outside] = again
            outside = outside[(again < self.low) | (again > self.high)]
        return values


Distribution = LogNormal | Normal | Uniform
PerSynapse = float | npt.NDArray[np.float64] | Distribution


def check_shape(name: str, value: PerNeuron, count: int) -> Floats:
    """`value` as an array, () or (count,); raises where it is neither one number nor one for each neuron."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} = {value!r}; it takes one number, or one for each of the {count} neurons.") from error
    if array.shape not in ((), (count,)):
        raise ValueError(
            f"{name} has shape {array.shape}; it takes one number, or one for each of the {count} neurons."
        )
    return array


def per_neuron(name: str, value: PerNeuron, count: int) -> Floats:
    """`value` as one number for each of `count` neurons, (count,) float64."""
    array = check_shape(name, value, count)
    return np.full(count, float(array)) if array.ndim == 0 else np.ascontiguousarray(array)


def normal(z: float) -> float:
    """Probability that a standard normal variate lies below z."""
    return math.erfc(-z / math.sqrt(2)) / 2


def one_value(value: PerSynapse) -> float | None:
    """The value of all synapses, or None where they may differ."""
    if isinstance(value, Distribution):
        return None
    array = np.asarray(value)
    if array.ndim == 0 or (array.size and array.min() == array.max()):
        return float(array.flat[0])
    return None


def check_synapses(name: str, value: PerSynapse, count: int) -> None:
    """Raise ValueError if `value` is an array that has not one number for each of `count` synapses."""
    if isinstance(value, Distribution) or np.shape(value) in ((), (count,)):
        return
    raise ValueError(
        f"{name} has shape {np.shape(value)} but the wiring made {count} synapses; give one value for each."
    )


def per_synapse(value: PerSynapse, begin: int, count: int, rng: np.random.Generator) -> Floats:
    """`value` for the `count` synapses from number `begin` on, (count,) float64; distributions draw from `rng`."""
    if isinstance(value, Distribution):
        return value.sample(rng, count)
    array = np.asarray(value)
    if array.ndim == 0:
        return np.full(count, float(array))
    return array[begin : begin + count].astype(np.float64)
