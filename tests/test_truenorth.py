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


@settings(max_examples=25, deadline=None, derandomize=True)
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
