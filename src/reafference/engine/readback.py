"""Reading synapses back in the order of their wiring: they are drawn again, and found where they were put."""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.draw import Tract, delays
from reafference.engine.inbox import Inbox
from reafference.engine.kernel import kernel
from reafference.engine.wire import check_again, drawn, owners


class Synapses(NamedTuple):
    """Synapses of one projection whose targets this process has, in the order of the wiring."""

    source: np.ndarray  # (synapses,) uint32, counted from 0 in the source population
    target: np.ndarray  # (synapses,) uint32, the same in the target population
    weight: np.ndarray  # (synapses,) float64, V, as they are now
    delay: np.ndarray  # (synapses,) float64, s, whole ticks


class Stored(NamedTuple):
    """A projection and where its synapses are."""

    tract: Tract
    row: int  # of the projection in the inboxes
    mark: np.ndarray  # (parts,) uint64, fingerprints from when it was first drawn
    cuts: np.ndarray  # (workers + 1,): worker w has the neurons cuts[w] <= i < cuts[w + 1] of the group
    inboxes: Sequence[Inbox]  # of these workers


class Found(NamedTuple):
    """The synapses of one part and where they are."""

    source: np.ndarray  # (synapses,) uint32, counted from 0 in the source population
    target: np.ndarray  # (synapses,) uint32, the same in the target population
    worker: np.ndarray  # (synapses,) int64, number of the inbox
    place: np.ndarray  # (synapses,) int64, number of the synapse in it
    delay: np.ndarray  # (synapses,) int32, ticks


def replay(stored: Stored) -> Iterator[Found]:
    """Draw a projection again, part by part, and find those of its synapses whose targets this process has."""
    tract = stored.tract
    own = owners(tract, stored.cuts)
    passed = [np.zeros(inbox.delay.size, np.int32) for inbox in stored.inboxes]
    begin = 0
    for part, (source, target) in drawn(tract, own):
        check_again(tract, part, (source, target), stored.mark)
        delay = delays(tract, part, begin, source.size)
        begin += source.size
        mine = np.flatnonzero((target >= own.low) & (target < own.low + own.owner.size))
        source, target, delay = source[mine], target[mine], delay[mine]
        worker = own.owner[target - np.uint32(own.low)].astype(np.int64)
        place = np.empty(mine.size, np.int64)
        for number, inbox in enumerate(stored.inboxes):
            find(source, delay, worker, number, tract.source, stored.row, inbox, passed[number], place)
        yield Found(source, target, worker, place, delay)


def present(stored: Stored, found: Found) -> np.ndarray:
    """Weights (V) of the synapses of a part as they are now, (synapses,)."""
    weight = np.empty(found.place.size)
    for number, inbox in enumerate(stored.inboxes):
        mine = found.worker == number
        if stored.tract.weight is None:
            weight[mine] = inbox.weight[found.place[mine] - inbox.shift[stored.row]]
        else:
            weight[mine] = inbox.one[stored.row]
    return weight


def synapses_of(stored: Stored) -> Synapses:
    """All synapses whose targets this process has."""
    parts = [(f.source, f.target, present(stored, f), f.delay * stored.tract.dt) for f in replay(stored)]
    empty = np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0), np.zeros(0)
    return Synapses(*(np.concatenate(column) for column in zip(empty, *parts, strict=True)))


def weights_of(stored: Stored) -> np.ndarray:
    """Present weights (V) of the synapses whose targets this process has, in the order of the wiring."""
    return np.concatenate([np.zeros(0), *(present(stored, found) for found in replay(stored))])


def one_weight(name: str) -> str:
    """What to tell who would set single weights of a projection that keeps one."""
    return (
        f"{name} keeps one weight for all synapses, as all were given the same; give it plasticity, weights that "
        "differ, or Uniform(low=w, high=w)."
    )


def set_weights(stored: Stored, weight: np.ndarray) -> None:
    """Set the weights (V), one for each synapse whose target this process has, in the order of the wiring.

    Raises ValueError, before any is set, for another number of weights or a projection that keeps only one.
    """
    name, row = stored.tract.projection.name, stored.row
    if stored.tract.weight is not None:
        raise ValueError(one_weight(name))
    wanted = sum(int(inbox.count[inbox.projection == row].sum(dtype=np.int64)) for inbox in stored.inboxes)
    if weight.shape != (wanted,):
        raise ValueError(f"{name} has {wanted} synapses, got weights of shape {weight.shape}; give one for each.")
    begin = 0
    for found in replay(stored):
        part = weight[begin : begin + found.place.size]
        for number, inbox in enumerate(stored.inboxes):
            mine = found.worker == number
            inbox.weight[found.place[mine] - inbox.shift[row]] = part[mine]
        begin += found.place.size


@kernel
def find(source, delay, worker, number, first, row, inbox, passed, place):
    """Find the place of every synapse of worker `number`: each is the next one of its segment."""
    for e in range(source.size):
        if worker[e] == number:
            low, high = inbox.first[first + source[e]], inbox.first[first + source[e] + 1]
            while high - low > 1:  # segments of a source are sorted by (projection, delay)
                middle = (low + high) // 2
                if inbox.projection[middle] < row or (
                    inbox.projection[middle] == row and inbox.delay[middle] <= delay[e]
                ):
                    low = middle
                else:
                    high = middle
            place[e] = inbox.begin[low] + passed[low]
            passed[low] += 1
