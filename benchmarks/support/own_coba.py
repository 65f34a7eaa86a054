"""A neuron as a user writes it, outside the package: the equations of ConductanceLIF once more.

A frozen dataclass that describes it, and one step. CONTRIBUTING explains the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from reafference.engine.stepped import stepped
from reafference.units import check_time, ms, mV


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnCOBA:
    """Leaky integrate-and-fire neuron with exponential conductances in units of the leak."""

    kernel: ClassVar[str] = "support.own_coba"
    weight_unit: ClassVar[str] = ""

    tau: float = 20 * ms
    tau_e: float = 5 * ms
    tau_i: float = 10 * ms
    rest: float = -60 * mV
    reversal_e: float = 0.0
    reversal_i: float = -80 * mV
    threshold: float = -50 * mV
    reset: float = -60 * mV
    refractory: float = 5 * ms

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_time(f"{population}: OwnCOBA.tau", self.tau, 1e-6, 1.0)


class State(NamedTuple):
    """What changes from tick to tick."""

    v: float
    g_e: float
    g_i: float
    hold: int


class Constants(NamedTuple):
    """What a step needs to know."""

    rate: float
    keep_e: float
    keep_i: float
    half_e: float
    half_i: float
    rest: float
    reversal_e: float
    reversal_i: float
    threshold: float
    reset: float
    refractory: int


def start(neuron: OwnCOBA) -> dict[str, float]:
    """State at tick 0."""
    return {"v": neuron.rest, "g_e": 0.0, "g_i": 0.0, "hold": -1}


def constants(neuron: OwnCOBA, dt: float) -> dict[str, float]:
    """Constants of a step."""
    return {
        "rate": dt / neuron.tau,
        "keep_e": np.exp(-dt / neuron.tau_e),
        "keep_i": np.exp(-dt / neuron.tau_i),
        "half_e": np.exp(-dt / neuron.tau_e / 2),
        "half_i": np.exp(-dt / neuron.tau_i / 2),
        "rest": neuron.rest,
        "reversal_e": neuron.reversal_e,
        "reversal_i": neuron.reversal_i,
        "threshold": neuron.threshold,
        "reset": neuron.reset,
        "refractory": round(neuron.refractory / dt),
    }


def step(cell: State, own: Constants, current: float, tick: int) -> State:
    """Exponential midpoint rule: the conductances of half a tick later, held for a tick."""
    g_e, g_i = cell.g_e * own.half_e, cell.g_i * own.half_i
    z = own.rate * (1.0 + g_e + g_i)
    pull = own.rate * (own.rest + g_e * own.reversal_e + g_i * own.reversal_i)
    q = 1.0 + z * (0.5 + z * (1.0 / 6.0))
    v = (cell.v + q * pull) / (1.0 + z * q)
    held = tick <= cell.hold
    return State(v=own.reset if held else v, g_e=cell.g_e * own.keep_e, g_i=cell.g_i * own.keep_i, hold=cell.hold)


make, part, OBSERVABLES = stepped(State, Constants, start=start, constants=constants, step=step)
