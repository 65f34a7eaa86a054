"""When the targets of plastic synapses have spiked, for rules that look back.

A target has one row here for each learning rule that its synapses follow. Its last six spikes and its trace lie
together in 32 bytes, which is all that most events need. All spikes since the tick SINCE, from when on not every
synapse may have seen them, also lie in a chain of chunks of 64 bytes from one pool; once all synapses have been brought
up to date the pool is empty again. A pool instead of a ring for each target means that a few busy neurons do not force
this on all the others.

Ticks are kept in 32 bits, counted from SINCE; what is too long ago for them is taken for AGES ago.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import piece, routine

TRACE, NEWEST, MIDDLE, OLDEST = range(4)  # places in a row of Past.recent, the last three hold two ticks each
KNOWN = 6  # ticks in it
PREVIOUS, NEXT, FIRST = range(3)  # places in a chunk; ticks follow from FIRST on
ENTRIES = 14  # ticks in a chunk
CHUNKS = 4  # in the pool for each row
USED, SINCE = range(2)  # places in Past.now
AGES = 2**30  # ticks


class Past(NamedTuple):
    """Spikes of the targets of plastic synapses; ticks are counted from SINCE."""

    recent: np.ndarray  # (rows, 4) int64: bits of the trace (float64) right after the last spike; ticks, see `pair`
    gain: np.ndarray  # (rows or 0, 1 + KNOWN) float64, for triplets: slow trace after the last spike; gains, last first
    tail: np.ndarray  # (rows, 2) int32: last chunk or -1, ticks in it
    chunk: np.ndarray  # (chunks, FIRST + ENTRIES) int32: chunk before and after or -1, then ticks
    chunk_gain: np.ndarray  # (chunks or 0, ENTRIES) float64, for triplets: gain of each spike
    now: np.ndarray  # (2,) int64: chunks USED, tick SINCE which spikes are in chunks


def no_past(rows: int, *, gains: bool) -> Past:
    """Targets that have never spiked. `gains`: whether spikes have them, as the triplet rule wants."""
    recent = aligned((rows, 4), np.int64)
    recent[:, NEWEST:] = (-AGES << 32) | (-AGES & 0xFFFFFFFF)
    chunks = max(CHUNKS * rows, 1)
    return Past(
        recent=recent,
        gain=np.zeros((rows if gains else 0, 1 + KNOWN)),
        tail=np.tile(np.array([-1, 0], np.int32), (rows, 1)),
        chunk=aligned((chunks, FIRST + ENTRIES), np.int32),
        chunk_gain=np.zeros((chunks if gains else 0, ENTRIES)),
        now=np.zeros(2, np.int64),
    )


def aligned(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Zeros that begin at the start of a cache line (64 bytes)."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + 64, np.uint8)
    begin = -memory.ctypes.data % 64
    return memory[begin : begin + size].view(dtype).reshape(shape)


@piece
def as_float(bits):
    """The float64 of these bits."""
    return np.int64(bits).view(np.float64)


@piece
def as_bits(number):
    """The bits of a float64."""
    return np.float64(number).view(np.int64)


@piece
def pair(newer, older):
    """Two ticks in one int64."""
    return (older << 32) | (newer & 0xFFFFFFFF)


@piece
def newer(both):
    """The newer of two ticks."""
    return np.int64(np.int32(both))


@piece
def older(both):
    """The older of two ticks."""
    return both >> 32


@piece
def is_full(past, tick):
    """Whether the pool may lack chunks for `tick`, in which every row may spike, or numbers for it."""
    return past.chunk.shape[0] - past.now[USED] < past.tail.shape[0] or tick - past.now[SINCE] > AGES


@piece
def remember(past, row, tick, trace, gain):
    """Row `row` spikes at `tick`; `trace` is its trace from now on."""
    recent, tick = past.recent, tick - past.now[SINCE]
    recent[row, OLDEST] = pair(older(recent[row, MIDDLE]), newer(recent[row, OLDEST]))
    recent[row, MIDDLE] = pair(older(recent[row, NEWEST]), newer(recent[row, MIDDLE]))
    recent[row, NEWEST] = pair(tick, newer(recent[row, NEWEST]))
    recent[row, TRACE] = as_bits(trace)
    chunk, count = past.tail[row, 0], past.tail[row, 1]
    if chunk < 0 or count == ENTRIES:
        before, chunk, count = chunk, np.int32(past.now[USED]), np.int32(0)
        past.now[USED] += 1
        past.chunk[chunk, PREVIOUS] = before
        past.chunk[chunk, NEXT] = -1
        if before >= 0:
            past.chunk[before, NEXT] = chunk
        past.tail[row, 0] = chunk
    past.chunk[chunk, FIRST + count] = tick
    past.tail[row, 1] = count + 1
    if past.gain.size > 0:
        past.chunk_gain[chunk, count] = gain
        for k in range(KNOWN, 1, -1):
            past.gain[row, k] = past.gain[row, k - 1]
        past.gain[row, 1] = gain


@routine
def forget(past, tick):
    """All synapses have seen all spikes up to `tick`: empty the pool and count ticks from the next one."""
    passed = tick + 1 - past.now[SINCE]
    for row in range(past.recent.shape[0]):
        past.tail[row, 0] = -1
        past.tail[row, 1] = 0
        for k in range(NEWEST, OLDEST + 1):
            both = past.recent[row, k]
            past.recent[row, k] = pair(max(newer(both) - passed, -AGES), max(older(both) - passed, -AGES))
    past.now[USED] = 0
    past.now[SINCE] = tick + 1


@piece
def chunk_with(past, row, start):
    """The chunk of `row` that has its first spike at or after `start`; there must be such a spike in the pool."""
    chunk = past.tail[row, 0]
    while past.chunk[chunk, PREVIOUS] >= 0 and past.chunk[chunk, FIRST] > start:
        chunk = past.chunk[chunk, PREVIOUS]
    return chunk
