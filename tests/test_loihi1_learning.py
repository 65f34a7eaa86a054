"""Networks that learn on Loihi: translated, refused, priced, and what they learned."""

import json
from pathlib import Path

import numpy as np
import pytest

import reafference as ra
from reafference.chips import DoesNotFit
from reafference.chips.loihi import BRIAN2LOIHI, LAVA, Compartments, LoihiCores, Sign, SynapseFormat, SynapseGroup
from reafference.chips.loihi.learning import (
    BRIAN2LOIHI_LEARNING,
    LAVA_LEARNING,
    Learning,
    LearningRule,
    PlasticGroup,
    Reward,
    Trace,
)
from reafference.chips.loihi.quantise import Precision
from reafference.chips.loihi1 import Loihi1
from reafference.network.plasticity import (
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    PairSTDP,
    PowerLaw,
    RewardSTDP,
    ThreeFactor,
    TripletSTDP,
)
from reafference.units import ms, mV

DATA = Path(__file__).parent / "data"
CHIP = Loihi1(precision=Precision(headroom=2))
MODELS = {"lava": (LAVA, LAVA_LEARNING), "brian2loihi": (BRIAN2LOIHI, BRIAN2LOIHI_LEARNING)}
SOURCES, HIGH = 12, 0.4 * mV


def network(plasticity=None, *, weight=HIGH / 2, delay=1 * ms, reward=False):
    """Sources that all spike at the same random ticks onto a cell that a teacher drives at others."""
    rng = np.random.default_rng(3)
    pre = np.sort(rng.choice(np.arange(1, 1000), 40, replace=False))
    taught = 3 * np.sort(rng.choice(np.arange(1, 330), 30, replace=False))
    touch = ra.Population(
        "touch", SOURCES, ra.SpikeTrain(time=np.repeat(pre, SOURCES) * ms, neuron=np.tile(np.arange(SOURCES), 40))
    )
    teacher = ra.Population("teacher", 1, ra.SpikeTrain(time=taught * ms, neuron=np.zeros(30, int)))
    cell = ra.Population("cell", 1, ra.DeltaLIF(tau=2 * ms, refractory=1 * ms))
    other = ra.Population("other", 1, ra.CurrentLIF())
    projections = [
        ra.Projection(touch, cell, ra.AllToAll(), weight=weight, plasticity=plasticity, delay=delay, name="in"),
        ra.Projection(teacher, cell, ra.AllToAll(), weight=20 * mV, delay=1 * ms, name="teach"),
    ]
    return ra.Network(populations=[touch, teacher, cell, other], projections=projections)


@pytest.mark.parametrize(
    ("rule", "within"),
    [
        (PairSTDP(high=HIGH, a_plus=0.01, a_minus=0.0105), 0.02),
        (PairSTDP(high=HIGH, a_plus=0, a_minus=0.01), 0.02),
        (PairSTDP(high=0.0, low=-HIGH, a_plus=0.01, a_minus=0.0), 0.02),
        (PairSTDP(high=HIGH, a_plus=0.03, a_minus=0.04, pairing=NearestSpike()), 0.04),
        (PairSTDP(high=HIGH, a_plus=0.1, a_minus=0.15, dependence=Multiplicative()), 0.04),
        (InhibitorySTDP(low=-HIGH, rate=0.005, target_rate=60.0), 0.02),
        (InhibitorySTDP(low=0.0, high=HIGH, rate=0.005), 0.02),
        (ThreeFactor(rate=0.004 * mV, low=0.0, high=HIGH, interval=1 * ms), 0.02),
        (ThreeFactor(rate=-0.004 * mV, low=0.0, high=HIGH, interval=2 * ms), 0.02),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, float) else "",
)
def test_what_is_translated_learns_what_the_engine_learns(rule, within):
    weight = HIGH / 2 if rule.high > 0 else -HIGH / 2
    made = network(rule, weight=weight)
    program = CHIP.compile(made, dt=1 * ms, seed=4)
    found = program.learn(1.0)
    simulation = ra.Simulation(made, dt=1 * ms)
    simulation.advance(1.0)
    engine, chip = simulation.weights("in"), found.synapses["in"].weight
    assert found.recording.counts("cell")[0] == 30
    spread = 4 * chip.std() / np.sqrt(SOURCES)
    assert abs(engine.mean() - weight) > 0.03 * HIGH and abs(chip.mean() - engine.mean()) < within * HIGH + spread
    report = repr(program.report())
    assert str(program.learning["in"].rule.dw) in report and "off" in report


def test_weights_end_at_the_bounds_that_were_asked_for():
    program = CHIP.compile(network(PairSTDP(high=HIGH, a_plus=0.2, a_minus=0.0)), dt=1 * ms)
    found = program.learn(1.0)
    assert found.synapses["in"].weight == pytest.approx(HIGH, rel=1e-6) and np.all(found.synapses["in"].mantissa == 255)
    assert "learns every 1 tick, 0 to 0.0004 V" in repr(program.report())


