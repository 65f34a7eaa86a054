"""How much memory a network will take, asked before any is taken."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reafference.engine.inbox import NARROW
from reafference.engine.postsynaptic import CHUNKS, ENTRIES, KNOWN
from reafference.engine.stdp_make import table_bytes
from reafference.network import Network, Projection, Release, RewardSTDP, TripletSTDP, TsodyksMarkram
from reafference.network.plasticity import IntervalRule, SpikeRule
from reafference.network.values import LogNormal, Normal, Uniform, one_value
from reafference.network.wiring import PART

NEURON = 200  # bytes of a neuron's state and parameters, about
SEGMENT = 20  # bytes of a segment: 18 in the inbox, the rest in the calendar
TRACE = 37  # bytes of a segment's traces where a projection of its group learns at intervals
PAIR, SLOW = 16, 8  # the same where one learns from spikes; more where one learns from triplets
PAST = 40 + 64 * CHUNKS  # bytes of the spikes of a neuron, for each rule by which its synapses learn from spikes
GAINS = 8 * (1 + KNOWN) + 8 * ENTRIES * CHUNKS  # more of them where one learns from triplets
ELIGIBILITY = 4  # bytes of a synapse that learns from reward
SHORT_TERM = 28  # bytes of the state of a segment with short-term plasticity
PLACE = 4  # bytes of a segment where a projection of its group has that
KEY = 8  # bytes of a segment where a projection of its group is unreliable
DRAWN = 4  # bytes of a synapse while the synapses of its projection are sorted by delay
RUN = 8  # bytes of a segment until it is in the inbox
COUNT = 12  # bytes of a source and worker while the synapses of a projection are counted and placed
PART_BYTES = 64  # of a synapse while its part is drawn
SIZES = (IntervalRule, TRACE), (SpikeRule, PAIR), (TripletSTDP, SLOW), (TsodyksMarkram, PLACE), (Release, KEY)


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


def memory_needed(network: Network, dt: float, workers: int, mine: int) -> float:
    """Bytes at the peak of building the parts of `mine` of `workers` workers, about."""
    cells = Counter[str]()
    for population in network.populations:
        cells[population.kind.kernel] += population.size
    traces = traces_of(network.projections)
    share = mine / workers
    stay = listed = sorting = merging = 0.0
    for projection in network.projections:
        kernel = projection.target.kind.kernel
        synapses = projection.wiring.expected(projection.source.size, projection.target.size) * share
        own = projection.plasticity is not None or one_value(projection.weight) is None
        stay += synapses * ((2 if cells[kernel] / workers <= NARROW else 4) + (8 if own else 0))
        segments = segments_of(projection, synapses, projection.source.size * mine, dt)
        listed += segments * (SEGMENT + traces[kernel] + (SHORT_TERM if projection.short_term is not None else 0))
        merging += segments * RUN
        if one_value(projection.delay) is None:
            sorting = max(sorting, synapses * DRAWN)
    stay += learning(network.projections, dt, share, mine)
    rows = network.neurons * 8 * len({p.target.kind.kernel for p in network.projections}) * mine
    rows += max((p.source.size for p in network.projections), default=0) * COUNT * mine
    return stay + max(listed, merging + sorting) + rows + network.neurons * share * NEURON + PART * PART_BYTES


def traces_of(projections: Sequence[Projection]) -> Counter[str]:
    """Bytes of traces for each segment that ends at neurons of a kernel."""
    traces = Counter[str]()
    for kernel in {projection.target.kind.kernel for projection in projections}:
        mine = [projection for projection in projections if projection.target.kind.kernel == kernel]
        rules = [rule for p in mine for rule in (p.plasticity, p.short_term, p.release)]
        for kind, size in SIZES:
            traces[kernel] += size if any(isinstance(rule, kind) for rule in rules) else 0
    return traces


def learning(projections: Sequence[Projection], dt: float, share: float, workers: int) -> float:
    """Bytes besides that, for learning from spikes: of `share` of the targets, and of tables for each of `workers`."""
    triplets = {p.target.kind.kernel for p in projections if isinstance(p.plasticity, TripletSTDP)}
    result = 0.0
    for projection in projections:
        rule, target = projection.plasticity, projection.target
        if isinstance(rule, SpikeRule):
            each = PAST + (GAINS if target.kind.kernel in triplets else 0)
            result += target.size * share * each + workers * table_bytes(rule, dt)
        if isinstance(rule, RewardSTDP):
            synapses = projection.wiring.expected(projection.source.size, target.size)
            result += synapses * share * ELIGIBILITY
    return result


def segments_of(projection: Projection, synapses: float, rows: int, dt: float) -> float:
    """Segments, about, into which the delays divide so many synapses in so many rows (source, worker)."""
    delay = projection.delay
    if one_value(delay) is not None or synapses == 0:
        return min(synapses, rows)
    if isinstance(delay, LogNormal):
        low, high = delay.scale * np.exp(delay.log_mean + np.array([-2, 2]) * delay.log_sigma)
    elif isinstance(delay, Normal):
        low, high = max(delay.mean - 2 * delay.std, delay.low), min(delay.mean + 2 * delay.std, delay.high)
    elif isinstance(delay, Uniform):
        low, high = delay.low, delay.high
    else:
        low, high = np.min(delay), np.max(delay)
    different = float(high - low) / dt + 1.0
    return rows * different * -math.expm1(-synapses / (rows * different))  # as if all were equally frequent


def check_memory(network: Network, dt: float, workers: int, mine: int, sharing: int = 1) -> None:
    """Refuse a network that cannot fit, before anything is allocated.

    workers, mine  as in memory_needed
    sharing        processes of this run on this machine, each of which builds as much
    """
    needed, available = memory_needed(network, dt, workers, mine), available_memory()
    if available is None or needed * sharing <= available:
        return
    synapses = sum(p.wiring.expected(p.source.size, p.target.size) for p in network.projections)
    ranks, remedy = "", "a machine with more memory"
    if mine < workers:
        ranks = f" on each of {workers // mine} ranks"
        if sharing > 1:
            ranks += f", {needed * sharing / 2**30:.3g} GiB on the {sharing} of this machine"
        remedy = "more machines, or machines with more memory"
    raise MemoryError(
        f"the network has about {synapses:.3g} synapses and {network.neurons:.3g} neurons and needs "
        f"{needed / 2**30:.3g} GiB to be built{ranks}; {available / 2**30:.3g} GiB are free. Make it smaller or "
        f"sparser, or use {remedy}."
    )
