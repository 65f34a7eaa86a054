"""How far spike trains are the same: against a plain twin, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.measure import coincidence_factor, common_spikes


def plain_shared(one, other, within):
    """Spikes of each neuron with a partner, neuron by neuron and spike by spike, all in whole milliseconds."""
    total = 0
    for who in {n for _, n in one} | {n for _, n in other}:
        mine, theirs = [t for t, n in one if n == who], [t for t, n in other if n == who]
        met_mine = sum(any(abs(t - u) <= within for u in theirs) for t in mine)
        met_theirs = sum(any(abs(t - u) <= within for t in mine) for u in theirs)
        total += min(met_mine, met_theirs)
    return total


def trains(pairs):
    return np.array([t for t, _ in pairs]) * 1e-3, np.array([n for _, n in pairs], np.int64)


spikes = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 4)), max_size=40)


@settings(max_examples=200, deadline=None)
@given(one=spikes, other=spikes, within=st.integers(0, 5))
def test_shared_spikes_are_those_of_the_plain_twin(one, other, within):
    found = common_spikes(trains(one), trains(other), within=within * 1e-3)
    assert found == (len(one), len(other), plain_shared(one, other, within))


def test_times_far_from_zero_and_many_neurons_keep_their_ticks():
    rng = np.random.default_rng(1)
    time, neuron = np.sort(rng.choice(1_000_000, 5000, replace=False)) * 1e-3 + 1e3, rng.integers(0, 100_000, 5000)
    assert common_spikes((time, neuron), (time, neuron)) == (5000, 5000, 5000)
    assert common_spikes((time, neuron), (time + 1e-3, neuron))[2] == 0
    assert common_spikes((time, neuron), (time + 1e-3, neuron), within=1e-3)[2] == 5000


def test_the_factor_is_one_for_the_same_and_about_zero_for_chance():
    rng = np.random.default_rng(2)

    def poisson():
        return rng.uniform(0, 100.0, 40_000), rng.integers(0, 20, 40_000)

    one, other = poisson(), poisson()
    assert coincidence_factor(one, one, seconds=100.0) == pytest.approx(1.0)
    assert abs(coincidence_factor(one, other, seconds=100.0)) < 0.02
    half = one[0][::2], one[1][::2]
    assert 0.6 < coincidence_factor(one, half, seconds=100.0) < 0.72  # 2/3 but for chance


def test_nobody_has_no_factor_and_bad_trains_are_refused():
    empty = np.zeros(0), np.zeros(0, np.int64)
    assert np.isnan(coincidence_factor(empty, empty, seconds=1.0))
    assert coincidence_factor(([0.5], [0]), empty, seconds=1.0) == 0.0
    with pytest.raises(ValueError, match="one whole number for each time"):
        common_spikes(([0.1], [0, 1]), empty)
    with pytest.raises(ValueError, match="below 0"):
        common_spikes(([0.1], [-1]), empty)
    with pytest.raises(ValueError, match="within"):
        common_spikes(empty, empty, within=-1.0)
