"""Integers of the public models of Loihi, frozen: the files in tests/data say where they come from."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reafference.chips.loihi import (
    BRIAN2LOIHI,
    LAVA,
    NENGO_LOIHI,
    SILICON,
    Compartments,
    LoihiCores,
    Sign,
    SynapseFormat,
    SynapseGroup,
)

DATA = Path(__file__).parent / "data"
MODELS = {"lava": LAVA, "brian2loihi": BRIAN2LOIHI, "nengo_loihi": NENGO_LOIHI}


def load(name):
    with np.load(DATA / f"loihi_{name}.npz") as file:
        return {key: file[key] for key in file.files}


def activity_of(drawn, dialect):
    """What a frozen network does here; `benchmarks/chips/loihi_networks.py` tells the fields."""
    sizes = [population["size"] for population in drawn["populations"]]
    first = [0, *np.cumsum(sizes)]
    parameters = {
        name: np.repeat([population[name] for population in drawn["populations"]], sizes)
        for name in ("decay_u", "decay_v", "threshold", "refractory")
    }
    parameters |= {name: np.array(drawn[name]) for name in ("bias_mantissa", "bias_exponent", "u", "v")}
    groups = [
        SynapseGroup(
            source=np.array(group["source"]) + first[group["source_population"]],  # -1: inputs, which come last
            target=np.array(group["target"]) + first[group["target_population"]],
            mantissa=np.array(group["mantissa"]),
            delay=np.array(group["delay"]),
            form=SynapseFormat(exponent=group["exponent"], bits=group["bits"], sign=Sign[group["sign"].upper()]),
        )
        for group in drawn["groups"]
    ]
    bounds = {name: drawn[name] for name in ("v_low", "v_high") if drawn[name] is not None}
    cores = LoihiCores(
        compartments=Compartments(count=sum(sizes), **parameters),
        groups=groups,
        inputs=drawn["inputs"],
        dialect=replace(dialect, **bounds),
    )
    tick, source = (np.array(drawn[name], int) for name in ("input_tick", "input_source"))
    return cores.advance(drawn["ticks"], tick=tick, source=source, probe=np.arange(sum(sizes)))


@pytest.mark.parametrize("name", MODELS)
def test_no_integer_differs(name):
    file = load(name)
    spikes = 0
    for k, drawn in enumerate(json.loads(str(file["networks"]))):
        activity = activity_of(drawn, MODELS[name])
        np.testing.assert_array_equal(activity.u, file[f"u_{k}"])
        np.testing.assert_array_equal(activity.v, file[f"v_{k}"])
        mine = np.stack([activity.tick, activity.neuron], axis=1)
        np.testing.assert_array_equal(mine, file[f"spikes_{k}"])
        spikes += mine.shape[0]
    assert spikes > 500, "too few spikes to prove anything"


@pytest.mark.parametrize("name", MODELS)
def test_another_dialect_differs(name):
    file = load(name)
    drawn = json.loads(str(file["networks"]))
    for population in [each for one in drawn for each in one["populations"]]:
        population["decay_u"] = min(population["decay_u"], 4095)  # as far as the others go
    for other in (SILICON, *(dialect for model, dialect in MODELS.items() if model != name)):
        same = [np.array_equal(activity_of(one, other).u, file[f"u_{k}"]) for k, one in enumerate(drawn)]
        assert not all(same), f"{name} is no other than {other.name}"


@pytest.mark.parametrize("name", MODELS)
def test_the_reference_says_where_it_comes_from(name):
    file = load(name)
    origin = json.loads(str(file["origin"]))
    assert {"what", "date", "script", "command"} <= origin.keys()
    package = {"lava": "lava-nc 0.10.0", "brian2loihi": "brian2-loihi 0.5.2", "nengo_loihi": "nengo-loihi 1.1.0"}[name]
    assert package in origin["what"]
    assert {one["mood"] for one in json.loads(str(file["networks"]))} == {"calm", "loud", "inhibited", "edge"}
