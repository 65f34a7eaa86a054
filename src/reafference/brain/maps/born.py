"""What a life needs of an agent, and how one comes into being."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.pay import Earned
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.snapshot import Phase, Snapshot

Ints = npt.NDArray[np.int64]


class Agent(Protocol):
    """What a life needs of an agent; `MappingAgent` is one."""

    @property
    def phase(self) -> Phase:
        """Which map it lives by."""
        ...

    @property
    def noticed(self) -> int | None:
        """Action at which it gave up the algebra of its body; None while it has not."""
        ...

    @property
    def earned(self) -> Earned | None:
        """What it was paid; None while it was paid nothing."""
        ...

    def act(self) -> int:
        """The next command."""
        ...

    def feel(self, symbol: int, reward: float | None = None) -> None:
        """What followed, and what it earned."""
        ...

    def snapshot(self) -> Snapshot:
        """What it knows."""
        ...

    def save(self, path: Path) -> object:
        """Write itself to a file, whole or not at all."""
        ...


@dataclass(frozen=True)
class Born:
    """How an agent comes into being, and how what it knows is scored.

    of        from sheet, actions that nothing ever stops, number of symbols, first symbol and seed
    restored  from the file that it wrote; raises BadFile
    score     share of the symbols that it foretells along a walk from here, given actions and symbols (steps,)
    widen     lets it meet so many different symbols; raises ValueError where that cannot be
    """

    of: Callable[[Sheet, frozenset[int], int, int, int], Agent]
    restored: Callable[[Path], Agent]
    score: Callable[[Agent, Ints, Ints], float]
    widen: Callable[[Agent, int], None]
