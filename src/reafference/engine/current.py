"""Kernel of CurrentLIF: exponential synaptic currents, exact between events."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.contract import QUIET, REACHES, RESTLESS
from reafference.engine.decay import classes, decay_power, decay_table, response_power, response_table, ticks
from reafference.engine.kernel import INLINE, is_a, piece
from reafference.network.neurons import CurrentLIF
from reafference.network.values import per_neuron

OBSERVABLES = ("v", "g_e", "g_i")


class CurrentCells(NamedTuple):
    """All CurrentLIF neurons of one worker."""

    v: np.ndarray  # (cells,) float64, volt, at tick `last` (during the refractory time: reset)
    g_e: np.ndarray  # (cells,) float64, volt, at tick `last`
    g_i: np.ndarray  # (cells,) float64, volt, at tick `last`
    last: np.ndarray  # (cells,) int64, tick of the stored state
    hold: np.ndarray  # (cells,) int64, last tick of the refractory time
    level: np.ndarray  # (cells,) float64, volt: rest + resistance * (current + injected)
    base: np.ndarray  # (cells,) float64, volt, the same without the injected current
    resistance: np.ndarray  # (cells,) float64, ohm
    threshold: np.ndarray  # (cells,) float64, volt
    reset: np.ndarray  # (cells,) float64, volt
    refractory: np.ndarray  # (cells,) int64, ticks
    kind: np.ndarray  # (cells,) int32, row of the tables
    step: np.ndarray  # (kinds,) float64, dt / tau
    step_e: np.ndarray  # (kinds,) float64, dt / tau_e
    step_i: np.ndarray  # (kinds,) float64, dt / tau_i
    table: np.ndarray  # (kinds, ticks) float64, exp(-k dt / tau)
    table_e: np.ndarray  # the same for tau_e
    table_i: np.ndarray  # the same for tau_i
    respond_e: np.ndarray  # (kinds, ticks) float64, voltage after k ticks of g_e = 1
    respond_i: np.ndarray  # the same for g_i


def make(kinds: Sequence[tuple[CurrentLIF, int]], dt: float) -> CurrentCells:
    """Bring parameters into arrays; see engine/contract.py."""

    def gather(field: str) -> np.ndarray:
        return np.concatenate([per_neuron(field, getattr(kind, field), count) for kind, count in kinds])

    base = gather("rest") + gather("resistance") * gather("current")
    v = np.concatenate(
        [per_neuron("initial", kind.rest if kind.initial is None else kind.initial, n) for kind, n in kinds]
    )
    steps, kind = classes(dt / gather("tau"), dt / gather("tau_e"), dt / gather("tau_i"))
    step, step_e, step_i = (np.ascontiguousarray(column) for column in steps.T)
    return CurrentCells(
        v=v,
        g_e=np.zeros(v.size),
        g_i=np.zeros(v.size),
        last=np.zeros(v.size, np.int64),
        hold=np.full(v.size, -1, np.int64),
        level=base.copy(),
        base=base,
        resistance=gather("resistance"),
        threshold=gather("threshold"),
        reset=gather("reset"),
        refractory=ticks(gather("refractory"), dt),
        kind=kind,
        step=step,
        step_e=step_e,
        step_i=step_i,
        table=decay_table(step),
        table_e=decay_table(step_e),
        table_i=decay_table(step_i),
        respond_e=response_table(step, step_e),
        respond_i=response_table(step, step_i),
    )


def part(cells: CurrentCells, low: int, high: int) -> CurrentCells:
    """The neurons low <= i < high."""
    shared = {"step", "step_e", "step_i", "table", "table_e", "table_i", "respond_e", "respond_i"}
    return CurrentCells(
        *(a if name in shared else a[low:high].copy() for name, a in zip(cells._fields, cells, strict=True))
    )


@piece
def state_at(cells: CurrentCells, i: int, tick: int):
    """(v, g_e, g_i) at `tick`, from the stored state.

    A neuron that is still held first decays its currents to the end of the hold and goes on from there: two factors,
    always split at that tick, so that the bits do not depend on when it is asked.
    """
    kind = cells.kind[i]
    v, g_e, g_i, last = cells.v[i], cells.g_e[i], cells.g_i[i], cells.last[i]
    hold = cells.hold[i]
    if last < hold:
        until = min(hold, tick)
        g_e *= decay_power(cells.table_e, cells.step_e, kind, until - last)
        g_i *= decay_power(cells.table_i, cells.step_i, kind, until - last)
        last = until
    k = tick - last
    if k > 0:
        level = cells.level[i]
        v = (
            level
            + (v - level) * decay_power(cells.table, cells.step, kind, k)
            + g_e * response_power(cells.respond_e, cells.step, cells.step_e, kind, k)
            + g_i * response_power(cells.respond_i, cells.step, cells.step_i, kind, k)
        )
        g_e *= decay_power(cells.table_e, cells.step_e, kind, k)
        g_i *= decay_power(cells.table_i, cells.step_i, kind, k)
    return v, g_e, g_i


@piece
def bring(cells: CurrentCells, i: int, tick: int) -> None:
    """Store the state at `tick`."""
    if tick > cells.last[i]:
        v, g_e, g_i = state_at(cells, i, tick)
        cells.v[i], cells.g_e[i], cells.g_i[i], cells.last[i] = v, g_e, g_i, tick


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, i, weight, tick):
    if is_a(cells, CurrentCells):

        def arrive(cells, i, weight, tick):
            bring(cells, i, tick)
            if weight > 0.0:
                cells.g_e[i] += weight
            else:
                cells.g_i[i] += weight

        return arrive


@overload(contract.look, jit_options=INLINE)
def _look(cells, i, tick):
    if is_a(cells, CurrentCells):

        def look(cells, i, tick):
            v, g_e, _ = state_at(cells, i, tick)
            threshold = cells.threshold[i]
            if tick > cells.hold[i] and v >= threshold:
                return REACHES
            # v moves towards level + g_e + g_i, g_i <= 0 and g_e only falls: v can never pass max(v, level + g_e).
            # The margin keeps rounding on the safe side: a neuron too many is looked at, never one too few.
            return RESTLESS if cells.level[i] + g_e >= threshold - 1e-9 * abs(threshold) - 1e-12 else QUIET

        return look


@overload(contract.fire, jit_options=INLINE)
def _fire(cells, i, tick):
    if is_a(cells, CurrentCells):

        def fire(cells, i, tick):
            _, cells.g_e[i], cells.g_i[i] = state_at(cells, i, tick)
            cells.last[i] = tick
            cells.v[i] = cells.reset[i]
            cells.hold[i] = tick + cells.refractory[i]

        return fire


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, CurrentCells):

        def observe(cells, i, tick, what):
            v, g_e, g_i = state_at(cells, i, tick)
            return v if what == 0 else (g_e if what == 1 else g_i)

        return observe


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, CurrentCells):

        def drive(cells, i, current, tick):
            bring(cells, i, tick)
            cells.level[i] = cells.base[i] + cells.resistance[i] * current

        return drive
