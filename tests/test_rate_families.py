"""Families of rates: each is recognised from its own samples, and the mixtures are what they are said to be."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy import integrate, stats

from reafference.measure import best, fit_families, interval_variation, irregularity, ks_p_value, mean_correlation
from reafference.measure.rate_families import COUNTED, GAMMA, LOG_NORMAL, PLAIN, Mixture

NEURONS, SECONDS = 1500, 10.0
# Of equal mean and variance, so that only the shape can tell them apart.
MEAN, DEVIATION = 4.0, 2.0
SPREAD = math.log(1 + (DEVIATION / MEAN) ** 2)
TRUE = {
    "log-normal": (math.log(MEAN) - SPREAD / 2, math.sqrt(SPREAD)),
    "gamma": ((MEAN / DEVIATION) ** 2, DEVIATION**2 / MEAN),
    "Gaussian": (MEAN, DEVIATION),
}


def counts_of(family, rng, neurons=NEURONS, seconds=SECONDS):
    return rng.poisson(family.draw(rng, *TRUE[family.name], neurons) * seconds)


@pytest.mark.parametrize("family", COUNTED, ids=lambda family: family.name)
def test_each_family_is_recognised_and_its_parameters_are_found(family):
    errors = {"counted": 0, "plain": 0}
    found = []
    for seed in range(8):
        fits = fit_families(counts_of(family, np.random.default_rng(seed)), SECONDS)
        errors["counted"] += best(fits.counted).family.name != family.name
        errors["plain"] += best(fits.plain).family.name != family.name
        found.append(next(fit.parameters for fit in fits.counted if fit.family is family))
    print(f"{family.name}: taken for another family in {errors} of 8 populations")
    assert errors["counted"] == 0
    np.testing.assert_allclose(np.mean(found, axis=0), TRUE[family.name], rtol=0.06)


def test_counting_noise_does_not_widen_the_counted_fit():
    """At 1.5 spikes a neuron most of the scatter of counts is counting: the plain fit is far off."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.lognormal(math.log(1.0), 0.4, 20_000) * 1.5)
    fits = fit_families(counts, 1.5)
    assert fits.silent > 3000
    assert fits.counted[0].parameters == pytest.approx((0.0, 0.4), abs=0.03)
    assert abs(fits.plain[0].parameters[0]) > 0.1


def test_a_mixture_with_a_gamma_is_the_negative_binomial():
    shape, scale, seconds = 1.7, 2.3, 4.0
    mixture = Mixture(np.arange(60), seconds)
    chance = mixture.chance @ mixture.weights(GAMMA, (shape, scale))
    np.testing.assert_allclose(chance, stats.nbinom.pmf(np.arange(60), shape, 1 / (1 + scale * seconds)), rtol=1e-3)
    likelihood = stats.nbinom.logpmf(np.arange(60), shape, 1 / (1 + scale * seconds)).sum()
    assert mixture.likelihood(GAMMA, (shape, scale)) == pytest.approx(likelihood, abs=0.02)


def test_a_mixture_with_a_log_normal_is_the_integral():
    mean, sigma, seconds = 0.3, 0.9, 10.0
    values = np.array([0, 1, 3, 10, 40, 300])
    mixture = Mixture(values, seconds)

    def integrand(log_rate, n):
        return stats.poisson.pmf(n, math.exp(log_rate) * seconds) * stats.norm.pdf(log_rate, mean, sigma)

    points = np.log(np.maximum(values, 0.5) / seconds)
    expected = [
        integrate.quad(integrand, -12, 9, args=(n,), points=[x], limit=400)[0]
        for n, x in zip(values, points, strict=True)
    ]
    np.testing.assert_allclose(mixture.chance @ mixture.weights(LOG_NORMAL, (mean, sigma)), expected, rtol=2e-3)


def test_plain_fits_are_those_of_scipy():
    counts = np.random.default_rng(3).poisson(30, 500)
    rates = counts / SECONDS
    fits = fit_families(counts, SECONDS).plain
    dists = [(stats.lognorm, {"floc": 0}), (stats.gamma, {"floc": 0}), (stats.norm, {})]
    for fit, (dist, options) in zip(fits, dists, strict=True):
        parameters = dist.fit(rates, **options)
        assert fit.aic == pytest.approx(4 - 2 * dist.logpdf(rates, *parameters).sum(), abs=1e-2)
        assert fit.ks_distance == pytest.approx(stats.kstest(rates, dist(*parameters).cdf).statistic, abs=1e-4)


