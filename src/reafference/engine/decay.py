"""Powers of decay factors, by table for short times and by formula beyond: the same bits either way."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import kernel, piece

TABLE_BYTES = 2**20  # of each table: it should stay in the second-level cache


def ticks(time: np.ndarray, dt: float) -> np.ndarray:
    """`time` (s) in whole ticks of `dt`, int64, to the nearest."""
    return np.rint(np.asarray(time) / dt).astype(np.int64)


def classes(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of the given parameter columns, (kinds, columns), and the row of each neuron, (neurons,) int32."""
    rows, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    return np.ascontiguousarray(rows), inverse.reshape(-1).astype(np.int32)


def table_length(kinds: int) -> int:
    """Number of ticks that a table of `kinds` rows covers."""
    return int(np.clip(TABLE_BYTES // (8 * max(kinds, 1)), 2, 4096))


@kernel
def fill_decay(step, table):
    """Write exp(-k step) into `table`."""
    for kind in range(step.size):
        for k in range(table.shape[1]):
            table[kind, k] = np.exp(-step[kind] * k)


def decay_table(step: np.ndarray) -> np.ndarray:
    """exp(-k step), (kinds, ticks)."""
    table = np.empty((step.size, table_length(step.size)))
    fill_decay(np.ascontiguousarray(step), table)
    return table


@piece
def decay_power(table, step, kind, k):
    """exp(-k step[kind])."""
    if k < table.shape[1]:
        return table[kind, k]
    return np.exp(-step[kind] * k)


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


@kernel
def fill_response(step_m, step_s, table):
    """Write `response` into `table`."""
    for kind in range(step_m.size):
        for k in range(table.shape[1]):
            table[kind, k] = response(step_m[kind], step_s[kind], k)


def response_table(step_m: np.ndarray, step_s: np.ndarray) -> np.ndarray:
    """`response` for every kind and tick, (kinds, ticks)."""
    table = np.empty((step_m.size, table_length(step_m.size)))
    fill_response(np.ascontiguousarray(step_m), np.ascontiguousarray(step_s), table)
    return table


@piece
def response_power(table, step_m, step_s, kind, k):
    """`response` of one kind after k ticks."""
    if k < table.shape[1]:
        return table[kind, k]
    return response(step_m[kind], step_s[kind], k)
