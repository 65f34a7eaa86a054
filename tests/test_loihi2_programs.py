"""Programs of whole numbers against their plain twin: random steps, random networks, registers that run over."""

import linecache
from dataclasses import make_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reafference as ra
from plain_loihi2 import PlainStep, plain_programs, plain_weight, random_source
from random_networks import FEW
from reafference.chips.loihi import Sign, SynapseFormat, SynapseGroup
from reafference.chips.loihi2 import Loihi2
from reafference.chips.microcode import Arithmetic, ProgrammedCores
from reafference.chips.microcode.families import AdaptiveThreshold, GradedVector, ResonateAndFire, SigmaDelta
from reafference.network.integer.ranges import signed
from reafference.units import ms

EDGE = np.array([-(2**23), 2**23 - 1, 0, 1, -1])


def neuron_of(source, fields):
    """An IntegerNeuron with a step from its text, and that step."""
    name = f"<step {abs(hash(source))}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    namespace = {}
    exec(compile(source, name, "exec"), namespace)
    step = namespace["step"]
    kind = make_dataclass(
        "Drawn",
        [(field, ra.WholePerNeuron, 0) for field in fields],
        bases=(ra.IntegerNeuron,),
        namespace={"step": staticmethod(step)},
        frozen=True,
        kw_only=True,
        eq=False,
    )
    return kind, step


def random_neuron(rng, arithmetic, graded=0.5):
    """(kind, plain step, state names, parameter names) of a random step that the arithmetic can hold; graded or not."""
    while True:
        states, parameters = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        source = random_source(rng, states, parameters, graded=rng.random() < graded)
        fields = [f"s{k}" for k in range(states)], [f"p{k}" for k in range(parameters)]
        kind, step = neuron_of(source, fields[0] + fields[1])
        # Parameters as wide as registers are, so that whatever is drawn for them fits.
        wide = kind(**{name: np.array([-(2**23), 2**23 - 1]) for name in fields[1]})
        if not arithmetic.faults(wide, "drawn", 2):
            return kind, PlainStep(step), *fields


def drawn_values(rng, count):
    """Whole numbers of 24 bits, some small, some at the edges."""
    size = 2 ** rng.integers(1, 24, count)
    inside = rng.integers(-size, size)
    return np.where(rng.random(count) < 0.15, rng.choice(EDGE, count), inside)


def random_groups(rng, neurons, inputs):
    """Groups, and the same synapses for the twin."""
    groups, plain = [], []
    for _ in range(int(rng.integers(1, 4))):
        size = int(rng.integers(1, 30))
        sign = rng.choice(np.array([Sign.MIXED, Sign.EXCITATORY, Sign.INHIBITORY], dtype=object))
        form = SynapseFormat(exponent=int(rng.integers(-8, 8)), bits=int(rng.integers(1, 9)), sign=sign)
        group = SynapseGroup(
            source=rng.integers(0, neurons + inputs, size),
            target=rng.integers(0, neurons, size),
            mantissa=rng.integers(sign.limits[0], sign.limits[1] + 1, size),
            delay=rng.choice([0, 1, 2, 5, 62], size),
            form=form,
        )
        groups.append(group)
        columns = (each.tolist() for each in (group.source, group.target, group.mantissa, group.delay))
        plain += [
            (s, t, plain_weight(m, form.exponent, form.bits, sign.name.lower()), d)
            for s, t, m, d in zip(*columns, strict=True)
        ]
    return groups, plain


