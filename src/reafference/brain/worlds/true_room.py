"""The room that a world really is and where the body stands in it, for people; no brain sees it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv
from gymnasium.envs.toy_text.taxi import TaxiEnv

from reafference.brain.worlds.features import open_room
from reafference.brain.worlds.front_view import FrontView
from reafference.brain.worlds.room import AliasedRoom

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNMET = -1
AHEAD = ((-1, 0), (0, 1), (1, 0), (0, -1))  # rows and columns of a step north, east, south, west


@dataclass(frozen=True, kw_only=True, eq=False)
class TrueRoom:
    """A room on paper.

    rows, columns  of places; place = row * columns + column, row 0 in the north
    headings       in how many ways the body can stand; pose = place * headings + heading (north, east, south, west)
    symbol         (poses,)     symbol there, in the numbers of whoever met them; -1 where it is none that he met
    wall           (places, 4)  a step north, east, south, west does not lead to the neighbour
    solid          (places,)    nobody can stand there
    """

    rows: int
    columns: int
    headings: int
    symbol: Ints
    wall: Bools
    solid: Bools


class Eye(Protocol):
    """Looks at a world from above."""

    def pose(self) -> int:
        """The pose of the body now."""
        ...

    def room(self, met: Sequence[Hashable]) -> TrueRoom:
        """The room, in which symbol k is the observation met[k]."""
        ...


def eye_for(environment: gymnasium.Env[Any, Any]) -> Eye | None:
    """Return what can look at this world, or None: rooms of this package, FrozenLake, Taxi and MiniGrid have one."""
    world: Any = environment.unwrapped
    if isinstance(world, AliasedRoom):
        return RoomEye(world)
    if isinstance(world, FrozenLakeEnv):
        return LakeEye(world)
    if isinstance(world, TaxiEnv):
        return TaxiEye(world)
    return GridEye(world) if FrontView.fits(environment) else None


def numbered(keys: Sequence[Hashable], met: Sequence[Hashable]) -> Ints:
    """Return the number of each key among `met`, (keys,)."""
    number = {key: k for k, key in enumerate(met)}
    return np.array([number.get(key, UNMET) for key in keys], np.int64)


def walled(rows: int, columns: int, passages: Ints) -> Bools:
    """Return where a step does not lead to the neighbour, (places, 4)."""
    neighbour = open_room(rows, columns)
    return (passages != neighbour) | (neighbour == np.arange(rows * columns)[:, None])


@dataclass(frozen=True)
class RoomEye:
    """Looks at an AliasedRoom."""

    world: AliasedRoom

    def pose(self) -> int:
        """The pose of the body now."""
        return self.world.pose

    def room(self, met: Sequence[Hashable]) -> TrueRoom:
        """The room as it was drawn."""
        layout = self.world.layout
        return TrueRoom(
            rows=layout.rows,
            columns=layout.columns,
            headings=layout.headings,
            symbol=numbered(layout.symbol.tolist(), met),
            wall=walled(layout.rows, layout.columns, layout.passages),
            solid=np.zeros(layout.rows * layout.columns, np.bool_),
        )


@dataclass(frozen=True)
class LakeEye:
    """Looks at FrozenLake, whose symbols are its places."""

    world: Any

    def pose(self) -> int:
        """The place of the body now."""
        return int(self.world.s)

    def room(self, met: Sequence[Hashable]) -> TrueRoom:
        """The lake; that it is slippery cannot be drawn."""
        rows, columns = int(self.world.nrow), int(self.world.ncol)
        return TrueRoom(
            rows=rows,
            columns=columns,
            headings=1,
            symbol=numbered(range(rows * columns), met),
            wall=walled(rows, columns, open_room(rows, columns)),
            solid=np.zeros(rows * columns, np.bool_),
        )


@dataclass(frozen=True)
class TaxiEye:
    """Looks at Taxi, whose symbols say more than a place: none is drawn."""

    world: Any

    def pose(self) -> int:
        """The place of the taxi now."""
        row, column, _, _ = self.world.decode(int(self.world.s))
        return int(row) * 5 + int(column)

    def room(self, met: Sequence[Hashable]) -> TrueRoom:
        """The town. In Taxi's own drawing a place is every other letter of a line, and `|` a wall between two."""
        passages = open_room(5, 5)
        for row in range(5):
            for column in range(4):
                if self.world.desc[1 + row, 2 * column + 2] == b"|":
                    west, east = row * 5 + column, row * 5 + column + 1
                    passages[west, 1], passages[east, 3] = west, east
        return TrueRoom(
            rows=5,
            columns=5,
            headings=1,
            symbol=np.full(25, UNMET),
            wall=walled(5, 5, passages),
            solid=np.zeros(25, np.bool_),
        )


@dataclass(frozen=True)
class GridEye:
    """Looks at a world of MiniGrid through the FrontView of its body. Doors and balls are drawn as they are now."""

    world: Any

    def pose(self) -> int:
        """The pose of the body now; MiniGrid counts directions from east."""
        column, row = self.world.agent_pos
        return (int(row) * int(self.world.width) + int(column)) * 4 + (int(self.world.agent_dir) + 1) % 4

    def room(self, met: Sequence[Hashable]) -> TrueRoom:
        """The grid, with the symbol of each pose: what is in the cell before it."""
        rows, columns = int(self.world.height), int(self.world.width)
        solid = np.array([not self._open(row, column) for row in range(rows) for column in range(columns)])
        keys: list[Hashable] = []
        wall = np.zeros((rows * columns, 4), np.bool_)
        for place in range(rows * columns):
            row, column = divmod(place, columns)
            for heading, (down, right) in enumerate(AHEAD):
                ahead = row + down, column + right
                wall[place, heading] = solid[place] or not self._open(*ahead)
                keys.append(self._seen(*ahead))
        return TrueRoom(rows=rows, columns=columns, headings=4, symbol=numbered(keys, met), wall=wall, solid=solid)

    def _cell(self, row: int, column: int) -> Any:
        inside = 0 <= row < self.world.height and 0 <= column < self.world.width
        return self.world.grid.get(column, row) if inside else False

    def _open(self, row: int, column: int) -> bool:
        cell = self._cell(row, column)
        return cell is None or (cell is not False and bool(cell.can_overlap()))

    def _seen(self, row: int, column: int) -> Hashable:
        cell = self._cell(row, column)
        if cell is None:
            return (1, 0, 0)  # MiniGrid's code of an empty cell
        return None if cell is False else tuple(int(part) for part in cell.encode())
