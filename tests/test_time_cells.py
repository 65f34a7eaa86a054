"""Time cells: the chains do what their equations say, fields widen with delay, and the read-out needs nothing else."""

import numpy as np
import pytest

from plain_time_cells import plain_chain
from reafference.brain.elapsed_time import ElapsedDecoder, TimeError, run_trials, weber_slope
from reafference.brain.time_cells import DT, TimePlan, build_time_cells, linear_times, log_times
from reafference.engine import Simulation
from reafference.units import ms

PLAN = TimePlan(times=log_times(0.4, 6.4, 13), stages=8)
COPIES = 80
GRID = np.round(np.geomspace(0.2, 5.0, 40), 3)


@pytest.fixture(scope="module")
def bank():
    return build_time_cells(PLAN, copies=COPIES, seed=10_001)


@pytest.fixture(scope="module")
def trials(bank):
    return run_trials(bank, GRID, seed=10_001)


@pytest.fixture(scope="module")
def decoder(trials):
    return ElapsedDecoder.fit(GRID, trials.active[:, : COPIES // 2])


@pytest.fixture(scope="module", params=[20, 16], ids=["loop 20 ms", "shortest loop"])
def started_twice(request):
    """Spikes of three chains that are started, and started again while they are on their way."""
    plan = TimePlan(times=log_times(0.4, 2.0, 3), stages=5, loop=request.param * ms)
    bank = build_time_cells(plan, copies=6, seed=10_002)
    simulation = Simulation(bank.network, dt=DT, seed=5, record=("beats", "stages"))
    simulation.inject_spikes("onset", np.arange(6))
    simulation.advance(0.5)
    simulation.inject_spikes("onset", np.arange(6))
    simulation.advance(2.5)
    return bank, simulation.recording()


def test_stages_fire_as_the_plain_chain_says(started_twice):
    bank, recording = started_twice
    time, neuron = recording.of("stages")
    beat, of = recording.of("beats")
    start, loop = round(bank.delay / DT), round(bank.plan.loop / DT)
    for chain in range(18):
        mine = neuron // 6 == chain
        got = sorted(zip(np.round(time[mine] / DT).astype(int).tolist(), (neuron[mine] % 6).tolist(), strict=True))
        beats = np.round(beat[of == chain] / DT).astype(int).tolist()
        assert got == plain_chain(beats, [0, 500], stages=5, loop=loop, ticks=3000, start=start)
    assert set((neuron % 6).tolist()) == set(range(6))


def test_an_onset_stops_the_chains_and_starts_them_again(started_twice):
    bank, recording = started_twice
    time, neuron = recording.of("stages")
    begin = 0.5 + bank.delay
    assert not np.any((time > begin - 20 * ms) & (time < begin - DT / 2))
    again = (time > begin - DT / 2) & (time < begin + DT / 2)
    assert sorted(neuron[again].tolist()) == list(range(0, 18 * 6, 6))


def test_fields_widen_in_proportion_to_their_delay():
    plan = TimePlan(times=log_times(0.6, 4.8, 4), stages=6, jitter=0.0)
    bank = build_time_cells(plan, copies=250, seed=10_003)
    simulation = Simulation(bank.network, dt=DT, seed=10_003, record=("stages",))
    simulation.inject_spikes("onset", np.arange(250))
    simulation.advance(14.0)
    time, neuron = simulation.recording().of("stages")
    end = neuron % 7 == 6
    order = np.argsort(neuron[end])
    passed = (time[end] - bank.delay)[order].reshape(250, 4)  # every chain has come to its end, once
    mean, spread = passed.mean(axis=0), passed.std(axis=0)
    # n - 1 waits after a first gate that is met with the same chance; their law is geometric in gates of 20 ms.
    np.testing.assert_allclose(mean, plan.times, rtol=0.12)
    np.testing.assert_allclose(spread[1:] / mean[1:], 6**-0.5, rtol=0.2)
    assert abs(np.polyfit(np.log(mean), np.log(spread), 1)[0] - 1.0) < 0.2


def test_elapsed_time_is_read_on_other_trials_and_not_from_shuffled_labels(trials, decoder):
    asked = [int(np.argmin(np.abs(GRID - true))) for true in (0.5, 1.0, 2.0, 3.5)]
    shuffled = np.random.default_rng(1).permutation(trials.active.shape[2])
    good, bad = [], []
    for at in asked:
        held = trials.active[at, COPIES // 2 :]
        good.append(TimeError.of(decoder.read(held), GRID[at]))
        bad.append(TimeError.of(decoder.read(held[:, shuffled]), GRID[at]))
    assert max(abs(error.bias) for error in good) < 0.12
    assert max(error.variation for error in good) < 0.3
    assert np.mean([error.log_error for error in bad]) > 5 * np.mean([error.log_error for error in good])


def test_a_bank_clocked_by_commands_counts_them_and_stands_still_without(bank, decoder):
    rng = np.random.default_rng(2)
    times = np.array([1.0, 2.0, 3.0, 4.0])

    def half_the_time(now):
        return (rng.random(COPIES) < 0.5) & (now < 2.0 - 1e-9)

    ran = run_trials(bank, times, seed=10_004, command=half_the_time)
    assert np.array_equal(ran.steps[1], ran.steps[3]) and ran.steps[1].mean() == pytest.approx(50, rel=0.1)
    read = np.median(decoder.read(ran.active), axis=1)
    np.testing.assert_allclose(read[:2], [0.5, 1.0], rtol=0.2)  # steps of 20 ms, not seconds
    np.testing.assert_allclose(read[2:], read[1], rtol=0.1)  # frozen: what is told does not go on


def test_the_same_seed_gives_the_same_spikes_and_another_seed_others(bank):
    times = np.array([0.5, 1.0])
    first, again, other = (run_trials(bank, times, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(first.active, again.active) and np.array_equal(first.spikes, again.spikes)
    assert not np.array_equal(first.active, other.active)


def test_weber_slope_is_that_of_a_power_law():
    times = np.array([0.5, 1.0, 4.0, 16.0])
    assert weber_slope(times, 0.05 * times**-0.5) == pytest.approx(-0.5)


def test_chains_that_cells_cannot_follow_are_refused():
    with pytest.raises(ValueError, match=r"0\.0125 s at a stage, below the 0\.03 s.*fewer stages"):
        TimePlan(times=log_times(0.1, 8.0, 5), stages=8)
    with pytest.raises(ValueError, match="rise"):
        run_trials(build_time_cells(PLAN, copies=1, seed=0), np.array([2.0, 1.0]), seed=0)
    with pytest.raises(ValueError, match="equal steps of log time"):
        ElapsedDecoder.fit(linear_times(1.0, 9.0, 5), np.zeros((5, 2, 3), bool))
