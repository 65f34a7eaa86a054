"""Hypotheses whose charts are spiking cells: what `Mapper` needs to live in spikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.charts import Rules
from reafference.brain.maps.dream import preplay
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.patch import Patch
from reafference.brain.maps.spiking import SpikingCharts

SPIKING = Rules(quantum=1.4)
"""Rules under which surprise is told in spikes."""


class SpikingHypotheses(Hypotheses):
    """Charts of cells that hear the same commands and symbols; arguments as of `Hypotheses`.

    `cells` are the charts; `charts`, what they say. Motifs are preplayed by the program, in the arrays that were read
    out: so `Mapper` chooses with no spike more. See `DreamingHypotheses`.

    Strengths are compared and surprise added up by the program, which also draws whose charts are copied.
    """

    def __init__(
        self,
        target: npt.NDArray[np.int32],
        *,
        charts: int,
        symbols: int,
        first: int,
        rng: np.random.Generator,
        rules: Rules | None = None,
        patch: Patch | None = None,
    ) -> None:
        rules = rules or SPIKING
        super().__init__(target, charts=charts, symbols=symbols, first=first, rng=rng, rules=rules)
        self.cells = SpikingCharts(target, charts=charts, symbols=symbols, first=first, rules=rules, patch=patch)
        self.charts, self._leaking = self.cells.charts, self.cells.rules

    def move(self, action: int, symbol: int, reward: float | None = None) -> None:
        """The command, and the symbol that followed, and the reward, where there could have been one."""
        before, here = self._leaking.keep * self.charts.strength, self.charts.place.copy()
        self.cells.move(action, self._known(symbol), self.rng.random(self.weight.size))
        self._earn(here, action, reward)
        self._compare(before)

    def _overwrite(self) -> int:
        return self.cells.overwrite(self.copies)

    def relived(self, lived: Sequence[tuple[int, int]], rewards: Sequence[float | None]) -> SpikingHypotheses:
        """Fresh charts of cells that have gone through the same commands, symbols and rewards, with own draws."""
        fresh = type(self)(
            self.target,
            charts=self.weight.size,
            symbols=self.symbols,
            first=self.first,
            rng=self.rng,
            rules=self.rules,
            patch=self.cells.patch,
        )
        for (action, symbol), reward in zip(lived, rewards, strict=True):
            fresh.move(action, symbol, reward)
        return fresh


class DreamingHypotheses(SpikingHypotheses):
    """The same, and motifs are preplayed in spikes. `dreamt` counts them."""

    dreamt = 0

    def preplay(
        self, motifs: npt.NDArray[np.int32], *, decay: float, novelty: float, value: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """How much would be learned from doing each motif, (motifs,); see `dream.preplay`."""
        score, spikes = preplay(
            self.cells, self.weight, motifs, decay=decay, novelty=novelty, leader=self.leader, value=value
        )
        self.dreamt += spikes
        return score
