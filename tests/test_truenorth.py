"""TrueNorth's cores against their plain twin, in every bit; what is refused; what does not depend on threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_truenorth import PlainTrueNorth
from reafference.chips.truenorth import (
    NOWHERE,
    Core,
    Illegal,
    Machine,
    Mesh,
    Neuron,
    Reset,
    Rules,
    Saturating,
    Spikes,
    Target,
    Wrapping,
)

FREE = Rules(encoded_reset=False)
TIGHT = Rules(overflow=Saturating(-300, 300), encoded_reset=False)
WRAPPING = Rules(overflow=Wrapping(), encoded_reset=False)


def saturate(low, high):
    return lambda v: min(max(v, low), high)


def wrap(v):
    return (v + 2**19) % 2**20 - 2**19


OVERFLOWS = {FREE: saturate(-(2**19), 2**19 - 1), TIGHT: saturate(-300, 300), WRAPPING: wrap}


def random_neuron(rng, drawn, far=False):
    scale = int(rng.choice([3, 40, 255]))
    wide = 2**18 if far else 4 * scale
    return Neuron(
        weights=tuple(rng.integers(-scale, scale + 1, 4).tolist()),
        stochastic_weights=tuple((drawn and bool(rng.random() < 0.3)) for _ in range(4)),
        leak=int(rng.choice([0, 0, *rng.integers(-scale, scale + 1, 3)])),
        leak_reverses=bool(rng.random() < 0.5),
        stochastic_leak=drawn and bool(rng.random() < 0.4),
        threshold=int(rng.integers(0, wide)),
        threshold_mask=2 ** int(rng.integers(0, 9)) - 1 if drawn and rng.random() < 0.5 else 0,
        floor=int(rng.integers(0, wide)),
        floor_saturates=bool(rng.random() < 0.5),
        reset=Reset(int(rng.integers(0, 3))),
        reset_to=int(rng.integers(-wide, wide)),
        start=int(rng.integers(-wide, wide)),
    )


def random_core(rng, cores, flavour):
    """A core of any of the ways in which it is run: all neurons alike, each its own, some drawn, not full."""
    axons, wide = (256, 256) if flavour == "alike" else rng.choice([1, 7, 70, 256], 2)
    count = 1 if flavour == "alike" else int(rng.integers(1, 6))
    neurons = [random_neuron(rng, flavour == "drawn", rng.random() < 0.2) for _ in range(count)]
    targets = [
        Target(int(rng.integers(0, cores)), int(rng.integers(0, 256)), int(rng.integers(1, 16)))
        if rng.random() < 0.8
        else NOWHERE
        for _ in range(wide)
    ]
    types = np.zeros(axons, int) if rng.random() < 0.2 else rng.integers(0, 4, axons)
    return Core(
        crossbar=rng.random((axons, wide)) < rng.choice([0.05, 0.5, 1.0]),
        axon_type=types,
        neurons=neurons,
        kind=rng.integers(0, count, wide),
        targets=targets,
    )


def plain_of(cores, rules, seed):
    return PlainTrueNorth(
        [
            {
                "crossbar": np.asarray(core.crossbar).tolist(),
                "axon_type": np.asarray(core.axon_type).tolist(),
                "neurons": [core.neurons[k] for k in np.asarray(core.kind)],
                "targets": [tuple(target) for target in core.targets],
            }
            for core in cores
        ],
        OVERFLOWS[rules],
        seed,
    )


def random_inputs(rng, ticks, cores):
    """Some ticks without any, some with nearly all axons at once."""
    chosen = [
        (tick, core, axon)
        for tick in range(ticks)
        for core in range(cores)
        for axon in np.flatnonzero(rng.random(256) < rng.choice([0, 0, 0.02, 0.3, 1.0])).tolist()
    ]
    return chosen, Spikes(*np.array(chosen, np.int64).reshape(-1, 3).T)


def listed(spikes):
    return list(zip(*(column.tolist() for column in spikes), strict=True))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from(["alike", "each", "drawn"]), st.sampled_from([FREE, TIGHT, WRAPPING]))
def test_every_spike_potential_and_count_is_that_of_the_plain_twin(seed, flavour, rules):
    rng = np.random.default_rng(seed)
    cores = [random_core(rng, 2, flavour), random_core(rng, 2, "each")]
    plain = plain_of(cores, rules, seed)
    machine = Machine(cores, rules=rules, seed=seed, threads=2)
    for ticks in (5, 12):  # and going on is as running through
        chosen, inputs = random_inputs(rng, ticks, 2)
        before = plain.synaptic_events, plain.axon_events
        expected = plain.run(ticks, chosen)
        run = machine.run(ticks, inputs)
        assert listed(run.spikes) == expected
        assert run.work["spikes"] == len(expected)
        assert run.work["synaptic_events"] == plain.synaptic_events - before[0]
        for core, potential in zip(plain.v, machine.potential.tolist(), strict=True):
            assert potential[: len(core)] == core


def test_all_256_axons_of_one_type_count_to_256():
    """A byte holds 255, and every core has its own way to run."""
    for neuron in (Neuron(weights=(3, 0, 0, 0), threshold=10_000), Neuron(weights=(3, 0, 0, 0), threshold_mask=1)):
        for wide in (256, 9):
            core = Core(crossbar=np.ones((256, wide), bool), axon_type=np.zeros(256, int), neurons=[neuron] * 2)
            core = replace(core, kind=np.zeros(wide, int), neurons=[replace(neuron, threshold=10_000)])
            machine = Machine([core])
            axons = np.arange(256)
            run = machine.run(1, Spikes(0 * axons, 0 * axons, axons))
            assert set(machine.potential[0, :wide].tolist()) == {768}
            assert run.work["synaptic_events"] == 256 * wide and run.work["axon_events"] == 256


@pytest.mark.parametrize("mask", [0, 255])
def test_what_is_below_the_floor_or_near_the_threshold_is_reset_as_the_twin_says(mask):
    """Six reset modes, from potentials all around both thresholds; with a mask both are random."""
    neurons = [
        Neuron(leak=leak, threshold=60, threshold_mask=mask, floor=50, floor_saturates=kappa, reset=reset, start=start,
               reset_to=31)
        for reset in Reset
        for kappa in (False, True)
        for leak, start in [(-7, start) for start in range(-380, 0, 20)] + [(7, start) for start in range(0, 400, 20)]
    ]  # fmt: skip
    wide = len(neurons)
    core = Core(
        crossbar=np.zeros((1, wide), bool),
        axon_type=[0],
        neurons=neurons,
        kind=np.arange(wide),
        targets=[NOWHERE] * wide,
    )
    plain, machine = plain_of([core], FREE, 5), Machine([core], seed=5)
    for _ in range(6):
        expected = plain.run(1)
        assert listed(machine.run(1).spikes) == expected
        assert machine.potential[0, :wide].tolist() == plain.v[0]


def ring(cores, seed, drawn=False):
    """Cores that are silent most of the time: spikes go round, some neurons leak down to a floor and rest."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(cores):
        neurons = [
            Neuron(weights=(5, 5, -3, 2), leak=-1, threshold=8, threshold_mask=3 if drawn else 0),
            Neuron(weights=(9, 7, -3, 2), leak=-1, leak_reverses=True, threshold=8, floor=20),
        ]
        targets = [Target(int(rng.integers(0, cores)), int(rng.integers(0, 256)), int(rng.integers(1, 16)))] * 256
        made.append(
            Core(
                crossbar=rng.random((256, 256)) < 0.05,
                axon_type=rng.integers(0, 4, 256),
                neurons=neurons,
                kind=rng.integers(0, 2, 256),
                targets=targets,
            )
        )
    return made


