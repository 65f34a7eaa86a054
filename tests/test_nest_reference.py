"""Spikes of the real NEST, frozen: the files in tests/data say where they come from (`benchmarks/nest_exact.py`)."""

import json
from pathlib import Path

import numpy as np
import pytest

from reafference import CurrentLIF, DeltaLIF, EdgeList, Network, Population, Projection, SpikeTrain, run

DATA = Path(__file__).parent / "data"


def load(name):
    with np.load(DATA / f"nest_{name}.npz") as file:
        return {key: file[key] for key in file.files}


def network_of(drawn):
    """The drawn network in our words. NEST's weights of iaf_psc_exp are currents: times tau / C they are volts."""
    dt, tau = float(drawn["dt"]), drawn["tau"]
    resistance = tau / drawn["capacitance"]
    membrane = {name: drawn[name] for name in ("tau", "threshold", "current", "initial")}
    membrane |= {name: float(drawn[name]) for name in ("rest", "reset", "refractory")}
    if str(drawn["model"]) == "iaf_psc_delta":
        kind, volts = DeltaLIF(resistance=resistance, **membrane), np.ones(tau.size)
    else:
        synapse = {name: float(drawn[name]) for name in ("tau_e", "tau_i")}
        kind, volts = CurrentLIF(resistance=resistance, **synapse, **membrane), resistance
    neurons = Population("neurons", tau.size, kind)
    spikes = SpikeTrain(time=drawn["spike_tick"] * dt, neuron=drawn["spike_train"])
    trains = Population("trains", int(drawn["trains"]), spikes)

    def projection(source, prefix):
        target = drawn[f"{prefix}target"]
        return Projection(
            source,
            neurons,
            EdgeList(source=drawn[f"{prefix}source"], target=target),
            weight=drawn[f"{prefix}weight"] * volts[target],
            delay=drawn[f"{prefix}delay"] * dt,
        )

    return Network(populations=[neurons, trains], projections=[projection(neurons, ""), projection(trains, "train_")])


def spikes_apart(ours, theirs, neurons):
    """Ticks between the k-th spike of each neuron here and there, (spikes,). Raises if the numbers of spikes differ."""
    apart = []
    for neuron in range(neurons):
        mine, nest = ours[0][ours[1] == neuron], theirs[0][theirs[1] == neuron]
        assert mine.size == nest.size, f"neuron {neuron}: {mine.size} spikes, NEST has {nest.size}"
        apart.append(np.abs(mine - nest))
    return np.concatenate(apart)


@pytest.mark.parametrize("name", ["delta", "exp"])
def test_every_spike_is_within_one_tick_of_nest(name, record_property):
    drawn = load(name)
    recording = run(
        network_of(drawn), int(drawn["ticks"]) * float(drawn["dt"]), dt=float(drawn["dt"]), record=["neurons"]
    )
    time, neuron = recording.of("neurons")
    tick = np.rint(time / drawn["dt"]).astype(np.int64)
    theirs = drawn["nest_tick"].astype(np.int64), drawn["nest_neuron"]
    apart = spikes_apart((tick, neuron), theirs, drawn["tau"].size)
    record_property("identical", f"{np.count_nonzero(apart == 0)} of {apart.size}")
    assert apart.size > 500, "too few spikes to prove anything"
    assert apart.max() <= 1
    # A last bit may move a spike; a rule that differs moves many.
    assert np.count_nonzero(apart == 0) >= 0.99 * apart.size


@pytest.mark.parametrize("name", ["delta", "exp"])
def test_the_reference_says_where_it_comes_from(name):
    drawn = load(name)
    origin = json.loads(str(drawn["origin"]))
    assert {"simulator", "date", "script", "command"} <= origin.keys()
    assert "NEST" in origin["simulator"]
    signs = np.sign(drawn["weight"])
    assert (signs > 0).any() and (signs < 0).any() and np.unique(drawn["delay"]).size > 10


def test_a_missing_spike_is_noticed():
    theirs = np.array([10, 20, 30]), np.array([0, 1, 0])
    with pytest.raises(AssertionError, match="neuron 0: 1 spikes, NEST has 2"):
        spikes_apart((np.array([10, 20]), np.array([0, 1])), theirs, 2)
    assert spikes_apart((np.array([11, 20, 30]), np.array([0, 1, 0])), theirs, 2).tolist() == [1, 0, 0]
