"""What a placed network spends on what was recorded of it: its routes, its spikes tick by tick, its updates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.cores import LoihiCores
from reafference.chips.placement import Placement
from reafference.chips.pricing.loihi1 import LoihiTimes, LoihiWork
from reafference.chips.pricing.loihi_work import OUTSIDE, LoihiCounter, LoihiRoutes, loihi_routes

Ints = npt.NDArray[np.int64]
STRETCH = 128  # ticks that are run again at once
SPARSE = 1  # how the compiler stores synapses, of `pricing.loihi_work.KINDS`


@dataclass(frozen=True, kw_only=True, eq=False)
class Spikes:
    """Spikes in the numbering of what was placed: compartments, then inputs.

    tick, neuron  (spikes,) int, in order of the tick, which is 1 and more
    ticks         how many there are
    dt            s of each
    """

    tick: Ints
    neuron: Ints
    ticks: int
    dt: float


def routes_of(placed: Placement) -> LoihiRoutes:
    """Where the spikes of a placed network go. Cores are numbered by chip, column, row, and core of the tile."""
    graph, mesh = placed.graph, placed.mesh
    x, y = placed.xy
    chip = mesh.chip(placed.slot)
    order = np.lexsort((placed.slot % mesh.cores, y, x, chip))
    rank = np.argsort(order)
    core = np.where(placed.core >= 0, rank[placed.core], OUTSIDE)
    return loihi_routes(
        core=core,
        computed=placed.core >= 0,
        source=graph.source,
        target=graph.target,
        kind=SPARSE,
        axon=0 if graph.kind is None else graph.kind,
        x=x[order],
        y=y[order],
        chip=chip[order],
    )


def spent(
    routes: LoihiRoutes, cores: LoihiCores, spikes: Spikes, times: tuple[LoihiTimes, ...]
) -> tuple[LoihiWork, bool]:
    """Counts and seconds, and whether it is known which neurons were updated.

    cores  the network at its beginning; they are run on the recorded inputs to see what is updated

    Where the recorded spikes are not what the cores make of the inputs (those of the engine, say), spikes do not tell
    which neurons were updated; all are then taken to be, at every tick.
    """
    first = np.searchsorted(spikes.tick, np.arange(1, spikes.ticks + 2))
    counter = LoihiCounter(routes, times)
    tick = 0
    for tick, awake in enumerate(_awake(cores, spikes, routes.core.size), 1):
        counter.add(spikes.neuron[first[tick - 1] : first[tick]], awake)
    known = tick == spikes.ticks
    if not known:
        counter, every = LoihiCounter(routes, times), np.ones(routes.core.size, np.bool_)
        for begin, end in pairwise(first.tolist()):
            counter.add(spikes.neuron[begin:end], every)
    return counter.work(spikes.ticks * spikes.dt), known


def _awake(cores: LoihiCores, spikes: Spikes, size: int) -> Iterator[npt.NDArray[np.bool_]]:
    """(size,) bool of each tick, as long as the recorded spikes are those that the cores make."""
    fed = spikes.neuron >= cores.neurons
    for begin in range(0, spikes.ticks, STRETCH):
        end = min(begin + STRETCH, spikes.ticks)
        now = (spikes.tick > begin) & (spikes.tick <= end)
        source = spikes.neuron[now & fed] - cores.neurons
        did = cores.advance(end - begin, tick=spikes.tick[now & fed], source=source, watch=True)
        own = np.stack([spikes.tick[now & ~fed], spikes.neuron[now & ~fed]])
        own = own[:, np.lexsort((own[1], own[0]))]
        if did.awake is None or own.shape[1] != did.tick.size or (own != [did.tick, did.neuron]).any():
            return
        for row in did.awake:
            yield np.concatenate([row, np.zeros(size - cores.neurons, np.bool_)])
