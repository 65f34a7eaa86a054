"""The learner of value without one of its ingredients, to see what each is worth."""

from __future__ import annotations

import numpy as np

from reafference.brain.maps.value import Ints, ValueLearner


class Mean(ValueLearner):
    """Follows the mean of all hypotheses that its counts allow, in place of one drawn at each rest."""

    def _suppose(self, pairs: Ints, edges: Ints) -> None:
        super()._suppose(pairs, edges)
        e = self._edges
        total = np.bincount(e.pair[edges], weights=e.count[edges], minlength=self._visits.size)
        source = e.pair[edges]
        e.weight[edges] = (1 - e.fresh[source]) * e.count[edges] / total[source]


class Untaught(ValueLearner):
    """Has no table of surprise: after n tries of a pair, something new is expected with the prior's 1 / (n + 1)."""

    def _suppose(self, pairs: Ints, edges: Ints) -> None:
        self._asked[:] = 0
        self._surprised[:] = 0
        super()._suppose(pairs, edges)


class UntaughtMean(Untaught, Mean):
    """Neither a drawn hypothesis nor a table of surprise."""
