"""Learning from spikes against its plain twin: spike for spike and weight for weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forced import forced
from plain_stdp import PlainLearner, plain_weights
from random_networks import BOTH, FEW, cases, pairs, random_case
from reafference import (
    Additive,
    AllSpikes,
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    PairSTDP,
    PowerLaw,
    RewardSTDP,
    SoftBounds,
    ThreeFactor,
    TripletSTDP,
)
from reafference.units import mV, uV

NAMES = ["train -> a", "noise -> b", "a -> b", "b -> a", "b -> b"]


def random_dependence(rng):
    mu_plus, mu_minus = rng.choice([0.0, 0.3, 1.0, 1.7], 2)
    choices = [
        Additive(),
        Multiplicative(),
        SoftBounds(mu_plus=mu_plus, mu_minus=mu_minus),
        PowerLaw(mu_plus=mu_plus, mu_minus=mu_minus, w0=rng.uniform(1, 20) * mV),
    ]
    return choices[rng.integers(len(choices))]


def random_rule(rng, dt, kind):
    """A rule of one kind, at rates high enough to reach the bounds now and then."""
    low, high = np.sort(rng.choice([0.0, 2.0, 20.0, 60.0], 2, replace=False)) * mV
    if rng.random() < 0.3:
        low, high = -high, -low
    low, high = float(low), float(high)

    def tau():
        return float(rng.uniform(0.5, 200) * dt)

    def rates(*names):
        return {name: float(rng.uniform(-0.05, 0.2)) for name in names}

    pairing = NearestSpike() if rng.random() < 0.3 else AllSpikes()
    common = {"low": low, "high": high, "tau_plus": tau(), "tau_minus": tau(), "pairing": pairing}
    if kind is PairSTDP:
        return PairSTDP(**common, **rates("a_plus", "a_minus"), dependence=random_dependence(rng))
    if kind is TripletSTDP:
        slow = {"tau_x": tau(), "tau_y": tau(), "dependence": random_dependence(rng)}
        return TripletSTDP(**common, **slow, **rates("a2_plus", "a2_minus", "a3_plus", "a3_minus"))
    if kind is InhibitorySTDP:
        return InhibitorySTDP(low=low, high=high, rate=0.1, tau=tau(), target_rate=rng.uniform(0, 0.05) / dt)
    return RewardSTDP(
        **common, **rates("a_plus", "a_minus"), tau_c=common["tau_plus"] * rng.uniform(1, 20), modulator=rng.normal()
    )


def random_rules(seed, dt, kinds):
    """For each projection of NAMES a rule, none, or one that changes weights at intervals."""
    rng = np.random.default_rng([seed, 3])
    rules = {}
    for name in NAMES:
        choice = rng.random()
        if choice < 0.7:
            rules[name] = random_rule(rng, dt, kinds[rng.integers(len(kinds))])
        elif choice < 0.85:
            rules[name] = ThreeFactor(rate=0.0, interval=10 * dt)
    return rules


def learners(case, rules):
    """The same rules for the twin, over the case's own synapses."""
    result, done = {}, 0
    for projection in case.network.projections:
        count = len(projection.wiring.source)
        mine = case.synapses[done : done + count]
        done += count
        if not isinstance(rules.get(projection.name, ThreeFactor(rate=0.0)), ThreeFactor):
            result[projection.name] = PlainLearner(rules[projection.name], mine, case.dt)
    return result


FLOAT64 = PairSTDP, TripletSTDP, InhibitorySTDP


