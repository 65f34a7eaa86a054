"""Wirings keep the laws that their names promise, and take the memory that they say."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference import (
    AllToAll,
    CurrentLIF,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    LogNormal,
    LogNormalDegree,
    Network,
    OneToOne,
    Population,
    Projection,
    Simulation,
    ThreeFactor,
    Uniform,
)
from reafference.engine import build
from reafference.units import ms, mV


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
    st.builds(AllToAll, self_synapses=st.booleans()),
    st.builds(
        LogNormalDegree,
        sent=st.builds(LogNormal, log_mean=st.floats(-1, 4), log_sigma=st.floats(0, 1.5)),
        received=st.none() | st.builds(LogNormal, log_mean=st.just(0.0), log_sigma=st.floats(0, 1.5)),
        self_synapses=st.booleans(),
    ),
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(every_wiring, st.integers(2, 60), st.integers(2, 60), st.integers(0, 1000))
def test_every_wiring_stays_inside_its_populations_and_keeps_its_word(wiring, sources, targets, seed):
    if not wiring.self_synapses:
        targets = sources
    pairs = matrix(wiring, sources, targets, seed)  # bincount and reshape fail for a neuron that does not exist
    if not wiring.self_synapses:
        assert np.trace(pairs) == 0
    if isinstance(wiring, FixedProbability | AllToAll) or (
        isinstance(wiring, LogNormalDegree) and wiring.received is None
    ):
        assert pairs.max() <= 1
    if isinstance(wiring, FixedInDegree):
        assert set(pairs.sum(axis=0)) == {wiring.degree}
    np.testing.assert_array_equal(pairs, matrix(wiring, sources, targets, seed))


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


def test_pairs_are_independent_of_each_other():
    degrees = matrix(FixedProbability(0.1), 2000, 500)
    for axis, of in ((1, 500), (0, 2000)):
        assert degrees.sum(axis=axis).mean() == pytest.approx(0.1 * of, rel=0.01)
        assert degrees.sum(axis=axis).var() == pytest.approx(0.09 * of, rel=0.2)


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


def test_one_to_one_and_all_to_all():
    np.testing.assert_array_equal(matrix(OneToOne(), 7, 7), np.eye(7))
    np.testing.assert_array_equal(matrix(AllToAll(), 3, 5), np.ones((3, 5)))
    np.testing.assert_array_equal(matrix(AllToAll(self_synapses=False), 4, 4), 1 - np.eye(4))
    with pytest.raises(ValueError, match="OneToOne needs populations of one size, got 3 sources and 4 targets"):
        connect(OneToOne(), 3, 4)


def test_an_edge_list_is_taken_as_it_is():
    edges = EdgeList(source=np.array([2, 0, 2, 2]), target=np.array([1, 1, 0, 1]))
    source, target = connect(edges, 3, 2)
    assert source.tolist() == [2, 0, 2, 2] and target.tolist() == [1, 1, 0, 1]


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


@pytest.mark.parametrize(
    "wiring",
    [
        FixedProbability(0.03),
        FixedInDegree(11),
        LogNormalDegree(sent=LogNormal(log_mean=3.0, log_sigma=0.5)),
        AllToAll(),
        OneToOne(),
    ],
    ids=lambda wiring: type(wiring).__name__,
)
def test_the_expected_number_of_synapses_is_that_of_the_drawn_ones(wiring):
    drawn = np.mean([connect(wiring, 300, 300, seed)[0].size for seed in range(10)])
    assert wiring.expected(300, 300) == pytest.approx(drawn, rel=0.04)


# --- in a network ---------------------------------------------------------------------------------------------------


def recurrent(size, degree, **options):
    cells = Population("cells", size, CurrentLIF())
    options = {"weight": 1 * mV} | options
    return Network(populations=[cells], projections=[Projection(cells, cells, FixedInDegree(degree), **options)])


def test_each_projection_has_its_own_random_numbers():
    cells = Population("cells", 50, CurrentLIF())
    rule = ThreeFactor(rate=0.0)
    first = Projection(
        cells, cells, FixedProbability(0.2), weight=Uniform(low=0.0, high=1 * mV), plasticity=rule, name="first"
    )
    second = Projection(
        cells, cells, FixedProbability(0.2), weight=Uniform(low=0.0, high=1 * mV), plasticity=rule, name="second"
    )
    alone = Simulation(Network(populations=[cells], projections=[first]), seed=3)
    together = Simulation(Network(populations=[cells], projections=[first, second]), seed=3)
    np.testing.assert_array_equal(alone.weights("first"), together.weights("first"))
    assert together.weights("first").tobytes() != together.weights("second").tobytes()
    assert alone.weights("first").tobytes() != Simulation(alone.network, seed=4).weights("first").tobytes()


def test_memory_of_a_thousand_neurons_with_a_hundred_synapses_each():
    simulation = Simulation(recurrent(1000, 100))
    assert simulation.synapses == 100_000
    # 12 bytes of target and weight, 0.22 of segments and sources, 0.7 of the calendar, which does not grow with them.
    assert 12.0 < simulation.bytes_per_synapse < 13.0


@pytest.mark.parametrize(
    "options",
    [{}, {"weight": LogNormal.with_mean(1 * mV, log_sigma=1.0), "delay": Uniform(low=1 * ms, high=3 * ms)}],
    ids=["one", "drawn"],
)
def test_the_stated_memory_is_what_is_taken(options):
    network = recurrent(3000, 200, **options)
    Simulation(network)  # whatever is loaded only once
    tracemalloc.start()
    simulation = Simulation(network)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    besides = 1.5e6 + 3000 * 200  # buffers of spikes, tables, neurons
    assert abs(now - simulation.bytes_per_synapse * simulation.synapses) < besides
    assert peak < build.BUILD_BYTES * simulation.synapses + besides
