"""The network in which charts of cells live. To build one takes most of a second, so several sets of charts share it.

One set is awake. Another one that wakes puts it to sleep: what it has learned is read out of the weights, and the
potentials and spikes on their way are laid by; the weights of newborn charts take their place, or what the one that
wakes had learned. So fresh charts can live a past again, and the old ones go on if they were better, without anything
being built.
"""

from __future__ import annotations

import io
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.chart_cells import STEP, CellPlan, chart_network
from reafference.brain.maps.chart_weights import ChartWeights, Learned
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.patch import Patch
from reafference.engine import Simulation

Ints = npt.NDArray[np.int64]
Moment = dict[str, npt.NDArray[Any]]


class Asleep(NamedTuple):
    """All that sleeping charts need to go on: a moment of the simulation, and what they know at their known places."""

    moment: Moment
    learned: Learned


@dataclass(eq=False)
class Lodger:
    """One set of charts in a network.

    known   (charts, cells) bool, places of the sheet of which each chart knows something
    asleep  None while it is awake, or not yet born
    """

    known: npt.NDArray[np.bool_]
    asleep: Asleep | None = None


class ChartHost:
    """A network of charts on a part of the sheet.

    patch            cells of the sheet that have places
    charts, symbols  how many
    rules            by which charts learn
    """

    def __init__(self, patch: Patch, *, charts: int, symbols: int, rules: Rules) -> None:
        plan = CellPlan(charts=charts, symbols=symbols, target=patch.target, levels=rules.levels)
        self.patch, self.number = patch, patch.number
        self.network = chart_network(plan, rules)
        self.simulation = Simulation(self.network, dt=STEP, record=())
        self.weights = ChartWeights(self.simulation, patch.target, charts=charts, symbols=symbols, rules=rules)
        self.first_cell = {p.name: self.network.first(p.name) for p in self.network.populations}
        self.size = {p.name: p.size for p in self.network.populations}
        self._newborn = self.simulation.moment()
        self._known: npt.NDArray[np.bool_] | None = None  # by those that are awake, or were last
        self._awake: weakref.ref[Lodger] | None = None

    def wake(self, lodger: Lodger) -> None:
        """From now on these charts are awake in the network, and no others."""
        other = None if self._awake is None else self._awake()
        if other is lodger:
            return
        if other is not None:
            other.asleep = self.state(other)
        if self._known is not None:
            self.weights.forget(self.rows(self._known))
        if lodger.asleep is None and self._known is not None:
            self.simulation.go_back(self._newborn)
        elif lodger.asleep is not None:
            self.simulation.go_back(lodger.asleep.moment)
            self.weights.teach(self.rows(lodger.known), lodger.asleep.learned)
            lodger.asleep = None
        self._known, self._awake = lodger.known, weakref.ref(lodger)

    def leave(self, lodger: Lodger) -> None:
        """These charts live elsewhere from now on."""
        if self._awake is not None and self._awake() is lodger:
            self._known, self._awake = lodger.known.copy(), None

    def state(self, lodger: Lodger) -> Asleep:
        """What charts that are awake need to go on."""
        return Asleep(self.simulation.moment(), self.weights.learned(self.rows(lodger.known)))

    def row(self, chart: Ints, cell: Ints) -> Ints:
        """Numbers of places in their population."""
        return chart * self.patch.cells.size + self.number[cell]

    def rows(self, known: npt.NDArray[np.bool_]) -> Ints:
        """Those of all places that are known, chart by chart."""
        return self.row(*np.nonzero(known))


def packed(asleep: Asleep) -> dict[str, npt.NDArray[Any]]:
    """Sleeping charts as arrays for a file."""
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, **asleep.moment)
    return {"moment": np.frombuffer(held.getvalue(), np.uint8), **asleep.learned._asdict()}


def unpacked(arrays: Mapping[str, npt.NDArray[Any]]) -> Asleep:
    """What `packed` packed."""
    with np.load(io.BytesIO(np.asarray(arrays["moment"]).tobytes()), allow_pickle=False) as file:
        moment = {name: file[name] for name in file.files}
    return Asleep(moment, Learned(*(np.array(arrays[name]) for name in Learned._fields)))
