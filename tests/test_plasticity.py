"""Learning against its plain twin, and against what the rules are for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain import PlainRule
from random_networks import BOTH, FEW, cases, pairs, random_case
from reafference import (
    AllToAll,
    AntiHebbian,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    Network,
    OneToOne,
    Poisson,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    ThreeFactor,
)
from reafference.units import ms, mV

TEACHING = ["train -> a", "noise -> b", "a -> b", "b -> a"]


def random_rules(seed, dt):
    """A rule for each projection of TEACHING, at rates high enough to reach the bounds now and then."""
    rng = np.random.default_rng([seed, 1])
    rules = {}
    for name in TEACHING:
        common = {
            "tau": rng.uniform(1, 200) * dt,  # the short ones are forgotten between two events
            "interval": int(rng.integers(1, 60)) * dt,
            "low": rng.choice([-1.0, -60 * mV]),
            "high": rng.choice([1.0, 60 * mV]),
            "normalise": rng.choice([None, 60 * dt, 137 * dt, 1000 * dt]),
            "floor": rng.choice([0.1, 1.0]),
        }
        if rng.random() < 0.5:
            rules[name] = ThreeFactor(rate=rng.normal(0, 1) * mV, **common)
        else:
            own, other = rng.permutation(["a", "b"]) if rng.random() < 0.7 else ("a", "noise")
            rules[name] = AntiHebbian(rate=rng.normal(0, 5) * mV, own=str(own), other=str(other), **common)
    return rules


def plain_rules(case, rules):
    """The same rules for the twin, in the order of `rules`, over the case's own synapses."""
    ranges, start, result, done = {}, 0, [], 0
    for population in case.network.populations:
        ranges[population.name] = range(start, start + population.size)
        start += population.size
    by_projection = {}
    for projection in case.network.projections:
        count = len(projection.wiring.source)
        by_projection[projection.name] = case.synapses[done : done + count]
        done += count
    for name, rule in rules.items():
        result.append(
            PlainRule(
                synapses=by_projection[name],
                rate=rule.rate,
                tau=rule.tau,
                interval=round(rule.interval / case.dt),
                low=rule.low,
                high=rule.high,
                own=ranges[rule.own] if isinstance(rule, AntiHebbian) else None,
                other=ranges[rule.other] if isinstance(rule, AntiHebbian) else None,
                memory=None if rule.normalise is None else rule.normalise / rule.interval,
                floor=rule.floor,
            )
        )
    return result


@settings(FEW, max_examples=60)
@given(**cases, threads=st.sampled_from([1, 2]))
def test_weights_and_spikes_are_those_of_the_plain_twin(threads, **options):
    rules = random_rules(options["seed"], options["dt"])
    case = random_case(kinds=BOTH, plasticity=rules, **options)
    rng = np.random.default_rng([options["seed"], 2])
    modulators = {
        t: rng.choice([0.0, 1.0, -0.5, 2.0], len(rules)).tolist()
        for t in np.sort(rng.integers(1, case.ticks, 4)).tolist()
    }
    simulation, got = case.simulation(threads=threads), []
    for stop in [*modulators, case.ticks]:
        got += pairs(simulation.advance((stop - simulation.tick) * case.dt))
        for name, value in zip(rules, modulators.get(stop, []), strict=False):
            simulation.set_modulator(name, value)
    twins = plain_rules(case, rules)
    before = {name: [synapse.weight for synapse in twin.synapses] for name, twin in zip(rules, twins, strict=True)}
    result = case.expected(rules=twins, modulators=modulators)
    assert got == result.spikes
    for name, twin in zip(rules, twins, strict=True):
        expected = [synapse.weight for synapse in twin.synapses]
        np.testing.assert_allclose(
            simulation.weights(name), expected, rtol=1e-9, atol=1e-12, err_msg=f"{name}: {rules[name]}"
        )
        assert len(before[name]) == len(expected)
    assert simulation.recording().work["weight_changes"] == result.changes


def test_the_random_rules_do_learn():
    """The test above would pass on rules that never change anything, or never reach a bound."""
    moved, bound = [], 0
    for seed in range(12):
        rules = random_rules(seed, 0.1 * ms)
        case = random_case(seed, BOTH, plasticity=rules)
        simulation = case.simulation()
        before = {name: simulation.weights(name) for name in rules}
        simulation.advance(case.ticks * case.dt)
        for name, rule in rules.items():
            after = simulation.weights(name)
            moved += (after != before[name]).tolist()
            bound += np.count_nonzero((after == rule.low) | (after == rule.high))
    assert np.mean(moved) > 0.5 and bound > 5, (np.mean(moved), bound)


