"""Room that is left on cores, for groups of relays."""

from __future__ import annotations

import numpy as np

from reafference.chips.placement.check import Use
from reafference.chips.placement.graph import Graph, Int32s, Int64s
from reafference.chips.placement.limits import CoreLimits

PLENTY = 2**40


class Rooms:
    """Free places, axons and memory of each core; the first core with room takes a group, else a new one is opened.

    graph      a network whose neurons are on `core`
    axons_out  (cores,) axons that leave each core, those to relays among them
    """

    def __init__(self, limits: CoreLimits, graph: Graph, core: Int32s, axons_out: Int64s) -> None:
        self.limits = limits
        use = Use(graph, core)
        spent = np.array([use.neurons, use.axons_in, axons_out, use.bits(limits)], np.int64).reshape(4, use.cores)
        given = (limits.neurons, limits.axons_in, limits.axons_out, limits.synapse_bits)
        self.empty = np.array([PLENTY if limit is None else limit for limit in given], np.int64)
        self.free = self.empty[:, None] - spent

    @property
    def cores(self) -> int:
        """Cores, the new ones among them."""
        return self.free.shape[1]

    def home(self, relays: int, width: int) -> int:
        """Core for `relays` neurons that hear one axon and send `width`."""
        bits = 0 if self.limits.list_bits is None else int(self.limits.list_bits.table(relays)[relays])
        needed = np.array([relays, 1, width, bits], np.int64)
        fits = np.flatnonzero(np.all(self.free >= needed[:, None], axis=0))
        if not fits.size:
            self.free = np.column_stack([self.free, self.empty])
            fits = np.array([self.cores - 1])
        self.free[:, fits[0]] -= needed
        return int(fits[0])
