"""What the chips of Loihi's family say of a network that has been placed: cores, and the work of a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit
from reafference.chips.placement import Placement, Traffic, traffic
from reafference.chips.pricing.loihi1 import LoihiWork
from reafference.chips.report import Cores
from reafference.recording import Recording

Ints = npt.NDArray[np.int64]


def check_same(circuit: Circuit, recording: Recording) -> None:
    """Raise ValueError for the recording of another network."""
    if recording.neurons != circuit.neurons or tuple(recording.groups) != circuit.groups:
        raise ValueError(
            f"this is a recording of {recording.neurons} neurons in {tuple(recording.groups)}, not of "
            f"{circuit.neurons} in {circuit.groups}."
        )
    if not np.isclose(recording.dt, circuit.dt):
        raise ValueError(
            f"the recording has ticks of {recording.dt:g} s, the program of {circuit.dt:g} s; run the network with the "
            "program's, as what a tick costs depends on how many there are."
        )


def traffic_of(circuit: Circuit, placed: Placement, number: Ints, recording: Recording) -> Traffic:
    """What the spikes of a recording ask of the links; see `work_of`."""
    check_same(circuit, recording)
    spikes = np.zeros(circuit.neurons)
    spikes[number] = recording.counts()
    return traffic(replace(placed.graph, spikes=spikes), placed.core, placed.slot, placed.mesh)


def work_of(circuit: Circuit, placed: Placement, number: Ints, recording: Recording) -> LoihiWork:
    """What the chip has to do for what was recorded.

    number  (neurons,) what the placement calls each neuron of the network

    Where the recording does not say which neurons were updated (one of the engine), all are taken to be, at every tick.
    Raises ValueError for a recording of another network or with other ticks.
    """
    sent = traffic_of(circuit, placed, number, recording)
    counts = recording.counts()
    ticks = round(recording.seconds / circuit.dt)
    neurons = placed.graph.inside.size
    reached = np.bincount(circuit.source, minlength=circuit.neurons)
    tiles = np.unique(placed.slot // placed.mesh.cores)
    chips = placed.mesh.chip(tiles * placed.mesh.cores)
    return LoihiWork(
        ticks=ticks,
        seconds=recording.seconds,
        chips=placed.chips,
        tiles=int(np.bincount(chips).max(initial=1)),
        events_sparse=int(counts @ reached),
        synaptic_updates=recording.work.get("synaptic_updates", 0),
        neuron_accesses=neurons * ticks,
        neuron_updates=min(recording.work.get("active_updates", neurons * ticks), neurons * ticks),
        spikes=round(sent.spikes),
        messages=round(sent.messages + sent.entering),
        hops_east_west=round(sent.hops_ew),
        hops_north_south=round(sent.hops_ns),
    )


def cores_of(placed: Placement, number: Ints, usage: Mapping[str, tuple[Ints, int | None]]) -> Cores:
    """Where everything went, four cores a tile; limits that are None are left out."""
    x, y = placed.xy
    return Cores(
        core=placed.core[number],
        x=(x % placed.mesh.width * 2 + placed.slot % placed.mesh.cores % 2).astype(np.int32),
        y=(y % placed.mesh.height * 2 + placed.slot % placed.mesh.cores // 2).astype(np.int32),
        chip=placed.mesh.chip(placed.slot).astype(np.int32),
        mesh=(placed.mesh.width * 2, placed.mesh.height * 2),
        usage={name: (used, limit) for name, (used, limit) in usage.items() if limit is not None},
    )
