"""A DeltaLIF without leak adds up its events and forgets nothing."""

import numpy as np
import pytest

import reafference as ra
from reafference.chips.loihi1 import Loihi1
from reafference.chips.shortage import DoesNotFit
from reafference.units import ms, mV, nA

TICKS, DT = 3000, 0.1 * ms  # longer than an epoch of the engine


def test_v_is_the_sum_of_events_since_the_last_spike():
    rng = np.random.default_rng(1)
    spikes = rng.random((TICKS - 1, 6)) < 0.03
    weight = rng.normal(1.0, 1.0, (6, 4)) * mV
    threshold, reset = rng.uniform(8, 12, 4) * mV, rng.uniform(-2, 0, 4) * mV
    tick, neuron = np.nonzero(spikes)
    source = ra.Population("in", 6, ra.SpikeTrain(time=(tick + 1) * DT, neuron=neuron))
    kind = ra.DeltaLIF(tau=np.inf, rest=0.0, threshold=threshold, reset=reset, refractory=0.0)
    mixed = ra.Population("leaky", 1, ra.DeltaLIF())
    cells = ra.Population("cells", 4, kind)
    projection = ra.Projection(source, cells, ra.AllToAll(), weight=weight.reshape(-1), delay=DT)
    network = ra.Network(populations=[source, cells, mixed], projections=[projection])
    recording = ra.run(network, TICKS * DT, dt=DT)

    v, expected = np.zeros(4), []
    for tick, row in enumerate(spikes, start=2):
        v += row @ weight
        fired = np.flatnonzero(v >= threshold)
        v[fired] = reset[fired]
        expected += [(tick, cell) for cell in fired]
    time, neuron = recording.of("cells")
    assert len(expected) > 100
    assert list(zip(np.rint(time / DT).astype(int), neuron, strict=True)) == expected


def test_a_current_without_leak_is_refused_and_so_is_a_long_tau():
    with pytest.raises(ValueError, match="does nothing where tau is infinite"):
        ra.Population("cells", 1, ra.DeltaLIF(tau=np.inf, current=1 * nA))
    with pytest.raises(ValueError, match="did you mean 20 \\* ms"):
        ra.Population("cells", 2, ra.DeltaLIF(tau=[np.inf, 20.0]))
    with pytest.raises(ValueError, match="tau"):
        ra.Population("cells", 1, ra.DeltaLIF(tau=-np.inf))
    with pytest.raises(ValueError, match="tau"):
        ra.Population("cells", 1, ra.CurrentLIF(tau=np.inf))


def test_loihi_says_that_it_must_leak():
    source = ra.Population("in", 1, ra.SpikeTrain())
    cells = ra.Population("cells", 1, ra.DeltaLIF(tau=np.inf, rest=0.0, threshold=5 * mV, reset=0.0, refractory=0.0))
    projection = ra.Projection(source, cells, ra.OneToOne(), weight=1 * mV, delay=2 * ms)
    network = ra.Network(populations=[source, cells], projections=[projection])
    with pytest.raises(DoesNotFit, match="slow decay"):
        Loihi1().compile(network, dt=1 * ms)
