"""Kernel of DeltaLIF: voltage jumps, closed form between events."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.contract import QUIET, REACHES, RESTLESS
from reafference.engine.decay import classes, decay_power, decay_table, ticks
from reafference.engine.kernel import INLINE, is_a, piece
from reafference.network.neurons import DeltaLIF
from reafference.network.values import per_neuron

OBSERVABLES = ("v",)


class DeltaCells(NamedTuple):
    """All DeltaLIF neurons of one worker."""

    v: np.ndarray  # (cells,) float64, volt, at tick max(last, hold)
    last: np.ndarray  # (cells,) int64, tick of the last event
    hold: np.ndarray  # (cells,) int64, last tick of the refractory time
    level: np.ndarray  # (cells,) float64, volt, where v decays to: rest + resistance * (current + injected)
    base: np.ndarray  # (cells,) float64, volt, the same without the injected current
    resistance: np.ndarray  # (cells,) float64, ohm
    threshold: np.ndarray  # (cells,) float64, volt
    reset: np.ndarray  # (cells,) float64, volt
    refractory: np.ndarray  # (cells,) int64, ticks
    kind: np.ndarray  # (cells,) int32, row of `step` and `table`
    step: np.ndarray  # (kinds,) float64, dt / tau
    table: np.ndarray  # (kinds, ticks) float64, exp(-k dt / tau)


def make(kinds: Sequence[tuple[DeltaLIF, int]], dt: float) -> DeltaCells:
    """Bring parameters into arrays; see engine/contract.py."""

    def gather(field: str) -> np.ndarray:
        return np.concatenate([per_neuron(field, getattr(kind, field), count) for kind, count in kinds])

    base = gather("rest") + gather("resistance") * gather("current")
    v = np.concatenate(
        [per_neuron("initial", kind.rest if kind.initial is None else kind.initial, n) for kind, n in kinds]
    )
    step, kind = classes(dt / gather("tau"))
    return DeltaCells(
        v=v,
        last=np.zeros(v.size, np.int64),
        hold=np.full(v.size, -1, np.int64),
        level=base.copy(),
        base=base,
        resistance=gather("resistance"),
        threshold=gather("threshold"),
        reset=gather("reset"),
        refractory=ticks(gather("refractory"), dt),
        kind=kind,
        step=np.ascontiguousarray(step[:, 0]),
        table=decay_table(step[:, 0]),
    )


def part(cells: DeltaCells, low: int, high: int) -> DeltaCells:
    """The neurons low <= i < high."""
    shared = {"step", "table"}
    return DeltaCells(
        *(a if name in shared else a[low:high].copy() for name, a in zip(cells._fields, cells, strict=True))
    )


@piece
def voltage(cells: DeltaCells, i: int, tick: int) -> float:
    """V at `tick`, from the state of the last event."""
    since = max(cells.last[i], cells.hold[i])
    if tick <= since:
        return cells.v[i]
    kind = cells.kind[i]
    return cells.level[i] + (cells.v[i] - cells.level[i]) * decay_power(cells.table, cells.step, kind, tick - since)


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, i, weight, tick):
    if is_a(cells, DeltaCells):

        def arrive(cells, i, weight, tick):
            if tick > cells.hold[i]:
                cells.v[i] = voltage(cells, i, tick) + weight
                cells.last[i] = tick

        return arrive


@overload(contract.look, jit_options=INLINE)
def _look(cells, i, tick):
    if is_a(cells, DeltaCells):

        def look(cells, i, tick):
            if tick > cells.hold[i] and voltage(cells, i, tick) >= cells.threshold[i]:
                return REACHES
            # Between events v moves monotonically towards level, so below it threshold is out of reach.
            return RESTLESS if cells.level[i] >= cells.threshold[i] else QUIET

        return look


@overload(contract.fire, jit_options=INLINE)
def _fire(cells, i, tick):
    if is_a(cells, DeltaCells):

        def fire(cells, i, tick):
            cells.v[i] = cells.reset[i]
            cells.last[i] = tick
            cells.hold[i] = tick + cells.refractory[i]

        return fire


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, DeltaCells):
        return lambda cells, i, tick, what: voltage(cells, i, tick)


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, DeltaCells):

        def drive(cells, i, current, tick):
            cells.v[i] = voltage(cells, i, tick)
            cells.last[i] = tick
            cells.level[i] = cells.base[i] + cells.resistance[i] * current

        return drive
