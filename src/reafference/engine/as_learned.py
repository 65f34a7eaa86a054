"""A network as it has become: what was learned, as weights that stay; spikes that were recorded, as sources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from reafference.engine.simulation import Simulation
from reafference.network import EdgeList, Network, Population, Projection, SpikeTrain
from reafference.recording import Recording


def as_learned(simulation: Simulation) -> Network:
    """The network of a simulation with its present weights, none of which learns any more.

    Only what is plastic, or was given weights by `set_weights`, is written out synapse by synapse; all else stays as it
    was described, and is drawn the same way again with the same seed and dt. States (potentials, spikes under way) are
    not part of it.

    Raises ValueError on several ranks, as none of them has all weights.
    """
    network = simulation.network
    changed = [p for p in network.projections if p.plasticity is not None or p.name in simulation.rewritten]
    for projection in changed:
        if len(simulation.own(projection.target.name)) != projection.target.size:
            raise ValueError(
                f"as_learned: weights of {projection.name!r} are spread over several ranks; run on one rank, or save a "
                "checkpoint and restore it there."
            )
    return Network(
        populations=network.populations,
        projections=[_settled(p, simulation) if p in changed else p for p in network.projections],
    )


def _settled(projection: Projection, simulation: Simulation) -> Projection:
    source, target, weight, delay = simulation.wiring(projection.name)
    wiring = EdgeList(source=source.astype(np.int64), target=target.astype(np.int64))
    return replace(projection, wiring=wiring, weight=weight, delay=delay, plasticity=None)


def played_back(network: Network, recording: Recording, populations: Collection[str]) -> Network:
    """The network with some of its populations as sources of the spikes that they were recorded to make.

    populations  names; projections onto them are left out, those from them stay

    Time counts from the start of the recording, so `recording.start` is 0 here. This cuts a network at its
    senses: a chip hears what they sent.

    Raises KeyError for a name that is no population, ValueError for one that was not recorded or a recording of another
    network.
    """
    groups = tuple((population.name, network.first(population.name)) for population in network.populations)
    if recording.neurons != network.neurons or tuple(recording.groups) != groups:
        raise ValueError(
            f"played_back: this is a recording of {recording.neurons} neurons in {tuple(recording.groups)}, not of "
            f"{network.neurons} in {groups}."
        )
    for name in populations:
        network.first(name)
    made: dict[str, Population] = {}
    for population in network.populations:
        made[population.name] = population
        if population.name in populations:
            time, neuron = recording.of(population.name)
            train = SpikeTrain(time=time - recording.start, neuron=neuron)
            made[population.name] = Population(population.name, population.size, train)
    projections = [
        replace(p, source=made[p.source.name], target=made[p.target.name])
        for p in network.projections
        if p.target.name not in populations
    ]
    return Network(populations=list(made.values()), projections=projections)