@settings(FEW, max_examples=15)
@given(**cases)
def test_threads_and_cuts_change_no_bit_of_a_weight(**options):
    rules = random_rules(options["seed"], options["dt"])
    case = random_case(kinds=BOTH, plasticity=rules, **options)
    rng = np.random.default_rng(options["seed"])
    weights = []
    for threads, cut in ((1, False), (2, False), (3, True)):
        simulation = case.simulation(threads=threads)
        while simulation.tick < case.ticks:
            step = int(rng.integers(1, 90)) if cut else case.ticks
            simulation.advance(min(step, case.ticks - simulation.tick) * case.dt)
        weights.append([simulation.weights(name).tobytes() for name in rules])
    assert weights[0] == weights[1] == weights[2]


# --- what one coincidence does --------------------------------------------------------------------------------------


def pair(rule, *, threads=1):
    """Source `x` with one plastic synapse of 1 mV onto `n`; the source `kick` makes `n` spike a tick after its own."""
    x, kick = Population("x", 1, SpikeTrain()), Population("kick", 1, SpikeTrain())
    n, other = Population("n", 1, DeltaLIF()), Population("other", 1, CurrentLIF())
    projections = [
        Projection(x, n, OneToOne(), weight=1 * mV, delay=1 * ms, plasticity=rule),
        Projection(kick, n, OneToOne(), weight=20 * mV, delay=1 * ms),
    ]
    return Simulation(Network(populations=[x, kick, n, other], projections=projections), dt=1 * ms, threads=threads)


def test_one_coincidence_changes_the_weight_by_rate_times_trace():
    simulation = pair(ThreeFactor(rate=0.1 * mV, tau=20 * ms, interval=10 * ms))
    simulation.advance(1 * ms)
    simulation.inject_spikes("x", [0])  # arrives at 2 ms
    simulation.advance(4 * ms)
    simulation.inject_spikes("kick", [0])  # n spikes at 6 ms
    simulation.advance(4 * ms)
    assert simulation.weights("x -> n").tolist() == [1 * mV]  # 9 ms: not yet
    simulation.advance(1 * ms)
    after = 1 * mV + 0.1 * mV * np.exp(-8 / 20)
    assert simulation.weights("x -> n")[0] == pytest.approx(after, rel=1e-12)
    simulation.advance(10 * ms)
    assert simulation.weights("x -> n")[0] == pytest.approx(after, rel=1e-12)  # the spike counts once


def test_a_spike_in_the_very_tick_of_the_change_counts():
    simulation = pair(ThreeFactor(rate=0.1 * mV, tau=20 * ms, interval=10 * ms))
    simulation.advance(9 * ms)
    simulation.inject_spikes("kick", [0])
    simulation.inject_spikes("x", [0])  # both arrive at 10 ms
    simulation.advance(1 * ms)
    assert simulation.weights("x -> n")[0] == pytest.approx(1.1 * mV, rel=1e-12)


def test_a_modulator_of_zero_freezes_and_one_of_minus_two_reverses():
    for value, expected in ((0.0, 1.0 * mV), (-2.0, 0.8 * mV)):
        simulation = pair(ThreeFactor(rate=0.1 * mV, interval=10 * ms))
        simulation.set_modulator("x -> n", value)
        simulation.advance(9 * ms)
        simulation.inject_spikes("kick", [0])
        simulation.inject_spikes("x", [0])
        simulation.advance(1 * ms)
        assert simulation.weights("x -> n")[0] == pytest.approx(expected, rel=1e-12)


def test_weights_stop_at_their_bounds():
    for rate, bound in ((1.0, 3 * mV), (-1.0, -2 * mV)):
        simulation = pair(ThreeFactor(rate=rate, interval=10 * ms, low=-2 * mV, high=3 * mV))
        simulation.advance(9 * ms)
        simulation.inject_spikes("kick", [0])
        simulation.inject_spikes("x", [0])
        simulation.advance(1 * ms)
        assert simulation.weights("x -> n").tolist() == [bound]


