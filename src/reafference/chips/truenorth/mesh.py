"""Where cores lie: a mesh of 64 x 64 on a chip, chips side by side, spikes that go along x and then along y."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SIDE = 64  # cores of a chip along x and along y
REACH = 255  # cores that a spike can go along an axis
CORES = SIDE * SIDE

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """A rectangle of chips, `columns` along x and `rows` along y. A core lies at (x, y), counted through all chips.

    Source of size and reach: Merolla et al., Science 345 (2014) 668, S1; Akopyan et al., TCAD 34 (2015) 1537.
    """

    columns: int = 1
    rows: int = 1

    @property
    def size(self) -> int:
        """How many cores there are."""
        return self.columns * self.rows * CORES

    def in_order(self, cores: int) -> Places:
        """Places of the first `cores` cores, (cores, 2): chip by chip, row by row."""
        number = np.arange(cores)
        chip, core = number // CORES, number % CORES
        x = chip % max(self.columns, 1) * SIDE + core % SIDE
        return np.stack([x, chip // max(self.columns, 1) * SIDE + core // SIDE], axis=1)

    def hops(self, source: Places, target: Places) -> Places:
        """Routers that a spike passes on from each `source` to its `target`, both (spikes, 2)."""
        return np.abs(target - source).sum(axis=1)

    def crossings(self, source: Places, target: Places) -> Places:
        """Edges between chips that a spike crosses on its way, both (spikes, 2)."""
        return np.abs(target // SIDE - source // SIDE).sum(axis=1)


def problems_of(mesh: Mesh, places: Places, cores: int) -> Iterator[str]:
    """What is wrong with a mesh, and with `places` (cores, 2) on it."""
    for name, value in (("columns", mesh.columns), ("rows", mesh.rows)):
        if not value >= 1:
            yield f"Mesh.{name} = {value} is below 1; a machine has at least one chip"
    if places.shape != (cores, 2):
        yield f"places has shape {places.shape}; give ({cores}, 2), x and y of each core"
        return
    if cores > mesh.size:
        yield f"{cores:,} cores are more than {mesh.size:,} of {mesh.columns} x {mesh.rows} chips; use a larger Mesh"
    wide, high = SIDE * mesh.columns, SIDE * mesh.rows
    outside = np.flatnonzero(((places < 0) | (places >= (wide, high))).any(axis=1))
    if outside.size and cores <= mesh.size:
        first = int(outside[0])
        x, y = places[first].tolist()
        yield f"core {first} (and {outside.size - 1} more) lies at ({x}, {y}), outside 0 to {wide - 1}, 0 to {high - 1}"
    kept, index, count = np.unique(places, axis=0, return_index=True, return_counts=True)
    for place, first in zip(kept[count > 1][:5].tolist(), index[count > 1], strict=False):
        yield f"core {first} and another both lie at ({place[0]}, {place[1]}); give each a place of its own"
