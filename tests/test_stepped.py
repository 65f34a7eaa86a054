"""Neurons that are advanced at every tick against their plain twins, and the machine that makes them of one step."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_neurons import PlainAdEx, PlainConductance, PlainIzhikevich
from random_networks import FEW
from reafference import AdEx, ConductanceLIF, Izhikevich
from reafference.engine import adex, conductance, izhikevich, stepped_cells
from reafference.engine.exponential import exp
from reafference.engine.stepped import conductances, currents, jumps, stepped
from reafference.engine.stepped_cells import SHORT, stretches
from reafference.units import MOhm, ms, mV, nA, nS, pA, pF
from stepped_driver import Course, course

TICKS = 250


# --- tick for tick --------------------------------------------------------------------------------------------------


def conductance_neurons(rng, size, dt, *, same):
    """Parameters of a population of ConductanceLIF, and its twins."""

    def draw(low, high):
        return rng.uniform(low, high) if same else rng.uniform(low, high, size)

    refractory = np.rint(draw(0, 4 * ms / dt))
    parameters = {
        "tau": draw(2, 30) * ms,
        "tau_e": draw(0.5, 20) * ms,
        "tau_i": draw(0.5, 20) * ms,
        "rest": draw(-70, -60) * mV,
        "reversal_e": draw(-10, 10) * mV,
        "reversal_i": draw(-90, -70) * mV,
        "threshold": draw(-55, -48) * mV,
        "reset": draw(-70, -60) * mV,
        "resistance": draw(50, 200) * MOhm,
        "initial": rng.uniform(-75, -45, size) * mV,
        "current": rng.uniform(-0.1, 0.3, size) * nA,
    }
    each = {name: np.broadcast_to(value, size).tolist() for name, value in parameters.items()}
    twins = [
        PlainConductance(
            dt=dt,
            refractory=int(np.broadcast_to(refractory, size)[k]),
            v=each["initial"][k],
            **{name: each[name][k] for name in each if name not in ("initial", "current")},
        )
        for k in range(size)
    ]
    return ConductanceLIF(**parameters, refractory=refractory * dt), twins, each["current"]


def adex_neurons(rng, size, dt, *, same):
    """The same for AdEx, from the units of the papers."""

    def draw(low, high):
        return rng.uniform(low, high) if same else rng.uniform(low, high, size)

    refractory = np.rint(draw(0, 4 * ms / dt)) * (rng.random() < 0.7)
    paper = {
        "capacitance": draw(80, 300),
        "leak": draw(8, 30),
        "tau_e": draw(0.5, 20),
        "tau_i": draw(0.5, 20),
        "tau_w": draw(20, 300),
        "rest": draw(-75, -55),
        "threshold": draw(-55, -45),
        "slope": draw(0.5, 4),
        "peak": draw(-20, 20),
        "reset": draw(-70, -44),
        "a": draw(-12, 12),
        "b": draw(0, 120),
    }
    parameters = {name: paper[name] * mV for name in ("rest", "threshold", "slope", "peak", "reset")}
    parameters |= {name: paper[name] * ms for name in ("tau_e", "tau_i", "tau_w")}
    parameters |= {
        "tau": paper["capacitance"] * pF / (paper["leak"] * nS),
        "resistance": 1 / (paper["leak"] * nS),
        "a": paper["a"] * nS,
        "b": paper["b"] * pA,
        "initial": rng.uniform(-75, -50, size) * mV,
        "current": rng.uniform(-50, 700, size) * pA,
    }
    twins = [
        PlainAdEx(
            dt=dt / ms,
            refractory=int(np.broadcast_to(refractory, size)[k]),
            v=float(parameters["initial"][k] / mV),
            **{name: float(np.broadcast_to(value, size)[k]) for name, value in paper.items()},
        )
        for k in range(size)
    ]
    return AdEx(**parameters, refractory=refractory * dt), twins, parameters["current"].tolist()


def izhikevich_neurons(rng, size, dt, *, same):
    """The same for Izhikevich."""

    def draw(low, high):
        return rng.uniform(low, high) if same else rng.uniform(low, high, size)

    paper = {"a": draw(0.01, 0.2), "b": draw(-0.1, 0.3), "c": draw(-68, -48), "d": draw(-2, 9)}
    initial, current = rng.uniform(-80, -50, size), rng.uniform(-5, 25, size)
    capacitance = draw(0.5, 2)
    neuron = Izhikevich(
        a=paper["a"] / ms,
        b=paper["b"] / ms,
        c=paper["c"] * mV,
        d=paper["d"],
        capacitance=capacitance * pF,
        current=current * capacitance * pA,
        initial=initial * mV,
    )
    twins = []
    for k in range(size):
        mine = {name: float(np.broadcast_to(value, size)[k]) for name, value in paper.items()}
        twins.append(PlainIzhikevich(dt=dt / ms, v=float(initial[k]), u=mine["b"] * float(initial[k]), **mine))
    return neuron, twins, neuron.current.tolist()


# module, neurons, unit of the weights, {variable: its unit in the twin}
KINDS = {
    "conductance": (conductance, conductance_neurons, 1.0, {"v": 1.0, "g_e": 1.0, "g_i": 1.0}),
    "adex": (adex, adex_neurons, 10 * mV, {"v": mV, "w": pA}),
    "izhikevich": (izhikevich, izhikevich_neurons, 3 * mV, {"v": mV, "u": 1.0}),
}


def random_course(kind, seed, dt):
    """Two populations, of equal neurons and of unequal ones, with events and injected currents: engine and twin."""
    module, neurons, weight, variables = KINDS[kind]
    rng = np.random.default_rng(seed)
    sizes = int(rng.integers(SHORT, SHORT + 8)), int(rng.integers(1, 12))
    populations = [neurons(rng, size, dt, same=same) for size, same in zip(sizes, (True, False), strict=True)]
    kinds = [(population[0], size) for population, size in zip(populations, sizes, strict=True)]
    twins = [twin for population in populations for twin in population[1]]
    constant = [current for population in populations for current in population[2]]
    count = 12 * len(twins)
    weights = weight * rng.lognormal(-0.5, 1.0, count) * np.where(rng.random(count) < 0.7, 1, -1)
    events = [(int(rng.integers(1, TICKS)), int(rng.integers(len(twins))), float(size)) for size in weights]
    unit = pA if kind != "izhikevich" else 0.02 * pA
    injections = {TICKS // 3: rng.uniform(-100, 200, len(twins)) * unit, TICKS // 2: np.zeros(len(twins))}
    got = course(module, kinds, TICKS, dt=dt, events=events, injections=injections)
    return got, plain_course(kind, kinds, twins, constant, events, injections, variables, got)


def plain_course(kind, kinds, twins, constant, events, injections, variables, got):
    """The same by the twins, each tick from the state that the engine had before: neurons magnify rounding errors."""
    capacitance = np.concatenate([np.broadcast_to(getattr(k, "capacitance", 1.0), n) for k, n in kinds])
    resistance = np.concatenate([np.broadcast_to(getattr(k, "resistance", 1.0), n) for k, n in kinds])
    in_twin = {  # currents in the units of the twin, and weights
        "conductance": (np.ones(len(twins)), np.ones(len(twins))),
        "adex": (np.full(len(twins), 1 / pA), 1 / resistance / pA),
        "izhikevich": (1 / capacitance, np.full(len(twins), 1 / mV)),
    }[kind]
    arriving = {}
    for tick, neuron, weight in events:
        arriving.setdefault((tick, neuron), []).append(weight * in_twin[1][neuron])
    injected, spikes = np.zeros(len(twins)), []
    traces = {name: np.zeros((TICKS + 1, len(twins))) for name in variables}
    for tick in range(TICKS + 1):
        for k, twin in enumerate(twins):
            if tick > 0:
                for name, unit in variables.items():
                    setattr(twin, name, float(got.traces[name][tick - 1, k]) / unit)
                twin.advance(tick, (constant[k] + injected[k]) * in_twin[0][k])
                for weight in arriving.get((tick, k), ()):
                    twin.receive(weight, tick)
                if twin.spikes(tick):
                    spikes.append((tick, k))
            for name in variables:
                traces[name][tick, k] = getattr(twin, name)
        injected = injections.get(tick, injected)
    return Course(spikes, traces)


@pytest.mark.parametrize("kind", KINDS)
@settings(FEW, max_examples=20)
@given(seed=st.integers(0, 2**31), dt=st.sampled_from([0.05 * ms, 0.1 * ms, 0.5 * ms]))
def test_every_spike_and_variable_is_that_of_the_plain_twin(kind, seed, dt):
    got, twin = random_course(kind, seed, dt)
    assert got.spikes == twin.spikes
    for name, unit in KINDS[kind][3].items():
        np.testing.assert_allclose(got.traces[name] / unit, twin.traces[name], rtol=1e-9, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_random_neurons_are_alive(kind):
    """The test above would pass on neurons that do nothing."""
    active = [len({who for _, who in random_course(kind, seed, 0.1 * ms)[0].spikes}) for seed in range(8)]
    assert np.median(active) >= 10, active


# --- one step, many neurons -----------------------------------------------------------------------------------------


@given(kinds=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3 * SHORT)), max_size=8))
def test_stretches_hold_every_neuron_once_and_equal_ones_are_equal(kinds):
    kind = np.repeat([k for k, _ in kinds], [count for _, count in kinds]).astype(np.int32)
    begin, equal = stretches(kind)
    assert begin[0] == 0 and begin[-1] == kind.size and np.all(np.diff(begin) > 0) and equal.size == begin.size - 1
    for low, high, same in zip(begin, begin[1:], equal, strict=False):
        assert not same or (np.unique(kind[low:high]).size == 1 and high - low >= SHORT)
    assert not np.any((equal[1:] == 0) & (equal[:-1] == 0)), "unequal neighbours are one stretch"
    # A long run of equal neurons is never read from memory.
    cuts = np.flatnonzero(np.diff(kind)) + 1
    long = sum(part.size for part in np.split(kind, cuts) if part.size >= SHORT)
    assert sum((np.diff(begin) * equal).tolist()) == long


@pytest.mark.parametrize("kind", KINDS)
@settings(FEW, max_examples=10)
@given(seed=st.integers(0, 2**31), cuts=st.sets(st.integers(1, 39), max_size=4))
def test_the_way_neurons_are_parted_changes_no_bit(kind, seed, cuts):
    module, neurons, weight, _ = KINDS[kind]
    rng = np.random.default_rng(seed)
    kinds = [(neurons(rng, 28, 0.1 * ms, same=True)[0], 28), (neurons(rng, 12, 0.1 * ms, same=False)[0], 12)]
    events = [(int(rng.integers(1, TICKS)), int(rng.integers(40)), weight) for _ in range(300)]
    whole = course(module, kinds, TICKS, dt=0.1 * ms, events=events)
    parts = course(module, kinds, TICKS, dt=0.1 * ms, events=events, cuts=tuple(sorted(cuts)))
    assert parts.spikes == whole.spikes and len(whole.spikes) > 0
    for name, trace in whole.traces.items():
        assert trace.tobytes() == parts.traces[name].tobytes(), name


@pytest.mark.parametrize("kind", KINDS)
def test_constants_from_registers_and_from_memory_give_the_same_bits(kind):
    module, neurons, weight, _ = KINDS[kind]
    rng = np.random.default_rng(7)
    (one, *_), (other, *_) = (neurons(rng, 20, 0.1 * ms, same=True) for _ in range(2))
    both = {
        name: np.stack([np.broadcast_to(getattr(neuron, name), 20) for neuron in (one, other)], axis=1).ravel()
        for name in vars(one)
    }
    events = [(int(rng.integers(1, TICKS)), int(rng.integers(20)), weight) for _ in range(150)]
    turns = [(tick, 2 * neuron + k, size) for tick, neuron, size in events for k in range(2)]
    rows = [(tick, 20 * k + neuron, size) for tick, neuron, size in events for k in range(2)]
    by_turns = course(module, [(type(one)(**both), 40)], TICKS, dt=0.1 * ms, events=turns)
    in_rows = course(module, [(one, 20), (other, 20)], TICKS, dt=0.1 * ms, events=rows)
    assert module.make([(type(one)(**both), 40)], 0.1 * ms).equal.tolist() == [0]
    assert module.make([(one, 20), (other, 20)], 0.1 * ms).equal.tolist() == [1, 1]
    assert len(in_rows.spikes) > 0
    for name, trace in in_rows.traces.items():
        for k in range(2):
            assert trace[:, 20 * k : 20 * (k + 1)].tobytes() == by_turns.traces[name][:, k::2].tobytes(), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_loop_over_neurons_is_made_of_vector_instructions(kind):
    module, neurons, *_ = KINDS[kind]
    course(module, [(neurons(np.random.default_rng(0), 20, 0.1 * ms, same=True)[0], 20)], 1, dt=0.1 * ms)
    state = type(module.make([(type(neurons(np.random.default_rng(0), 1, 0.1 * ms, same=True)[0])(), 1)], 1e-4).state)
    codes = [code for types, code in stepped_cells.advance.inspect_llvm().items() if types[0].instance_class is state]
    assert len(codes) == 2, "constants from registers, constants from memory"
    for code in codes:
        assert re.search(r"fdiv <\d+ x double>", code)
    looked = [code for types, code in stepped_cells.collect.inspect_llvm().items() if types[0].instance_class is state]
    for code in looked:
        assert re.search(r"fcmp o\w+ <\d+ x double>", code)


# --- what stands in stepped.py --------------------------------------------------------------------------------------


class Some(NamedTuple):
    v: np.ndarray
    g_e: np.ndarray
    g_i: np.ndarray
    hold: np.ndarray


@pytest.mark.parametrize(
    ("receive", "weight", "tick", "v", "g_e", "g_i"),
    [
        (conductances, 2.0, 5, 0.0, 2.0, 0.0),
        (conductances, -2.0, 5, 0.0, 0.0, 2.0),
        (currents, 2.0, 5, 0.0, 2.0, 0.0),
        (currents, -2.0, 5, 0.0, 0.0, -2.0),
        (jumps, 2.0, 5, 0.0, 0.0, 0.0),
        (jumps, 2.0, 6, 2.0, 0.0, 0.0),
        (jumps, -2.0, 6, -2.0, 0.0, 0.0),
    ],
)
def test_where_an_event_goes(receive, weight, tick, v, g_e, g_i):
    state = Some(np.zeros(3), np.zeros(3), np.zeros(3), np.full(3, 5))
    receive(state, 1, weight, tick)
    assert [array[1] for array in state[:3]] == [v, g_e, g_i]
    assert not np.any([array[[0, 2]] for array in state[:3]])


@settings(deadline=None)
@given(st.floats(-690, 690))
def test_exp_is_right_to_the_last_bits(x):
    expected = np.exp(np.longdouble(x))
    assert abs(np.longdouble(exp(x)) / expected - 1) < 5e-16


def test_exp_at_its_ends():
    assert exp(0.0) == 1.0
    assert 0.0 < exp(-1e9) == exp(-np.inf) == exp(-700.0) < 1e-300
    assert 1e300 < exp(700.0) == exp(1e9) == exp(np.inf) < np.inf


# --- what a user may have got wrong ---------------------------------------------------------------------------------


class Neuron:
    """Parameters of a made-up neuron."""


class Constants(NamedTuple):
    threshold: float
    reset: float
    refractory: int


def unchanged(cell, own, current, tick):
    return cell


def made_up(
    *,
    step=lambda State: unchanged,
    start=None,
    constants=None,
    states=None,
    receive=jumps,
    **functions,
):
    """The module of a made-up neuron; every one has a State of its own."""

    class State(NamedTuple):
        v: float
        hold: int

    kernel = stepped(
        states or State,
        Constants,
        start=lambda neuron: {"v": 0.0, "hold": -1} if start is None else start,
        constants=lambda neuron, dt: {"threshold": 1.0, "reset": 0.0, "refractory": 2} | (constants or {}),
        step=step(State),
        receive=receive,
        **functions,
    )
    return SimpleNamespace(make=kernel.make, part=kernel.part, OBSERVABLES=kernel.observables)


class Unordered:
    v: float


class Undefined(NamedTuple):
    pass


class Odd(NamedTuple):
    v: float
    name: str


def without_tick(cell, own, current):
    return cell


def numeric(cell, own):
    return cell.v


def nowhere(state, i, own, tick):
    state.w[i] = own.reset


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"states": Unordered}, TypeError, "Unordered'> is no NamedTuple; write `class State(NamedTuple)`"),
        ({"states": Undefined}, TypeError, "test_stepped.Undefined has no field; give it one, such as `v: float`."),
        ({"states": Odd}, TypeError, "test_stepped.Odd.name is annotated <class 'str'>; it can be float or int."),
        (
            {"step": lambda State: without_tick},
            TypeError,
            "test_stepped.without_tick takes (cell, own, current); it is called with (cell, own, current, tick).",
        ),
        (
            {"receive": conductances},
            TypeError,
            "neither State nor Constants has 'g_e', which receive=conductances asks for; add it or give your own",
        ),
        ({"start": (0.0, -1)}, TypeError, "test_stepped.start gave (0.0, -1); it gives a dict of v, hold."),
        (
            {"start": {"v": 0.0}},
            TypeError,
            "test_stepped.start gave v, but the fields of State are v, hold; add 'hold'.",
        ),
        (
            {"constants": {"tau": 0.0}},
            TypeError,
            "test_stepped.constants gave threshold, reset, refractory, tau, but the fields of Constants are threshold, "
            "reset, refractory; leave out 'tau'.",
        ),
        (
            {"start": {"v": np.zeros(2), "hold": -1}},
            ValueError,
            "test_stepped.start: v has shape (2,); it takes one number, or one for each of the 3 neurons.",
        ),
        (
            {"constants": {"refractory": 2.5}},
            ValueError,
            "test_stepped.constants: refractory = 2.5, but it is annotated int; round it.",
        ),
        ({"constants": {"reset": np.nan}}, ValueError, "test_stepped.constants: reset is NaN"),
        (
            {"step": lambda State: lambda cell, own, current, tick: State(cell.v + own.nothing, cell.hold)},
            TypeError,
            "cannot be compiled. Failed in nopython mode pipeline (step: nopython frontend)\nUnknown attribute 'no",
        ),
        (
            {"step": lambda State: lambda cell, own, current, tick: cell.v},
            TypeError,
            "returns float64; it returns a State.",
        ),
        (
            {"step": lambda State: lambda cell, own, current, tick: State(cell.v, cell.hold + 0.5)},
            TypeError,
            "gives float64 for State.hold, which is annotated int.",
        ),
        ({"spikes": numeric}, TypeError, "test_stepped.numeric returns float64; it says True or False."),
        ({"reset": nowhere}, TypeError, "test_stepped.nowhere cannot be compiled."),
    ],
    ids=lambda value: value if isinstance(value, str) else None,  # no addresses: they differ between processes
)
def test_what_is_wrong_with_a_neuron_is_said(options, kind, text):
    with pytest.raises(kind) as caught:
        course(made_up(**options), [(Neuron(), 3)], 2, dt=1 * ms)
    assert type(caught.value) is kind and text in str(caught.value), str(caught.value)


def test_the_made_up_neuron_runs_when_nothing_is_wrong():
    got = course(made_up(), [(Neuron(), 3)], 4, dt=1 * ms, events=[(2, 1, 1.0), (3, 1, 1.0), (4, 0, 0.5)])
    assert got.spikes == [(2, 1)]
    assert got.traces["v"][-1].tolist() == [0.5, 0.0, 0.0]
