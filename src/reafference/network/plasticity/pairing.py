"""Which spikes of the one side count when the other side spikes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AllSpikes:
    """All earlier spikes: a trace grows by 1 at each of its spikes.

    Source: Morrison, Diesmann and Gerstner, Biol. Cybern. 98 (2008) 459-478, section 4.1 ("all-to-all").
    """


@dataclass(frozen=True)
class NearestSpike:
    """Only the latest one: a trace is set to 1 at each of its spikes.

    Source: as AllSpikes, there "symmetric nearest neighbour" (its figure 7A): a presynaptic spike is paired with the
    last postsynaptic one, and a postsynaptic with the last presynaptic.
    """


Pairing = AllSpikes | NearestSpike
