"""Practice arenas for bodies of several kinds: 7 x 7 places, each pose with a sensation of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reafference.brain.maps.sheet import Sheet

Pose = tuple[int, int, int]
STRAIGHT = ((0, 1), (1, 0), (0, -1), (-1, 0))
KING = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
HEXAGON = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


@dataclass(frozen=True)
class Kind:
    """A body: what each action does to a pose (east, north, heading) where no wall is; how many headings it has."""

    name: str
    actions: int
    headings: int
    move: Callable[[Pose, int], Pose]

    def sheet(self, radius: int) -> Sheet:
        """The given algebra of this body."""
        return Sheet.unroll((0, 0, 0), self.move, self.actions, radius)


def steps(name: str, directions: tuple[tuple[int, int], ...]) -> Kind:
    """A body that has an action for each direction; (0, 0) is an action that does nothing."""

    def move(pose: Pose, action: int) -> Pose:
        return pose[0] + directions[action][0], pose[1] + directions[action][1], 0

    return Kind(name, len(directions), 1, move)


def turning(name: str, headings: tuple[tuple[int, int], ...]) -> Kind:
    """A body that turns left, turns right, or goes ahead where it is heading."""

    def move(pose: Pose, action: int) -> Pose:
        east, north, heading = pose
        if action < 2:
            return east, north, (heading + (-1, 1)[action]) % len(headings)
        return east + headings[heading][0], north + headings[heading][1], heading

    return Kind(name, 3, len(headings), move)


FOUR_WAY = steps("four-way", STRAIGHT)
TURNING = turning("turning", STRAIGHT)
SIX_WAY = steps("six-way", HEXAGON)
EIGHT_WAY = steps("eight-way", KING)
USELESS = steps("four-way, one useless action", (*STRAIGHT, (0, 0)))
SIX_TURNS = turning("turning by 60 degrees", HEXAGON)


class Arena:
    """A practice arena; a wall stops whatever would lead out of it.

    wrong     probability of a wrong sensation after a step, drawn from all poses
    headless  whether poses that differ in heading alone look alike
    """

    def __init__(self, kind: Kind, seed: int, size: int = 7, wrong: float = 0.0, headless: bool = False):
        self.name, self.actions = f"practice arena of the {kind.name} body", kind.actions
        self.kind, self.size, self.wrong, self.headless = kind, size, wrong, headless
        self.rng = np.random.default_rng([seed, 1])
        self.number: dict[Pose, int] = {}
        self.pose: Pose = (0, 0, 0)

    def any_pose(self) -> Pose:
        """Draw a pose."""
        east, north, heading = self.rng.integers([self.size, self.size, self.kind.headings]).tolist()
        return east, north, heading

    def look(self, pose: Pose) -> int:
        """Return the number of what is seen in a pose."""
        seen = (pose[0], pose[1], 0) if self.headless else pose
        return self.number.setdefault(seen, len(self.number))

    def reset(self) -> int:
        """Return the first sensation."""
        self.pose = self.any_pose()
        return self.look(self.pose)

    def step(self, action: int) -> int:
        """Return the sensation after an action."""
        ahead = self.kind.move(self.pose, action)
        if 0 <= ahead[0] < self.size and 0 <= ahead[1] < self.size:
            self.pose = ahead
        return self.look(self.any_pose() if self.rng.random() < self.wrong else self.pose)


class Yoked:
    """An arena that follows another life's commands, whatever is asked of it."""

    def __init__(self, arena: Arena, seed: int):
        self.name, self.actions, self.arena = f"yoked {arena.name}", arena.actions, arena
        self.rng = np.random.default_rng([seed, 2])

    def reset(self) -> int:
        """Return the first sensation."""
        return self.arena.reset()

    def step(self, action: int) -> int:
        """Return the sensation after an action."""
        return self.arena.step(int(self.rng.integers(self.actions)))
