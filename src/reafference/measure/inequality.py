"""How unequally neurons share the spikes: few that say much, many that say little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from reafference.measure.checks import Floats, amounts


def half_share(counts: npt.ArrayLike) -> float:
    """Return the smallest share of neurons (0 to 1) that together make half of all spikes.

        share = k / n,   k = the fewest neurons whose counts add up to at least sum(counts) / 2

    counts  (neurons,)  spikes, or rates in Hz; silent neurons belong to n

    For a log-normal population whose log has standard deviation s the share is Phi(-s), so "10 to 20 % of the neurons
    make half of the spikes" is the statement that s lies between 1.28 and 0.84 (from the Lorenz curve of the
    log-normal, Phi(Phi^-1(q) - s): Aitchison & Brown, *The Lognormal Distribution*, 1957).

    Raises ValueError when empty, not one-dimensional, not finite, negative, or when no neuron spiked.

    >>> half_share([97, 1, 1, 1])
    0.25
    """
    falling = np.sort(amounts("counts", counts))[::-1]
    made: Floats = np.cumsum(falling)
    # Sums of rates round: without the margin four equal rates of 0.1 Hz could need three neurons for half.
    short_of_half = int((made < 0.5 * made[-1] * (1 - 1e-12)).sum())
    return (short_of_half + 1) / falling.size


def gini(counts: npt.ArrayLike) -> float:
    """Return the Gini coefficient: 0 when all neurons spike alike, towards 1 when one does everything.

        G = sum_i (2 i - n - 1) x_i / (n sum_i x_i),   x ascending, i = 1 .. n

    counts  (neurons,)  spikes, or rates in Hz; silent neurons belong to n

    For a log-normal population, 2 Phi(s / sqrt 2) - 1. Largest possible value with n neurons: 1 - 1/n.
    Source: Gini 1912 in the ordered form of Damgaard & Weiner, *Ecology* 81:1139 (2000).

    Raises ValueError when empty, not one-dimensional, not finite, negative, or when no neuron spiked.

    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    """
    rising = np.sort(amounts("counts", counts))
    neurons = rising.size
    rank = 2 * np.arange(1, neurons + 1) - neurons - 1
    return float((rank * rising).sum() / (neurons * rising.sum()))


@dataclass(frozen=True, kw_only=True)
class LogNormalFit:
    """A log-normal distribution fitted to the neurons that spiked.

    log_mean         mean of ln(rate / 1 Hz)
    log_sigma        standard deviation of ln(rate / 1 Hz)
    active, silent   neurons that entered the fit, and those that never spiked and could not
    ks_distance      largest gap between the empirical and the fitted cumulative distribution, 0 to 1; no p-value is
                     given since the parameters come from the same data (Lilliefors, *JASA* 62:399, 1967)
    gamma_disfavour  AIC of the best gamma distribution minus AIC of the log-normal; above 0 the log-normal fits better,
                     beyond about +-10 the other one is out of the race (Burnham & Anderson 2002, section 2.6)
    """

    log_mean: float
    log_sigma: float
    active: int
    silent: int
    ks_distance: float
    gamma_disfavour: float

    @property
    def half_share(self) -> float:
        """Share of the active neurons that would make half of the spikes, were the fit exact: Phi(-log_sigma)."""
        return _normal_cumulative(-self.log_sigma)

    def __str__(self) -> str:
        better = "log-normal" if self.gamma_disfavour > 0 else "gamma"
        return (
            f"log-normal: median {math.exp(self.log_mean):.3g} Hz, sigma of the log {self.log_sigma:.3g}, "
            f"KS distance {self.ks_distance:.3f}; fitted to {self.active} neurons, {self.silent} silent ones left out; "
            f"{better} fits better (AIC difference {abs(self.gamma_disfavour):.3g})"
        )


def fit_lognormal(rates: npt.ArrayLike) -> LogNormalFit:
    """Fit a log-normal to the positive `rates` by maximum likelihood; silent neurons are counted, not fitted.

        log_mean = mean(ln r),   log_sigma^2 = mean((ln r - log_mean)^2)     over r > 0

    rates  (neurons,)  Hz

    The rival is a gamma distribution with as many parameters, since cortical rates fit one about as well (Levenstein &
    Okun, *J Physiol*, 2022); its shape k solves ln k - digamma(k) = ln(mean r) - mean(ln r). Rates from short
    recordings are counts divided by a time: where most neurons spiked only a few times, both fits see the counting, not
    the rates.

    Raises ValueError when empty, not one-dimensional, not finite, negative, or with fewer than 3 different positive
    rates.
    """
    every = amounts("rates", rates)
    positive = np.sort(every[every > 0])
    different = np.unique(positive).size
    if different < 3:
        raise ValueError(
            f"rates hold {different} different positive value(s); a log-normal needs at least 3. Record for longer."
        )
    logs = np.log(positive)
    log_mean, log_sigma = float(logs.mean()), float(logs.std())
    if log_sigma < 1e-4:
        raise ValueError(
            f"all {positive.size} positive rates agree within {log_sigma:.1e}; there is no width to fit. "
            "Look at the rates: one count may have been copied to every neuron."
        )
    fitted = np.array([_normal_cumulative(z) for z in (logs - log_mean) / log_sigma])
    steps = np.arange(positive.size + 1) / positive.size
    ks_distance = float(max((steps[1:] - fitted).max(), (fitted - steps[:-1]).max()))
    log_normal_likelihood = -logs.sum() - logs.size * (math.log(log_sigma) + 0.5 * math.log(2 * math.pi) + 0.5)
    return LogNormalFit(
        log_mean=log_mean,
        log_sigma=log_sigma,
        active=positive.size,
        silent=every.size - positive.size,
        ks_distance=ks_distance,
        gamma_disfavour=float(2 * (log_normal_likelihood - _gamma_likelihood(positive))),
    )


def _normal_cumulative(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _gamma_likelihood(rates: Floats) -> float:
    """Return the log-likelihood of positive, not all equal `rates` under the gamma distribution that fits them best."""
    mean, mean_log = float(rates.mean()), float(np.log(rates).mean())
    skewness = math.log(mean) - mean_log

    def slope(log_shape: float) -> float:
        digamma = cast(float, special.digamma(math.exp(log_shape)))
        return log_shape - digamma - skewness

    # 1/(2k) < ln k - digamma(k) < 1/k for every k > 0, which brackets the root.
    low, high = math.log(0.5 / skewness) - 1e-6, math.log(1 / skewness) + 1e-6
    shape = math.exp(cast(float, optimize.brentq(slope, low, high)))
    return rates.size * (shape * math.log(shape / mean) - math.lgamma(shape) + (shape - 1) * mean_log - shape)
