"""The part of a sheet for which there are places: it begins small and grows with what the packets touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.chart_cells import NOT_YET

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Patch:
    """Cells of a sheet that have been allocated.

    sheet  (cells, actions) int32, the whole: where the packet goes, -1 beyond the edge
    cells  (n,) int64, those allocated, in the order of their numbers in the patch; cell 0 is the first
    """

    sheet: npt.NDArray[np.int32]
    cells: Ints

    @property
    def number(self) -> Ints:
        """Number in the patch of each cell of the sheet, (cells,); -1 where it has none."""
        number = np.full(len(self.sheet), -1, np.int64)
        number[self.cells] = np.arange(self.cells.size)
        return number

    @property
    def target(self) -> npt.NDArray[np.int32]:
        """The same as `sheet` for the patch alone, (n, actions): -1 beyond the sheet, NOT_YET beyond the patch."""
        there = self.sheet[self.cells]
        inside = self.number[np.maximum(there, 0)]
        return np.where(there < 0, there, np.where(inside < 0, NOT_YET, inside)).astype(np.int32)

    def holds(self, touched: Ints, ahead: int) -> bool:
        """Whether it has all cells within `ahead` actions of those touched."""
        return bool((self.number[around(self.sheet, touched, ahead)] >= 0).all())

    def grown(self, touched: Ints, ahead: int) -> Patch:
        """The patch with all cells within `ahead` actions of those touched."""
        more = np.setdiff1d(around(self.sheet, touched, ahead), self.cells)
        return Patch(self.sheet, np.concatenate([self.cells, more]))


def around(sheet: npt.NDArray[np.int32], cells: Ints, ahead: int) -> Ints:
    """Cells that at most `ahead` actions lead to from some, those among them; sorted."""
    within = np.zeros(len(sheet), np.bool_)
    within[cells] = True
    front = np.unique(cells)
    for _ in range(ahead):
        there = np.unique(sheet[front])
        front = there[(there >= 0) & ~within[there]]
        within[front] = True
    return np.flatnonzero(within)


def seedling(sheet: npt.NDArray[np.int32], ahead: int) -> Patch:
    """The first patch: the origin, and what lies within `ahead` actions of it."""
    return Patch(sheet, np.zeros(1, np.int64)).grown(np.zeros(1, np.int64), ahead)