def test_p_values_are_even_for_the_right_family_and_small_for_a_wrong_one():
    right, wrong = [], []
    for seed in range(10):
        counts = counts_of(COUNTED[0], np.random.default_rng(100 + seed), neurons=300)
        fits = fit_families(counts, SECONDS)
        right.append(ks_p_value(fits.counted[0], counts, SECONDS, draws=9, seed=seed))
        if seed < 4:
            wrong.append(ks_p_value(fits.counted[2], counts, SECONDS, draws=9, seed=seed))
    assert stats.kstest(right, "uniform").pvalue > 1e-3, right
    assert np.median(wrong) <= 0.2 and np.median(right) > 0.2
    counts = np.rint(np.random.default_rng(5).lognormal(6, 0.7, 400))  # so many that counting plays no part
    plain = [ks_p_value(fit, counts, SECONDS, draws=19) for fit in fit_families(counts, SECONDS).plain]
    assert plain[0] > 0.1 and plain[1] == plain[2] == 0.05


@pytest.mark.parametrize(
    ("counts", "seconds", "text"),
    [
        ([1.5] * 20, 1.0, r"counts\[0\] = 1.5 is no whole number"),
        (list(range(20)), 0.0, "seconds = 0 s is no time"),
        ([0] * 20 + [1] * 9, 1.0, "9 neurons spiked, with 1 different"),
        ([3] * 20, 1.0, "20 neurons spiked, with 1 different"),
        ([-1, 3], 1.0, "negative"),
        ([1] * 20 + [20_000], 1.0, r"counts\[20\] = 20000 is above the limit of 10000; count for a shorter time"),
    ],
)
def test_counts_that_cannot_be_fitted(counts, seconds, text):
    with pytest.raises(ValueError, match=text):
        fit_families(counts, seconds)


def test_fits_say_what_they_are():
    fits = fit_families(counts_of(PLAIN[1], np.random.default_rng(1)), SECONDS)
    assert "counted, AIC above the best: log-normal +" in str(fits) and "gamma +0.0" in str(fits)


# --- single trains and pairs ------------------------------------------------------------------------------------------


def train(rng, neurons, seconds, shape):
    """Renewal trains of 20 Hz with gamma intervals, (time, neuron) in any order; their CV is 1 / sqrt(shape)."""
    intervals = rng.gamma(shape, 1 / (20 * shape), (neurons, int(40 * seconds)))
    times = np.cumsum(intervals, axis=1)
    neuron = np.repeat(np.arange(neurons), times.shape[1]).reshape(times.shape)
    keep = times < seconds
    order = rng.permutation(int(keep.sum()))
    return times[keep][order], neuron[keep][order]


@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_variation_of_renewal_trains(shape):
    variation = interval_variation(*train(np.random.default_rng(1), 200, 20.0, shape), 200)
    assert np.median(variation) == pytest.approx(1 / math.sqrt(shape), rel=0.03)


def test_variation_is_that_of_numpy_and_absent_for_few_intervals():
    times, neuron = train(np.random.default_rng(2), 5, 3.0, 1.0)
    times, neuron = np.append(times, [0.5, 0.7]), np.append(neuron, [6, 6])
    got = interval_variation(times, neuron, 8)
    for k in range(5):
        interval = np.diff(np.sort(times[neuron == k]))
        assert got[k] == pytest.approx(interval.std(ddof=1) / interval.mean())
    assert np.isnan(got[5:]).all()


def test_correlation_is_the_mean_of_the_matrix():
    rng = np.random.default_rng(3)
    shared = rng.random(300) * 2.0
    parts = [train(rng, 9, 2.0, 1.0)]
    parts += [(shared + 1e-4 * rng.standard_normal(300), np.full(300, k)) for k in (2, 3, 9)]
    times, neuron = (np.concatenate(part) for part in zip(*parts, strict=True))
    inside = (times >= 0.5) & (times < 2.0)
    counts = [np.histogram(times[inside & (neuron == k)], np.arange(301) * 5e-3 + 0.5)[0] for k in range(10)]
    matrix = np.corrcoef(counts)
    expected = matrix[np.triu_indices(10, 1)].mean()
    got = mean_correlation(times, neuron, 12, start=0.5, seconds=1.5)
    assert got == pytest.approx(expected, abs=2e-3) and got > 0.04


def test_independent_trains_do_not_correlate_and_one_train_has_no_pair():
    times, neuron = train(np.random.default_rng(4), 100, 20.0, 1.0)
    assert abs(mean_correlation(times, neuron, 100, start=0.0, seconds=20.0)) < 1e-3
    assert math.isnan(mean_correlation([0.1, 0.2], [0, 0], 3, start=0.0, seconds=1.0))


def test_trains_that_cannot_be_meant():
    for arguments, text in (
        (([0.1, 0.2], [0], 1), "give one whole number for each time"),
        (([0.1], [3], 2), "counted from 0 to 1"),
        (([0.1], [0.5], 2), "give one whole number"),
    ):
        with pytest.raises(ValueError, match=text):
            interval_variation(*arguments)
    with pytest.raises(ValueError, match="ask for 2 or more"):
        interval_variation([0.1], [0], 1, least=1)
    with pytest.raises(ValueError, match="2 are needed"):
        mean_correlation([0.1], [0], 1, start=0.0, seconds=0.006)


def test_examples_in_the_docstrings():
    assert doctest.testmod(irregularity).failed == 0
