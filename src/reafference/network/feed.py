"""A network whose sources send other spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reafference.network.network import Network
from reafference.network.sources import Poisson, SpikeTrain


def feed(network: Network, inputs: Mapping[str, SpikeTrain | Poisson]) -> Network:
    """The same network, with other spikes in place of what its source populations send.

    inputs  given spikes, or a rate, by the name of a source population

    Raises KeyError for a name that is no population, ValueError for one that is no source or whose spikes do not fit.
    """
    for name, train in inputs.items():
        network.first(name)
        kind = next(population.kind for population in network.populations if population.name == name)
        if getattr(kind, "receives", True):
            raise ValueError(f"inputs: {name!r} is no source but a population of neurons, which hears its synapses.")
        if not isinstance(train, SpikeTrain | Poisson):
            raise TypeError(f"inputs: {name!r} is {train!r}; give a SpikeTrain(time=..., neuron=...) or a Poisson.")
    new = {
        population.name: replace(population, kind=inputs[population.name]) if population.name in inputs else population
        for population in network.populations
    }
    return Network(
        populations=list(new.values()),
        projections=[
            replace(projection, source=new[projection.source.name], target=new[projection.target.name])
            for projection in network.projections
        ],
    )
