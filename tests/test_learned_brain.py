"""A brain as a network without its body."""

import numpy as np
import pytest

import reafference as ra
from reafference.brain.learned import learned_brain
from reafference.units import ms

SECONDS = 0.5


@pytest.fixture(scope="module")
def lived():
    told = []
    network = learned_brain(
        seconds=5.0, kept=SECONDS, seed=20_003, progress=lambda done, text: told.append((done, text))
    )
    return network, told


def test_a_learned_brain_is_a_network_that_runs_without_its_body(lived, tmp_path):
    network, told = lived
    kinds = {p.name: type(p.kind).__name__ for p in network.populations}
    assert kinds["afferents"] == "SpikeTrain" and kinds["sensed more 0"] == "SpikeTrain"
    assert kinds["efference"] == kinds["error more 0"] == "CurrentLIF"
    assert all(p.plasticity is None for p in network.projections)
    learned = [p for p in network.projections if p.name == "efference -> error more 2"]
    assert np.ptp(learned[0].weight) > 0, "nothing was learned"
    recording = ra.run(network, SECONDS, dt=1 * ms)
    for name in ("premotor excitatory", "efference", "sensed more 0"):
        assert recording.counts(name).sum() > 0
    again = ra.load_network(ra.save_network(network, tmp_path / "brain.npz"))
    assert np.array_equal(ra.run(again, SECONDS, dt=1 * ms).neuron, recording.neuron)
    assert told and told == sorted(told)


def test_what_senses_sent_is_what_they_send_again(lived):
    train = next(p.kind for p in lived[0].populations if p.name == "afferents")
    assert train.time.size > 0 and train.time.min() > 0 and train.time.max() <= SECONDS + 1e-9
