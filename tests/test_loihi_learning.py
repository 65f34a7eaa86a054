"""Loihi's learning against its plain twin and the laws that it has."""

import math

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
NEURONS, INPUTS, SYNAPSES, TICKS = 4, 5, 24, 40


def scene(seed, model):
    """(rule, plastic group, sign, epoch) by chance."""
    rng = np.random.default_rng(seed)
    sign = list(SIGNS)[seed % 3]
    texts = {name: SUMS[(seed + k) % len(SUMS)] for k, name in enumerate(("dw", "dd", "dt")) if k == 0 or seed % 2}
    traces = {name: Trace(impulse=impulse, tau=tau) for name, (impulse, tau) in TRACES.items()}
    rule = LearningRule.parse(**texts, **traces, epoch=1 if model == "brian2loihi" else (1, 2, 5, 8)[seed % 4])
    low, high = SIGNS[sign].limits
    group = SynapseGroup(
        source=rng.integers(0, NEURONS + INPUTS, SYNAPSES),
        target=rng.integers(0, NEURONS, SYNAPSES),
        mantissa=rng.integers(low, high + 1, SYNAPSES),
        delay=rng.integers(0, 10, SYNAPSES),
        form=SynapseFormat(bits=(8, 5, 2)[seed // 2 % 3], sign=SIGNS[sign], exponent=(-2, 0, 1)[seed % 3]),
    )
    tag = rng.integers(-256, 256, SYNAPSES)
    return PlasticGroup(synapses=group, rule=rule, reward=[1, NEURONS + 2], tag=tag), sign


@pytest.mark.parametrize("model", MODELS)
def test_every_bit_is_the_twins(model):
    dialect, learning = MODELS[model]
    moved = spiked = 0
    for seed in range(7):
        rng = np.random.default_rng([seed, 1])
        plastic, sign = scene(seed, model)
        other = PlasticGroup(  # so that the numbers of the synapses do not begin at 0
            synapses=SynapseGroup(source=np.array([0]), target=np.array([1]), mantissa=np.array([9])),
            rule=LearningRule.parse(dw="x0"),
        )
        bias = rng.integers(0, 1500, NEURONS)
        cores = LoihiCores(
            compartments=Compartments(count=NEURONS, decay_u=2000, decay_v=300, bias_mantissa=bias, v=2000),
            inputs=INPUTS,
            dialect=dialect,
            plastic=[other, plastic],
            learning=learning,
            seed=seed,
        )
        fed = np.sort(rng.integers(1, TICKS + 1, 40)), rng.integers(0, INPUTS, 40)
        told = {int(tick): int(rng.integers(-127, 128)) for tick in rng.integers(1, TICKS + 1, 3)}
        rule, group = plastic.rule, plastic.synapses
        mine = cores.learners[1]
        start = list(zip(*(each.tolist() for each in (mine.weight, mine.delay, mine.tag)), strict=True))
        spikes, states = [(int(t), int(s) + NEURONS) for t, s in zip(*fed, strict=True)], []
        for tick in range(1, TICKS + 1):  # one tick at a time, so that what is between two calls is seen
            now = fed[0] == tick
            reward = {1: {tick: told[tick]}} if tick in told else None
            did = cores.advance(1, tick=fed[0][now], source=fed[1][now], reward=reward)
            spikes += [(tick + learning.spike_lag, int(n)) for n in did.neuron]
            if tick % rule.epoch == 0:
                states.append(list(zip(*(each.tolist() for each in (mine.weight, mine.delay, mine.tag)), strict=True)))
        ends = zip(group.source.tolist(), group.target.tolist(), strict=True)
        theirs, traces = plain_learning(
            [(*end, *what) for end, what in zip(ends, start, strict=True)],
            {name: str(each) for name, each in rule.sums.items()} | {"traces": TRACES, "epoch": rule.epoch},
            spikes,
            TICKS,
            model,
            lambda *key, seed=seed: draw(seed, *key),
            sign=sign,
            dropped=group.form.dropped,
            first=1,
            rewards=(1, NEURONS + 2),
            told=told,
        )
        assert states == theirs
        owners = {"x": np.unique(group.source), "y": np.unique(group.target), "r": ["reward"]}
        for name, trace in mine.traces.items():
            assert trace.tolist() == [traces[name, owner] for owner in owners[name[0]]]
        moved += states[-1] != start
        spiked += len(spikes) - 40
    assert moved == 7 and spiked > 50


def one(rule, *, mantissa=100, source=1, learning=SILICON_LEARNING, bits=8, count=1, **more):
    """Synapses from input 0 onto neuron 0, whose u is what just arrived."""
    group = SynapseGroup(
        source=np.full(count, source),
        target=np.zeros(count, int),
        mantissa=np.full(count, mantissa),
        form=SynapseFormat(sign=Sign.EXCITATORY, bits=bits),
    )
    return LoihiCores(
        compartments=Compartments(count=1, decay_u=4095, threshold=131071),
        inputs=1,
        plastic=[PlasticGroup(synapses=group, rule=rule, **more)],
        learning=learning,
    )


def test_a_learned_weight_is_delivered_from_the_next_spike_on():
    cores = one(LearningRule.parse(dw="3*x0"))
    ticks = np.array([1, 2, 3, 7])
    did = cores.advance(10, tick=ticks, source=np.zeros(4, int), probe=[0])
    assert did.u[ticks, 0].tolist() == [64 * 100, 64 * 103, 64 * 106, 64 * 109]
    assert did.work["synaptic_updates"] == 4 and cores.learners[0].weight[0] == 112


def test_a_learned_delay_acts_on_the_chip_and_not_in_lava():
    rule = LearningRule.parse(dd="5*x0")
    ticks = np.array([1, 20])
    arrived = [
        np.flatnonzero(one(rule, learning=learning).advance(40, tick=ticks, source=[0, 0], probe=[0]).u[:, 0]) + 1
        for learning in (SILICON_LEARNING, LAVA_LEARNING)
    ]
    assert arrived[0].tolist() == [2, 26] and arrived[1].tolist() == [2, 21]


@pytest.mark.parametrize("bits", [8, 4])
def test_chance_keeps_the_mean_on_any_grid(bits):
    cores = one(LearningRule.parse(dw="5*2^-4*x0"), count=4000, bits=bits)
    cores.advance(40, tick=np.arange(1, 41), source=np.zeros(40, int))
    grid = 2 ** (8 - bits)
    start, gained = 100 // grid * grid, 40 * 5 / 16
    w = cores.learners[0].weight
    assert np.all(w % grid == 0) and w.std() > 0.3 * grid
    assert abs(w.mean() - start - gained) < 4 * w.std() / np.sqrt(w.size)


@pytest.mark.parametrize("learning", [SILICON_LEARNING, LAVA_LEARNING], ids=lambda each: each.name)
def test_traces_fade_as_they_should_in_the_mean(learning):
    rule = LearningRule.parse(dw="y0*x1", x1=Trace(impulse=90, tau=7), epoch=4)
    count = 3000
    group = SynapseGroup(source=1 + np.arange(count), target=np.zeros(count, int), mantissa=np.zeros(count, int))
    cores = LoihiCores(
        compartments=Compartments(count=1),
        inputs=count,
        plastic=[PlasticGroup(synapses=group, rule=rule)],
        learning=learning,
    )
    cores.advance(16, tick=np.full(count, 3), source=np.arange(count))
    x1 = cores.learners[0].traces["x1"]
    wanted = 90 * np.exp(-13 / 7)
    assert np.unique(x1).size > 1 and x1.min() >= np.floor(wanted) - 3 and x1.max() <= np.ceil(wanted) + 3
    assert abs(x1.mean() - wanted) < 4 * x1.std() / np.sqrt(count) + 1e-9


def test_reward_turns_tags_into_weight_whether_spiked_or_told():
    rule = LearningRule.parse(dt="10*x0", dw="2^-1*t*r0", r1=Trace(impulse=1, tau=5))
    spiked = LoihiCores(
        compartments=Compartments(count=1),
        inputs=2,
        plastic=[
            PlasticGroup(
                synapses=SynapseGroup(source=np.array([1]), target=np.array([0]), mantissa=np.array([0])),
                rule=rule,
                reward=[2],
            )
        ],
    )
    did = spiked.advance(20, tick=np.array([2, 4, 9]), source=np.array([0, 0, 1]))
    assert (spiked.learners[0].weight[0], spiked.learners[0].tag[0]) == (10, 20)
    assert did.work["synaptic_updates"] == 3
    told = one(rule, mantissa=0)
    told.advance(20, tick=np.array([2, 4]), source=np.array([0, 0]), reward={0: {9: 40}})
    assert told.learners[0].weight[0] == 10 and 0 < told.learners[0].traces["r1"][0] < 40


def test_a_trace_of_the_target_may_come_from_its_neuron():
    """As on Loihi 2: three factors, of which the neuron computes one."""
    rule = LearningRule.parse(dw="x0*y1", y1=Trace(impulse=0, tau=math.inf))
    cores, weight = one(rule), 100
    for tick, third in enumerate((3, 0, 17, 17, 5), 1):
        cores.learners[0].set_post("y1", np.array([third]))
        cores.advance(1, tick=[tick], source=[0])
        weight += third
        assert cores.learners[0].weight[0] == weight
    cores.advance(20)
    assert cores.learners[0].traces["y1"].tolist() == [5]
    with pytest.raises(KeyError, match="the rule has \\['y1'\\]"):
        cores.learners[0].set_post("y2", np.array([3]))
    with pytest.raises(ValueError, match="each of 1 targets"):
        cores.learners[0].set_post("y1", np.array([3, 3]))
    with pytest.raises(ValueError, match="0 to 127"):
        cores.learners[0].set_post("y1", np.array([128]))


def test_an_epoch_may_be_cut_anywhere():
    rule = LearningRule.parse(dw="2^-3*x0*x1", x1=Trace(impulse=50, tau=6), epoch=7)
    ticks = np.arange(1, 60, 3)
    whole, parts = one(rule), one(rule)
    whole.advance(63, tick=ticks, source=np.zeros(ticks.size, int))
    for begin, end in ((0, 5), (5, 6), (6, 30), (30, 63)):
        now = ticks[(ticks > begin) & (ticks <= end)]
        parts.advance(end - begin, tick=now, source=np.zeros(now.size, int))
    assert whole.learners[0].weight[0] == parts.learners[0].weight[0] > 100


def test_work_follows_spikes():
    rule = LearningRule.parse(dw="2^-1*x1*y0 - 2^-1*y1*x0", x1=Trace(impulse=9, tau=9), y1=Trace(impulse=9, tau=9))
    cores = one(rule, count=500)
    assert cores.advance(1000).work["synaptic_updates"] == 0
    assert cores.advance(10, tick=[1004], source=[0]).work["synaptic_updates"] == 500
    everyone = one(LearningRule.parse(dw="2^-7*u3*w"), count=500)
    assert everyone.advance(80).work["synaptic_updates"] == 10 * 500


def test_bad_input_is_refused():
    rule = LearningRule.parse(dw="x0")
    with pytest.raises(ValueError, match=r"tag = 256 is outside"):
        one(rule, tag=256)
    with pytest.raises(ValueError, match=r"reward\[0\] = 7 is outside"):
        one(rule, reward=[7])
    with pytest.raises(ValueError, match="shape"):
        one(rule, tag=np.zeros(3, int))
    with pytest.raises(ValueError, match="reward of the group 2; there are 1"):
        one(rule).advance(5, reward={2: {1: 3}})
    with pytest.raises(ValueError, match="tick of a reward"):
        one(rule).advance(5, reward={0: {9: 3}})
    with pytest.raises(ValueError, match="-127"):
        one(rule).advance(5, reward={0: {2: 128}})
