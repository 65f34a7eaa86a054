"""One tick of the 256 neurons of a core without anything random: eight at a time, equal in every bit to the equations.

There are two sweeps of one text: of cores whose neurons are all alike, where parameters are eight times one number, and
of the others, where they are read for each neuron.
"""

# pyright: basic
from __future__ import annotations

import numpy as np
from numba.extending import overload

from reafference.chips.truenorth.tables import (
    ADD_DOWN,
    ADD_UP,
    DROPS,
    FLOOR,
    KEEP_DOWN,
    KEEP_UP,
    LEAK,
    LEAK_NEGATIVE,
    LEAK_ZERO,
    NUMBERS,
    REVERSES,
    SHORTS,
    THRESHOLD,
    UNDER,
    WEIGHT,
)
from reafference.chips.truenorth.words import (
    choose,
    mask_bits,
    read_counts,
    read_ints,
    read_shorts,
    same,
    some,
    wrapped,
    write_ints,
)
from reafference.engine.kernel import INLINE, piece, routine


def least(a, b):
    """The lower of two vectors, lane by lane."""
    raise NotImplementedError


@overload(least, jit_options=INLINE)
def _least(a, b):
    return lambda a, b: choose(a < b, a, b)


def greatest(a, b):
    """The higher of two vectors, lane by lane."""
    raise NotImplementedError


@overload(greatest, jit_options=INLINE)
def _greatest(a, b):
    return lambda a, b: choose(a > b, a, b)


@piece
def one(array, at):
    """Eight times a parameter that all neurons of a core share."""
    return same(np.int32(array[at]))


@piece
def limited(v, limits):
    """A potential within its 20 bits; `limits` as in Fabric: wraps, low, high."""
    if limits[0]:
        return wrapped(v, 20)
    return least(greatest(v, same(np.int32(limits[1]))), same(np.int32(limits[2])))


def sweep_of(number, short, columns):
    """The sweep whose parameters are read by `number` (int32) and `short` (int16), of so many rows in a core."""
    step = 8 if columns > 1 else 0

    @routine
    def sweep(shorts, numbers, at, mark, wraps, low, high, present, potential, base, counts, fired, to):
        """Integrate `counts` of the axon types in `present`, leak, fire, reset; 1 if anything has changed.

        at       rows of parameters before those of this core
        wraps, low, high as in Fabric
        present  bit g: some axon of type g is active
        base     first potential of this core
        fired    written from `to` on, four words: who spikes
        """
        limits = (wraps, low, high)
        zero = same(np.int32(0))
        moved = zero
        ever = np.uint64(0)
        for word in range(4):
            spikes = np.uint64(0)
            for part in range(8):
                i = 64 * word + 8 * part
                s = SHORTS * at + (8 * word + part) * step
                n = NUMBERS * at + (8 * word + part) * step
                before = read_ints(potential, base + i)
                v = before
                if present:
                    for group in range(4):
                        if (present >> group) & 1:
                            weight = short(shorts, s + (WEIGHT + group) * columns)
                            v = v + read_counts(counts, 256 * group + i) * weight
                    v = limited(v, limits)
                leak = short(shorts, s + LEAK * columns)
                if mark & REVERSES:
                    negative, at_zero = (
                        short(shorts, s + LEAK_NEGATIVE * columns),
                        short(shorts, s + LEAK_ZERO * columns),
                    )
                    leak = choose(v > zero, leak, choose(v < zero, negative, at_zero))
                v = limited(v + leak, limits)
                over = v >= number(numbers, n + THRESHOLD * columns)
                bits = mask_bits(over)
                floored = greatest(v, number(numbers, n + FLOOR * columns))
                v = floored
                if bits:
                    kept = floored & short(shorts, s + KEEP_UP * columns)
                    v = choose(over, kept + number(numbers, n + ADD_UP * columns), floored)
                if mark & DROPS:
                    # A threshold is at least 0 and `under` at most that: who has spiked is not below.
                    down = floored < number(numbers, n + UNDER * columns)
                    if mask_bits(down):
                        kept = floored & short(shorts, s + KEEP_DOWN * columns)
                        v = choose(down, kept + number(numbers, n + ADD_DOWN * columns), v)
                write_ints(potential, base + i, v)
                moved = moved | (v ^ before)
                spikes |= bits << np.uint64(8 * part)
            fired[to + word] = spikes
            ever |= spikes
        # A linear reset by 0, or one that keeps what there is, may spike at every tick and change nothing.
        return np.int64(some(moved) or ever != 0)

    return sweep


sweep_alike = sweep_of(one, one, 1)
sweep_each = sweep_of(read_ints, read_shorts, 256)
