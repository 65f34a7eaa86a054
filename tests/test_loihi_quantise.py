"""Networks in volts and seconds put into Loihi's integers: against the engine, against laws, and what does not fit."""

from dataclasses import replace

import numpy as np
import pytest

from reafference import (
    AdEx,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    LogNormal,
    Network,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
)
from reafference.chips.circuit import draw
from reafference.chips.loihi import BRIAN2LOIHI, LAVA, SILICON, LoihiCores, Sign, SynapseFormat
from reafference.chips.loihi.quantise import Precision, formats, mantissas, quantise
from reafference.chips.loihi.scale import propagator
from reafference.units import ms, mV, nA

DT = 1 * ms


def feedforward(kind, seed):
    """60 neurons of a kind, driven by 30 trains; a third of them drives another third in turn."""
    rng = np.random.default_rng(seed)
    spikes = 2000
    trains = Population(
        "trains",
        30,
        SpikeTrain(time=rng.integers(1, 400, spikes) * DT, neuron=rng.integers(0, 30, spikes)),
    )
    cells, last = Population("cells", 40, kind), Population("last", 20, kind)

    def projection(source, target, count, low, high):
        ends = EdgeList(source=rng.integers(0, source.size, count), target=rng.integers(0, target.size, count))
        delay = rng.integers(1, 40, count) * DT
        return Projection(source, target, ends, weight=rng.uniform(low, high, count), delay=delay)

    return Network(
        populations=[cells, trains, last],
        projections=[
            projection(trains, cells, 300, -1 * mV, 4 * mV),
            projection(cells, last, 300, 0.0, 3 * mV),
        ],
    )


def as_stored(network, dialect):
    """The network with the weights that the chip has stored for it, so that none has to be rounded again."""
    made = quantise(draw(network, dt=DT), dialect=dialect)
    projections, begin = [], 0
    populations = {population.name: population for population in network.populations}
    for each in network.projections:
        end = begin + each.wiring.source.size
        ends = populations[each.source.name], populations[each.target.name]
        projections.append(Projection(*ends, each.wiring, weight=made.weight[begin:end], delay=each.delay))
        begin = end
    return Network(populations=network.populations, projections=projections)


# Time constants that decays of 12 bits hold exactly.
MEMBRANE = {"tau": -DT / np.log1p(-200 / 4096), "refractory": 3 * ms, "current": 0.1 * nA, "initial": -60 * mV}
CURRENT = -DT / np.log1p(-743 / 4096)


@pytest.mark.parametrize("dialect", [SILICON, LAVA, BRIAN2LOIHI], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    "kind",
    [CurrentLIF(tau_e=CURRENT, tau_i=CURRENT, **MEMBRANE), DeltaLIF(**MEMBRANE)],
    ids=lambda kind: type(kind).__name__,
)
def test_membranes_follow_the_engine_tick_by_tick(kind, dialect):
    network, ticks = as_stored(feedforward(kind, 1), dialect), 400
    made = quantise(draw(network, dt=DT), dialect=dialect)
    assert not made.shortages
    cores = LoihiCores(
        compartments=made.compartments, groups=made.groups, inputs=made.inputs, dialect=replace(dialect, hold_code=0)
    )
    train = network.populations[1].kind
    tick, source = np.rint(np.asarray(train.time) / DT).astype(int), np.asarray(train.neuron)
    activity = cores.advance(ticks, tick=tick, source=source, probe=np.arange(60))
    v = activity.v * made.unit[made.unit > 0] + made.rest[made.unit > 0]
    simulation = Simulation(network, dt=DT, record=["cells", "last"])
    apart = []
    for t in range(ticks):
        simulation.advance(DT)
        real = np.concatenate([simulation.read(name, "v") for name in ("cells", "last")])
        apart.append(np.abs(v[t] - real))
    recording = simulation.recording()
    theirs = set(zip(np.rint(recording.time / DT).astype(int), made.number[recording.neuron], strict=True))
    mine = set(zip(activity.tick, activity.neuron, strict=True))
    assert len(theirs) > 300
    assert len(mine & theirs) > 0.99 * len(mine | theirs)
    # Only a neuron whose spike is moved by a tick differs by more than what rounding leaves.
    assert np.quantile(apart, 0.9) < 3e-6


def test_an_event_later_by_a_tick_would_be_seen():
    """The comparison above is fine enough to see a delay of one tick too many."""
    network = feedforward(DeltaLIF(tau=20 * ms), 1)
    made = quantise(draw(network, dt=DT))
    late = [replace(group, delay=np.asarray(group.delay) + 1) for group in made.groups]
    train = network.populations[1].kind
    given = {"tick": np.rint(np.asarray(train.time) / DT).astype(int), "source": np.asarray(train.neuron)}
    one, other = (
        LoihiCores(compartments=made.compartments, groups=groups, inputs=made.inputs).advance(400, **given)
        for groups in (made.groups, late)
    )
    mine, theirs = (set(zip(each.tick.tolist(), each.neuron.tolist(), strict=True)) for each in (one, other))
    assert len(mine & theirs) < 0.5 * len(mine | theirs)