def test_a_learned_weight_is_the_one_that_acts():
    simulation = pair(ThreeFactor(rate=0.0))
    simulation.set_weights("x -> n", np.array([4 * mV]))
    simulation.inject_spikes("x", [0])
    simulation.advance(1 * ms)
    assert simulation.read("n")[0] == pytest.approx(-61 * mV)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_weights_come_and_go_in_the_order_of_the_wiring(threads):
    rng = np.random.default_rng(3)
    x, n, other = Population("x", 9, SpikeTrain()), Population("n", 7, DeltaLIF()), Population("m", 4, CurrentLIF())
    weight, delay = rng.normal(size=200) * mV, rng.integers(1, 5, 200) * ms
    edges = EdgeList(source=rng.integers(0, 9, 200), target=rng.integers(0, 7, 200))
    plastic = Projection(x, n, edges, weight=weight, delay=delay, plasticity=ThreeFactor(rate=0.0))
    fixed = Projection(x, n, AllToAll(), weight=1 * mV, name="fixed")
    simulation = Simulation(
        Network(populations=[x, n, other], projections=[fixed, plastic]), dt=1 * ms, threads=threads
    )
    np.testing.assert_array_equal(simulation.weights("x -> n"), weight)
    simulation.set_weights("x -> n", weight[::-1].copy())
    np.testing.assert_array_equal(simulation.weights("x -> n"), weight[::-1])


def test_normalised_synapses_learn_as_fast_whether_busy_or_not():
    """Two sources drive nothing, at 5 and at 80 Hz; their targets spike with them. The busy one gains far "
    "less of a lead."""

    def gain(normalise):
        x = Population("x", 200, Poisson(rate=np.repeat([5.0, 80.0], 100)))
        n, other = Population("n", 200, DeltaLIF(refractory=0.0)), Population("m", 1, CurrentLIF())
        rule = ThreeFactor(rate=0.01 * mV, interval=10 * ms, normalise=normalise, floor=0.01)
        projection = Projection(x, n, OneToOne(), weight=20 * mV, plasticity=rule)
        simulation = Simulation(Network(populations=[x, n, other], projections=[projection]), dt=1 * ms, seed=1)
        simulation.advance(8.0)
        change = simulation.weights("x -> n") - 20 * mV
        return change[100:].mean() / change[:100].mean()

    assert gain(None) > 20
    assert gain(2.0) < 8


# --- what the rules are for -----------------------------------------------------------------------------------------


def test_anti_hebbian_learning_cancels_what_a_copy_predicts():
    """ON and OFF cells are driven apart by one input; a copy of it, arriving with it, learns its negative image."""
    size, rng = 60, np.random.default_rng(0)
    copy = Population("copy", 50, Poisson(rate=0.0))
    sense = Population("sense", 50, Poisson(rate=0.0))
    on, off, other = (
        Population("on", size, DeltaLIF()),
        Population("off", size, DeltaLIF()),
        Population("m", 1, CurrentLIF()),
    )
    noise = Population("noise", 2 * size, Poisson(rate=400.0))
    rules = {
        own: AntiHebbian(rate=0.5 * mV, own=own, other=away, tau=20 * ms)
        for own, away in (("on", "off"), ("off", "on"))
    }
    half = {"on": np.arange(size), "off": np.arange(size, 2 * size)}
    projections = [Projection(sense, on, AllToAll(), weight=0.2 * mV)]
    for target in (on, off):
        projections.append(Projection(copy, target, AllToAll(), weight=0.0, plasticity=rules[target.name]))
        edges = EdgeList(source=half[target.name], target=np.arange(size))
        projections.append(Projection(noise, target, edges, weight=2 * mV))
    network = Network(populations=[copy, sense, on, off, other, noise], projections=projections)
    simulation = Simulation(network, dt=1 * ms, seed=4)

    def imbalance(seconds):
        total = 0
        for _ in range(round(seconds / 0.2)):
            drive = 40.0 * rng.integers(0, 2)
            simulation.set_rate("copy", drive)
            simulation.set_rate("sense", drive)
            spikes = simulation.advance(0.2)
            if drive:
                total += simulation.count(spikes, "on").sum() - simulation.count(spikes, "off").sum()
        return total / seconds

    for name in rules:
        simulation.set_modulator(f"copy -> {name}", 0.0)
    before = imbalance(10.0)
    for name in rules:
        simulation.set_modulator(f"copy -> {name}", 1.0)
    imbalance(40.0)
    after = imbalance(10.0)
    assert before > 200 and abs(after) < 0.2 * before, (before, after)
    assert simulation.weights("copy -> on").mean() < simulation.weights("copy -> off").mean()
    # Without the copy the imbalance is back: it is cancelled, not merely weakened.
    simulation.set_rate("copy", 0.0)
    simulation.set_rate("sense", 40.0)
    for name in rules:
        simulation.set_modulator(f"copy -> {name}", 0.0)
    spikes = simulation.advance(2.0)
    assert (simulation.count(spikes, "on").sum() - simulation.count(spikes, "off").sum()) / 2 > 0.5 * before
