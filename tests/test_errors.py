"""What cannot be meant is refused at once, with the value, the limit and the remedy."""

from __future__ import annotations

import re

import numpy as np
import pytest

import reafference
from reafference import (
    AllToAll,
    AntiHebbian,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    FixedTotalNumber,
    InhibitorySTDP,
    LogNormal,
    LogNormalDegree,
    Network,
    Normal,
    OneToOne,
    PairSTDP,
    Poisson,
    Population,
    PowerLaw,
    Projection,
    RewardSTDP,
    Simulation,
    SpikeTrain,
    ThreeFactor,
    TripletSTDP,
    Uniform,
    Watch,
    run,
)
from reafference.units import ms, mV

cells = Population("cells", 3, DeltaLIF())
others = Population("others", 4, CurrentLIF())
train = Population("train", 3, SpikeTrain())
noise = Population("noise", 3, Poisson(rate=1.0))


def project(source=train, target=cells, wiring=OneToOne(), **options):  # noqa: B008 - it is frozen
    return Projection(source, target, wiring, **({"weight": 1 * mV} | options))


def network(*projections):
    return Network(populations=[cells, others, train, noise], projections=projections)


def build_it(*arguments, **options):
    return Simulation(network(project(*arguments, **options)))


@pytest.fixture(scope="module")
def simulation():
    return Simulation(network(project(plasticity=ThreeFactor(rate=0.0), name="learns"), project(name="stays")))


def check(kind, action, *parts):
    """`action` raises `kind`, and its message holds all `parts`."""
    with pytest.raises(kind) as caught:
        action()
    assert type(caught.value) is kind
    for part in parts:
        assert part in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"tau": 20}, "cells: CurrentLIF.tau = 20 s is outside 1e-10 to 1 s; did you mean 20 * ms?"),
        ({"tau": 0.0}, "cells: CurrentLIF.tau = 0 s is outside"),
        ({"tau": -20 * ms}, "cells: CurrentLIF.tau = -0.02 s is outside"),
        ({"tau_e": 5}, "cells: CurrentLIF.tau_e = 5 s is outside 1e-10 to 1 s; did you mean 5 * ms?"),
        ({"tau_i": -1 * ms}, "cells: CurrentLIF.tau_i = -0.001 s is outside"),
        ({"refractory": -2 * ms}, "cells: CurrentLIF.refractory = -0.002 s is outside 0 to 0.5 s"),
        ({"rest": -65}, "cells: CurrentLIF.rest = -65 V is outside -1 to 1 V; did you mean -65 * mV?"),
        ({"initial": -65}, "cells: CurrentLIF.initial = -65 V is outside"),
        ({"current": 300}, "did you mean 300 * pA?"),
        ({"resistance": -1.0}, "cells: CurrentLIF.resistance = -1 Ohm is outside 0 to 1e+15 Ohm"),
        (
            {"reset": -40 * mV},
            "cells: CurrentLIF.reset = -0.04 V is not below threshold = -0.05 V; the neuron would fire at every tick",
        ),
        ({"threshold": np.array([-0.05, -0.07, -0.05])}, "Lower reset or raise threshold."),
        (
            {"tau": np.array([0.02, 0.02])},
            "cells: CurrentLIF.tau has shape (2,); it takes one number, or one for each of the 3 neurons.",
        ),
        ({"tau": np.array([0.02, np.nan, 0.02])}, "cells: CurrentLIF.tau[1] is NaN; it must lie in 1e-10 to 1 s."),
        ({"threshold": np.inf}, "cells: CurrentLIF.threshold = inf V is outside"),
    ],
    ids=str,
)
def test_parameters_of_neurons(parameters, text):
    check(ValueError, lambda: Population("cells", 3, CurrentLIF(**parameters)), text)


@pytest.mark.parametrize("value", ["20 ms", None, True, LogNormal(log_mean=0.0, log_sigma=1.0), [[1], [1, 2]]], ids=str)
def test_parameters_that_are_no_numbers(value):
    check(TypeError, lambda: Population("cells", 3, DeltaLIF(tau=value)), "cells: DeltaLIF.tau", "number")
    check(TypeError, lambda: Population("cells", 3, Poisson(rate=value)), "cells: Poisson.rate", "number")


