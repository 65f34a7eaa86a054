"""Noticing that a world breaks the algebra of the body: its map repeats itself, or contradicts itself.

Charts unroll a world on the sheet. If what the sheet takes for granted does not hold there (a step that leaves at one
edge and comes in at another, a short cut), the same place of the world comes to lie on several cells. Either these
copies lie apart; then the map repeats: some automorphism of the sheet, other than the identity, takes known places to
known places with the same symbols and walls, as a covering of the world must be. Or the copies come to lie on other
places; then symbols contradict the map, and go on doing so after the past has been lived again.

An automorphism of a sheet that keeps the actions is known by the cell to which it takes the origin, so there are no
more of them than cells. For each, `repetition` weighs two hypotheses: symbol and walls of a place and of its image are
the same, or they are independent. The mean of such a Bayes factor is 1 where places are independent; so by Markov's
inequality the chance that one of n automorphisms reaches e^t at one look is at most n e^-t (as far as what a chart
holds about each of its places is independent; Kass and Raftery, J. Am. Stat. Assoc. 90 (1995) 773-795). For coverings
see Magnus, Karrass and Solitar, Combinatorial Group Theory (1966).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DOUBT = 0.05  # probability that what a chart holds about a wall is wrong, whatever its evidence
HALF = 0.5  # a wall is told by both of its sides, so that each counts half
ALIKE = 0.8  # share of an action's steps after which all looks the same, from which on it does not leave a place
ENOUGH = 10  # such steps, of which that share is taken


class Folds:
    """Automorphisms of a sheet: which of them takes one cell to another.

    target  (cells, actions) int32, -1 beyond the edge; each action is taken to be one to one, as in a group
    """

    def __init__(self, target: npt.NDArray[np.int32]) -> None:
        self._target = target
        cells, actions = target.shape
        self._before = np.full((cells, actions), -1, np.int32)  # where an action comes from that leads here
        for action in range(actions):
            sources = np.flatnonzero(target[:, action] >= 0)
            self._before[target[sources, action], action] = sources
        self._from: dict[int, tuple[int, int]] = {}  # cell: the cell before it on a shortest way, and the action
        order = [0]
        for cell in order:
            for action, there in enumerate(target[cell].tolist()):
                if there > 0 and there not in self._from:
                    self._from[there] = cell, action
                    order.append(there)
        self._rows: dict[int, npt.NDArray[np.int32]] = {0: np.arange(cells, dtype=np.int32)}

    def images(self, cell: int) -> npt.NDArray[np.int32]:
        """Where the origin goes if `cell` goes to each cell, (cells,); -1 where that lies beyond the edge.

        An automorphism that takes p to q takes what an action reaches from p to what it reaches from q. So if `cell`
        is reached from p, the cell before its image, by the same action, is the image of p.
        """
        way = list[int]()
        while cell not in self._rows:
            way.append(cell)
            cell = self._from[cell][0]
        row = self._rows[cell]
        for step in reversed(way):
            before = self._before[:, self._from[step][1]]
            row = np.where(before >= 0, row[before], np.int32(-1))
            self._rows[step] = row
        return row

    def taking(self, cell: int) -> npt.NDArray[np.int32]:
        """Where each cell goes if the origin goes to `cell`, (cells,); -1 where that lies beyond the edge."""
        taken = np.full(self._target.shape[0] + 1, -1, np.int32)  # its last entry is what -1 is looked up at
        taken[0] = cell
        for there, (before, action) in self._from.items():
            if taken[before] >= 0:
                taken[there] = self._target[taken[before], action]
        return taken[:-1]


@dataclass(frozen=True)
class Repetition:
    """The automorphism by which a map repeats itself best.

    cell      where it takes the origin
    evidence  nats for "the same" against "independent", over all pairs of a known place and its known image
    pairs     how many such pairs there are
    """

    cell: int
    evidence: float
    pairs: int


def repetition(hypotheses: Hypotheses, folds: Folds) -> Repetition | None:
    """How the leading chart repeats itself best; None if no known place has a known image.

    A place's true symbol has a posterior q by its tags, and a prior f, the share of places that look so. That two
    places have the same one is sum(q q' / f) times as probable as if they were independent; the same with walls, but
    for actions that nothing stops. Cells at which an action finds the same symbol as before (turns on the spot) are
    one place with one symbol, whose evidence counts once however many of its cells are compared.
    """
    charts, rules, leader = hypotheses.charts, hypotheses.rules, hypotheses.leader
    cells = charts.touched[leader, : charts.size[leader]]
    tags = charts.count[leader, cells].astype(np.float64)
    seen = tags.any(axis=1)
    cells, tags = cells[seen], tags[seen]
    image = np.stack([folds.images(int(cell))[cells] for cell in cells])
    first, second = np.nonzero(image > 0)  # the identity takes the origin to itself
    if not first.size:
        return None
    fold = image[first, second].astype(np.int64)
    place = _places(hypotheses.target, cells, tags.argmax(axis=1))
    evidence = _same_symbol(_pooled(place, tags), rules.alpha)[place[first], place[second]]
    pair = (fold * cells.size + place[first]) * cells.size + place[second]
    _, inverse, often = np.unique(pair, return_inverse=True, return_counts=True)
    evidence = np.where(place[first] == place[second], 0.0, evidence / often[inverse])
    for action in range(charts.barrier.shape[2]):
        if not rules.free >> action & 1:
            evidence += _same_wall(charts.barrier[leader, cells, action], rules)[first, second]
    evidence[image[second, first] == fold] *= HALF  # such a fold tells each pair twice
    total = np.bincount(fold, evidence)
    pairs = np.bincount(fold)
    best = int(np.where(pairs > 0, total, -np.inf).argmax())
    return Repetition(best, float(total[best]), int(pairs[best]))


def _places(target: npt.NDArray[np.int32], cells: npt.NDArray[np.int32], look: npt.NDArray[np.int64]) -> Ints:
    """Number of the place that each cell is part of, (n,): cells joined by actions after which all looks the same."""
    number = np.full(target.shape[0] + 1, -1, np.int64)  # its last entry is what -1 is looked up at
    number[cells] = np.arange(cells.size)
    joined = [np.empty((2, 0), np.int64)]
    for action in range(target.shape[1]):
        ahead = number[target[cells, action]]
        here = np.flatnonzero((ahead >= 0) & (ahead != np.arange(cells.size)))
        ahead = ahead[here]
        if here.size >= ENOUGH and (look[here] == look[ahead]).mean() > ALIKE:
            joined.append(np.stack([here, ahead]))
    edges = np.concatenate(joined, axis=1)
    graph = csr_array((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(cells.size, cells.size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _pooled(place: Ints, tags: Floats) -> Floats:
    """Tags of all cells of each place together, (places, symbols)."""
    pooled = np.zeros((int(place.max()) + 1, tags.shape[1]))
    np.add.at(pooled, place, tags)
    return pooled


def _same_symbol(tags: Floats, alpha: float) -> Floats:
    """Evidence that two places have the same symbol, against independent ones, (places, places)."""
    share = (tags / tags.sum(axis=1, keepdims=True)).sum(axis=0) + 0.5
    share /= share.sum()
    prior = alpha * tags.shape[1]
    likely = (tags + prior * share) / (tags.sum(axis=1, keepdims=True) + prior)
    return np.log((likely / share) @ likely.T)


def _same_wall(barrier: npt.NDArray[np.int8], rules: Rules) -> Floats:
    """Evidence that of two cells both or neither have a wall for an action, (n, n); 0 where nothing is known."""
    odds = math.log(rules.wall / (1.0 - rules.wall)) + rules.step * barrier.astype(np.float64)
    wall = DOUBT * rules.wall + (1.0 - DOUBT) / (1.0 + np.exp(-odds))
    same = np.outer(wall, wall) / rules.wall + np.outer(1.0 - wall, 1.0 - wall) / (1.0 - rules.wall)
    return np.where(np.outer(barrier != 0, barrier != 0), HALF * np.log(same), 0.0)


def foretold(hypotheses: Hypotheses, action: int) -> Floats:
    """Probability of each symbol after an action, as all charts together have it, (symbols,); before `move`."""
    charts, rules = hypotheses.charts, hypotheses.rules
    every = np.arange(hypotheses.weight.size)
    here = charts.place
    there = hypotheses.target[here, action]
    moves = (there >= 0) & (there != here)
    there = np.where(moves, there, here)
    odds = math.log(rules.wall / (1.0 - rules.wall)) + rules.step * charts.barrier[every, here, action].astype(float)
    stopped = np.zeros(every.size) if rules.free >> action & 1 else 1.0 / (1.0 + np.exp(-odds))
    free = np.where(moves, 1.0 - stopped, 0.0) * hypotheses.weight
    expected = np.zeros(hypotheses.symbols)
    for share, cell in ((free, there), (hypotheses.weight - free, here)):
        tags = charts.count[every, cell].astype(np.float64) + rules.alpha
        expected += (share / tags.sum(axis=1)) @ tags
    return expected


def excess(hypotheses: Hypotheses, action: int, symbol: int) -> float:
    """How much more a symbol will surprise the charts than they expect to be surprised by it, in nats; before `move`.

    -log p(symbol) less the entropy of p, the prediction of all charts together. Its mean is 0 in a world that the
    charts hold, wherever the body goes, new places included.
    """
    expected = foretold(hypotheses, action)
    surprise = -np.log(expected)
    return float(surprise[symbol] - expected @ surprise)
