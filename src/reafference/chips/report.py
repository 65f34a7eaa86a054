"""What became of a network on a chip: what was rounded and by how much, what was added, where everything went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """How far the values of one parameter are from what was asked.

    where      population or projection
    parameter  as the network calls it
    unit       SI
    values     how many there are
    worst      largest difference, in `unit`
    relative   largest difference as a part of the value asked, where that is not 0; None: all were 0
    typical    median of the relative differences; None likewise
    note       how they are stored, such as "8 bit with exponent -2"
    """

    where: str
    parameter: str
    unit: str
    values: int
    worst: float
    relative: float | None
    typical: float | None
    note: str = ""

    def __str__(self) -> str:
        size = "exact" if self.worst == 0 else f"off by up to {self.worst:.3g} {self.unit}".rstrip()
        if self.worst and self.relative is not None and self.typical is not None:
            size += f" ({self.relative:.2%}; median {self.typical:.2%})"
        return f"{self.where}: {self.parameter} {size}" + (f"; {self.note}" if self.note else "")


def rounding(
    where: str,
    parameter: str,
    asked: npt.ArrayLike,
    stored: npt.ArrayLike,
    *,
    unit: str,
    note: str = "",
) -> Rounding:
    """Compare what was asked with what the chip has stored, both in SI and of one shape."""
    wanted, kept = np.atleast_1d(np.asarray(asked, np.float64)), np.atleast_1d(np.asarray(stored, np.float64))
    wanted, kept = np.broadcast_arrays(wanted, kept)
    off = np.abs(np.subtract(kept, wanted, out=np.zeros(kept.shape), where=kept != wanted))  # two infinities are equal
    some = (wanted != 0) & np.isfinite(wanted)
    part = off[some] / np.abs(wanted[some])
    return Rounding(
        where=where,
        parameter=parameter,
        unit=unit,
        values=wanted.size,
        worst=float(off.max(initial=0.0)),
        relative=float(part.max()) if part.size else None,
        typical=float(np.median(part)) if part.size else None,
        note=note,
    )


@dataclass(frozen=True, kw_only=True)
class Added:
    """Helpers that the compiler put in so that the network fits.

    what    such as "relay neurons"
    count   how many
    reason  the limit that asked for them
    """

    what: str
    count: int
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Cores:
    """Where everything went.

    core   (neurons,) int32, core of each neuron of the network, -1 for sources, which stay outside the chip
    x, y   (cores,) int32, place of each core on the mesh of its chip
    chip   (cores,) int32
    mesh   columns and rows of the mesh of one chip
    usage  what each core has of each resource, (cores,), and the limit: {"neurons": (array, 1024), ...}
    """

    core: npt.NDArray[np.int32]
    x: npt.NDArray[np.int32]
    y: npt.NDArray[np.int32]
    chip: npt.NDArray[np.int32]
    mesh: tuple[int, int]
    usage: dict[str, tuple[npt.NDArray[np.int64], int]]

    @property
    def cores(self) -> int:
        """Cores in use."""
        return self.x.size

    @property
    def chips(self) -> int:
        """Chips in use."""
        return int(np.unique(self.chip).size)


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """All that a compiler has to say; print it.

    chip       its name
    cores      where everything went
    roundings  what was rounded, and what was not
    added      helpers
    notes      anything else that a reader of results should know
    """

    chip: str
    cores: Cores
    roundings: Sequence[Rounding] = ()
    added: Sequence[Added] = ()
    notes: Sequence[str] = ()

    def __repr__(self) -> str:
        placed = int(np.count_nonzero(self.cores.core >= 0))
        many = self.cores.chips
        lines = [
            f"{self.chip}: {placed} neurons on {self.cores.cores} core{'s' * (self.cores.cores != 1)} of "
            f"{many} chip{'s' * (many != 1)}"
        ]
        for name, (used, limit) in self.cores.usage.items():
            lines.append(
                f"  {name}: fullest core {int(used.max(initial=0))} of {limit}, all together {int(used.sum())}"
            )
        lines += [f"  {each}" for each in self.roundings]
        lines += [f"  added {each.count} {each.what}: {each.reason}" for each in self.added]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)