@settings(FEW, max_examples=60)
@given(**cases, threads=st.sampled_from([1, 2]))
def test_weights_and_spikes_are_those_of_the_plain_twin(threads, **options):
    rules = random_rules(options["seed"], options["dt"], FLOAT64)
    case = random_case(kinds=BOTH, plasticity=rules, **options)
    rng = np.random.default_rng([options["seed"], 2])
    simulation, got = case.simulation(threads=threads), []
    for stop in [*np.sort(rng.integers(1, case.ticks, 3)).tolist(), case.ticks]:
        if stop > simulation.tick:
            got += pairs(simulation.advance((stop - simulation.tick) * case.dt))
        for name in rules:
            simulation.weights(name)  # a look must not change what follows
    twins = learners(case, rules)
    result = case.expected(learners=list(twins.values()))
    assert got == result.spikes
    for name, twin in twins.items():
        rounding = 1e-14 * max(abs(rules[name].low), abs(rules[name].high))  # a small weight may have been a large one
        np.testing.assert_allclose(
            simulation.weights(name), twin.weights(), rtol=1e-12, atol=rounding, err_msg=f"{name}: {rules[name]}"
        )
    assert simulation.recording().work["weight_changes"] == result.changes


@settings(FEW, max_examples=40)
@given(**cases, threads=st.sampled_from([1, 2]))
def test_eligibilities_are_those_of_the_plain_twin(threads, **options):
    rules = random_rules(options["seed"], options["dt"], (RewardSTDP, RewardSTDP, PairSTDP))
    case = random_case(kinds=BOTH, plasticity=rules, **options)
    twins = learners(case, rules)
    rng = np.random.default_rng([options["seed"], 2])
    modulators = {
        t: rng.choice([0.0, 1.0, -0.5, 2.0], len(twins)).tolist()
        for t in np.sort(rng.integers(1, case.ticks, 6)).tolist()
    }
    simulation, got = case.simulation(threads=threads), []
    for stop in [*modulators, case.ticks]:
        got += pairs(simulation.advance((stop - simulation.tick) * case.dt))
        for name, value in zip(twins, modulators.get(stop, []), strict=False):
            if isinstance(rules[name], RewardSTDP):
                simulation.set_modulator(name, value)
            simulation.weights(name)
    result = case.expected(learners=list(twins.values()), modulators=modulators)
    assert got == result.spikes
    for name, twin in twins.items():
        error = 1e-6 * (rules[name].high - rules[name].low)  # c is a float32
        np.testing.assert_allclose(
            simulation.weights(name), twin.weights(), rtol=0, atol=error, err_msg=f"{name}: {rules[name]}"
        )


def test_the_random_rules_do_learn():
    """The tests above would pass on rules that never change anything, or never reach a bound."""
    moved, bound = {}, 0
    for seed in range(16):
        rules = random_rules(seed, 1e-4, (*FLOAT64, RewardSTDP))
        case = random_case(seed, BOTH, plasticity=rules)
        simulation = case.simulation()
        before = {name: simulation.weights(name) for name in rules}
        simulation.advance(case.ticks * case.dt)
        for name, rule in rules.items():
            after = simulation.weights(name)
            moved.setdefault(type(rule), []).extend((after != before[name]).tolist())
            if not isinstance(rule, ThreeFactor):
                inside = (before[name] != rule.low) & (before[name] != rule.high)
                bound += np.count_nonzero(inside & ((after == rule.low) | (after == rule.high)))
                assert after.min(initial=0) >= min(rule.low, 0) and (after >= rule.low).all()
                assert (after <= rule.high).all()
    for kind in (*FLOAT64, RewardSTDP):
        assert np.mean(moved[kind]) > 0.3, (kind, np.mean(moved[kind]))
    assert bound > 20


@settings(FEW, max_examples=15)
@given(**cases)
def test_threads_cuts_and_looks_change_no_bit_of_a_weight(**options):
    rules = random_rules(options["seed"], options["dt"], (*FLOAT64, RewardSTDP))
    case = random_case(kinds=BOTH, plasticity=rules, **options)
    rng = np.random.default_rng(options["seed"])
    weights = []
    for threads, cut in ((1, False), (2, False), (2, True), (3, True)):
        simulation = case.simulation(threads=threads)
        while simulation.tick < case.ticks:
            step = int(rng.integers(1, 90)) if cut else case.ticks
            simulation.advance(min(step, case.ticks - simulation.tick) * case.dt)
            for name in rules if cut else ():
                simulation.weights(name)
        weights.append([simulation.weights(name).tobytes() for name in rules])
    assert all(other == weights[0] for other in weights[1:])


