"""The event engine against its plain twin: the same spikes in the same ticks, however the work is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain import PlainNeuron, PlainSynapse, plain_poisson, plain_run
from random_networks import BOTH, CURRENT, DELTA, FEW, cases, pairs, random_case
from reafference import (
    AllToAll,
    CurrentLIF,
    DeltaLIF,
    FixedProbability,
    LogNormal,
    Network,
    OneToOne,
    Poisson,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    Uniform,
    Watch,
    run,
)
from reafference.engine import decay
from reafference.engine.current import BUSY as CURRENT_BUSY
from reafference.engine.delta import BUSY as DELTA_BUSY
from reafference.engine.delta import SWEEPS
from reafference.units import ms, mV, nA

# --- spike for spike ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", [DELTA, CURRENT, BOTH], ids="+".join)
@settings(FEW, max_examples=60)
@given(**cases)
def test_every_spike_and_voltage_is_that_of_the_plain_twin(kinds, **options):
    case = random_case(kinds=kinds, **options)
    watch = [
        Watch(population=name, variable=variable)
        for name, kind in zip("ab", kinds, strict=True)
        for variable in (["v", "g_e", "g_i"] if kind == "current" else ["v"])
    ]
    simulation = case.simulation(watch=watch)
    spikes = simulation.advance(case.ticks * case.dt)
    twin = case.expected()
    assert pairs(spikes) == twin.spikes
    recording = simulation.recording()
    assert recording.work["synaptic_events"] == twin.events
    assert recording.work["spikes"] == len(twin.spikes)
    np.testing.assert_array_equal(np.rint(recording.sampled / case.dt), np.arange(1, case.ticks + 1))
    for name, trace in recording.traces.items():
        first, end = recording.range(name[0])
        np.testing.assert_allclose(
            trace.value, getattr(twin, trace.variable)[1:, first:end], rtol=0, atol=1e-12, err_msg=name
        )
    np.testing.assert_array_equal(simulation.read("b"), recording.traces["b.v"].value[-1])


@pytest.mark.parametrize("kinds", [DELTA, CURRENT, BOTH], ids="+".join)
def test_the_random_networks_are_alive(kinds):
    """The test above would pass on networks in which nothing happens."""
    spikes = []
    for seed in range(12):
        case = random_case(seed, kinds)
        spikes.append(
            sum(neuron in case.neurons for _, neuron in pairs(case.simulation().advance(case.ticks * case.dt)))
        )
    assert np.median(spikes) > 20, spikes


@settings(FEW, max_examples=30)
@given(**cases, threads=st.sampled_from([2, 3]))
def test_threads_change_no_bit(threads, **options):
    case = random_case(kinds=BOTH, **options)
    watch = [Watch(population="a"), Watch(population="b", neurons=[1, 0]), Watch(population="b", variable="g_i")]
    results = []
    for count in (1, threads):
        simulation = case.simulation(threads=count, watch=watch)
        spikes = simulation.advance(case.ticks * case.dt)
        results.append((pairs(spikes), simulation.recording()))
    (alone, one), (together, other) = results
    assert together == alone
    for name in (
        "spikes",
        "synaptic_events",
        "weight_changes",
    ):  # how many neurons are looked at is each thread's choice
        assert one.work[name] == other.work[name]
    for name, trace in one.traces.items():
        assert trace.value.tobytes() == other.traces[name].value.tobytes(), name


@settings(FEW, max_examples=30)
@given(**cases, threads=st.sampled_from([1, 2]))
def test_the_way_time_is_cut_changes_no_bit(threads, **options):
    case = random_case(kinds=BOTH, **options)
    whole = case.simulation()
    expected = pairs(whole.advance(case.ticks * case.dt))
    cut = case.simulation(threads=threads)
    rng, got = np.random.default_rng(options["seed"]), []
    while cut.tick < case.ticks:
        step = min(case.ticks - cut.tick, int(rng.choice([1, 2, 7, 40, 150])))
        before = cut.tick
        part = pairs(cut.advance(step * case.dt))
        assert all(before < tick <= before + step for tick, _ in part)
        got += part
    assert got == expected
    for name in "ab":
        assert whole.read(name).tobytes() == cut.read(name).tobytes()


@pytest.mark.parametrize("kind", [DeltaLIF, CurrentLIF])
@pytest.mark.parametrize("alike", [True, False])
def test_sweeping_changes_no_bit(kind, alike):
    """Whether a group looks at all of its neurons or at those on its list: the same spikes and voltages to the bit."""
    rng = np.random.default_rng(5)
    size = 400
    tau = 20 * ms if alike else rng.uniform(10, 30, size) * ms
    current = np.where(rng.random(size) < 0.01, 0.2, 0.1) * nA  # a few fire by themselves
    threshold = rng.uniform(-52, -48, size) * mV
    cells = Population("cells", size, kind(tau=tau, current=current, threshold=threshold))
    noise = Population("noise", 50, Poisson(rate=10.0))
    weight = LogNormal.with_mean(4 * mV, log_sigma=1.0)
    projections = [
        Projection(noise, cells, FixedProbability(0.1), weight=weight, delay=Uniform(1 * ms, 5 * ms)),
        Projection(cells, cells, FixedProbability(0.02), weight=weight, delay=1 * ms),
    ]
    network = Network(populations=[noise, cells], projections=projections)
    by_itself, sweeping, listing = (Simulation(network, seed=1) for _ in range(3))
    busy = DELTA_BUSY if kind is DeltaLIF else CURRENT_BUSY
    sweeping._groups[0][0].cells.now[busy] = -1
    listing._groups[0][0].cells.now[busy] = 2**62
    lists = sweeps = spikes = 0
    for tick in range(3000):
        if tick % 500 == 0:  # silence and storms by turns
            for simulation in (by_itself, sweeping, listing):
                simulation.set_rate("noise", 10.0 if tick % 1000 == 0 else 300.0)
        group = by_itself._groups[0][0]
        sweeps += int(group.cells.now[SWEEPS])
        lists += 1 - int(group.cells.now[SWEEPS])
        new = pairs(by_itself.advance(0.1 * ms))
        for forced in (sweeping, listing):
            assert new == pairs(forced.advance(0.1 * ms))
            assert by_itself.read("cells").tobytes() == forced.read("cells").tobytes()
        spikes += sum(neuron >= 50 for _, neuron in new)
    assert sweeping._groups[0][0].cells.now[SWEEPS] and not listing._groups[0][0].cells.now[SWEEPS]
    assert min(lists, sweeps) > 50, "one of the two ways was hardly ever taken"
    assert spikes > 500


def test_short_epochs_change_nothing_that_matters(monkeypatch):
    case = random_case(4, BOTH, delays="long", taus="close", ticks=2000)
    simulation = case.simulation()
    expected = pairs(simulation.advance(case.ticks * case.dt))
    assert simulation._groups[0][0].cells.now[0] > 0, "no epoch has ended"
    monkeypatch.setattr(decay, "EPOCH", 5)
    short = case.simulation()
    assert short._groups[0][0].cells.table.shape[1] == 6
    assert pairs(short.advance(case.ticks * case.dt)) == expected
    for name in "ab":
        np.testing.assert_allclose(simulation.read(name), short.read(name), rtol=1e-12)


def test_a_sum_that_reaches_threshold_on_paper_fires():
    """15 one by one make 15, whatever the rounding of 0.015 and of -0.065 + 0.015."""
    for weight, times in ((15 * mV, 1), (5 * mV, 3), (1 * mV, 15), (0.1 * mV, 150)):
        network = one_neuron(DeltaLIF(tau=1.0), times=(1 * ms,) * times, weight=weight)
        assert run(network, 5 * ms).counts("n").tolist() == [1]
    network = one_neuron(DeltaLIF(tau=1.0), times=(1 * ms,), weight=15 * mV * (1 - 1e-9))
    assert run(network, 5 * ms).counts("n").tolist() == [0]


# --- single equations -----------------------------------------------------------------------------------------------


def one_neuron(kind, *, times=(), weight=1 * mV, delay=1 * ms):
    """A network of one neuron and one source that spikes at `times` (s)."""
    source = Population("in", 1, SpikeTrain(time=times, neuron=(0,) * len(times)))
    neuron = Population("n", 1, kind)
    return Network(
        populations=[source, neuron], projections=[Projection(source, neuron, OneToOne(), weight=weight, delay=delay)]
    )


def test_an_event_arrives_after_its_delay_and_a_neuron_rests_after_its_spike():
    kind = DeltaLIF(refractory=0.5 * ms)
    # The 1st event makes a spike at 2 ms; the 2nd comes in the last refractory tick, the 3rd in the first free one.
    recording = run(one_neuron(kind, times=(1 * ms, 1.5 * ms, 1.6 * ms), weight=20 * mV), 5 * ms)
    np.testing.assert_allclose(recording.of("n")[0], [2 * ms, 2.6 * ms], atol=1e-12)


def test_a_constant_current_makes_the_rate_of_the_closed_formula():
    kind = DeltaLIF(
        tau=10 * ms, rest=0.0, reset=0.0, threshold=15 * mV, refractory=2 * ms, resistance=1e8, current=0.2 * nA
    )
    recording = run(one_neuron(kind), 2.0, dt=0.01 * ms)
    period = 2 * ms + 10 * ms * np.log(20 / (20 - 15))
    np.testing.assert_allclose(np.diff(recording.of("n")[0]), period, atol=0.011 * ms)


def test_a_current_far_slower_than_the_membrane_survives_a_long_silence():
    """The response of v to g is a difference of exponentials; neither may overflow where the other vanishes."""
    kind = CurrentLIF(tau=1 * ms, tau_e=200 * ms, tau_i=200 * ms)
    simulation = Simulation(one_neuron(kind, times=(1 * ms,), weight=10 * mV), dt=0.1 * ms)
    for seconds in (0.5, 1.0, 1.0):
        simulation.advance(seconds)
        since = (simulation.now - 2 * ms) / (200 * ms)
        expected = 10 * mV * np.exp(-since) * 200 / 199
        assert simulation.read("n")[0] + 65 * mV == pytest.approx(expected, rel=1e-9), simulation.now


def test_an_injected_current_acts_from_now_on_and_can_be_taken_back():
    case = random_case(11, BOTH, ticks=300)
    a = range(11, 11 + case.simulation()._size["a"])
    b = range(a.stop, case.network.neurons)
    rng = np.random.default_rng(1)
    more = rng.uniform(0.1, 0.3, len(b)) * nA
    injections = {100: dict.fromkeys(a, 0.25 * nA) | dict(zip(b, more, strict=True)), 200: dict.fromkeys([*a, *b], 0.0)}
    results = []
    for threads in (1, 2):
        simulation = case.simulation(threads=threads)
        got = pairs(simulation.advance(100 * case.dt))
        simulation.inject_current("a", 0.25 * nA)
        simulation.inject_current("b", more)
        got += pairs(simulation.advance(100 * case.dt))
        simulation.inject_current("a", 0.0)
        simulation.inject_current("b", np.zeros(len(b)))
        results.append(got + pairs(simulation.advance(100 * case.dt)))
    expected = case.expected(injections=injections).spikes
    assert results[0] == expected and results[1] == expected
    assert expected != random_case(11, BOTH, ticks=300).expected().spikes


def test_injected_spikes_are_like_given_ones():
    case = random_case(21, BOTH, ticks=300)
    extra = [(0, 2), (0, 1), (120, 0), (120, 0), (120, 5), (121, 3), (121, 8)]  # 8 belongs to the Poisson population
    case.given += extra
    expected = case.expected().spikes
    for threads in (1, 2):
        simulation, got = case.simulation(threads=threads), []
        for tick, until in ((0, 120), (120, 121), (121, 300)):
            # The later population first: the order of the calls must not matter.
            simulation.inject_spikes("noise", [n - 6 for t, n in extra if t == tick and n >= 6])
            simulation.inject_spikes("train", [n for t, n in extra if t == tick and n < 6])
            got += pairs(simulation.advance((until - tick) * case.dt))
        assert sorted(got) == expected


def test_the_order_of_injections_changes_no_bit():
    rng = np.random.default_rng(5)
    sources = [Population(name, 40, SpikeTrain()) for name in "xy"]
    neurons = Population("n", 3, DeltaLIF(threshold=1.0))
    projections = [Projection(s, neurons, AllToAll(), weight=rng.normal(0, 1, 120) * mV) for s in sources]
    network = Network(populations=[*sources, neurons], projections=projections)
    voltages = set()
    for threads, order in ((1, "xy"), (1, "yx"), (2, "yx")):
        simulation = Simulation(network, threads=threads)
        for name in order:
            simulation.inject_spikes(name, rng.permutation(40))
        simulation.advance(2 * ms)
        voltages.add(simulation.read("n").tobytes())
    assert len(voltages) == 1


# --- room -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_the_calendar_grows_when_many_spikes_are_in_flight(threads):
    rng = np.random.default_rng(8)
    times = np.repeat(np.arange(1, 1500), 30)
    neuron = np.tile(np.arange(30), 1499)
    source = Population("in", 30, SpikeTrain(time=times * ms, neuron=neuron))
    neurons, others = Population("n", 2, DeltaLIF()), Population("m", 2, CurrentLIF())
    weight, delay = rng.normal(0.1, 1, 60) * mV, rng.integers(800, 1000, 60)
    projections = [Projection(source, p, AllToAll(), weight=weight, delay=delay * ms) for p in (neurons, others)]
    simulation = Simulation(
        Network(populations=[source, neurons, others], projections=projections), dt=1 * ms, threads=threads
    )
    before = simulation._groups[0][0].inbox.link.size
    spikes = simulation.advance(2.0)
    assert simulation._groups[0][0].inbox.link.size > before
    plain = {30 + k: PlainNeuron(20 * ms, -65 * mV, -50 * mV, -65 * mV, 2, 0.0, 1e8, v=-65 * mV) for k in range(2)}
    plain |= {
        32 + k: PlainNeuron(20 * ms, -65 * mV, -50 * mV, -65 * mV, 2, 0.0, 1e8, 5 * ms, 10 * ms, v=-65 * mV)
        for k in range(2)
    }
    synapses = [
        PlainSynapse(s, first + t, float(weight[2 * s + t]), int(delay[2 * s + t]))
        for first in (30, 32)
        for s in range(30)
        for t in range(2)
    ]
    twin = plain_run(plain, synapses, 2000, dt=1 * ms, given=list(zip(times.tolist(), neuron.tolist(), strict=True)))
    assert pairs(spikes) == twin.spikes
    assert simulation.recording().work["synaptic_events"] == twin.events
    simulation.advance(0.6)
    for inbox in (group.inbox for groups in simulation._groups for group in groups):
        free, link = 0, inbox.free[0]
        while link >= 0:
            free, link = free + 1, inbox.link[link]
        # Everything has arrived.
        assert free == inbox.free[1] == inbox.link.size


@pytest.mark.parametrize("threads", [1, 2])
def test_more_spikes_than_the_buffer_holds_are_all_there(threads):
    source = Population("in", 60, Poisson(rate=20_000.0))
    neurons, others = Population("n", 40, DeltaLIF(refractory=0.0)), Population("m", 3, CurrentLIF(threshold=1.0))
    projections = [
        Projection(source, neurons, FixedProbability(0.5), weight=3 * mV),
        Projection(source, others, AllToAll(), weight=1e-6),
    ]
    network = Network(populations=[source, neurons, others], projections=projections)
    at_once = Simulation(network, seed=3, threads=threads)
    spikes = at_once.advance(0.1)
    assert spikes.tick.size > 2 * at_once._workers.out.tick.shape[1], "the buffer was never full"
    in_steps = Simulation(network, seed=3)
    steps = [pairs(in_steps.advance(1 * ms)) for _ in range(100)]
    assert pairs(spikes) == [pair for step in steps for pair in step]
    mine = [pair for pair in pairs(spikes) if pair[1] < 60]
    assert mine == plain_poisson(dict.fromkeys(range(60), 20_000.0), 1000, dt=0.1 * ms, seed=3)


@pytest.mark.parametrize("threads", [1, 2])
def test_more_samples_than_the_buffer_holds_are_all_there(threads):
    case = random_case(2, BOTH, ticks=400, delays="long")
    simulation = case.simulation(threads=threads, watch=[Watch(population="b")], sample=3 * case.dt)
    simulation.advance(60_000 * case.dt)
    assert simulation._workers.out.trace.shape[1] < 20_000
    recording = simulation.recording()
    np.testing.assert_array_equal(np.rint(recording.sampled / case.dt), np.arange(3, 60_001, 3))
    assert recording.traces["b.v"].value.shape[0] == 20_000
    np.testing.assert_array_equal(recording.traces["b.v"].value[-1], simulation.read("b"))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_rate_raised_far_beyond_the_first_one_loses_no_spike(threads):
    """The room for spikes is laid out for the rates at the start; it has to follow."""
    source = Population("in", 500, Poisson(rate=0.0))
    neurons, others = Population("n", 50, DeltaLIF(refractory=0.0)), Population("m", 2, CurrentLIF())
    projections = [Projection(source, neurons, AllToAll(), weight=20 * mV)]
    simulation = Simulation(
        Network(populations=[source, neurons, others], projections=projections), dt=1 * ms, threads=threads
    )
    assert simulation.advance(5 * ms).tick.size == 0
    simulation.set_rate("in", 200_000.0)
    spikes = simulation.advance(3 * ms)
    expected = plain_poisson(
        dict.fromkeys(range(500), 0.0), 8, dt=1 * ms, seed=0, changes={5: dict.fromkeys(range(500), 200_000.0)}
    )
    assert [pair for pair in pairs(spikes) if pair[1] < 500] == expected
    assert [pair for pair in pairs(spikes) if pair[1] >= 500] == [(tick, n) for tick in (7, 8) for n in range(500, 550)]


@pytest.mark.parametrize("threads", [1, 5])
def test_more_threads_than_neurons_do_no_harm(threads):
    network = one_neuron(DeltaLIF(), times=(1 * ms, 3 * ms), weight=20 * mV)
    extra = Population("m", 2, CurrentLIF())
    network = Network(populations=[*network.populations, extra], projections=network.projections)
    assert run(network, 10 * ms, threads=threads).counts("n").tolist() == [1]


# --- cost -----------------------------------------------------------------------------------------------------------


def test_silence_costs_nothing():
    a, b = Population("a", 400, DeltaLIF()), Population("b", 300, CurrentLIF())
    projections = [
        Projection(a, b, FixedProbability(0.1), weight=1 * mV),
        Projection(b, a, FixedProbability(0.1), weight=1 * mV),
    ]
    simulation = Simulation(Network(populations=[a, b], projections=projections))
    simulation.advance(0.1 * ms)
    assert simulation.recording(clear=True).work["neuron_updates"] == 700  # each is looked at once
    simulation.advance(10.0)
    assert set(simulation.recording().work.values()) == {0}


def test_a_quiet_neuron_costs_what_reaches_it():
    network = one_neuron(DeltaLIF(), times=(10 * ms, 20 * ms, 30 * ms))
    extra = Population("m", 1, CurrentLIF())
    network = Network(populations=[*network.populations, extra], projections=network.projections)
    work = run(network, 1.0).work
    assert work["synaptic_events"] == 3
    assert work["neuron_updates"] == 2 + 3 + 3  # the first look at both, three events, a look after each


# --- the closed loop's door -----------------------------------------------------------------------------------------


def test_recording_only_some_populations_counts_all_the_same():
    case = random_case(6, BOTH)
    everything = case.simulation()
    everything.advance(case.ticks * case.dt)
    some = case.simulation(record=["b"])
    some.advance(case.ticks * case.dt)
    assert some.recording().work == everything.recording().work
    np.testing.assert_array_equal(some.recording().of("b")[0], everything.recording().of("b")[0])
    with pytest.raises(ValueError, match="were not recorded"):
        some.recording().of("a")


def test_clearing_a_recording_starts_the_next_where_it_ended():
    case = random_case(6, BOTH)
    whole = case.simulation(watch=[Watch(population="a")])
    whole.advance(400 * case.dt)
    parts = case.simulation(watch=[Watch(population="a")])
    parts.advance(150 * case.dt)
    first = parts.recording(clear=True)
    parts.advance(250 * case.dt)
    second = parts.recording()
    assert (first.start, second.start) == (0.0, 150 * case.dt)
    np.testing.assert_array_equal(np.concatenate([first.time, second.time]), whole.recording().time)
    np.testing.assert_array_equal(
        np.concatenate([first.traces["a.v"].value, second.traces["a.v"].value]), whole.recording().traces["a.v"].value
    )
    assert {name: first.work[name] + second.work[name] for name in first.work} == whole.recording().work


def test_count_gives_the_spikes_of_each_neuron_of_a_population():
    case = random_case(6, BOTH)
    simulation = case.simulation()
    spikes = simulation.advance(400 * case.dt)
    np.testing.assert_array_equal(simulation.count(spikes, "b"), simulation.recording().counts("b"))


def test_progress_is_told_up_to_the_end():
    told = []
    run(Network(populations=[Population("p", 1, Poisson(rate=1.0))]), 1.0, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and 10 < len(told) < 100


def test_the_same_seed_gives_the_same_spikes_and_another_seed_others():
    a, b = random_case(31, BOTH), random_case(31, BOTH)
    wired = Population("p", 200, Poisson(rate=100.0)), Population("n", 50, DeltaLIF()), Population("m", 5, CurrentLIF())
    network = Network(
        populations=wired, projections=[Projection(wired[0], wired[1], FixedProbability(0.2), weight=5 * mV)]
    )
    recordings = [run(network, 0.2, seed=seed) for seed in (1, 1, 2)]
    assert recordings[0].time.tobytes() == recordings[1].time.tobytes()
    assert recordings[0].neuron.tobytes() == recordings[1].neuron.tobytes()
    assert recordings[0].time.tobytes() != recordings[2].time.tobytes()
    assert pairs(a.simulation().advance(0.04)) == pairs(b.simulation().advance(0.04))
