"""Going where a suspicion is put to the test.

If an automorphism of the sheet takes a world to itself, a place never seen looks like its known image; if not, like any
place. So it is places of that kind that tell the two apart. A door that opens one way only is told by trying it from
both of its sides.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.notice import Folds

LONGEST = 40  # actions of an errand

Ints = npt.NDArray[np.int64]


def untold(hypotheses: Hypotheses, folds: Folds, fold: int) -> Ints:
    """Places never seen on the leading chart, whose image or inverse image by an automorphism was, (n,)."""
    charts, leader = hypotheses.charts, hypotheses.leader
    touched = charts.touched[leader, : charts.size[leader]]
    seen = np.zeros(hypotheses.target.shape[0] + 1, np.bool_)  # its last entry is what -1 is looked up at
    seen[touched] = charts.count[leader, touched].any(axis=1)
    told = np.zeros_like(seen)
    for taken in (folds.taking(fold), folds.taking(int(folds.images(fold)[0]))):
        told[:-1] |= seen[taken]
    return np.flatnonzero((told & ~seen)[:-1])


def errand(hypotheses: Hypotheses, goals: Ints) -> int | None:
    """First action on a shortest way from where the packet of the leading chart is to the nearest of some cells.

    By ways that are likelier open than not, through places that were seen. None if there is no such way of 1 to LONGEST
    actions.
    """
    charts, rules, leader, target = hypotheses.charts, hypotheses.rules, hypotheses.leader, hypotheses.target
    touched = charts.touched[leader, : charts.size[leader]]
    known = touched[charts.count[leader, touched].any(axis=1)]
    even = math.log((1.0 - rules.wall) / rules.wall)
    ahead = np.where(rules.step * charts.barrier[leader, known].astype(np.float64) < even, target[known], -1)
    far = np.full(target.shape[0] + 1, LONGEST, np.int64)  # its last entry is what -1 is looked up at
    far[goals] = 0
    while True:
        nearer = np.minimum(far[known], 1 + far[ahead].min(axis=1))
        if np.array_equal(nearer, far[known]):
            break
        far[known] = nearer
    here = np.flatnonzero(known == charts.place[leader])
    if here.size == 0 or not 0 < far[known[here[0]]] < LONGEST:
        return None
    return int(far[ahead[here[0]]].argmin())