def test_the_propagator_solves_the_two_decays():
    tau, tau_s = np.array([20.0, 20.0, 5.0, 1.0]) * ms, np.array([5.0, 20.0, 20.0, 1.0 + 1e-14]) * ms
    for dt in (0.1 * ms, 1 * ms):
        steps = 20000
        v, g = np.zeros(4), np.ones(4)
        for _ in range(steps):  # midpoint rule, fine
            h = dt / steps
            middle = v + h / 2 * (g - v) / tau
            v, g = v + h * (g * np.exp(-h / 2 / tau_s) - middle) / tau, g * np.exp(-h / tau_s)
        np.testing.assert_allclose(propagator(tau, tau_s, dt), v, rtol=1e-7)


def test_the_report_tells_every_parameter_and_how_far_it_is_off():
    kind = CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=5 * ms, current=0.1 * nA)
    made = quantise(draw(feedforward(kind, 2), dt=DT))
    told = {(each.where, each.parameter): each for each in made.roundings}
    for name in ("tau", "tau_e", "threshold - rest", "current", "refractory", "initial - rest"):
        assert ("population 'cells'", name) in told
    decay = int(made.compartments.decay_v[0])
    tau = -DT / np.log1p(-decay / 4096)
    assert told["population 'cells'", "tau"].worst == pytest.approx(abs(tau - 20 * ms))
    decay = int(made.compartments.decay_u[0]) + 1  # the chip adds 1
    assert told["population 'cells'", "tau_e"].worst == pytest.approx(abs(-DT / np.log1p(-decay / 4096) - 5 * ms))
    weight = told["projection 'cells -> last'", "weight"]
    assert 0 < weight.worst <= 0.51 * 3 * mV / 255 * 2 and "8 bit, exponent" in weight.note
    assert np.concatenate(made.members).tolist() == list(range(600))


def test_weights_of_wide_range_keep_their_precision_with_several_formats():
    rng = np.random.default_rng(4)
    cells = Population("cells", 50, DeltaLIF(tau=20 * ms, threshold=-20 * mV))
    ends = EdgeList(source=rng.integers(0, 50, 4000), target=rng.integers(0, 50, 4000))
    weight = LogNormal(log_mean=float(np.log(0.1 * mV)), log_sigma=1.2, most=4 * mV)
    network = Network(populations=[cells], projections=[Projection(cells, cells, ends, weight=weight)])
    circuit = draw(network, dt=DT)
    typical = []
    for count in (1, 2, 3):
        made = quantise(circuit, precision=Precision(formats=count))
        assert len(made.groups) == count
        assert sorted(np.concatenate(made.members).tolist()) == list(range(4000))
        typical.append(made.roundings[-1].typical)
    assert typical[1] < typical[0] / 3
    assert typical[2] <= typical[1]


def test_mantissas_are_the_nearest_that_can_be_stored():
    rng = np.random.default_rng(6)
    for low, high in ((0, 9e5), (-9e5, 0), (-3e5, 9e5), (-9e5, 3e5)):
        strength = rng.uniform(low, high, 500)
        ((form, all_of_them),) = formats(strength, 1)
        assert all_of_them.all()
        step = 64 * 2.0**form.exponent * (2 if low < 0 < high else 1)
        kept = mantissas(strength, form) * 64 * 2.0**form.exponent
        assert np.abs(kept - strength).max() <= step * 1.01
        assert np.abs(mantissas(strength, form)).max() > 127, "a finer exponent would have done"
    assert mantissas(np.array([1e9, -1e9]), SynapseFormat(sign=Sign.MIXED)).tolist() == [254, -256]


def test_all_that_does_not_fit_is_told_at_once():
    slow = Population("slow", 3, CurrentLIF(tau=1.0, tau_e=5 * ms, tau_i=10 * ms, refractory=70 * ms, reset=-70 * mV))
    other = Population("other", 2, AdEx())
    ends = EdgeList(source=np.array([0, 1]), target=np.array([0, 0]))
    network = Network(
        populations=[slow, other],
        projections=[Projection(slow, slow, ends, weight=np.array([1 * mV, -1 * mV]), delay=80 * ms)],
    )
    made = quantise(draw(network, dt=0.1 * ms))
    told = {(each.where, each.resource): each for each in made.shortages}
    assert told["population 'slow'", "reset other than rest"].needed is None
    assert told["population 'slow'", "synaptic time constants"].needed == 2
    assert told["population 'slow'", "slow decay (tau)"].needed == pytest.approx(4096 * 1e-4, rel=1e-3)
    assert (
        told["population 'slow'", "refractory time"].needed,
        told["population 'slow'", "refractory time"].available,
    ) == (700, 63)
    assert told["population 'other'", "neuron AdEx"].remedy.startswith("The chip's own neuron runs CurrentLIF")
    delay = told["projection 'slow -> slow'", "delay"]
    assert (delay.needed, delay.available, delay.unit) == (800, 62, "tick")
    assert len(made.shortages) == 6
    assert all(each.remedy.endswith(".") for each in made.shortages)
