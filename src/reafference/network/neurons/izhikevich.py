"""Izhikevich's simple model of spiking neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reafference.network.neurons.neuron import check_shapes
from reafference.network.values import PerNeuron
from reafference.units import check_range, ms, mV, pF


@dataclass(frozen=True, kw_only=True, eq=False)
class Izhikevich:
    """Izhikevich's neuron, with synapses that act at once (voltage jumps).

        dv/dt = 40000 v^2 + 5000 v + 140 - u + current / capacitance
        du/dt = a (b v - u);   at v >= 30 mV: spike, then v = c and u = u + d

    These are the equations of the paper (0.04 v^2 + 5 v + 140 - u + I, in mV and ms) in V and s: 1 mV/ms is 1 V/s. So
    a and b of the paper are multiplied by 1 / ms, c by mV, and d and u keep their numbers. The paper's I = 10 is a
    current of 10 pA with the capacitance of 1 pF, and its synaptic weight of 0.5 is 0.5 mV. There is no refractory
    time.

    a            1/s  rate of the recovery u
    b            1/s  coupling of u to v
    c            V    reset of v
    d            V/s  jump of u
    capacitance  F    of the membrane: turns current into dv/dt
    current      A    constant current
    initial      V    v at the start; u is b v then

    Each tick is a step of Kahan's method: quadratic terms v^2 become v(t) v(t + dt), linear ones the mean of both, and
    the equations are solved for the new state. It is of second order in dt, and goes through infinity as the solution
    does, so v cannot blow up: where it has passed infinity within a tick, there is a spike. Spikes lie on ticks; dt is
    at most 1 ms.

    regular spiking        a = 0.02 / ms, b = 0.2 / ms, c = -65 mV, d = 8      (the defaults)
    intrinsic bursting     c = -55 mV, d = 4
    chattering             c = -50 mV, d = 2
    fast spiking           a = 0.1 / ms, d = 2
    low-threshold spiking  b = 0.25 / ms, d = 2

    Sources: Izhikevich, IEEE Trans. Neural Netw. 14 (2003) 1569-1572, and 15 (2004) 1063-1070 for more parameters;
    Kahan and Li, J. Comput. Phys. 134 (1997) 316-331, for the method.
    """

    kernel: ClassVar[str] = "reafference.engine.izhikevich"

    a: PerNeuron = 0.02 / ms
    b: PerNeuron = 0.2 / ms
    c: PerNeuron = -65 * mV
    d: PerNeuron = 8.0
    capacitance: PerNeuron = 1 * pF
    current: PerNeuron = 0.0
    initial: PerNeuron = -65 * mV

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant for a population of `count` neurons."""
        name = check_shapes(self, population, count)
        for field_name, limit in (("a", 1e3), ("b", 1e5)):
            value = getattr(self, field_name)
            check_range(f"{name}.{field_name}", value, -limit, limit, "1/s")
            size = np.abs(np.asarray(value))
            if np.any((size > 0.0) & (size <= 1.0)):
                raise ValueError(
                    f"{name}.{field_name} = {value} 1/s is far below the 10 to 1000 1/s of neurons; did you mean "
                    f"{value} / ms?"
                )
        check_range(f"{name}.c", self.c, -1.0, 0.029, "V")
        check_range(f"{name}.d", self.d, -1e3, 1e3, "V/s")
        check_range(f"{name}.capacitance", self.capacitance, 1e-15, 1e-6, "F")
        check_range(f"{name}.current", self.current, -1e-6, 1e-6, "A")
        check_range(f"{name}.initial", self.initial, -1.0, 0.03, "V")
