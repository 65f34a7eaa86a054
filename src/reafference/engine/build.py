"""From a network (data) to the arrays that the kernels walk."""

# pyright: basic
from __future__ import annotations

import importlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from reafference.engine.decay import ticks
from reafference.engine.inbox import CHUNK, Inbox, empty_calendar
from reafference.engine.kernel import builder, keep_apart
from reafference.engine.learning import ANTI_HEBBIAN, THREE_FACTOR, Rules
from reafference.engine.tick import Group, Probe
from reafference.network import AntiHebbian, Network, Poisson, Population, Projection, SpikeTrain
from reafference.network.network import MAX_WEIGHT
from reafference.network.values import LogNormal, Uniform, per_synapse
from reafference.units import check_range

BUILD_BYTES = 80  # per synapse at the peak of building, see benchmarks/build_network.py; 12 to 24 stay


@dataclass
class Cells:
    """All populations of one kind of neuron: one group, split among the workers."""

    module: ModuleType
    populations: list[Population]
    identity: np.ndarray  # (cells,) int32, number of the neuron in the network
    cells: Any
    edges: list[Edges] = field(default_factory=list)
    cuts: np.ndarray = field(
        default_factory=lambda: np.zeros(0, np.int64)
    )  # (workers + 1,) first neuron of each worker


@dataclass
class Edges:
    """Drawn synapses of one projection."""

    projection: Projection
    source: np.ndarray  # (synapses,) uint32, number in the network
    target: np.ndarray  # (synapses,) uint32, place in the group of cells
    weight: np.ndarray  # (synapses,) or (1,) float64
    delay: np.ndarray  # (synapses,) or (1,) int32, ticks
    slots: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # per worker: (edge, place in its inbox)


def available_memory() -> int | None:
    """Bytes that this machine can still give, or None where it does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):  # counts what caches would give back, unlike SC_AVPHYS_PAGES
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def check_memory(network: Network) -> None:
    """Refuse a network that cannot fit, before anything is allocated."""
    synapses = sum(p.wiring.expected(p.source.size, p.target.size) for p in network.projections)
    needed = synapses * BUILD_BYTES + network.neurons * 200
    available = available_memory()
    if available is not None and needed > available:
        raise MemoryError(
            f"the network has about {synapses:.3g} synapses and {network.neurons:.3g} neurons and needs "
            f"{needed / 2**30:.3g} GiB "
            f"to be built; {available / 2**30:.3g} GiB are free. Make it smaller or sparser, or use a machine "
            "with more memory."
        )


def draw(network: Network, seed: int, dt: float, group_of: dict[str, tuple[Cells, int]]) -> None:
    """Draw the synapses of all projections and hand them to the group of their targets.

    Each projection has its own stream of random numbers, so that adding one leaves the others as they were.
    """
    for number, projection in enumerate(network.projections):
        if projection.target.name not in group_of:
            raise ValueError(
                f"{projection.name}: {projection.target!r} is a source and takes no input; project onto a "
                "neuron such as CurrentLIF."
            )
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
        source, target = projection.wiring.connect(projection.source.size, projection.target.size, rng)
        weight = per_synapse(f"{projection.name}: weight", projection.weight, source.size, rng)
        check_range(f"{projection.name}: weight", weight, -MAX_WEIGHT, MAX_WEIGHT, "V")
        delay = delay_ticks(
            projection, per_synapse(f"{projection.name}: delay", projection.delay, source.size, rng), dt
        )
        group, first = group_of[projection.target.name]
        source += np.uint32(network.first(projection.source.name))
        target += np.uint32(first)
        group.edges.append(Edges(projection, source, target, weight, delay))


def delay_ticks(projection: Projection, delay: np.ndarray, dt: float) -> np.ndarray:
    """Delays in whole ticks, at least one. A drawn log-normal delay below one tick becomes one tick."""
    if delay.size == 0:
        return np.ones(1, np.int32)
    count = ticks(delay, dt)
    if isinstance(projection.delay, LogNormal):
        count = np.maximum(count, 1)
    if count.min() < 1:
        least = float(delay[int(count.argmin())])
        hint = "raise `low`" if isinstance(projection.delay, Uniform) else "use a longer delay"
        raise ValueError(
            f"{projection.name}: delay = {least:g} s is below one tick of {dt:g} s; {hint} or run with a smaller dt."
        )
    if count.max() * dt > 60.0:
        raise ValueError(
            f"{projection.name}: a delay of {count.max() * dt:g} s is above the limit of 60 s; delays are in seconds."
        )
    return count.astype(np.int32)


@builder
def count_sources(source, target, low, high, count):
    """Count the synapses of each source onto targets low <= i < high into count[source + 1]."""
    for e in range(source.size):
        if low <= target[e] < high:
            count[source[e] + 1] += 1


@builder
def scatter(source, target, low, high, offset, place, order):
    """Write the numbers of these synapses, plus `offset`, to the next free `place` of their source."""
    for e in range(source.size):
        if low <= target[e] < high:
            order[place[source[e]]] = e + offset
            place[source[e]] += 1


@builder
def sort_rows(first, key, order):
    """Sort the synapses of each source by `key`, keeping the order of equals (insertion for short rows)."""
    for i in range(first.size - 1):
        begin, end = first[i], first[i + 1]
        if end - begin < 24:
            for a in range(begin + 1, end):
                item, b = order[a], a - 1
                while b >= begin and key[order[b]] > key[item]:
                    order[b + 1] = order[b]
                    b -= 1
                order[b + 1] = item
        else:
            row = order[begin:end].copy()
            keys = np.empty(end - begin, np.int64)
            for a in range(row.size):
                keys[a] = key[row[a]]
            order[begin:end] = row[np.argsort(keys, kind="mergesort")]


@builder
def cut_segments(first, key, order, segment_first, begin):
    """Find the segments: runs of one key within one source. Returns their number; fills `begin` if it is "
    "long enough."""
    count = 0
    for i in range(first.size - 1):
        segment_first[i] = count
        for a in range(first[i], first[i + 1]):
            if a == first[i] or key[order[a]] != key[order[a - 1]]:
                if begin.size > count:
                    begin[count] = a
                count += 1
    segment_first[first.size - 1] = count
    return count


