"""Networks of one kind of neuron, built but not run."""

from __future__ import annotations

from reafference import DeltaLIF, LogNormal, Network, Population, Projection
from reafference.engine.build import build_groups
from reafference.units import ms, mV

DT = 0.1 * ms
SPREAD = LogNormal.with_mean(1 * mV, log_sigma=1.0)


def network_of(*projections):
    """The network of some projections; sources come first, in order of their name."""
    ends = {end.name: end for projection in projections for end in (projection.source, projection.target)}
    return Network(populations=[ends[name] for name in sorted(ends, reverse=True)], projections=projections)


def built(network, workers=1, own=None, seed=3):
    """(cells, inboxes) of the only group of neurons of a network."""
    groups, per_worker, _ = build_groups(network, DT, seed, workers, own)
    (cells,) = groups
    return cells, [part[0].inbox for part in per_worker]


def population(size, name="cells"):
    return Population(name, size, DeltaLIF())


def one(size, wiring, **options):
    """A network of one population that projects to itself."""
    cells = population(size)
    return network_of(Projection(cells, cells, wiring, **({"weight": 1 * mV} | options)))
