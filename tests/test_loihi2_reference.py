"""Integers of Lava's fixed-point neurons of Loihi 2, frozen: the file in tests/data says where they come from."""

import json
from pathlib import Path

import numpy as np

from reafference.chips.loihi import FloorWeights, Sign, SynapseFormat, SynapseGroup
from reafference.chips.microcode import ProgrammedCores, families

DATA = Path(__file__).parent / "data"


def neuron_of(layer):
    """A layer of a frozen network; `benchmarks/chips/loihi2_lava.py` tells the fields."""
    given = dict(layer["parameters"])
    if layer["family"] == "AdaptiveThreshold":
        keep = {f"keep_{name}": 4096 - given.pop(f"delta_{name}") - (name == "i") for name in ("i", "v", "theta", "r")}
        rest, jump = 64 * given["theta_0"], 64 * given["theta_step"]
        given = {**keep, "theta": rest, "rest": rest, "jump": jump, "bias": given["bias"]}
    return getattr(families, layer["family"])(**given)


def run_frozen(drawn):
    """(states, sent) of a frozen network here."""
    sizes = [layer["size"] for layer in drawn["layers"]]
    first = [0, sizes[0], sum(sizes)]
    groups = []
    for link in drawn["links"]:
        target, source = np.indices(np.shape(link["weights"])).reshape(2, -1)
        groups.append(
            SynapseGroup(
                source=source + first[link["source"]],  # -1: inputs, which come last
                target=target + first[link["target"]],
                mantissa=np.ravel(link["weights"]),
                form=SynapseFormat(exponent=link["exponent"], bits=link["bits"], sign=Sign[link["sign"].upper()]),
            )
        )
    neurons = [(neuron_of(layer), layer["size"]) for layer in drawn["layers"]]
    cores = ProgrammedCores(neurons=neurons, groups=groups, inputs=drawn["inputs"], rule=FloorWeights())
    tick, source, payload = np.array(drawn["spikes"], np.int64).reshape(-1, 3).T
    found = cores.advance(drawn["ticks"], tick=tick, source=source, payload=payload, probe=np.arange(sum(sizes)))
    sent = np.zeros((drawn["ticks"], sum(sizes)), np.int64)
    sent[found.tick - 1, found.neuron] = found.payload
    states = [
        found.state[:, : len(neuron.program().state), begin : begin + size]
        for (neuron, size), begin in zip(neurons, first[:2], strict=True)
    ]
    return states, sent


def test_lavas_integers_are_ours():
    with np.load(DATA / "loihi2_lava.npz") as file:
        networks, messages = json.loads(str(file["networks"])), 0
        for k, drawn in enumerate(networks):
            states, sent = run_frozen(drawn)
            np.testing.assert_array_equal(sent, file[f"sent_{k}"])
            messages += np.count_nonzero(sent)
            for number, state in enumerate(states):
                np.testing.assert_array_equal(state, file[f"state_{k}_{number}"])
    assert {layer["family"] for drawn in networks for layer in drawn["layers"]} == {
        "AdaptiveThreshold", "ResonateAndFire", "SigmaDelta", "GradedVector",
    }  # fmt: skip
    assert messages > 1000
