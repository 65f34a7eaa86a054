"""Synapses of one group of neurons, grouped by source and delay, and the calendar of spikes on their way to them.

A *segment* is what one spike of one source does at one moment: all its synapses of one projection and one delay.
The calendar holds segments, not events: a spike is entered once for each of its segments, and the synapses are walked
when it arrives. A bucket is one tick; entries of a bucket keep the order (tick of the spike, source), so the sums in a
neuron have one order on any number of threads.

A synapse takes 2 bytes (4 where the group has more than 65,536 neurons), and 8 more where it has a weight of its own.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import piece, routine

CHUNK = 16  # entries of one link of a bucket's chain
NARROW = 2**16  # most neurons of a group whose targets fit into 16 bits


class Inbox(NamedTuple):
    """Synapses onto one group of neurons and what is on its way to them."""

    first: np.ndarray  # (neurons of the network + 1,) int64: segments of source i are first[i] to first[i + 1]
    delay: np.ndarray  # (segments,) int32, ticks
    projection: np.ndarray  # (segments,) int16, row of `rule`, `one`, `shift`
    begin: np.ndarray  # (segments,) int64, first synapse
    count: np.ndarray  # (segments,) int32, number of synapses
    narrow: np.ndarray  # (synapses or 0,) uint16, target: place in the group; only one of `narrow` and `wide` is filled
    wide: np.ndarray  # (synapses or 0,) uint32, the same
    weight: np.ndarray  # (synapses with a weight of their own,) float64: that of synapse s is weight[s - shift]
    rule: np.ndarray  # (projections,) int16, row of Rules or -1
    one: np.ndarray  # (projections,) float64, the weight of all its synapses; NaN where each has its own
    shift: np.ndarray  # (projections,) int64
    head: np.ndarray  # (ring,) int32, first link of each bucket or -1; ring is a power of two above the longest delay
    tail: np.ndarray  # (ring,) int32, last link
    fill: np.ndarray  # (ring,) int32, entries in the last link
    link: np.ndarray  # (links,) int32, next link of the same bucket or next free one
    entry: np.ndarray  # (links, CHUNK) int32, segments
    free: np.ndarray  # (2,) int64: first free link or -1, number of free links
    most: np.ndarray  # (1,) int64: most segments of one source
    identity: np.ndarray  # (cells,) int32, number of the neuron in the network
    work: np.ndarray  # (3,) int64: synaptic events, looks at neurons, weight changes


def empty_calendar(longest: int, links: int) -> dict[str, np.ndarray]:
    """Arrays of a calendar for delays up to `longest` ticks with `links` links."""
    ring = 1
    while ring <= longest:
        ring *= 2
    link = np.arange(1, links + 1, dtype=np.int32)
    link[-1] = -1
    return {
        "head": np.full(ring, -1, np.int32),
        "tail": np.full(ring, -1, np.int32),
        "fill": np.zeros(ring, np.int32),
        "link": link,
        "entry": np.zeros((links, CHUNK), np.int32),
        "free": np.array([0, links], np.int64),
    }


def grown(inbox: Inbox, wanted: int) -> Inbox:
    """The same inbox with at least `wanted` free links; what is on its way stays."""
    old = inbox.link.size
    more = max(old, wanted)
    link = np.concatenate([inbox.link, np.arange(old + 1, old + more + 1, dtype=np.int32)])
    link[-1] = inbox.free[0]
    entry = np.concatenate([inbox.entry, np.zeros((more, CHUNK), np.int32)])
    return inbox._replace(link=link, entry=entry, free=np.array([old, inbox.free[1] + more], np.int64))


@piece
def target_of(inbox, s):
    """Place of the target of synapse s in the group."""
    return np.int64(inbox.narrow[s]) if inbox.wide.size == 0 else np.int64(inbox.wide[s])


@routine
def links_wanted(inbox, neuron, begin, end):
    """Links that entering the spikes begin..end could take at most."""
    segments = 0
    for k in range(begin, end):
        segments += inbox.first[neuron[k] + 1] - inbox.first[neuron[k]]
    return segments // CHUNK + min(segments, inbox.head.size)


@routine
def surely(inbox):
    """Spikes that can be entered whichever they are; `links_wanted` of as many is at most the number of free links."""
    free, most = inbox.free[1], max(inbox.most[0], 1)
    return max((free - inbox.head.size) * CHUNK, free // 2) // most


@routine
def enter(inbox, neuron, tick):
    """Enter a spike into the calendar, once for each of its segments."""
    ring = inbox.head.size - 1
    for segment in range(inbox.first[neuron], inbox.first[neuron + 1]):
        bucket = (tick + inbox.delay[segment]) & ring
        tail = inbox.tail[bucket]
        if tail < 0 or inbox.fill[bucket] == CHUNK:
            new = np.int32(inbox.free[0])
            inbox.free[0] = inbox.link[new]
            inbox.free[1] -= 1
            inbox.link[new] = -1
            if tail < 0:
                inbox.head[bucket] = new
            else:
                inbox.link[tail] = new
            inbox.tail[bucket] = new
            inbox.fill[bucket] = 0
            tail = new
        inbox.entry[tail, inbox.fill[bucket]] = segment
        inbox.fill[bucket] += 1
