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

from reafference.brain.maps.hypotheses import Hypotheses

DOUBT = 0.05  # probability that what a chart holds about a wall is wrong, whatever its evidence
HALF = 0.5  # a wall is told by both of its sides, so that each counts half


class Folds:
    """Automorphisms of a sheet: which of them takes one cell to another.

    target  (cells, actions) int32, -1 beyond the edge; each action is taken to be one to one, as in a group
    """

    def __init__(self, target: npt.NDArray[np.int32]) -> None:
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
    places have the same one is sum(q q' / f) times as probable as if they were independent; the same with walls.
    """
    charts, rules, leader = hypotheses.charts, hypotheses.rules, hypotheses.leader
    cells = charts.touched[leader, : charts.size[leader]]
    tags = charts.count[leader, cells].astype(np.float64)
    seen = tags.any(axis=1)
    cells, tags = cells[seen], tags[seen]
    share = (tags / tags.sum(axis=1, keepdims=True)).sum(axis=0) + 0.5
    share /= share.sum()
    prior = rules.alpha * tags.shape[1]
    likely = (tags + prior * share) / (tags.sum(axis=1, keepdims=True) + prior)
    evidence = np.log((likely / share) @ likely.T)
    odds = math.log(rules.wall / (1.0 - rules.wall)) + rules.step * charts.barrier[leader, cells].astype(np.float64)
    wall = DOUBT * rules.wall + (1.0 - DOUBT) / (1.0 + np.exp(-odds))
    told = charts.barrier[leader, cells] != 0
    for action in range(wall.shape[1]):
        now = wall[told[:, action], action]
        both = np.outer(now, now) / rules.wall + np.outer(1.0 - now, 1.0 - now) / (1.0 - rules.wall)
        evidence[np.ix_(told[:, action], told[:, action])] += HALF * np.log(both)
    image = np.stack([folds.images(int(cell))[cells] for cell in cells])
    apart = image > 0  # the identity takes the origin to itself
    if not apart.any():
        return None
    size = hypotheses.target.shape[0]
    total = np.bincount(image[apart], evidence[apart], minlength=size)
    total[0] = -np.inf
    pairs = np.bincount(image[apart], minlength=size)
    total[pairs == 0] = -np.inf
    best = int(total.argmax())
    return Repetition(best, float(total[best]), int(pairs[best]))


def excess(hypotheses: Hypotheses, action: int, symbol: int) -> float:
    """How much more a symbol will surprise the charts than they expect to be surprised by it, in nats; before `move`.

    -log p(symbol) less the entropy of p, the prediction of all charts together. Its mean is 0 in a world that the
    charts hold, wherever the body goes, new places included.
    """
    charts, rules = hypotheses.charts, hypotheses.rules
    every = np.arange(hypotheses.weight.size)
    here = charts.place
    there = hypotheses.target[here, action]
    moves = (there >= 0) & (there != here)
    there = np.where(moves, there, here)
    odds = math.log(rules.wall / (1.0 - rules.wall)) + rules.step * charts.barrier[every, here, action].astype(float)
    free = np.where(moves, 1.0 / (1.0 + np.exp(odds)), 0.0) * hypotheses.weight
    expected = np.zeros(hypotheses.symbols)
    for share, cell in ((free, there), (hypotheses.weight - free, here)):
        tags = charts.count[every, cell].astype(np.float64) + rules.alpha
        expected += (share / tags.sum(axis=1)) @ tags
    surprise = -np.log(expected)
    return float(surprise[symbol] - expected @ surprise)