@pytest.mark.parametrize(
    ("kind", "action", "text"),
    [
        (
            ValueError,
            lambda: Population("p", 3, Poisson(rate=-1.0)),
            "p: Poisson.rate = -1 Hz is outside 0 to 1e+06 Hz",
        ),
        (ValueError, lambda: Population("p", 3, Poisson(rate=np.nan)), "p: Poisson.rate is NaN"),
        (ValueError, lambda: Population("p", 3, Poisson(rate=np.ones(2))), "p: Poisson.rate has shape (2,)"),
        (
            ValueError,
            lambda: Population("p", 3, SpikeTrain(time=(1.0,), neuron=(0, 1))),
            "p: SpikeTrain has times of shape (1,) and neurons of shape (2,)",
        ),
        (
            ValueError,
            lambda: Population("p", 3, SpikeTrain(time=(-1.0,), neuron=(0,))),
            "p: SpikeTrain.time[0] = -1 s is outside",
        ),
        (
            ValueError,
            lambda: Population("p", 3, SpikeTrain(time=(1.0,), neuron=(3,))),
            "p: SpikeTrain.neuron[0] = 3 is outside 0 to 2",
        ),
        (
            TypeError,
            lambda: Population("p", 3, SpikeTrain(time=(1.0,), neuron=(0.0,))),
            "counted from 0 in whole numbers",
        ),
        (TypeError, lambda: Population("p", 3, SpikeTrain(time=("now",), neuron=(0,))), "p: SpikeTrain.time"),
        (TypeError, lambda: Population("", 3, DeltaLIF()), "a population's name is ''"),
        (TypeError, lambda: Population("p", 3.0, DeltaLIF()), "p: size = 3.0 is not a whole number"),
        (ValueError, lambda: Population("p", 0, DeltaLIF()), "p: size = 0 is outside 1 to"),
        (TypeError, lambda: Population("p", 3, DeltaLIF), "is no neuron; give one such as CurrentLIF()"),
        (TypeError, lambda: Population("p", 3, "LIF"), "p: 'LIF' is no neuron"),
        (TypeError, lambda: DeltaLIF(0.02), "positional"),
    ],
)
def test_populations_and_sources(kind, action, text):
    check(kind, action, text)


