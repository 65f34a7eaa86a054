"""Values that may differ from synapse to synapse or from neuron to neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.units import check_range

Floats = npt.NDArray[np.float64]
PerNeuron = float | npt.NDArray[np.float64]
LEAST_CHANCE = 1e-3  # that a drawn value lies between its bounds


@dataclass(frozen=True, kw_only=True)
class LogNormal:
    """Values exp(log_mean + log_sigma * z) * scale, z standard normal; those larger than `most` are drawn again.

    log_mean   mean of the natural logarithm of the value in SI units (for weights: of volts)
    log_sigma  standard deviation of the logarithm, >= 0
    scale      factor on every value; -1 makes inhibitory weights
    most       largest size of a value, SI units; infinite if not given

    The mean before the cut is scale * exp(log_mean + log_sigma^2 / 2); the largest fraction Phi(-log_sigma) of the
    values holds half of the sum. Raises ValueError where fewer than one value in a thousand would be below `most`.
    Source: Buzsaki and Mizuseki, Nat. Rev. Neurosci. 15 (2014) 264-278, for why brains ask for it.
    """

    log_mean: float
    log_sigma: float
    scale: float = 1.0
    most: float = math.inf

    def __post_init__(self) -> None:
        check_range("LogNormal.log_mean", self.log_mean, -100.0, 100.0, "")
        check_range("LogNormal.log_sigma", self.log_sigma, 0.0, 10.0, "")
        check_range("LogNormal.scale", self.scale, -1e12, 1e12, "")
        if math.isnan(self.most) or self.most <= 0:
            raise ValueError(f"LogNormal.most = {self.most:g} is no size; give one above 0 or leave it out.")
        if self.chance(self.most) < LEAST_CHANCE:
            raise ValueError(
                f"LogNormal of median {abs(self.scale) * math.exp(self.log_mean):g} and log_sigma {self.log_sigma:g} "
                f"has a chance of {self.chance(self.most):.2g} to lie below most = {self.most:g}, under the limit of "
                f"{LEAST_CHANCE:g}; raise `most`."
            )

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
        outside = np.flatnonzero(np.abs(values) > self.most) if self.most < math.inf else np.zeros(0, np.int64)
        while outside.size:
            again = rng.lognormal(self.log_mean, self.log_sigma, outside.size) * self.scale
            values[outside] = again
            outside = outside[np.abs(again) > self.most]
        return values

    def chance(self, limit: float) -> float:
        """Probability that the size of a value before the cut lies below `limit`."""
        if self.scale == 0.0 or limit == math.inf:
            return 1.0
        above = self.log_mean + math.log(abs(self.scale)) - math.log(limit)
        return normal(-above / self.log_sigma) if self.log_sigma else float(above <= 0.0)

    def mean_below(self, limit: float) -> float:
        """Mean of min(value, limit), for a positive scale."""
        middle, sigma = self.log_mean + math.log(self.scale), self.log_sigma
        if sigma == 0.0:
            return min(math.exp(middle), limit)
        limit, part = min(limit, self.most), self.chance(self.most)
        above = (middle - math.log(limit)) / sigma
        beyond = part - self.chance(limit)  # what is left by the cut and lies above the limit
        return (math.exp(middle + sigma**2 / 2) * normal(-above - sigma) + limit * beyond) / part


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
