"""Which family the rates of a population come from: log-normal, gamma or Gaussian, with and without counting noise.

Two ways to ask, both by maximum likelihood with two parameters a family:

plain    the families are fitted to the rates count / seconds as if these were exact. Neurons that never spiked have
         rate 0, where neither a log-normal nor a gamma has a likelihood: they are counted and left out.
counted  the families are fitted to the counts n of all neurons, silent ones included, as mixtures of Poisson counts:

             P(n) = integral of Poisson(n; rate * seconds) f(rate) over rate

         With f log-normal this is the Poisson-log-normal, with f gamma the negative binomial; the Gaussian is cut at
         rate 0 and its peak is not below that (one far below would be an exponential, which is a gamma). So a silent
         neuron is one whose rate is low compared with 1 / seconds, not one whose rate is 0.

The Poisson is an assumption: trains more regular than that have counts that scatter less, and the counted width is then
too small by a little. Sources: Bulmer, Biometrics 30 (1974) 101-110, for the Poisson-log-normal; Burnham and Anderson,
Model Selection and Multimodel Inference (2002), section 2.6, for differences in AIC; Lilliefors, JASA 62 (1967)
399-402, for why a fitted family needs its own distribution of the Kolmogorov-Smirnov distance, which is simulated here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from reafference.measure.checks import Floats, amounts

LEAST_ACTIVE = 10  # neurons that spiked
MOST_SPIKES = 10_000  # of one neuron; more would need a finer grid than is worth it
COARSEST = 0.05  # largest step of the grid over ln(rate)
RANGE = 25.0  # of ln(rate) below the largest rate


@dataclass(frozen=True)
class Family:
    """A family of rate distributions with two parameters, of which the second is positive.

    cumulative   (rate in Hz, first, second) -> probability of a rate below
    log_density  the same -> natural logarithm of the density per Hz
    draw         (generator, first, second, size) -> rates in Hz
    fit          positive rates -> (first, second) of largest likelihood
    positive     whether the first parameter is positive, too
    """

    name: str
    cumulative: Callable[[Floats, float, float], Floats]
    log_density: Callable[[Floats, float, float], Floats]
    draw: Callable[[np.random.Generator, float, float, int], Floats]
    fit: Callable[[Floats], tuple[float, float]]
    positive: bool

    def free(self, first: float, second: float) -> Floats:
        """The parameters on the whole line."""
        return np.array([np.log(first) if self.positive else first, np.log(second)])

    def parameters(self, free: Floats) -> tuple[float, float]:
        """The inverse of `free`."""
        first, second = np.clip(free, -500.0, 500.0)
        return float(np.exp(first) if self.positive else first), float(np.exp(second))


def _fit_gamma(rates: Floats) -> tuple[float, float]:
    shape, _, scale = cast(tuple[float, float, float], stats.gamma.fit(rates, floc=0))
    return float(shape), float(scale)


def _draw_gaussian(rng: np.random.Generator, mean: float, deviation: float, size: int) -> Floats:
    low = float(special.ndtr(-mean / deviation))  # what is cut away
    return mean + deviation * np.asarray(special.ndtri(low + (1 - low) * rng.random(size)))


def _above_zero(rate: Floats, mean: float, deviation: float) -> Floats:
    """Cumulative distribution of a Gaussian that is cut at 0; from its upper tail, which does not cancel."""
    left = special.ndtr((mean - rate) / deviation) / special.ndtr(mean / deviation)
    return np.where(rate > 0, 1 - left, 0.0)


LOG_NORMAL = Family(
    "log-normal",  # mean and standard deviation of ln(rate / 1 Hz)
    lambda rate, mean, sigma: np.asarray(special.ndtr((np.log(np.maximum(rate, 1e-300)) - mean) / sigma)),
    lambda rate, mean, sigma: np.asarray(stats.norm.logpdf(np.log(rate), mean, sigma) - np.log(rate)),
    lambda rng, mean, sigma, size: rng.lognormal(mean, sigma, size),
    lambda rates: (float(np.log(rates).mean()), float(np.log(rates).std())),
    positive=False,
)
GAMMA = Family(
    "gamma",  # shape and scale (Hz)
    lambda rate, shape, scale: np.asarray(special.gammainc(shape, np.maximum(rate, 0.0) / scale)),
    lambda rate, shape, scale: np.asarray(stats.gamma.logpdf(rate, shape, scale=scale)),
    lambda rng, shape, scale, size: rng.gamma(shape, scale, size),
    _fit_gamma,
    positive=True,
)
GAUSSIAN = Family(
    "Gaussian",  # mean and standard deviation (Hz); the counted one is cut at 0 and peaks above, the plain one is not
    lambda rate, mean, deviation: np.asarray(special.ndtr((rate - mean) / deviation)),
    lambda rate, mean, deviation: np.asarray(stats.norm.logpdf(rate, mean, deviation)),
    lambda rng, mean, deviation, size: rng.normal(mean, deviation, size),
    lambda rates: (float(rates.mean()), float(rates.std())),
    positive=False,
)
CUT_GAUSSIAN = Family(
    "Gaussian",
    _above_zero,
    lambda rate, mean, deviation: GAUSSIAN.log_density(rate, mean, deviation) - special.log_ndtr(mean / deviation),
    _draw_gaussian,
    GAUSSIAN.fit,
    positive=True,
)
PLAIN = (LOG_NORMAL, GAMMA, GAUSSIAN)
COUNTED = (LOG_NORMAL, GAMMA, CUT_GAUSSIAN)


@dataclass(frozen=True, kw_only=True)
class FamilyFit:
    """One family at its largest likelihood.

    parameters   log-normal: mean and standard deviation of ln(rate / 1 Hz); gamma: shape, scale in Hz; Gaussian: mean
                 and standard deviation in Hz
    aic          Akaike's criterion, 4 - 2 ln(likelihood); to be compared only within plain or within counted fits
    ks_distance  largest gap between empirical and fitted cumulative distribution, of rates or of counts, 0 to 1
    counted      whether it was fitted to the counts of all neurons, or plainly to the rates of those that spiked
    """

    family: Family
    parameters: tuple[float, float]
    aic: float
    ks_distance: float
    counted: bool


@dataclass(frozen=True, kw_only=True)
class RateFits:
    """Fits of the three families in the order log-normal, gamma, Gaussian; see the head of this file.

    silent  neurons that never spiked: in the counted fits, left out of the plain ones
    """

    plain: tuple[FamilyFit, ...]
    counted: tuple[FamilyFit, ...]
    neurons: int
    silent: int

    def __str__(self) -> str:
        lines = [f"{self.neurons} neurons, {self.silent} silent (left out of the plain fits, in the counted ones)"]
        for name, fits in (("plain", self.plain), ("counted", self.counted)):
            least = min(fit.aic for fit in fits)
            each = [f"{fit.family.name} {fit.aic - least:+.1f} (KS {fit.ks_distance:.3f})" for fit in fits]
            lines.append(f"  {name}, AIC above the best: {', '.join(each)}")
        return "\n".join(lines)


def best(fits: tuple[FamilyFit, ...]) -> FamilyFit:
    """The fit of the smallest AIC."""
    return min(fits, key=lambda fit: fit.aic)


def fit_families(counts: npt.ArrayLike, seconds: float) -> RateFits:
    """Fit log-normal, gamma and Gaussian to the rates behind spike counts, plainly and as mixtures of Poisson counts.

    counts   (neurons,)  spikes of each neuron in the same time; whole numbers
    seconds  s           that time, above 0

    Raises ValueError for what is no count, for counts above 10,000, for seconds <= 0, and where fewer than 10 neurons
    spiked or the counts of those that did are all the same.
    """
    every = amounts("counts", counts)
    if (every != np.rint(every)).any():
        worst = int(np.flatnonzero(every != np.rint(every))[0])
        raise ValueError(f"counts[{worst}] = {every[worst]:g} is no whole number; give spikes, not rates.")
    if not (np.isfinite(seconds) and seconds > 0):
        raise ValueError(f"seconds = {seconds:g} s is no time in which spikes were counted; give one above 0.")
    if every.max() > MOST_SPIKES:
        worst = int(every.argmax())
        raise ValueError(
            f"counts[{worst}] = {every[worst]:.0f} is above the limit of {MOST_SPIKES}; count for a shorter time: "
            "beyond that a rate is known within 1 %, and counting plays no part."
        )
    active = every[every > 0]
    if active.size < LEAST_ACTIVE or np.unique(active).size < 2:
        raise ValueError(
            f"{active.size} neurons spiked, with {np.unique(active).size} different count(s); a family needs at least "
            f"{LEAST_ACTIVE} and 2. Record for longer."
        )
    mixture = Mixture(every.astype(np.int64), seconds)
    return RateFits(
        plain=tuple(_fit_plain(family, active / seconds) for family in PLAIN),
        counted=tuple(mixture.fit(family) for family in COUNTED),
        neurons=every.size,
        silent=every.size - active.size,
    )


def ks_p_value(fit: FamilyFit, counts: npt.ArrayLike, seconds: float, *, draws: int = 99, seed: int = 1) -> float:
    """How often data from the fitted family lie as far from their own fit as these do from theirs: 0 to 1.

        p = (1 + number of simulated distances >= ks_distance) / (1 + draws)

    fit     one of those that `fit_families` made of the same counts and seconds
    counts, seconds  as there

    Each simulated population has as many neurons and is fitted anew (a parametric bootstrap). Plain fits are compared
    with exact rates, so where most neurons spiked a few times a small p also says that counts are whole numbers.
    """
    every = amounts("counts", counts).astype(np.int64)
    rng = np.random.default_rng(seed)
    first, second = fit.parameters
    size = every.size if fit.counted else int((every > 0).sum())
    further = 0
    for _ in range(draws):
        rates = fit.family.draw(rng, first, second, size)
        if fit.counted:
            again = Mixture(rng.poisson(rates * seconds), seconds).fit(fit.family, start=fit.parameters)
        else:
            again = _fit_plain(fit.family, rates)
        further += again.ks_distance >= fit.ks_distance
    return (1 + further) / (1 + draws)


def _fit_plain(family: Family, rates: Floats) -> FamilyFit:
    first, second = family.fit(rates)
    likelihood = float(family.log_density(rates, first, second).sum())
    ordered = np.sort(rates)
    # Of equal rates the last step counts for what is below or at them, the first for what is below.
    at_most = np.searchsorted(ordered, ordered, side="right") / ordered.size
    below = np.searchsorted(ordered, ordered, side="left") / ordered.size
    fitted = family.cumulative(ordered, first, second)
    distance = float(max((at_most - fitted).max(), (fitted - below).max()))
    return FamilyFit(
        family=family, parameters=(first, second), aic=4 - 2 * likelihood, ks_distance=distance, counted=False
    )


class Mixture:
    """Counts as mixtures of Poisson counts over a grid of rates that serves every family and every parameter.

    The grid is even in ln(rate), finer than the width 1 / sqrt(n) that the likelihood of the largest count has there;
    what a family says below or above it goes to its ends. A cell of it is one rate with the probability of the cell.
    """

    def __init__(self, counts: npt.NDArray[np.int64], seconds: float) -> None:
        self.values, self.number = np.unique(counts, return_counts=True)
        most = float(self.values[-1])
        step = min(COARSEST, 0.25 / np.sqrt(most + 1))
        top = np.log((most + 8 * np.sqrt(most + 1) + 8) / seconds)
        middle = np.arange(top - min(RANGE, np.log(most + 1) + 12), top, step)
        self.edges = np.exp(middle[:-1] + step / 2)
        mean = np.exp(middle) * seconds
        log_chance = special.xlogy(self.values[:, None], mean) - mean - special.gammaln(self.values + 1.0)[:, None]
        self.chance = np.exp(log_chance)
        self.up_to = np.asarray(special.gammaincc(self.values[:, None] + 1.0, mean))
        self.mean = float(counts.mean() / seconds)
        spread = counts.var() / seconds**2 - self.mean / seconds  # the counting taken away
        self.spread = max(float(spread), (0.05 * self.mean) ** 2)

    def weights(self, family: Family, parameters: tuple[float, float]) -> Floats:
        """Probability of each cell of the grid."""
        return np.diff(family.cumulative(self.edges, *parameters), prepend=0.0, append=1.0)

    def likelihood(self, family: Family, parameters: tuple[float, float]) -> float:
        """Natural logarithm of the likelihood of all counts."""
        chance = self.chance @ self.weights(family, parameters)
        return float((self.number * np.log(np.maximum(chance, 1e-300))).sum())

    def distance(self, family: Family, parameters: tuple[float, float]) -> float:
        """Largest gap between the cumulative distributions, looked at where counts are."""
        fitted = self.up_to @ self.weights(family, parameters)
        return float(np.abs(np.cumsum(self.number) / self.number.sum() - fitted).max())

    def start(self, family: Family) -> tuple[float, float]:
        """Parameters that give the mean and variance of the rates."""
        relative = self.spread / self.mean**2
        if family is LOG_NORMAL:
            return float(np.log(self.mean) - np.log1p(relative) / 2), float(np.sqrt(np.log1p(relative)))
        if family is GAMMA:
            return 1 / relative, self.mean * relative
        return self.mean, float(np.sqrt(self.spread))

    def fit(self, family: Family, start: tuple[float, float] | None = None) -> FamilyFit:
        """The family at its largest likelihood."""

        def misfit(free: Floats) -> float:
            return -self.likelihood(family, family.parameters(free))

        found = cast(
            Any,
            optimize.minimize(
                misfit,
                family.free(*(start or self.start(family))),
                method="Nelder-Mead",
                options={"xatol": 1e-4, "fatol": 1e-3, "maxiter": 1000},
            ),
        )
        parameters = family.parameters(found.x)
        return FamilyFit(
            family=family,
            parameters=parameters,
            aic=4 - 2 * self.likelihood(family, parameters),
            ks_distance=self.distance(family, parameters),
            counted=True,
        )
