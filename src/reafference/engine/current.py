"""Kernel of CurrentLIF; what is stored, and why so, is told in current_cells.py.

A group is swept or listed. On the list stand all neurons that could reach threshold without further events.
"""

# pyright: basic
from __future__ import annotations

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.current_cells import (
    BACK_E,
    BACK_I,
    BUSY,
    E_E,
    E_I,
    E_M,
    F_E,
    F_I,
    IN_E,
    IN_I,
    IN_M,
    LISTED,
    OBSERVABLES,
    ORIGIN,
    SHARED,
    SWEEPS,
    CurrentCells,
    edge,
    make,
    part,
)
from reafference.engine.decay import TIE
from reafference.engine.kernel import INLINE, is_a, piece
from reafference.engine.refractory import HELD, hold, released

__all__ = ["OBSERVABLES", "SHARED", "make", "part"]

BLOCK = 64  # neurons that are compared at once
LEAVE = 8  # ticks after which those on the list are asked whether they need to stay
RECOUNT = 32  # ticks after which a sweeping group asks whether a list would be cheaper


@piece
def depolarisation(cells, n, row):
    """v - level of a neuron that is not held; `row` is that of its kind and of this tick in the tables."""
    return cells.m[n] * row[E_M] + cells.e[n] * row[F_E] + cells.i[n] * row[F_I]


@overload(contract.begin, jit_options=INLINE)
def _begin(cells, tick):
    if is_a(cells, CurrentCells):

        def begin(cells, tick):
            before = tick - 1
            k = before - cells.now[ORIGIN]
            n = released(cells, tick)
            while n >= 0:
                if cells.hold[n] < tick:
                    row = cells.table[cells.kind[n], k]
                    rest = cells.reset[n] - cells.level[n] - cells.e[n] * row[F_E] - cells.i[n] * row[F_I]
                    cells.m[n] = rest * row[IN_M]
                    if cells.now[SWEEPS] == 0:
                        notice_one(cells, np.uint64(n), k)
                    n = cells.after[n]
                else:  # its time is longer than the ring
                    following = cells.after[n]
                    hold(cells, n, tick)
                    n = following
            if k == cells.table.shape[1] - 1:
                for r in range(cells.run.size - 1):
                    kind = cells.kind[cells.run[r]]
                    row = cells.table[kind, k]
                    e_m, e_e, e_i = row[E_M], row[E_E], row[E_I]
                    from_e, from_i = cells.carry[kind, 0], cells.carry[kind, 1]
                    for n in range(cells.run[r], cells.run[r + 1]):
                        cells.m[n] = cells.m[n] * e_m + cells.e[n] * from_e + cells.i[n] * from_i
                        cells.e[n] *= e_e
                        cells.i[n] *= e_i
                cells.now[ORIGIN] = before

        return begin


@overload(contract.opening, jit_options=INLINE)
def _opening(cells, tick):
    if is_a(cells, CurrentCells):

        def opening(cells, tick):
            k = tick - cells.now[ORIGIN]
            alike = cells.run.size == 2
            kind = cells.kind[0] if alike else 0
            row = cells.table[kind, k]
            return alike, k, row[IN_E], row[BACK_E], row[IN_I], row[BACK_I], looker(row, cells.peak[kind])

        return opening


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, scale, n, weight):
    if is_a(cells, CurrentCells):

        def arrive(cells, scale, n, weight):
            if scale[0]:
                if weight > 0.0:
                    cells.e[n] += weight * scale[2]
                    cells.m[n] += weight * scale[3]
                else:
                    cells.i[n] += weight * scale[4]
                    cells.m[n] += weight * scale[5]
            else:
                row = cells.table[cells.kind[n], scale[1]]
                if weight > 0.0:
                    cells.e[n] += weight * row[IN_E]
                    cells.m[n] += weight * row[BACK_E]
                else:
                    cells.i[n] += weight * row[IN_I]
                    cells.m[n] += weight * row[BACK_I]

        return arrive


