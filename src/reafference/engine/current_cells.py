"""State and tables of CurrentLIF: exponential synaptic currents, exact between events.

The solution between two events is a sum of three exponentials. Stored are their amplitudes at the origin of the epoch
(see decay.py), k ticks ago:

    g_e = e E_e(k),   g_i = i E_i(k),   v = level + m E_m(k) + e F_e(k) + i F_i(k)

E are the decays of membrane and currents. F(k) is the voltage that a current makes: with time constants well apart
F = E c, c = tau_s / (tau_s - tau); with close ones, where that cancels, F is the response from rest since the origin
(decay.response), which is exact for equal ones too. An event of weight w adds w / E_e to e and -w F_e / (E_e E_m) to m,
so that v itself does not jump; nothing else changes the amplitudes.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.decay import classes, epoch_length, margin, response, runs, steps, ticks
from reafference.engine.kernel import kernel, piece
from reafference.engine.refractory import empty_ring
from reafference.network.neurons import CurrentLIF
from reafference.network.values import per_neuron

OBSERVABLES = ("v", "g_e", "g_i")
SHARED = ("tau", "tau_e", "tau_i")
ORIGIN, LISTED, SWEEPS, BUSY = range(4)  # places in CurrentCells.now
E_M, IN_M, E_E, IN_E, BACK_E, F_E, E_I, IN_I, BACK_I, F_I = range(10)  # columns of CurrentCells.table
APART = 0.1  # time constants that differ by less than this part are close
SPARSE = 8  # neurons for each one on the list below which a sweep is cheaper
SAFE = 1e-9  # of the threshold: a neuron too many is looked at, never one too few


class CurrentCells(NamedTuple):
    """All CurrentLIF neurons of one worker."""

    m: np.ndarray  # (cells,) float64, volt: amplitude of the membrane's own decay; -inf while held at reset
    e: np.ndarray  # (cells,) float64, volt: amplitude of the excitatory current
    i: np.ndarray  # (cells,) float64, volt: amplitude of the inhibitory current
    level: np.ndarray  # (cells,) float64, volt: rest + resistance * (current + injected)
    base: np.ndarray  # (cells,) float64, volt, the same without the injected current
    resistance: np.ndarray  # (cells,) float64, ohm
    threshold: np.ndarray  # (cells,) float64, volt
    margin: np.ndarray  # (cells,) float64, volt: threshold - level
    edge: np.ndarray  # (cells,) float64, volt: a little less than that; who cannot get there need not be looked at
    reset: np.ndarray  # (cells,) float64, volt
    refractory: np.ndarray  # (cells,) int64, ticks
    hold: np.ndarray  # (cells,) int64, last tick of the refractory time
    head: np.ndarray  # (ring,) int32, see refractory.py
    after: np.ndarray  # (cells,) int32
    kind: np.ndarray  # (cells,) int32, row of the tables
    run: np.ndarray  # (runs + 1,) int64: neurons run[r] <= i < run[r + 1] are of one kind
    table: np.ndarray  # (kinds, epoch + 1, 10) float64, by the names of its columns above
    carry: np.ndarray  # (kinds, 2) float64: what m gains from e and from i at the end of an epoch
    peak: np.ndarray  # (kinds,) float64: highest voltage that an excitatory current of 1 V makes from rest
    listed: np.ndarray  # (cells,) int32: neurons that could reach threshold without further events
    is_listed: np.ndarray  # (cells,) uint8
    now: np.ndarray  # (4,) int64: ORIGIN of the epoch; neurons LISTED; whether settle SWEEPS; BUSY: the length of the
    #                  list above which it does


@kernel
def fill(step_m, step_s, table, first):
    """Write E, 1 / E, BACK and F of a synaptic current into four columns of the tables, from `first` on."""
    for kind in range(step_m.size):
        close = abs(step_s[kind] - step_m[kind]) < 0.1 * step_m[kind]
        c = 0.0 if close else step_m[kind] / (step_m[kind] - step_s[kind])
        for k in range(table.shape[1]):
            grow_m, grow_s = np.exp(step_m[kind] * k), np.exp(step_s[kind] * k)
            table[kind, k, first] = np.exp(-step_s[kind] * k)
            table[kind, k, first + 1] = grow_s
            if close:
                made = response(step_m[kind], step_s[kind], k)
                table[kind, k, first + 2] = -made * grow_s * grow_m
                table[kind, k, first + 3] = made
            else:
                table[kind, k, first + 2] = -c * grow_m
                table[kind, k, first + 3] = c * np.exp(-step_s[kind] * k)


def peak(step_m: np.ndarray, step_s: np.ndarray) -> np.ndarray:
    """Highest voltage that a synaptic current of 1 V makes from rest: (tau_s / tau)^(tau / (tau - tau_s))."""
    logarithm, gap = np.log(step_m / step_s), step_s / step_m - 1.0
    close = np.abs(gap) < 1e-6
    return np.exp(np.where(close, logarithm - 1.0, (1.0 + 1.0 / np.where(close, 1.0, gap)) * logarithm))


@piece
def edge(threshold, level):
    """The margin less what rounding could make of it, and a little more."""
    return threshold - level - SAFE * (abs(threshold) + abs(level))


def make(kinds: Sequence[tuple[CurrentLIF, int]], dt: float) -> CurrentCells:
    """Bring parameters into arrays; see engine/contract.py."""

    def gather(field: str) -> np.ndarray:
        return np.concatenate([per_neuron(field, getattr(kind, field), count) for kind, count in kinds])

    base = gather("rest") + gather("resistance") * gather("current")
    v = np.concatenate(
        [per_neuron("initial", kind.rest if kind.initial is None else kind.initial, n) for kind, n in kinds]
    )
    rows, kind = classes(*(steps(dt, gather(name)) for name in SHARED))
    step_m, step_e, step_i = (np.ascontiguousarray(column) for column in rows.T)
    length = epoch_length(rows.shape[0], float((step_m + np.maximum(step_e, step_i)).max()), 10)
    k = np.arange(length + 1)
    table = np.empty((rows.shape[0], length + 1, 10))
    table[:, :, E_M], table[:, :, IN_M] = np.exp(-step_m[:, None] * k), np.exp(step_m[:, None] * k)
    fill(step_m, step_e, table, E_E)
    fill(step_m, step_i, table, E_I)
    refractory = ticks(gather("refractory"), dt)
    level, threshold = base.copy(), gather("threshold")
    return CurrentCells(
        m=v - base,
        e=np.zeros(v.size),
        i=np.zeros(v.size),
        level=level,
        base=base,
        resistance=gather("resistance"),
        threshold=threshold,
        margin=margin(threshold, level),
        edge=edge.py_func(threshold, level),
        reset=gather("reset"),
        refractory=refractory,
        hold=np.full(v.size, -1, np.int64),
        head=empty_ring(refractory),
        after=np.full(v.size, -1, np.int32),
        kind=kind,
        run=runs(kind),
        table=table,
        carry=np.ascontiguousarray(
            np.stack(
                [
                    table[:, -1, F_E] - table[:, -1, E_E] * table[:, 0, F_E],
                    table[:, -1, F_I] - table[:, -1, E_I] * table[:, 0, F_I],
                ],
                axis=1,
            )
        ),
        peak=peak(step_m, step_e),
        listed=np.zeros(v.size, np.int32),
        is_listed=np.zeros(v.size, np.uint8),
        now=np.array([0, 0, 1, v.size // SPARSE]),
    )


def part(cells: CurrentCells, low: int, high: int) -> CurrentCells:
    """The neurons low <= i < high."""
    shared = ("table", "carry", "peak", "head", "run", "now")
    own = {name: a[low:high].copy() for name, a in cells._asdict().items() if name not in shared}
    now = np.array([0, 0, 1, (high - low) // SPARSE], np.int64)
    return cells._replace(**own, head=cells.head.copy(), run=runs(own["kind"]), now=now)
