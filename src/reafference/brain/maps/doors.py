"""Noticing a door that opens one way only.

The sheet says that an action undoes another one, so charts let what stops the one stop the other too. Where that is
wrong, a step that was often made cannot be undone, and whoever tries contradicts what charts have learned. No map of
such a world repeats itself, and symbols seldom surprise. So each passage is asked by itself: what was felt lately from
either side, does one wall or none explain it, or is there a wall to one side alone?

From which side what was tried, and whether the body went or stayed, is told by the forward-backward algorithm on the
leading chart's map, whose own opinion on walls counts half (Rabiner, Proc. IEEE 77 (1989) 257-286).
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reafference.brain.maps.hypotheses import Hypotheses
from reafference.engine.kernel import kernel

OPINION = 0.5  # how much a chart's own evidence on a wall counts, against the prior


class Door(NamedTuple):
    """The passage that most looks like a door.

    cell, action  the side of it of which less is known
    evidence      nats for "a wall to one side alone" against "to both or neither"
    """

    cell: int
    action: int
    evidence: float


@kernel
def sides(ahead, free, look, actions, seen, most, held, later, before, told):
    """How much of what was felt on a way speaks for a wall, from where it was tried.

    ahead  (places, actions) int64   place that an action leads to; -1, or the place itself: none
    free   (places, actions)         probability that it does
    look   (places, symbols)         probability of each symbol
    actions, seen  (steps,) int64    the way: actions, and the symbols after them; it may begin anywhere
    most   nats that one try can tell
    held   (steps + 1, places), later (places,) and before (places,), scratch
    told   (places, actions), written: sum of log p(felt, if it stayed) / p(felt, if it went) over all tries
    """
    places, steps = ahead.shape[0], actions.size
    told[:] = 0.0
    held[0] = 1.0 / places
    later[:] = 1.0
    for t in range(steps):
        held[t + 1] = 0.0
        a, s = actions[t], seen[t]
        for i in range(places):
            j = ahead[i, a]
            goes = free[i, a] if j >= 0 and j != i else 0.0
            held[t + 1, i] += held[t, i] * (1.0 - goes)
            if goes > 0.0:
                held[t + 1, j] += held[t, i] * goes
        total = 0.0
        for i in range(places):
            held[t + 1, i] *= look[i, s]
            total += held[t + 1, i]
        for i in range(places):
            held[t + 1, i] /= total
    for t in range(steps - 1, -1, -1):
        a, s = actions[t], seen[t]
        total, scale = 0.0, 0.0
        for i in range(places):
            j = ahead[i, a]
            goes = free[i, a] if j >= 0 and j != i else 0.0
            before[i] = (1.0 - goes) * look[i, s] * later[i]
            if goes > 0.0:
                before[i] += goes * look[j, s] * later[j]
            total += held[t, i] * before[i]
            scale = max(scale, before[i])
        for i in range(places):
            j = ahead[i, a]
            if j >= 0 and j != i:
                ratio = np.log(look[i, s] * later[i] + 1e-300) - np.log(look[j, s] * later[j] + 1e-300)
                told[i, a] += held[t, i] * before[i] / total * min(most, max(-most, ratio))
        for i in range(places):
            later[i] = before[i] / scale


def door(hypotheses: Hypotheses, lived: Sequence[tuple[int, int]]) -> Door | None:
    """The passage of the leading chart's map that most looks like a door, by what was lived.

    None if no two places lead to one another, or if the charts let each side of a passage learn by itself anyway.
    With a wall, the log of what was felt from either side is higher by l1 and l2; w being the prior of a wall,
    (w e^l1 + 1 - w) (w e^l2 + 1 - w) / (w e^(l1 + l2) + 1 - w) compares two walls of their own with a common one.
    """
    charts, rules, leader, back = hypotheses.charts, hypotheses.rules, hypotheses.leader, hypotheses.back
    touched = charts.touched[leader, : charts.size[leader]]
    cells = touched[charts.count[leader, touched].any(axis=1)].astype(np.int64)
    number = np.full(hypotheses.target.shape[0] + 1, -1, np.int64)  # its last entry is what -1 is looked up at
    number[cells] = np.arange(cells.size)
    ahead, back = number[hypotheses.target[cells]], back[cells].astype(np.int64)
    here, action = np.nonzero((ahead >= 0) & (ahead != np.arange(cells.size)[:, None]) & (back >= 0))
    if here.size == 0:
        return None
    odds = np.log(rules.wall / (1.0 - rules.wall)) + rules.step * charts.barrier[leader, cells].astype(np.float64)
    free = 1.0 - (1.0 - OPINION) * rules.wall - OPINION / (1.0 + np.exp(-odds))
    free[:, [bool(rules.free >> a & 1) for a in range(free.shape[1])]] = 1.0
    tags = charts.count[leader, cells].astype(np.float64) + rules.alpha
    way = np.array(lived, np.int64).reshape(-1, 2)
    look, told, scratch = tags / tags.sum(axis=1, keepdims=True), np.zeros(free.shape), np.zeros((2, cells.size))
    held = np.zeros((len(way) + 1, cells.size))
    sides(ahead, free, look, way[:, 0].copy(), way[:, 1].copy(), rules.step, held, scratch[0], scratch[1], told)
    one, other = told[here, action], told[ahead[here, action], back[here, action]]
    wall, none = np.log(rules.wall), np.log1p(-rules.wall)
    own = np.logaddexp(wall + one, none) + np.logaddexp(wall + other, none)
    evidence = np.where(np.abs(one) <= np.abs(other), own - np.logaddexp(wall + one + other, none), -np.inf)
    best = int(evidence.argmax())
    return Door(int(cells[here[best]]), int(action[best]), float(evidence[best]))
