"""Measures against the laws that define them."""

import doctest
import math

import numpy as np
import pytest
from scipy import stats

from reafference.measure import (
    adaptation,
    cancellation,
    cancelled_command,
    cancelled_variance,
    d_prime,
    d_prime_error,
    detection,
    fit_lognormal,
    gini,
    half_share,
    half_time,
    inequality,
    smallest_detected,
)


def phi(z: float) -> float:
    return float(stats.norm.cdf(z))


# --- inequality -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.3, 0.8416, 1.0, 1.2816])
def test_inequality_of_a_lognormal_population_follows_its_lorenz_curve(sigma):
    # Quantiles instead of random numbers: the law then holds without a seed.
    rates = stats.lognorm.ppf((np.arange(200_000) + 0.5) / 200_000, sigma)
    assert half_share(rates) == pytest.approx(phi(-sigma), abs=0.002)
    assert gini(rates) == pytest.approx(2 * phi(sigma / math.sqrt(2)) - 1, abs=0.002)


def test_equal_neurons_need_half_of_themselves_and_a_single_talker_only_itself():
    assert half_share(np.full(10, 0.1)) == 0.5
    assert gini(np.full(10, 0.1)) == pytest.approx(0)
    assert half_share([0, 0, 0, 7, 0]) == 0.2
    assert gini([0, 0, 0, 7, 0]) == pytest.approx(1 - 1 / 5)


def test_half_share_is_the_fewest_neurons_that_make_half():
    rng = np.random.default_rng(1)
    for _ in range(20):
        counts = rng.poisson(rng.lognormal(0, 1.5, 30))
        if counts.sum() == 0:
            continue
        fewest = round(half_share(counts) * 30)
        falling = sorted(counts.tolist(), reverse=True)
        assert 2 * sum(falling[:fewest]) >= counts.sum() > 2 * sum(falling[: fewest - 1])


def test_gini_is_half_the_mean_difference_over_the_mean():
    counts = np.random.default_rng(2).poisson(3, 50).astype(float)
    differences = np.abs(counts[:, None] - counts[None, :]).mean()
    assert gini(counts) == pytest.approx(differences / (2 * counts.mean()))


def test_silent_neurons_make_inequality_larger():
    counts = np.array([5.0, 4, 3, 2])
    padded = np.concatenate([counts, np.zeros(4)])
    assert half_share(padded) == half_share(counts) / 2
    assert gini(padded) > gini(counts)


def test_lognormal_fit_finds_the_population_and_counts_the_silent():
    rng = np.random.default_rng(3)
    fit = fit_lognormal(np.concatenate([rng.lognormal(math.log(1.7), 0.9, 20_000), np.zeros(321)]))
    assert fit.log_mean == pytest.approx(math.log(1.7), abs=0.03)
    assert fit.log_sigma == pytest.approx(0.9, abs=0.02)
    assert (fit.active, fit.silent) == (20_000, 321)
    assert fit.ks_distance < 0.01
    assert fit.half_share == pytest.approx(phi(-fit.log_sigma))
    assert "321 silent" in str(fit)
    assert "log-normal fits better" in str(fit)


@pytest.mark.parametrize("shape", [0.3, 2.0, 40.0])
def test_fit_agrees_with_scipy_on_both_distributions(shape):
    rates = np.random.default_rng(4).gamma(shape, 1.5, 400)
    fit = fit_lognormal(rates)
    gamma = stats.gamma.logpdf(rates, *stats.gamma.fit(rates, floc=0)).sum()
    sigma, _, scale = stats.lognorm.fit(rates, floc=0)
    log_normal = stats.lognorm.logpdf(rates, sigma, 0, scale).sum()
    assert fit.gamma_disfavour == pytest.approx(2 * (log_normal - gamma), rel=1e-3, abs=1e-3)
    assert fit.ks_distance == pytest.approx(stats.kstest(rates, stats.lognorm(sigma, 0, scale).cdf).statistic, abs=1e-4)
    assert "gamma fits better" in str(fit)


# --- cancellation -----------------------------------------------------------------------------------------------------


