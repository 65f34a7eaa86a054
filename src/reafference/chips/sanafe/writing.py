"""Write a network that is placed on Loihi as SANA-FE describes networks, so that it can be run there as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reafference.chips.circuit import input_spikes, is_source
from reafference.chips.loihi.compartments import DECAY_ONE
from reafference.chips.loihi1 import LoihiProgram
from reafference.chips.sanafe.network import TILE
from reafference.network import SpikeTrain

GRID = 64  # units of the chip's v in one of SANA-FE's potential
INPUTS = "31.3"  # core that sources stand on: SANA-FE has no outside


def describe_loihi(
    program: LoihiProgram, *, seconds: float = 0.0, inputs: Mapping[str, SpikeTrain] | None = None
) -> dict[str, Any]:
    """The description, which `json.dumps` writes as the YAML that SANA-FE reads; groups are the populations.

    seconds  s for which the sources' spikes are listed
    inputs   as of `LoihiProgram.run`

    The spikes are the program's own where currents last one tick (`DeltaLIF`) and no register of the chip overflows:
    SANA-FE does not round a current that decays, and nothing wraps there. Sources stand on the last core of the last
    tile, from where their messages make hops. Raises ValueError for what SANA-FE cannot hold: learning, several chips,
    delays, sources where that core is in use, and two spikes of one source in a tick.
    """
    placed, quantised, circuit = program.placement, program.quantised, program.circuit
    if program.learning:
        raise ValueError(f"{', '.join(map(repr, program.learning))} learn; SANA-FE's synapses do not.")
    if placed.chips > 1 or any(np.any(group.delay) for group in quantised.groups):
        raise ValueError(
            f"{placed.chips} chips, delays up to {max(int(np.max(group.delay)) for group in quantised.groups)} ticks; "
            "SANA-FE's Loihi is one chip without delays."
        )
    cells, dialect = quantised.compartments, program.chip.dialect
    keep_u, keep_v = (
        DECAY_ONE - np.asarray(decay) - offset
        for decay, offset in (
            (cells.decay_u, dialect.decay_offset_u),
            (cells.decay_v, dialect.decay_offset_v),
        )
    )
    own = {
        "threshold": np.asarray(cells.threshold),
        "leak_decay": keep_v / DECAY_ONE,
        "input_decay": keep_u / DECAY_ONE,
        "bias": cells.bias / GRID,
        "refractory_delay": np.asarray(cells.refractory),
        "potential": np.trunc(np.asarray(cells.v) * keep_v / DECAY_ONE) / GRID,  # nothing leaks in the first tick there
    }
    x, y = placed.xy
    tile = x * placed.mesh.height + y  # there, tiles are numbered down the columns
    core = [f"{at}.{slot % TILE}" for at, slot in zip(tile, placed.slot, strict=True)]
    if quantised.inputs and INPUTS in core:
        raise ValueError(f"core {INPUTS} is in use; no core is left for the sources.")
    heard = input_spikes(circuit, seconds, inputs) if quantised.inputs else None
    ticks = round(seconds / circuit.dt)
    if heard is not None and np.unique(np.stack([heard.tick, heard.neuron]), axis=1).shape[1] < heard.tick.size:
        raise ValueError("a source spikes more than once in a tick, which SANA-FE cannot say; give other `inputs`.")
    name = [""] * circuit.neurons
    groups: list[dict[str, Any]] = []
    place: list[tuple[int, str]] = []
    for population, (_, first) in zip(circuit.network.populations, circuit.groups, strict=True):
        neurons: list[dict[str, Any]] = []
        for offset in range(population.size):
            n = int(quantised.number[first + offset])
            name[n] = f"{population.name}.{offset}"
            if is_source(population):
                train = np.zeros(ticks, np.int64)
                if heard is not None:
                    train[heard.tick[heard.neuron == first + offset] - 1] = 1
                unit = f"loihi_inputs[{n - cells.count}]"
                neurons.append({str(offset): {"soma_hw_name": unit, "spikes": train.tolist()}})
                place.append((n, INPUTS))
                continue
            neurons.append({str(offset): {key: value[n].item() for key, value in own.items()}})
            place.append((n, core[placed.core[n]]))
        attributes = {"log_spikes": True, "synapse_hw_name": "loihi_sparse_synapse"}
        groups.append({"name": population.name, "attributes": attributes, "neurons": neurons})
    edges: list[dict[str, Any]] = []
    for group in quantised.groups:
        stored = dialect.weights.stored(np.asarray(group.mantissa, np.int64), group.form)
        weight = dialect.weights.scaled(stored, group.form) / GRID
        for source, target, each in zip(group.source, group.target, weight.tolist(), strict=True):
            edges.append({f"{name[source]} -> {name[target]}": {"weight": each}})
    mappings = [{name[n]: {"core": at}} for n, at in sorted(place)]
    return {"network": {"name": "placed", "groups": groups, "edges": edges}, "mappings": mappings}