@settings(FEW, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_random_networks_of_random_programs(seed):
    rng = np.random.default_rng(seed)
    arithmetic = Arithmetic() if seed % 2 else Arithmetic(between=63, lacks={})
    kinds, twins = [], []
    for _ in range(int(rng.integers(1, 4))):
        kind, step, states, parameters = random_neuron(rng, arithmetic)
        count = int(rng.integers(1, 4))
        values = {name: drawn_values(rng, count) for name in states + parameters}
        kinds.append((kind(**values), count))
        twins += [
            (step, [int(values[name][k]) for name in states], {name: int(values[name][k]) for name in parameters})
            for k in range(count)
        ]
    inputs, ticks = 3, 12
    groups, synapses = random_groups(rng, len(twins), inputs)
    tick = np.sort(rng.integers(1, ticks + 1, 20))
    source, payload = rng.integers(0, inputs, 20), rng.choice([1, -1, 7, 40_000, 2**31 - 1, -(2**31)], 20)
    cores = ProgrammedCores(neurons=kinds, groups=groups, inputs=inputs)
    every = np.arange(len(twins))
    cut = int(rng.integers(0, ticks + 1))
    parts = [
        cores.advance(until - begin, tick=tick[now], source=source[now], payload=payload[now], probe=every)
        for begin, until in ((0, cut), (cut, ticks))
        for now in [(tick > begin) & (tick <= until)]
    ]
    spikes = list(zip(tick.tolist(), source.tolist(), payload.tolist(), strict=True))
    courses, fired = plain_programs(twins, synapses, spikes, ticks)
    found = [each for part in parts for each in zip(part.tick, part.neuron, part.payload, strict=True)]
    assert [tuple(map(int, each)) for each in found] == fired
    state = np.concatenate([part.state for part in parts])
    for t, course in enumerate(courses):
        for n, wanted in enumerate(course):
            assert state[t, : len(wanted), n].tolist() == wanted
    # What the ranges promise holds: nothing on the way was wider.
    limit = signed(arithmetic.between).high
    assert all(step.widest <= limit for step, _, _ in twins)


@settings(FEW, max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_random_programs_fire_alike_on_the_engine_and_on_the_chip(seed):
    rng = np.random.default_rng(seed)
    ticks = np.sort(rng.integers(1, 40, 60))
    populations = [ra.Population("in", 4, ra.SpikeTrain(time=ticks * ms, neuron=rng.integers(0, 4, 60)))]
    for name in ("a", "b"):
        kind, _, states, parameters = random_neuron(rng, Arithmetic(), graded=0.0)
        values = {each: drawn_values(rng, 5) for each in states + parameters}
        populations.append(ra.Population(name, 5, kind(**values)))
    projections = []
    for source in populations:
        for target in populations[1:]:
            size = source.size * target.size
            weight = 2.0 * rng.integers(-127, 128, size) * 2 ** rng.integers(0, 5)
            delay = rng.integers(1, 20, size) * ms
            projections.append(ra.Projection(source, target, ra.AllToAll(), weight=weight, delay=delay))
    network = ra.Network(populations=populations, projections=projections)
    engine = ra.run(network, 0.06, dt=1 * ms)
    program = Loihi2().compile(network, dt=1 * ms)
    chip = program.run(0.06)
    assert all(rounding.worst == 0 for rounding in program.report().roundings)
    np.testing.assert_array_equal(chip.neuron, engine.neuron)
    np.testing.assert_allclose(chip.time, engine.time, atol=1e-9)


def test_programs_of_more_than_a_block_with_values_of_their_own():
    rng = np.random.default_rng(5)
    count = 150
    cos, theta = rng.integers(-4096, 4096, count), rng.integers(0, 500, count)
    kinds = [
        (ResonateAndFire(cos=cos, threshold=200), count),
        (AdaptiveThreshold(theta=theta, bias=rng.integers(0, 40, count) * 64), count),
        (SigmaDelta(threshold=3, state_exponent=1), 7),
        (GradedVector(threshold=2), 5),
    ]
    inputs, ticks = 4, 4
    total = 2 * count + 12
    source, target = rng.integers(0, total + inputs, 1200), rng.integers(0, total, 1200)
    group = SynapseGroup(source=source, target=target, mantissa=2 * rng.integers(-60, 60, 1200), delay=0)
    cores = ProgrammedCores(neurons=kinds, groups=[group], inputs=inputs)
    tick = np.repeat(np.arange(1, ticks + 1), inputs)
    found = cores.advance(ticks, tick=tick, source=np.tile(np.arange(inputs), ticks), probe=np.arange(total))
    twins = []
    for neuron, size in kinds:
        program = neuron.program()
        step = PlainStep(type(neuron).step, {"MOST": 2**23 - 1})
        values = {name: neuron.whole(name, name, size).tolist() for name in (*program.state, *program.parameters)}
        twins += [
            (step, [values[name][k] for name in program.state], {name: values[name][k] for name in program.parameters})
            for k in range(size)
        ]
    weight = [plain_weight(int(m), 0, 8, "mixed") for m in group.mantissa]
    synapses = list(zip(source.tolist(), target.tolist(), weight, [0] * 1200, strict=True))
    spikes = list(zip(tick.tolist(), np.tile(np.arange(inputs), ticks).tolist(), [1] * tick.size, strict=True))
    courses, fired = plain_programs(twins, synapses, spikes, ticks)
    got = list(zip(found.tick.tolist(), found.neuron.tolist(), found.payload.tolist(), strict=True))
    assert got == fired and len(fired) > 50
    assert any(abs(payload) > 1 for _, _, payload in fired)
    assert all(found.state[-1, k, n] == value for n, state in enumerate(courses[-1]) for k, value in enumerate(state))


@pytest.mark.parametrize("values", [{"source": [0]}, {"tick": [9], "source": [0]}, {"tick": [1], "source": [5]}])
def test_spikes_from_outside_that_cannot_be(values):
    cores = ProgrammedCores(neurons=[(GradedVector(), 2)], inputs=2)
    with pytest.raises(ValueError, match="advance"):
        cores.advance(3, **values)
    with pytest.raises(ValueError, match="payload"):
        cores.advance(3, tick=[1], source=[0], payload=[2**31])
