"""Spike-timing dependent plasticity that waits for reward."""

from __future__ import annotations

from dataclasses import dataclass, field

from reafference.network.plasticity.bounds import check_bounds
from reafference.network.plasticity.dependence import Additive
from reafference.network.plasticity.pairing import AllSpikes, Pairing
from reafference.network.plasticity.stdp import check_objects
from reafference.units import check_range, check_time, ms


@dataclass(frozen=True, kw_only=True)
class RewardSTDP:
    """Pairs of spikes leave an eligibility, which a modulator turns into weight: reward may come later.

        dx/dt = -x / tau_plus,    dy/dt = -y / tau_minus
        an event arrives:     c <- c - a_minus R y,   then x <- x + 1
        the target spikes:    c <- c + a_plus R x,    then y <- y + 1
        dc/dt = -c / tau_c,    dw/dt = M c / tau_c

    c   eligibility, V; kept as a float32, so each pair is right to about 6e-8 a R
    M   modulator, dimensionless: `modulator` at the start, then what Simulation.set_modulator says. A modulator that is
        1 for ever makes of each pair what PairSTDP with Additive() does, only later
    R   high - low; x, y, delays and what happens in one tick as in PairSTDP. For inhibitory synapses, low < high <= 0,
        c counts towards stronger inhibition

    A weight is clipped to [low, high] when an event arrives, before it is delivered. What it would have been beyond in
    between is dropped at that moment, not before; weights that are read are clipped as if an event had arrived.

    tau_c        s  decay of the eligibility; not below tau_plus
    modulator       M at the start
    The rest as in PairSTDP.

    Sources: Izhikevich, Cereb. Cortex 17 (2007) 2443-2452, whose M is a concentration of dopamine and whose dw/dt is
    M c, without division by tau_c; Fremaux and Gerstner, Front. Neural Circuits 9 (2016) 85.
    """

    high: float
    low: float = 0.0
    a_plus: float = 0.005
    a_minus: float = 0.00525
    tau_plus: float = 20 * ms
    tau_minus: float = 20 * ms
    tau_c: float = 1.0
    modulator: float = 0.0
    pairing: Pairing = field(default=AllSpikes())

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        name = f"{projection}: RewardSTDP"
        check_bounds(name, self)
        for amplitude in ("a_plus", "a_minus"):
            check_range(f"{name}.{amplitude}", getattr(self, amplitude), -1.0, 1.0, "")
        for constant in ("tau_plus", "tau_minus"):
            check_time(f"{name}.{constant}", getattr(self, constant), 1e-9, 10.0)
        check_time(f"{name}.tau_c", self.tau_c, 1e-9, 1e4)
        if self.tau_c < self.tau_plus:
            raise ValueError(
                f"{name}.tau_c = {self.tau_c:g} s is below tau_plus = {self.tau_plus:g} s; an eligibility must outlast "
                "the pairing."
            )
        check_range(f"{name}.modulator", self.modulator, -1e9, 1e9, "")
        check_objects(name, Additive(), self.pairing)
