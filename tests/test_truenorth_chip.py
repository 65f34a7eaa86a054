"""TrueNorth as a chip: held to the contract, to a plain network of the same integers, and to the engine."""

from dataclasses import replace

import numpy as np
import pytest

import reafference as ra
from plain_truenorth_network import plain_network
from reafference.chips import DoesNotFit
from reafference.chips.circuit import input_spikes
from reafference.chips.placement import Copies, CoreLimits, Relays, Role
from reafference.chips.pricing.truenorth import AT_0V70_BY_CORE
from reafference.chips.truenorth import Held, Precision, Rules, TrueNorth
from reafference.testing import check_chip
from reafference.units import Hz, MOhm, ms, mV

SMALL = CoreLimits(neurons=40, axons_in=50, axons_per_neuron=1)  # smaller than the chip's, so that cores are many


@pytest.fixture(scope="module")
def program():
    network, dt = TrueNorth().example()
    return TrueNorth().compile(network, dt=dt, seed=2)


def compiled(chip, network, limits=None, **more):
    with pytest.MonkeyPatch.context() as patch:
        if limits is not None:
            patch.setattr(TrueNorth, "limits", lambda self: limits)
        return chip.compile(network, **more)


def plain(program, seconds, inputs=None):
    """Spikes of the network's neurons, of the same integers without cores."""
    quantised, circuit = program.quantised, program.circuit
    hold = np.zeros(circuit.neurons, int)
    own = slice(quantised.parts.size - quantised.own, None)
    np.add.at(hold, quantised.synapses.source[own], 1)
    neurons = {
        n: (
            one.threshold - one.leak,
            one.leak,
            one.leak_reverses,
            one.reset_to,
            one.floor,
            one.start,
            int(hold[n]),
            one.floor_saturates,
        )
        for n, one in enumerate(quantised.neuron)
        if one is not None
    }
    heard, others = quantised.synapses, slice(0, own.start)
    columns = (heard.source, heard.target, heard.delay, quantised.weight)
    synapses = list(zip(*(column[others].tolist() for column in columns), strict=True))
    came = input_spikes(circuit, seconds, inputs)
    sent = list(zip(came.tick.tolist(), came.neuron.tolist(), strict=True))
    return plain_network(neurons, synapses, sent, round(seconds / circuit.dt))


def own(program, recording):
    """(tick, neuron) of a recording's spikes of neurons."""
    ticks = np.rint(recording.time / recording.dt).astype(int)
    pairs = zip(ticks.tolist(), recording.neuron.tolist(), strict=True)
    return {pair for pair in pairs if program.quantised.neuron[pair[1]] is not None}


def random_network(seed, least):
    """Neurons of all three leaks, resets above and below rest, weights of many sizes and both signs."""
    rng = np.random.default_rng(seed)
    level = rng.choice([-65, -65, -62, -45], 24) * mV
    cells = ra.Population(
        "cells",
        24,
        ra.DeltaLIF(
            tau=rng.choice([0.01, 2.0, 20.0], 24) * ms,
            reset=rng.choice([-65, -70, -60], 24) * mV,
            current=(level + 65 * mV) / (100 * MOhm),
            resistance=100 * MOhm,
            refractory=0.0,
            initial=rng.uniform(-70, -51, 24) * mV,
        ),
    )
    others = ra.Population("others", 8, ra.DeltaLIF(refractory=0.0))
    noise = ra.Population("noise", 10, ra.Poisson(rate=100 * Hz))
    spread = ra.Uniform(least * ms, (least + 2) * ms)
    return ra.Network(
        populations=[others, noise, cells],
        projections=[
            ra.Projection(noise, cells, ra.FixedInDegree(3), weight=ra.Uniform(2 * mV, 9 * mV), delay=spread),
            ra.Projection(noise, others, ra.FixedInDegree(2), weight=6 * mV),
            ra.Projection(cells, others, ra.FixedProbability(0.2), weight=ra.Uniform(1 * mV, 7 * mV), delay=3 * ms),
            ra.Projection(others, cells, ra.FixedProbability(0.2), weight=-4 * mV, delay=least * ms),
            ra.Projection(cells, cells, ra.FixedInDegree(3), weight=ra.Normal(mean=1 * mV, std=3 * mV), delay=spread),
        ],
    )  # fmt: skip