# --- busy targets and rare events, and the reverse ------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PairSTDP, TripletSTDP, InhibitorySTDP, RewardSTDP])
def test_many_spikes_between_two_events_and_many_events_between_two_spikes(kind):
    """Neurons that spike at every second tick for long make the memory for spikes run over, again and again."""
    dt, ticks, rng = 1e-3, 3000, np.random.default_rng(5)

    def random_ticks(interval):
        return np.flatnonzero(rng.random(ticks - 2) < 1 / interval) + 2

    events = [random_ticks(interval) for interval in (2, 9, 40, 400)]
    spikes = [random_ticks(interval) for interval in (1.5, 2, 7, 60, 700)]
    pattern = rng.uniform(0.2, 0.8, (4, 5)) * uV
    settings = {"tau_plus": 17e-3, "tau_minus": 34e-3} if kind is not InhibitorySTDP else {"target_rate": 20.0}
    scale = {PairSTDP: ("a_plus", "a_minus"), TripletSTDP: ("a3_plus", "a3_minus"), RewardSTDP: ("a_plus", "a_minus")}
    settings |= dict.fromkeys(scale.get(kind, ("rate",)), 1e-4)
    if kind is RewardSTDP:
        settings |= {"tau_c": 0.2, "modulator": 0.7}
    if kind in (PairSTDP, TripletSTDP):
        settings |= {"dependence": SoftBounds(mu_plus=0.5, mu_minus=0.4)}
    rule = kind(low=0.0, high=1 * uV, **settings)
    simulation = forced(rule, events, spikes, dt=dt, weight=pattern.ravel())
    got = simulation.advance(ticks * dt)
    assert simulation.count(got, "n").tolist() == [len(each) for each in spikes]
    expected = [
        plain_weights(rule, pattern[i, j], events[i], spikes[j], dt=dt, ticks=ticks) for i in range(4) for j in range(5)
    ]
    tolerance = 1e-6 if kind is RewardSTDP else 1e-11
    np.testing.assert_allclose(simulation.weights("x -> n"), expected, rtol=tolerance, atol=tolerance * uV)
    assert np.std(expected / pattern.ravel()) > 0.01


def test_rows_longer_than_a_block_and_targets_beyond_16_bits_learn_alike():
    """600 targets of one row; with 70,000 neurons in the group targets are kept in 32 bits."""
    from reafference import AllToAll, CurrentLIF, DeltaLIF, Network, Population, Projection, Simulation, SpikeTrain

    rule = PairSTDP(high=40 * mV, a_plus=0.1, a_minus=0.07)
    weights = []
    for more in (1, 70_000):
        x = Population("x", 3, SpikeTrain(time=np.arange(1, 31) * 1e-3, neuron=np.arange(30) % 3))
        n = Population("n", 600, DeltaLIF(refractory=0.0, threshold=np.linspace(-60, -45, 600) * mV))
        rest, other = Population("rest", more, DeltaLIF()), Population("other", 1, CurrentLIF())
        network = Network(
            populations=[x, rest, n, other], projections=[Projection(x, n, AllToAll(), weight=9 * mV, plasticity=rule)]
        )
        simulation = Simulation(network, dt=1e-3)
        simulation.advance(40e-3)
        weights.append(simulation.weights("x -> n"))
    assert np.unique(weights[0]).size > 20
    np.testing.assert_array_equal(*weights)


