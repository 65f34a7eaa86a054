"""What places are worth: counts of what followed, one hypothesis drawn from them, and replay backwards at rest.

While awake the learner counts, for each place and action, what followed and what it brought, and acts by the value of
the place where it thinks each action leads. At rest it draws a new hypothesis of the world from its counts (a Dirichlet
sample for each pair: where the counts are few, hypotheses disagree, and so do the actions that follow from them), and
replays its own edges in reverse, from the places whose value surprised it most (`sweep.py`).

What was never seen counts as well as the largest reward or punishment ever met, times the chance of meeting it. That
chance is itself learned, from how often a pair already tried n times, with k different outcomes, surprised by a new
one: in a world that always answers alike the first answer is believed, in a slippery one it is not. So no number has
to be set for the kind of world.

Everything but that one table (two small arrays, broadcast like a neuromodulator), the largest reward and the order of
the queue is local to a place and its edges. Nothing here is a spike: this is the plain reference for a spiking one.

Sources: Strens, ICML 2000, and Osband, Russo and Van Roy, NeurIPS 2013 (a hypothesis drawn and then followed); Brafman
and Tennenholtz, JMLR 3 (2002) 213 (the unknown is worth as much as the best); Moore and Atkeson, Machine Learning 13
(1993) 103 (sweeping).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.sweep import NONE, Edges, Queue, action_value, action_values, record, sweep, tell, tell_all

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
A = TypeVar("A", bound=npt.NDArray[Any])
T = TypeVar("T", Edges, Queue)


@dataclass(frozen=True, kw_only=True)
class ValuePlan:
    """How far value reaches and how long counts last.

    discount   of a reward one step later, 0 to below 1
    memory     visits of a pair after which an old count is worth 1/e
    precision  change of value, as a share of the largest reward, that is not passed on
    awake      largest number of backups after each step
    rest       largest number of backups at each rest
    tries, kinds  size of the table of surprise: more tries, or more kinds of outcome, count as the last
    """

    discount: float = 0.99
    memory: float = 1000.0
    precision: float = 1e-4
    awake: int = 100
    rest: int = 20_000
    tries: int = 32
    kinds: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.discount < 1:
            raise ValueError(
                f"ValuePlan.discount = {self.discount:g} is outside 0 to below 1; 0.99 sees 100 steps far."
            )
        if not self.memory >= 2:
            raise ValueError(
                f"ValuePlan.memory = {self.memory:g} is below 2; give the visits that a count should last."
            )
        if not self.precision > 0:
            raise ValueError(f"ValuePlan.precision = {self.precision:g} is not positive; sweeps would never end.")
        for name, low in (("awake", 0), ("rest", 0), ("tries", 1), ("kinds", 1)):
            if getattr(self, name) < low:
                raise ValueError(f"ValuePlan.{name} = {getattr(self, name)} is below {low}; give at least {low}.")


class Transition(NamedTuple):
    """One learned edge: where from, by what, where to, how often (recent visits), mean reward, and its probability in
    the present hypothesis. What the probabilities of a pair lack to 1 is the chance of something never seen."""

    place: int
    action: int
    next_place: int
    ended: bool
    times: float
    reward: float
    probability: float


class ValueLearner:
    """Learns from one transition at a time; places are whole numbers from 0, and need not be known in advance.

    actions  number of discrete actions
    plan     see ValuePlan
    seed     of the hypotheses and of ties

    Readable: `value` (places,) in the present hypothesis, in units of reward; `backups` and `steps` done so far.
    """

    def __init__(self, actions: int, plan: ValuePlan, *, seed: int) -> None:
        if actions < 1:
            raise ValueError(f"ValueLearner: actions = {actions}; a body needs at least 1.")
        self.actions, self.plan = actions, plan
        self.rng = np.random.default_rng([seed, 41])
        self.steps = self.backups = 0
        self.largest = 0.0  # |reward|, over the whole life
        self._places = self._used = 0
        self._edges = _no_edges(16, actions, 64)
        self._queue = _no_queue(16)
        self._value = np.zeros(16)
        self._visits = np.zeros(16 * actions, np.int64)
        self._kinds = np.zeros(16 * actions, np.int64)
        self._asked = np.zeros((plan.tries + 1, plan.kinds + 1))
        self._surprised = np.zeros((plan.tries + 1, plan.kinds + 1))

    @property
    def places(self) -> int:
        """Places met so far (one more than the largest number seen)."""
        return self._places

    def transitions(self) -> list[Transition]:
        """Return all that was learned, in the order in which it was first met."""
        e = self._edges
        return [
            Transition(
                *divmod(int(e.pair[k]), self.actions),
                next_place=int(e.target[k]),
                ended=bool(e.ended[k]),
                times=float(e.count[k]),
                reward=float(e.reward[k]),
                probability=float(e.weight[k]),
            )
            for k in range(self._used)
        ]

    @property
    def value(self) -> Floats:
        """Value (places,) of each place in the present hypothesis."""
        return self._value[: self._places].copy()

    @property
    def unknown(self) -> float:
        """What something never seen is worth: the largest |reward| met, or 1 before any."""
        return self.largest or 1.0

    def chance_of_new(self, visits: int, kinds: int) -> float:
        """Learned probability that a pair tried `visits` times, with `kinds` outcomes so far, shows a new one."""
        cell = min(visits, self.plan.tries), min(kinds, self.plan.kinds)
        return float((self._surprised[cell] + 1 / (visits + 1)) / (self._asked[cell] + 1))

    def choose(self, place: int) -> int:
        """Return the action that is best in the present hypothesis; equals are drawn."""
        self._meet(place)
        returns = action_values(self._edges, self._value, place, self.plan.discount, self.unknown)
        return self._draw(np.flatnonzero(returns >= returns.max() - 1e-9 * self.unknown))

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> float:
        """Take in one transition, back up a little, and return its TD error in the present hypothesis.

        ended  the world stops there for good; not to be said when only time ran out
        """
        if not 0 <= action < self.actions:
            raise ValueError(f"learn: action = {action} is outside 0 to {self.actions - 1}.")
        if not math.isfinite(reward):
            raise ValueError(f"learn: reward = {reward}; give a finite number, and 0 for none.")
        self._meet(place)
        self._meet(next_place)
        if abs(reward) > self.largest:
            self.largest = abs(reward)
            self._tell_all()
        pair = place * self.actions + action
        unknown, discount = self.unknown, self.plan.discount
        before = action_value(self._edges, self._value, pair, discount, unknown)
        self._make_room()
        memory = float(self.plan.memory)  # a whole number would be compiled for a second time, as would such a reward
        edge = record(self._edges, place, action, float(reward), next_place, ended, memory, self._used)
        new = edge == self._used
        if (visits := self._visits[pair]) > 0:
            cell = min(visits, self.plan.tries), min(self._kinds[pair], self.plan.kinds)
            self._asked[cell] += 1
            self._surprised[cell] += new
        self._visits[pair] += 1
        self.steps += 1
        if new:  # the hypothesis was wrong about what can happen here: draw this pair anew at once
            self._used += 1
            self._kinds[pair] += 1
            self._suppose(np.array([pair]), self._out(pair))
        after = action_value(self._edges, self._value, pair, discount, unknown)
        if after != before:  # another outcome, or another mean reward
            tell(self._queue, place, abs(after - before))
        ahead = 0.0 if ended else discount * float(self._value[next_place])
        self._sweep(self.plan.awake)
        return reward + ahead - before

    def rest(self) -> int:
        """Draw a new hypothesis of the whole world, replay it backwards, and return the backups that this took."""
        if self._used == 0:
            return 0
        self._suppose(np.flatnonzero(self._visits), np.arange(self._used))
        self._tell_all()
        return self._sweep(self.plan.rest)

    def policy(self) -> Ints:
        """Return the action (places,) that is best by the counts alone, without novelty; -1 where none was tried.

        This is the mean of all hypotheses, swept to convergence in a copy; it draws nothing and changes nothing.
        """
        kept = self._edges
        edges = kept._replace(weight=np.zeros_like(kept.weight), fresh=np.zeros_like(kept.fresh))
        used = np.arange(self._used)
        total = np.bincount(kept.pair[used], weights=kept.count[used], minlength=self._visits.size)
        edges.weight[used] = kept.count[used] / total[kept.pair[used]]
        never = -2 * self.unknown / (1 - self.plan.discount)  # below any return
        edges.fresh[self._visits == 0] = 1.0
        queue = _no_queue(self._value.size)
        value = np.zeros_like(self._value)
        tell_all(queue, self._places, self.unknown)
        sweep(edges, queue, value, self.plan.discount, never, self.plan.precision * self.unknown, 1000 * self.places)
        best = np.full(self._places, NONE, np.int64)
        for place in range(self._places):
            if self._visits[place * self.actions : (place + 1) * self.actions].any():
                best[place] = action_values(edges, value, place, self.plan.discount, never).argmax()
        return best

    def _draw(self, actions: Ints) -> int:
        return int(actions[0] if actions.size == 1 else self.rng.choice(actions))

    def _out(self, pair: int) -> Ints:
        """Edges out of a pair."""
        found: list[int] = []
        edge = int(self._edges.first_out[pair])
        while edge != NONE:
            found.append(edge)
            edge = int(self._edges.next_out[edge])
        return np.array(found, np.int64)

    def _suppose(self, pairs: Ints, edges: Ints) -> None:
        """Draw the probabilities of all edges out of the given pairs."""
        e = self._edges
        tries = np.minimum(self._visits[pairs], self.plan.tries)
        kinds = np.minimum(self._kinds[pairs], self.plan.kinds)
        e.fresh[pairs] = (self._surprised[tries, kinds] + 1 / (tries + 1)) / (self._asked[tries, kinds] + 1)
        drawn = self.rng.standard_gamma(e.count[edges]) + 1e-300
        total = np.bincount(e.pair[edges], weights=drawn, minlength=self._visits.size)
        source = e.pair[edges]
        e.weight[edges] = (1 - e.fresh[source]) * drawn / total[source]

    def _tell_all(self) -> None:
        """Let every place look again, at the next sweep."""
        tell_all(self._queue, self._places, self.unknown)

    def _sweep(self, limit: int) -> int:
        threshold = self.plan.precision * self.unknown
        done = sweep(self._edges, self._queue, self._value, self.plan.discount, self.unknown, threshold, limit)
        self.backups += done
        return done

    def _meet(self, place: int) -> None:
        """Make room for a place that was never seen; it is worth what the unknown is worth."""
        if place < 0:
            raise ValueError(f"place = {place}; places are whole numbers from 0.")
        if place < self._places:
            return
        room = self._value.size
        if place >= room:
            room = max(2 * room, place + 1)
            edges = _no_edges(room, self.actions, self._edges.pair.size)
            self._edges = _copied(self._edges, edges)
            self._queue = _copied(self._queue, _no_queue(room))
            self._value = _longer(self._value, np.zeros(room))
            self._visits = _longer(self._visits, np.zeros(room * self.actions, np.int64))
            self._kinds = _longer(self._kinds, np.zeros(room * self.actions, np.int64))
        self._value[self._places : place + 1] = self.unknown
        self._places = place + 1

    def _make_room(self) -> None:
        if self._used == self._edges.pair.size:
            self._edges = _copied(self._edges, _no_edges(self._value.size, self.actions, 2 * self._used))


def _no_edges(places: int, actions: int, edges: int) -> Edges:
    return Edges(
        first_out=np.full(places * actions, NONE, np.int64),
        next_out=np.full(edges, NONE, np.int64),
        first_in=np.full(places, NONE, np.int64),
        next_in=np.full(edges, NONE, np.int64),
        pair=np.zeros(edges, np.int64),
        target=np.zeros(edges, np.int64),
        ended=np.zeros(edges, np.bool_),
        count=np.zeros(edges),
        reward=np.zeros(edges),
        weight=np.zeros(edges),
        fresh=np.ones(places * actions),
    )


def _no_queue(places: int) -> Queue:
    return Queue(
        priority=np.zeros(places),
        heap=np.zeros(places, np.int64),
        at=np.full(places, NONE, np.int64),
        size=np.zeros(1, np.int64),
    )


def _longer(short: A, long: A) -> A:
    long[: short.size] = short
    return long


def _copied(small: T, large: T) -> T:
    """The contents of `small` in the arrays of `large`."""
    for short, long in zip(small, large, strict=True):
        _longer(short, long)
    return large
