"""Learning from spikes against what is known of the rules: windows, sums over pairs, fixed points, rates, reward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forced import forced
from random_networks import FEW
from reafference import (
    AllToAll,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    Network,
    PairSTDP,
    Poisson,
    Population,
    PowerLaw,
    Projection,
    RewardSTDP,
    Simulation,
    SoftBounds,
    TripletSTDP,
)
from reafference.units import ms, mV, uV
from test_stdp import FLOAT64, random_rule

HALF, FULL = 0.5 * uV, 1 * uV  # weights so small that they move no neuron


def learned(rule, events, spikes, *, ticks, dt=1 * ms, weight=HALF):
    """Change of each weight, (sources, targets), in units of high - low."""
    simulation = forced(rule, events, spikes, dt=dt, weight=weight)
    got = simulation.advance(ticks * dt)
    assert simulation.count(got, "n").tolist() == [len(each) for each in spikes]
    before = np.broadcast_to(weight, len(events) * len(spikes))
    change = (simulation.weights("x -> n") - before) / (rule.high - rule.low)
    return change.reshape(len(events), len(spikes))


def poisson(rng, count, rate, ticks, dt):
    """Ticks of `count` trains in which every tick from 2 on has a spike with probability rate * dt."""
    return [np.flatnonzero(rng.random(ticks - 2) < rate * dt) + 2 for _ in range(count)]


def sums(tau, dt):
    """Sum of exp(-d dt / tau) over d = 0, 1, ... and over d = 1, 2, ..."""
    q = np.exp(-dt / tau)
    return 1 / (1 - q), q / (1 - q)


# --- pairs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1 * ms, 1 * ms])
def test_a_pair_changes_the_weight_by_an_exponential_of_the_time_between(dt):
    rule = PairSTDP(high=FULL, a_plus=0.02, a_minus=0.03, tau_plus=15 * ms, tau_minus=25 * ms)
    lag = np.arange(-round(100 * ms / dt), round(100 * ms / dt) + 1)  # ticks from event to spike
    event = lag[-1] + 5
    change = learned(rule, [[event]], [[event + d] for d in lag], ticks=2 * event, dt=dt)[0]
    time = lag * dt
    expected = np.where(lag >= 0, 0.02 * np.exp(-time / rule.tau_plus), -0.03 * np.exp(time / rule.tau_minus))
    np.testing.assert_allclose(change, expected, rtol=1e-9)
    area = change.sum() * dt
    assert area == pytest.approx(0.02 * rule.tau_plus - 0.03 * rule.tau_minus, rel=0.12 if dt > 0.5 * ms else 0.08)


def test_all_spikes_add_up_and_nearest_ones_do_not():
    """Ten events at an interval T, then a spike; and ten spikes, then an event."""
    q = np.exp(-10 / 20)
    early, late = np.arange(10) * 10 + 5, [105]
    for pairing, x in (({}, (1 - q**10) / (1 - q)), ({"pairing": NearestSpike()}, 1.0)):
        rule = PairSTDP(high=FULL, a_plus=0.01, a_minus=0.02, **pairing)
        assert learned(rule, [early], [late], ticks=120)[0, 0] == pytest.approx(0.01 * x * q, rel=1e-9)
        assert learned(rule, [late], [early], ticks=120)[0, 0] == pytest.approx(-0.02 * x * q, rel=1e-9)


def test_an_event_and_a_spike_in_one_tick_potentiate_in_full():
    rule = PairSTDP(high=FULL, a_plus=0.01, a_minus=0.02)
    assert learned(rule, [[7]], [[7]], ticks=10)[0, 0] == pytest.approx(0.01, rel=1e-9)


def test_inhibitory_synapses_mirror_excitatory_ones():
    rng, ticks = np.random.default_rng(4), 2000
    events, spikes = poisson(rng, 3, 30.0, ticks, 1 * ms), poisson(rng, 3, 30.0, ticks, 1 * ms)
    for more in ({}, {"dependence": SoftBounds(mu_plus=0.4, mu_minus=0.7)}, {"dependence": PowerLaw(w0=HALF)}):
        rates = {"a_plus": 0.02, "a_minus": 0.03, **more}
        up = learned(PairSTDP(low=0.1 * uV, high=FULL, **rates), events, spikes, ticks=ticks)
        down = learned(PairSTDP(low=-FULL, high=-0.1 * uV, **rates), events, spikes, ticks=ticks, weight=-HALF)
        np.testing.assert_allclose(up, -down, rtol=1e-12)
        assert np.std(up) > 0.01


# --- dependence on the weight ----------------------------------------------------------------------------------------


def test_the_power_law_has_its_exponents():
    rule = PairSTDP(
        high=10 * uV, a_plus=1e-3, a_minus=1e-3, dependence=PowerLaw(mu_plus=0.4, mu_minus=0.9, w0=0.7 * uV)
    )
    weight = np.geomspace(1e-3, 5, 12) * uV
    simulation = forced(rule, [[10]], [[15]] * 6 + [[5]] * 6, dt=1 * ms, weight=np.tile(weight[::2], 2))
    simulation.advance(20 * ms)
    change = np.abs(simulation.weights("x -> n") - np.tile(weight[::2], 2)).reshape(2, 6)
    for size, exponent in zip(change, (0.4, 0.9), strict=True):
        assert np.diff(np.log(size)) / np.diff(np.log(weight[::2])) == pytest.approx(exponent, abs=1e-6)
        at_w0 = np.exp(np.interp(np.log(0.7 * uV), np.log(weight[::2]), np.log(size)))
        assert at_w0 == pytest.approx(1e-3 * 0.7 * uV * np.exp(-5 / 20), rel=1e-6)


def test_multiplicative_weights_gather_where_potentiation_and_depression_balance():
    """a_plus (high - w) S_plus = a_minus (w - low) S_minus, wherever they begin."""
    dt, ticks, rng = 1 * ms, 30_000, np.random.default_rng(8)
    rule = PairSTDP(low=0.2 * uV, high=FULL, a_plus=0.01, a_minus=0.015, tau_minus=30 * ms, dependence=Multiplicative())
    weight = np.where(np.arange(900) % 2, rule.low, rule.high)
    events, spikes = poisson(rng, 30, 20.0, ticks, dt), poisson(rng, 30, 20.0, ticks, dt)
    simulation = forced(rule, events, spikes, dt=dt, weight=weight)
    simulation.advance(ticks * dt)
    up, down = 0.01 * sums(rule.tau_plus, dt)[0], 0.015 * sums(rule.tau_minus, dt)[1]
    balance = (up * rule.high + down * rule.low) / (up + down)
    end = simulation.weights("x -> n")
    for half in (end[::2], end[1::2]):
        assert half.mean() == pytest.approx(balance, abs=0.02 * FULL)
    assert end.std() < 0.1 * FULL


# --- triplets --------------------------------------------------------------------------------------------------------


def pairing_protocol(rule, frequency, lag, pairs=60):
    """What the triplet rule makes of `pairs` pairs at `frequency` (Hz), spikes `lag` (s) after events, one by one."""
    period, total = 1 / frequency, 0.0
    q = {name: np.exp(-period / getattr(rule, f"tau_{name}")) for name in ("plus", "minus", "x", "y")}

    def grown(name, count):
        """Sum of the last `count` powers of q, the newest being 1."""
        return (1 - q[name] ** count) / (1 - q[name])

    for k in range(pairs):
        before, after = (k, k + 1) if lag > 0 else (k + 1, k)  # spikes before event k, events before spike k
        shift = (period - lag) if lag > 0 else -lag  # from the last spike before an event
        y = np.exp(-shift / rule.tau_minus) * grown("minus", before)
        x2 = q["x"] * grown("x", k)
        back = lag if lag > 0 else period + lag  # from the last event before a spike
        x = np.exp(-back / rule.tau_plus) * grown("plus", after)
        y2 = q["y"] * grown("y", k)
        total += x * (rule.a2_plus + rule.a3_plus * y2) - y * (rule.a2_minus + rule.a3_minus * x2)
    return total


def test_the_triplet_rule_turns_from_depression_to_potentiation_with_the_rate_of_pairing():
    """As in Pfister and Gerstner (2006): a spike after the event does nothing at low rates and potentiates at high
    ones; before the event it depresses at low rates and potentiates at high ones."""
    rule = TripletSTDP(high=FULL, a2_plus=1e-5, a2_minus=7e-5, a3_plus=6.2e-5, a3_minus=2.3e-6)
    change = {}
    for frequency in (0.5, 10, 20, 40, 50):
        period = round(1000 / frequency)
        event = np.arange(60) * period + 20
        for lag in (10, -10):
            got = learned(rule, [event], [event + lag], ticks=int(event[-1]) + 20)[0, 0]
            change[frequency, lag] = got
            assert got == pytest.approx(pairing_protocol(rule, 1000 / period / ms / 1000, lag * ms), rel=1e-7)
    scale = change[50, 10]
    assert scale > 0 and abs(change[0.5, 10]) < 0.1 * scale
    assert change[0.5, -10] < -0.1 * scale and change[10, -10] < 0
    assert change[50, -10] > 0 and change[40, 10] > change[20, 10] > change[10, 10]


def test_the_triplet_rule_has_a_threshold_in_the_rate_of_the_target():
    """With independent Poisson trains dw/dt is proportional to r_x r_y (r_y - threshold), as in the BCM rule."""
    dt, ticks, rng = 1 * ms, 40_000, np.random.default_rng(2)
    rule = TripletSTDP(high=FULL, a2_minus=7.1e-6, a3_plus=6.5e-6)
    threshold = rule.a2_minus * rule.tau_minus / (rule.a3_plus * rule.tau_plus * rule.tau_y)
    assert threshold == pytest.approx(19.2, abs=0.1)
    rates = np.array([5.0, 10.0, 30.0, 50.0])
    events = poisson(rng, 40, 20.0, ticks, dt)
    spikes = [train for rate in rates for train in poisson(rng, 40, rate, ticks, dt)]
    change = learned(rule, events, spikes, ticks=ticks, dt=dt).reshape(40, 4, 40).mean(axis=(0, 2))
    p_x, p_y = 20.0 * dt, rates * dt
    up = sums(rule.tau_plus, dt)[0] * rule.a3_plus * p_y * sums(rule.tau_y, dt)[1]
    expected = ticks * p_x * p_y * (up - rule.a2_minus * sums(rule.tau_minus, dt)[1])
    np.testing.assert_allclose(change, expected, rtol=0.05, atol=0.02 * np.abs(expected).max())
    assert (change[:2] < 0).all() and (change[2:] > 0).all()


# --- reward ----------------------------------------------------------------------------------------------------------


def rewarded(rule, modulators, *, ticks, events=((50,),), spikes=((60,),)):
    """Change in units of high - low, the modulator being set as in {tick: value}."""
    simulation = forced(rule, events, spikes, dt=1 * ms, weight=HALF)
    for tick, value in sorted(modulators.items()):
        if tick > simulation.tick:
            simulation.advance((tick - simulation.tick) * ms)
        simulation.set_modulator("x -> n", value)
    simulation.advance((ticks - simulation.tick) * ms)
    return (simulation.weights("x -> n")[0] - HALF) / FULL


RULE = RewardSTDP(high=FULL, a_plus=0.02, a_minus=0.03, tau_c=0.5)
PAIR = 0.02 * np.exp(-10 / 20)  # eligibility that the pair leaves, in units of high - low


def test_without_a_modulator_nothing_changes():
    assert rewarded(RULE, {}, ticks=3000) == 0.0


def test_reward_for_ever_makes_of_a_pair_what_the_pair_rule_does():
    rng, ticks = np.random.default_rng(3), 8000
    events, spikes = poisson(rng, 4, 20.0, 2000, 1 * ms), poisson(rng, 4, 20.0, 2000, 1 * ms)
    rates = {"high": FULL, "a_plus": 0.002, "a_minus": 0.003}
    at_once = learned(PairSTDP(**rates), events, spikes, ticks=ticks)
    later = learned(RewardSTDP(**rates, tau_c=0.3, modulator=1.0), events, spikes, ticks=ticks)
    np.testing.assert_allclose(later, at_once, atol=1e-6)
    assert np.std(at_once) > 0.005


@pytest.mark.parametrize("delay", [0, 100, 700, 2000])
def test_a_delayed_reward_is_worth_what_is_left_of_the_eligibility(delay):
    """A pulse of M between two moments turns the fall of the eligibility between them into weight."""
    begin, end = 60 + delay, 60 + delay + 100
    expected = 3.0 * PAIR * (np.exp(-delay * ms / 0.5) - np.exp(-(delay + 100) * ms / 0.5))
    assert rewarded(RULE, {begin: 3.0, end: 0.0}, ticks=5000) == pytest.approx(expected, rel=1e-6)
    assert rewarded(RULE, {begin: -3.0, end: 0.0}, ticks=5000) == pytest.approx(-expected, rel=1e-6)


def test_what_came_before_the_pair_is_not_rewarded():
    assert rewarded(RULE, {10: 5.0, 59: 0.0}, ticks=3000) == pytest.approx(0.0, abs=1e-9)
    assert rewarded(RULE, {10: 5.0, 60: 0.0}, ticks=3000) == pytest.approx(0.0, abs=1e-9)


# --- inhibition ------------------------------------------------------------------------------------------------------


def test_inhibition_grows_until_its_targets_fire_at_the_wanted_rate():
    """Many weak synapses: of a strong one the target knows, it spikes less after its events, and the rule sees it."""
    size, rng = 40, np.random.default_rng(0)
    drive = Population("drive", 4 * size, Poisson(rate=rng.uniform(200, 500, 4 * size)))
    inhibition = Population("inhibition", 200, Poisson(rate=10.0))
    n, other = Population("n", size, DeltaLIF()), Population("other", 1, CurrentLIF())
    rule = InhibitorySTDP(low=-2 * mV, rate=0.003, target_rate=8.0)
    four_each = EdgeList(source=np.arange(4 * size), target=np.arange(4 * size) % size)
    projections = [
        Projection(inhibition, n, AllToAll(), weight=0.0, plasticity=rule),
        Projection(drive, n, four_each, weight=1.2 * mV),
    ]
    simulation = Simulation(Network(populations=[drive, inhibition, n, other], projections=projections), dt=1 * ms)
    before = simulation.count(simulation.advance(2.0), "n") / 2.0
    simulation.advance(40.0)
    after = simulation.count(simulation.advance(20.0), "n") / 20.0
    assert before.mean() > 16, "nothing to balance"
    assert after.mean() == pytest.approx(8.0, rel=0.1)
    assert after.std() < 0.3 * before.std()


# --- bounds ----------------------------------------------------------------------------------------------------------


@settings(FEW, max_examples=40)
@given(
    seed=st.integers(0, 2**31), kind=st.sampled_from([*FLOAT64, RewardSTDP]), factor=st.sampled_from([1.0, 5.0, 50.0])
)
def test_weights_never_leave_their_bounds(seed, kind, factor):
    rng = np.random.default_rng(seed)
    rule = random_rule(rng, 1 * ms, kind)
    rates = [
        name for name in ("a_plus", "a_minus", "a2_plus", "a2_minus", "a3_plus", "a3_minus") if hasattr(rule, name)
    ]
    larger = {name: float(np.clip(getattr(rule, name) * factor, -1, 1)) for name in rates}
    rule = type(rule)(**{**vars(rule), **larger})
    events, spikes = poisson(rng, 3, 200.0, 300, 1 * ms), poisson(rng, 3, 200.0, 300, 1 * ms)
    simulation = forced(rule, events, spikes, dt=1 * ms, weight=rng.uniform(rule.low, rule.high, 9))
    if kind is RewardSTDP:
        simulation.set_modulator("x -> n", rng.normal() * 100)
    for _ in range(10):
        simulation.advance(30 * ms)
        weights = simulation.weights("x -> n")
        assert (weights >= rule.low).all() and (weights <= rule.high).all(), (rule, weights)
