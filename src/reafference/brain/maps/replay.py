"""Replay at rest: the packet of one chart walks a stretch of its life again, backwards or forwards, in spikes.

The commands are those that were given, or in reverse order those that lead back; that they are remembered is the
program's doing, as in `Mapper.lived`. Where they lead is decided by the chart's own cells and barriers.
The order of what is replayed is scored as in recordings of place cells: rank correlation of time in the replay and time
in life (Foster and Wilson, Nature 440 (2006) 680-683; Diba and Buzsaki, Nat.
Neurosci. 10 (2007) 1241-1242). What it is held against are replays of the same commands in a shuffled order. Shuffling
which place was when, as there, is too lenient: neighbours in space are neighbours in time even in a walk at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from reafference.brain.maps.spiking import SpikingCharts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Order(NamedTuple):
    """How well a replay keeps the order of life.

    score  rank correlation, -1 to 1; negative: backwards; 0 with fewer than three places in common with life
    known  share of the replay that was at places of that stretch of life
    """

    score: float
    known: float


def walk(cells: SpikingCharts, chart: int, actions: Ints) -> Ints:
    """Places (cells of the sheet) that the packet of a chart reaches by commands, the world shut out, (actions,).

    It starts where it is, and is put back there afterwards. -1 where there was no packet.
    """
    alone = np.array([chart])
    cells.grow(1)
    cells.recall(alone)
    reached = np.full(actions.size, -1, np.int64)
    for i, action in enumerate(actions.tolist()):
        begin = cells.simulation.tick
        _, place = cells.holders(cells.imagine(action), begin)
        if place.size == 0:
            break
        reached[i] = place[0]
    cells.recall(np.arange(cells.charts.place.size))
    return reached


def way_home(target: npt.NDArray[np.int32], back: npt.NDArray[np.int32], places: Ints, actions: Ints) -> Ints:
    """Commands that lead back along a walk, those left out that did not move the packet.

    target, back  the sheet, and of each cell and action the action that leads back (-1: there is no single one)
    places        (actions + 1,) where the packet was before the walk and after each action
    Raises ValueError where there is no way back.
    """
    moved = np.flatnonzero((places[1:] != places[:-1]) & (places[1:] == target[places[:-1], actions]))
    home = back[places[:-1][moved], actions[moved]][::-1].astype(np.int64)
    if (home < 0).any():
        raise ValueError("some action of this walk has no single action that leads back; replay it forwards.")
    return home


def order(lived: Ints, replayed: Ints) -> Order:
    """Score a replay, (n,) places, against a stretch of life, (m,) places; -1 is no place."""
    when = {int(place): float(np.flatnonzero(lived == place).mean()) for place in np.unique(lived) if place >= 0}
    time = np.array([when[int(place)] for place in replayed if int(place) in when])
    known = time.size / max(replayed.size, 1)
    return Order(correlation(time) if np.unique(time).size >= 3 else 0.0, known)


def chance(one: Order, shuffled: Sequence[Order]) -> float:
    """Share of replays whose commands were shuffled, this one counted in, that keep as much order, either way."""
    kept = abs(one.score * one.known)
    return (1 + sum(abs(other.score * other.known) >= kept - 1e-12 for other in shuffled)) / (1 + len(shuffled))


def correlation(values: Floats) -> float:
    """Spearman's rank correlation of values with their place in the array."""
    ranks = rankdata(values)
    return float(np.corrcoef(ranks, np.arange(values.size))[0, 1])
