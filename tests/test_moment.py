"""A simulation goes back to a moment of itself, or of another one of the same network, and goes on from there."""

from __future__ import annotations

import numpy as np

from reafference.engine import Simulation
from reafference.network import AllToAll, DeltaLIF, Network, Poisson, Population, Projection, SpikeTrain, Uniform
from reafference.units import Hz, ms, mV


def network():
    cell = DeltaLIF(tau=20 * ms, rest=0.0, reset=0.0, threshold=10 * mV, refractory=2 * ms)
    cells, noise, knock = Population("cells", 30, cell), Population("noise", 20, Poisson(rate=40 * Hz)), SpikeTrain()
    source = Population("knock", 1, knock)
    return Network(
        populations=[noise, source, cells],
        projections=[
            Projection(noise, cells, AllToAll(), weight=1.5 * mV, delay=3 * ms),
            Projection(source, cells, AllToAll(), weight=6 * mV, delay=20 * ms),
            Projection(cells, cells, AllToAll(), weight=Uniform(low=-1 * mV, high=1 * mV), delay=5 * ms, name="own"),
        ],
    )


def run(simulation, seconds):
    begin, spikes = simulation.tick, simulation.advance(seconds)
    return (spikes.tick - begin).tolist(), spikes.neuron.tolist()


def test_it_goes_on_from_a_moment_with_the_same_spikes():
    """Potentials, refractory cells, spikes on their way and sources included; weights stay as they are now."""
    one = Simulation(network(), dt=1 * ms, seed=5)
    run(one, 0.1)
    one.inject_spikes("knock", [0])
    run(one, 0.01)  # on its way, and not there yet
    moment = one.moment()
    held = {name: array.copy() for name, array in moment.items()}
    first, work = run(one, 0.2), one.recording().work
    assert len(first[0]) > 50
    for again in (one, Simulation(network(), dt=1 * ms, seed=5)):
        again.go_back(moment)
        assert again.tick == 110 and again.recording().neuron.size == 0
        assert run(again, 0.2) == first and again.recording().work == work
    weight = np.full(900, 0.5 * mV)
    one.set_weights("own", weight)
    one.go_back(moment)
    assert (one.weights("own") == weight).all() and run(one, 0.2) != first
    assert moment.keys() == held.keys() and all((moment[name] == held[name]).all() for name in held)
