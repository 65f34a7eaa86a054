"""Leaky integrate-and-fire neurons whose equations have a closed solution between events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reafference.network.neurons.neuron import check_membrane, check_reset
from reafference.network.values import PerNeuron, check_shape
from reafference.units import MOhm, check_time, ms, mV


@dataclass(frozen=True, kw_only=True, eq=False)
class DeltaLIF:
    """Leaky integrate-and-fire neuron whose synapses act at once (voltage jumps).

        tau dv/dt = rest - v + resistance * current;   at v >= threshold: spike, then v = reset for `refractory`

    Between two input events the solution is closed, so the engine jumps from event to event. An event that arrives
    during the refractory time is lost, as in NEST's `iaf_psc_delta`.

    tau         s    membrane time constant; inf: no leak, v stays where events put it (a perfect integrator)
    rest        V    level that v decays to without current
    threshold   V    level that makes a spike
    reset       V    level after a spike
    refractory  s    time that v is held at reset, rounded to whole ticks
    resistance  Ohm  of the membrane: turns current into voltage
    current     A    constant current
    initial     V    v at the start; None: rest

    Every parameter is one number or one for each neuron of the population.
    Source: Gerstner, Kistler, Naud, Paninski, *Neuronal Dynamics* (2014), section 1.3.
    """

    kernel: ClassVar[str] = "reafference.engine.delta"

    tau: PerNeuron = 20 * ms
    rest: PerNeuron = -65 * mV
    threshold: PerNeuron = -50 * mV
    reset: PerNeuron = -65 * mV
    refractory: PerNeuron = 2 * ms
    resistance: PerNeuron = 100 * MOhm
    current: PerNeuron = 0.0
    initial: PerNeuron | None = None

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant for a population of `count` neurons."""
        free = np.equal(check_shape(f"{population}: DeltaLIF.tau", self.tau, count), np.inf)
        name = check_membrane(self, population, count, tau=np.where(free, 1.0, self.tau) if free.any() else None)
        check_reset(name, self.reset, "threshold", self.threshold)
        if np.any(free & (np.asarray(self.current) != 0.0)):
            raise ValueError(
                f"{name}.current = {self.current} A does nothing where tau is infinite; leave one of them out."
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class CurrentLIF:
    """Leaky integrate-and-fire neuron with exponentially decaying synaptic currents.

        tau dv/dt = rest - v + resistance * current + g_e + g_i
        tau_e dg_e/dt = -g_e,   tau_i dg_i/dt = -g_i;   at v >= threshold: spike, then v = reset for `refractory`

    g_e and g_i are synaptic currents times the membrane resistance, so weights are volts here too: an event of weight
    w > 0 adds w to g_e, one of w < 0 adds it to g_i. Integration on the grid is exact (propagators of the linear
    system). Currents go on during the refractory time, as in NEST's `iaf_psc_exp`.

    tau_e, tau_i  s  time constants of excitatory and inhibitory synaptic current; the rest as in DeltaLIF

    Source: Rotter and Diesmann, Biol. Cybern. 81 (1999) 381-402, for exact integration on a grid.
    """

    kernel: ClassVar[str] = "reafference.engine.current"

    tau: PerNeuron = 20 * ms
    tau_e: PerNeuron = 5 * ms
    tau_i: PerNeuron = 10 * ms
    rest: PerNeuron = -65 * mV
    threshold: PerNeuron = -50 * mV
    reset: PerNeuron = -65 * mV
    refractory: PerNeuron = 2 * ms
    resistance: PerNeuron = 100 * MOhm
    current: PerNeuron = 0.0
    initial: PerNeuron | None = None

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant for a population of `count` neurons."""
        name = check_membrane(self, population, count)
        check_reset(name, self.reset, "threshold", self.threshold)
        check_time(f"{name}.tau_e", self.tau_e, 1e-10, 1.0)
        check_time(f"{name}.tau_i", self.tau_i, 1e-10, 1.0)
