"""Short-term plasticity of the real NEST, frozen: tests/data/nest_short_term.npz says where it comes from."""

import json
from pathlib import Path

import numpy as np

from reafference import (
    CurrentLIF,
    DeltaLIF,
    Network,
    OneToOne,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    TsodyksMarkram,
    Watch,
)

with np.load(Path(__file__).parent / "data" / "nest_short_term.npz") as file:
    DRAWN = {key: file[key] for key in file.files}


def strengths(rule, sources):
    """What every spike does for a weight of 1, (spikes,): the synaptic current of its target lasts for one tick."""
    dt = float(DRAWN["dt"])
    targets, others = Population("targets", sources.size, CurrentLIF(tau_e=1e-3 * dt, threshold=1.0)), DeltaLIF()
    projection = Projection(sources, targets, OneToOne(), weight=1.0, delay=dt, short_term=rule)
    network = Network(populations=[sources, targets, Population("others", 1, others)], projections=[projection])
    simulation = Simulation(network, dt=dt, watch=[Watch(population="targets", variable="g_e")])
    simulation.advance((int(DRAWN["spike_tick"].max()) + 2) * dt)
    return simulation.recording().traces["targets.g_e"].value


def test_every_event_is_as_strong_as_in_nest():
    """One source for each pair of synapse and train, each with parameters of its own."""
    synapses, trains = DRAWN["use"].size, int(DRAWN["train"].max()) + 1
    tick, source = np.tile(DRAWN["spike_tick"], synapses), np.tile(DRAWN["train"], synapses)
    source += np.repeat(np.arange(synapses) * trains, DRAWN["train"].size)
    use, recovery, facilitation = (np.repeat(DRAWN[name], trains) for name in ("use", "recovery", "facilitation"))
    rule = TsodyksMarkram(use=use, tau_recovery=recovery, tau_facilitation=facilitation)
    spikes = SpikeTrain(time=tick * float(DRAWN["dt"]), neuron=source)
    current = strengths(rule, Population("sources", synapses * trains, spikes))
    got = current[tick, source].reshape(synapses, -1)  # each arrives a tick after the spike; sample k is of tick k + 1
    np.testing.assert_allclose(got, DRAWN["strength"], rtol=1e-12)


def test_the_reference_says_where_it_comes_from():
    origin = json.loads(str(DRAWN["origin"]))
    assert {"simulator", "date", "script", "command"} <= origin.keys()
    assert "NEST" in origin["simulator"]
    strength = DRAWN["strength"]
    assert np.all(strength[:, 0] == DRAWN["use"]), "a rested synapse acts with weight * use"
    assert (strength.min(axis=1) < 0.2 * strength[:, 0]).any() and (strength.max(axis=1) > 5 * strength[:, 0]).any()