def test_truenorth_behaves_as_a_chip():
    check_chip(TrueNorth())


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("way", [Copies(), Relays()], ids=["copies", "relays"])
def test_cores_with_helpers_make_the_spikes_of_the_unsplit_network(seed, way):
    rules = Rules(encoded_reset=seed % 2 == 0)
    chip = TrueNorth(
        ways=(way,), precision=Precision(types=1 + seed % 4, keep_weak=seed % 3 > 0), rules=rules, threads=1 + seed % 2
    )
    network = random_network(seed, least=3 if isinstance(way, Relays) else 1)
    made = compiled(chip, network, SMALL, dt=1 * ms, seed=seed)
    wanted = plain(made, 0.15)
    assert own(made, made.run(0.15)) == wanted and len(wanted) > 200
    helpers = set(made.placement.extended.role.tolist()) - {Role.NEURON}
    assert helpers == {Role.COPY if isinstance(way, Copies) else Role.RELAY} and made.placement.cores > 1
    assert np.all(made.placement.core[network.neurons :] >= 0)  # sources outside the chip get none
    leaks = {(one.leak > 0, one.leak_reverses) for one in made.quantised.neuron if one is not None}
    assert leaks == {(True, False), (False, True), (False, False)}  # every one of them is there


def busy_network(seed):
    """Neurons of all three leaks, refractory times of 0 to 4 ticks; so much reaches them that much comes too soon."""
    rng = np.random.default_rng(seed)
    level = rng.choice([-65, -65, -45], 20) * mV
    kind = ra.DeltaLIF(
        tau=rng.choice([2.0, 20.0], 20) * ms,
        current=(level + 65 * mV) / (100 * MOhm),
        resistance=100 * MOhm,
        rest=-65 * mV,
        reset=np.where(level < -60 * mV, level, -65 * mV),
        refractory=rng.integers(0, 5, 20) * ms,
    )
    cells, noise = ra.Population("cells", 20, kind), ra.Population("noise", 30, ra.Poisson(rate=200 * Hz))
    others = ra.Population("others", 5, ra.DeltaLIF(refractory=2 * ms))
    weak = ra.Uniform(1 * mV, 4 * mV)
    return ra.Network(
        populations=[cells, noise, others],
        projections=[
            ra.Projection(noise, cells, ra.FixedInDegree(4), weight=weak),
            ra.Projection(noise, others, ra.FixedInDegree(4), weight=4 * mV, delay=2 * ms),
            ra.Projection(cells, cells, ra.FixedInDegree(4), weight=ra.Uniform(-4 * mV, 3 * mV), delay=2 * ms),
        ],
    )


@pytest.mark.parametrize("seed", range(6))
def test_neurons_that_hold_themselves_are_refractory(seed):
    network = busy_network(seed)
    made = compiled(TrueNorth(precision=Precision(refractory=Held(room=2.0))), network, SMALL, dt=1 * ms, seed=seed)
    found, wanted = made.run(0.3), plain(made, 0.3)
    assert own(made, found) == wanted and len(wanted) > 300
    told = [each for each in made.report().roundings if each.parameter == "refractory"]
    assert not any(each.worst for each in told) and made.quantised.own > 20
    # Without them spikes come sooner, so it matters here.
    loose = compiled(TrueNorth(), network, SMALL, dt=1 * ms, seed=seed)
    assert len(own(loose, loose.run(0.3))) > 1.05 * len(wanted)
    assert any(each.worst for each in loose.report().roundings if each.parameter == "refractory")
    floors = {(one.floor > 0, one.floor_saturates) for one in made.quantised.neuron if one is not None}
    assert {(True, False), (False, True)} <= floors  # both ways to hold


