"""Kernel of ConductanceLIF.

With the conductances of the middle of a tick the equation of v is linear:

    dt dv/dt = pull - z v,   z = (1 + g_e + g_i) dt / tau,   pull = (level + g_e reversal_e + g_i reversal_i) dt / tau

where `level` is rest and what the current adds. Its solution, v -> v exp(-z) + (1 - exp(-z)) pull / z, is one division
if 1 + z q, q = 1 + z/2 + z^2/6, stands for exp(z): (v + q pull) / (1 + z q).
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.decay import ticks
from reafference.engine.stepped import conductances, stepped
from reafference.network.neurons import ConductanceLIF
from reafference.network.values import PerNeuron


class ConductanceState(NamedTuple):
    """What changes from tick to tick."""

    v: float  # volt
    g_e: float  # in units of the leak conductance
    g_i: float  # the same, not negative
    hold: int  # last tick of the refractory time


class ConductanceConstants(NamedTuple):
    """What a step needs to know."""

    decay_e: float  # of g_e in a tick
    decay_i: float
    middle_e: float  # of g_e in half a tick, times dt / tau
    middle_i: float
    leak: float  # dt / tau
    rest: float  # volt, times dt / tau
    resistance: float  # ohm, times dt / tau
    reversal_e: float  # volt
    reversal_i: float  # volt
    threshold: float  # volt
    reset: float  # volt
    refractory: int  # ticks


def start(neuron: ConductanceLIF) -> dict[str, PerNeuron]:
    """State at tick 0."""
    return {"v": neuron.rest if neuron.initial is None else neuron.initial, "g_e": 0.0, "g_i": 0.0, "hold": -1}


def constants(neuron: ConductanceLIF, dt: float) -> dict[str, PerNeuron]:
    """Constants of a step."""
    step_e, step_i, leak = (dt / np.asarray(tau) for tau in (neuron.tau_e, neuron.tau_i, neuron.tau))
    return {
        "decay_e": np.exp(-step_e),
        "decay_i": np.exp(-step_i),
        "middle_e": np.exp(-step_e / 2) * leak,
        "middle_i": np.exp(-step_i / 2) * leak,
        "leak": leak,
        "rest": neuron.rest * leak,
        "resistance": neuron.resistance * leak,
        "reversal_e": neuron.reversal_e,
        "reversal_i": neuron.reversal_i,
        "threshold": neuron.threshold,
        "reset": neuron.reset,
        "refractory": ticks(np.asarray(neuron.refractory), dt),
    }


def step(cell, own, current, tick):
    """State at `tick` from that at the tick before."""
    g_e, g_i = cell.g_e * own.middle_e, cell.g_i * own.middle_i
    z = own.leak + (g_e + g_i)
    pull = (own.rest + own.resistance * current) + (g_e * own.reversal_e + g_i * own.reversal_i)
    q = 1.0 + z * (1.0 / 2.0 + z * (1.0 / 6.0))
    v = (cell.v + q * pull) / (1.0 + z * q)
    return ConductanceState(
        v=v if tick > cell.hold else own.reset,
        g_e=cell.g_e * own.decay_e,
        g_i=cell.g_i * own.decay_i,
        hold=cell.hold,
    )


make, part, OBSERVABLES = stepped(
    ConductanceState, ConductanceConstants, start=start, constants=constants, step=step, receive=conductances
)