RULE = LearningRule.parse(dt="8*x0", dw="2^-2*t*r0", r1=Trace(impulse=9, tau=20))


def test_a_rule_of_ones_own_with_reward_from_a_population_or_told():
    by_teacher = Loihi1(learning={"in": Learning(rule=RULE, low=0.0, high=8 * mV, reward="teacher")})
    program = by_teacher.compile(network(), dt=1 * ms)
    found = program.learn(1.0)
    assert found.synapses["in"].weight.min() > HIGH and found.synapses["in"].tag.max() > 100
    assert found.recording.work["synaptic_updates"] == 70 * SOURCES - SOURCES * len(
        set(program.circuit.network.populations[0].kind.time.tolist())
        & set(program.circuit.network.populations[1].kind.time.tolist())
    )
    told = Loihi1(learning={"in": Learning(rule=RULE, low=0.0, high=8 * mV)}).compile(network(), dt=1 * ms)
    assert np.ptp(told.learn(0.5).synapses["in"].weight) == 0
    paid = told.learn(0.5, rewards={"in": Reward(time=[0.2], value=[5])}).synapses["in"]
    count = np.count_nonzero(told.circuit.network.populations[0].kind.time <= 0.2 + 1e-9) // SOURCES
    before = told.quantised.groups[told.quantised.owner.index("in")].mantissa[0]
    assert np.all(paid.mantissa == before + 2 * (count - np.isclose(network().populations[0].kind.time, 0.2).any()))
    assert paid.source.tolist() == list(range(SOURCES)) and not paid.target.any()


def test_learning_is_paid_for_and_takes_memory():
    plain, learns = CHIP.compile(network(), dt=1 * ms), Loihi1(learning={"in": RULE}).compile(network(), dt=1 * ms)
    found = learns.run(0.3)
    line = next(line for line in learns.price(found).lines if line.what == "synaptic updates")
    assert line.count == learns.work(found).synaptic_updates == found.work["synaptic_updates"] > 0
    bits = [each.report().cores.usage["bits of synapse memory"][0].sum() for each in (plain, learns)]
    assert bits[1] >= bits[0]
    assert plain.chip.limits(0, 9).list_bits.synapse == plain.chip.limits(0).list_bits.synapse + 9
    engine = ra.Recording(
        time=np.zeros(0), neuron=np.zeros(0, int), groups=found.groups, neurons=15, seconds=0.3, dt=1 * ms
    )
    assert "learning" in " ".join(learns.price(engine).notes) and "synaptic_updates" not in plain.run(0.1).work
    again = learns.learn(0.3, progress=lambda part: None)
    assert np.array_equal(again.synapses["in"].mantissa, learns.learn(0.3).synapses["in"].mantissa)


@pytest.mark.parametrize(
    ("plasticity", "more", "reason"),
    [
        (TripletSTDP(high=HIGH), {}, "TripletSTDP has no sum of products"),
        (RewardSTDP(high=HIGH), {}, "RewardSTDP has no sum of products"),
        (PairSTDP(high=HIGH), {"delay": 3 * ms}, "a delay of one tick"),
        (PairSTDP(high=HIGH, dependence=PowerLaw()), {}, "PowerLaw takes powers of the weight"),
        (PairSTDP(high=HIGH, dependence=Multiplicative()), {}, "does not come within 15%"),
        (PairSTDP(high=HIGH, low=0.1 * mV), {}, "begins at 0"),
        (PairSTDP(high=HIGH, a_plus=0, a_minus=0), {}, "leave the plasticity out"),
        (PairSTDP(high=HIGH, tau_plus=0.5 * ms), {}, "take shorter ticks"),
        (InhibitorySTDP(low=-HIGH, high=0.0, rate=0.0), {"weight": -HIGH / 2}, "leave the plasticity out"),
        (InhibitorySTDP(low=-HIGH, rate=1e-4), {"weight": -HIGH / 2}, "target_rate tau rate"),
        (ThreeFactor(rate=0.01 * mV, low=0.0, high=HIGH), {}, "whether there were any"),
        (ThreeFactor(rate=0.01 * mV, low=0.0, high=HIGH, interval=1 * ms, normalise=1.0), {}, "does not divide"),
        (ThreeFactor(rate=0.01 * mV, low=-0.1 * mV, high=HIGH, interval=1 * ms), {}, "equally far both ways"),
        (ThreeFactor(rate=0.01 * mV, low=0.0, high=HIGH, interval=100 * ms), {}, "100 ticks; an epoch has 1 to 63"),
    ],
)
def test_what_the_chip_cannot_do_is_refused_with_the_reason(plasticity, more, reason):
    with pytest.raises(DoesNotFit) as found:
        CHIP.compile(network(plasticity, **more), dt=1 * ms)
    assert [shortage.where for shortage in found.value.shortages] == ["projection 'in'"]
    assert reason in found.value.shortages[0].remedy