def test_as_much_as_there_is_room_for_is_lost_in_a_refractory_time():
    """A spike, then a whole threshold in the last tick that is lost, then another spike; and what it sends itself."""
    kind = ra.DeltaLIF(rest=0.0, reset=0.0, threshold=15 * mV, refractory=2 * ms)
    cell = ra.Population("cell", 1, kind)
    train = ra.Population(
        "train", 3, ra.SpikeTrain(time=np.array([1, 3, 4, 10, 13]) * ms, neuron=np.array([0, 1, 0, 2, 0]))
    )
    network = ra.Network(
        populations=[train, cell],
        projections=[
            ra.Projection(train, cell, ra.EdgeList((0, 1, 2), (0, 0, 0)), weight=np.array([15.5, 14.9, -0.3]) * mV),
            ra.Projection(cell, cell, ra.AllToAll(), weight=70 * mV, delay=2 * ms),
        ],
    )
    made = TrueNorth(precision=Precision(refractory=Held(room=1.0))).compile(network, dt=1 * ms)
    assert any("jumps to it" in note for note in made.report().notes)
    wanted = ra.run(network, 0.03, dt=1 * ms).of("cell")[0]
    assert np.allclose(wanted, [2 * ms, 5 * ms, 14 * ms])
    assert np.allclose(made.run(0.03).of("cell")[0], wanted)


def test_what_cannot_hold_itself_is_refused():
    kind = ra.DeltaLIF(refractory=20 * ms, reset=-70 * mV)
    network = ra.Network(populations=[ra.Population("cells", 3, kind)], projections=[])
    with pytest.raises(DoesNotFit) as found:
        TrueNorth(precision=Precision(types=1, refractory=Held())).compile(network, dt=1 * ms)
    named = {shortage.resource: (shortage.needed, shortage.available) for shortage in found.value.shortages}
    assert named.pop("refractory time") == (20, 15) and named.pop("axon types with Held()") == (2, 1)
    assert set(named) == {"refractory time with a reset apart from rest"}
    with pytest.raises(ValueError, match="room"):
        Held(room=0.0)


