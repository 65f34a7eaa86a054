"""Kernel of Izhikevich: Kahan's method.

From (v, u) to (V, U) in a tick of h, with dv/dt = QUADRATIC v^2 + LINEAR v + CONSTANT - u + current / capacitance:

    (V - v) / h = QUADRATIC v V + LINEAR (v + V) / 2 + CONSTANT + current / capacitance - (u + U) / 2
    (U - u) / h = a (b (v + V) / 2 - (u + U) / 2)

The second line gives U = keep u + gain (v + V); that in the first gives V as a fraction. Where its denominator has
fallen to 0, V has passed infinity.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.stepped import stepped
from reafference.network.neurons import Izhikevich
from reafference.network.values import PerNeuron
from reafference.units import check_time

QUADRATIC = 40_000.0  # 1 / (V s): 0.04 / (mV ms)
LINEAR = 5_000.0  # 1 / s: 5 / ms
CONSTANT = 140.0  # V / s: 140 mV / ms
PEAK = 0.03  # V
LONGEST = 1e-3  # s, of a tick


class IzhikevichState(NamedTuple):
    """What changes from tick to tick."""

    v: float  # volt
    u: float  # volt / second


class IzhikevichConstants(NamedTuple):
    """What a step needs to know; k = dt (LINEAR - gain / dt) / 2 is the linear part after U has been put in."""

    above: float  # 1 + k
    below: float  # 1 - k
    curve: float  # dt QUADRATIC, 1 / V
    push: float  # dt CONSTANT, V
    recovery: float  # dt (1 + keep) / 2, s
    charge: float  # dt / capacitance, V / A
    keep: float  # of u in a tick
    gain: float  # 1 / s, of u from v
    c: float  # volt
    d: float  # volt / second


def start(neuron: Izhikevich) -> dict[str, PerNeuron]:
    """State at tick 0."""
    return {"v": neuron.initial, "u": np.multiply(neuron.b, neuron.initial)}


def constants(neuron: Izhikevich, dt: float) -> dict[str, PerNeuron]:
    """Constants of a step."""
    check_time("dt of a network with Izhikevich neurons", dt, 0.0, LONGEST)
    a, b = np.asarray(neuron.a), np.asarray(neuron.b)
    half = dt * a / 2
    keep, gain = (1 - half) / (1 + half), half * b / (1 + half)
    k = dt * (LINEAR - gain) / 2
    return {
        "above": 1 + k,
        "below": 1 - k,
        "curve": dt * QUADRATIC,
        "push": dt * CONSTANT,
        "recovery": dt * (1 + keep) / 2,
        "charge": dt / np.asarray(neuron.capacitance),
        "keep": keep,
        "gain": gain,
        "c": neuron.c,
        "d": neuron.d,
    }


def step(cell, own, current, tick):
    """State at `tick` from that at the tick before."""
    upper = cell.v * own.above + own.push + own.charge * current - own.recovery * cell.u
    lower = own.below - own.curve * cell.v
    v = min(upper / lower, PEAK) if lower > 0.0 else PEAK
    return IzhikevichState(v=v, u=own.keep * cell.u + own.gain * (cell.v + v))


def receive(state, i, weight, tick):
    """An event moves v."""
    state.v[i] += weight


def spikes(cell, own):
    """Whether v is at its peak."""
    return cell.v >= PEAK


def reset(state, i, own, tick):
    """What follows a spike."""
    state.v[i] = own.c
    state.u[i] += own.d


make, part, OBSERVABLES = stepped(
    IzhikevichState,
    IzhikevichConstants,
    start=start,
    constants=constants,
    step=step,
    receive=receive,
    spikes=spikes,
    reset=reset,
)
