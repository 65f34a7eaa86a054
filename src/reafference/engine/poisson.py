"""Kernel of Poisson sources: the next spike of each source waits in a calendar, so silent ticks cost nothing."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.kernel import INLINE, is_a, kernel, routine
from reafference.engine.random import exponential
from reafference.network.sources import Poisson
from reafference.network.values import per_neuron

RING = 1024  # buckets of the calendar of next spikes; a power of two
NONE = np.int64(2**62)


class PoissonSources(NamedTuple):
    """All Poisson sources of the network."""

    identity: np.ndarray  # (sources,) int32, number of the neuron in the network
    rate: np.ndarray  # (sources,) float64, spikes per tick
    time: np.ndarray  # (sources,) float64, ticks, time of the next spike
    drawn: np.ndarray  # (sources,) int64, random numbers used
    head: np.ndarray  # (RING,) int32, first source of each bucket or -1
    after: np.ndarray  # (sources,) int32, doubly linked list of a bucket
    before: np.ndarray  # (sources,) int32
    bucket: np.ndarray  # (sources,) int32, bucket it waits in or -1
    seed: np.ndarray  # (1,) uint64


def make(kinds: Sequence[tuple[Poisson, int]], identity: np.ndarray, dt: float, seed: int) -> PoissonSources:
    """Draw the first spike of every source."""
    rate = np.concatenate([np.zeros(0), *(per_neuron("rate", kind.rate, count) for kind, count in kinds)]) * dt
    count = rate.size
    sources = PoissonSources(
        identity=identity.astype(np.int32),
        rate=np.zeros(count),
        time=np.zeros(count),
        drawn=np.zeros(count, np.int64),
        head=np.full(RING, -1, np.int32),
        after=np.full(count, -1, np.int32),
        before=np.full(count, -1, np.int32),
        bucket=np.full(count, -1, np.int32),
        seed=np.array([seed], np.uint64),
    )
    if count:  # a network without them need not wait for the compiler
        set_rates(sources, np.arange(count), rate, 0)
    return sources


@routine
def wait(sources, i, now):
    """Put source i where it will be looked at: at its next spike, or at the horizon if that is further off."""
    due = np.int64(np.ceil(sources.time[i])) if sources.time[i] < NONE else NONE
    due = max(due, now + 1)
    bucket = np.int32(min(due, now + RING - 1) & (RING - 1))
    first = sources.head[bucket]
    sources.after[i], sources.before[i], sources.bucket[i] = first, -1, bucket
    if first >= 0:
        sources.before[first] = i
    sources.head[bucket] = i


@routine
def leave(sources, i):
    """Take source i out of its bucket."""
    bucket = sources.bucket[i]
    if bucket < 0:
        return
    after, before = sources.after[i], sources.before[i]
    if before >= 0:
        sources.after[before] = after
    else:
        sources.head[bucket] = after
    if after >= 0:
        sources.before[after] = before
    sources.bucket[i] = -1


@routine
def draw(sources, i, start):
    """Time of the next spike after `start` (ticks)."""
    wait_ticks = exponential(sources.seed[0], sources.identity[i], sources.drawn[i]) / sources.rate[i]
    sources.drawn[i] += 1
    sources.time[i] = start + wait_ticks


@kernel
def set_rates(sources, index, rate, now):
    """New rates (spikes per tick) from tick `now` on; the process has no memory, so the next spike is drawn anew."""
    for k in range(index.size):
        i = index[k]
        if rate[k] == sources.rate[i]:
            continue
        leave(sources, i)
        sources.rate[i] = rate[k]
        if rate[k] > 0.0:
            draw(sources, i, np.float64(now))
            wait(sources, i, now)


@overload(contract.emit, jit_options=INLINE)
def _emit(source, tick, out, row):
    if is_a(source, PoissonSources):

        def emit(source, tick, out, row):
            bucket = tick & (RING - 1)
            i = source.head[bucket]
            source.head[bucket] = -1
            while i >= 0:
                following = source.after[i]
                source.bucket[i] = -1
                while source.time[i] <= tick and out.count[row, 0] < out.tick.shape[1]:
                    out.tick[row, out.count[row, 0]] = tick
                    out.neuron[row, out.count[row, 0]] = source.identity[i]
                    out.count[row, 0] += 1
                    draw(source, i, source.time[i])
                wait(source, i, tick)
                i = following

        return emit
