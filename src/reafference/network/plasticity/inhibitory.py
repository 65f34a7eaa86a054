"""Spike-timing dependent plasticity that balances excitation and inhibition."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.network.plasticity.bounds import check_bounds
from reafference.units import check_range, check_time, ms


@dataclass(frozen=True, kw_only=True)
class InhibitorySTDP:
    """Inhibition that grows until its target fires at a wanted rate.

        dx/dt = -x / tau,    dy/dt = -y / tau
        an event arrives:     |w| <- |w| + rate R (y - 2 target_rate tau),   then x <- x + 1
        the target spikes:    |w| <- |w| + rate R x,                         then y <- y + 1

    R = high - low; each change is clipped to [low, high], low < high <= 0. (With 0 <= low < high it is the same rule,
    of excitatory synapses.) x, y, delays and what happens in one tick as in PairSTDP.

    low, high    V   bounds of the weight
    rate             change for one pair, a part of R
    tau          s   decay of both traces
    target_rate  Hz  rate of the target at which events leave the weights as they are, on average

    Source: Vogels, Sprekeler, Zenke, Clopath and Gerstner, Science 334 (2011) 1569-1573: their eta is rate * R.
    """

    low: float
    high: float = 0.0
    rate: float = 0.005
    tau: float = 20 * ms
    target_rate: float = 5.0

    def check(self, projection: str) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        name = f"{projection}: InhibitorySTDP"
        check_bounds(name, self)
        check_range(f"{name}.rate", self.rate, 0.0, 1.0, "")
        check_time(f"{name}.tau", self.tau, 1e-9, 10.0)
        check_range(f"{name}.target_rate", self.target_rate, 0.0, 1e4, "Hz")
