"""Loihi's integers: against the plain twin, against laws, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from plain_loihi import plain_loihi, toward_zero
from reafference.chips.loihi import (
    BRIAN2LOIHI,
    LAVA,
    NENGO_LOIHI,
    SILICON,
    Compartments,
    LoihiCores,
    Sign,
    SynapseFormat,
    SynapseGroup,
)

DIALECTS = (LAVA, BRIAN2LOIHI, NENGO_LOIHI, SILICON)
FAR = 2**23 - 1


def drawn(seed):
    """A small network of whole numbers, loud enough that registers run over; plain lists and dicts."""
    rng = np.random.default_rng(seed)
    count, inputs, ticks, loud = int(rng.integers(3, 9)), int(rng.integers(1, 10)), 90, bool(seed % 2)
    neurons = [
        {
            "decay_u": int(rng.choice([0, 7, int(rng.integers(0, 4096)), 4095])),
            "decay_v": int(rng.choice([0, 7, int(rng.integers(0, 4096)), 4095])),
            "threshold": int(rng.choice([0, int(2 ** rng.uniform(0, 17)), 131071])),
            "bias_mantissa": int(rng.choice([0, int(rng.integers(-4096, 4096))])),
            "bias_exponent": int(rng.integers(0, 8)),
            "refractory": int(rng.choice([1, 2, int(rng.integers(3, 65))])),
            "u": int(rng.choice([0, int(rng.integers(-FAR, FAR))])),
            "v": int(rng.choice([0, int(rng.integers(-FAR, FAR))])),
        }
        for _ in range(count)
    ]
    groups = []
    for _ in range(int(rng.integers(1, 5))):
        sign = str(rng.choice(["mixed", "excitatory", "inhibitory"]))
        low, high = Sign[sign.upper()].limits
        synapses = int(rng.integers(1, 60))
        mantissa = rng.choice([low, high, int(rng.integers(low, high + 1))], synapses)
        mantissa = np.where(rng.random(synapses) < 0.5, mantissa, rng.integers(low, high + 1, synapses))
        ends = rng.integers(0, count + inputs, synapses), rng.integers(0, count, synapses)
        rows = zip(*ends, mantissa, rng.choice([0, 0, 1, 5, 62], synapses), strict=True)
        groups.append(
            {
                "exponent": int(rng.integers(3, 8)) if loud else int(rng.integers(-8, 8)),
                "bits": int(rng.integers(1, 9)),
                "sign": sign,
                "synapses": [tuple(int(x) for x in row) for row in rows],
            }
        )
    rate = 0.9 if loud else 0.2
    spikes = [(t, i) for t in range(1, ticks + 1) for i in range(inputs) if rng.random() < rate]
    return neurons, groups, spikes, inputs, ticks


def cores(neurons, groups, inputs, dialect):
    """The same network here."""
    parameters = {name: np.array([n[name] for n in neurons]) for name in neurons[0]}
    return LoihiCores(
        compartments=Compartments(count=len(neurons), **parameters),
        groups=[
            SynapseGroup(
                **dict(zip(("source", "target", "mantissa", "delay"), np.array(g["synapses"]).T, strict=True)),
                form=SynapseFormat(exponent=g["exponent"], bits=g["bits"], sign=Sign[g["sign"].upper()]),
            )
            for g in groups
        ],
        inputs=inputs,
        dialect=dialect,
    )


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_integer_is_that_of_the_plain_twin(dialect):
    seen = 0
    for seed in range(30):
        neurons, groups, spikes, inputs, ticks = drawn(seed)
        u, v, fired, events = plain_loihi(neurons, groups, spikes, ticks, dialect.name)
        made = cores(neurons, groups, inputs, dialect)
        tick, source = np.array(spikes, int).reshape(-1, 2).T
        first = tick <= 40  # in two pieces, so that what is kept between them is tested, too
        begun = made.advance(40, tick=tick[first], source=source[first], probe=np.arange(len(neurons)))
        ended = made.advance(ticks - 40, tick=tick[~first], source=source[~first], probe=np.arange(len(neurons)))
        assert np.concatenate([begun.u, ended.u]).tolist() == u, seed
        assert np.concatenate([begun.v, ended.v]).tolist() == v, seed
        mine = [(int(t), int(n)) for part in (begun, ended) for t, n in zip(part.tick, part.neuron, strict=True)]
        assert mine == fired, seed
        assert begun.work["synaptic_events"] + ended.work["synaptic_events"] == events
        assert begun.work["input_spikes"] + ended.work["input_spikes"] == len(spikes)
        assert made.u.tolist() == u[-1] and made.v.tolist() == v[-1]
        seen += len(fired)
    assert seen > 500


def test_every_rule_of_a_dialect_changes_some_network():
    """A dialect whose rule could be left out without anybody noticing would be untested by the test above."""
    rules = [
        (LAVA, {"shift_sum": False}),
        (LAVA, {"u_wrap": None}),
        (LAVA, {"v_low": None}),
        (LAVA, {"weights": BRIAN2LOIHI.weights}),
        (BRIAN2LOIHI, {"input_lag": 1}),
        (BRIAN2LOIHI, {"weights": LAVA.weights}),
        (NENGO_LOIHI, {"weights": SILICON.weights}),
        (NENGO_LOIHI, {"input_wrap": None}),
        (NENGO_LOIHI, {"u_wrap": None}),
        (NENGO_LOIHI, {"drive_wrap": None}),
        (NENGO_LOIHI, {"v_low": None}),
        (NENGO_LOIHI, {"v_high": 2**11 - 1}),
        (SILICON, {"hold_code": 0}),
        (SILICON, {"decay_offset_u": 0}),
    ]
    unchanged = dict.fromkeys(range(len(rules)))
    for seed in range(24):
        neurons, groups, spikes, inputs, ticks = drawn(seed)
        tick, source = np.array(spikes, int).reshape(-1, 2).T

        def traces(dialect, drawing=(neurons, groups, inputs, ticks), tick=tick, source=source):
            neurons, groups, inputs, ticks = drawing
            made = cores(neurons, groups, inputs, dialect)
            activity = made.advance(ticks, tick=tick, source=source, probe=np.arange(len(neurons)))
            return activity.u, activity.v

        whole = {dialect.name: traces(dialect) for dialect in DIALECTS}
        for r in list(unchanged):
            dialect, change = rules[r]
            pairs = zip(whole[dialect.name], traces(replace(dialect, **change)), strict=True)
            if not all(np.array_equal(one, other) for one, other in pairs):
                del unchanged[r]
    assert not unchanged, [rules[r] for r in unchanged]


def test_a_decay_rounds_toward_zero():
    rng = np.random.default_rng(5)
    count = 4000
    decay, u = rng.integers(0, 4096, count), rng.integers(-FAR, FAR, count)
    made = LoihiCores(compartments=Compartments(count=count, decay_u=decay, u=u, threshold=131071), dialect=LAVA)
    made.advance(1)
    assert made.u.tolist() == [toward_zero(int(x), int(d) + 1) for x, d in zip(u, decay, strict=True)]


def test_an_integrator_keeps_a_bias_and_fires_when_it_has_passed_the_threshold_and_not_at_it():
    made = LoihiCores(compartments=Compartments(count=1, threshold=10, bias_mantissa=64, refractory=3))
    activity = made.advance(40, probe=[0])
    assert activity.tick.tolist() == [11, 24, 37]  # 640 is not above 640; then 3 ticks of holding, and 11 of 64
    assert activity.v[:14, 0].tolist() == [*range(64, 641, 64), 3 * 128, 2 * 128, 128, 64]


def test_a_register_wraps_and_lava_folds_once_with_the_upper_edge_inside():
    group = SynapseGroup(
        source=np.array([1]),
        target=np.array([0]),
        mantissa=np.array([128]),  # 2^20 with the exponent
        form=SynapseFormat(exponent=7, sign=Sign.EXCITATORY),
    )
    wide = replace(NENGO_LOIHI, input_wrap=None)
    for events, folded, wrapped in ((7, 7, 7), (8, 8, -8), (9, -7, -7), (15, -1, -1), (25, 9, -7)):
        for dialect, u in ((LAVA, folded), (wide, wrapped), (BRIAN2LOIHI, events)):
            made = LoihiCores(compartments=Compartments(count=1), groups=[group], inputs=1, dialect=dialect)
            made.advance(1 + dialect.input_lag, tick=[1] * events, source=[0] * events)
            assert made.u[0] == u * 2**20, (dialect.name, events)


def test_what_the_chip_cannot_hold_is_refused_by_name():
    with pytest.raises(ValueError, match=r"Compartments.threshold = 131072 is outside 0 to 131071"):
        Compartments(count=2, threshold=131072)
    with pytest.raises(ValueError, match=r"Compartments.bias_mantissa\[1\] = 4096 is outside -4096 to 4095"):
        Compartments(count=2, bias_mantissa=np.array([0, 4096]))
    with pytest.raises(ValueError, match=r"Compartments.refractory = 0 is outside 1 to 64"):
        Compartments(count=2, refractory=0)
    with pytest.raises(TypeError, match=r"Compartments.decay_v is float64; the chip has whole numbers only"):
        Compartments(count=2, decay_v=0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Compartments.decay_u \(silicon\)\[0\] = 4096 is outside 0 to 4095"):
        LoihiCores(compartments=Compartments(count=2, decay_u=4096))
    LoihiCores(compartments=Compartments(count=2, decay_u=4096), dialect=BRIAN2LOIHI)
    ends = {"source": np.array([2]), "target": np.array([0])}
    with pytest.raises(ValueError, match=r"SynapseGroup.mantissa\[0\] = -1 is below 0|outside 0 to 255"):
        SynapseGroup(**ends, mantissa=np.array([-1]), form=SynapseFormat(sign=Sign.EXCITATORY))
    with pytest.raises(ValueError, match=r"SynapseGroup.delay\[0\] = 63 is outside 0 to 62"):
        SynapseGroup(**ends, mantissa=np.array([1]), delay=63)
    with pytest.raises(ValueError, match=r"SynapseFormat.exponent = 8 is outside -8 to 7"):
        SynapseFormat(exponent=8)
    group = SynapseGroup(**ends, mantissa=np.array([1]))
    with pytest.raises(ValueError, match=r"SynapseGroup.source\[0\] = 2 is outside 0 to 1"):
        LoihiCores(compartments=Compartments(count=2), groups=[group])
    made = LoihiCores(compartments=Compartments(count=2), groups=[group], inputs=1)
    with pytest.raises(ValueError, match=r"advance: tick\[0\] = 0 is outside 1 to 5"):
        made.advance(5, tick=[0], source=[0])
    with pytest.raises(ValueError, match=r"advance: 1 ticks and 2 sources"):
        made.advance(5, tick=[1], source=[0, 0])
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        replace(SILICON, input_lag=2)


def test_work_is_counted_where_it_is_done():
    group = SynapseGroup(source=np.array([3, 3, 0]), target=np.array([0, 1, 2]), mantissa=np.array([200, 200, 100]))
    made = LoihiCores(
        compartments=Compartments(count=3, decay_u=4095, threshold=100), groups=[group], inputs=1, dialect=LAVA
    )
    activity = made.advance(3, tick=[1], source=[0])
    assert activity.tick.tolist() == [2, 2] and activity.neuron.tolist() == [0, 1]
    assert activity.work == {
        "spikes": 2,
        "input_spikes": 1,
        "synaptic_events": 3,
        "neuron_updates": 9,
        "active_updates": 5,
        "synaptic_updates": 0,
    }
    assert "2 spikes" in repr(activity) and "3 neurons, 1 inputs, 3 synapses, lava, at tick 3" in repr(made)