@pytest.mark.parametrize(
    ("kind", "action", "text"),
    [
        (ValueError, lambda: project(weight=np.nan), "train -> cells: weight is NaN"),
        (ValueError, lambda: project(weight=np.array([0.0, np.nan, 0.0])), "train -> cells: weight[1] is NaN"),
        (
            ValueError,
            lambda: build_it(weight=Normal(mean=9 * mV, std=1 * mV), plasticity=PairSTDP(high=2 * mV)),
            "the bounds of PairSTDP",
        ),
        (ValueError, lambda: project(weight=15.0), "weight = 15 V is outside -1 to 1 V; did you mean 15 * mV?"),
        (TypeError, lambda: project(weight="1 mV"), "train -> cells: weight = '1 mV' is not a real number"),
        (
            ValueError,
            lambda: build_it(weight=LogNormal(log_mean=50.0, log_sigma=0.0)),
            "train -> cells: weight[0] = 5.18471e+21 V is outside",
        ),
        (ValueError, lambda: build_it(weight=np.zeros(4)), "weight has shape (4,) but the wiring made 3 synapses"),
        (ValueError, lambda: project(delay=-1 * ms), "train -> cells: delay = -0.001 s is outside 0 to 1 s"),
        (ValueError, lambda: project(delay=15), "did you mean 15 * ms?"),
        (ValueError, lambda: project(delay=Uniform(low=-1 * ms, high=1 * ms)), "train -> cells: delay"),
        (ValueError, lambda: project(delay=Normal(mean=1 * ms, std=1 * ms)), "delay, `low` of its Normal = -inf s"),
        (ValueError, lambda: project(delay=Normal(mean=15, std=1, low=0.0)), "did you mean 15 * ms?"),
        (
            ValueError,
            lambda: project(delay=LogNormal(log_mean=-7.0, log_sigma=1.0, scale=-1.0)),
            "use a positive scale",
        ),
        (
            ValueError,
            lambda: build_it(delay=0.02 * ms),
            "cells: delay = 2e-05 s is below one tick of 0.0001 s; use a longer delay or run with a smaller dt",
        ),
        (ValueError, lambda: build_it(delay=np.array([1.0, 0.01, 1.0]) * ms), "delay = 1e-05 s is below one tick"),
        (ValueError, lambda: build_it(delay=Uniform(low=0.0, high=0.01 * ms)), "raise `low` or run with a smaller dt"),
        (
            ValueError,
            lambda: build_it(delay=LogNormal(log_mean=9.0, log_sigma=0.0)),
            "is above the limit of 60 s; delays are in seconds",
        ),
        (ValueError, lambda: build_it(delay=np.full(4, 1 * ms)), "delay has shape (4,) but the wiring made 3 synapses"),
        (TypeError, lambda: project(wiring="all"), "train -> cells: 'all' is no wiring; give one such as"),
        (TypeError, lambda: project(wiring=OneToOne), "is no wiring"),
        (TypeError, lambda: project(source="train"), "a projection joins two populations; 'train' is none"),
        (TypeError, lambda: project(target=DeltaLIF()), "a projection joins two populations"),
        (TypeError, lambda: project(plasticity="stdp"), "train -> cells: 'stdp' is no plasticity; give one such as"),
        (TypeError, lambda: project(plasticity=ThreeFactor), "is no plasticity"),
        (
            TypeError,
            lambda: project(plasticity=PairSTDP(high=2 * mV, dependence="additive")),
            "train -> cells: PairSTDP.dependence = 'additive'; give Additive(), Multiplicative(), SoftBounds(...) or",
        ),
        (
            TypeError,
            lambda: project(plasticity=PairSTDP(high=2 * mV, pairing=True)),
            "PairSTDP.pairing = True; give AllSpikes() or NearestSpike().",
        ),
        (
            ValueError,
            lambda: build_it(cells, train),
            "cells -> train: Population('train', 3 SpikeTrain) is a source and takes no input",
        ),
        (ValueError, lambda: build_it(cells, noise), "project onto a neuron such as CurrentLIF"),
    ],
)
def test_projections(kind, action, text):
    check(kind, action, text)