def test_cancelled_variance_of_known_predictions():
    sensed = np.random.default_rng(5).normal(size=(5000, 1)) * [1.0, 3.0, 10.0, 1.0]
    predicted = sensed * [1.0, 0.5, 0.0, -1.0]
    assert cancelled_variance(sensed, predicted) == pytest.approx([1, 0.75, 0, -3])


def test_a_constant_offset_of_the_prediction_costs_nothing_and_noise_costs_its_variance():
    rng = np.random.default_rng(6)
    sensed = rng.normal(size=100_000)
    predicted = sensed + 5 + rng.normal(scale=0.3, size=100_000)
    assert cancelled_variance(sensed, predicted) == pytest.approx([1 - 0.09], abs=0.002)


def test_a_sense_that_never_changed_has_no_share():
    sensed = np.column_stack([np.full(7, 0.1), np.arange(7)])
    share = cancelled_variance(sensed, np.zeros((7, 2)))
    assert np.isnan(share[0])
    assert share[1] == 0


def test_cancelled_command_is_the_part_that_only_the_copy_could_explain():
    rng = np.random.default_rng(7)
    state, command, noise = rng.normal(size=(3, 200_000, 2)) * np.array([5.0, 1.0, 0.5])[:, None, None]
    sensed = state + command + noise
    cut = sensed - state
    own = sensed - state - 0.9 * command
    # The command makes 1 of the 1.25 that the twin leaves over; a tenth of its amplitude remains, and all of the noise.
    assert cancelled_command(own, cut) == pytest.approx([1 - 0.26 / 1.25] * 2, abs=0.01)
    assert cancelled_command(cut, cut) == pytest.approx([0, 0])
    assert (cancelled_variance(sensed, state) > 0.9).all()


# --- detection --------------------------------------------------------------------------------------------------------


def test_d_prime_of_two_gaussians():
    rng = np.random.default_rng(8)
    signal, noise = rng.normal(3, 2, 200_000), rng.normal(0, 1, 100_000)
    assert d_prime(signal, noise) == pytest.approx(3 / math.sqrt(2.5), abs=0.02)
    assert d_prime(noise, signal) == pytest.approx(-d_prime(signal, noise))
    assert d_prime(7 * signal + 3, 7 * noise + 3) == pytest.approx(d_prime(signal, noise))


def test_d_prime_error_is_the_spread_over_repeated_experiments():
    rng = np.random.default_rng(9)
    found = [(rng.normal(2, 1.5, 60), rng.normal(0, 1, 40)) for _ in range(3000)]
    spread = np.std([d_prime(*trials) for trials in found])
    assert np.mean([d_prime_error(*trials) for trials in found]) == pytest.approx(spread, rel=0.06)


def test_smallest_detected_interpolates_a_linear_curve():
    sizes = np.array([0.25, 0.5, 1.0, 2.0])
    for slope in (0.6, 1.1, 1.9, 3.0, 5.0):
        assert smallest_detected(sizes, slope * sizes) == pytest.approx(1 / slope)
        assert smallest_detected(sizes, slope * sizes, criterion=0.3) == pytest.approx(0.3 / slope)


def test_smallest_detected_takes_the_first_crossing_and_says_none_when_there_is_none():
    assert smallest_detected([1, 2, 3, 4], [0, 2, 0, 2]) == 1.5
    assert smallest_detected([0, 1], [1.0, 1.0]) == 0
    assert smallest_detected([1, 2, 3], [-1, 0.5, 0.99]) is None


# --- adaptation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("change", [0.0, 12.0])
def test_half_time_of_an_exponential_does_not_depend_on_the_window(window, change):
    time = np.arange(0, 100, 0.05)
    error = np.where(time < change, 0.05, 4 * np.exp(-(time - change) / 8.0))
    found = half_time(time, error, window=window, change=change)
    assert found == pytest.approx(8.0 * math.log(2), abs=0.01)


