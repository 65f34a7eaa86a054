"""Bodies that walk from place to place: what each of their actions does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

NORTH, EAST, SOUTH, WEST = range(4)
DIRECTIONS = ("north", "east", "south", "west")


def opposite(direction: int) -> int:
    """Return the direction that leads back."""
    return (direction + 2) % 4


class Body(Protocol):
    """What walks in a room. A pose is a place and a heading; pose number = place * headings + heading."""

    actions: ClassVar[tuple[str, ...]]
    """What each action is called."""
    headings: ClassVar[int]
    """In how many ways the body can stand at a place."""

    def target(self, passages: Ints) -> Ints:
        """Return the pose that each action leads to, (poses, actions).

        passages  (places, 4)  place that a step north, east, south, west leads to; the same place at a wall
        """
        ...


@dataclass(frozen=True)
class FourWay:
    """A body without a front: steps north, east, south, west."""

    actions: ClassVar[tuple[str, ...]] = DIRECTIONS
    headings: ClassVar[int] = 1

    def target(self, passages: Ints) -> Ints:
        """Return the pose that each action leads to, (places, 4)."""
        return passages.copy()


@dataclass(frozen=True)
class Turning:
    """A body with a front: turns left or right on the spot, or steps forward.

    Headings 0 to 3 are north, east, south, west. It keeps its heading while it steps, also through a portal.
    """

    actions: ClassVar[tuple[str, ...]] = ("turn left", "turn right", "forward")
    headings: ClassVar[int] = 4

    def target(self, passages: Ints) -> Ints:
        """Return the pose that each action leads to, (4 places, 3)."""
        place, heading = np.divmod(np.arange(4 * len(passages)), 4)
        left = 4 * place + (heading - 1) % 4
        right = 4 * place + (heading + 1) % 4
        return np.column_stack([left, right, 4 * passages.ravel() + heading])