@pytest.mark.parametrize(
    ("kind", "action", "text"),
    [
        (
            ValueError,
            lambda: build_it(train, others),
            "OneToOne needs populations of one size, got 3 sources and 4 targets",
        ),
        (
            ValueError,
            lambda: build_it(wiring=EdgeList(source=(0, 1), target=(0,))),
            "sources of shape (2,) and targets of shape (1,)",
        ),
        (
            ValueError,
            lambda: build_it(wiring=EdgeList(source=(0, 3), target=(0, 1))),
            "EdgeList.source[1] = 3 is outside 0 to 2",
        ),
        (
            ValueError,
            lambda: build_it(wiring=EdgeList(source=(0, 1), target=(0, -1))),
            "EdgeList.target[1] = -1 is outside 0 to 2",
        ),
        (TypeError, lambda: build_it(wiring=EdgeList(source=(0.0,), target=(0,))), "EdgeList.source is float64"),
        (
            ValueError,
            lambda: FixedProbability(10),
            "FixedProbability.probability = 10 is outside 0 to 1; did you mean 0.1 (10 %)?",
        ),
        (ValueError, lambda: FixedInDegree(-1), "FixedInDegree.degree = -1 is outside"),
        (TypeError, lambda: FixedInDegree(2.5), "FixedInDegree.degree = 2.5 is not a whole number"),
        (
            ValueError,
            lambda: FixedInDegree(2, self_synapses=False).connect(1, 1, np.random.default_rng(0)),
            "has 0 sources to draw from",
        ),
        (TypeError, lambda: LogNormalDegree(sent=5), "LogNormalDegree.sent = 5; give a LogNormal"),
        (
            ValueError,
            lambda: LogNormalDegree(sent=LogNormal(log_mean=1.0, log_sigma=1.0, scale=-1.0)),
            "use a positive scale",
        ),
        (ValueError, lambda: LogNormal(log_mean=0.0, log_sigma=-1.0), "LogNormal.log_sigma = -1 is outside 0 to 10"),
        (ValueError, lambda: LogNormal.with_mean(0.0, log_sigma=1.0), "cannot be the mean of a log-normal"),
        (ValueError, lambda: Uniform(low=2.0, high=1.0), "Uniform needs finite low <= high"),
        (ValueError, lambda: Normal(mean=np.nan, std=1.0), "Normal.mean is NaN"),
        (ValueError, lambda: Normal(mean=0.0, std=-1.0), "Normal.std = -1 is outside"),
        (ValueError, lambda: Normal(mean=0.0, std=1.0, low=np.nan), "Normal.low is NaN; leave it out"),
        (ValueError, lambda: Normal(mean=0.0, std=1.0, low=4.0), "has a chance of 3.2e-05 to lie between low = 4"),
        (ValueError, lambda: Normal(mean=0.0, std=1.0, low=2.0, high=1.0), "below the limit of 0.001; move the bounds"),
        (ValueError, lambda: Normal(mean=3.0, std=0.0, high=1.0), "has a chance of 0 to lie"),
        (ValueError, lambda: FixedTotalNumber(-1), "FixedTotalNumber.number = -1 is outside"),
        (TypeError, lambda: FixedTotalNumber(2.5), "FixedTotalNumber.number = 2.5 is not a whole number"),
        (
            ValueError,
            lambda: FixedTotalNumber(2, self_synapses=False).connect(1, 1, np.random.default_rng(0)),
            "has 0 pairs to draw from",
        ),
    ],
)
def test_wirings_and_distributions(kind, action, text):
    check(kind, action, text)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            lambda: project(plasticity=ThreeFactor(rate=50)),
            "train -> cells: ThreeFactor.rate = 50 V is outside -1 to 1 V; did you mean 50 * mV?",
        ),
        (lambda: project(plasticity=ThreeFactor(rate=0.0, tau=2000)), "did you mean 2000 * ms?"),
        (lambda: project(plasticity=ThreeFactor(rate=0.0, interval=0.0)), "ThreeFactor.interval = 0 s is outside"),
        (
            lambda: project(plasticity=ThreeFactor(rate=0.0, low=2 * mV, high=1 * mV)),
            "low = 0.002 V is above high = 0.001 V; swap them",
        ),
        (
            lambda: project(plasticity=ThreeFactor(rate=0.0, normalise=1 * ms)),
            "ThreeFactor.normalise = 0.001 s is outside 0.01 to",
        ),
        (
            lambda: build_it(plasticity=ThreeFactor(rate=0.0, interval=0.25 * ms)),
            "interval = 0.00025 s is no multiple of the step of 0.0001 s",
        ),
        (
            lambda: network(project(plasticity=AntiHebbian(rate=0.0, own="cells", other="nobody"))),
            "train -> cells: AntiHebbian names 'nobody', but the populations are cells, noise, others, train.",
        ),
        (
            lambda: project(plasticity=PairSTDP(high=0.5 * mV)),
            "train -> cells: a weight of 0.001 V is outside 0 to 0.0005 V, the bounds of PairSTDP; change the weight",
        ),
        (
            lambda: project(plasticity=PairSTDP(high=1 * mV), weight=Uniform(low=0.0, high=2 * mV)),
            "a weight of 0.002 V is outside 0 to 0.001 V",
        ),
        (
            lambda: build_it(plasticity=TripletSTDP(high=1 * mV), weight=LogNormal.with_mean(3 * mV, log_sigma=0.1)),
            "V is outside 0 to 0.001 V (3 of 3 weights are), the bounds of TripletSTDP; change the weight, or low and",
        ),
        (
            lambda: project(plasticity=PairSTDP(low=-1 * mV, high=1 * mV)),
            "PairSTDP: zero lies between low = -0.001 V and high = 0.001 V, but these rules keep the sign",
        ),
        (lambda: project(plasticity=PairSTDP(high=-1 * mV)), "for inhibitory synapses give low < 0 and high = 0.0"),
        (
            lambda: project(plasticity=PairSTDP(high=20)),
            "PairSTDP.high = 20 V is outside -10 to 10 V; did you mean 20 * mV?",
        ),
        (lambda: project(plasticity=PairSTDP(high=2 * mV, a_plus=5)), "PairSTDP.a_plus = 5 is outside -1 to 1"),
        (lambda: project(plasticity=TripletSTDP(high=2 * mV, tau_y=114)), "TripletSTDP.tau_y = 114 s is outside"),
        (
            lambda: project(plasticity=RewardSTDP(high=2 * mV, tau_c=10 * ms)),
            "RewardSTDP.tau_c = 0.01 s is below tau_plus = 0.02 s; an eligibility must outlast the pairing.",
        ),
        (
            lambda: project(plasticity=InhibitorySTDP(low=-1 * mV), weight=1 * mV),
            "a weight of 0.001 V is outside -0.001 to 0 V, the bounds of InhibitorySTDP",
        ),
        (
            lambda: project(plasticity=PairSTDP(high=2 * mV, dependence=PowerLaw(w0=0.0))),
            "train -> cells: PairSTDP: PowerLaw.w0 = 0 V is outside",
        ),
        (
            lambda: Simulation(network(project(plasticity=PairSTDP(high=2 * mV))), dt=1e-7),
            "train -> cells: a time constant of 0.02 s is 2e+05 ticks of 1e-07 s, above the limit of 1.05e+05",
        ),
    ],
)
def test_plasticity(action, text):
    check(ValueError, action, text)


