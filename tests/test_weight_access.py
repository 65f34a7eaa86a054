"""Single weights, read and written between advances."""

from __future__ import annotations

import numpy as np
import pytest

from reafference.engine import Simulation
from reafference.network import DeltaLIF, EdgeList, Network, PairSTDP, Population, Projection, SpikeTrain
from reafference.units import ms, mV


def built(threads=1, plasticity=None, weight=None):
    rng = np.random.default_rng(4)
    source, target = Population("source", 20, SpikeTrain()), Population("target", 30, DeltaLIF())
    edges = EdgeList(source=rng.integers(20, size=200), target=rng.integers(30, size=200))
    weight = rng.uniform(0.1 * mV, 1 * mV, 200) if weight is None else weight
    delay = rng.integers(1, 4, 200) * ms
    projection = Projection(source, target, edges, weight=weight, delay=delay, plasticity=plasticity, name="synapses")
    network = Network(populations=[source, target], projections=[projection])
    return Simulation(network, dt=1 * ms, threads=threads), edges


@pytest.mark.parametrize("threads", [1, 2])
def test_a_written_weight_is_the_one_of_that_synapse(threads):
    simulation, edges = built(threads)
    access = simulation.weight_access("synapses")
    expected = simulation.weights("synapses")
    assert access.synapses == 200
    np.testing.assert_array_equal(access.read(np.arange(200)[::-1]), expected[::-1])
    which = np.array([[7, 199], [0, 50]])
    access.write(which, [[2 * mV, -3 * mV], [4 * mV, 5 * mV]])
    expected[[7, 199, 0, 50]] = [2 * mV, -3 * mV, 4 * mV, 5 * mV]
    np.testing.assert_array_equal(simulation.weights("synapses"), expected)
    np.testing.assert_array_equal(access.read(which), expected[which])
    simulation.inject_spikes("source", [int(edges.source[7])])
    simulation.advance(10 * ms)
    mine = np.flatnonzero(edges.source == edges.source[7])
    charge = np.bincount(edges.target[mine], expected[mine], 30)
    assert ((simulation.read("target") > -65 * mV + 1e-9) == (charge > 1e-9)).all()


def test_weights_where_they_are_held():
    simulation, _ = built()
    access = simulation.weight_access("synapses")
    weight, place = access.held()
    np.testing.assert_array_equal(weight[place], access.read(np.arange(200)))
    weight[place[17]] = 3 * mV
    assert simulation.weights("synapses")[17] == 3 * mV
    with pytest.raises(ValueError, match="several workers"):
        built(threads=2)[0].weight_access("synapses").held()
    with pytest.raises(ValueError, match="learns"):
        built(plasticity=PairSTDP(high=10 * mV))[0].weight_access("synapses").held()


def test_what_cannot_be_written_is_an_error():
    simulation, _ = built()
    access = simulation.weight_access("synapses")
    before = simulation.weights("synapses")
    with pytest.raises(ValueError, match="200"):
        access.write([200], 1 * mV)
    with pytest.raises(ValueError, match="outside"):
        access.write([0, 1], [1 * mV, 20.0])
    with pytest.raises(ValueError, match="one weight for each"):
        access.write([0, 1], [1 * mV] * 3)
    with pytest.raises(TypeError, match="whole numbers"):
        access.write([0.5], 1 * mV)
    np.testing.assert_array_equal(simulation.weights("synapses"), before)
    with pytest.raises(ValueError, match="keeps one weight"):
        built(weight=1 * mV)[0].weight_access("synapses")


def test_bounds_of_a_learning_rule_hold():
    simulation, _ = built(plasticity=PairSTDP(high=1 * mV))
    access = simulation.weight_access("synapses")
    with pytest.raises(ValueError, match="high"):
        access.write([3], 2 * mV)
    access.write([3], 0.5 * mV)
    assert access.read([3])[0] == simulation.weights("synapses")[3] == 0.5 * mV
