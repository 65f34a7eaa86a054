"""What is known of a body before it has lived, from the number of its actions or the kind of its world."""

from __future__ import annotations

import numpy as np

from reafference.brain.maps.flat import EAST, FOUR_WAY, NORTH, SOUTH, STILL, TURNING, WEST, Motion
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.symbols import GymnasiumSymbols, symbol_world
from reafference.brain.worlds import AliasedRoom, FourWay, Turning

ARENA = 9  # rows and columns of the practice arena


def body_arena(actions: int, seed: int) -> GymnasiumSymbols | None:
    """A place to practise in for a body with so many actions, where no two poses look alike; None: no such body."""
    bodies = {len(FourWay.actions): FourWay(), len(Turning.actions): Turning()}
    body = bodies.get(actions)
    return None if body is None else symbol_world(AliasedRoom(ARENA, ARENA, symbols=None, body=body), seed=seed)


def unknown_sheet(actions: int, symbols: int) -> Sheet:
    """The sheet of a body that nobody knows: a tree, in which no two words of actions lead to the same place.

    It is unrolled to the first radius that gives 200 cells or more, and a cell for each symbol; at its ends actions do
    nothing.
    """
    radius = 1
    while sum(actions**k for k in range(radius + 1)) < max(symbols, 200):
        radius += 1

    def step(word: tuple[int, ...], action: int) -> tuple[int, ...]:
        return *word, action

    target = Sheet.unroll(tuple[int, ...](), step, actions, radius).target
    return Sheet(np.where(target < 0, np.arange(len(target), dtype=np.int32)[:, None], target))


def motions_of(world: GymnasiumSymbols) -> tuple[Motion, ...] | None:
    """What each action does on paper; None where nobody can say."""
    inner = type(world.environment.unwrapped).__name__
    return {"FrozenLakeEnv": (WEST, SOUTH, EAST, NORTH), "TaxiEnv": (SOUTH, NORTH, EAST, WEST, STILL, STILL)}.get(
        inner, {4: FOUR_WAY, 3: TURNING}.get(world.actions)
    )