@pytest.mark.parametrize(
    ("kind", "action", "text"),
    [
        (ValueError, lambda: Network(populations=[]), "a network needs at least one population"),
        (
            ValueError,
            lambda: Network(populations=[cells, Population("cells", 1, DeltaLIF())]),
            "two populations are called 'cells'; give each its own name",
        ),
        (
            ValueError,
            lambda: network(project(), project()),
            "two projections are called 'train -> cells'; give each its own name",
        ),
        (
            ValueError,
            lambda: Network(populations=[cells], projections=[project()]),
            "Population('train', 3 SpikeTrain) is not one of the network's populations (cells); add it.",
        ),
        (TypeError, lambda: Network(populations=[DeltaLIF()]), "give a list of Populations"),
        (TypeError, lambda: Network(populations=cells), "give a list of Populations"),
        (TypeError, lambda: Network(populations=[cells], projections=[OneToOne()]), "give a list of Projections"),
        (
            KeyError,
            lambda: network().first("cell"),
            "no population is called 'cell'; there are cells, others, train, noise.",
        ),
    ],
)
def test_networks(kind, action, text):
    check(kind, action, text)


def test_a_network_far_too_large_is_refused_before_anything_is_drawn():
    a, b = Population("a", 10**6, CurrentLIF()), Population("b", 10**6, CurrentLIF())
    huge = Network(populations=[a, b], projections=[Projection(a, b, AllToAll(), weight=1 * mV)])
    with pytest.raises(MemoryError) as caught:
        Simulation(huge)
    text = re.fullmatch(
        r"the network has about 1e\+12 synapses and 2e\+06 neurons and needs (\S+) GiB to be built; "
        r"(\S+) GiB are free\. Make it smaller or sparser, or use a machine with more memory\.",
        str(caught.value),
    )
    assert text is not None, str(caught.value)
    assert float(text[1]) == pytest.approx(1e12 * 4 / 2**30, rel=0.01)  # a target of 32 bits for each synapse
    assert 0 < float(text[2]) < float(text[1])


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        (ValueError, {"dt": 0.0}, "dt = 0 s is outside 1e-11 to 0.02 s"),
        (ValueError, {"dt": 1}, "dt = 1 s is outside 1e-11 to 0.02 s; did you mean 1 * ms?"),
        (ValueError, {"dt": 0.0}, "dt = 0 s is outside"),
        (ValueError, {"seed": -1}, "seed = -1 is outside"),
        (TypeError, {"seed": 1.5}, "seed = 1.5 is not a whole number"),
        (ValueError, {"threads": 0}, "threads = 0 is outside 1 to 1024"),
        (TypeError, {"threads": 2.5}, "threads = 2.5 is not a whole number"),
        (KeyError, {"record": ["cell"]}, "no population is called 'cell'"),
        (TypeError, {"record": "cells"}, "record = 'cells' is one word; give a list"),
        (KeyError, {"watch": [Watch(population="cell")]}, "no population is called 'cell'"),
        (ValueError, {"watch": [Watch(population="cells", variable="g_e")]}, "cells has no variable 'g_e'; it has v."),
        (ValueError, {"watch": [Watch(population="train")]}, "'train' is a source; it has neither voltage nor current"),
        (
            ValueError,
            {"watch": [Watch(population="cells", neurons=[3])]},
            "watched neurons of cells[0] = 3 is outside 0 to 2",
        ),
        (TypeError, {"watch": [Watch(population="cells", neurons=[0.5])]}, "counted from 0 in whole numbers"),
        (
            ValueError,
            {"watch": [Watch(population="cells", neurons=[0]), Watch(population="cells", neurons=[1])]},
            "'v' of 'cells' is watched twice",
        ),
        (TypeError, {"watch": ["cells"]}, "watch has 'cells'; give a list of Watch"),
        (
            ValueError,
            {"watch": [Watch(population="cells")], "sample": 0.15 * ms},
            "sample = 0.00015 s is not a whole number of ticks of 0.0001 s",
        ),
    ],
)
def test_simulations(kind, options, text):
    check(kind, lambda: Simulation(network(), **options), text)


