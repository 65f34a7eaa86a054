"""Adaptive exponential integrate-and-fire neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reafference.network.neurons.neuron import check_membrane, check_reset
from reafference.network.values import PerNeuron
from reafference.units import MOhm, check_range, check_time, ms, mV, nA, nS


@dataclass(frozen=True, kw_only=True, eq=False)
class AdEx:
    """Adaptive exponential integrate-and-fire neuron with exponentially decaying synaptic currents.

        tau dv/dt = rest - v + slope exp((v - threshold) / slope) + resistance (current - w) + g_e + g_i
        tau_w dw/dt = a (v - rest) - w
        tau_e dg_e/dt = -g_e,   tau_i dg_i/dt = -g_i
        at v >= peak: spike, then w = w + b and v = reset for `refractory`

    g_e and g_i are synaptic currents times the membrane resistance, as in CurrentLIF: weights are volts. During the
    refractory time, if there is one, w goes on with v = reset. At the start w = 0.

    tau, rest, reset, refractory, resistance, current, initial  as in DeltaLIF; tau = C / g_L, resistance = 1 / g_L
    tau_e, tau_i  s  time constants of excitatory and inhibitory synaptic current
    threshold     V  above which the exponential takes over (V_T): a spike begins, but is none yet
    slope         V  sharpness of that (Delta_T)
    peak          V  level that counts as a spike; the upstroke takes less than a tick, so it matters little
    tau_w         s  time constant of the adaptation
    a             S  adaptation below threshold; may be negative
    b             A  adaptation by a spike

    In a tick the linear part of the equations goes on for dt / 2, then the exponential alone for dt, then the linear
    part for dt / 2 (Strang splitting). The linear part is solved exactly, and of the exponential it is known where it
    reaches infinity: if within the tick, there is a spike, so v cannot blow up. The error is of second order in dt up
    to a spike; spikes lie on ticks.

    Defaults and model: Brette and Gerstner, J. Neurophysiol. 94 (2005) 3637-3642. Other firing patterns: Naud,
    Marcille, Clopath, Gerstner, Biol. Cybern. 99 (2008) 335-347, table 1. Method: Strang, SIAM J. Numer. Anal. 5 (1968)
    506-517.
    """

    kernel: ClassVar[str] = "reafference.engine.adex"

    tau: PerNeuron = 281 / 30 * ms
    tau_e: PerNeuron = 5 * ms
    tau_i: PerNeuron = 10 * ms
    tau_w: PerNeuron = 144 * ms
    rest: PerNeuron = -70.6 * mV
    threshold: PerNeuron = -50.4 * mV
    slope: PerNeuron = 2 * mV
    peak: PerNeuron = 0.0
    reset: PerNeuron = -70.6 * mV
    refractory: PerNeuron = 0.0
    resistance: PerNeuron = 1000 / 30 * MOhm
    a: PerNeuron = 4 * nS
    b: PerNeuron = 0.0805 * nA
    current: PerNeuron = 0.0
    initial: PerNeuron | None = None

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant for a population of `count` neurons."""
        name = check_membrane(self, population, count)
        check_range(f"{name}.peak", self.peak, -1.0, 1.0, "V")
        check_reset(name, self.reset, "peak", self.peak)
        for field_name in ("tau_e", "tau_i", "tau_w"):
            check_time(f"{name}.{field_name}", getattr(self, field_name), 1e-6, 100.0 if field_name == "tau_w" else 1.0)
        check_range(f"{name}.slope", self.slope, 1e-5, 0.1, "V")
        check_range(f"{name}.resistance", self.resistance, 1.0, 1e15, "Ohm")
        check_range(f"{name}.a", self.a, -1e-3, 1e-3, "S")
        check_range(f"{name}.b", self.b, -1e-6, 1e-6, "A")
