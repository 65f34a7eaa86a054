"""The loop over neurons that are advanced at every tick; what one of them does is told in stepped.py.

Neurons stand in stretches. In a stretch of equal ones their constants are read once and stay in registers; in others
each neuron reads its own.
"""

# pyright: basic
from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.decay import runs
from reafference.engine.kernel import INLINE, WALK, is_a, piece

BLOCK = 64  # neurons whose spikes are looked for at once
SHORT = 16  # stretches of equal neurons shorter than this are not worth one of their own


class SteppedCells(NamedTuple):
    """All neurons of one kind that one worker owns."""

    state: Any  # a State of arrays, (cells,) float64 or int64
    constants: np.ndarray  # (constants, cells) float64; those annotated int are int64 in the same bits
    current: np.ndarray  # (cells,) float64, ampere: constant and injected
    base: np.ndarray  # (cells,) float64, ampere: constant
    kind: np.ndarray  # (cells,) int32: neurons of equal constants have equal numbers
    stretch: np.ndarray  # (stretches + 1,) int64: where stretches of neurons begin, and the end
    equal: np.ndarray  # (stretches,) uint8: whether all neurons of a stretch have the same constants


def part(cells: SteppedCells, low: int, high: int) -> SteppedCells:
    """The neurons low <= i < high."""
    stretch, equal = stretches(cells.kind[low:high])
    return SteppedCells(
        state=type(cells.state)(*(array[low:high].copy() for array in cells.state)),
        constants=cells.constants[:, low:high].copy(),
        current=cells.current[low:high].copy(),
        base=cells.base[low:high].copy(),
        kind=cells.kind[low:high].copy(),
        stretch=stretch,
        equal=equal,
    )


def stretches(kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where stretches begin (and the end), and which of them are of one kind; neighbouring short ones are joined."""
    cuts = runs(kind)
    long = np.diff(cuts) >= SHORT
    begins = np.ones(long.size, np.bool_)
    begins[1:] = long[1:] | long[:-1]
    return np.append(cuts[:-1][begins], cuts[-1]), long[begins].astype(np.uint8)


# What follows is overloaded for each State by `stepped`.
def step_of(cell, own, current, tick):
    """The State of a neuron after a step."""
    raise NotImplementedError


def constants_of(state, constants, i):
    """The Constants of neuron i, from an array (constants, cells) or from what is Constants already."""
    raise NotImplementedError


def receive_of(state, i, weight, tick):
    """An event arrives at neuron i."""
    raise NotImplementedError


def spikes_of(cell, own):
    """Whether a neuron spikes."""
    raise NotImplementedError


def reset_of(state, i, own, tick):
    """Neuron i has spiked."""
    raise NotImplementedError


def for_each(count: int, form: str) -> str:
    """`form` written out for k = 0 to count - 1, the elements of a tuple."""
    return "".join(form.format(k=k) + ", " for k in range(count))


def window(state, low, high):
    """The neurons low <= i < high of a State of arrays."""
    raise NotImplementedError


@overload(window, jit_options=INLINE)
def _window(state, low, high):
    each = for_each(len(state), "state[{k}][low:high]")
    return eval(f"lambda state, low, high: State({each})", {"State": state.instance_class})


def numbers(state, i):
    """State of numbers of neuron i, from one of arrays."""
    raise NotImplementedError


@overload(numbers, jit_options=INLINE)
def _numbers(state, i):
    each = for_each(len(state), "state[{k}][i]")
    return eval(f"lambda state, i: State({each})", {"State": state.instance_class})


def keep(state, i, cell):
    """Write a State of numbers into one of arrays, for neuron i."""
    raise NotImplementedError


@overload(keep, jit_options=INLINE)
def _keep(state, i, cell):
    each = for_each(len(state), "put(state[{k}], i, cell[{k}])")
    return eval(f"lambda state, i, cell: ({each})", {"put": put})


@piece
def put(array, i, value):
    """Write a number to place i."""
    array[i] = value


@numba.njit(nogil=True, **WALK)
def advance(state, own, low, current, tick):
    """One step of a stretch of neurons from `low` on; `own` are their common Constants, or an array of everybody's."""
    for i in range(current.size):
        # An unsigned index needs no look at its sign, which would keep the loop from vector instructions.
        mine = constants_of(state, own, np.uint64(low + i))
        keep(state, i, step_of(numbers(state, i), mine, current[i], tick))


@numba.njit(nogil=True, **WALK)
def collect(state, own, low, size, tick, fired, count):
    """Reset those of a stretch who spike, write their numbers after the first `count`; returns how many are there."""
    for begin in range(0, size, BLOCK):
        end = min(begin + BLOCK, size)
        some = 0
        for i in range(begin, end):
            cell, mine = numbers(state, np.uint64(i)), constants_of(state, own, np.uint64(low + i))
            some += np.int64(spikes_of(cell, mine))
        if some:
            for i in range(begin, end):
                mine = constants_of(state, own, low + i)
                if spikes_of(numbers(state, i), mine):
                    reset_of(state, i, mine, tick)
                    fired[count] = low + i
                    count += 1
    return count


@overload(contract.begin, jit_options=INLINE)
def _begin(cells, tick):
    if is_a(cells, SteppedCells):

        def begin(cells, tick):
            for s in range(cells.equal.size):
                low, high = cells.stretch[s], cells.stretch[s + 1]
                state, current = window(cells.state, low, high), cells.current[low:high]
                if cells.equal[s]:
                    advance(state, constants_of(state, cells.constants, low), low, current, tick)
                else:
                    advance(state, cells.constants, low, current, tick)

        return begin


@overload(contract.opening, jit_options=INLINE)
def _opening(cells, tick):
    if is_a(cells, SteppedCells):
        return lambda cells, tick: tick


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, scale, i, weight):
    if is_a(cells, SteppedCells):
        return lambda cells, scale, i, weight: receive_of(cells.state, i, weight, scale)


@overload(contract.checks, jit_options=INLINE)
def _checks(cells):
    if is_a(cells, SteppedCells):
        return lambda cells: False


@overload(contract.notice, jit_options=INLINE)
def _notice(cells, scale, i):
    if is_a(cells, SteppedCells):
        return lambda cells, scale, i: None


@overload(contract.looks, jit_options=INLINE)
def _looks(cells):
    if is_a(cells, SteppedCells):
        return lambda cells: cells.current.size


@overload(contract.settle, jit_options=INLINE)
def _settle(cells, tick, events, fired):
    if is_a(cells, SteppedCells):

        def settle(cells, tick, events, fired):
            count = np.int64(0)  # not a literal, for which `collect` would be compiled once more
            for s in range(cells.equal.size):
                low, high = cells.stretch[s], cells.stretch[s + 1]
                state, size = window(cells.state, low, high), high - low
                if cells.equal[s]:
                    own = constants_of(state, cells.constants, low)
                    count = collect(state, own, low, size, tick, fired, count)
                else:
                    count = collect(state, cells.constants, low, size, tick, fired, count)
            return count

        return settle


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, SteppedCells):
        floats = [k for k, array in enumerate(cells.types[0].types) if isinstance(array.dtype, types.Float)]
        chosen = "".join(f"cells.state[{k}][i] if what == {place} else " for place, k in enumerate(floats))
        return eval(f"lambda cells, i, tick, what: {chosen}0.0")


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, SteppedCells):

        def drive(cells, i, current, tick):
            cells.current[i] = cells.base[i] + current

        return drive
