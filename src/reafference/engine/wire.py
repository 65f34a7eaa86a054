"""Putting drawn synapses to their places: all are drawn twice, first to be counted, then to be written.

So nothing is held in memory but what stays and a part of some 2^16 synapses. The synapses of a source are a row; they
lie in the order of the wiring, or by delay and then in that order.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.draw import Tract, delays, synapses, weights
from reafference.engine.inbox import NARROW
from reafference.engine.kernel import builder, kernel
from reafference.engine.random import GOLDEN
from reafference.engine.sort import sort
from reafference.network.values import check_synapses
from reafference.network.wiring import Edges

MOST = 2**31 - 1  # segments of an inbox, and synapses of a segment


class Owners(NamedTuple):
    """Who has which targets of a projection."""

    low: int  # first target of its population that anybody here has
    owner: np.ndarray  # (targets from `low` on that somebody here has,) uint16, worker
    start: np.ndarray  # (workers,) int64: target t is place t - start of the worker's own neurons


class Places(NamedTuple):
    """Where the synapses of a projection go, in arrays for all workers and projections."""

    next: np.ndarray  # (workers, sources) int64, place of the next synapse
    weight: np.ndarray  # (workers,) int64: the weight of synapse s is s - weight
    ticks: np.ndarray  # (workers,) int64: the delay of synapse s is s - ticks


class Count(NamedTuple):
    """What the first pass over a projection has found."""

    number: np.ndarray  # (workers, sources) int32, synapses
    size: np.ndarray  # (parts,) int64, synapses, whoever has them; 0 where nobody here has any
    mark: np.ndarray  # (parts,) uint64, fingerprint


class Runs(NamedTuple):
    """Segments of one projection for one worker, in order of (source, delay)."""

    number: np.ndarray  # (sources,) int32
    delay: np.ndarray  # (segments,) or, where all are equal, (1,) int32, ticks
    count: np.ndarray  # (segments,) int32, synapses


def owners(tract: Tract, cuts: np.ndarray) -> Owners:
    """Who has the targets of a projection, if worker w has the neurons cuts[w] <= i < cuts[w + 1] of the group."""
    bounds = np.clip(cuts - tract.place, 0, tract.projection.target.size)
    owner = np.repeat(np.arange(cuts.size - 1, dtype=np.uint16), np.diff(bounds))
    return Owners(int(bounds[0]), owner, (cuts[:-1] - tract.place).astype(np.int64))


def drawn(tract: Tract, own: Owners) -> Iterator[tuple[int, Edges]]:
    """(part, synapses) of all parts that may have targets that somebody here has."""
    low, high = own.low, own.low + own.owner.size
    for part in range(tract.parts.count):
        if tract.parts.reach is not None and not tract.given:  # else the number of every synapse matters
            first, end = tract.parts.reach(part)
            if end <= low or first >= high:
                continue
        yield part, synapses(tract, part)


def counted(tract: Tract, own: Owners) -> Count:
    """The first pass."""
    count = Count(
        number=np.zeros((own.start.size, tract.projection.source.size), np.int32),
        size=np.zeros(tract.parts.count, np.int64),
        mark=np.zeros(tract.parts.count, np.uint64),
    )
    arrived = 0
    for part, (source, target) in drawn(tract, own):
        arrived += count_part(source, target, own, count.number)
        count.size[part] = source.size
        count.mark[part] = fingerprint(source, target)
    if count.number.sum(dtype=np.int64) != arrived or count.number.min(initial=0) < 0:
        raise ValueError(
            f"{tract.projection.name}: one source has more than {MOST} of the {arrived} synapses here, the limit of "
            "one segment; use several sources."
        )
    total = int(count.size.sum())
    check_synapses(f"{tract.projection.name}: weight", tract.projection.weight, total)
    check_synapses(f"{tract.projection.name}: delay", tract.projection.delay, total)
    return count


def check_again(tract: Tract, part: int, edges: Edges, mark: np.ndarray) -> None:
    """Raise where a part was drawn otherwise than before."""
    if fingerprint(*edges) != mark[part]:
        raise ValueError(
            f"{tract.projection.name}: {type(tract.projection.wiring).__name__} drew other synapses (part {part}) when "
            "asked a second time with an equal generator; draw from `rng` alone."
        )


def wire(tracts: Sequence[Tract], counts: list[Count], cuts: np.ndarray, neurons: int) -> list[dict[str, np.ndarray]]:
    """The second pass: for each worker, the arrays of its Inbox that hold synapses.

    counts   of the first pass, one for each tract; taken away one after the other, as each has a row for every source
    cuts     (workers + 1,): worker w has the neurons cuts[w] <= i < cuts[w + 1] of the group
    neurons  of the whole network
    """
    workers, rows = cuts.size - 1, len(tracts)
    own = np.array([tract.weight is None for tract in tracts], bool)
    size = np.array([count.number.sum(axis=1, dtype=np.int64) for count in counts], np.int64).reshape(rows, workers).T
    begin = cumulated(size)  # where the synapses of (worker, tract) begin in one array for all, and where they end
    light = cumulated(size * own)  # the same of the weights
    narrow = int(np.diff(cuts).max(initial=0)) <= NARROW
    target = np.empty(begin[-1], np.uint16 if narrow else np.uint32)
    weight = np.empty(light[-1], np.float64)
    runs: list[list[Runs]] = []
    for row, tract in enumerate(tracts):
        runs.append(fill(tract, counts.pop(0), cuts, target, weight, begin[row:-1:rows], light[row:-1:rows]))
    wired: list[dict[str, np.ndarray]] = []
    for worker in range(workers):
        mine = slice(worker * rows, (worker + 1) * rows)
        low, high = begin[worker * rows], begin[(worker + 1) * rows]
        least, most = light[worker * rows], light[(worker + 1) * rows]
        arrays = segments(tracts, [of.pop(0) for of in runs], begin[mine] - low, neurons)
        arrays["narrow"] = target[low:high] if narrow else np.empty(0, np.uint16)
        arrays["wide"] = np.empty(0, np.uint32) if narrow else target[low:high]
        arrays["weight"] = weight[least:most]
        arrays["one"] = np.array([np.nan if tract.weight is None else tract.weight for tract in tracts], np.float64)
        arrays["shift"] = np.where(own, (begin[mine] - low) - (light[mine] - least), 0)
        wired.append(arrays)
    return wired


def cumulated(number: np.ndarray) -> np.ndarray:
    """Running sum with a zero before it, (number.size + 1,) int64."""
    total = np.zeros(number.size + 1, np.int64)
    np.cumsum(number, out=total[1:])
    return total


def fill(
    tract: Tract,
    count: Count,
    cuts: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    begin: np.ndarray,
    light: np.ndarray,
) -> list[Runs]:
    """Write the synapses of one tract, those of worker w from target[begin[w]] and weight[light[w]] on."""
    own, size = owners(tract, cuts), count.number.sum(axis=1, dtype=np.int64)
    ends = cumulated(size if tract.delay is None else size * 0)
    ticks = np.empty(ends[-1], np.int32)
    place = np.cumsum(count.number, axis=1, dtype=np.int64)
    place -= count.number
    place += begin[:, None]
    place = Places(place, begin - light, begin - ends[:-1])
    number = cumulated(count.size)
    for part, edges in drawn(tract, own):
        check_again(tract, part, edges, count.mark)
        numbers = part, int(number[part]), edges[0].size
        value = weights(tract, *numbers) if tract.weight is None else np.empty(0, np.float64)
        delay = delays(tract, *numbers) if tract.delay is None else np.empty(0, np.int32)
        scatter_part(*edges, value, delay, own, place, target, weight, ticks)
    runs: list[Runs] = []
    for worker, sent in enumerate(count.number):
        if tract.delay is not None:
            runs.append(Runs((sent > 0).astype(np.int32), np.array([tract.delay], np.int32), sent[sent > 0]))
            continue
        first, low, least = cumulated(sent), begin[worker], light[worker]
        mine = ticks[ends[worker] : ends[worker + 1]]
        heavy = weight[least : least + mine.size] if tract.weight is None else weight[:0]
        sort_rows(first, mine, target[low : low + mine.size], heavy)
        different = np.zeros(sent.size, np.int32)
        delay = np.empty(count_runs(first, mine, different), np.int32)
        length = np.empty(delay.size, np.int32)
        find_runs(first, mine, delay, length)
        runs.append(Runs(different, delay, length))
    return runs


def segments(tracts: Sequence[Tract], runs: list[Runs], begin: np.ndarray, neurons: int) -> dict[str, np.ndarray]:
    """The segments of one worker in order of (source, tract, delay); the synapses of a tract begin at `begin`."""
    first = np.zeros(neurons + 1, np.int64)
    for tract, run in zip(tracts, runs, strict=True):
        first[tract.source + 1 : tract.source + 1 + run.number.size] += run.number
    np.cumsum(first, out=first)
    count = int(first[-1])
    if count > MOST:
        raise ValueError(
            f"{count} segments (synapses of one source with one delay) would reach the neurons of one thread, above "
            f"the limit of {MOST}; use fewer different delays or more threads."
        )
    arrays = {"first": first, "delay": np.empty(count, np.int32), "count": np.empty(count, np.int32)}
    for name in ("delay", "count"):  # one after the other, so that what is written can be forgotten
        for row, (tract, run) in enumerate(zip(tracts, runs, strict=True)):
            spread(run.number, getattr(run, name), first[tract.source :], arrays[name])
            runs[row] = run._replace(**{name: run.delay[:0].copy()})
        rewind(first)
    arrays["projection"], arrays["begin"] = np.empty(count, np.int16), np.empty(count, np.int64)
    for row, (tract, run) in enumerate(zip(tracts, runs, strict=True)):
        lay(run.number, first[tract.source :], row, begin[row], arrays["count"], arrays["projection"], arrays["begin"])
    rewind(first)
    return arrays


def rewind(first: np.ndarray) -> None:
    """Bring cursors that began at first[i], and have all gone on to what was first[i + 1], back to where they began."""
    first[1:] = first[:-1]
    first[0] = 0


@kernel
def count_part(source, target, own, number):
    """Count the synapses of each source onto the targets of each worker; returns how many there are."""
    arrived = 0
    for e in range(source.size):
        t = np.int64(target[e]) - own.low
        if 0 <= t < own.owner.size:
            number[own.owner[t], source[e]] += 1
            arrived += 1
    return arrived


@kernel
def fingerprint(source, target):
    """A number that differs where synapses or their order differ."""
    mark = np.uint64(source.size)
    for e in range(source.size):
        x = (np.uint64(source[e]) << np.uint64(32) | np.uint64(target[e])) * GOLDEN
        mark += (x ^ x >> np.uint64(29)) * (np.uint64(2) * np.uint64(e) + np.uint64(1))
    return mark


@kernel
def scatter_part(source, target, value, delay, own, place, targets, weights, ticks):
    """Write every synapse to the next free place of its source."""
    for e in range(source.size):
        t = np.int64(target[e]) - own.low
        if 0 <= t < own.owner.size:
            worker = own.owner[t]
            s = place.next[worker, source[e]]
            place.next[worker, source[e]] = s + 1
            targets[s] = t + own.low - own.start[worker]
            if value.size:
                weights[s - place.weight[worker]] = value[e]
            if delay.size:
                ticks[s - place.ticks[worker]] = delay[e]


@builder
def sort_rows(first, delay, target, weight):
    """Sort the synapses of each source by delay; those of one delay keep their order. `weight` may be empty."""
    longest = 0
    for i in range(first.size - 1):
        longest = max(longest, first[i + 1] - first[i])
    key, targets = np.empty(longest, np.int64), np.empty(longest, target.dtype)
    weights = np.empty(longest if weight.size else 0, np.float64)
    for i in range(first.size - 1):
        begin, size = first[i], first[i + 1] - first[i]
        for k in range(size):
            key[k] = np.int64(delay[begin + k]) << 32 | k
            targets[k] = target[begin + k]
        for k in range(size if weight.size else 0):
            weights[k] = weight[begin + k]
        sort(key, 0, size)
        for k in range(size):
            delay[begin + k] = key[k] >> 32
            target[begin + k] = targets[key[k] & 0xFFFFFFFF]
        for k in range(size if weight.size else 0):
            weight[begin + k] = weights[key[k] & 0xFFFFFFFF]


@kernel
def count_runs(first, delay, number):
    """Count the different delays in each sorted row into `number`; returns their sum."""
    total = 0
    for i in range(first.size - 1):
        for s in range(first[i], first[i + 1]):
            number[i] += s == first[i] or delay[s] != delay[s - 1]
        total += number[i]
    return total


@kernel
def find_runs(first, delay, delays, count):
    """Write the delay and the length of each run."""
    run = -1
    for i in range(first.size - 1):
        for s in range(first[i], first[i + 1]):
            if s == first[i] or delay[s] != delay[s - 1]:
                run += 1
                delays[run], count[run] = delay[s], 0
            count[run] += 1


@kernel
def spread(number, values, cursor, result):
    """Write the next number[i] of `values` (or its only one) to result[cursor[i]:] for each source i, and move on."""
    k = 0
    for i in range(number.size):
        for _ in range(number[i]):
            result[cursor[i]] = values[k]
            cursor[i] += 1
            k += values.size > 1


@kernel
def lay(number, cursor, row, begin, count, projection, begins):
    """Name the projection and the first synapse of the next number[i] segments of each source i, and move on."""
    for i in range(number.size):
        for _ in range(number[i]):
            projection[cursor[i]], begins[cursor[i]] = row, begin
            begin += count[cursor[i]]
            cursor[i] += 1
