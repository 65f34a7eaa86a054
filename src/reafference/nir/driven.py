"""The network of a NIR file with something to do."""

from __future__ import annotations

from pathlib import Path

from reafference.network import Network, Poisson, SpikeTrain
from reafference.network.feed import feed
from reafference.nir.convention import Convention
from reafference.nir.read import read_nir
from reafference.units import check_range


def driven(path: str | Path, *, convention: Convention, rate: float) -> Network:
    """The network of a file, its inputs fed by Poisson spikes of `rate` (Hz, each)."""
    check_range("--input-rate", rate, 0.0, 1e6, "Hz")
    network = read_nir(path, convention=convention)
    inputs = [population.name for population in network.populations if isinstance(population.kind, SpikeTrain)]
    return feed(network, {name: Poisson(rate=rate) for name in inputs})