@pytest.mark.parametrize(("kind", "most"), [(PairSTDP, 12), (TripletSTDP, 16), (RewardSTDP, 16)])
def test_a_synapse_that_learns_takes_at_most_16_bytes(kind, most):
    """Target, weight and all that learning keeps, for 500 synapses in a row."""
    plastic = forced(kind(high=1 * uV), [[5]] * 500, [[7]] * 500, dt=1e-3, weight=0.5 * uV)
    assert plastic.synapses == 500 * 500 + 500
    assert 10 < plastic.bytes_per_synapse < most


# --- setting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", [PairSTDP, RewardSTDP])
def test_weights_that_are_set_are_there_and_learn_on(kind, threads):
    events, spikes = [[5, 40], [9, 60]], [[7, 11, 50], [8], [30, 61]]
    more = {"modulator": 1.0, "tau_c": 0.05} if kind is RewardSTDP else {}
    rule = kind(high=1 * uV, a_plus=0.01, a_minus=0.02, **more)
    simulation = forced(rule, events, spikes, dt=1e-3, weight=0.5 * uV, threads=threads)
    simulation.advance(20e-3)
    wanted = np.linspace(0.2, 0.7, 6) * uV
    simulation.set_weights("x -> n", wanted)
    np.testing.assert_array_equal(simulation.weights("x -> n"), wanted)
    np.testing.assert_array_equal(simulation.wiring("x -> n").weight, wanted)
    simulation.advance(80e-3)
    fresh = np.array(
        [plain_weights(rule, 0.5 * uV, events[i], spikes[j], dt=1e-3, ticks=100) for i in range(2) for j in range(3)]
    )
    until = np.array(
        [
            plain_weights(
                rule,
                0.5 * uV,
                [t for t in events[i] if t <= 20],
                [t for t in spikes[j] if t <= 20],
                dt=1e-3,
                ticks=20,
            )
            for i in range(2)
            for j in range(3)
        ]
    )
    # Additive: what is learned afterwards does not depend on the weight.
    np.testing.assert_allclose(simulation.weights("x -> n"), wanted + fresh - until, rtol=1e-6)


def test_weights_beyond_the_bounds_are_refused_and_nothing_is_set():
    simulation = forced(PairSTDP(high=1 * uV), [[5]], [[7]], dt=1e-3, weight=0.5 * uV)
    with pytest.raises(ValueError, match=r"x -> n: a weight of 2e-06 V is outside 0 to 1e-06 V.*change the weight"):
        simulation.set_weights("x -> n", np.array([2 * uV]))
    with pytest.raises(ValueError, match="NaN"):
        simulation.set_weights("x -> n", np.array([np.nan]))
    assert simulation.weights("x -> n").tolist() == [0.5 * uV]


def test_more_changes_of_the_modulator_than_are_kept():
    """1023 are; then everything is brought up to date and they are forgotten."""
    events, spikes = [[5, 2000], [1500]], [[3, 7, 1400], [900, 2100]]
    rule = RewardSTDP(high=1 * uV, a_plus=0.01, a_minus=0.02, tau_c=0.5)
    simulation = forced(rule, events, spikes, dt=1e-3, weight=0.5 * uV)
    modulators, rng = {}, np.random.default_rng(1)
    for tick in range(1, 2500):
        simulation.advance(1e-3)
        modulators[tick] = rng.normal() if tick % 7 else 0.0
        simulation.set_modulator("x -> n", modulators[tick])
    expected = [
        plain_weights(rule, 0.5 * uV, e, s, dt=1e-3, ticks=2499, modulators=modulators) for e in events for s in spikes
    ]
    assert np.ptp(expected) > 1e-4 * uV
    np.testing.assert_allclose(simulation.weights("x -> n"), expected, rtol=1e-6)


def test_a_rule_without_modulator_says_so():
    simulation = forced(PairSTDP(high=1 * uV), [[5]], [[7]], dt=1e-3, weight=0.5 * uV)
    with pytest.raises(ValueError, match=r"'x -> n' is no projection with a modulator; .* are: none"):
        simulation.set_modulator("x -> n", 1.0)