def inbox_of(group: Cells, worker: int, neurons: int, rule_of: dict[str, int], initially_active: np.ndarray) -> Inbox:
    """The synapses onto the neurons that `worker` owns in `group`, grouped by source, delay and rule."""
    low, high = int(group.cuts[worker]), int(group.cuts[worker + 1])
    first = np.zeros(neurons + 1, np.int64)
    for edges in group.edges:
        count_sources(edges.source, edges.target, low, high, first)
    np.cumsum(first, out=first)
    order, place, offset = np.empty(int(first[-1]), np.int64), first[:-1].copy(), 0
    for edges in group.edges:
        scatter(edges.source, edges.target, low, high, offset, place, order)
        offset += edges.source.size

    sizes = [edges.source.size for edges in group.edges]
    rules = [rule_of.get(edges.projection.name, -1) for edges in group.edges]
    key = joined(
        [edges.delay.astype(np.int64) * 32768 + rule + 1 for edges, rule in zip(group.edges, rules, strict=True)],
        sizes,
        np.int64,
    )
    if key.size > 1:
        sort_rows(first, key, order)
    flat_key = np.zeros(offset, np.int64) if key.size == 0 else key
    segment_first = np.zeros(neurons + 1, np.int64)
    segments = cut_segments(first, flat_key, order, segment_first, np.empty(0, np.int64))
    begin = np.empty(segments + 1, np.int64)
    cut_segments(first, flat_key, order, segment_first, begin)
    begin[-1] = order.size
    segment_key = flat_key[order[begin[:-1]]]
    delay = (segment_key // 32768).astype(np.int32)
    weight = joined([edges.weight for edges in group.edges], sizes, np.float64)
    target = joined([edges.target for edges in group.edges], sizes, np.uint32)
    offset = 0
    for edges in group.edges:
        if edges.projection.plasticity is not None:
            mine = np.flatnonzero((order >= offset) & (order < offset + edges.source.size))
            edges.slots.append((order[mine] - offset, mine))
        offset += edges.source.size
    active = np.flatnonzero(initially_active[low:high]).astype(np.int32)
    actives = np.zeros(high - low, np.int32)
    actives[: active.size] = active
    longest = int(delay.max()) if segments else 1
    return Inbox(
        first=segment_first,
        delay=delay,
        rule=(segment_key % 32768 - 1).astype(np.int16),
        begin=begin,
        target=(target[order] - np.uint32(low)).astype(np.uint32),
        weight=weight[order],
        **empty_calendar(longest, links=max(1024, segments // (4 * CHUNK))),
        active=actives,
        active_count=np.array([active.size], np.int64),
        is_active=initially_active[low:high].copy(),
        identity=group.identity[low:high].astype(np.int32),
        work=np.zeros(3, np.int64),
    )


def joined(parts: list[np.ndarray], sizes: list[int], dtype: Any) -> np.ndarray:
    """One array for all projections; single numbers are spread."""
    if not parts:
        return np.zeros(0, dtype)
    return np.concatenate(
        [np.broadcast_to(part, size).astype(dtype, copy=False) for part, size in zip(parts, sizes, strict=True)]
    )


def rules_of(group: Cells, network: Network, dt: float, cells: int, segments: int) -> tuple[Rules, dict[str, int]]:
    """The learning rules of a group; and the row of each plastic projection."""
    plastic = [e.projection for e in group.edges if e.projection.plasticity is not None]
    row = {projection.name: number for number, projection in enumerate(plastic)}
    rules = [projection.plasticity for projection in plastic]
    teacher = np.zeros((len(rules), 4), np.int64)
    sizes = {population.name: population.size for population in network.populations}
    interval = np.ones(len(rules), np.int64)
    for number, rule in enumerate(rules):
        if rule is None:
            continue
        interval[number] = round(rule.interval / dt)
        if interval[number] < 1 or abs(interval[number] * dt - rule.interval) > 1e-6 * rule.interval:
            raise ValueError(
                f"{plastic[number].name}: interval = {rule.interval:g} s is no multiple of the step of {dt:g} "
                "s; make it one."
            )
        if isinstance(rule, AntiHebbian):
            own, other = network.first(rule.own), network.first(rule.other)
            teacher[number] = own, own + sizes[rule.own], other, other + sizes[rule.other]
    forms = np.array([ANTI_HEBBIAN if isinstance(rule, AntiHebbian) else THREE_FACTOR for rule in rules], np.int8)
    room = segments if rules else 1
    return Rules(
        form=forms,
        rate=np.array([-r.rate if isinstance(r, AntiHebbian) else r.rate for r in rules if r], np.float64),
        step=np.array([dt / r.tau for r in rules if r], np.float64),
        interval=interval,
        low=np.array([r.low for r in rules if r], np.float64),
        high=np.array([r.high for r in rules if r], np.float64),
        modulator=np.ones(len(rules)),
        memory=np.array([(r.normalise or 0.0) / r.interval for r in rules if r], np.float64),
        floor=np.array([r.floor for r in rules if r], np.float64),
        changes=np.zeros(len(rules), np.int64),
        teacher=teacher,
        signal=np.zeros(len(rules)),
        spiked=np.zeros((len(rules), cells if (forms == THREE_FACTOR).any() else 1), np.int32),
        trace=np.zeros(room),
        touched=np.zeros(room, np.int64),
        square=np.zeros(room),
        squared=np.zeros(room, np.int64),
        listed=np.zeros(room, np.bool_),
        waiting=np.zeros(room, np.int32),
        waiting_count=np.zeros(1, np.int64),
    ), row


def build_groups(
    network: Network, dt: float, seed: int, workers: int
) -> tuple[list[Cells], list[list[Group]], list[Any]]:
    """Groups of cells, their arrays for each worker, and the sources (all owned by the first worker)."""
    check_memory(network)
    # Both kinds of source are always there, if empty: fewer combinations to compile.
    by_kernel: dict[str, list[Population]] = {Poisson.kernel: [], SpikeTrain.kernel: []}
    for population in network.populations:
        by_kernel.setdefault(population.kind.kernel, []).append(population)
    groups: list[Cells] = []
    sources: list[Any] = []
    group_of: dict[str, tuple[Cells, int]] = {}
    for path in sorted(by_kernel):
        populations = by_kernel[path]
        module = importlib.import_module(path)
        keep_apart(module)
        identity = np.concatenate(
            [np.zeros(0, np.int64), *(network.first(p.name) + np.arange(p.size) for p in populations)]
        )
        kinds = [(p.kind, p.size) for p in populations]
        if not hasattr(module, "part"):
            sources.append(module.make(kinds, identity, dt, seed))
            continue
        group = Cells(module, populations, identity, module.make(kinds, dt))
        group.cuts = np.linspace(0, identity.size, workers + 1).astype(np.int64)
        groups.append(group)
        first = 0
        for population in populations:
            group_of[population.name] = (group, first)
            first += population.size
    draw(network, seed, dt, group_of)
    per_worker: list[list[Group]] = [[] for _ in range(workers)]
    for group in groups:
        everyone = np.ones(
            group.identity.size, np.bool_
        )  # all are looked at once; the first look sends the quiet ones home
        for worker in range(workers):
            low, high = int(group.cuts[worker]), int(group.cuts[worker + 1])
            _, row = rules_of(group, network, dt, high - low, 1)
            inbox = inbox_of(group, worker, network.neurons, row, everyone)
            rules, _ = rules_of(group, network, dt, high - low, max(inbox.delay.size, 1))
            none = np.zeros(0, np.int64)
            per_worker[worker].append(
                Group(group.module.part(group.cells, low, high), inbox, rules, Probe(none, none, none))
            )
        for edges in group.edges:  # drawn synapses now live in the inboxes; a slice would keep the whole array alive
            edges.source, edges.target, edges.delay = (
                edges.source[:0].copy(),
                edges.target[:0].copy(),
                edges.delay[:0].copy(),
            )
            edges.weight = edges.weight[:0].copy()
    return groups, per_worker, sources