def test_half_time_survives_the_noise_of_squared_errors():
    time = np.arange(0, 120, 0.05)
    found = []
    for seed in range(40):
        noise = np.random.default_rng(seed).chisquare(1, time.size)
        found.append(half_time(time, noise * np.exp(-time / 20), window=5.0))
    assert np.median(found) == pytest.approx(20 * math.log(2), rel=0.12)
    assert min(found) > 7


def test_one_lucky_dip_is_not_adaptation():
    time = np.arange(0, 60, 0.1)
    error = np.ones_like(time)
    error[(time >= 10) & (time < 10.8)] = 0
    assert half_time(time, error, window=1.0) is None
    error[time >= 30] = 0.2
    assert half_time(time, error, window=1.0) == pytest.approx(29.625, abs=0.11)


def test_half_time_is_none_for_an_error_that_stays_or_fell_too_late_to_be_sure():
    time = np.arange(0, 50, 0.1)
    assert half_time(time, np.ones_like(time), window=2.0) is None
    assert half_time(time, np.where(time < 49, 1.0, 0.0), window=2.0) is None


def test_half_time_with_a_level_known_from_elsewhere():
    time = np.arange(0, 50, 0.01)
    error = 10 - 0.1 * time
    assert half_time(time, error, window=0.1, level_at_change=18.0) == pytest.approx(10.0, abs=0.1)
    assert half_time(time, error, window=0.1, level_at_change=40.0) == 0


@pytest.mark.parametrize(
    "module", [adaptation, cancellation, detection, inequality], ids=lambda module: module.__name__
)
def test_the_examples_in_the_documentation_run(module):
    ran = doctest.testmod(module)
    assert ran.attempted > 0
    assert ran.failed == 0


# --- bad input --------------------------------------------------------------------------------------------------------

BAD = [
    (lambda: half_share([]), r"counts has shape \(0,\)"),
    (lambda: half_share([[1, 2]]), r"counts has shape \(1, 2\); it needs 1 dimension"),
    (lambda: half_share([1, float("nan")]), r"counts\[1\] is nan; 1 of 2"),
    (lambda: half_share(["many"]), "not an array of numbers"),
    (lambda: gini([1, -3]), r"counts\[1\] = -3 is negative"),
    (lambda: gini([0, 0]), "all 2 neurons are silent"),
    (lambda: fit_lognormal([0, 1, 2, 2]), "2 different positive value"),
    (lambda: fit_lognormal([1, 1 + 1e-6, 1 + 2e-6]), "no width to fit"),
    (lambda: cancelled_variance([[1, 2], [3, 4]], [1, 2]), r"shape \(2, 2\) and predicted \(2, 1\)"),
    (lambda: cancelled_variance([1], [1]), "at least 2"),
    (lambda: cancelled_command([[1, 2], [3, math.inf]], [[1, 2], [3, 4]]), r"residual_own\[\(1, 1\)\] is inf"),
    (lambda: d_prime([1], [1, 2]), "signal has shape"),
    (lambda: d_prime([1, 1], [2, 2]), "signal is always 1 and noise always 2"),
    (lambda: d_prime_error([1, 2], [math.nan, 2]), r"noise\[0\] is nan"),
    (lambda: smallest_detected([1, 2], [1]), "one d' per size"),
    (lambda: smallest_detected([2, 1], [1, 2]), "rise strictly"),
    (lambda: smallest_detected([-1, 1], [1, 2]), "start at 0"),
    (lambda: smallest_detected([1, 2], [1, 2], criterion=0), "criterion = 0"),
    (lambda: half_time([0, 1, 2], [1, 2], window=1), "one error per point"),
    (lambda: half_time([0, 1, 1], [1, 2, 3], window=1), "rise strictly"),
    (lambda: half_time([0, 1, 2], [1, 2, 3], window=0), "window = 0 s"),
    (lambda: half_time([0, 1, 2], [1, 2, 3], window=20), "longer than the 3 s"),
    (lambda: half_time([0, 1, 2], [1, 2, 3], window=1, change=9), "longer than the 0 s"),
    (lambda: half_time([0, 1, 2], [0, 0, 0], window=1), "defined only above 0"),
]


@pytest.mark.parametrize(("call", "says"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