def whole_network(seed, tau, sign):
    """Weights of one unit to seven, thresholds between two whole numbers, delays of 1 to 15 ticks of 10 us."""
    rng = np.random.default_rng(seed)
    unit, tick = 0.5 * mV, 0.01 * ms
    apart = unit / 2 if tau == 1.0 else 0.0  # where nothing is lost on the way a threshold may be reached exactly
    threshold = rng.integers(6, 12, 30) * unit - apart
    kind = ra.DeltaLIF(tau=tau, refractory=0.0, rest=0.0, reset=0.0, threshold=threshold)
    sent = np.sort(rng.choice(299 * 10, 598, replace=False))  # a source spikes once in a tick
    cells = ra.Population("cells", 30, kind)
    trains = ra.Population("trains", 10, ra.SpikeTrain(time=(sent // 10 + 1) * tick, neuron=sent % 10))

    def projection(source, count, low, high):
        ends = np.unique(rng.integers(0, source.size * 30, count))
        weight = rng.integers(low, high, ends.size) * unit
        delay = rng.integers(1, 16, ends.size) * tick
        return ra.Projection(source, cells, ra.EdgeList(ends // 30, ends % 30), weight=weight, delay=delay)

    return ra.Network(
        populations=[trains, cells],
        projections=[projection(trains, 90, 1, 8), projection(cells, 60, -7 if sign else 1, 8)],
    ), tick  # fmt: skip


@pytest.mark.parametrize("tau", [1.0, np.inf, 1e-9], ids=["keeps nearly all", "keeps all", "keeps nothing"])
@pytest.mark.parametrize("sign", [False, True], ids=["excites", "both"])
def test_a_network_of_whole_numbers_makes_the_engines_spikes(tau, sign):
    spikes = 0
    for seed in range(3):
        network, tick = whole_network(seed, tau, sign)
        made = TrueNorth().compile(network, dt=tick, seed=seed)
        chip, engine = made.run(350 * tick), ra.run(network, 350 * tick, dt=tick, seed=seed)
        assert np.array_equal(chip.neuron, engine.neuron) and np.allclose(chip.time, engine.time, rtol=0, atol=tick / 9)
        spikes += engine.counts("cells").sum()
        off = {each.parameter: each.worst for each in made.report().roundings if each.parameter != "threshold"}
        assert set(off) == {"weight", "reset", "initial", "refractory", "decay in a tick"}
        decay = off.pop("decay in a tick")
        assert not any(off.values()) and decay < (1e-6 if tau > 0.1 else 0.3 * mV)
    assert spikes > 100


def test_a_current_alone_makes_the_engines_rates():
    level = np.linspace(-49.9, 10, 40) * mV
    kind = ra.DeltaLIF(refractory=0.0, current=(level + 65 * mV) / (100 * MOhm), initial=-65 * mV)
    network = ra.Network(populations=[ra.Population("cells", 40, kind)], projections=[])
    made = TrueNorth().compile(network, dt=1 * ms)
    chip, engine = made.run(5.0).counts(), ra.run(network, 5.0, dt=1 * ms).counts()
    # The interval between spikes is that of the engine, to a tick where the current only just suffices.
    off = np.abs(5000 / chip - 5000 / engine)
    assert engine.min() > 20 and off.max() < 4 and np.mean(off < 0.1) > 0.8


def test_its_rates_are_nearly_the_engines(program):
    network, dt = TrueNorth().example()
    engine, chip = ra.run(network, 1.0, dt=dt, seed=2), program.run(1.0)
    cells = engine.counts("cells").sum() + engine.counts("others").sum()
    assert cells > 2000 and abs(chip.counts().sum() - engine.counts().sum()) < 0.05 * cells
    assert np.corrcoef(chip.counts("cells"), engine.counts("cells"))[0, 1] > 0.9


def test_what_was_recorded_is_what_is_paid_for(program):
    for made, seconds in ((program, 0.5), (compiled(TrueNorth(), random_network(3, 2), SMALL, dt=1 * ms), 0.3)):
        found = made.run(seconds)
        work, extended = made.work(found), made.placement.extended
        latest = own(made, made.run(seconds + 0.02)) - own(made, found)
        assert latest  # what follows from the last ticks is cut off, and only that
        for counted, paid in (("synaptic_events", work.synaptic_events), ("hops", work.hops)):
            assert 0.9 * paid <= found.work[counted] <= paid
        helpers = extended.role != Role.NEURON
        counts = found.counts()
        wanted = sum(counts[n] for n in extended.origin[helpers]) + len(own(made, found))
        assert work.spikes == wanted >= found.work["spikes"] - found.work["input_spikes"] > 0.9 * wanted
        assert (work.ticks, work.cores, work.chips) == (round(seconds * 1e3), made.placement.cores, 1)
        assert work.neurons == made.placement.core.size - (made.placement.core < 0).sum()
    assert work.hops > 0 and made.placement.cores > 1


def test_it_is_priced_at_its_operating_point_and_by_its_own_tick(program):
    found = program.run(0.5)
    bill = program.price(found)
    assert bill.seconds == 0.5 and bill.priced("energy").low > 0 and not any("second" in note for note in bill.notes)
    assert program.price(ra.run(program.circuit.network, 0.5, dt=1 * ms, seed=2)).seconds == 0.5
    by_core = replace(program, chip=TrueNorth(point=AT_0V70_BY_CORE)).price(found)
    assert by_core.priced("energy").high < 0.001 * bill.priced("energy").high
    network, _ = TrueNorth().example()
    fast = TrueNorth().compile(network, dt=0.5 * ms)
    slow = fast.price(fast.run(0.5))
    assert slow.seconds == 1.0 and any("takes 2 s of the chip" in note for note in slow.notes)
    with pytest.raises(ValueError, match=r"ticks of 0\.001 s"):
        fast.price(found)


def test_progress_and_threads_change_nothing(program):
    seen = []
    one, other = program.run(0.2), program.run(0.2, progress=seen.append)
    assert np.array_equal(one.time, other.time) and np.array_equal(one.neuron, other.neuron) and one.work == other.work
    assert seen[-1] == 1.0 and len(seen) == 50


def test_it_says_what_was_rounded(program):
    kind = ra.DeltaLIF(refractory=2 * ms, reset=-71 * mV)
    cells = ra.Population("cells", 3, kind)
    touch = ra.Population("touch", 40, ra.Poisson(rate=20 * Hz))
    network = ra.Network(
        populations=[touch, cells],
        projections=[ra.Projection(touch, cells, ra.AllToAll(), weight=ra.LogNormal(log_mean=-7.0, log_sigma=1.0))],
    )
    made = TrueNorth(precision=Precision(types=2, keep_weak=False)).compile(network, dt=1 * ms)
    told = {each.parameter: each for each in made.report().roundings}
    assert (told["refractory"].worst, told["refractory"].relative) == (2 * ms, 1.0)
    assert told["initial"].worst == 0 and 0 < told["reset"].relative < 0.02
    heard = made.quantised.synapses
    kept = made.quantised.weight * made.quantised.unit[heard.target]
    asked = made.circuit.weight
    assert np.array_equal(heard.of, np.argsort(np.lexsort((made.circuit.target, made.circuit.source))))
    assert told["weight"].worst == pytest.approx(np.abs(kept[heard.of] - asked).max())
    assert told["weight"].typical == pytest.approx(np.median(np.abs(kept[heard.of] / asked - 1)))
    assert "too weak and become 0" in told["weight"].note and told["weight"].values == 120
    free = TrueNorth(rules=Rules(encoded_reset=False)).compile(network, dt=1 * ms)
    reset = next(each for each in free.report().roundings if each.parameter == "reset")
    assert reset.worst < 1.1 * free.quantised.unit[-3:].max()


def test_synapses_of_one_source_target_and_delay_are_one_event():
    train, cell = (
        ra.Population("train", 1, ra.SpikeTrain(time=(0.001, 0.003), neuron=(0, 0))),
        ra.Population("cell", 2, ra.DeltaLIF(refractory=0.0, tau=1.0)),
    )
    ends = ra.EdgeList((0, 0, 0, 0), (0, 0, 1, 1))
    network = ra.Network(
        populations=[train, cell],
        projections=[
            ra.Projection(train, cell, ends, weight=4 * mV),
            ra.Projection(train, cell, ra.EdgeList((0,), (1,)), weight=-8 * mV, name="cancels"),
        ],
    )
    made = TrueNorth().compile(network, dt=1 * ms)
    assert made.quantised.synapses.weight.tolist() == [8 * mV] and made.quantised.synapses.of.tolist() == [
        0,
        0,
        -1,
        -1,
        -1,
    ]
    assert made.run(0.01).counts("cell").tolist() == [1, 0]  # 16 mV by the second event


def test_all_that_does_not_fit_is_said_at_once():
    cells = ra.Population("cells", 300, ra.DeltaLIF(refractory=0.0))
    odd, slow = ra.Population("odd", 3, ra.Izhikevich()), ra.Population("slow", 3, ra.CurrentLIF())
    network = ra.Network(
        populations=[odd, cells, slow],
        projections=[
            ra.Projection(cells, cells, ra.AllToAll(), weight=1 * mV, delay=2 * ms),
            ra.Projection(cells, cells, ra.FixedInDegree(1), weight=-1 * mV, delay=20 * ms, name="late"),
            ra.Projection(cells, odd, ra.AllToAll(), weight=1 * mV, release=ra.Release(probability=0.5)),
        ],
    )
    with pytest.raises(DoesNotFit) as found:
        TrueNorth().compile(network, dt=1 * ms)
    named = {shortage.resource: shortage for shortage in found.value.shortages}
    assert set(named) == {"neuron Izhikevich", "neuron CurrentLIF", "unreliable release", "delay", "axons in"}
    assert (named["delay"].needed, named["delay"].available) == (20, 15) and "late" in named["delay"].where
    assert "DeltaLIF" in named["neuron CurrentLIF"].remedy and named["axons in"].where.startswith("neuron cells[")


def test_delays_that_are_too_short_for_relays_are_named():
    cells = ra.Population("cells", 400, ra.DeltaLIF(refractory=0.0))
    network = ra.Network(
        populations=[cells],
        projections=[ra.Projection(cells, cells, ra.FixedInDegree(20), weight=1 * mV, delay=1 * ms)],
    )
    with pytest.raises(DoesNotFit) as found:
        compiled(TrueNorth(ways=(Relays(),)), network, dt=1 * ms)
    short = next(each for each in found.value.shortages if each.resource == "delay")
    assert (short.needed, short.available) == (2, 1) and short.where.startswith("neuron cells[")
    long = ra.Network(populations=[cells], projections=[replace(network.projections[0], delay=3 * ms)])
    assert TrueNorth(ways=(Relays(),)).compile(long, dt=1 * ms).report().added
