"""Exponentials that all neurons of one kind share, told from a common origin in time.

A quantity that decays with exp(-step) a tick is stored as its value times exp(+k step), k ticks after the origin of an
*epoch*. Stored so, it does not change while nothing happens, whoever looks and whenever: an event costs one addition, a
neuron that hears nothing costs nothing, and a sweep over all neurons needs no store. At the end of an epoch everything
is multiplied once; origins lie at the same ticks whatever the number of threads.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import kernel

TABLE_BYTES = 2**25  # of all tables of a group
EPOCH = 1024  # longest epoch, ticks
EXPONENT = 240.0  # largest exponent of an epoch: far from the limits of float64 (709)
STEEPEST = 60.0  # a decay by more than exp(-60) in one tick is the same as by exp(-60): nothing is left
TIE = 1e-12  # a threshold counts as reached within this part of its distance from the level without input


def ticks(time: np.ndarray, dt: float) -> np.ndarray:
    """`time` (s) in whole ticks of `dt`, int64, to the nearest."""
    return np.rint(np.asarray(time) / dt).astype(np.int64)


def classes(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of the given parameter columns, (kinds, columns), and the row of each neuron, (neurons,) int32."""
    table = np.stack(columns, axis=1)
    fresh = np.ones(len(table), np.bool_)  # rows that differ from the one before: mostly as few as there are kinds
    fresh[1:] = (table[1:] != table[:-1]).any(axis=1)
    rows, inverse = np.unique(table[fresh], axis=0, return_inverse=True)
    return np.ascontiguousarray(rows), inverse.reshape(-1).astype(np.int32)[np.cumsum(fresh) - 1]


def runs(kind: np.ndarray) -> np.ndarray:
    """Where stretches of neurons of one kind begin, and the end: (stretches + 1,) int64."""
    if kind.size == 0:
        return np.zeros(1, np.int64)
    cuts = np.flatnonzero(np.diff(kind)) + 1
    return np.concatenate([[0], cuts, [kind.size]]).astype(np.int64)


def steps(dt: float, tau: np.ndarray) -> np.ndarray:
    """dt / tau, not above STEEPEST."""
    return np.minimum(dt / tau, STEEPEST)


def epoch_length(kinds: int, steepest: float, columns: int) -> int:
    """Ticks of an epoch: so that exponents stay in range and tables of so many `columns` stay small."""
    by_range = EXPONENT / max(steepest, 1e-300)
    by_size = TABLE_BYTES // (8 * columns * max(kinds, 1))
    return int(max(4, min(EPOCH, by_range, by_size)))


def margin(threshold: np.ndarray, level: np.ndarray) -> np.ndarray:
    """How far threshold lies above the level without input (V), less the TIE."""
    distance = threshold - level
    return distance - TIE * np.abs(distance)


@kernel
def response(step_m, step_s, k):
    """Voltage after k ticks of a unit synaptic current that was 1 at tick 0.

    (exp(-k step_s) - exp(-k step_m)) * step_m / (step_m - step_s), written so that it stays exact where the two time
    constants are close or equal, and finite where one of the exponentials vanishes long before the other.
    """
    gap = abs(step_m - step_s) * k
    slow = step_m * k * np.exp(-min(step_m, step_s) * k)
    if gap < 1e-5:
        return slow * (1.0 - gap / 2.0 + gap * gap / 6.0)
    return slow * -np.expm1(-gap) / gap
