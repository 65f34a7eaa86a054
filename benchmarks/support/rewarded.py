"""Rooms whose places look alike and of which one pays, and several kinds of agents that live there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.value import ValueLearner, ValuePlan
from reafference.brain.worlds import AliasedRoom
from reafference.brain.worlds.features import Feature

Ints = npt.NDArray[np.int64]
LED = 20  # commands by which a body that was paid is led away


class PayingRoom:
    """Places that look alike, 48 unless said, with four symbols, one of which pays.

    It pays 1 when the body enters it by a command of its own. A body that was paid is led away by `LED` random
    commands, one after another, which it is told; on that way nothing pays. So nothing jumps, and the place has to be
    found again, each time from elsewhere.

    seed  of the room, of where the body begins, which place pays, and of the ways away
    """

    def __init__(self, seed: int, rows: int = 6, columns: int = 8, features: Sequence[Feature] = ()) -> None:
        room = AliasedRoom(rows, columns, symbols=4, seed=seed, features=features)
        self.target, self.symbol = room.layout.target, room.layout.symbol
        self.actions, self.symbols, self.places = self.target.shape[1], room.layout.symbols, self.symbol.size
        self.rng = np.random.default_rng([seed, 11])
        self.place, self.paying = -1, -1
        self.move_pay()
        self.place = self._other(self.paying)

    def move_pay(self) -> None:
        """Let another place pay from now on."""
        self.paying = self._other(self.paying, self.place)

    def _other(self, *places: int) -> int:
        left = np.setdiff1d(np.arange(self.places), places)
        return int(self.rng.choice(left))

    def sense(self) -> int:
        """The symbol here."""
        return int(self.symbol[self.place])

    def step(self, action: int) -> tuple[int, float]:
        """Do a command of the body's own: the symbol after it, and what it earned."""
        before = self.place
        self.place = int(self.target[before, action])
        return self.sense(), float(self.place == self.paying != before)

    def lead(self, action: int) -> int:
        """Move the body by somebody else's command: the symbol after it."""
        self.place = int(self.target[self.place, action])
        return self.sense()

    def distances(self) -> Ints:
        """Fewest actions from each place to the one that pays, (places,)."""
        far = np.full(self.places, -1, np.int64)
        far[self.paying], steps = 0, 0
        while (far < 0).any():
            steps += 1
            far[(far < 0) & (far[self.target] == steps - 1).any(axis=1)] = steps
        return far


class Inhabitant(Protocol):
    """What a life in such a room needs of an agent."""

    def act(self) -> int:
        """The next command."""
        ...

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """What followed, and what it earned."""
        ...

    def hear(self, action: int, symbol: int, reward: float | None = None) -> None:
        """A command of somebody else, and what followed."""
        ...


class Walker:
    """Goes at random and knows nothing."""

    def __init__(self, room: PayingRoom, seed: int) -> None:
        self.actions, self.rng = room.actions, np.random.default_rng([seed, 12])

    def act(self) -> int:
        """Draw a command."""
        return int(self.rng.integers(self.actions))

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """Do nothing."""

    def hear(self, action: int, symbol: int, reward: float | None = None) -> None:
        """Do nothing."""


class Knower(Walker):
    """Knows the room, where it is and where it is paid, and takes a shortest way: nobody does better."""

    def __init__(self, room: PayingRoom, seed: int) -> None:
        super().__init__(room, seed)
        self.room = room

    def act(self) -> int:
        """A command that leads nearer."""
        far, here = self.room.distances(), self.room.place
        if far[here] == 0:  # it stands where it is paid and must go before it can come
            return int(np.flatnonzero(self.room.target[here] != here)[0])
        return int(far[self.room.target[here]].argmin())


class SymbolQ(Walker):
    """Tabular Q (Watkins and Dayan, Machine Learning 8 (1992) 279) that takes the symbol for the place.

    rate  of learning;  chance  of a random command
    """

    def __init__(self, room: PayingRoom, seed: int, *, rate: float, chance: float, discount: float = 0.9) -> None:
        super().__init__(room, seed)
        self.rate, self.chance, self.discount = rate, chance, discount
        self.returns = np.ones((self._states(room), room.actions))
        self.state, self.command = self._state(room), 0
        self.room = room

    def _states(self, room: PayingRoom) -> int:
        return room.symbols

    def _state(self, room: PayingRoom) -> int:
        return room.sense()

    def act(self) -> int:
        """The best command, equals drawn, or a random one."""
        best = np.flatnonzero(self.returns[self.state] == self.returns[self.state].max())
        self.command = int(
            self.rng.choice(best) if self.rng.random() >= self.chance else self.rng.integers(self.actions)
        )
        return self.command

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """Learn from what followed; after a reward it is led away, so there is nothing ahead."""
        now = self._state(self.room)
        future = 0.0 if reward else self.discount * self.returns[now].max()
        self.returns[self.state, self.command] += self.rate * (
            (reward or 0.0) + future - self.returns[self.state, self.command]
        )
        self.state = now

    def hear(self, action: int, symbol: int, reward: float | None = None) -> None:
        """Be elsewhere."""
        self.state = self._state(self.room)


class Valuer(Walker):
    """The learner of `reafference.brain.maps.value`, told its true place; it rests whenever it was paid."""

    def __init__(self, room: PayingRoom, seed: int) -> None:
        super().__init__(room, seed)
        self.room, self.learner = room, ValueLearner(room.actions, ValuePlan(discount=0.9), seed=seed)
        self.last = 0, 0

    def act(self) -> int:
        """What it thinks best."""
        self.last = self.room.place, self.learner.choose(self.room.place)
        return self.last[1]

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """Learn from what followed; after a reward it is led away."""
        self.learner.learn(*self.last, reward or 0.0, self.room.place, bool(reward))
        if reward:
            self.learner.rest()


class PlaceQ(SymbolQ):
    """The same, told its true place."""

    def _states(self, room: PayingRoom) -> int:
        return room.places

    def _state(self, room: PayingRoom) -> int:
        return room.place