@overload(contract.checks, jit_options=INLINE)
def _checks(cells):
    if is_a(cells, CurrentCells):
        return lambda cells: cells.now[SWEEPS] == 0


@piece
def looker(row, peak):
    """What `can_reach` needs to know of a kind of neuron at a tick."""
    return row[E_M], row[E_E], row[F_E], row[F_I], peak


@piece
def looker_of(cells, n, k):
    """The same for neuron n, k ticks after the origin."""
    kind = cells.kind[n]
    return looker(cells.table[kind, k], cells.peak[kind])


@piece
def can_reach(cells, n, of):
    """Whether neuron n could get to threshold without further events; `of` is its looker.

    Inhibition only takes away. Without it v - level can never pass what it is or g_e, whichever is more, and not what
    it is (or 0) plus the highest voltage that g_e makes from rest.
    """
    e_m, e_e, f_e, f_i, peak = of
    g, least = cells.e[n] * e_e, cells.edge[n]
    if g < least:
        return False
    return max(cells.m[n] * e_m + cells.e[n] * f_e + cells.i[n] * f_i, 0.0) + g * peak >= least


@piece
def enter(cells, n):
    """Put neuron n on the list."""
    cells.is_listed[n] = 1
    cells.listed[cells.now[LISTED]] = n
    cells.now[LISTED] += 1


@piece
def notice_one(cells, n, k):
    """Put neuron n on the list if it has to be there, k ticks after the origin."""
    if cells.is_listed[n] == 0 and can_reach(cells, n, looker_of(cells, n, k)):
        enter(cells, n)


@overload(contract.notice, jit_options=INLINE)
def _notice(cells, scale, n):
    if is_a(cells, CurrentCells):

        def notice(cells, scale, n):
            of = scale[6] if scale[0] else looker_of(cells, n, scale[1])
            if can_reach(cells, n, of) and cells.is_listed[n] == 0:
                enter(cells, n)

        return notice


@piece
def fire(cells, n, tick, fired, count):
    """Neuron n fires; returns the new count of those that have."""
    cells.m[n] = -np.inf
    cells.hold[n] = tick + cells.refractory[n]
    hold(cells, np.int64(n), tick)
    fired[count] = n
    return count + 1


@piece
def try_to_fire(cells, n, row, tick, fired, count):
    """Let neuron n fire if it is at threshold; returns the new count of those that have."""
    if depolarisation(cells, n, row) >= cells.margin[n]:
        count = fire(cells, n, tick, fired, count)
    return count


@piece
def sweep(cells, tick, fired):
    """Look at every neuron."""
    count, k = np.int64(0), tick - cells.now[ORIGIN]
    for r in range(cells.run.size - 1):
        row = cells.table[cells.kind[cells.run[r]], k]
        e_m, f_e, f_i = row[E_M], row[F_E], row[F_I]
        for begin in range(cells.run[r], cells.run[r + 1], BLOCK):
            end = min(begin + BLOCK, cells.run[r + 1])
            m, e, i, margins = cells.m[begin:end], cells.e[begin:end], cells.i[begin:end], cells.margin[begin:end]
            reached = 0
            for j in range(m.size):
                reached += np.int64(m[j] * e_m + e[j] * f_e + i[j] * f_i >= margins[j])
            if reached:
                for n in range(begin, end):
                    count = try_to_fire(cells, np.uint64(n), row, tick, fired, count)
    return count


@piece
def enlist(cells, tick):
    """Put everybody who could reach threshold on the list, if these are few enough for it to pay."""
    now = cells.now
    k = tick - now[ORIGIN]
    wanted = 0
    for r in range(cells.run.size - 1):
        kind = cells.kind[cells.run[r]]
        row, peak = cells.table[kind, k], cells.peak[kind]
        e_m, e_e, f_e, f_i = row[E_M], row[E_E], row[F_E], row[F_I]
        begin, end = cells.run[r], cells.run[r + 1]
        m, e, i, edges = cells.m[begin:end], cells.e[begin:end], cells.i[begin:end], cells.edge[begin:end]
        for j in range(e.size):
            above = max(m[j] * e_m + e[j] * f_e + i[j] * f_i, 0.0)
            wanted += np.int64(min(e[j] * e_e, above + e[j] * e_e * peak) >= edges[j])
    if 2 * wanted > now[BUSY]:
        return False
    for n in range(cells.m.size):
        notice_one(cells, np.uint64(n), k)
    return True


