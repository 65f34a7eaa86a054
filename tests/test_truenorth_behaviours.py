"""The 20 behaviours: what each is known by, asserted of the spikes and potentials of the circuit that shows it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from reafference.chips.truenorth.behaviours import all_behaviours

BY_LETTER = {behaviour.letter: behaviour for behaviour in all_behaviours()}
# Neurons of each circuit; all others are a single neuron.
MORE = {"B": 2, "C": 2, "D": 2, "E": 2, "F": 2, "K": 2, "N": 2, "R": 17, "T": 2}


@cache
def seen(letter):
    """(ticks of the first neuron's spikes, its potential at the end of each tick)."""
    run = BY_LETTER[letter].run()
    return run.spikes.tick[run.spikes.neuron == 0], run.potential[:, 0]


def bursts(spikes, gap):
    """Sizes of the groups of spikes with at most `gap` ticks between neighbours."""
    return [len(group) for group in np.split(spikes, np.flatnonzero(np.diff(spikes) > gap) + 1)]


def stimulus(letter):
    ticks = [tick for tick, _ in BY_LETTER[letter].inputs]
    return min(ticks), max(ticks)


def rates(letter, long, count):
    """Spikes in each of `count` stretches of `long` ticks, from the first on with one axon more each."""
    spikes, _ = seen(letter)
    return np.array([np.sum((spikes >= long * k) & (spikes < long * (k + 1))) for k in range(1, count + 1)])


def test_there_are_twenty_and_as_many_neurons_as_the_table_says():
    assert "".join(BY_LETTER) == "ABCDEFGHIJKLMNOPQRST"
    assert {letter: len(one.neurons) for letter, one in BY_LETTER.items() if len(one.neurons) > 1} == MORE


def test_tonic_spiking_is_regular_and_ends_with_the_input():
    spikes, _ = seen("A")
    begin, end = stimulus("A")
    assert len(spikes) >= 5 and len(set(np.diff(spikes))) == 1
    assert begin <= spikes[0] and spikes[-1] <= end


def test_phasic_spiking_is_one_spike_at_the_onset():
    spikes, _ = seen("B")
    assert spikes.tolist() == [stimulus("B")[0]]


def test_tonic_bursting_is_bursts_of_one_size_at_one_distance():
    spikes, _ = seen("C")
    sizes = bursts(spikes, 4)
    assert len(sizes) >= 5 and set(sizes[:-1]) == {4}
    starts = spikes[np.r_[True, np.diff(spikes) > 4]]
    assert len(set(np.diff(starts))) == 1


def test_phasic_bursting_is_one_burst_at_the_onset():
    spikes, _ = seen("D")
    begin, end = stimulus("D")
    assert bursts(spikes, 4) == [4] and spikes[-1] < begin + 10 < end


def test_mixed_mode_is_a_burst_and_then_regular_spikes():
    intervals = np.diff(seen("E")[0])
    assert set(intervals[:3]) == {2} and len(intervals) >= 8
    assert len(set(intervals[4:])) == 1 and intervals[-1] >= 3 * intervals[0]


def test_adaptation_makes_intervals_longer():
    intervals = np.diff(seen("F")[0])
    thirds = [part.mean() for part in np.array_split(intervals, 3)]
    assert thirds[0] < thirds[1] < thirds[2] and thirds[2] > 2 * thirds[0]
    assert set(intervals[:4]) == {2}


def test_class_1_begins_slowly_and_follows_the_input():
    found = rates("G", 60, 8)
    assert (np.diff(found) > 0).all()
    assert 0 < found[0] <= found[-1] / 8


def test_class_2_begins_at_a_high_rate():
    found = rates("H", 60, 8)
    assert (found[:3] == 0).all()
    assert found[3] >= found.max() / 2 - 1 and (found[4:] == 60).all()


def test_latency_is_longer_after_a_weaker_pulse_and_none_after_the_weakest():
    spikes, _ = seen("I")
    assert len(spikes) == 2
    weaker, stronger = spikes - np.array([60, 160])
    assert weaker > stronger > 30


def test_the_potential_swings_below_threshold_and_a_pulse_acts_by_its_phase():
    spikes, v = seen("J")
    assert spikes.tolist() == [91]
    turns = np.flatnonzero(np.diff(v) > 0) + 1
    free = turns[turns < 50]
    assert len(free) >= 2 and v.max() < BY_LETTER["J"].neurons[0].threshold
    assert len(turns[turns > 95]) >= 2 and len(set(np.diff(turns[turns > 95]))) == 1


def test_a_resonator_answers_to_one_interval_alone():
    assert seen("K")[0].tolist() == [70]


def test_an_integrator_answers_to_pulses_that_are_close():
    assert seen("L")[0].tolist() == [21]


def test_a_rebound_spike_follows_inhibition():
    spikes, _ = seen("M")
    assert spikes.tolist() == [stimulus("M")[1] + 1]


def test_a_rebound_burst_follows_inhibition_and_ends():
    spikes, _ = seen("N")
    assert bursts(spikes, 2) == [5] and spikes[0] == stimulus("N")[1] + 1


def test_a_pulse_fires_it_only_after_inhibition():
    assert seen("O")[0].tolist() == [62]


def test_one_pulse_turns_it_on_and_another_off():
    spikes, _ = seen("P")
    assert spikes.tolist() == list(range(20, 80))


def test_a_spike_leaves_it_depolarised_so_that_a_weak_pulse_fires_it():
    spikes, v = seen("Q")
    assert spikes.tolist() == [60, 64, 110]  # the same pulse at 20 did not
    assert v[110] > 0 and (np.diff(v[110:120]) < 0).all()


def test_a_steep_ramp_fires_it_and_a_slow_one_does_not():
    spikes, _ = seen("R")
    drive = BY_LETTER["R"].drive()
    assert len(spikes) > 0 and spikes.min() >= 460
    assert drive[:440].max() == drive[440:].max()  # the slow one comes as far


def test_inhibition_makes_it_spike_and_rest_lets_it_rest():
    spikes, _ = seen("S")
    begin, end = stimulus("S")
    assert len(spikes) >= 20 and begin < spikes[0] and spikes[-1] <= end + 1
    assert len(set(np.diff(spikes))) == 1


def test_inhibition_makes_it_burst():
    spikes, _ = seen("T")
    sizes = bursts(spikes, 4)
    assert len(sizes) >= 4 and min(sizes[:-1]) >= 4
    assert spikes[-1] <= stimulus("T")[1] + 1


@pytest.mark.parametrize("letter", list(BY_LETTER))
def test_without_input_nobody_spikes(letter):
    """Or a signature above might be there without any cause."""
    from dataclasses import replace

    run = replace(BY_LETTER[letter], inputs=()).run()
    assert run.spikes.tick.size == 0
