"""Loihi 2 as a chip: held to the contract, to the engine, to Loihi 1, and to what it must refuse."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reafference as ra
from in_ranks import in_ranks
from integer_neurons import Cuba, Divides, WholeIzhikevich, network_of_programs
from reafference.chips import DoesNotFit
from reafference.chips.loihi import Compartments, LoihiCores, Sign, SynapseFormat, SynapseGroup
from reafference.chips.loihi1 import Loihi1
from reafference.chips.loihi2 import Loihi2
from reafference.chips.microcode import Arithmetic, GradedTrain, ProgrammedCores
from reafference.chips.microcode.families import AdaptiveThreshold, GradedVector, SigmaDelta
from reafference.chips.microcode.machine import Machine
from reafference.engine import Watch
from reafference.recording import Recording
from reafference.testing import check_chip
from reafference.units import ms, mV


def test_loihi2_behaves_as_a_chip():
    check_chip(Loihi2())


@pytest.fixture(scope="module")
def both():
    """A network of programs on the engine and on the chip."""
    network = network_of_programs()
    watch = [Watch(population="cells", variable="u", neurons=[3, 4]), Watch(population="adaptive", variable="theta")]
    engine = ra.run(network, 0.6, dt=1 * ms, seed=4, watch=watch, sample=10 * ms)
    program = Loihi2().compile(network, dt=1 * ms, seed=4)
    return network, engine, program, program.run(0.6)


def test_the_engine_and_the_chip_fire_the_same_spikes(both):
    _, engine, program, chip = both
    np.testing.assert_array_equal(chip.neuron, engine.neuron)
    np.testing.assert_allclose(chip.time, engine.time, atol=1e-9)
    assert all(chip.counts(name).sum() > 30 for name in ("cells", "adaptive", "tuned"))
    assert all(rounding.worst == 0 for rounding in program.report().roundings)
    assert chip.payload is None
    np.testing.assert_array_equal(chip.payloads("cells"), np.ones(chip.counts("cells").sum()))


def test_threads_ranks_and_progress_change_nothing(both):
    network, engine, program, chip = both
    two = ra.run(network, 0.6, dt=1 * ms, seed=4, threads=2)
    np.testing.assert_array_equal(two.neuron, engine.neuron)
    whole = in_ranks(2, lambda link: ra.run(network, 0.6, dt=1 * ms, seed=4, comm=link))[0]
    np.testing.assert_array_equal(whole.neuron, engine.neuron)
    seen = []
    again = program.run(0.6, progress=seen.append)
    assert np.array_equal(again.neuron, chip.neuron) and again.work == chip.work and seen[-1] == 1.0


def test_state_variables_are_traced_by_their_names(both):
    _, engine, _, _ = both
    theta, u = engine.traces["adaptive.theta"].value, engine.traces["cells.u"].value
    assert theta.shape == (60, 20) and u.shape == (60, 2)
    assert theta.min() >= 320 and theta.max() > 320 and np.all(theta == np.rint(theta))
    with pytest.raises(ValueError, match="it has v, u"):
        ra.run(network_of_programs(), 0.01, dt=1 * ms, watch=[Watch(population="cells", variable="theta")])


def test_a_network_of_leaky_neurons_runs_as_on_the_first():
    network, dt = Loihi1().example()
    one, two = (chip.compile(network, dt=dt, seed=2) for chip in (Loihi1(), Loihi2()))
    first, second = one.run(0.4), two.run(0.4)
    np.testing.assert_array_equal(first.neuron, second.neuron)
    np.testing.assert_array_equal(first.time, second.time)
    assert first.work == second.work
    assert replace(one.work(first), clocks={}) == two.work(second)  # what operations take on Loihi 2 is unpublished


def random_leaky(rng, count):
    """Leaky neurons twice: as the chip has them, and as programs."""
    threshold, refractory = rng.integers(20, 2000, count), rng.integers(1, 9, count)
    decay_u, decay_v = rng.integers(0, 4095, count), rng.integers(0, 4096, count)
    mantissa, exponent = rng.integers(-300, 2000, count), rng.integers(0, 5, count)
    own = Compartments(
        count=count, decay_u=decay_u, decay_v=decay_v, threshold=threshold, refractory=refractory,
        bias_mantissa=mantissa, bias_exponent=exponent,
    )  # fmt: skip
    programs = Cuba(
        keep_u=4095 - decay_u, keep_v=4096 - decay_v, threshold=64 * threshold, refractory=refractory,
        bias=mantissa << exponent,
    )  # fmt: skip
    return own, programs


def part_of(own, low, high):
    """Some of the neurons."""
    names = ("decay_u", "decay_v", "threshold", "refractory", "bias_mantissa", "bias_exponent")
    return Compartments(count=high - low, **{name: getattr(own, name)[low:high] for name in names})


@pytest.mark.parametrize("seed", range(3))
def test_the_leaky_neuron_is_a_program_too_and_both_kinds_hear_each_other(seed):
    """All leaky; all programs; and the first of them leaky, the others programs: the same integers and spikes."""
    rng = np.random.default_rng(seed)
    count, inputs, ticks, leaky = 24, 5, 60, int(rng.integers(1, 24))
    own, programs = random_leaky(rng, count)
    groups = [
        SynapseGroup(
            source=rng.integers(0, count + inputs, 120),
            target=rng.integers(0, count, 120),
            mantissa=rng.integers(-255, 256, 120),
            delay=rng.choice([0, 1, 3, 62], 120),
            form=SynapseFormat(exponent=exponent, sign=Sign.MIXED),
        )
        for exponent in (-3, 4, 7)
    ]
    tick, source = np.repeat(np.arange(1, ticks + 1), 2), rng.integers(0, inputs, 2 * ticks)
    every = np.arange(count)
    one = LoihiCores(compartments=own, groups=groups, inputs=inputs).advance(
        ticks, tick=tick, source=source, probe=every
    )
    other = ProgrammedCores(neurons=[(programs, count)], groups=groups, inputs=inputs)
    two = other.advance(ticks, tick=tick, source=source, probe=every)
    np.testing.assert_array_equal(two.state[:, 0], one.u)
    np.testing.assert_array_equal(two.state[:, 1], one.v - 128 * two.state[:, 2])  # v as a probe of the chip shows it
    np.testing.assert_array_equal(two.tick, one.tick)
    np.testing.assert_array_equal(two.neuron, one.neuron)
    assert one.tick.size > 100 and one.work["synaptic_events"] == two.work["synaptic_events"]

    rest = count - leaky
    mixed = np.concatenate([rest + np.arange(leaky), np.arange(rest), count + np.arange(inputs)])  # as programs count
    split = [[(group, group.target < leaky) for group in groups], [(group, group.target >= leaky) for group in groups]]
    mine, theirs = (
        [
            replace(g, source=number[g.source[s]], target=number[g.target[s]], mantissa=g.mantissa[s], delay=g.delay[s])
            for g, s in some
        ]
        for some, number in zip(split, (np.arange(count + inputs), mixed), strict=True)
    )
    tail = Cuba(
        **{name: getattr(programs, name)[leaky:] for name in ("keep_u", "keep_v", "threshold", "refractory", "bias")}
    )
    machine = Machine(
        LoihiCores(compartments=part_of(own, 0, leaky), groups=mine, inputs=rest + inputs),
        np.arange(count + inputs),
        ProgrammedCores(neurons=[(tail, rest)], groups=theirs, inputs=leaky + inputs),
        mixed,
    )
    heard = np.stack([tick, count + source, np.ones(tick.size, np.int64)])
    did = [machine.advance(ticks // 2, heard[:, now]) for now in (tick <= ticks // 2, tick > ticks // 2)]
    spikes = np.concatenate([each.spikes for each in did], axis=1)
    spikes = spikes[:, np.lexsort((spikes[1], spikes[0]))]
    np.testing.assert_array_equal(spikes[:2], np.stack([one.tick, one.neuron]))
    assert sum(each.work["synaptic_events"] for each in did) == one.work["synaptic_events"]


def test_graded_spikes_multiply_weights():
    """An edge detector: values from outside, a weighted sum, what changed is sent on."""
    pixels = ra.Population("pixels", 3, ra.SpikeTrain())
    edges = ra.Population("edges", 2, SigmaDelta(threshold=10))
    last = ra.Population("last", 1, GradedVector(threshold=0))
    network = ra.Network(
        populations=[pixels, edges, last],
        projections=[
            ra.Projection(
                pixels, edges, ra.EdgeList(source=[0, 1, 1, 2], target=[0, 0, 1, 1]), weight=np.array([2.0, -2, 2, -2])
            ),
            ra.Projection(edges, last, ra.AllToAll(), weight=3, delay=2 * ms),
        ],
    )
    program = Loihi2().compile(network, dt=1 * ms)
    train = GradedTrain(time=np.array([5, 1, 1, 5]) * ms, neuron=[2, 0, 1, 0], payload=[70, 100, 40, -3])
    found = program.run(0.02, inputs={"pixels": train})
    events = list(zip(np.rint(found.time / ms).astype(int), found.neuron, found.payload, strict=True))
    assert events == [
        (1, 0, 100), (1, 1, 40), (2, 3, 120), (2, 4, 80), (4, 5, 600),
        (5, 0, -3), (5, 2, 70), (6, 4, -80), (8, 5, -240),
    ]  # fmt: skip
    time, neuron = found.of("edges")
    assert time.size == neuron.size == 3 and found.payloads("edges").tolist() == [120, 80, -80]
    with pytest.raises(ValueError, match="carry no payload"):
        ra.run(network, 0.02, dt=1 * ms)
    with pytest.raises(ValueError, match="no source of a network"):
        ra.Population("pixels", 3, train)
    plain = program.run(0.02, inputs={"pixels": train.plain()})
    assert plain.payload is not None and set(plain.payloads("pixels")) == {1}


def test_a_recording_keeps_what_spikes_carried(tmp_path):
    pytest.importorskip("pyarrow")
    values = {"time": np.array([0.1, 0.2]), "neuron": np.array([0, 1]), "groups": (("a", 0),), "neurons": 2}
    found = Recording(**values, seconds=1.0, dt=0.1, payload=np.array([-(2**31), 7]))
    for name in ("found.npz", "found.parquet"):
        assert Recording.load(found.save(tmp_path / name)).payload.tolist() == [-(2**31), 7]
    assert Recording.load(replace(found, payload=None).save(tmp_path / "plain.npz")).payload is None
    with pytest.raises(ValueError, match="one for each spike"):
        Recording(**values, seconds=1.0, dt=0.1, payload=np.array([1]))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"payload": [1.5]}, TypeError),
        ({"payload": [2**31]}, ValueError),
        ({"payload": [1, 2]}, ValueError),
    ],
)
def test_trains_that_cannot_be(values, error):
    with pytest.raises(error, match=r"GradedTrain\.payload"):
        GradedTrain(time=[1e-3], neuron=[0], **values)


def refused(network, chip=None):
    with pytest.raises(DoesNotFit) as found:
        (chip or Loihi2()).compile(network, dt=1 * ms)
    return found.value.shortages


def test_what_the_chip_cannot_compute_is_refused_with_its_lines():
    shortages = refused(ra.Network(populations=[ra.Population("cells", 4, Divides())]))
    text = [str(each) for each in shortages]
    lines = (Path(__file__).parent / "integer_neurons.py").read_text().splitlines()
    expected = {
        "v // n": "no source gives the chip a division",
        "w % 7": "no source gives the chip a division",
        "v * v * n": "takes 49 bits, there are 48",
        "v << 12": "a message of 36 bits, one has 32",
    }
    for expression, reason in expected.items():
        line = next(k for k, each in enumerate(lines, 1) if expression in each)
        assert any(f"integer_neurons.py:{line}: `" in each and reason in each for each in text), (expression, text)
    assert len(shortages) == 4 and all(each.remedy for each in shortages)


def test_an_unpublished_limit_can_be_set():
    network = ra.Network(populations=[ra.Population("cells", 4, Cuba(bias=np.arange(4)))])
    found = refused(network, Loihi2(arithmetic=Arithmetic(instructions=10, memory_bits=90)))
    assert {(each.resource, each.needed, each.available) for each in found} == {
        ("instructions", Cuba.program().work, 10),
        ("memory of a neuron", 96, 90),
    }
    narrow = refused(network, Loihi2(arithmetic=Arithmetic(between=36)))
    assert len(narrow) == 1 and "`abs(v) * keep_v` takes 37 bits, there are 36" in narrow[0].resource


def test_graded_spikes_do_not_reach_the_chips_own_neuron():
    vector, cells = ra.Population("vector", 2, GradedVector()), ra.Population("cells", 2, ra.CurrentLIF(tau_i=5 * ms))
    touch = ra.Population("touch", 2, ra.SpikeTrain())
    drive = ra.Projection(touch, cells, ra.AllToAll(), weight=1 * mV)
    there = ra.Projection(vector, cells, ra.AllToAll(), weight=1 * mV, delay=100 * ms)
    back = ra.Projection(cells, vector, ra.AllToAll(), weight=5, delay=100 * ms, release=ra.Release(probability=0.5))
    found = refused(ra.Network(populations=[vector, cells], projections=[there, back]))
    assert {each.resource for each in found} == {
        "graded spikes into the chip's own leaky neuron", "delay", "unreliable release",
    }  # fmt: skip
    assert len(found) == 4
    program = Loihi2().compile(ra.Network(populations=[touch, cells], projections=[drive]), dt=1 * ms)
    with pytest.raises(ValueError, match="take no payload"):
        program.run(0.01, inputs={"touch": GradedTrain(time=[1e-3], neuron=[0], payload=[3])})


def test_weights_that_are_rounded_are_told():
    touch, cells = ra.Population("touch", 4, ra.SpikeTrain()), ra.Population("cells", 2, WholeIzhikevich())
    weight = np.array([1001, 3, -500, 2.4, 7, 1, 2, 3], float)
    network = ra.Network(
        populations=[touch, cells], projections=[ra.Projection(touch, cells, ra.AllToAll(), weight=weight)]
    )
    rounding = next(each for each in Loihi2().compile(network, dt=1 * ms).report().roundings)
    assert rounding.parameter == "weight" and 0 < rounding.worst <= 4.1


def test_a_core_holds_its_neurons_and_synapses_together():
    pytest.importorskip("pymetis")
    cells = ra.Population("cells", 2000, AdaptiveThreshold(v=np.arange(2000), bias=np.arange(2000)))
    network = ra.Network(populations=[cells], projections=[ra.Projection(cells, cells, ra.FixedInDegree(60), weight=1)])
    report = Loihi2().compile(network, dt=1 * ms).report()
    used, limit = report.cores.usage["bits of memory"]
    assert report.cores.cores > 1 and used.max() <= limit == 8 * 196_608
    assert used.sum() >= 2000 * 24 * 5 + 2000 * 60 * 21  # 4 variables and a bias; 8 bits of weight, 13 of target


def test_prices_are_an_interval_with_reasons(both):
    _, engine, program, chip = both
    bill = program.price(chip)
    assert bill.energy.high is not None and 0 < bill.energy.low < bill.energy.high
    assert "neuron updates" in bill.energy.missing and any("Programs" in note for note in bill.notes)
    assert program.work(chip).synaptic_events == int(chip.counts() @ np.bincount(program.circuit.source, minlength=100))
    assert program.price(engine).energy.low == bill.energy.low