@piece
def look(cells, tick, fired):
    """Look at those on the list."""
    count, k = np.int64(0), tick - cells.now[ORIGIN]
    listed = cells.listed[: cells.now[LISTED]]
    if cells.run.size == 2:
        row = cells.table[cells.kind[0], k]
        e_m, f_e, f_i = row[E_M], row[F_E], row[F_I]
        for c in range(listed.size):
            n = np.uint64(listed[c])
            if cells.m[n] * e_m + cells.e[n] * f_e + cells.i[n] * f_i >= cells.margin[n]:
                count = fire(cells, n, tick, fired, count)
    else:
        for c in range(listed.size):
            n = np.uint64(listed[c])
            count = try_to_fire(cells, n, cells.table[cells.kind[n], k], tick, fired, count)
    return count


@piece
def shorten(cells, tick):
    """Send home from the list who need not stay."""
    now, c = cells.now, 0
    while c < now[LISTED]:
        n = np.uint64(cells.listed[c])
        if can_reach(cells, n, looker_of(cells, n, tick - now[ORIGIN])):
            c += 1
        else:
            cells.is_listed[n] = 0
            now[LISTED] -= 1
            cells.listed[c] = cells.listed[now[LISTED]]


@piece
def delist(cells):
    """Empty the list."""
    for c in range(cells.now[LISTED]):
        cells.is_listed[cells.listed[c]] = 0
    cells.now[LISTED] = 0


@overload(contract.looks, jit_options=INLINE)
def _looks(cells):
    if is_a(cells, CurrentCells):
        return lambda cells: cells.m.size if cells.now[SWEEPS] else cells.now[LISTED]


@overload(contract.settle, jit_options=INLINE)
def _settle(cells, tick, events, fired):
    if is_a(cells, CurrentCells):

        def settle(cells, tick, events, fired):
            now = cells.now
            if now[SWEEPS]:
                count = sweep(cells, tick, fired)
                if (tick - now[ORIGIN]) % RECOUNT == 1 and enlist(cells, tick):
                    now[SWEEPS] = 0
                return count
            count = look(cells, tick, fired)
            if tick % LEAVE == 0:
                shorten(cells, tick)
            if now[LISTED] > now[BUSY]:
                delist(cells)
                now[SWEEPS] = 1
            return count

        return settle


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, n, tick, what):
    if is_a(cells, CurrentCells):

        def observe(cells, n, tick, what):
            row = cells.table[cells.kind[n], tick - cells.now[ORIGIN]]
            if what == 1:
                return cells.e[n] * row[E_E]
            if what == 2:
                return cells.i[n] * row[E_I]
            if cells.m[n] > HELD:
                return cells.level[n] + depolarisation(cells, n, row)
            return cells.reset[n]

        return observe


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, n, current, tick):
    if is_a(cells, CurrentCells):

        def drive(cells, n, current, tick):
            level = cells.base[n] + cells.resistance[n] * current
            row = cells.table[cells.kind[n], tick - cells.now[ORIGIN]]
            cells.m[n] += (cells.level[n] - level) * row[IN_M]
            cells.level[n] = level
            distance = cells.threshold[n] - level
            cells.margin[n] = distance - TIE * abs(distance)
            cells.edge[n] = edge(cells.threshold[n], level)
            if cells.now[SWEEPS] == 0 and cells.is_listed[n] == 0:
                enter(cells, np.uint64(n))  # the next look sends it home if it need not stay

        return drive
