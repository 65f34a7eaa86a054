"""Kernel of DeltaLIF: voltage jumps, closed form between events.

What is stored is u = (v - level) exp(k step), k ticks after the origin of the epoch (see decay.py), so that an event of
weight w is u += w exp(k step) and nothing else ever changes u. Threshold is reached where u >= margin exp(k step).
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.decay import TIE, classes, epoch_length, margin, runs, steps, ticks
from reafference.engine.kernel import INLINE, is_a, piece
from reafference.engine.refractory import HELD, empty_ring, hold, released
from reafference.network.neurons import DeltaLIF
from reafference.network.values import per_neuron

OBSERVABLES = ("v",)
SHARED = ("tau",)
ORIGIN, LISTED, SWEEPS, RESTLESS, BUSY = range(5)  # places in DeltaCells.now
BLOCK = 64  # neurons that are compared at once
SPARSE = 8  # neurons for each event of a tick below which a sweep is cheaper than a list


class DeltaCells(NamedTuple):
    """All DeltaLIF neurons of one worker."""

    u: np.ndarray  # (cells,) float64, volt: (v - level) exp(k step); -inf while held at reset
    level: np.ndarray  # (cells,) float64, volt, where v decays to: rest + resistance * (current + injected)
    base: np.ndarray  # (cells,) float64, volt, the same without the injected current
    resistance: np.ndarray  # (cells,) float64, ohm
    threshold: np.ndarray  # (cells,) float64, volt
    margin: np.ndarray  # (cells,) float64, volt: threshold - level
    reset: np.ndarray  # (cells,) float64, volt
    refractory: np.ndarray  # (cells,) int64, ticks
    hold: np.ndarray  # (cells,) int64, last tick of the refractory time
    head: np.ndarray  # (ring,) int32, see refractory.py
    after: np.ndarray  # (cells,) int32
    kind: np.ndarray  # (cells,) int32, row of `table`
    run: np.ndarray  # (runs + 1,) int64: neurons run[r] <= i < run[r + 1] are of one kind
    table: np.ndarray  # (kinds, epoch + 1, 2) float64: exp(-k step), exp(k step)
    listed: np.ndarray  # (cells,) int32: neurons that an event has brought to threshold in this tick
    restless: np.ndarray  # (cells,) int32: neurons whose level is above threshold: they get there by themselves
    is_restless: np.ndarray  # (cells,) uint8
    now: np.ndarray  # (5,) int64: ORIGIN of the epoch; neurons LISTED; whether settle SWEEPS; number of RESTLESS;
    #                  BUSY: the number of events and restless neurons in a tick above which the next one sweeps


def make(kinds: Sequence[tuple[DeltaLIF, int]], dt: float) -> DeltaCells:
    """Bring parameters into arrays; see engine/contract.py."""

    def gather(field: str) -> np.ndarray:
        return np.concatenate([per_neuron(field, getattr(kind, field), count) for kind, count in kinds])

    base = gather("rest") + gather("resistance") * gather("current")
    v = np.concatenate(
        [per_neuron("initial", kind.rest if kind.initial is None else kind.initial, n) for kind, n in kinds]
    )
    step, kind = classes(steps(dt, gather("tau")))
    k = np.arange(epoch_length(step.size, float(step.max()), 2) + 1)
    refractory = ticks(gather("refractory"), dt)
    return DeltaCells(
        u=v - base,
        level=base.copy(),
        base=base,
        resistance=gather("resistance"),
        threshold=gather("threshold"),
        margin=margin(gather("threshold"), base),
        reset=gather("reset"),
        refractory=refractory,
        hold=np.full(v.size, -1, np.int64),
        head=empty_ring(refractory),
        after=np.full(v.size, -1, np.int32),
        kind=kind,
        run=runs(kind),
        table=np.ascontiguousarray(np.stack([np.exp(-step * k), np.exp(step * k)], axis=2)),
        listed=np.zeros(v.size, np.int32),
        restless=np.zeros(v.size, np.int32),
        is_restless=np.zeros(v.size, np.uint8),
        now=np.array([0, 0, 1, 0, v.size // SPARSE]),
    )


def part(cells: DeltaCells, low: int, high: int) -> DeltaCells:
    """The neurons low <= i < high."""
    own = {
        name: a[low:high].copy() for name, a in cells._asdict().items() if name not in ("table", "head", "run", "now")
    }
    restless = np.flatnonzero(own["margin"] <= 0.0)
    own["restless"][: restless.size] = restless
    own["is_restless"][restless] = 1
    return cells._replace(
        **own,
        head=cells.head.copy(),
        run=runs(own["kind"]),
        now=np.array([0, 0, 1, restless.size, (high - low) // SPARSE], np.int64),
    )


@piece
def power(cells: DeltaCells, i: int, k: int) -> float:
    """exp(k step) of neuron i."""
    return cells.table[cells.kind[i], k, 1]


@overload(contract.begin, jit_options=INLINE)
def _begin(cells, tick):
    if is_a(cells, DeltaCells):

        def begin(cells, tick):
            before = tick - 1
            k = before - cells.now[ORIGIN]
            i = released(cells, tick)
            while i >= 0:
                if cells.hold[i] < tick:
                    cells.u[i] = (cells.reset[i] - cells.level[i]) * power(cells, i, k)
                    i = cells.after[i]
                else:  # its time is longer than the ring
                    following = cells.after[i]
                    hold(cells, i, tick)
                    i = following
            if k == cells.table.shape[1] - 1:
                for r in range(cells.run.size - 1):
                    factor = cells.table[cells.kind[cells.run[r]], k, 0]
                    for i in range(cells.run[r], cells.run[r + 1]):
                        cells.u[i] *= factor
                cells.now[ORIGIN] = before

        return begin


@overload(contract.opening, jit_options=INLINE)
def _opening(cells, tick):
    if is_a(cells, DeltaCells):

        def opening(cells, tick):
            k = tick - cells.now[ORIGIN]
            alike = cells.run.size == 2
            return alike, k, power(cells, 0, k) if alike else 0.0

        return opening


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, scale, i, weight):
    if is_a(cells, DeltaCells):

        def arrive(cells, scale, i, weight):
            if scale[0]:
                cells.u[i] += weight * scale[2]
            else:
                cells.u[i] += weight * power(cells, i, scale[1])

        return arrive


@overload(contract.checks, jit_options=INLINE)
def _checks(cells):
    if is_a(cells, DeltaCells):
        return lambda cells: cells.now[SWEEPS] == 0


@overload(contract.notice, jit_options=INLINE)
def _notice(cells, scale, i):
    if is_a(cells, DeltaCells):

        def notice(cells, scale, i):
            if cells.u[i] >= cells.margin[i] * (scale[2] if scale[0] else power(cells, i, scale[1])):
                if cells.now[LISTED] < cells.listed.size:
                    cells.listed[cells.now[LISTED]] = i
                    cells.now[LISTED] += 1
                else:
                    cells.now[SWEEPS] = 1

        return notice


@piece
def try_to_fire(cells, i, k, tick, fired, count):
    """Let neuron i fire if it is at threshold; returns the new count of those that have."""
    if cells.u[i] >= cells.margin[i] * power(cells, i, k):
        cells.u[i] = -np.inf
        cells.hold[i] = tick + cells.refractory[i]
        hold(cells, i, tick)
        fired[count] = i
        count += 1
    return count


@piece
def sweep(cells, k, tick, fired):
    """Look at every neuron."""
    count = np.int64(0)
    for r in range(cells.run.size - 1):
        factor = cells.table[cells.kind[cells.run[r]], k, 1]
        for begin in range(cells.run[r], cells.run[r + 1], BLOCK):
            end = min(begin + BLOCK, cells.run[r + 1])
            u, margins = cells.u[begin:end], cells.margin[begin:end]
            reached = 0
            for j in range(u.size):
                reached += np.int64(u[j] >= margins[j] * factor)
            if reached:
                for i in range(begin, end):
                    count = try_to_fire(cells, i, k, tick, fired, count)
    return count


@overload(contract.looks, jit_options=INLINE)
def _looks(cells):
    if is_a(cells, DeltaCells):
        return lambda cells: cells.u.size if cells.now[SWEEPS] else cells.now[LISTED] + cells.now[RESTLESS]


@overload(contract.settle, jit_options=INLINE)
def _settle(cells, tick, events, fired):
    if is_a(cells, DeltaCells):

        def settle(cells, tick, events, fired):
            now = cells.now
            k = tick - now[ORIGIN]
            count = np.int64(0)
            if now[SWEEPS]:
                count = sweep(cells, k, tick, fired)
            else:
                for c in range(now[LISTED]):
                    count = try_to_fire(cells, np.int64(cells.listed[c]), k, tick, fired, count)
                c = 0
                while c < now[RESTLESS]:
                    i = np.int64(cells.restless[c])
                    count = try_to_fire(cells, i, k, tick, fired, count)
                    if cells.margin[i] <= 0.0:
                        c += 1
                    else:  # its current has been lowered
                        cells.is_restless[i] = 0
                        now[RESTLESS] -= 1
                        cells.restless[c] = cells.restless[now[RESTLESS]]
            now[LISTED] = 0
            now[SWEEPS] = np.int64(events + now[RESTLESS] > now[BUSY])
            return count

        return settle


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, DeltaCells):

        def observe(cells, i, tick, what):
            if cells.u[i] > HELD:
                return cells.level[i] + cells.u[i] * cells.table[cells.kind[i], tick - cells.now[ORIGIN], 0]
            return cells.reset[i]

        return observe


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, DeltaCells):

        def drive(cells, i, current, tick):
            level = cells.base[i] + cells.resistance[i] * current
            cells.u[i] += (cells.level[i] - level) * power(cells, i, tick - cells.now[ORIGIN])
            cells.level[i] = level
            distance = cells.threshold[i] - level
            cells.margin[i] = distance - TIE * abs(distance)
            if cells.margin[i] <= 0.0 and cells.is_restless[i] == 0:
                cells.is_restless[i] = 1
                cells.restless[cells.now[RESTLESS]] = i
                cells.now[RESTLESS] += 1

        return drive
