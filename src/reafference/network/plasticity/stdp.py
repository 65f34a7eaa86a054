"""Spike-timing dependent plasticity of pairs and triplets of spikes."""

from __future__ import annotations

from dataclasses import dataclass, field

from reafference.network.plasticity.bounds import check_bounds
from reafference.network.plasticity.dependence import Additive, Dependence
from reafference.network.plasticity.pairing import AllSpikes, Pairing
from reafference.units import check_range, check_time, ms


@dataclass(frozen=True, kw_only=True)
class PairSTDP:
    """Before and after: a synapse grows where its events come before spikes of its target, and shrinks otherwise.

        dx/dt = -x / tau_plus,    dy/dt = -y / tau_minus
        an event arrives:     w <- w - a_minus F_minus(w) y,   then x <- x + 1
        the target spikes:    w <- w + a_plus F_plus(w) x,     then y <- y + 1

    x   presynaptic trace, one for each source and delay; an event counts when it arrives, so the delay of the
        projection is that of the axon, and the target's spike reaches the synapse without delay
    y   postsynaptic trace
    F   the weight dependence, V

    An event and a spike of its target in one tick are taken for the event first: the pair potentiates, in full.
    The event delivers the weight that it has just depressed.

    low, high           V  bounds of the weight; one sign, see `dependence`. An initial weight beyond them is an error
    a_plus, a_minus        change for one pair without time between its spikes, in units of F; for Additive the part of
                           high - low. Negative ones make the rule anti-Hebbian
    tau_plus, tau_minus s  decay of the traces
    dependence             Additive(), Multiplicative(), SoftBounds(...) or PowerLaw(...)
    pairing                AllSpikes() or NearestSpike(), which sets x and y to 1 instead of adding it

    Sources: Bi and Poo, J. Neurosci. 18 (1998) 10464-10472, for the window; Song, Miller and Abbott, Nat. Neurosci. 3
    (2000) 919-926, for the rule and the values; Morrison, Diesmann and Gerstner, Biol. Cybern. 98 (2008) 459-478, for
    traces.
    """

    high: float
    low: float = 0.0
    a_plus: float = 0.005
    a_minus: float = 0.00525
    tau_plus: float = 20 * ms
    tau_minus: float = 20 * ms
    dependence: Dependence = field(default=Additive())
    pairing: Pairing = field(default=AllSpikes())

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        name = f"{projection}: PairSTDP"
        check_bounds(name, self)
        for amplitude in ("a_plus", "a_minus"):
            check_range(f"{name}.{amplitude}", getattr(self, amplitude), -1.0, 1.0, "")
        for constant in ("tau_plus", "tau_minus"):
            check_time(f"{name}.{constant}", getattr(self, constant), 1e-9, 10.0)
        check_objects(name, self.dependence, self.pairing)


@dataclass(frozen=True, kw_only=True)
class TripletSTDP:
    """Pairs and triplets: potentiation grows with the rate of the target, as it does in cortex and hippocampus.

        dx/dt  = -x / tau_plus,     dy/dt  = -y / tau_minus       traces of pairs, as in PairSTDP
        dx2/dt = -x2 / tau_x,       dy2/dt = -y2 / tau_y          slow traces of the same spikes
        an event arrives:     w <- w - F_minus(w) y (a2_minus + a3_minus x2),   then x <- x + 1, x2 <- x2 + 1
        the target spikes:    w <- w + F_plus(w) x (a2_plus + a3_plus y2),      then y <- y + 1, y2 <- y2 + 1

    a2_plus, a2_minus   change for a pair, in units of F
    a3_plus, a3_minus   the same for a triplet: event, spike, spike and spike, event, event
    tau_x, tau_y     s  decay of the slow traces
    The rest as in PairSTDP; NearestSpike() sets the slow traces to 1, too.

    The defaults are the "minimal" model that Pfister and Gerstner fitted to visual cortex, all-to-all: their amplitudes
    are taken as parts of F, and a2_plus and a3_minus are 0 (so tau_x plays no part).
    Source: Pfister and Gerstner, J. Neurosci. 26 (2006) 9673-9682, equations 3 and 4 and the tables of fits.
    """

    high: float
    low: float = 0.0
    a2_plus: float = 0.0
    a2_minus: float = 7.1e-3
    a3_plus: float = 6.5e-3
    a3_minus: float = 0.0
    tau_plus: float = 16.8 * ms
    tau_minus: float = 33.7 * ms
    tau_x: float = 101 * ms
    tau_y: float = 114 * ms
    dependence: Dependence = field(default=Additive())
    pairing: Pairing = field(default=AllSpikes())

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        name = f"{projection}: TripletSTDP"
        check_bounds(name, self)
        for amplitude in ("a2_plus", "a2_minus", "a3_plus", "a3_minus"):
            check_range(f"{name}.{amplitude}", getattr(self, amplitude), -1.0, 1.0, "")
        for constant in ("tau_plus", "tau_minus", "tau_x", "tau_y"):
            check_time(f"{name}.{constant}", getattr(self, constant), 1e-9, 10.0)
        check_objects(name, self.dependence, self.pairing)


def check_objects(name: str, dependence: object, pairing: object) -> None:
    """Raise TypeError for what is no weight dependence or no pairing."""
    if not isinstance(dependence, Dependence):
        raise TypeError(
            f"{name}.dependence = {dependence!r}; give Additive(), Multiplicative(), SoftBounds(...) or PowerLaw(...)."
        )
    dependence.check(f"{name}: {type(dependence).__name__}")
    if not isinstance(pairing, Pairing):
        raise TypeError(f"{name}.pairing = {pairing!r}; give AllSpikes() or NearestSpike().")
