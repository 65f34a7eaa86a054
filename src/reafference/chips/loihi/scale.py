"""How many volts one unit of Loihi's registers stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.compartments import LIMITS, THRESHOLD_SHIFT

Floats = npt.NDArray[np.float64]
INPUT_LIMIT = 2**21  # of the sum of the weights that reach a neuron in a tick
BIAS_LIMIT = LIMITS["bias_mantissa"][1] * 2 ** LIMITS["bias_exponent"][1]
THRESHOLD_LIMIT = LIMITS["threshold"][1] << THRESHOLD_SHIFT


@dataclass(frozen=True, kw_only=True)
class Span:
    """The largest quantities of a population, as v sees them in V."""

    threshold: float
    bias: float
    initial: float
    weight: float

    def finest(self, headroom: int) -> float:
        """V of one unit: the smallest at which every quantity stays in its register.

        headroom  how many of the strongest events must be able to reach a neuron in one tick
        """
        return max(
            self.threshold / THRESHOLD_LIMIT,
            self.bias / BIAS_LIMIT,
            self.initial / LIMITS["v"][1],
            self.weight * headroom / INPUT_LIMIT,
        )


def propagator(tau: Floats, tau_s: Floats, dt: float) -> Floats:
    """Part of a synaptic current (as a voltage) that v gains in a tick: (1 / tau) of the integral of both decays.

    tau, tau_s  (neurons,) s, of the membrane and of the current
    """
    difference = dt / tau - dt / tau_s
    small = np.abs(difference) < 1e-12
    safe = np.where(small, 1.0, difference)
    return dt / tau * np.exp(-dt / tau) * np.where(small, 1.0, np.expm1(safe) / safe)
