"""Kernel of AdEx: half a tick of the linear part, a tick of the exponential, half a tick of the linear part.

The linear part, tau dv/dt = rest - v + resistance (current - w) + g_e + g_i with the equations of w, g_e and g_i, is
solved by its propagator. The exponential alone, tau dv/dt = slope exp((v - threshold) / slope), is solved by

    v -> v - slope log(1 - y),   y = exp((v - threshold) / slope) dt / tau

and reaches infinity within the tick where y >= 1. The logarithm is taken by its Pade approximant

    -log(1 - y) = y (6 - 3 y) / (6 - 6 y + y^2)

which differs by y^5 / 180 and, for greater y, by 0.00084 at y = 1/2, beyond which the spike comes in the next tick.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.decay import ticks
from reafference.engine.exponential import exp
from reafference.engine.stepped import currents, stepped
from reafference.network.neurons import AdEx
from reafference.network.values import PerNeuron

LINEAR = ("v", "w", "e", "i", "current")  # what the linear part is about


class AdExState(NamedTuple):
    """What changes from tick to tick."""

    v: float  # volt
    w: float  # ampere
    g_e: float  # volt
    g_i: float  # volt, not positive
    hold: int  # last tick of the refractory time


class AdExConstants(NamedTuple):
    """What a step needs to know. x_from_y: what y adds to x in half a tick of the linear part; v counts from rest."""

    v_from_v: float
    v_from_w: float
    v_from_e: float
    v_from_i: float
    v_from_current: float
    w_from_v: float
    w_from_w: float
    w_from_e: float
    w_from_i: float
    w_from_current: float
    e_from_e: float
    i_from_i: float
    rest: float  # volt
    slope: float  # volt
    sharpness: float  # 1 / slope
    offset: float  # y = exp(sharpness (v - rest) + offset)
    height: float  # volt, peak - rest
    peak: float  # volt
    reset: float  # volt
    held: float  # decay of w in a tick while v is held
    target: float  # ampere, where w goes meanwhile
    b: float  # ampere
    refractory: int  # ticks


def propagator(neuron: AdEx, half: float) -> np.ndarray:
    """What each of (v - rest, w, g_e, g_i, current) makes of the others in `half` a tick (s), (5, 5, ...)."""
    names = ("tau", "tau_w", "tau_e", "tau_i", "resistance", "a")
    tau, tau_w, tau_e, tau_i, resistance, a = np.broadcast_arrays(*(getattr(neuron, name) for name in names))
    # w and the current as voltages: otherwise the numbers differ by too many powers of ten
    matrix = np.zeros((5, 5, *tau.shape))
    matrix[0, 0], matrix[0, 1], matrix[0, 2], matrix[0, 3], matrix[0, 4] = -1 / tau, -1 / tau, 1 / tau, 1 / tau, 1 / tau
    matrix[1, 0], matrix[1, 1] = resistance * a / tau_w, -1 / tau_w
    matrix[2, 2], matrix[3, 3] = -1 / tau_e, -1 / tau_i
    result = np.moveaxis(exponential(np.moveaxis(matrix * half, (0, 1), (-2, -1))), (-2, -1), (0, 1))
    result[:, [1, 4]] *= resistance
    result[1] /= resistance
    return result


def exponential(matrix: np.ndarray) -> np.ndarray:
    """Exponential of square matrices, (..., n, n): Taylor's series of a part of it, squared as often as needed."""
    size = float(np.abs(matrix).sum(axis=-1).max(initial=0.0))
    squarings = max(0, int(np.ceil(np.log2(max(size, 1e-300)))) + 2)
    small = matrix / 2.0**squarings
    term = np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape)
    result = term.copy()
    for k in range(1, 16):  # 0.25^15 / 15! is far below the last bit
        term = term @ small / k
        result += term
    for _ in range(squarings):
        result = result @ result
    return result


def start(neuron: AdEx) -> dict[str, PerNeuron]:
    """State at tick 0."""
    initial = neuron.rest if neuron.initial is None else neuron.initial
    return {"v": initial, "w": 0.0, "g_e": 0.0, "g_i": 0.0, "hold": -1}


def constants(neuron: AdEx, dt: float) -> dict[str, PerNeuron]:
    """Constants of a step."""
    p = propagator(neuron, dt / 2)
    return {
        **dict(zip((f"v_from_{name}" for name in LINEAR), p[0], strict=True)),
        **dict(zip((f"w_from_{name}" for name in LINEAR), p[1], strict=True)),
        "e_from_e": p[2, 2],
        "i_from_i": p[3, 3],
        "rest": neuron.rest,
        "slope": neuron.slope,
        "sharpness": 1 / np.asarray(neuron.slope),
        "offset": np.log(dt / np.asarray(neuron.tau)) + np.subtract(neuron.rest, neuron.threshold) / neuron.slope,
        "height": np.subtract(neuron.peak, neuron.rest),
        "peak": neuron.peak,
        "reset": neuron.reset,
        "held": np.exp(-dt / np.asarray(neuron.tau_w)),
        "target": np.asarray(neuron.a) * (np.asarray(neuron.reset) - neuron.rest),
        "b": neuron.b,
        "refractory": ticks(np.asarray(neuron.refractory), dt),
    }


def step(cell, own, current, tick):
    """State at `tick` from that at the tick before."""
    x, w, e, i = cell.v - own.rest, cell.w, cell.g_e, cell.g_i
    push, drag = own.v_from_current * current, own.w_from_current * current
    half_x = own.v_from_v * x + ((own.v_from_w * w + own.v_from_e * e) + (own.v_from_i * i + push))
    half_w = own.w_from_v * x + ((own.w_from_w * w + own.w_from_e * e) + (own.w_from_i * i + drag))
    half_e, half_i = e * own.e_from_e, i * own.i_from_i

    y = exp(half_x * own.sharpness + own.offset)
    over = half_x + own.slope * (y * (6.0 - 3.0 * y) / (6.0 + y * (y - 6.0)))
    spiking = (y >= 1.0) | (over >= own.height)
    x = own.height if spiking else over

    v = own.v_from_v * x + ((own.v_from_w * half_w + own.v_from_e * half_e) + (own.v_from_i * half_i + push))
    w = own.w_from_v * x + ((own.w_from_w * half_w + own.w_from_e * half_e) + (own.w_from_i * half_i + drag))
    held = tick <= cell.hold
    return AdExState(
        v=own.reset if held else (own.peak if spiking else own.rest + v),
        w=own.target + (cell.w - own.target) * own.held if held else w,
        g_e=half_e * own.e_from_e,
        g_i=half_i * own.i_from_i,
        hold=cell.hold,
    )


def spikes(cell, own):
    """Whether v is at its peak."""
    return cell.v >= own.peak


def reset(state, i, own, tick):
    """What follows a spike."""
    state.v[i] = own.reset
    state.w[i] += own.b
    state.hold[i] = tick + own.refractory


make, part, OBSERVABLES = stepped(
    AdExState,
    AdExConstants,
    start=start,
    constants=constants,
    step=step,
    receive=currents,
    spikes=spikes,
    reset=reset,
)
