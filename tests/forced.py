"""Networks whose events and spikes are given, so that only the weights are left to look at."""

from __future__ import annotations

import numpy as np

from reafference import (
    AllToAll,
    CurrentLIF,
    DeltaLIF,
    Network,
    OneToOne,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
)
from reafference.units import mV


def train(name, ticks, dt):
    """A population whose neuron k spikes at ticks[k]."""
    time = np.concatenate([np.zeros(0), *(np.asarray(each, float) for each in ticks)]) * dt
    return Population(
        name, len(ticks), SpikeTrain(time=time, neuron=np.repeat(np.arange(len(ticks)), list(map(len, ticks))))
    )


def forced(rule, events, spikes, *, dt, weight, threads=1):
    """All of the sources with `events` (ticks of arrival, > 1) onto all of the neurons with `spikes` (ticks > 1).

    Weights may be of a microvolt: every spike is made by a kick of 0.2 V. Synapse (i, j) is number i * len(spikes) + j.
    """
    x = train("x", [np.asarray(ticks) - 1 for ticks in events], dt)
    kick = train("kick", [np.asarray(ticks) - 1 for ticks in spikes], dt)
    n, other = Population("n", len(spikes), DeltaLIF(refractory=0.0)), Population("other", 1, CurrentLIF())
    projections = [
        Projection(x, n, AllToAll(), weight=weight, delay=dt, plasticity=rule),
        Projection(kick, n, OneToOne(), weight=200 * mV, delay=dt),
    ]
    return Simulation(Network(populations=[x, kick, n, other], projections=projections), dt=dt, threads=threads)