def test_all_that_is_wrong_with_learning_is_said_at_once():
    chip = Loihi1(
        learning={
            "nowhere": RULE,
            "teach": Learning(rule=RULE, reward="nobody"),
            "in": Learning(rule=RULE, low=0.0, high=0.1 * mV),
        }
    )
    with pytest.raises(DoesNotFit) as found:
        chip.compile(network(), dt=1 * ms)
    named = {shortage.resource for shortage in found.value.shortages}
    assert named == {"projection", "reward population", "weight where it learns", "bounds of weights that learn"}
    program = Loihi1(learning={"in": RULE}).compile(network(), dt=1 * ms)
    with pytest.raises(KeyError, match="do not learn here"):
        program.learn(0.1, rewards={"teach": Reward(time=[0.05], value=[3])})
    for reward, error, match in (
        (Reward(time=[0.2], value=[3]), ValueError, "outside 1 to 100"),
        (Reward(time=[0.0505], value=[3]), ValueError, "between ticks"),
        (Reward(time=[0.05], value=[128]), ValueError, "-127 to 127"),
        (Reward(time=[0.05], value=[1.5]), TypeError, "whole numbers"),
        (Reward(time=[0.05, 0.06], value=[1]), ValueError, "2 times and 1 values"),
    ):
        with pytest.raises(error, match=match):
            program.learn(0.1, rewards={"in": reward})
    for low, high, match in ((0.0, None, "both"), (1.0, 0.5, "not above"), (0.1, 0.2, "equally"), (0.0, np.nan, "nan")):
        with pytest.raises(ValueError, match=match):
            Learning(rule=RULE, low=low, high=high)
    with pytest.raises(TypeError, match=r"LearningRule\.parse"):
        Learning(rule="x0")


@pytest.mark.parametrize("name", MODELS)
def test_no_integer_differs_from_the_public_models(name):
    """The fields of the files are told in benchmarks/chips/loihi_learning_cases.py."""
    dialect, learning = MODELS[name]
    with np.load(DATA / f"loihi_learning_{name}.npz") as file:
        frozen = {key: file[key] for key in file.files}
    moved = 0
    for k, case in enumerate(json.loads(str(frozen["cases"]))):
        weight, lag, epoch = np.array(case["weight"]), dialect.input_lag, case["epoch"]
        sources, targets = weight.shape
        traces = {n: Trace(impulse=impulse, tau=tau) for n, (impulse, tau) in case["traces"].items()}
        plastic = PlasticGroup(
            synapses=SynapseGroup(
                source=targets + np.repeat(np.arange(sources), targets),
                target=np.tile(np.arange(targets), sources),
                mantissa=weight.ravel(),
                form=SynapseFormat(exponent=-8, bits=case["bits"], sign=Sign[case["sign"].upper()]),
            ),
            rule=LearningRule.parse(dw=case["dw"], dd=case["dd"], dt=case["dt"], epoch=epoch, **traces),
            tag=np.array(case["tag"]).ravel(),
        )
        teachers = SynapseGroup(
            source=targets + sources + np.arange(targets),
            target=np.arange(targets),
            mantissa=np.full(targets, 254),
            form=SynapseFormat(exponent=4),
        )
        cores = LoihiCores(
            compartments=Compartments(
                count=targets, decay_u=4096 - dialect.decay_offset_u, decay_v=4096, threshold=1000
            ),
            inputs=sources + targets,
            groups=[teachers],
            dialect=dialect,
            plastic=[plastic],
            learning=learning,
            seed=case["seed"],
        )
        post = np.array(case["post"])
        taught = np.nonzero(np.concatenate([post[lag:], np.zeros((lag, targets), int)]))
        heard = np.nonzero(case["pre"])
        tick, who = np.concatenate([heard[0], taught[0]]) + 1, np.concatenate([heard[1], taught[1] + sources])
        for end in range(epoch, case["ticks"] + 1, epoch):
            now = (tick > end - epoch) & (tick <= end)
            cores.advance(epoch, tick=tick[now], source=who[now])
            mine = cores.learners[0]
            for letter, value in (("w", mine.weight), ("d", mine.delay), ("t", mine.tag)):
                if f"{letter}_{k}" in frozen:
                    np.testing.assert_array_equal(value, frozen[f"{letter}_{k}"][end // epoch - 1].ravel())
        moved += np.any(mine.weight != plastic.synapses.mantissa)
    assert moved >= 6
