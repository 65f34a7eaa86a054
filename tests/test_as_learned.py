"""What was learned as a network of its own, and spikes as sources."""

import numpy as np
import pytest

import reafference as ra
from reafference.units import Hz, ms, mV


def plastic(count=30):
    touch = ra.Population("touch", count, ra.Poisson(rate=60 * Hz))
    cells = ra.Population("cells", 10, ra.DeltaLIF(tau=10 * ms))
    return ra.Network(
        populations=[touch, cells],
        projections=[
            ra.Projection(
                touch,
                cells,
                ra.FixedProbability(0.6),
                weight=ra.Uniform(2 * mV, 4 * mV),
                delay=ra.Uniform(1 * ms, 6 * ms),
                plasticity=ra.PairSTDP(high=8 * mV),
            ),
            ra.Projection(cells, cells, ra.FixedProbability(0.3), weight=-1 * mV, name="back"),
        ],
    )


@pytest.fixture(scope="module")
def learned():
    simulation = ra.Simulation(plastic(), dt=1 * ms, seed=3)
    before = simulation.weights("touch -> cells")
    simulation.advance(3.0)
    return simulation, before, ra.as_learned(simulation)


def test_the_weights_are_those_of_now_and_stay(learned):
    simulation, before, network = learned
    again = ra.Simulation(network, dt=1 * ms, seed=3)
    weights = simulation.weights("touch -> cells")
    assert np.abs(weights - before).max() > 0.1 * mV, "nothing was learned, so this shows nothing"
    assert np.array_equal(again.weights("touch -> cells"), weights)
    for old, new in zip(simulation.wiring("touch -> cells"), again.wiring("touch -> cells"), strict=True):
        assert np.array_equal(old, new)
    again.advance(1.0)
    assert np.array_equal(again.weights("touch -> cells"), weights)


def test_what_does_not_learn_stays_as_described(learned):
    simulation, _, network = learned
    assert network.projections[1] is simulation.network.projections[1]
    again = ra.Simulation(network, dt=1 * ms, seed=3)
    for old, new in zip(simulation.wiring("back"), again.wiring("back"), strict=True):
        assert np.array_equal(old, new)


def test_weights_that_somebody_set_are_kept_too():
    touch, cells = ra.Population("touch", 3, ra.SpikeTrain()), ra.Population("cells", 3, ra.DeltaLIF())
    given = ra.Projection(touch, cells, ra.OneToOne(), weight=np.array([1.0, 2.0, 3.0]) * mV)
    simulation = ra.Simulation(ra.Network(populations=[touch, cells], projections=[given]), dt=1 * ms)
    simulation.set_weights("touch -> cells", np.array([3.0, 1.0, 2.0]) * mV)
    again = ra.Simulation(ra.as_learned(simulation), dt=1 * ms)
    assert again.weights("touch -> cells") == pytest.approx(np.array([3.0, 1.0, 2.0]) * mV)


def test_senses_played_back_drive_the_rest_the_same_way(learned):
    _, _, network = learned
    whole = ra.run(network, 1.0, dt=1 * ms, seed=5)
    cut = ra.played_back(network, whole, ["touch"])
    again = ra.run(cut, 1.0, dt=1 * ms, seed=5)
    assert whole.counts("cells").sum() > 20
    assert np.array_equal(whole.time, again.time) and np.array_equal(whole.neuron, again.neuron)


def test_projections_onto_what_is_played_back_are_left_out(learned):
    _, _, network = learned
    whole = ra.run(network, 0.2, dt=1 * ms)
    cut = ra.played_back(network, whole, ["cells"])
    assert [p.name for p in cut.projections] == [] and len(cut.populations) == 2


def test_a_strange_recording_and_an_unknown_name_are_refused(learned):
    _, _, network = learned
    whole = ra.run(network, 0.1, dt=1 * ms)
    with pytest.raises(KeyError, match="no population is called 'nobody'"):
        ra.played_back(network, whole, ["nobody"])
    with pytest.raises(ValueError, match="not of 30 in"):
        ra.played_back(ra.Network(populations=[ra.Population("touch", 30, ra.SpikeTrain())]), whole, ["touch"])
    partly = ra.run(network, 0.1, dt=1 * ms, record=["cells"])
    with pytest.raises(ValueError, match="'touch' were not recorded"):
        ra.played_back(network, partly, ["touch"])
