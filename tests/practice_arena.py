"""A tiny practice arena for tests: poses in a table, walls where the table ends, each pose with its own symbol."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reafference.brain.maps.sheet import Sheet

Pose = tuple[int, int, int]
AROUND = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def four_way(pose: Pose, action: int) -> Pose:
    return pose[0] + AROUND[action][0], pose[1] + AROUND[action][1], 0


def turning(pose: Pose, action: int) -> Pose:
    east, north, heading = pose
    if action == 0:
        return east, north, (heading - 1) % 4
    if action == 1:
        return east, north, (heading + 1) % 4
    return east + AROUND[heading][0], north + AROUND[heading][1], heading


def useless(pose: Pose, action: int) -> Pose:
    return pose if action == 4 else four_way(pose, action)


class PracticeArena:
    """`wrong` is the probability of a symbol of any pose; `blind` to headings, poses of one place look alike."""

    def __init__(
        self,
        move: Callable[[Pose, int], Pose],
        actions: int,
        seed: int,
        wrong: float = 0.0,
        blind: bool = False,
        size: int = 7,
    ):
        self.name, self.actions, self.move, self.wrong, self.blind, self.size = (
            "practice",
            actions,
            move,
            wrong,
            blind,
            size,
        )
        self.rng = np.random.default_rng(seed)
        headings = 4 if move is turning else 1
        self.poses = [(east, north, turn) for east in range(size) for north in range(size) for turn in range(headings)]
        self.symbols: dict[Pose, int] = {}
        self.pose = self.poses[0]

    def seen(self, pose: Pose) -> int:
        shown = (pose[0], pose[1], 0) if self.blind else pose
        return self.symbols.setdefault(shown, len(self.symbols))

    def reset(self) -> int:
        self.pose = self.poses[self.rng.integers(len(self.poses))]
        return self.seen(self.pose)

    def step(self, action: int) -> int:
        ahead = self.move(self.pose, action)
        if ahead in self.poses:
            self.pose = ahead
        if self.rng.random() < self.wrong:
            return self.seen(self.poses[self.rng.integers(len(self.poses))])
        return self.seen(self.pose)


class YokedArena(PracticeArena):
    """Does another life's random commands, whatever it is told."""

    def step(self, action: int) -> int:
        return super().step(int(self.rng.integers(self.actions)))


BODIES = {
    "four-way": (four_way, 4, Sheet.planar),
    "turning": (turning, 3, Sheet.egocentric),
    "useless": (useless, 5, lambda radius: Sheet.unroll((0, 0, 0), useless, 5, radius)),
}
