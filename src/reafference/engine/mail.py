"""Spikes between the processes of one run: each goes only to the ranks that have synapses from it, once an exchange.

Who wants what is asked once, when the network has been built, in pieces of 2^16 neurons. A rank then knows for each of
its own neurons which ranks want its spikes: one bit for each, so an eighth of a byte for every neuron of the network,
whatever the number of ranks. A hub that all want goes to all.
"""

# pyright: basic
from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import kernel
from reafference.engine.learning import taught
from reafference.engine.ranks import DIRECTORY, Ranks, begins
from reafference.engine.shares import own_stretches
from reafference.engine.tick import MADE, ROWS, SENT, Group, Out
from reafference.network import Network

PIECE = 2**16  # neurons of each rank that are asked about at once
NEURON = 31  # bits of a neuron's number in a word of mail; the rest is the tick


class Directory(NamedTuple):
    """Which ranks want the spikes of a rank's own neurons, which are numbered in the network in several stretches."""

    first: np.ndarray  # (stretches,) int64, number of the first neuron; in order
    place: np.ndarray  # (stretches,) int64, its row in `wanted`
    wanted: np.ndarray  # (own neurons, words) uint64: bit r & 63 of word r >> 6 is set if rank r wants them


class Mail:
    """What one rank sends to and receives from the others.

    reach  ticks, shortest delay of the whole network
    """

    def __init__(self, ranks: Ranks, network: Network, parts: Sequence[Sequence[Group]], threads: int) -> None:
        self._ranks = ranks
        stretches = [stretches_of(network, ranks.size * threads, rank, threads) for rank in range(ranks.size)]
        self._directory = directory(ranks, stretches, parts)
        self.reach = min(int(words[0]) for words in ranks.share(np.array([shortest(parts)]), about=DIRECTORY))

    def exchange(self, out: Out, since: int, now: int, stop: int) -> tuple[np.ndarray, int]:
        """Send the spikes of ticks `since` to `now`; returns those of others and the border up to which all have room.

        A spike is one word, (tick - since) 2^31 + neuron; they come back in order.
        """
        workers = out.count.shape[0] - 1
        counts = np.zeros(self._ranks.size, np.int64)
        for row in range(workers):
            count_mail(self._directory, out.neuron[row], out.count[row, SENT], out.count[row, MADE], counts)
        words, cursor = np.empty(int(counts.sum()), np.int64), begins(counts)
        for row in range(workers):
            ends = out.count[row, SENT], out.count[row, MADE]
            write_mail(self._directory, out.tick[row], out.neuron[row], *ends, since, cursor, words)
        note = min(room_until(out, row, now) for row in range(workers))
        received, _, notes = self._ranks.exchange(words, counts, about=stop, now=now, note=note)
        received.sort(kind="stable")  # merges what is in order already
        return received, int(notes.min())


def room_until(out: Out, row: int, now: int) -> int:
    """Last tick for which a worker has room; see `advance` in tick.py."""
    ticks = (out.tick.shape[1] - int(out.count[row, MADE])) // int(out.reserve[row])
    every = int(out.every[0])
    rows = (out.trace.shape[1] - int(out.count[row, ROWS])) * every - now % every
    return now + max(min(ticks, rows), 0)


def put(out: Out, received: np.ndarray, since: int) -> bool:
    """Write spikes of others into the last row of `out`, if they fit."""
    fits = received.size <= out.tick.shape[1]
    if fits:
        out.tick[-1, : received.size] = since + (received >> NEURON)
        out.neuron[-1, : received.size] = received & ((1 << NEURON) - 1)
        out.count[-1, SENT], out.count[-1, MADE] = 0, received.size
    return fits


def shortest(parts: Sequence[Sequence[Group]]) -> int:
    """Shortest delay (ticks) of the synapses that a process has; 2^30 without any."""
    delays = [int(group.inbox.delay.min()) for part in parts for group in part if group.inbox.delay.size]
    return min(delays, default=2**30)


