"""Counting the active axons of each neuron with carry-save adders, 256 neurons at once.

A counter stands on its side: `one` holds the lowest bits of 256 counts, `two` the next, and so on. A full adder takes
three rows of equal value to one row of that value and one of twice the value, in five operations on 256 bits. Eight
crossbar rows therefore cost seven full adders (Harley and Seal's tree for counting bits).
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.chips.truenorth.words import no_bits, ones, read_bits, spread, write_bits, write_bytes
from reafference.engine.kernel import piece, routine

MOST = 255  # rows that one call can count in a byte


@piece
def total(a, b, c):
    """Low bits of the sum of three bits."""
    return a ^ b ^ c


@piece
def carry(a, b, c):
    """High bits of the sum of three bits."""
    return (a & b) | (c & (a ^ b))


@piece
def row(crossbar, base, axon):
    """The 256 synapses of an axon; `base` is the first word of its core."""
    return read_bits(crossbar, base + (np.int64(axon) << 2))


@routine
def count(crossbar, base, axons, first, last, planes, words, counts, at):
    """Write how many of the axons axons[first:last], at most 255, reach each neuron, to counts[at:at + 256].

    `planes` (32,) uint64 and `words` (64,) uint32 are one piece of memory, to work in. Returns the synaptic events.
    """
    one, two, four, eight = no_bits(), no_bits(), no_bits(), no_bits()
    high, higher, higher2, highest = no_bits(), no_bits(), no_bits(), no_bits()
    i = first
    while i + 8 <= last:
        a, b = row(crossbar, base, axons[np.uint64(i)]), row(crossbar, base, axons[np.uint64(i + 1)])
        c, d = row(crossbar, base, axons[np.uint64(i + 2)]), row(crossbar, base, axons[np.uint64(i + 3)])
        ab, one = carry(a, b, one), total(a, b, one)
        cd, one = carry(c, d, one), total(c, d, one)
        low, two = carry(ab, cd, two), total(ab, cd, two)
        a, b = row(crossbar, base, axons[np.uint64(i + 4)]), row(crossbar, base, axons[np.uint64(i + 5)])
        c, d = row(crossbar, base, axons[np.uint64(i + 6)]), row(crossbar, base, axons[np.uint64(i + 7)])
        ab, one = carry(a, b, one), total(a, b, one)
        cd, one = carry(c, d, one), total(c, d, one)
        up, two = carry(ab, cd, two), total(ab, cd, two)
        up, four = carry(low, up, four), total(low, up, four)
        up, eight = eight & up, eight ^ up
        up, high = high & up, high ^ up
        up, higher = higher & up, higher ^ up
        up, higher2 = higher2 & up, higher2 ^ up
        highest = highest ^ up
        i += 8
    rows = last - first
    while rows < 8 and i < last:
        up = row(crossbar, base, axons[np.uint64(i)])
        up, one = one & up, one ^ up
        up, two = two & up, two ^ up
        four = four ^ up
        i += 1
    while i < last:
        up = row(crossbar, base, axons[np.uint64(i)])
        up, one = one & up, one ^ up
        up, two = two & up, two ^ up
        up, four = four & up, four ^ up
        up, eight = eight & up, eight ^ up
        up, high = high & up, high ^ up
        up, higher = higher & up, higher ^ up
        up, higher2 = higher2 & up, higher2 ^ up
        highest = highest ^ up
        i += 1
    events = ones(one) + 2 * ones(two)
    write_bits(planes, 0, one)
    write_bits(planes, 4, two)
    if rows >= 4:
        events += 4 * ones(four) + 8 * ones(eight)
        write_bits(planes, 8, four)
        write_bits(planes, 12, eight)
        if rows >= 16:
            events += 16 * ones(high) + 32 * ones(higher) + 64 * ones(higher2) + 128 * ones(highest)
            write_bits(planes, 16, high)
            write_bits(planes, 20, higher)
            write_bits(planes, 24, higher2)
            write_bits(planes, 28, highest)
    lay_flat(words, rows, counts, at)
    return events


@piece
def lay_flat(words, rows, counts, at):
    """Turn upright counters of up to `rows` into one byte for each neuron."""
    if rows < 4:
        for part in range(8):
            write_bytes(counts, at + 32 * part, spread(words[part], 1) | spread(words[8 + part], 2))
    elif rows < 16:
        for part in range(8):
            write_bytes(counts, at + 32 * part, lowest_four(words, part))
    else:
        for part in range(8):
            flat = lowest_four(words, part) | spread(words[32 + part], 16) | spread(words[40 + part], 32)
            if rows >= 64:
                flat = flat | spread(words[48 + part], 64) | spread(words[56 + part], 128)
            write_bytes(counts, at + 32 * part, flat)


@piece
def lowest_four(words, part):
    """The part of counts that is below 16."""
    low = spread(words[part], 1) | spread(words[8 + part], 2)
    return low | spread(words[16 + part], 4) | spread(words[24 + part], 8)
