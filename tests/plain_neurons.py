"""Plain twins of the neurons that are advanced at every tick: one neuron, one tick, Python floats.

They are written from the equations and the method that the neuron's docstring names, and share no code with the
kernels. In every tick: `advance` from the tick before, `receive` each event, then ask whether it `spikes`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm


@dataclass
class PlainConductance:
    """ConductanceLIF. SI units; times in ticks where they are int."""

    dt: float
    tau: float
    tau_e: float
    tau_i: float
    rest: float
    reversal_e: float
    reversal_i: float
    threshold: float
    reset: float
    refractory: int
    resistance: float
    v: float
    g_e: float = 0.0
    g_i: float = 0.0
    held_until: int = -1

    def advance(self, tick: int, current: float) -> None:
        g_e = self.g_e * math.exp(-self.dt / 2 / self.tau_e)
        g_i = self.g_i * math.exp(-self.dt / 2 / self.tau_i)
        conductance = 1 + g_e + g_i
        goal = (self.rest + self.resistance * current + g_e * self.reversal_e + g_i * self.reversal_i) / conductance
        z = self.dt * conductance / self.tau
        self.v = goal + (self.v - goal) / (1 + z + z**2 / 2 + z**3 / 6)
        if tick <= self.held_until:
            self.v = self.reset
        self.g_e *= math.exp(-self.dt / self.tau_e)
        self.g_i *= math.exp(-self.dt / self.tau_i)

    def receive(self, weight: float, tick: int) -> None:
        if weight > 0:
            self.g_e += weight
        else:
            self.g_i += abs(weight)

    def spikes(self, tick: int) -> bool:
        if self.v < self.threshold:
            return False
        self.v = self.reset
        self.held_until = tick + self.refractory
        return True


@dataclass
class PlainAdEx:
    """AdEx in the units of the papers: mV, ms, pA, nS, pF. Synaptic currents are pA."""

    dt: float
    capacitance: float
    leak: float
    tau_e: float
    tau_i: float
    tau_w: float
    rest: float
    threshold: float
    slope: float
    peak: float
    reset: float
    refractory: int
    a: float
    b: float
    v: float
    w: float = 0.0
    e: float = 0.0
    i: float = 0.0
    held_until: int = -1

    def __post_init__(self) -> None:
        c, tau_w = self.capacitance, self.tau_w
        # d/dt of (v, w, e, i, current, 1), without the exponential
        self.linear = expm(
            self.dt
            / 2
            * np.array(
                [
                    [-self.leak / c, -1 / c, 1 / c, 1 / c, 1 / c, self.leak * self.rest / c],
                    [self.a / tau_w, -1 / tau_w, 0, 0, 0, -self.a * self.rest / tau_w],
                    [0, 0, -1 / self.tau_e, 0, 0, 0],
                    [0, 0, 0, -1 / self.tau_i, 0, 0],
                    [0, 0, 0, 0, 0, 0],
                    [0, 0, 0, 0, 0, 0],
                ]
            )
        )

    def advance(self, tick: int, current: float) -> None:
        v, w, self.e, self.i = self.split(current)
        if tick <= self.held_until:
            goal = self.a * (self.reset - self.rest)
            v, w = self.reset, goal + (self.w - goal) * math.exp(-self.dt / self.tau_w)
        self.v, self.w = v, w

    def split(self, current: float) -> tuple[float, float, float, float]:
        """Linear part, exponential, linear part; v is `peak` where the exponential has led there."""
        x = self.linear @ np.array([self.v, self.w, self.e, self.i, current, 1.0])
        y = math.exp((x[0] - self.threshold) / self.slope) * self.dt * self.leak / self.capacitance
        x[0] += self.slope * y * (6 - 3 * y) / (6 - 6 * y + y**2)
        spiking = y >= 1 or x[0] >= self.peak
        if spiking:
            x[0] = self.peak
        v, w, e, i = (self.linear @ x)[:4].tolist()
        return self.peak if spiking else v, w, e, i

    def receive(self, weight: float, tick: int) -> None:
        if weight > 0:
            self.e += weight
        else:
            self.i += weight

    def spikes(self, tick: int) -> bool:
        if self.v < self.peak:
            return False
        self.v = self.reset
        self.w += self.b
        self.held_until = tick + self.refractory
        return True


@dataclass
class PlainIzhikevich:
    """Izhikevich in the units of the paper: mV, ms."""

    dt: float
    a: float
    b: float
    c: float
    d: float
    v: float
    u: float

    def advance(self, tick: int, current: float) -> None:
        h, v, u, a, b = self.dt, self.v, self.u, self.a, self.b
        # Kahan's method, (V - v) / h = 0.04 v V + 5 (v + V) / 2 + ... and (U - u) / h = ..., is linear in V and U:
        #     vv V + vu U = right_v,   uv V + uu U = right_u
        vv, vu, right_v = 1 - h * (0.04 * v + 5 / 2), h / 2, v + h * (5 * v / 2 + 140 + current - u / 2)
        uv, uu, right_u = -h * a * b / 2, 1 + h * a / 2, u + h * a * (b * v - u) / 2
        determinant = vv * uu - vu * uv
        if determinant > 0:
            self.v = min((right_v * uu - vu * right_u) / determinant, 30.0)
        else:  # v has passed infinity
            self.v = 30.0
        self.u = (right_u - uv * self.v) / uu

    def receive(self, weight: float, tick: int) -> None:
        self.v += weight

    def spikes(self, tick: int) -> bool:
        if self.v < 30:
            return False
        self.v = self.c
        self.u += self.d
        return True