def stretches_of(network: Network, workers: int, rank: int, threads: int) -> np.ndarray:
    """(first, end) of the neurons and sources of a rank by their numbers in the network, in order: (stretches, 2)."""
    own = own_stretches(network, workers, range(rank * threads, (rank + 1) * threads))
    rows: list[tuple[int, int]] = []
    first = 0
    for population in network.populations:
        begin, end = own[population.name]
        heard = not getattr(importlib.import_module(population.kind.kernel), "PRIVATE", False)
        if begin < end and heard:
            rows.append((first + begin, first + end))
        first += population.size
    return np.array(rows, np.int64).reshape(-1, 2)


def piece(stretches: np.ndarray, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """(first, end) of the neurons begin <= k < end, if those of all stretches are counted through."""
    for first, last in stretches.tolist():
        low, high = first + max(begin, 0), min(first + end, last)
        if low < high:
            yield low, high
        begin, end = begin - (last - first), end - (last - first)


def wants(parts: Sequence[Sequence[Group]], low: int, high: int) -> np.ndarray:
    """Of which of the neurons low <= n < high of the network somebody here wants the spikes, (high - low,) bool."""
    result = np.zeros(high - low, np.bool_)
    for part in parts:
        for group in part:
            if group.inbox.identity.size:
                result |= np.diff(group.inbox.first[low : high + 1]) > 0
                result |= taught(group.rules, low, high)
    return result


def directory(ranks: Ranks, stretches: Sequence[np.ndarray], parts: Sequence[Sequence[Group]]) -> Directory:
    """Tell every rank which of its neurons are wanted here, and hear which of the own ones are wanted where."""
    sizes = [int((of[:, 1] - of[:, 0]).sum()) for of in stretches]
    mine = stretches[ranks.rank]
    result = Directory(
        first=mine[:, 0].copy(),
        place=begins(mine[:, 1] - mine[:, 0]),
        wanted=np.zeros((sizes[ranks.rank], (ranks.size + 63) // 64), np.uint64),
    )
    for begin in range(0, max(sizes), PIECE):
        questions: list[np.ndarray] = []
        for of in stretches:
            bits = [wants(parts, low, high) for low, high in piece(of, begin, begin + PIECE)]
            packed = np.packbits(np.concatenate([np.zeros(0, np.bool_), *bits]))
            questions.append(np.pad(packed, (0, -packed.size % 8)).view(np.int64))
        counts = np.array([words.size for words in questions], np.int64)
        received, came, _ = ranks.exchange(np.concatenate(questions), counts, about=DIRECTORY)
        rows = result.wanted[begin : begin + PIECE]
        for rank, words in enumerate(np.split(received, np.cumsum(came)[:-1])):
            if rank != ranks.rank:
                wanted = np.unpackbits(words.view(np.uint8), count=rows.shape[0]).astype(np.uint64)
                rows[:, rank >> 6] |= wanted << np.uint64(rank & 63)
    return result


@kernel
def row_of(directory, neuron):
    """Row of an own neuron in `wanted`."""
    low, high = 0, directory.first.size
    while high - low > 1:
        middle = (low + high) // 2
        if directory.first[middle] <= neuron:
            low = middle
        else:
            high = middle
    return directory.place[low] + neuron - directory.first[low]


@kernel
def count_mail(directory, neuron, begin, end, counts):
    """Count for each rank the spikes begin..end that it wants."""
    for k in range(begin, end):
        row = row_of(directory, np.int64(neuron[k]))
        for word in range(directory.wanted.shape[1]):
            bits, rank = directory.wanted[row, word], word << 6
            while bits:
                counts[rank] += np.int64(bits & np.uint64(1))
                bits >>= np.uint64(1)
                rank += 1


@kernel
def write_mail(directory, tick, neuron, begin, end, since, cursor, words):
    """Write the spikes begin..end for each rank that wants them, and move the cursors on."""
    for k in range(begin, end):
        row = row_of(directory, np.int64(neuron[k]))
        spike = (tick[k] - since) << NEURON | np.int64(neuron[k])
        for word in range(directory.wanted.shape[1]):
            bits, rank = directory.wanted[row, word], word << 6
            while bits:
                if bits & np.uint64(1):
                    words[cursor[rank]] = spike
                    cursor[rank] += 1
                bits >>= np.uint64(1)
                rank += 1
