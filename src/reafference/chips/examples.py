"""Small networks to try chips with, by name."""

from __future__ import annotations

import numpy as np

from reafference.network import (
    CurrentLIF,
    DeltaLIF,
    FixedInDegree,
    LogNormal,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
)
from reafference.network.wiring import EdgeList
from reafference.units import Hz, ms, mV


def touch() -> Network:
    """50 inputs excite 100 cells; each cell hears 20 of them."""
    inputs = Population("touch", 50, Poisson(rate=40 * Hz))
    cells = Population("cells", 100, CurrentLIF(tau_e=5 * ms, tau_i=5 * ms))
    return Network(
        populations=[inputs, cells], projections=[Projection(inputs, cells, FixedInDegree(20), weight=6 * mV)]
    )


def lognormal() -> Network:
    """800 excitatory and 200 inhibitory cells with log-normal weights, driven by 400 inputs; recurrent."""
    kind = CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=5 * ms, refractory=2 * ms)
    inputs = Population("inputs", 400, Poisson(rate=8 * Hz))
    more, less = Population("excitatory", 800, kind), Population("inhibitory", 200, kind)
    excite = LogNormal.with_mean(4 * mV, log_sigma=1.0)
    inhibit = LogNormal.with_mean(-16 * mV, log_sigma=1.0)
    projections = [Projection(inputs, cells, FixedInDegree(40), weight=excite) for cells in (more, less)]
    projections += [
        Projection(source, target, FixedInDegree(degree), weight=weight, delay=2 * ms)
        for source, degree, weight in ((more, 40, excite), (less, 10, inhibit))
        for target in (more, less)
    ]
    return Network(populations=[inputs, more, less], projections=projections)


def chain() -> Network:
    """A packet of activity that runs through 10 groups of 20 cells with hardly any leak, as fast as synapses carry it.

    Each cell hears four of the group before, with one weight, so a chip of small integers can hold it.
    """
    groups, size = 10, 20
    kind = DeltaLIF(tau=1.0, rest=0.0, threshold=7 * mV, reset=0.0, refractory=1 * ms)
    start = Population(
        "start", size, SpikeTrain(time=np.repeat([10 * ms, 110 * ms], size), neuron=np.tile(np.arange(size), 2))
    )
    cells = Population("cells", groups * size, kind)
    one = np.arange(size)
    pairs = [((one + shift) % size, one) for shift in range(4)]
    source, target = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    first = EdgeList(source=source, target=target)
    steps = np.arange(groups - 1)[:, None] * size
    rest = EdgeList(source=(steps + source).ravel(), target=(steps + size + target).ravel())
    return Network(
        populations=[start, cells],
        projections=[
            Projection(start, cells, first, weight=2 * mV, delay=3 * ms),
            Projection(cells, cells, rest, weight=2 * mV, delay=3 * ms),
        ],
    )
