"""Unreliable synapses against their plain twin, and against the probabilities that they were given.

All networks here are ConductanceLIF cells and spike trains, so that the kernels are compiled once for all.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from in_ranks import in_ranks, merged
from plain_neurons import PlainConductance
from plain_release import FailingSynapse
from plain_short_term import TiringSynapse
from random_networks import FEW, pairs
from reafference import (
    AllToAll,
    ConductanceLIF,
    EdgeList,
    LogNormal,
    Network,
    OneToOne,
    PoissonInput,
    Population,
    Projection,
    Release,
    Simulation,
    SpikeTrain,
    ThreeFactor,
    TsodyksMarkram,
    Watch,
)
from reafference.engine import memory
from reafference.engine.unreliable import Reliable, Unreliable
from reafference.units import ms

DT = 0.1 * ms
CELL = ConductanceLIF(tau_e=2 * ms, tau_i=3 * ms, refractory=0.3 * ms)


def random_network(seed):
    """(network, synapses of its twin); some weights are equal, some their own, and not every projection fails."""
    rng = np.random.default_rng(seed)
    sizes = {"trains": 7, "cells": int(rng.integers(2, 12))}
    spikes = 150
    trains = SpikeTrain(time=rng.integers(1, 650, spikes) * DT, neuron=rng.integers(0, 7, spikes))
    populations = {"trains": Population("trains", 7, trains), "cells": Population("cells", sizes["cells"], CELL)}
    first, projections, synapses = {"trains": 0, "cells": 7}, [], []
    releases = [None, Release(probability=float(rng.uniform(0.2, 1))), Release(half=float(rng.uniform(0.1, 2)))]
    for number, (name, source) in enumerate([("a", "trains"), ("b", "trains"), ("c", "cells"), ("d", "cells")]):
        count = int(rng.integers(1, 40))
        s, t = rng.integers(0, sizes[source], count), rng.integers(0, sizes["cells"], count)
        own = rng.random() < 0.5
        weight = rng.lognormal(0, 1, count) * rng.choice([1, 1, -1], count) if own else float(rng.choice([1.5, -2.0]))
        delay = rng.integers(1, 20, count) if rng.random() < 0.5 else np.full(count, 5)
        release = releases[number % 3]
        projections.append(
            Projection(
                populations[source],
                populations["cells"],
                EdgeList(source=s, target=t),
                weight=weight,
                delay=delay * DT,
                release=release,
                name=name,
            )
        )
        rule = {} if release is None else {"probability": release.probability, "half": release.half}
        each = zip(s.tolist(), t.tolist(), np.broadcast_to(weight, count).tolist(), delay.tolist(), strict=True)
        synapses += [
            FailingSynapse(
                first[source] + i, 7 + j, w, d, seed=seed, projection=number, **(rule or {"probability": 2.0})
            )
            for i, j, w, d in each
        ]
    return Network(populations=list(populations.values()), projections=projections), synapses


def plain_spikes(network, synapses, ticks):
    """(tick, neuron) of all spikes."""
    trains, cells = network.populations
    emitted, arriving, outgoing, spikes = defaultdict(list), defaultdict(list), defaultdict(list), []
    for time, neuron in zip(trains.kind.time, trains.kind.neuron, strict=True):
        emitted[round(time / DT)].append(int(neuron))
    for synapse in synapses:
        outgoing[synapse.source].append(synapse)
    names = ("tau", "tau_e", "tau_i", "rest", "reversal_e", "reversal_i", "threshold", "reset", "resistance")
    own = {name: getattr(CELL, name) for name in names}
    neurons = {7 + k: PlainConductance(DT, **own, refractory=3, v=CELL.rest) for k in range(cells.size)}
    for tick in range(1, ticks + 1):
        fired = list(emitted[tick])
        for neuron in neurons.values():
            neuron.advance(tick, 0.0)
        for synapse in arriving.pop(tick, []):
            neurons[synapse.target].receive(synapse.act(tick), tick)
        fired += [number for number, neuron in neurons.items() if neuron.spikes(tick)]
        for number in sorted(fired):
            spikes.append((tick, number))
            for synapse in outgoing[number]:
                arriving[tick + synapse.delay].append(synapse)
    return spikes, neurons


@settings(FEW, max_examples=12)
@given(seed=st.integers(0, 2**31), threads=st.sampled_from([1, 2]))
def test_spikes_and_conductances_are_those_of_the_plain_twin(seed, threads):
    network, synapses = random_network(seed)
    simulation = Simulation(network, dt=DT, seed=seed, threads=threads)
    got = pairs(simulation.advance(700 * DT))
    expected, neurons = plain_spikes(network, synapses, 700)
    assert got == expected
    for name in ("g_e", "g_i", "v"):
        np.testing.assert_allclose(
            simulation.read("cells", name), [getattr(n, name) for n in neurons.values()], rtol=1e-9, atol=1e-14
        )


def test_threads_ranks_and_cuts_change_no_bit(tmp_path):
    for seed in (1, 2, 3):
        network, _ = random_network(seed)
        expected = pairs(Simulation(network, dt=DT, seed=seed).advance(700 * DT))
        assert any(neuron >= 7 for _, neuron in expected)
        assert pairs(Simulation(network, dt=DT, seed=seed, threads=3).advance(700 * DT)) == expected
        parts = in_ranks(2, lambda link, n=network, s=seed: Simulation(n, dt=DT, seed=s, comm=link).advance(700 * DT))
        assert merged(parts) == expected
        first, second = (Simulation(network, dt=DT, seed=seed) for _ in range(2))
        early = pairs(first.advance(333 * DT))
        first.save(tmp_path / str(seed))
        second.restore(tmp_path / str(seed))
        assert early + pairs(second.advance(367 * DT)) == expected
        assert pairs(Simulation(network, dt=DT, seed=seed + 100).advance(700 * DT)) != expected


# --- how often --------------------------------------------------------------------------------------------------------


def passed(weight, release, *, sources=40, targets=50, spikes=100, seed=5, **options):
    """Which events pass, (spikes, sources, targets) bool: one source spikes at a time, targets forget within a tick."""
    ticks = np.arange(1, spikes * sources + 1)
    train = SpikeTrain(time=ticks * DT, neuron=(ticks - 1) % sources)
    cells = Population("cells", targets, ConductanceLIF(tau_e=1e-7, tau_i=1e-7, threshold=0.5, reversal_e=0.0))
    trains = Population("trains", sources, train)
    projection = Projection(trains, cells, AllToAll(), weight=weight, delay=DT, release=release, **options)
    watch = [Watch(population="cells", variable="g_e")]
    simulation = Simulation(Network(populations=[trains, cells], projections=[projection]), seed=seed, watch=watch)
    simulation.advance((ticks.size + 1) * DT)
    value = simulation.recording().traces["cells.g_e"].value[1:]
    return (value > 1e-12).reshape(spikes, sources, targets), value.reshape(spikes, sources, targets)


@pytest.mark.parametrize("release", [Release(probability=0.3), Release(half=0.5), Release(probability=0.8, half=2.0)])
def test_events_pass_as_often_as_they_should(release):
    """For each of 50 weights a binomial test; together they reject once in a thousand times if all is well."""
    weight = np.geomspace(0.01, 20, 50)
    events, value = passed(np.tile(weight, 40), release)
    expected = release.probability * weight / (weight + release.half)
    chances = [
        stats.binomtest(int(number), 4000, p).pvalue for number, p in zip(events.sum((0, 1)), expected, strict=True)
    ]
    assert min(chances) > 1e-3 / 50, (min(chances), np.round(events.mean((0, 1)), 3), np.round(expected, 3))
    assert np.allclose(value[events], np.broadcast_to(weight, value.shape)[events]), "what passes acts with its weight"


def test_events_know_nothing_of_each_other():
    """Correlations between targets, between sources and between successive events are those of independent draws."""
    events, _ = passed(1.0, Release(probability=0.5))
    free = events - 0.5
    for axis in range(3):
        near, far = np.take(free, range(1, free.shape[axis]), axis), np.take(free, range(free.shape[axis] - 1), axis)
        z = 4 * (near * far).mean() * math.sqrt(near.size)
        assert abs(z) < 4, (axis, z)
    for axes in ((0, 1), (0, 2), (1, 2)):  # sums scatter as binomials do, whatever they run over
        sums = events.sum(axes)
        count = events.size / sums.size
        chi = ((sums - count / 2) ** 2 / (count / 4)).sum()
        assert 1e-4 < stats.chi2.cdf(chi, sums.size) < 1 - 1e-4, axes


def test_certain_and_impossible_events():
    weight = np.where(np.arange(2000) % 2, 1.0, 0.0)
    events, _ = passed(weight, Release(), spikes=20)
    assert events.reshape(20, -1).all(0).tolist() == (weight > 0).tolist()


def test_two_projections_with_one_wiring_fail_apart():
    """Otherwise what one of them lets pass would tell what the other does."""
    trains = Population("trains", 1, SpikeTrain(time=np.arange(1, 2001) * DT, neuron=np.zeros(2000, int)))
    cells = Population("cells", 1, ConductanceLIF(tau_e=1e-7, threshold=0.5))
    both = [
        Projection(trains, cells, OneToOne(), weight=w, delay=DT, release=Release(probability=0.5), name=n)
        for w, n in ((1.0, "a"), (10.0, "b"))
    ]
    watch = [Watch(population="cells", variable="g_e")]
    simulation = Simulation(Network(populations=[trains, cells], projections=both), watch=watch)
    simulation.advance(2001 * DT)
    number = np.bincount(np.rint(simulation.recording().traces["cells.g_e"].value[1:, 0]).astype(int), minlength=12)
    assert number[[0, 1, 10, 11]].sum() == 2000
    assert stats.chisquare(number[[0, 1, 10, 11]]).pvalue > 1e-4


def test_what_tires_may_fail_as_well():
    """An event that fails uses up resources like one that passes."""
    tiring = TsodyksMarkram(use=0.4, tau_recovery=200 * ms)
    events, value = passed(2.0, Release(probability=0.5), spikes=30, sources=5, targets=20, short_term=tiring)
    twin = TiringSynapse(0, 0, 2.0, 1, use=0.4, tau_recovery=2000.0)
    for k in range(30):
        strength = twin.act(5 * k + 2)
        assert value[k, 0][events[k, 0]] == pytest.approx(strength, rel=1e-9)
    assert 0.4 < events.mean() < 0.6


# --- what it costs, and what a user may have got wrong ----------------------------------------------------------------


def of(release, **options):
    cells = Population("cells", 300, ConductanceLIF())
    trains = Population("trains", 3000, SpikeTrain())
    plan = {"weight": 1.0, "delay": DT} | options
    return Network(
        populations=[trains, cells], projections=[Projection(trains, cells, AllToAll(), release=release, **plan)]
    )


def test_nothing_is_kept_where_nothing_fails_and_no_more_than_announced_where_something_does():
    taken, announced = [], []
    for release in (None, Release(half=1.0)):
        network = of(release)
        simulation = Simulation(network)
        ((group,),) = simulation._groups
        assert isinstance(group.short_term.unreliable, Reliable if release is None else Unreliable)
        taken.append(sum(array.nbytes for array in group.short_term.unreliable))
        announced.append(memory.memory_needed(network, DT, 1, 1))
        assert group.short_term.state.size == 0
        assert group.inbox.weight.size == 0, "one weight is still kept once"
    assert taken[0] == 0 and taken[1] == pytest.approx(announced[1] - announced[0], rel=0.01)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"probability": 0.0}, "trains -> cells: Release.probability = 0 is outside 1e-06 to 1"),
        ({"probability": 50}, "Release.probability = 50 is outside 1e-06 to 1"),
        ({"half": -1.0}, "trains -> cells: Release.half = -1"),
        ({"half": math.nan}, "Release.half is NaN"),
    ],
)
def test_parameters_that_cannot_be_meant(options, text):
    with pytest.raises(ValueError) as caught:
        of(Release(**options))
    assert text in str(caught.value)


def test_other_mistakes_and_what_a_network_says():
    with pytest.raises(TypeError, match=r"trains -> cells: release = 0\.5 is no Release; give one such as Release\("):
        of(0.5)
    assert "AllToAll(self_synapses=True), unreliable" in repr(of(Release()))
    noise, cells = Population("noise", 3, PoissonInput(rate=10.0)), Population("cells", 3, ConductanceLIF())
    private = Projection(noise, cells, OneToOne(), weight=1.0, release=Release(probability=0.5))
    with pytest.raises(ValueError, match="without release"):
        Simulation(Network(populations=[noise, cells], projections=[private]))


def test_a_lognormal_may_be_cut():
    drawn = LogNormal(log_mean=0.0, log_sigma=1.0, most=2.0)
    values = drawn.sample(np.random.default_rng(1), 100_000)
    assert values.max() <= 2.0
    cut = stats.norm.cdf(math.log(2))
    assert stats.kstest(np.log(values), lambda z: stats.norm.cdf(z) / cut).pvalue > 1e-3
    assert drawn.mean_below(2.0) == pytest.approx(values.mean(), rel=0.01)
    assert drawn.mean_below(1.0) == pytest.approx(np.minimum(values, 1.0).mean(), rel=0.01)
    plain = LogNormal(log_mean=0.0, log_sigma=1.0).sample(np.random.default_rng(1), 100)
    assert (LogNormal(log_mean=0.0, log_sigma=1.0, most=1e9).sample(np.random.default_rng(1), 100) == plain).all()
    negative = LogNormal(log_mean=0.0, log_sigma=1.0, scale=-1.0, most=2.0).sample(np.random.default_rng(1), 1000)
    assert negative.min() >= -2.0 and negative.max() < 0
    for most, text in ((-1.0, "no size"), (math.nan, "no size"), (1e-3, "raise `most`")):
        with pytest.raises(ValueError, match=text):
            LogNormal(log_mean=0.0, log_sigma=1.0, most=most)


def test_learning_sees_events_that_fail():
    rule = ThreeFactor(rate=0.5, interval=5 * ms, tau=20 * ms, low=0.0, high=1.0)
    ends = []
    for release in (None, Release(probability=1e-6)):
        trains = Population("trains", 2, SpikeTrain(time=np.array([1, 1.5, 4, 9]) * ms, neuron=[0, 1, 0, 0]))
        cells = Population("cells", 1, CELL)
        learning = Projection(
            trains, cells, EdgeList(source=[0], target=[0]), weight=1e-6, plasticity=rule, release=release, name="l"
        )
        strong = Projection(trains, cells, EdgeList(source=[1], target=[0]), weight=50.0, name="strong")
        simulation = Simulation(Network(populations=[trains, cells], projections=[learning, strong]))
        simulation.advance(20 * ms)
        assert simulation.recording().counts("cells")[0] >= 1
        ends.append(simulation.weights("l").tolist())
    assert ends[0] == ends[1] and ends[0] != [1e-6]
