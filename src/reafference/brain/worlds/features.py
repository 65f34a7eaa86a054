"""What can be built into an open room: inner walls, and ways that no plane has.

Each feature changes the passages of a room, an array (places, 4): the place that a step north, east, south, west leads
to, which is the same place where a wall stands. Place = row * columns + column, row 0 in the north.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from reafference.brain.worlds.bodies import EAST, NORTH, SOUTH, WEST, opposite
from reafference.brain.worlds.errors import UnusableWorld
from reafference.brain.worlds.whole import check_whole

Ints = npt.NDArray[np.int64]


class Feature(Protocol):
    """Something that is built into a room."""

    def build(self, passages: Ints, columns: int, random: np.random.Generator) -> Ints:
        """Return the passages (places, 4) with it, in a new array. Raise UnusableWorld if it has no room."""
        ...


@dataclass(frozen=True)
class InnerWalls:
    """Walls between places that were joined, as many as `count`, at random.

    Passages that keep the places together (a spanning tree, drawn at random) are left open.
    """

    count: int

    def __post_init__(self):
        check_whole("InnerWalls.count", self.count, 0)

    def build(self, passages: Ints, columns: int, random: np.random.Generator) -> Ints:
        """Close `count` of the passages that can be spared, both ways."""
        ways = random.permutation(two_way(passages))
        spare = [(place, direction) for place, direction in ways.tolist() if direction in (EAST, SOUTH)]
        group = list(range(len(passages)))
        spared: list[tuple[int, int]] = []
        for place, direction in spare:
            one, other = _root(group, place), _root(group, int(passages[place, direction]))
            if one == other:
                spared.append((place, direction))
            group[one] = other
        if self.count > len(spared):
            raise UnusableWorld(
                "AliasedRoom",
                f"{self.count} inner walls were asked for, but its {len(passages)} places hold together with at most "
                f"{len(spared)}",
                "Ask for fewer, or take a larger room.",
            )
        built = passages.copy()
        for place, direction in spared[: self.count]:
            _close(built, place, direction)
            _close(built, int(passages[place, direction]), opposite(direction))
        return built


@dataclass(frozen=True)
class Torus:
    """No outer walls: who leaves over an edge comes in over the opposite one."""

    def build(self, passages: Ints, columns: int, random: np.random.Generator) -> Ints:
        """Join opposite edges wherever there is a wall at both."""
        built = passages.copy()
        places = len(passages)
        edges = [(place, place + places - columns, NORTH) for place in range(columns)]
        edges += [(place, place + columns - 1, WEST) for place in range(0, places, columns)]
        for near, far, direction in edges:
            if _is_wall(passages, near, direction) and _is_wall(passages, far, opposite(direction)):
                _join(built, near, direction, far)
        return built


@dataclass(frozen=True)
class Portal:
    """Two places joined although they are not neighbours; `count` such pairs at random.

    A wall of one place and the opposite wall of the other become one passage: if a step north leads through, a step
    south leads back. So inverse actions still undo one another, and the sum of steps no longer says where the body is.
    """

    count: int = 1

    def __post_init__(self):
        check_whole("Portal.count", self.count, 1)

    def build(self, passages: Ints, columns: int, random: np.random.Generator) -> Ints:
        """Join `count` pairs of facing walls."""
        built = passages.copy()
        for _ in range(self.count):
            near, direction, far = self._pair(built, columns, random)
            _join(built, near, direction, far)
        return built

    def _pair(self, passages: Ints, columns: int, random: np.random.Generator) -> tuple[int, int, int]:
        for near, direction in random.permutation(_walls(passages)).tolist():
            facing = np.flatnonzero(passages[:, opposite(direction)] == np.arange(len(passages)))
            next_door = near + (-columns, 1, columns, -1)[direction]
            facing = facing[(facing != near) & (facing != next_door)]
            if facing.size:
                return near, direction, int(random.choice(facing))
        raise UnusableWorld(
            "AliasedRoom",
            f"a portal joins two walls that face each other, and among its {len(passages)} places there are not "
            f"{self.count} such pairs",
            "Build inner walls first, ask for fewer portals, or take a larger room.",
        )


@dataclass(frozen=True)
class OneWayDoor:
    """A passage that lets through one way only, towards the other there stands a wall; `count` of them at random.

    Every place can still be reached from every other.
    """

    count: int = 1

    def __post_init__(self):
        check_whole("OneWayDoor.count", self.count, 1)

    def build(self, passages: Ints, columns: int, random: np.random.Generator) -> Ints:
        """Close one side of `count` passages for which there is a way round."""
        built = passages.copy()
        left = self.count
        for place, direction in random.permutation(two_way(passages)).tolist():
            there, back = int(built[place, direction]), opposite(direction)
            if not left:
                break
            if built[there, back] != place:
                continue  # this passage has a door already
            _close(built, there, back)
            if place in reached(built, there):
                left -= 1
            else:
                built[there, back] = place
        if left:
            raise UnusableWorld(
                "AliasedRoom",
                f"{self.count} one-way doors were asked for, but only {self.count - left} fit if every place is to be "
                "reached from every other",
                "Ask for fewer doors or inner walls, or take a larger room.",
            )
        return built


def open_room(rows: int, columns: int) -> Ints:
    """Return the passages (places, 4) of a room with outer walls alone."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    north = np.maximum(row - 1, 0) * columns + column
    east = row * columns + np.minimum(column + 1, columns - 1)
    south = np.minimum(row + 1, rows - 1) * columns + column
    west = row * columns + np.maximum(column - 1, 0)
    return np.column_stack([north, east, south, west])


def two_way(passages: Ints) -> Ints:
    """Return place and direction (ways, 2) of every step to another place that the opposite step undoes."""
    places = np.arange(len(passages))
    ways = [
        np.column_stack([places, np.full_like(places, direction)])[
            (passages[:, direction] != places) & (passages[passages[:, direction], opposite(direction)] == places)
        ]
        for direction in range(4)
    ]
    return np.concatenate(ways)


def reached(passages: Ints, start: int) -> set[int]:
    """Return the places that some sequence of steps leads to from `start`, itself included."""
    found, front = {start}, [start]
    while front:
        for place in passages[front.pop()].tolist():
            if place not in found:
                found.add(place)
                front.append(place)
    return found


def holds_together(passages: Ints) -> bool:
    """Return whether every place can be reached from every other."""
    places = len(passages)
    steps = (np.ones(passages.size), (np.repeat(np.arange(places), 4), passages.ravel()))
    parts, _ = connected_components(csr_array(steps, shape=(places, places)), directed=True, connection="strong")
    return parts == 1


def _root(group: list[int], place: int) -> int:
    while group[place] != place:
        group[place] = group[group[place]]
        place = group[place]
    return place


def _walls(passages: Ints) -> Ints:
    return np.argwhere(passages == np.arange(len(passages))[:, None])


def _is_wall(passages: Ints, place: int, direction: int) -> bool:
    return int(passages[place, direction]) == place


def _close(passages: Ints, place: int, direction: int) -> None:
    passages[place, direction] = place


def _join(passages: Ints, near: int, direction: int, far: int) -> None:
    passages[near, direction] = far
    passages[far, opposite(direction)] = near
