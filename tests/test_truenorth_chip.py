"""TrueNorth as a chip: held to the contract, to a plain network of the same integers, and to the engine."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reafference as ra
from plain_truenorth_network import plain_network
from reafference.chips import DoesNotFit
from reafference.chips.circuit import input_spikes
from reafference.chips.placement import Copies, CoreLimits, Relays, Role
from reafference.chips.pricing.truenorth import AT_0V70_BY_CORE
from reafference.chips.truenorth import Precision, Rules, TrueNorth
from reafference.testing import check_chip
from reafference.units import Hz, MOhm, ms, mV

SMALL = CoreLimits(neurons=60, axons_in=70, axons_per_neuron=1)  # smaller than the chip's, so that cores are many


@pytest.fixture(scope="module")
def program():
    network, dt = TrueNorth().example()
    return TrueNorth().compile(network, dt=dt, seed=2)


def compiled(chip, network, limits=None, **more):
    with pytest.MonkeyPatch.context() as patch:
        if limits is not None:
            patch.setattr(TrueNorth, "limits", lambda self: limits)
        return chip.compile(network, **more)


def plain(program, seconds, inputs=None):
    """Spikes of the network's neurons, of the same integers without cores."""
    quantised, circuit = program.quantised, program.circuit
    neurons = {}
    for n, one in enumerate(quantised.neuron):
        if one is not None:
            neurons[n] = (one.threshold - one.leak, one.leak, one.leak_reverses, one.reset_to, one.floor, one.start)
    heard = quantised.synapses
    columns = (heard.source, heard.target, heard.delay, quantised.weight)
    synapses = list(zip(*(column.tolist() for column in columns), strict=True))
    came = input_spikes(circuit, seconds, inputs)
    sent = list(zip(came.tick.tolist(), came.neuron.tolist(), strict=True))
    return plain_network(neurons, synapses, sent, round(seconds / circuit.dt))


def own(program, recording):
    """(tick, neuron) of a recording's spikes of neurons."""
    ticks = np.rint(recording.time / recording.dt).astype(int)
    pairs = zip(ticks.tolist(), recording.neuron.tolist(), strict=True)
    return {pair for pair in pairs if program.quantised.neuron[pair[1]] is not None}


def random_network(seed, least):
    """Neurons of all three leaks, resets above and below rest, weights of many sizes and both signs."""
    rng = np.random.default_rng(seed)
    level = rng.choice([-65, -65, -62, -45], 24) * mV
    cells = ra.Population(
        "cells",
        24,
        ra.DeltaLIF(
            tau=rng.choice([0.01, 2.0, 20.0], 24) * ms,
            reset=rng.choice([-65, -70, -60], 24) * mV,
            current=(level + 65 * mV) / (100 * MOhm),
            resistance=100 * MOhm,
            refractory=0.0,
            initial=rng.uniform(-70, -51, 24) * mV,
        ),
    )
    others = ra.Population("others", 8, ra.DeltaLIF(refractory=0.0))
    noise = ra.Population("noise", 10, ra.Poisson(rate=100 * Hz))
    spread = ra.Uniform(least * ms, (least + 2) * ms)
    return ra.Network(
        populations=[others, noise, cells],
        projections=[
            ra.Projection(noise, cells, ra.FixedInDegree(3), weight=ra.Uniform(2 * mV, 9 * mV), delay=spread),
            ra.Projection(noise, others, ra.FixedInDegree(2), weight=6 * mV),
            ra.Projection(cells, others, ra.FixedProbability(0.2), weight=ra.Normal(mean=4 * mV, std=2 * mV), delay=3 * ms),
            ra.Projection(others, cells, ra.FixedProbability(0.2), weight=-4 * mV, delay=least * ms),
            ra.Projection(cells, cells, ra.FixedInDegree(3), weight=ra.Normal(mean=1 * mV, std=3 * mV), delay=spread),
        ],
    )  # fmt: skip


def test_truenorth_behaves_as_a_chip():
    check_chip(TrueNorth())


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([Copies(), Relays()]), st.integers(1, 4), st.booleans())
def test_cores_with_copies_and_relays_make_the_spikes_of_the_unsplit_network(seed, way, types, encoded):
    chip = TrueNorth(ways=(way,), precision=Precision(types=types), rules=Rules(encoded_reset=encoded), threads=2)
    network = random_network(seed, least=3 if isinstance(way, Relays) else 1)
    made = compiled(chip, network, SMALL, dt=1 * ms, seed=seed)
    wanted = plain(made, 0.15)
    assert own(made, made.run(0.15)) == wanted and len(wanted) > 20
    helpers = set(made.placement.extended.role.tolist()) - {Role.NEURON}
    assert helpers == {Role.COPY if isinstance(way, Copies) else Role.RELAY} and made.placement.cores > 1
