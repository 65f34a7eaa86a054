"""The usual learners of value from reward, for comparison: tabular Q, Dyna, and the successor representation.

Each is given the number of places in advance, which the learner of `reafference.brain.maps.value` is not, and each was
tuned for each world by itself (`value.py --tune`), where that one has a single setting for both.

Sources: Watkins and Dayan, Machine Learning 8 (1992) 279 (Q); Sutton, ICML 1990 (Dyna); Dayan, Neural Computation 5
(1993) 613, and Stachenfeld, Botvinick and Gershman, Nature Neuroscience 20 (2017) 1643 (successor representation, here
over pairs of place and action).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class PeerPlan:
    """How a peer learns and explores.

    rate      of learning
    start     value of every pair at first, in units of reward
    explored  rests (episodes) over which the chance of a random action falls in a line from `first` to `last`
    """

    rate: float
    start: float
    explored: int
    first: float
    last: float = 0.0
    discount: float = 0.99


class TabularQ:
    """Watkins's Q with a falling chance of random actions."""

    def __init__(self, places: int, actions: int, plan: PeerPlan, *, seed: int) -> None:
        self.places, self.actions, self.plan = places, actions, plan
        self.rng = np.random.default_rng([seed, 43])
        self.rests = self.steps = self.backups = 0
        self.returns = np.full((places, actions), plan.start)

    def of(self, place: int) -> npt.NDArray[np.float64]:
        """Returns (actions,) of one place."""
        return self.returns[place]

    def choose(self, place: int) -> int:
        """Return an action."""
        plan = self.plan
        chance = plan.last + (plan.first - plan.last) * max(0.0, 1 - self.rests / plan.explored)
        if self.rng.random() < chance:
            return int(self.rng.integers(self.actions))
        returns = self.of(place)
        best = np.flatnonzero(returns >= returns.max() - 1e-9)
        return int(best[0] if best.size == 1 else self.rng.choice(best))

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> None:
        """Take in one transition."""
        self.steps += 1
        self.back_up(place, action, reward, next_place, ended)

    def back_up(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> None:
        """Learn from one transition, lived or rehearsed."""
        ahead = 0.0 if ended else self.plan.discount * self.returns[next_place].max()
        self.returns[place, action] += self.plan.rate * (reward + ahead - self.returns[place, action])
        self.backups += 1

    def rest(self) -> None:
        """Explore less from now on."""
        self.rests += 1

    def policy(self) -> npt.NDArray[np.int64]:
        """Return the best action (places,)."""
        return np.array([self.of(place).argmax() for place in range(self.places)])


class Dyna(TabularQ):
    """Q that also rehearses 10 transitions after each step, each one that once followed from a random pair."""

    rehearsed = 10

    def __init__(self, places: int, actions: int, plan: PeerPlan, *, seed: int) -> None:
        super().__init__(places, actions, plan, seed=seed)
        self.met: list[tuple[int, int]] = []
        self.seen: dict[tuple[int, int], list[tuple[float, int, bool]]] = {}

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> None:
        """Take in one transition."""
        super().learn(place, action, reward, next_place, ended)
        if (place, action) not in self.seen:
            self.met.append((place, action))
        # All that followed is kept and one of it drawn: in a slippery world the last outcome alone would mislead.
        self.seen.setdefault((place, action), []).append((reward, next_place, ended))
        for which, draw in zip(
            self.rng.integers(len(self.met), size=self.rehearsed), self.rng.random(self.rehearsed), strict=True
        ):
            pair = self.met[which]
            outcomes = self.seen[pair]
            self.back_up(*pair, *outcomes[int(draw * len(outcomes))])


class Successor(TabularQ):
    """Discounted future visits of all pairs, learned by TD, times the reward of each pair."""

    def __init__(self, places: int, actions: int, plan: PeerPlan, *, seed: int) -> None:
        super().__init__(places, actions, plan, seed=seed)
        self.visits_ahead = np.eye(places * actions)
        self.reward = np.full(places * actions, plan.start)
        self.tried = np.zeros(places * actions, np.int64)

    def of(self, place: int) -> npt.NDArray[np.float64]:
        """Returns (actions,) of one place."""
        first = place * self.actions
        return self.visits_ahead[first : first + self.actions] @ self.reward

    def back_up(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> None:
        """Learn from one transition, lived or rehearsed."""
        pair = place * self.actions + action
        self.tried[pair] += 1
        self.reward[pair] += (reward - self.reward[pair]) / self.tried[pair]
        row = self.visits_ahead[pair]
        row *= 1 - self.plan.rate
        row[pair] += self.plan.rate
        if not ended:
            following = next_place * self.actions + int(self.of(next_place).argmax())
            row += self.plan.rate * self.plan.discount * self.visits_ahead[following]
        self.backups += 1
