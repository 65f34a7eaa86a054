"""A sheet: what a body's actions do to one another, unrolled into cells, before any world is known.

A sheet is the ball around the origin of the Cayley graph of the group that the actions generate (Cayley 1878; see
Magnus, Karrass and Solitar, *Combinatorial Group Theory* (1966), section 1.6). Cells are what sequences of actions
come down to: two sequences that always lead to the same pose lead to the same cell. It knows of no wall and no place
of any world.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

State = TypeVar("State", bound=Hashable)

BEYOND = -1
"""Target of an action that leads beyond the edge of what was unrolled."""

NORTH_EAST_SOUTH_WEST = ((0, 1), (1, 0), (0, -1), (-1, 0))


@dataclass(frozen=True, eq=False)
class Sheet:
    """Cells and where each action takes the packet from each of them.

    target  (cells, actions) int32   cell that the packet moves to, -1 beyond the edge; cell 0 is the origin

    The array is copied and cannot be written to. Raises ValueError if it is no sheet (see `check`).
    """

    target: NDArray[np.int32]

    def __post_init__(self):
        target = np.asarray(self.target)
        if target.ndim != 2 or 0 in target.shape or not np.issubdtype(target.dtype, np.integer):
            raise ValueError(
                f"Sheet.target has shape {target.shape} and type {target.dtype}; it must be (cells, actions) "
                "whole numbers, with at least one of each."
            )
        outside = target[(target < BEYOND) | (target >= len(target))]
        if outside.size:
            raise ValueError(
                f"Sheet.target names cell {outside[0]}, but its cells are 0 to {len(target) - 1}; -1: none."
            )
        target = target.astype(np.int32)
        target.flags.writeable = False
        object.__setattr__(self, "target", target)
        self.check()

    def __repr__(self) -> str:
        edge = "closed in itself" if math.isinf(self.radius) else f"radius {self.radius:.0f}"
        return f"Sheet of {self.cells} cells, {self.actions} actions, {edge}"

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.target.shape[0]

    @property
    def actions(self) -> int:
        """Number of actions."""
        return self.target.shape[1]

    def depth(self) -> NDArray[np.int32]:
        """Fewest actions from the origin to each cell, (cells,); -1 where none lead there."""
        depth = np.full(self.cells, -1, np.int32)
        front = np.zeros(1, np.int32)
        distance = 0
        while front.size:
            depth[front] = distance
            distance += 1
            ahead = np.unique(self.target[front])
            ahead = ahead[ahead != BEYOND]
            front = ahead[depth[ahead] < 0]
        return depth

    @property
    def radius(self) -> float:
        """Actions from the origin within which nothing is missing; infinite if no action leads beyond the edge."""
        open_cells = (self.target == BEYOND).any(axis=1)
        return float(self.depth()[open_cells].min()) if open_cells.any() else math.inf

    def check(self) -> None:
        """Raise ValueError, naming a cell, if some cell is out of reach from the origin."""
        lost = np.flatnonzero(self.depth() < 0)
        if lost.size:
            raise ValueError(
                f"Sheet: {lost.size} of {self.cells} cells, the first of them {lost[0]}, cannot be reached from "
                "cell 0; leave them out, or join them by a target."
            )

    def neighbours(self, cell: int) -> NDArray[np.int32]:
        """Return the cells that one action leads to from `cell`, each once, ascending, itself left out."""
        if not 0 <= cell < self.cells:
            raise ValueError(f"there is no cell {cell}; this sheet has cells 0 to {self.cells - 1}.")
        around = np.unique(self.target[cell])
        return around[(around != BEYOND) & (around != cell)]

    def walk(self, word: Sequence[int], start: int = 0) -> int:
        """Return the cell at the end of a word of actions, or -1 if the word leads beyond the edge on its way."""
        cell = start
        for action in word:
            if cell == BEYOND:
                break
            cell = int(self.target[cell, action])
        return cell

    def ball(self, radius: int) -> Sheet:
        """Return the cells within `radius` actions of the origin and all actions between them.

        Cells are numbered as they are first met, breadth first, actions in their order. This numbering depends on
        nothing but the labelled graph, so two balls are isomorphic exactly when their targets are equal. Raises
        ValueError if less than `radius` was unrolled.
        """
        if not 0 <= radius <= self.radius:
            raise ValueError(
                f"a ball of radius {radius} was asked of a sheet that is known to radius {self.radius:g}; "
                "unroll the sheet further, or ask for less."
            )
        number = {0: 0}
        depth = [0]
        order = [0]
        for place, cell in enumerate(order):
            if depth[place] == radius:
                break
            for ahead in self.target[cell].tolist():
                if ahead not in number:
                    number[ahead] = len(order)
                    order.append(ahead)
                    depth.append(depth[place] + 1)
        renumbered = np.full(self.cells + 1, BEYOND, np.int32)  # its last place is what -1 is looked up at
        renumbered[order] = np.arange(len(order))
        return Sheet(renumbered[self.target[order]])

    def same_within(self, other: Sheet, radius: int) -> bool:
        """Return whether the balls of `radius` around both origins are isomorphic as rooted labelled graphs."""
        if self.actions != other.actions:
            return False
        return np.array_equal(self.ball(radius).target, other.ball(radius).target)

    @classmethod
    def unroll(cls, start: State, step: Callable[[State, int], State], actions: int, radius: int) -> Sheet:
        """Return the sheet of a body whose every pose is known: `step(pose, action)` is the next pose.

        start    any hashable value   pose at the origin
        actions  at least 1
        radius   at least 0           cells within so many actions of the origin
        """
        if actions < 1 or radius < 0:
            raise ValueError(f"actions = {actions}, radius = {radius}: at least 1 action and a radius of 0 are needed.")
        number: dict[State, int] = {start: 0}
        poses, depth, rows = [start], [0], list[list[int]]()
        for place, pose in enumerate(poses):
            row = list[int]()
            for action in range(actions):
                ahead = step(pose, action)
                if ahead not in number and depth[place] < radius:
                    number[ahead] = len(poses)
                    poses.append(ahead)
                    depth.append(depth[place] + 1)
                row.append(number.get(ahead, BEYOND))
            rows.append(row)
        return cls(np.array(rows, np.int32))

    @classmethod
    def planar(cls, radius: int) -> Sheet:
        """Return the sheet of the four-way body, actions north, east, south, west: 2 r^2 + 2 r + 1 cells."""

        def step(place: tuple[int, int], action: int) -> tuple[int, int]:
            east, north = NORTH_EAST_SOUTH_WEST[action]
            return place[0] + east, place[1] + north

        return cls.unroll((0, 0), step, 4, radius)

    @classmethod
    def egocentric(cls, radius: int) -> Sheet:
        """Return the sheet of the turning body, actions left, right (turns), forward; a cell is a pose."""

        def step(pose: tuple[int, int, int], action: int) -> tuple[int, int, int]:
            east, north, heading = pose
            if action < 2:
                return east, north, (heading + (3, 1)[action]) % 4
            ahead = NORTH_EAST_SOUTH_WEST[heading]
            return east + ahead[0], north + ahead[1], heading

        return cls.unroll((0, 0, 0), step, 3, radius)
