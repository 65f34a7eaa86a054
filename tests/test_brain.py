"""The spiking brain: how it acts, what it copies, and that a prediction is fixed before its sensation arrives."""

from dataclasses import replace

import numpy as np
import pytest

from reafference.brain.brain import Brain, BrainPlan, smaller
from reafference.brain.comparator import ErrorPlan
from reafference.brain.worlds import open_world
from reafference.measure import cancelled_variance, half_share

FRAME = 0.05


def brain(*, seed=3, copied=True, history=0, plan=None, action="box", actions=1, senses=3):
    return Brain(
        senses=senses,
        action=action,
        actions=actions,
        frame=FRAME,
        seed=seed,
        copied=copied,
        history=history,
        plan=plan or smaller(BrainPlan(), 300),
    )


def sensations(frames, seed=0, senses=3):
    """Smooth wandering states and their changes."""
    rng = np.random.default_rng(seed)
    state = np.tanh(np.cumsum(rng.normal(0, 0.3, (frames, senses)), axis=0))
    change = np.diff(state, axis=0, prepend=state[:1])
    return state, change / 0.25


def live(subject, frames, seed=0):
    state, change = sensations(frames, seed)
    commands, seen = [], []
    for k in range(frames):
        subject.feel(state[k], change[k])
        commands.append(subject.act())
        seen.append(subject.finish())
    return np.array(commands), seen


def test_babble_is_the_networks_own_and_the_same_for_the_same_seed():
    first, _ = live(brain(), 200)
    again, _ = live(brain(), 200, seed=5)  # other sensations: babble does not listen
    other, _ = live(brain(seed=4), 200)
    past, _ = live(brain(history=1), 200)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first[20:], other[20:]) and not np.allclose(first[20:], past[20:])
    for commands in (first, other, past):
        assert np.abs(commands).max() <= 1.0
        assert 0.3 < commands[20:].std() < 0.95
    # It wanders over some frames instead of jumping: neighbouring commands are alike, distant ones are not.
    centred = first[20:, 0] - first[20:, 0].mean()
    correlation = [np.mean(centred[lag:] * centred[: centred.size - lag]) / centred.var() for lag in (1, 20)]
    assert correlation[0] > 0.4 and abs(correlation[1]) < 0.4


def test_each_relay_repeats_each_spike_of_its_motoneuron_two_ticks_later():
    subject = brain()
    _, seen = live(subject, 60)
    tick = np.concatenate([frame.spikes.tick for frame in seen])
    neuron = np.concatenate([frame.spikes.neuron for frame in seen])
    checked = 0
    for pool, relay in zip(subject.motor.pools, subject.motor.relays, strict=True):
        start, copy = subject.network.first(pool), subject.network.first(relay)
        for cell in range(subject.plan.motor.motoneurons):
            sent, heard = tick[neuron == start + cell], tick[neuron == copy + cell]
            np.testing.assert_array_equal(sent[sent <= tick.max() - 2] + 2, heard)
            checked += sent.size
    assert checked > 200


def test_the_cut_twin_commands_the_same_but_its_basis_does_not_hear_it():
    own_commands, own = live(brain(), 120)
    cut_commands, cut = live(brain(copied=False), 120)
    np.testing.assert_array_equal(own_commands, cut_commands)
    heard = np.array([frame.efference for frame in own]), np.array([frame.efference for frame in cut])
    assert (heard[0] != heard[1]).any()
    # Without any change of state the cut basis repeats itself; the whole one follows its commands.
    spread = []
    for copied in (True, False):
        still = brain(copied=copied)
        counts = []
        for _ in range(120):
            still.feel(np.zeros(3), np.zeros(3))
            still.act()
            counts.append(still.finish().efference.sum())
        spread.append(np.std(counts[40:]))
    assert spread[0] > 3 * spread[1]


def test_a_prediction_is_fixed_before_its_sensation_arrives():
    one, two = brain(), brain()
    state, change = sensations(80)
    for k in range(80):
        surprise = np.zeros(3) if k < 79 else np.full(3, 5.0)
        one.feel(state[k], change[k])
        two.feel(state[k], change[k] + surprise)
        one.act(), two.act()
        seen = one.finish(), two.finish()
    assert (seen[0].sensed != seen[1].sensed).all() and seen[0].errors.sum() != seen[1].errors.sum()
    np.testing.assert_array_equal(seen[0].predicted, seen[1].predicted)
    assert np.abs(seen[0].predicted).max() > 0