@pytest.mark.parametrize("drawn", [False, True])
def test_threads_change_nothing_and_resting_cores_are_left_out(drawn):
    cores = ring(20, 3, drawn)
    inputs = Spikes(np.array([0, 0, 90, 91]), np.array([0, 5, 3, 3]), np.array([7, 9, 100, 101]))
    runs = [Machine(cores, seed=11, threads=threads).run(150, inputs, watch=[(3, 5), (19, 255)]) for threads in (1, 3)]
    plain = plain_of(cores, FREE, 11)
    assert listed(runs[0].spikes) == plain.run(150, list(zip(*(column.tolist() for column in inputs), strict=True)))
    for one, other in zip(runs[0].spikes, runs[1].spikes, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(runs[0].potential, runs[1].potential)
    assert runs[0].work == runs[1].work
    assert 4 <= runs[0].work["cores_swept"] < 20 * 150 / 2


def test_a_seed_is_a_seed():
    cores = ring(2, 5, drawn=True)
    inputs = Spikes(np.zeros(256, int), np.zeros(256, int), np.arange(256))
    first, again, other = (Machine(cores, seed=seed).run(40, inputs).spikes for seed in (1, 1, 2))
    assert listed(first) == listed(again) != listed(other)


@pytest.mark.parametrize("size", [1, 60, 255])
def test_a_stochastic_synapse_leak_and_threshold_have_the_stated_probabilities(size):
    """|s| >= rho with rho from 0 to 255 is (|s| + 1) / 256; a masked threshold is uniform on 0 to mask."""
    synapse = Neuron(weights=(-size, 0, 0, 0), stochastic_weights=(True,) * 4, floor=2**18 - 1, threshold=2**18 - 1)
    leak = Neuron(leak=size, stochastic_leak=True, threshold=2**18 - 1)
    threshold = Neuron(weights=(size, 0, 0, 0), threshold=0, threshold_mask=255)
    core = Core(
        crossbar=np.ones((1, 256), bool), axon_type=[0], neurons=[synapse, leak, threshold],
        kind=np.repeat([0, 1, 2], [86, 85, 85]),
    )  # fmt: skip
    ticks = 400
    machine = Machine([core], seed=size)
    run = machine.run(ticks, Spikes(np.arange(ticks), np.zeros(ticks, int), np.zeros(ticks, int)))
    p = (size + 1) / 256
    v = machine.potential[0]
    n = ticks * 85
    for count, tries in ((-v[:86].sum(), ticks * 86), (v[86:171].sum(), n), (run.work["spikes"], None)):
        if tries is None:
            continue
        assert abs(count - tries * p) <= 4.5 * (tries * p * (1 - p)) ** 0.5
    first = np.unique(run.spikes.neuron[(run.spikes.tick == 0) & (run.spikes.neuron >= 171)]).size
    assert abs(first - 85 * p) <= 4.5 * (85 * p * (1 - p)) ** 0.5


def test_hops_and_crossings_are_those_of_x_then_y():
    mesh = Mesh(columns=2, rows=1)
    fires = Core(crossbar=np.zeros((1, 1), bool), axon_type=[0], neurons=[Neuron(leak=1)], targets=[Target(1, 0)])
    ends = replace(fires, neurons=[Neuron()], targets=None)
    run = Machine([fires, ends], mesh=mesh, places=[(60, 3), (70, 1)]).run(7)
    assert run.work["hops"] == 7 * 12 and run.work["crossings"] == 7


def test_everything_that_is_wrong_is_said_at_once():
    bad = Core(
        crossbar=np.ones((2, 3), bool),
        axon_type=[0, 4],
        neurons=[Neuron(weights=(256, 0, 0, 0), threshold=-1, threshold_mask=5, reset_to=6)],
        targets=[Target(0, 256, 1), Target(5, 0, 1), Target(0, 0, 16)],
    )
    with pytest.raises(Illegal) as error:
        Machine([bad, bad], places=[(0, 0), (0, 0)], threads=0)
    text = str(error.value)
    for part in (
        "both lie at (0, 0)",
        "threads = 0",
        "core 0: neurons[0].weights[0] = 256 is outside -255 to 255",
        "threshold = -1",
        "threshold_mask = 5 is not made of ones",
        "reset_to = 6 is not 0 or +-(2^k - 1); use 3 or 7",
        "axon_type[1] = 4 is outside 0 to 3",
        "core of targets[1] = 5 is outside",
        "axon of targets[0] = 256",
        "delay of targets[2] = 16 is outside 1 to 15",
    ):
        assert part in text
    assert len(error.value.problems) == 18
    with pytest.raises(Illegal, match="no whole number"):
        Machine([replace(bad, axon_type=[0, 1], targets=None, neurons=[Neuron(leak=0.5)])])  # pyright: ignore
    with pytest.raises(Illegal, match="there are no cores"):
        Machine([])


def test_a_target_beyond_the_reach_is_refused():
    far = Core(crossbar=np.ones((1, 1), bool), axon_type=[0], neurons=[Neuron()], targets=[Target(1, 0)])
    near = replace(far, targets=None)
    Machine([far, near], mesh=Mesh(5, 1), places=[(0, 0), (255, 0)])
    with pytest.raises(Illegal, match="256 cores away along an axis, above the reach of 255"):
        Machine([far, near], mesh=Mesh(5, 1), places=[(0, 0), (256, 0)])


def test_wrong_inputs_are_refused_together():
    machine = Machine([Core(crossbar=np.ones((1, 1), bool), axon_type=[0], neurons=[Neuron()])])
    with pytest.raises(Illegal) as error:
        machine.run(5, Spikes(np.array([5]), np.array([1]), np.array([256])), record=[3], watch=[(0, 256)])
    assert len(error.value.problems) == 5
    with pytest.raises(ValueError, match="outside -524288 to 524287"):
        machine.set_potential(np.full((1, 256), 2**19))
