"""Leaky integrate-and-fire neurons as data: equations, parameters, sources. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from reafference.network.values import PerNeuron, check_shape
from reafference.units import MOhm, check_range, check_time, ms, mV


@runtime_checkable
class Neuron(Protocol):
    """What every neuron is: a frozen dataclass of parameters that names the module which runs it.

    kernel   import path of the engine's kernel module for this neuron; see CONTRIBUTING
    """

    kernel: ClassVar[str]

    def check(self, population: str, count: int) -> None:
        """Raise ValueError naming value, limit and remedy if a parameter cannot be meant."""
        ...


def check_membrane(neuron: DeltaLIF | CurrentLIF, population: str, count: int) -> None:
    """Checks that every leaky integrate-and-fire neuron shares."""
    for field in fields(neuron):
        value = getattr(neuron, field.name)
        if value is not None:
            check_shape(f"{population}: {type(neuron).__name__}.{field.name}", value, count)
    name = f"{population}: {type(neuron).__name__}"
    check_time(f"{name}.tau", neuron.tau, 1e-10, 1.0)
    check_time(f"{name}.refractory", neuron.refractory, 0.0, 0.5)
    for field_name in ("rest", "threshold", "reset"):
        check_range(f"{name}.{field_name}", getattr(neuron, field_name), -1.0, 1.0, "V")
    check_range(f"{name}.resistance", neuron.resistance, 0.0, 1e15, "Ohm")
    check_range(f"{name}.current", neuron.current, -1e-6, 1e-6, "A")
    if neuron.initial is not None:
        check_range(f"{name}.initial", neuron.initial, -1.0, 1.0, "V")
    if np.any(np.asarray(neuron.reset) >= np.asarray(neuron.threshold)):
        raise ValueError(
            f"{name}.reset = {neuron.reset} V is not below threshold = {neuron.threshold} V; the neuron would fire at "
            "every tick. Lower reset or raise threshold."
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DeltaLIF:
    """Leaky integrate-and-fire neuron whose synapses act at once (voltage jumps).

        tau dv/dt = rest - v + resistance * current;   at v >= threshold: spike, then v = reset for `refractory`

    Between two input events the solution is closed, so the engine jumps from event to event. An event that arrives
    during the refractory time is lost, as in NEST's `iaf_psc_delta`.

    tau         s    membrane time constant
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
        check_membrane(self, population, count)


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
        check_membrane(self, population, count)
        name = f"{population}: {type(self).__name__}"
        check_time(f"{name}.tau_e", self.tau_e, 1e-10, 1.0)
        check_time(f"{name}.tau_i", self.tau_i, 1e-10, 1.0)