@pytest.mark.parametrize(
    ("kind", "action", "text"),
    [
        (ValueError, lambda s: s.advance(0.15 * ms), "seconds = 0.00015 s is not a whole number of ticks of 0.0001 s"),
        (ValueError, lambda s: s.advance(0.0), "seconds = 0 s must be positive; use 0.0001 s"),
        (ValueError, lambda s: s.advance(-1.0), "seconds = -1 s is outside"),
        (ValueError, lambda s: s.advance(float("nan")), "seconds is NaN"),
        (ValueError, lambda s: s.inject_current("cells", 300), "did you mean 300 * pA?"),
        (ValueError, lambda s: s.inject_current("cells", np.nan), "injected current into cells is NaN"),
        (
            ValueError,
            lambda s: s.inject_current("cells", np.zeros(2)),
            "has shape (2,); it takes one number, or one for each of the 3 neurons",
        ),
        (ValueError, lambda s: s.inject_current("train", 0.0), "'train' is a source"),
        (KeyError, lambda s: s.inject_current("cell", 0.0), "no population is called 'cell'"),
        (
            ValueError,
            lambda s: s.inject_spikes("cells", [0]),
            "'cells' is no source; inject spikes into a SpikeTrain population",
        ),
        (ValueError, lambda s: s.inject_spikes("train", [3]), "spikes into train[0] = 3 is outside 0 to 2"),
        (ValueError, lambda s: s.inject_spikes("train", [-1]), "spikes into train[0] = -1 is outside 0 to 2"),
        (TypeError, lambda s: s.inject_spikes("train", [0.5]), "counted from 0 in whole numbers"),
        (ValueError, lambda s: s.inject_spikes("train", np.zeros(10**6, int)), "advance in between"),
        (
            ValueError,
            lambda s: s.set_rate("train", 1.0),
            "'train' is no Poisson or PoissonInput population; only those have a rate to set",
        ),
        (ValueError, lambda s: s.set_rate("noise", -1.0), "rate of noise = -1 Hz is outside 0 to 1e+06 Hz"),
        (ValueError, lambda s: s.set_rate("noise", np.ones(2)), "rate of noise has shape (2,)"),
        (
            ValueError,
            lambda s: s.set_modulator("stays", 1.0),
            "'stays' is no projection with a modulator",
        ),
        (ValueError, lambda s: s.set_modulator("learns", np.nan), "modulator of learns is NaN"),
        (ValueError, lambda s: s.weights("goes"), "no projection is called 'goes'; there are: learns, stays."),
        (ValueError, lambda s: s.set_weights("stays", np.zeros(3)), "stays keeps one weight for all synapses"),
        (
            ValueError,
            lambda s: s.set_weights("learns", np.zeros(2)),
            "learns has 3 synapses, got weights of shape (2,)",
        ),
        (
            ValueError,
            lambda s: s.set_weights("learns", [np.nan] * 3),
            "weights of learns[0] is NaN (3 of 3 values are wrong)",
        ),
        (ValueError, lambda s: s.read("cells", "u"), "cells has no variable 'u'; it has v."),
        (ValueError, lambda s: s.read("train"), "'train' is a source"),
        (KeyError, lambda s: s.count(s.advance(1 * ms), "cell"), "no population is called 'cell'"),
    ],
)
def test_a_running_network(simulation, kind, action, text):
    check(kind, lambda: action(simulation), text)


