"""Hypotheses whose charts are spiking cells: what `Mapper` needs to live in spikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.chart_host import ChartHost
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.dream import preplay
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.spiking import SpikingCharts

SPIKING = Rules(quantum=1.4)
"""Rules under which surprise is told in spikes."""
IN_CELLS = "cells "  # how names of their arrays begin


class SpikingHypotheses(Hypotheses):
    """Charts of cells that hear the same commands and symbols; arguments as of `Hypotheses`.

    `cells` are the charts; `charts`, what they say. Motifs are preplayed by the program, in the arrays that were read
    out: so `Mapper` chooses with no spike more. See `DreamingHypotheses`.

    Strengths are compared and surprise added up by the program, which also draws whose charts are copied.
    """

    made_of = "cells"
    dreamt = 0

    def __init__(
        self,
        target: npt.NDArray[np.int32],
        *,
        charts: int,
        symbols: int,
        first: int,
        rng: np.random.Generator,
        rules: Rules | None = None,
        host: ChartHost | None = None,
    ) -> None:
        rules = rules or SPIKING
        super().__init__(target, charts=charts, symbols=symbols, first=first, rng=rng, rules=rules)
        self.cells = SpikingCharts(target, charts=charts, symbols=symbols, first=first, rules=rules, host=host)
        self.charts, self._leaking = self.cells.charts, self.cells.rules
        self._counted = self.cells.fired, self.cells.events

    def move(self, action: int, symbol: int, reward: float | None = None) -> None:
        """The command, and the symbol that followed, and the reward, where there could have been one."""
        before, here = self._leaking.keep * self.charts.strength, self.charts.place.copy()
        self.cells.move(action, self._known(symbol), self.rng.random(self.weight.size))
        self._earn(here, action, reward)
        self._compare(before)
        (fired, events), self._counted = self._counted, (self.cells.fired, self.cells.events)
        self.spikes, self.events = self._counted[0] - fired, self._counted[1] - events

    def _overwrite(self) -> int:
        return self.cells.overwrite(self.copies)

    def packed(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Numbers and arrays that decide how they go on, spike for spike."""
        about, arrays = super().packed()
        cells, held = self.cells.packed()
        about |= {"cells": cells, "counted": [self.spikes, self.events, self.dreamt, *self._counted]}
        return about, arrays | {IN_CELLS + name: array for name, array in held.items()}

    def unpack(self, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Become what `packed` told."""
        super().unpack(about, arrays)
        held = {name[len(IN_CELLS) :]: array for name, array in arrays.items() if name.startswith(IN_CELLS)}
        self.cells.unpack(about["cells"], held)
        self.spikes, self.events, self.dreamt, *counted = about["counted"]
        self._counted = counted[0], counted[1]

    def relived(self, lived: Sequence[tuple[int, int]], rewards: Sequence[float | None]) -> SpikingHypotheses:
        """Fresh charts of cells that have gone through the same commands, symbols and rewards, with own draws.

        They live in the network of these, which sleep until they are asked to move again.
        """
        fresh = type(self)(
            self.target,
            charts=self.weight.size,
            symbols=self.symbols,
            first=self.first,
            rng=self.rng,
            rules=self.rules,
            host=self.cells.host,
        )
        for (action, symbol), reward in zip(lived, rewards, strict=True):
            fresh.move(action, symbol, reward)
        return fresh


class DreamingHypotheses(SpikingHypotheses):
    """The same, and motifs are preplayed in spikes. `dreamt` counts them."""

    made_of = "dreaming cells"

    def preplay(
        self, motifs: npt.NDArray[np.int32], *, decay: float, novelty: float, value: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """How much would be learned from doing each motif, (motifs,); see `dream.preplay`."""
        score, spikes = preplay(
            self.cells, self.weight, motifs, decay=decay, novelty=novelty, leader=self.leader, value=value
        )
        self.dreamt += spikes
        return score