def test_nothing_is_learned_while_learning_is_off():
    subject = brain()
    live(subject, 40)
    subject.learning = False
    live(subject, 1)
    names = [name for pair in subject.comparator.plastic for name in pair]
    before = [subject.simulation.weights(name) for name in names]
    live(subject, 40)
    for name, weights in zip(names, before, strict=True):
        np.testing.assert_array_equal(subject.simulation.weights(name), weights)
        assert np.abs(weights).max() > 0
    subject.learning = True
    live(subject, 3)
    assert any((subject.simulation.weights(name) != w).any() for name, w in zip(names, before, strict=True))


def test_a_silenced_cell_is_silent_until_it_is_freed():
    subject = brain()
    _, seen = live(subject, 60)
    loud = np.argsort(sum(frame.efference for frame in seen))[-30:]
    subject.silence(loud)
    _, seen = live(subject, 20)
    assert sum(frame.efference for frame in seen[1:])[loud].sum() == 0
    subject.silence(np.zeros(0, np.int64))
    _, seen = live(subject, 20)
    assert sum(frame.efference for frame in seen)[loud].sum() > 50


def test_the_trap_a_rule_that_chases_its_error_looks_like_prediction():
    """Read after the sensation, the weights of a brain seem to cancel what no one could know; read before, nothing."""
    hasty = replace(smaller(BrainPlan(), 300), error=ErrorPlan(rate=60e-3), least=1.0, maturity=1e6)
    subject = brain(copied=False, plan=hasty)
    rng = np.random.default_rng(1)
    sensed, honest, chased, before = [], [], [], np.zeros(300)
    for _ in range(500):
        # Noise: there is nothing to predict, with or without a copy of the command.
        subject.feel(np.zeros(3), rng.normal(0, 1, 3))
        subject.act()
        frame = subject.finish()
        sensed.append(frame.sensed)
        honest.append(frame.predicted)
        weights = [subject.simulation.weights(on).reshape(300, -1) for on, _ in subject.comparator.plastic]
        on = np.stack([w.mean(axis=1) for w in weights])
        chased.append(-(on @ before) / hasty.error.weight)
        before = frame.efference
    sensed, honest, chased = (np.array(a)[250:] for a in (sensed, honest, chased))
    assert (cancelled_variance(sensed, chased) > 0.15).all()
    assert (cancelled_variance(sensed, honest) < 0.05).all()


def test_it_learns_what_its_own_action_feels_like_and_spikes_undemocratically():
    world = open_world("Pendulum-v1", seed=11)
    subject = brain(seed=11, plan=smaller(BrainPlan(maturity=20.0), 600))
    now = world.reset()
    sensed, predicted, counts = [], [], np.zeros(600)
    for k in range(900):
        subject.learning = k < 700
        before, scale = now, np.array([0.3, 0.3, 0.6])
        now, _ = world.step(subject.act())
        frame = subject.finish()
        subject.feel(now / [1, 1, 8], (now - before) / scale)
        if k >= 720:
            sensed.append(frame.sensed), predicted.append(frame.predicted)
            counts += frame.efference
    cancelled = cancelled_variance(np.array(sensed), np.array(predicted))
    assert cancelled[2] > 0.85, cancelled
    assert 0.08 < half_share(counts) < 0.22


def test_a_discrete_body_is_commanded_by_the_busiest_pool():
    subject = brain(action="discrete", actions=3)
    commands, _ = live(subject, 300)
    assert set(np.unique(commands)) == {0, 1, 2}
    assert len(subject.motor.pools) == 3


def test_a_frame_that_is_no_whole_number_of_milliseconds_is_refused():
    with pytest.raises(ValueError, match="whole number of milliseconds"):
        Brain(senses=1, action="box", actions=1, frame=0.0105, seed=1)
    with pytest.raises(ValueError, match="at least one sense"):
        Brain(senses=0, action="box", actions=1, frame=0.05, seed=1)
