"""Plain twin of a synapse with short-term plasticity: one tick after the other, from the equations."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plain import PlainSynapse


@dataclass
class TiringSynapse(PlainSynapse):
    """Time constants in ticks; 0: at once."""

    use: float = 0.5
    tau_recovery: float = 8000.0
    tau_facilitation: float = 0.0
    u: float = 0.0
    x: float = 1.0
    now: int = 0

    def act(self, tick: int) -> float:
        """Bring u and x to `tick`, and let an event pass."""
        if self.tau_facilitation == 0:
            self.u = 0.0
        if self.tau_recovery == 0:
            self.x = 1.0
        while self.now < tick:
            self.now += 1
            if self.tau_facilitation > 0:
                self.u *= math.exp(-1 / self.tau_facilitation)
            if self.tau_recovery > 0:
                self.x += (1 - self.x) * -math.expm1(-1 / self.tau_recovery)
        self.u += self.use * (1 - self.u)
        released = self.u * self.x
        self.x -= released
        return self.weight * released