def test_refused_calls_leave_a_running_network_as_it_was(simulation):
    tick, weights, v = simulation.tick, simulation.weights("learns"), simulation.read("cells")
    for name, value in (
        ("inject_current", np.full(3, np.nan)),
        ("inject_spikes", [0, 9]),
        ("set_rate", -1.0),
        ("set_weights", np.zeros(7)),
    ):
        with pytest.raises(ValueError):
            getattr(simulation, name)(
                {"set_rate": "noise", "set_weights": "learns", "inject_spikes": "train"}.get(name, "cells"), value
            )
    assert simulation.tick == tick
    np.testing.assert_array_equal(simulation.weights("learns"), weights)
    np.testing.assert_array_equal(simulation.read("cells"), v)
    assert not np.isin(simulation.advance(1 * ms).neuron, range(7, 10)).any()  # nobody of `train`


def test_what_was_stopped_on_its_way_does_not_go_on(monkeypatch, tmp_path):
    """After Ctrl-C cells and spikes may be later than the tick; going on from there would be another network."""
    simulation = Simulation(network())
    simulation.advance(1 * ms)

    def press(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(simulation._workers, "_advance", press)  # pyright: ignore[reportPrivateUsage]
        with pytest.raises(KeyboardInterrupt):
            simulation.advance(1 * ms)
    for action in (
        lambda: simulation.advance(1 * ms),
        simulation.recording,
        lambda: simulation.save(tmp_path / "checkpoint"),
    ):
        check(RuntimeError, action, "stopped while it advanced from tick 10, so what it holds is of no one moment")


def test_nobody_changes_a_network_by_writing_into_what_it_was_made_of():
    tau = np.full(3, 20 * ms)
    kind = DeltaLIF(tau=tau)
    population = Population("cells", 3, kind)
    tau[:] = np.nan
    assert isinstance(population.kind, DeltaLIF)
    np.testing.assert_array_equal(population.kind.tau, np.full(3, 20 * ms))
    with pytest.raises(ValueError, match="read-only"):
        population.kind.tau[0] = 1.0  # type: ignore[index]
    assert kind.tau is tau  # and the neuron that was handed over is left alone


def test_runs():
    check(
        ValueError, lambda: run(network(), 0.15 * ms), "seconds = 0.00015 s is not a whole number of ticks of 0.0001 s"
    )
    check(ValueError, lambda: run(network(), -1.0), "seconds = -1 s is outside 0 to 1e+07 s")
    check(TypeError, lambda: run([cells], 0.01), "a simulation runs a Network, not [Population('cells', 3 DeltaLIF)]")  # type: ignore[arg-type]
    check(TypeError, lambda: Simulation(cells), "a simulation runs a Network, not Population('cells', 3 DeltaLIF)")


def test_names_that_do_not_exist():
    check(AttributeError, lambda: reafference.nothing, "reafference has no 'nothing'; it has AdEx, Additive, AllSpikes")
