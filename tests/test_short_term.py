"""Short-term plasticity against its plain twin, and against what is known of it in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain import PlainRule
from plain_short_term import TiringSynapse
from random_networks import BOTH, FEW, cases, pairs, random_case
from reafference import (
    AllToAll,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    FixedProbability,
    Network,
    OneToOne,
    Poisson,
    PoissonInput,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    ThreeFactor,
    TsodyksMarkram,
    Watch,
)
from reafference.engine import memory
from reafference.units import ms, mV

TIRING = ["train -> a", "noise -> b", "a -> b", "b -> b"]
SOURCES = {"train": 6, "noise": 5}


# --- tick for tick --------------------------------------------------------------------------------------------------


def random_tiring(seed, dt):
    """{projection: (short-term plasticity, its twin)}; parameters are one number or one for each source."""
    rng = np.random.default_rng([seed, 3])
    result = {}
    for name in TIRING:
        source = name.partition(" -> ")[0]

        def draw(values, size):
            return rng.choice(values, size) if size and rng.random() < 0.5 else float(rng.choice(values))

        size = SOURCES.get(source)
        use = draw(rng.uniform(0.05, 1.0, 6), size)
        recovery, facilitation = (draw([0.0, *rng.uniform(1, 800, 4)], size) for _ in range(2))
        rule = TsodyksMarkram(use=use, tau_recovery=recovery * dt, tau_facilitation=facilitation * dt)
        first = {"train": 0, "noise": 6}.get(source, 0)

        def synapse(s, t, weight, delay, own=(use, recovery, facilitation), first=first):
            mine = (value[s - first] if isinstance(value, np.ndarray) else value for value in own)
            return TiringSynapse(s, t, weight, delay, 0.0, 0.0, *mine)

        result[name] = rule, synapse
    return result


@settings(FEW, max_examples=40)
@given(**cases, threads=st.sampled_from([1, 2]))
def test_spikes_voltages_and_efficacies_are_those_of_the_plain_twin(threads, **options):
    learning = ThreeFactor(rate=0.5 * mV, interval=17 * options["dt"], tau=30 * options["dt"])
    tiring = random_tiring(options["seed"], options["dt"])
    case = random_case(kinds=BOTH, short_term=tiring, plasticity={"a -> b": learning}, **options)
    simulation = case.simulation(threads=threads)
    got = pairs(simulation.advance(case.ticks * case.dt))
    rows = np.cumsum([0, *(len(p.wiring.source) for p in case.network.projections)])
    by_name = {
        p.name: case.synapses[low:high] for p, low, high in zip(case.network.projections, rows, rows[1:], strict=False)
    }
    rule = PlainRule(by_name["a -> b"], rate=learning.rate, tau=learning.tau, interval=17, low=-1.0, high=1.0)
    expected = case.expected(rules=[rule])
    assert got == expected.spikes
    for name in "ab":
        first = case.network.first(name)
        v = expected.v[-1, first : first + simulation.read(name).size]
        np.testing.assert_allclose(simulation.read(name), v, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(simulation.weights("a -> b"), [s.weight for s in by_name["a -> b"]], rtol=1e-9)
    for name in TIRING:
        efficacy = simulation.short_term(name)
        for synapse in by_name[name]:
            synapse.weight = 1.0
        released = [synapse.act(case.ticks) for synapse in by_name[name]]
        np.testing.assert_allclose(efficacy.u * efficacy.x, released, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(efficacy.u, [synapse.u for synapse in by_name[name]], rtol=1e-9, err_msg=name)


def test_the_random_synapses_do_tire_and_facilitate():
    """The test above would pass on synapses that are at rest whenever an event comes."""
    tired, eager = [], []
    for seed in range(10):
        case = random_case(seed, BOTH, short_term=random_tiring(seed, 0.1 * ms))
        simulation = case.simulation()
        simulation.advance(case.ticks * case.dt)
        for name in TIRING:
            rule = next(p for p in case.network.projections if p.name == name).short_term
            efficacy = simulation.short_term(name)
            tired += (efficacy.x < 0.9).tolist()
            eager += (efficacy.u > 1.05 * np.max(rule.use)).tolist()
    assert np.mean(tired) > 0.2 and np.mean(eager) > 0.05, (np.mean(tired), np.mean(eager))


@settings(FEW, max_examples=15)
@given(**cases)
def test_threads_and_cuts_change_no_bit(**options):
    case = random_case(kinds=BOTH, short_term=random_tiring(options["seed"], options["dt"]), **options)
    rng = np.random.default_rng(options["seed"])
    runs = []
    for threads, cut in ((1, False), (2, False), (3, True)):
        simulation, spikes = case.simulation(threads=threads), []
        while simulation.tick < case.ticks:
            step = int(rng.integers(1, 90)) if cut else case.ticks
            spikes += pairs(simulation.advance(min(step, case.ticks - simulation.tick) * case.dt))
        runs.append([spikes, simulation.read("a").tobytes(), simulation.read("b").tobytes()])
        runs[-1] += [part.tobytes() for name in TIRING for part in simulation.short_term(name)]
    assert runs[0] == runs[1] == runs[2]


# --- what a synapse does to a train of spikes -----------------------------------------------------------------------


def probe(tiring, trains, *, dt=0.1 * ms, weight=1 * mV, delay=1.5 * ms, seconds=None, **more):
    """(simulation, strengths of the events of each train in V); trains are spike times in s."""
    sources = Population(
        "sources",
        len(trains),
        SpikeTrain(
            time=np.concatenate(trains), neuron=np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        ),
    )
    return probed(
        tiring,
        sources,
        dt=dt,
        weight=weight,
        delay=delay,
        seconds=seconds or max(map(max, trains)) + delay + dt,
        **more,
    )


def probed(tiring, sources, *, dt, weight, delay, seconds, **more):
    """The same for any sources. The synaptic current of each target lasts for one tick only."""
    targets = Population("targets", sources.size, CurrentLIF(tau_e=1e-3 * dt, threshold=1.0))
    others = Population("others", 1, DeltaLIF())
    projection = Projection(
        sources, targets, OneToOne(), weight=weight, delay=delay, short_term=tiring, name="tiring", **more
    )
    network = Network(populations=[sources, targets, others], projections=[projection])
    simulation = Simulation(network, dt=dt, seed=5, watch=[Watch(population="targets", variable="g_e")])
    simulation.advance(seconds)
    arrived = simulation.recording().traces["targets.g_e"].value
    return simulation, [column[column > 1e-12] for column in arrived.T]


TRAINS = [np.arange(1, count + 1) * gap * ms for gap, count in ((1, 600), (5, 400), (20, 300), (100, 80), (500, 20))]
CASES = [(0.5, 800, 0), (0.67, 450, 0), (0.04, 100, 1000), (0.1, 0, 500), (0.15, 130, 530), (1.0, 300, 0)]


@pytest.mark.parametrize(("use", "recovery", "facilitation"), CASES)
def test_regular_trains_settle_where_the_closed_form_says(use, recovery, facilitation):
    """u = use / (1 - (1 - use) f),  x = (1 - r) / (1 - (1 - u) r),  with f and r what an interval leaves."""
    rule = TsodyksMarkram(use=use, tau_recovery=recovery * ms, tau_facilitation=facilitation * ms)
    _, strengths = probe(rule, TRAINS)
    settled = 0
    for train, strength in zip(TRAINS, strengths, strict=True):
        r, f = (np.exp(-train[0] / (tau * ms)) if tau else 0.0 for tau in (recovery, facilitation))
        u = use / (1 - (1 - use) * f)
        x = (1 - r) / (1 - (1 - u) * r)
        assert strength.size == train.size and strength[0] == pytest.approx(use * mV, rel=1e-12)
        if max((1 - use) * f, (1 - u) * r) ** train.size < 1e-6:
            settled += 1
            assert strength[-1] == pytest.approx(u * x * mV, rel=1e-3)
        if facilitation == 0:
            assert np.all(np.diff(strength) < 1e-18), "it only tires"
        if recovery == 0:
            assert np.all(np.diff(strength) > -1e-18), "it only grows"
    assert settled >= 3


def test_the_second_of_two_pulses():
    """Ratio (1 + (1 - use) f) (1 - use r): depression at short intervals, facilitation, or first one then the other."""
    gaps = np.array([0.5, 2, 10, 50, 200, 1000, 5000]) * ms
    for use, recovery, facilitation in CASES:
        rule = TsodyksMarkram(use=use, tau_recovery=recovery * ms, tau_facilitation=facilitation * ms)
        _, strengths = probe(rule, [np.array([1 * ms, 1 * ms + gap]) for gap in gaps])
        r, f = (np.exp(-gaps / (tau * ms)) if tau else 0 * gaps for tau in (recovery, facilitation))
        ratio = np.array([second / first for first, second in strengths])
        np.testing.assert_allclose(ratio, (1 + (1 - use) * f) * (1 - use * r), rtol=1e-9)


def test_resources_come_back_with_their_time_constant():
    burst, pauses = np.arange(1, 21) * 5 * ms, np.array([20, 100, 300, 800, 2000]) * ms
    _, strengths = probe(TsodyksMarkram(), [np.append(burst, burst[-1] + pause) for pause in pauses])
    missing = 1 - np.array([strength[-1] for strength in strengths]) / (0.5 * mV)
    np.testing.assert_allclose(np.diff(np.log(missing)) / np.diff(pauses), -1 / (800 * ms), rtol=1e-9)
    assert missing[0] > 0.9


def test_spikes_in_one_tick_follow_each_other_without_time_to_recover():
    train = [np.array([1, 1, 1]) * ms]
    _, strengths = probe(TsodyksMarkram(use=0.5, tau_facilitation=100 * ms), train)
    together = 0.5 + 0.75 * 0.5 + 0.875 * 0.125
    assert strengths[0].tolist() == pytest.approx([together * mV], rel=1e-12)
    _, strengths = probe(TsodyksMarkram(use=0.5), train)
    assert strengths[0].tolist() == pytest.approx([0.875 * mV], rel=1e-12), "no facilitation in no time either"


RATES = np.repeat([2.0, 10.0, 40.0], 100)


def test_poisson_trains_in_the_mean():
    """Exact for independent intervals: x = 1 / (1 + use rate tau) at an event, and u = use (1 + rate tau) / (1 + use
    rate tau). Source: Tsodyks, Pawelzik and Markram (1998), equations 2.9 and 2.10.
    """
    for use, recovery, facilitation in ((0.5, 200 * ms, 0.0), (0.1, 0.0, 300 * ms)):
        rule = TsodyksMarkram(use=use, tau_recovery=recovery, tau_facilitation=facilitation)
        sources = Population("sources", RATES.size, Poisson(rate=RATES))
        _, strengths = probed(rule, sources, dt=0.1 * ms, weight=1 * mV, delay=1 * ms, seconds=6.0)
        rates = RATES[::100]
        expected = use * (1 + rates * facilitation) / (1 + use * rates * (recovery + facilitation))
        for k, wanted in enumerate(expected):
            # Each source counts alike; the first second is left out, in which the synapse comes from rest.
            late = [strength[int(2 * rates[k]) :] for strength in strengths[100 * k : 100 * (k + 1)]]
            mean = np.array([part.mean() for part in late if part.size])
            error = mean.std(ddof=1) / np.sqrt(mean.size)
            assert abs(mean.mean() - wanted * mV) < 4 * error, (rates[k], mean.mean() / mV, wanted, error / mV)
            assert error < 0.03 * wanted * mV


@settings(FEW, max_examples=25)
@given(
    use=st.floats(1e-6, 1.0),
    recovery=st.sampled_from([0.0, 1e-9, 1e-4, 0.1, 100.0]),
    facilitation=st.sampled_from([0.0, 1e-9, 1e-4, 0.1, 100.0]),
    ticks=st.lists(st.integers(1, 400), min_size=1, max_size=60),
)
def test_parts_are_parts(use, recovery, facilitation, ticks):
    """x never leaves [0, 1], nor u [use, 1], at whatever time one looks."""
    rule = TsodyksMarkram(use=use, tau_recovery=recovery, tau_facilitation=facilitation)
    simulation, _ = probe(rule, [np.array(ticks) * 0.1 * ms], seconds=0.1 * ms)
    for _ in range(22):
        efficacy = simulation.short_term("tiring")
        assert 0.0 <= efficacy.x[0] <= 1.0 and use <= efficacy.u[0] <= 1.0
        simulation.advance(2 * ms)


# --- beside weights, learning and delays ----------------------------------------------------------------------------


def test_every_source_has_its_own_parameters_and_every_delay_its_own_state():
    sources = Population("sources", 3, SpikeTrain(time=[1 * ms, 11 * ms] * 3, neuron=[0, 0, 1, 1, 2, 2]))
    targets, others = Population("targets", 2, CurrentLIF(tau_e=1e-7, threshold=1.0)), Population("m", 1, DeltaLIF())
    use, tau = np.array([0.2, 0.5, 0.9]), np.array([0, 50, 200]) * ms
    edges = EdgeList(source=[2, 0, 1, 2, 1], target=[0, 0, 0, 1, 1])
    projection = Projection(
        sources,
        targets,
        edges,
        weight=1 * mV,
        delay=np.array([1, 2, 3, 15, 1]) * ms,
        short_term=TsodyksMarkram(use=use, tau_recovery=tau),
    )
    network = Network(populations=[sources, targets, others], projections=[projection])
    simulation = Simulation(network, threads=2)
    simulation.advance(14.5 * ms)
    efficacy = simulation.short_term("sources -> targets")
    np.testing.assert_allclose(efficacy.u, use[edges.source])
    arrived = np.array([[2, 12], [3, 13], [4, 14], [16, 26], [2, 12]]) * ms  # of each synapse
    for k, (source, times) in enumerate(zip(edges.source, arrived, strict=True)):
        x = 1.0
        for time in times[times < 14.5 * ms]:
            after = next((t for t in times if time < t < 14.5 * ms), 14.5 * ms)
            gone = np.exp(-(after - time) / tau[source]) if tau[source] else 0.0
            x = 1 - (1 - x * (1 - use[source])) * gone
        assert efficacy.x[k] == pytest.approx(x, rel=1e-12), k


def test_one_weight_is_kept_once_and_acts_like_many_that_are_equal():
    rule, trains = TsodyksMarkram(use=0.3, tau_facilitation=200 * ms), [np.array([1, 4, 5, 30]) * ms] * 3
    one, few = probe(rule, trains)
    own, many = probe(rule, trains, plasticity=ThreeFactor(rate=0.0))
    kept = [simulation._groups[0][0].inbox for simulation in (one, own)]
    assert [inbox.weight.size for inbox in kept] == [0, 3] and kept[0].narrow.nbytes == 2 * 3
    for mine, others in zip(few, many, strict=True):
        assert mine.tobytes() == others.tobytes()
    assert one.weights("tiring").tolist() == [1 * mV] * 3, "the weight stays what it was"


def test_without_it_nothing_is_kept_for_segments():
    simulation, _ = probe(None, [np.array([1 * ms])])
    for group in simulation._groups[0]:
        *kept, unreliable = group.short_term
        assert all(array.size == 0 for array in [*kept[1:], *unreliable])


@pytest.mark.parametrize("threads", [1, 3])
def test_the_memory_that_is_announced_is_what_it_takes(threads):
    sources, targets = Population("s", 4000, SpikeTrain()), Population("t", 300, DeltaLIF())
    taken, announced = [], []
    for rule in (None, TsodyksMarkram()):
        projections = [
            Projection(sources, targets, FixedProbability(0.1), weight=1 * mV, short_term=rule),
            Projection(targets, targets, AllToAll(), weight=1 * mV),
        ]
        others = Population("m", 1, CurrentLIF())  # so that no other kernels are compiled
        network = Network(populations=[sources, targets, others], projections=projections)
        simulation = Simulation(network, threads=threads)
        parts = [group.short_term for groups in simulation._groups for group in groups]
        taken.append(sum(array.nbytes for part in parts for array in [*part[:-1], *part.unreliable]))
        announced.append(memory.memory_needed(network, simulation.dt, threads, threads))
    assert taken[1] - taken[0] == pytest.approx(announced[1] - announced[0], rel=0.1)


# --- what a user may have got wrong ---------------------------------------------------------------------------------


def joined(source=None, **options):
    cells = Population("cells", 3, DeltaLIF())
    return Projection(source or cells, cells, OneToOne(), weight=1 * mV, **options)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"use": 50}, ValueError, "cells -> cells: TsodyksMarkram.use = 50 is outside 1e-06 to 1; did you mean 0.5"),
        ({"use": 0.0}, ValueError, "TsodyksMarkram.use = 0 is outside 1e-06 to 1"),
        ({"tau_recovery": 800}, ValueError, "TsodyksMarkram.tau_recovery = 800 s is outside 0 to 100 s; did you mean"),
        ({"tau_facilitation": -1.0}, ValueError, "TsodyksMarkram.tau_facilitation = -1 s is outside"),
        (
            {"use": np.array([0.1, 0.2])},
            ValueError,
            "TsodyksMarkram.use has shape (2,); it takes one number, or one for",
        ),
        ({"use": np.array([0.1, np.nan, 1])}, ValueError, "TsodyksMarkram.use[1] is NaN"),
    ],
)
def test_parameters_that_cannot_be_meant(options, kind, text):
    with pytest.raises(kind) as caught:
        joined(short_term=TsodyksMarkram(**options))
    assert text in str(caught.value)


def test_other_mistakes():
    with pytest.raises(TypeError, match=r"cells -> cells: 0\.5 is no short-term plasticity; give one such as Tsod"):
        joined(short_term=0.5)
    noise = Population("noise", 3, PoissonInput(rate=10.0))
    private = joined(noise, short_term=TsodyksMarkram())
    network = Network(populations=[noise, private.target], projections=[private])
    with pytest.raises(ValueError, match=r"noise -> cells: .* without plasticity \(long-term or short-term\)"):
        Simulation(network)
    simulation, _ = probe(None, [np.array([1 * ms])])
    with pytest.raises(ValueError, match="tiring has no short-term plasticity; give it short_term="):
        simulation.short_term("tiring")
    with pytest.raises(ValueError, match="no projection is called 'x'"):
        simulation.short_term("x")


def test_a_network_says_which_projections_tire():
    tiring = joined(short_term=TsodyksMarkram())
    assert "OneToOne(), short-term" in repr(Network(populations=[tiring.source], projections=[tiring]))
