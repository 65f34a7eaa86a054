"""Small worlds of aliased places for the clone store: a table of where each action leads, and a symbol for each place.

Four of them have 48 places in 6 rows and 8 columns, 4 symbols drawn uniformly, and the actions north, east, south,
west:

- room      walls around it; an action against a wall leaves the agent where it is
- torus     what leaves at one edge comes back at the opposite one
- portal    a room in which north of one place on the upper edge is one place on the lower edge, shifted, and the way
            back is south of the latter: a short cut that no plane has
- one-way   a room with a wall between columns 4 and 5 that has one open gap and one door from west to east only
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ROWS, COLUMNS, SYMBOLS = 6, 8, 4
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))


@dataclass
class TinyWorld:
    """A world of places.

    name     what it is
    target   (places, actions) place that an action leads to
    symbol   (places,) what is seen there, numbered from 0
    rng      where the agent wakes up
    """

    name: str
    target: np.ndarray
    symbol: np.ndarray
    rng: np.random.Generator
    place: int = field(default=0, init=False)

    @property
    def actions(self) -> int:
        """Number of actions."""
        return self.target.shape[1]

    def reset(self) -> int:
        """Wake up at a random place; its symbol."""
        self.place = int(self.rng.integers(self.symbol.size))
        return int(self.symbol[self.place])

    def step(self, action: int) -> int:
        """Act; the symbol after the action."""
        self.place = int(self.target[self.place, action])
        return int(self.symbol[self.place])


def grid(wrap: bool) -> np.ndarray:
    """Table of a grid of ROWS x COLUMNS places, with walls around it or wrapped to a torus."""
    target = np.empty((ROWS * COLUMNS, 4), np.int64)
    for row in range(ROWS):
        for column in range(COLUMNS):
            for action, (down, right) in enumerate(MOVES):
                r, c = row + down, column + right
                inside = wrap or (0 <= r < ROWS and 0 <= c < COLUMNS)
                target[row * COLUMNS + column, action] = (
                    (r % ROWS) * COLUMNS + c % COLUMNS if inside else row * COLUMNS + column
                )
    return target


def room(seed: int) -> TinyWorld:
    """Walls around it."""
    rng = np.random.default_rng([seed, 0])
    return TinyWorld("room", grid(False), rng.integers(SYMBOLS, size=ROWS * COLUMNS), rng)


def torus(seed: int) -> TinyWorld:
    """Wrapped in both directions."""
    rng = np.random.default_rng([seed, 1])
    return TinyWorld("torus", grid(True), rng.integers(SYMBOLS, size=ROWS * COLUMNS), rng)


def portal(seed: int) -> TinyWorld:
    """A room with one short cut."""
    rng = np.random.default_rng([seed, 2])
    target = grid(False)
    above = int(rng.integers(COLUMNS))
    below = (ROWS - 1) * COLUMNS + (above + int(rng.integers(2, COLUMNS - 1))) % COLUMNS
    target[above, 0], target[below, 2] = below, above
    return TinyWorld("portal", target, rng.integers(SYMBOLS, size=ROWS * COLUMNS), rng)


def one_way(seed: int) -> TinyWorld:
    """A room in two halves, joined by a gap and by a door that opens to the east only."""
    rng = np.random.default_rng([seed, 3])
    target = grid(False)
    gap, door = rng.permutation(ROWS)[:2]
    for row in range(ROWS):
        west, east = row * COLUMNS + 3, row * COLUMNS + 4
        if row != gap:
            target[east, 3] = east
        if row not in (gap, door):
            target[west, 1] = west
    return TinyWorld("one-way", target, rng.integers(SYMBOLS, size=ROWS * COLUMNS), rng)


WORLDS = (room, torus, portal, one_way)


def stroll(world: TinyWorld, steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Uniformly random actions from a fresh start: symbols (steps + 1,), actions (steps,)."""
    actions = rng.integers(world.actions, size=steps)
    return np.array([world.reset(), *(world.step(int(action)) for action in actions)]), actions
