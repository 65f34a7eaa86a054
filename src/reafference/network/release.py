"""Unreliable synapses: an event may fail to release transmitter."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.units import check_range


@dataclass(frozen=True, kw_only=True)
class Release:
    """An event passes with probability p and otherwise does nothing; strong synapses are the reliable ones.

        p = probability |w| / (|w| + half)

    probability     of synapses far above `half`, above 0 and up to 1; of all, where half = 0
    half            weight (V; leak conductances onto ConductanceLIF) at which p is half of that

    w is the synapse's own weight when the event arrives, whatever short-term plasticity makes of it. An event that
    fails is an event all the same: it is counted as work, learning sees it, and it uses up the resources
    of short-term plasticity, whose u then stands for the mean over failures.

    Whether an event passes depends on the seed of the run, the projection, the two neurons, the delay and the tick, and
    on nothing else: any number of threads and ranks gives the same spikes. Where a wiring joins the same two neurons
    twice with one delay, both synapses draw the same number: they are sites of one contact.

    Source: Teramae, Tsubo and Fukai, Sci. Rep. 2 (2012) 485, whose synapses fail with a / (a + V), V the EPSP.
    """

    probability: float = 1.0
    half: float = 0.0

    def check(self, projection: str, limit: float, unit: str) -> None:
        """Raise ValueError if a parameter cannot be meant, for weights up to `limit` in `unit`."""
        name = f"{projection}: Release"
        check_range(f"{name}.probability", self.probability, 1e-6, 1.0, "")
        check_range(f"{name}.half", self.half, 0.0, limit, unit)
