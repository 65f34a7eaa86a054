"""The learner of value without one of its ingredients, to see what each is worth."""

from __future__ import annotations

import numpy as np

from reafference.brain.maps.sweep import action_values
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


class Unreplayed(ValueLearner):
    """Backs up the place that it has just left, and no other, awake or at rest."""

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> float:
        """Take in one transition."""
        error = super().learn(place, action, reward, next_place, ended)
        self._value[place] = action_values(self._edges, self._value, place, self.plan.discount, self.unknown).max()
        self.backups += 1
        return error

    def _sweep(self, limit: int) -> int:
        return 0
