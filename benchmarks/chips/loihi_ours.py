"""The drawn networks of `loihi_networks.py` in this package."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi import Compartments, Dialect, LoihiCores, Sign, SynapseFormat, SynapseGroup

Ints = npt.NDArray[np.int64]


def cores(drawn: dict[str, Any], dialect: Dialect) -> LoihiCores:
    """The network, with the bounds of v that it names."""
    sizes = [population["size"] for population in drawn["populations"]]
    first = np.concatenate([[0], np.cumsum(sizes)])

    def each(name: str) -> Ints:
        return np.repeat([population[name] for population in drawn["populations"]], sizes)

    groups = [
        SynapseGroup(
            source=np.array(group["source"]) + first[group["source_population"]],  # -1: the inputs come after all
            target=np.array(group["target"]) + first[group["target_population"]],
            mantissa=np.array(group["mantissa"]),
            delay=np.array(group["delay"]),
            form=SynapseFormat(exponent=group["exponent"], bits=group["bits"], sign=Sign[group["sign"].upper()]),
        )
        for group in drawn["groups"]
    ]
    for bound in ("v_low", "v_high"):
        if drawn[bound] is not None:
            dialect = replace(dialect, **{bound: drawn[bound]})
    compartments = Compartments(
        count=int(first[-1]),
        decay_u=each("decay_u"),
        decay_v=each("decay_v"),
        threshold=each("threshold"),
        refractory=each("refractory"),
        **{name: np.array(drawn[name]) for name in ("bias_mantissa", "bias_exponent", "u", "v")},
    )
    return LoihiCores(compartments=compartments, groups=groups, inputs=drawn["inputs"], dialect=dialect)


def run(drawn: dict[str, Any], dialect: Dialect) -> tuple[Ints, Ints, Ints]:
    """(u, v, spikes) of one network: (ticks, neurons) twice, and (spikes, 2) of tick and neuron."""
    made = cores(drawn, dialect)
    activity = made.advance(
        drawn["ticks"],
        tick=np.array(drawn["input_tick"], np.int64),
        source=np.array(drawn["input_source"], np.int64),
        probe=np.arange(made.neurons),
    )
    return activity.u, activity.v, np.stack([activity.tick, activity.neuron], axis=1)


def differing(mine: tuple[Ints, Ints, Ints], theirs: dict[str, Any]) -> tuple[int, int, int]:
    """Integers of u and of v that differ, and spikes that only one of the two has."""
    u, v, spikes = mine
    one, other = set(map(tuple, spikes.tolist())), set(map(tuple, theirs["spikes"]))
    return int((u != np.array(theirs["u"])).sum()), int((v != np.array(theirs["v"])).sum()), len(one ^ other)
