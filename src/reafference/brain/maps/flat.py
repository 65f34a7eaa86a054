"""Where the cells of a sheet lie on paper, for people; no brain knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.sheet import BEYOND, NORTH_EAST_SOUTH_WEST, Sheet

Ints = npt.NDArray[np.int64]
Pose = tuple[int, int, int]


@dataclass(frozen=True)
class Motion:
    """What an action does to a body on paper: steps east and north, quarter turns to the right, steps ahead."""

    east: int = 0
    north: int = 0
    turn: int = 0
    ahead: int = 0

    def after(self, pose: Pose) -> Pose:
        """The pose (east, north, heading) that follows; headings 0 to 3 are north, east, south, west."""
        east, north, heading = pose
        heading = (heading + self.turn) % 4
        x, y = NORTH_EAST_SOUTH_WEST[heading]
        return east + self.east + self.ahead * x, north + self.north + self.ahead * y, heading

    @property
    def sign(self) -> str:
        """An arrow."""
        if self.turn:
            return "↷" if self.turn > 0 else "↶"
        if self.ahead:
            return "↑"
        return {(0, 1): "↑", (1, 0): "→", (0, -1): "↓", (-1, 0): "←"}.get((self.east, self.north), "·")


NORTH, EAST, SOUTH, WEST = (Motion(east, north) for east, north in NORTH_EAST_SOUTH_WEST)
STILL = Motion()
FOUR_WAY = (NORTH, EAST, SOUTH, WEST)
TURNING = (Motion(turn=-1), Motion(turn=1), Motion(ahead=1))


def flat(sheet: Sheet, motions: tuple[Motion, ...]) -> Ints | None:
    """Return east, north and heading of each cell, (cells, 3), the origin at 0, 0, 0.

    None if the actions of the sheet do to its cells what these motions do to no paper, or two cells would lie on one
    spot.
    """
    if len(motions) != sheet.actions:
        return None
    pose: list[Pose | None] = [None] * sheet.cells
    pose[0] = (0, 0, 0)
    front = [0]
    for cell in front:
        here = pose[cell]
        assert here is not None  # noqa: S101 - cells in `front` have a pose
        for action, there in enumerate(sheet.target[cell].tolist()):
            if there == BEYOND:
                continue
            seen = motions[action].after(here)
            if pose[there] is None:
                pose[there] = seen
                front.append(there)
            elif pose[there] != seen:
                return None
    return np.array(pose, np.int64) if len(set(pose)) == sheet.cells else None
