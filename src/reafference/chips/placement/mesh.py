"""The mesh: routers in a grid, cores at the routers, chips side by side, and the way a message takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from reafference.chips.placement.graph import Int64s


class Route(Protocol):
    """In which order a message crosses the columns and the rows."""

    @property
    def columns_first(self) -> bool:
        """Whether it goes along x before it goes along y."""
        ...


@dataclass(frozen=True)
class XThenY:
    """Along its row first, then along the column of its target."""

    columns_first: bool = True


@dataclass(frozen=True)
class YThenX:
    """Along its column first, then along the row of its target."""

    columns_first: bool = False


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A grid of routers. Messages take the shortest way in the order of `route`; so hops are distances.

    width, height  routers of one chip, along x (to the east) and y (to the north)
    cores          cores at each router; messages between them take no hop
    columns, rows  chips side by side along x and along y; the grid goes on from chip to chip
    reach          routers that a message can cross along each axis; None: any
    crossing       hops that a link between two chips counts as when cores are arranged
    route          order of the axes
    """

    width: int
    height: int
    cores: int = 1
    columns: int = 1
    rows: int = 1
    reach: int | None = None
    crossing: float = 1.0
    route: Route = XThenY()

    def __post_init__(self) -> None:
        for name in ("width", "height", "cores", "columns", "rows"):
            if getattr(self, name) < 1:
                raise ValueError(f"Mesh.{name} = {getattr(self, name)}; a mesh has at least 1.")
        if not self.crossing > 0:
            raise ValueError(f"Mesh.crossing = {self.crossing}; a link between chips costs more than nothing.")

    @property
    def slots(self) -> int:
        """Places for cores on all chips."""
        return self.width * self.height * self.cores * self.columns * self.rows

    @property
    def size(self) -> tuple[int, int]:
        """Routers along x and y over all chips."""
        return self.width * self.columns, self.height * self.rows

    def holding(self, cores: int) -> Mesh:
        """The same mesh with the fewest chips that hold `cores`, as square as can be; this one if it is too small."""
        fits = [
            (columns * rows, abs(columns - rows), columns, rows)
            for columns in range(1, self.columns + 1)
            for rows in range(1, self.rows + 1)
            if columns * rows * self.width * self.height * self.cores >= cores
        ]
        if not fits:
            return self
        _, _, columns, rows = min(fits)
        return replace(self, columns=columns, rows=rows)

    def xy(self, slot: Int64s) -> tuple[Int64s, Int64s]:
        """Router of each slot. Slots are numbered by router along x, then y, the cores of one router together."""
        router = np.asarray(slot, np.int64) // self.cores
        return router % self.size[0], router // self.size[0]

    def chip(self, slot: Int64s) -> Int64s:
        """Chip of each slot, numbered along x, then y."""
        x, y = self.xy(slot)
        return x // self.width + self.columns * (y // self.height)
