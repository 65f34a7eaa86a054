"""Poisson sources: the numbers of their generator, and the laws of their spikes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain import plain_poisson, plain_uniform
from random_networks import FEW, pairs
from reafference import Network, Poisson, Population, Simulation, run
from reafference.engine.random import exponential, uniform
from reafference.units import ms


def test_random_numbers_are_those_of_splitmix64():
    assert plain_uniform(0, 0, 0) != plain_uniform(0, 1, 0) != plain_uniform(1, 0, 0)
    for seed, neuron, count in [(0, 0, 0), (1, 2, 3), (2**63 - 1, 2**31 - 1, 10**12)]:
        expected = plain_uniform(seed, neuron, count)
        assert uniform(np.uint64(seed), np.int32(neuron), np.int64(count)) == expected
        assert exponential(np.uint64(seed), np.int32(neuron), np.int64(count)) == pytest.approx(
            -np.log(expected), rel=1e-15
        )


@settings(FEW, max_examples=15)
@given(
    seed=st.integers(0, 2**63 - 1),
    rates=st.lists(st.sampled_from([0.0, 0.5, 8.0, 300.0, 20_000.0]) | st.floats(0.1, 1e5), min_size=1, max_size=5),
    later=st.lists(st.sampled_from([0.0, 3.0, 700.0, 30_000.0]), min_size=5, max_size=5),
)
def test_poisson_spikes_are_those_of_the_plain_twin_through_changes_of_rate(seed, rates, later):
    dt, size = 0.1 * ms, len(rates)
    simulation = Simulation(
        Network(populations=[Population("p", size, Poisson(rate=np.array(rates)))]), dt=dt, seed=seed
    )
    got = pairs(simulation.advance(130 * dt))
    simulation.set_rate("p", np.array(later[:size]))
    got += pairs(simulation.advance(2000 * dt))
    changes = {130: {k: later[k] for k in range(size) if later[k] != rates[k]}}
    assert got == plain_poisson(dict(enumerate(rates)), 2130, dt=dt, seed=seed, changes=changes)


def test_poisson_counts_have_the_mean_and_variance_of_poisson():
    rates = np.repeat([2.0, 40.0, 1000.0, 20_000.0], 500)
    recording = run(Network(populations=[Population("p", rates.size, Poisson(rate=rates))]), 1.0, seed=5)
    for rate, counts in zip([2.0, 40.0, 1000.0, 20_000.0], recording.counts().reshape(4, 500), strict=True):
        error = np.sqrt(rate / 500)
        assert abs(counts.mean() - rate) < 4 * error
        assert 0.75 < counts.var(ddof=1) / rate < 1.3  # +- 4 standard errors of a variance of 500
    time, neuron = recording.time, recording.neuron
    fast = (neuron >= 1500) & (neuron < 1510)
    per_tick = np.bincount((neuron[fast] - 1500) * 10_001 + np.rint(time[fast] / (0.1 * ms)).astype(int))
    share = np.bincount(per_tick[per_tick > 0])[1:] / (10 * 10_000)
    expected = np.exp(-2.0) * np.array([2.0, 2.0, 4 / 3])  # one, two, three spikes in one tick at two a tick
    np.testing.assert_allclose(share[:3], expected, atol=0.01)


def test_intervals_of_poisson_are_exponential_and_sources_are_independent():
    recording = run(Network(populations=[Population("p", 2, Poisson(rate=50.0))]), 400.0, seed=2)
    intervals = np.diff(recording.of("p")[0][recording.neuron == 0])
    assert intervals.std() / intervals.mean() == pytest.approx(1.0, abs=0.03)
    for quantile in (0.1, 0.5, 0.9):
        assert np.quantile(intervals, quantile) == pytest.approx(-np.log(1 - quantile) / 50, rel=0.06)
    binned = [
        np.bincount((recording.time[recording.neuron == k] / 0.1).astype(int), minlength=4001)[:4000] for k in (0, 1)
    ]
    assert abs(np.corrcoef(*binned)[0, 1]) < 4 / np.sqrt(4000)
