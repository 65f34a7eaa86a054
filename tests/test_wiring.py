"""Wirings keep the laws that their names promise, in one part or in many."""

from __future__ import annotations

from itertools import combinations
from math import comb
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm

from reafference import (
    AllToAll,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    FixedTotalNumber,
    LogNormal,
    LogNormalDegree,
    Normal,
    OneToOne,
)
from reafference.network.wiring import even, lognormal
from reafference.network.wiring import parts as wirings
from reafference.units import mV


@pytest.fixture(params=[50, wirings.PART], ids=["small parts", "parts"])
def any_parts(request):
    """Laws hold however large the parts are."""
    with mock.patch.object(wirings, "PART", request.param):
        yield


def connect(wiring, sources, targets, seed=0):
    source, target = wiring.connect(sources, targets, np.random.default_rng(seed))
    assert source.dtype == target.dtype == np.uint32 and source.shape == target.shape
    return source.astype(np.int64), target.astype(np.int64)


def matrix(wiring, sources, targets, seed=0):
    """Number of synapses of each pair, (sources, targets)."""
    source, target = connect(wiring, sources, targets, seed)
    return np.bincount(source * targets + target, minlength=sources * targets).reshape(sources, targets)


every_wiring = st.one_of(
    st.builds(FixedProbability, st.sampled_from([0.0, 0.01, 0.1, 0.5, 0.9, 1.0]), self_synapses=st.booleans()),
    st.builds(FixedInDegree, st.integers(0, 40), self_synapses=st.booleans()),
    st.builds(FixedTotalNumber, st.integers(0, 120), self_synapses=st.booleans()),
    st.builds(AllToAll, self_synapses=st.booleans()),
    st.builds(
        LogNormalDegree,
        sent=st.builds(LogNormal, log_mean=st.floats(-1, 4), log_sigma=st.floats(0, 1.5)),
        received=st.none() | st.builds(LogNormal, log_mean=st.just(0.0), log_sigma=st.floats(0, 1.5)),
        self_synapses=st.booleans(),
    ),
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(every_wiring, st.integers(2, 60), st.integers(2, 60), st.integers(0, 1000), st.sampled_from([5, 100, 2**16]))
def test_every_wiring_stays_inside_its_populations_and_keeps_its_word(wiring, sources, targets, seed, part):
    if not wiring.self_synapses:
        targets = sources
    with mock.patch.object(wirings, "PART", part):
        check_laws(wiring, sources, targets, seed)


def check_laws(wiring, sources, targets, seed):
    pairs = matrix(wiring, sources, targets, seed)  # bincount and reshape fail for a neuron that does not exist
    if not wiring.self_synapses:
        assert np.trace(pairs) == 0
    if isinstance(wiring, FixedProbability | AllToAll) or (
        isinstance(wiring, LogNormalDegree) and wiring.received is None
    ):
        assert pairs.max() <= 1
    if isinstance(wiring, FixedInDegree):
        assert set(pairs.sum(axis=0)) == {wiring.degree}
    if isinstance(wiring, FixedTotalNumber):
        assert pairs.sum() == wiring.number
    np.testing.assert_array_equal(pairs, matrix(wiring, sources, targets, seed))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(every_wiring | st.just(OneToOne()), st.integers(2, 60), st.integers(0, 1000))
def test_every_part_can_be_drawn_alone_and_reaches_only_what_it_says(wiring, size, seed):
    with mock.patch.object(wirings, "PART", 60):
        parts = wiring.parts(size, size, np.random.default_rng(seed))
        again = wiring.parts(size, size, np.random.default_rng(seed))
        assert again.count == parts.count
        ends = []
        for part in reversed(range(parts.count)):
            source, target = parts.draw(part, np.random.default_rng([seed, part]))
            for one, other in zip((source, target), again.draw(part, np.random.default_rng([seed, part])), strict=True):
                np.testing.assert_array_equal(one, other)
            assert source.size <= 60 + 3 * size  # about PART: a part ends with a whole source or target
            if parts.reach is not None:
                low, high = parts.reach(part)
                assert ((low <= target) & (target < high)).all()
                ends += [high, low]
        if parts.reach is not None and ends:
            assert ends[0] == size and ends[-1] == 0 and ends[1:-1:2] == ends[2::2]  # all targets, each once


def test_user_arrays_follow_the_source_in_all_to_all():
    source, target = connect(AllToAll(), 3, 4)
    assert (source * 4 + target).tolist() == list(range(12))


@pytest.mark.usefixtures("any_parts")
@pytest.mark.parametrize("self_synapses", [True, False])
@pytest.mark.parametrize("probability", [0.02, 0.3, 0.8])
def test_each_pair_is_connected_with_the_probability(probability, self_synapses):
    wiring, size, times = FixedProbability(probability, self_synapses=self_synapses), 40, 400
    total = sum(matrix(wiring, size, size, seed) for seed in range(times))
    share = total[~np.eye(size, dtype=bool)] / times
    error = np.sqrt(probability * (1 - probability) / times)
    assert abs(share.mean() - probability) < 4 * error / size
    assert share.std() == pytest.approx(error, rel=0.1)  # each pair alike, apart from chance
    assert np.abs(share - probability).max() < 5.5 * error


@pytest.mark.usefixtures("any_parts")
def test_pairs_are_independent_of_each_other():
    degrees = matrix(FixedProbability(0.1), 2000, 500)
    for axis, of in ((1, 500), (0, 2000)):
        assert degrees.sum(axis=axis).mean() == pytest.approx(0.1 * of, rel=0.01)
        assert degrees.sum(axis=axis).var() == pytest.approx(0.09 * of, rel=0.2)


@pytest.mark.usefixtures("any_parts")
def test_in_degrees_are_exact_and_sources_are_drawn_evenly():
    pairs = matrix(FixedInDegree(30), 200, 1000)
    assert set(pairs.sum(axis=0)) == {30}
    sent = pairs.sum(axis=1)
    assert sent.var() == pytest.approx(30_000 * (1 / 200) * (1 - 1 / 200), rel=0.35)
    alone = matrix(FixedInDegree(30, self_synapses=False), 200, 200)
    assert np.trace(alone) == 0 and set(alone.sum(axis=0)) == {30}
    assert alone.sum(axis=1)[[0, 199]].tolist() == pytest.approx(
        [30, 30], abs=25
    )  # skipping the own index shuts nobody out


@pytest.mark.usefixtures("any_parts")
@pytest.mark.parametrize("self_synapses", [True, False])
@pytest.mark.parametrize(("sources", "targets"), [(12, 7), (5, 12), (9, 9)])
def test_of_a_total_number_every_pair_has_the_same_part(sources, targets, self_synapses):
    wiring, times = FixedTotalNumber(300, self_synapses=self_synapses), 300
    drawn = np.array([matrix(wiring, sources, targets, seed) for seed in range(times)])
    allowed = np.ones((sources, targets), bool)
    if not self_synapses:
        np.fill_diagonal(allowed, False)
    assert (drawn.sum(axis=(1, 2)) == 300).all() and not drawn[:, ~allowed].any()
    chance = 1 / allowed.sum()
    variance = 300 * chance * (1 - chance)
    error = np.sqrt(variance / times)
    assert np.abs(drawn.mean(axis=0)[allowed] - 300 * chance).max() < 4.5 * error
    assert drawn[:, allowed].var(axis=0).mean() == pytest.approx(variance, rel=0.05)
    half = drawn[:, :, : targets // 2].sum(axis=(1, 2))  # synapses of a block are not fixed in number
    part = allowed[:, : targets // 2].sum() * chance
    assert half.var() == pytest.approx(300 * part * (1 - part), rel=0.35)


@pytest.mark.usefixtures("any_parts")
def test_one_to_one_and_all_to_all():
    np.testing.assert_array_equal(matrix(OneToOne(), 7, 7), np.eye(7))
    np.testing.assert_array_equal(matrix(AllToAll(), 3, 5), np.ones((3, 5)))
    np.testing.assert_array_equal(matrix(AllToAll(self_synapses=False), 4, 4), 1 - np.eye(4))
    with pytest.raises(ValueError, match="OneToOne needs populations of one size, got 3 sources and 4 targets"):
        connect(OneToOne(), 3, 4)


@pytest.mark.usefixtures("any_parts")
def test_an_edge_list_is_taken_as_it_is():
    edges = EdgeList(source=np.array([2, 0, 2, 2]), target=np.array([1, 1, 0, 1]))
    source, target = connect(edges, 3, 2)
    assert source.tolist() == [2, 0, 2, 2] and target.tolist() == [1, 1, 0, 1]


@pytest.mark.usefixtures("any_parts")
@pytest.mark.parametrize("received", [None, LogNormal(log_mean=0.0, log_sigma=0.7)])
def test_degrees_are_log_normal(received):
    sent = LogNormal(log_mean=np.log(200), log_sigma=0.6)
    pairs = matrix(LogNormalDegree(sent=sent, received=received), 1500, 3000)
    out = np.log(pairs.sum(axis=1))
    assert out.mean() == pytest.approx(np.log(200), abs=4 * 0.6 / np.sqrt(1500))
    assert out.std() == pytest.approx(0.6, rel=0.08)
    into = pairs.sum(axis=0)
    if received is None:
        assert pairs.max() == 1
        assert into.var() / into.mean() == pytest.approx(1.0, abs=0.15)  # all targets alike, but for chance
    else:
        assert np.log(into).std() == pytest.approx(0.7, rel=0.08)


@pytest.mark.usefixtures("any_parts")
def test_out_degrees_end_at_all_targets():
    pairs = matrix(LogNormalDegree(sent=LogNormal(log_mean=6.0, log_sigma=2.0)), 300, 50)
    assert pairs.sum(axis=1).max() == 50 and pairs.max() == 1


def test_log_normal_with_a_mean_has_that_mean_and_sign():
    rng = np.random.default_rng(0)
    for mean in (2 * mV, -2 * mV):
        values = LogNormal.with_mean(mean, log_sigma=0.8).sample(rng, 200_000)
        assert values.mean() == pytest.approx(mean, rel=0.02) and np.log(np.abs(values)).std() == pytest.approx(
            0.8, rel=0.02
        )


@pytest.mark.usefixtures("any_parts")
@pytest.mark.parametrize(
    "wiring",
    [
        FixedProbability(0.03),
        FixedInDegree(11),
        FixedTotalNumber(4321),
        LogNormalDegree(sent=LogNormal(log_mean=3.0, log_sigma=0.5)),
        LogNormalDegree(sent=LogNormal(log_mean=5.0, log_sigma=1.5, scale=0.5)),
        AllToAll(),
        OneToOne(),
    ],
    ids=lambda wiring: type(wiring).__name__,
)
def test_the_expected_number_of_synapses_is_that_of_the_drawn_ones(wiring):
    drawn = np.mean([connect(wiring, 300, 300, seed)[0].size for seed in range(10)])
    assert wiring.expected(300, 300) == pytest.approx(drawn, rel=0.04)


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
def test_distinct_targets_are_every_subset_alike(degree):
    """Few and crowded: all subsets of five targets are drawn evenly."""
    times, subsets = 60_000, list(combinations(range(5), degree))
    target = lognormal.distinct(np.full(times, degree), 5, np.random.default_rng(degree)).reshape(times, degree)
    counts = np.array([(target == subset).all(axis=1).sum() for subset in subsets])
    assert counts.sum() == times and len(subsets) == comb(5, degree)
    expected = times / len(subsets)
    assert ((counts - expected) ** 2 / expected).sum() < 30  # chi square of at most 9 degrees of freedom, p > 4e-4


def test_geometric_gaps_choose_each_number_alike():
    times, count, probability = 4000, 30, 0.23
    rng = np.random.default_rng(2)
    drawn = [even.chosen(count, probability, rng) for _ in range(times)]
    assert all((np.diff(numbers) > 0).all() for numbers in drawn)
    taken = np.bincount(np.concatenate(drawn), minlength=count)
    assert taken.size == count
    error = np.sqrt(times * probability * (1 - probability))
    assert np.abs(taken - times * probability).max() < 4 * error
    both = np.bincount(np.concatenate([numbers[1:] for numbers in drawn if 0 in numbers[:1]]), minlength=count)
    assert np.abs(both[1:] - taken[0] * probability).max() < 4 * np.sqrt(taken[0] * probability * (1 - probability))
    assert even.chosen(10, 0.0, rng).size == 0 and even.chosen(10, 1.0, rng).tolist() == list(range(10))
    assert even.chosen(2**50, 1e-300, rng).size == 0


def test_hubs_are_drawn_in_proportion_to_their_attraction():
    weight = np.array([1.0, 0.0, 5.0, 1e-9, 2.0, 2.0])
    drawn = np.bincount(lognormal.Attraction(weight).sample(100_000, np.random.default_rng(0)), minlength=6)
    np.testing.assert_allclose(drawn / 100_000, weight / weight.sum(), atol=4 * np.sqrt(0.25 / 100_000))
    assert drawn[1] == 0


def test_without_self_synapses_targets_beyond_the_sources_lose_nobody():
    sent = sum(matrix(FixedInDegree(2, self_synapses=False), 3, 9, seed) for seed in range(200))
    assert np.trace(sent) == 0 and (sent[:, 3:] > 0).all()
    assert sent[:, 3:].sum(axis=1).std() < 0.1 * sent[:, 3:].sum(axis=1).mean()


def test_the_mean_of_a_log_normal_that_is_cut():
    for law in (LogNormal(log_mean=1.0, log_sigma=1.2, scale=3.0), LogNormal(log_mean=2.0, log_sigma=0.0)):
        values = law.sample(np.random.default_rng(0), 400_000)
        for limit in (0.5, 6.0, 50.0):
            assert law.mean_below(limit) == pytest.approx(np.minimum(values, limit).mean(), rel=0.01)


@pytest.mark.parametrize(
    ("mean", "std", "low", "high"),
    [
        (1.5, 0.75, 0.05, np.inf),
        (-4.0, 0.4, -np.inf, 0.0),
        (0.0, 1.0, -0.3, 2.0),
        (0.0, 1.0, 2.0, 3.0),
        (1.0, 0.0, 0, 2),
    ],
)
def test_normal_values_follow_the_law_between_their_bounds(mean, std, low, high):
    values = Normal(mean=mean, std=std, low=low, high=high).sample(np.random.default_rng(0), 40_000)
    assert values.shape == (40_000,) and low <= values.min() and values.max() <= high
    if std == 0.0:
        assert (values == mean).all()
        return
    law = truncnorm((low - mean) / std, (high - mean) / std, loc=mean, scale=std)
    assert kstest(values, law.cdf).pvalue > 1e-3
    assert np.unique(values).size == values.size  # what is drawn again is not drawn twice the same
