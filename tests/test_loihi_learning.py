"""Loihi's learning against its plain twin, and the laws that it has."""

import re
from dataclasses import replace

import numpy as np
import pytest
from plain_loihi_learning import plain_learning

from reafference.chips.loihi import (
    BRIAN2LOIHI,
    LAVA,
    SILICON,
    Compartments,
    LoihiCores,
    Sign,
    SynapseFormat,
    SynapseGroup,
)
from reafference.chips.loihi.learning import (
    BRIAN2LOIHI_LEARNING,
    LAVA_LEARNING,
    SILICON_LEARNING,
    LearningRule,
    PlasticGroup,
    Trace,
    draw,
)

MODELS = {
    "lava": (LAVA, LAVA_LEARNING),
    "brian2loihi": (BRIAN2LOIHI, BRIAN2LOIHI_LEARNING),
    "silicon": (SILICON, SILICON_LEARNING),
}
SIGNS = {"mixed": Sign.MIXED, "+": Sign.EXCITATORY, "-": Sign.INHIBITORY}
SUMS = (
    "2^-2*x1*y0 - 2^-2*y1*x0",
    "2^-1*x0*x1 - 3*2^-4*y0*(y1 - 5)*x2 + x0*y0",
    "u2*2^-3*(w - 100)*y1 - 2^-5*y0*x1*(y2 + 3)*y3",
    "-2^1*x0*sgn(w) + 5*2^-3*y0*x1*sgn(t + 4) + 2^-7*u2*x2*t",
    "2^-4*r1*t*r0 + 2^-6*y0*x1*r1 - x0",
    "7*2^3*x0*y0 - 2^8*y0 + 2^2*x0*(y3 - 2)",
)
TRACES = {"x1": (30, 8), "x2": (127, 3.5), "y1": (16, 20), "y2": (60, 2), "y3": (1, 100), "r1": (40, 12)}


def drawn(seed, model):
    """A rule, synapses, spikes and reward, by chance."""
    rng = np.random.default_rng(seed)
    sign = str(rng.choice(list(SIGNS)))
    bits = int(rng.integers(2, 9))
    rule = {name: str(rng.choice(SUMS)) for name in ("dw", "dd", "dt") if name == "dw" or rng.random() < 0.5}
    epoch = 1 if model == "brian2loihi" else int(rng.choice([1, 2, 5, 9]))
    low, high = {"mixed": (-256, 256), "+": (0, 256), "-": (-255, 1)}[sign]
    return rng, sign, bits, rule, epoch, rng.integers(low, high, 40)


@pytest.mark.parametrize("model", MODELS)
def test_every_bit_is_the_twins(model):
    dialect, learning = MODELS[model]
    moved = reached = 0
    for seed in range(12):
        rng, sign, bits, rule, epoch, mantissa = drawn(seed, model)
        ticks, neurons, inputs = 60, 5, 6
        group = SynapseGroup(
            source=rng.integers(0, neurons + inputs, 40),
            target=rng.integers(0, neurons, 40),
            mantissa=mantissa,
            delay=rng.integers(0, 10, 40),
            form=SynapseFormat(bits=bits, sign=SIGNS[sign], exponent=int(rng.choice([-2, 0, 1]))),
        )
        tag = rng.integers(-256, 256, 40)
        parsed = LearningRule.parse(**rule, **{n: Trace(impulse=i, tau=t) for n, (i, t) in TRACES.items()}, epoch=epoch)
        plastic = PlasticGroup(synapses=group, rule=parsed, reward=[1, neurons + 2], tag=tag)
        other = PlasticGroup(  # so that the numbers of the synapses do not begin at 0
            synapses=SynapseGroup(source=np.array([0]), target=np.array([1]), mantissa=np.array([9])),
            rule=LearningRule.parse(dw="x0"),
        )
        bias = rng.integers(0, 1500, neurons) if dialect is not BRIAN2LOIHI else 0
        cores = LoihiCores(
            compartments=Compartments(
                count=neurons, decay_u=2000, decay_v=300, threshold=100, bias_mantissa=bias, v=2000
            ),
            inputs=inputs,
            dialect=dialect,
            plastic=[other, plastic],
            learning=learning,
            seed=seed,
        )
        fed = np.sort(rng.integers(1, ticks + 1, 60)), rng.integers(0, inputs, 60)
        told = {
            int(tick): int(rng.integers(-127, 128)) for tick in rng.choice(np.arange(1, ticks + 1), 4, replace=False)
        }
        stored = cores.learners[1].held.w.copy()
        found, states = [[], []], []
        for tick in range(1, ticks + 1):  # one tick at a time, so that what is between two calls is seen
            now = fed[0] == tick
            did = cores.advance(
                1, tick=fed[0][now], source=fed[1][now], reward={1: {tick: told[tick]}} if tick in told else None
            )
            found[0] += did.tick.tolist()
            found[1] += did.neuron.tolist()
            if tick % epoch == 0:
                held = cores.learners[1].held
                states.append(list(zip(held.w.tolist(), held.d.tolist(), held.t.tolist(), strict=True)))
        late = learning.spike_lag
        spikes = [(t + late, n) for t, n in zip(*found, strict=True)]
        spikes += [(int(t), int(s) + neurons) for t, s in zip(*fed, strict=True)]
        synapses = list(
            zip(*(np.asarray(x).tolist() for x in (group.source, group.target, stored, group.delay, tag)), strict=True)
        )
        theirs, traces = plain_learning(
            synapses, {name: str(s) for name, s in parsed.sums.items()} | {"traces": TRACES, "epoch": epoch}, spikes, ticks,
            model, lambda *key: draw(seed, *key), sign=sign, dropped=group.form.dropped, first=1, rewards=(1, neurons + 2),
            told=told,
        )  # fmt: skip
        for e, (a, b) in enumerate(zip(states, theirs)):
            if a != b:
                k = [i for i in range(40) if a[i] != b[i]]
                print(seed, sign, bits, epoch, rule, e, [(i, a[i], b[i], states[e - 1][i]) for i in k][:5])
                s = synapses[k[0]]
                print(s, [x for x in spikes if x[1] in s[:2]], sorted(told.items()))
                break
        assert states == theirs
        mine = cores.learners[1].traces
        for name, owners in (("x", group.source), ("y", group.target)):
            for number, owner in enumerate(np.unique(owners)):
                for trace in (n for n in mine if n[0] == name):
                    assert mine[trace][number] == traces[trace, owner]
        assert mine["r1"][0] == traces["r1", "reward"]
        moved += states[-1] != [s[2:] for s in synapses]
        reached += len(found[0])
    assert moved >= 11 and reached > 100
