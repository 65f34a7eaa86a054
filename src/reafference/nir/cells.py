"""NIR's neurons as neurons of this package."""

from __future__ import annotations

from typing import Any

import numpy as np

from reafference.network import CurrentLIF, DeltaLIF
from reafference.nir.convention import Convention, Floats, Units

MOST_START = 1.0  # V, either way
NEAR = 1e-6  # of the way to the level without input: just below threshold
NEURONS = "LIF", "CubaLIF", "IF"


def neuron_of(node: Any, constant: Floats, depth: int, convention: Convention, units: Units) -> DeltaLIF | CurrentLIF:
    """The neuron of a LIF, CubaLIF or IF.

    constant  (neurons,) what biases add to its input, in NIR's numbers
    depth     populations that a spike of an Input has to pass

    Raises ValueError for what no neuron here can hold.
    """
    count = constant.size
    resistance = one_or_each(each(node.r, count) * units.resistance)
    threshold, reset = (one_or_each(each(v, count) * units.voltage) for v in (node.v_threshold, node.v_reset))
    if type(node).__name__ == "IF":
        if np.any(constant):
            raise ValueError("a bias drives a neuron without leak, which no neuron of this package can hold")
        return DeltaLIF(
            tau=np.inf, rest=0.0, threshold=threshold, reset=reset, refractory=0.0, resistance=resistance, initial=0.0
        )
    cuba = type(node).__name__ == "CubaLIF"
    rest = each(node.v_leak, count) * units.voltage
    current = constant * units.current * (each(node.w_in, count) if cuba else 1.0)
    tau = convention.membrane(each(node.tau_mem if cuba else node.tau, count) * units.time)
    level = rest + each(node.r, count) * units.resistance * current
    left = convention.before(depth, tau), convention.before(min(depth, 1), tau)
    initial = one_or_each(start(level, *left, each(node.v_threshold, count) * units.voltage))
    if not cuba:
        return DeltaLIF(
            tau=one_or_each(tau),
            rest=one_or_each(rest),
            threshold=threshold,
            reset=reset,
            refractory=0.0,
            resistance=resistance,
            current=one_or_each(current),
            initial=initial,
        )
    tau_s = one_or_each(convention.membrane(each(node.tau_syn, count) * units.time))
    return CurrentLIF(
        tau=one_or_each(tau),
        tau_e=tau_s,
        tau_i=tau_s,
        rest=one_or_each(rest),
        threshold=threshold,
        reset=reset,
        refractory=0.0,
        resistance=resistance,
        current=one_or_each(current),
        initial=initial,
    )


def gain_of(node: Any, count: int, convention: Convention, units: Units) -> Floats:
    """V that an event of weight 1 adds to each neuron of a node, (count,)."""
    r = each(node.r, count) * units.voltage
    if type(node).__name__ == "IF":
        return r * convention.if_gain(units.time)
    if type(node).__name__ == "LIF":
        return r * convention.lif_gain(each(node.tau, count) * units.time, units.time)
    taus = each(node.tau_mem, count) * units.time, each(node.tau_syn, count) * units.time
    return r * (each(node.w_in, count) * convention.cuba_gain(*taus, units.time))


def start(level: Floats, left: Floats, tick: Floats, threshold: Floats) -> Floats:
    """Where v starts to be 0 by the time that a share `left` of its distance from `level` is left, V.

    tick  the share that is left after one tick, at which v must be below threshold: where that is not enough, and where
          it were more than a neuron may start with, v is a little off 0 by then
    """
    initial = level - level / left
    first = level + (initial - level) * tick
    highest = np.maximum(threshold - NEAR * np.abs(threshold - level), 0.0)
    initial = np.where((initial > 0.0) & (first > highest), level + (highest - level) / tick, initial)
    return np.clip(initial, -MOST_START, MOST_START)


def each(value: Any, count: int) -> Floats:
    """A parameter of each neuron, flattened."""
    return np.asarray(value, np.float64).reshape(count)


def one_or_each(value: Floats) -> Any:
    """One number where all are the same."""
    return float(value[0]) if value.size and np.all(value == value[0]) else value
