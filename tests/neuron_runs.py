"""Neurons that are advanced at every tick, run in networks whose kernels are compiled once for all tests of them."""

from __future__ import annotations

import numpy as np

from reafference import (
    AdEx,
    ConductanceLIF,
    CurrentLIF,
    EdgeList,
    Izhikevich,
    Network,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
)
from reafference.units import ms

KINDS = {"adex": AdEx, "conductance": ConductanceLIF, "izhikevich": Izhikevich}


def simulated(neuron, size=1, *, dt=0.1 * ms, events=(), projections=lambda cells: (), threads=1, watch=()):
    """A simulation of `size` such neurons, the population "cells", and of one idle neuron of every other kind.

    events  (time, neuron, weight): at that time, at least two ticks after the start, the event has arrived
    """
    cells = Population("cells", size, neuron)
    idle = [Population(name, 1, kind()) for name, kind in KINDS.items() if not isinstance(neuron, kind)]
    currents = Population("currents", 1, CurrentLIF())
    time, target, weight = (np.array(column) for column in zip(*events, strict=True)) if events else ([], [], [])
    each = np.arange(len(time))
    train = Population("train", max(len(time), 1), SpikeTrain(time=np.array(time) - dt, neuron=each))
    given = Projection(train, cells, EdgeList(source=each, target=target), weight=weight, delay=dt)
    network = Network(
        populations=[cells, *idle, currents, train],
        projections=[*([given] if events else []), *projections(cells)],
    )
    return Simulation(network, dt=dt, threads=threads, record=["cells"], watch=watch)


def intervals(simulation):
    """Intervals between the spikes of each cell so far, in s."""
    time, neuron = simulation.recording().of("cells")
    return [np.diff(time[neuron == k]) for k in range(simulation.network.populations[0].size)]
