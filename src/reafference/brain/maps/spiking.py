"""Charts that spike: packets live in cells of the engine, and what the charts know in the weights between them.

In spikes: where each packet is, the copy of the command that moves it, the look ahead, the comparison of symbol, tags
and barriers that keeps it or lets it go, surprise, the strengths that surprise weakens, and what is foretold in
a dream. R2 and R3 are applied between two cycles, to weights alone and from what fired in the cycle alone
(chart_weights.py).

Not in spikes, but in this file: the logistic noise of each chart is handed in as the weight of one event; strengths are
compared and charts overwritten, weights and all, after which their packets are recalled in a cycle without command;
where packets come near cells of the sheet without places, the network is built anew with more of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.chart_cells import ANSWER, CYCLE, LONGEST, MOVED, NAT, STEP
from reafference.brain.maps.chart_host import ChartHost, Lodger, packed, unpacked
from reafference.brain.maps.chart_weights import ChartWeights
from reafference.brain.maps.charts import Charts, Rules
from reafference.brain.maps.patch import Patch, seedling
from reafference.engine import Simulation
from reafference.engine.spikes import Spikes

Ints = npt.NDArray[np.int64]
STRONGEST_NOISE = 30.0  # log odds
SPARE = 3  # actions further than needed for which places are made when places are
COUNTED = ("spikes", "recalled", "fired", "built", "_events")


def leaking(rules: Rules) -> Rules:
    """The same rules with the leak that strength cells have from one action to the next."""
    return rules._replace(keep=float(np.exp(-CYCLE * STEP / LONGEST)))


class SpikingCharts:
    """What `Hypotheses` does with arrays, done by cells; see chart_cells.py for what happens when.

    target   (cells, actions) int32, the sheet
    charts, symbols, first  as there
    rules    with a positive quantum: surprise is told in spikes
    patch    cells of the sheet that have places from the start; None: a few around the origin
    host     network of other charts of this kind, which sleep meanwhile; None: one of their own

    `charts` is what the cells say, read out: packets and surprise from spikes, strengths from membranes, tags and
    barriers from weights. `spikes` counts those of the last cycle with a command, sources included, `recalled` those
    of the last recall, `fired` and `events` spikes and synaptic events of the whole life; `built` is how often places
    were made.
    """

    def __init__(
        self,
        target: npt.NDArray[np.int32],
        *,
        charts: int,
        symbols: int,
        first: int,
        rules: Rules,
        patch: Patch | None = None,
        host: ChartHost | None = None,
    ) -> None:
        if rules.quantum <= 0.0:
            raise ValueError(f"Rules.quantum = {rules.quantum}; give how many nats one surprise spike is worth.")
        self.rules, self.target, self.symbols = leaking(rules), target, symbols
        self.back = kernels.way_back(target, rules)
        self.actions = target.shape[1]
        self.charts: Charts = kernels.blank(charts, target.shape[0], self.actions, symbols)
        self.spikes = self.recalled = self.fired = self._events = 0
        self.built = 1
        self._chart = np.arange(charts)
        self._baseline = np.zeros(charts)
        self._lodger = Lodger(self.charts.known)
        self.host = host or self._new_host(patch or seedling(target, 2 * SPARE))
        origin = self.host.row(self._chart, np.zeros(charts, np.int64))
        self.charts.count[:, 0] = self.weights.meet(origin, first)
        for k in range(charts):
            kernels.touch(self.charts, k, 0)
        self.recall(self._chart)

    @property
    def simulation(self) -> Simulation:
        """Of the network in which they are awake from now on, if they were not."""
        self.host.wake(self._lodger)
        return self.host.simulation

    @property
    def weights(self) -> ChartWeights:
        """The same of the weights."""
        self.host.wake(self._lodger)
        return self.host.weights

    @property
    def patch(self) -> Patch:
        """Cells of the sheet that have places."""
        return self.host.patch

    @property
    def events(self) -> int:
        """Synaptic events so far."""
        return self._events + self.simulation.synaptic_events

    def move(self, action: int, symbol: int, draw: npt.NDArray[np.float64]) -> None:
        """One cycle: the command, and the symbol that followed; draw (charts,) is uniform in 0 .. 1."""
        there = self.target[self.charts.place, action]
        if (self.host.number[there[there >= 0]] < 0).any():
            self.grow(1)
        run = self.simulation
        begin = run.tick
        run.inject_spikes("action", [action])
        first = run.advance(ANSWER * STEP)
        noise = np.clip(np.log(draw) - np.log1p(-draw), -STRONGEST_NOISE, STRONGEST_NOISE)
        if self.rules.free >> action & 1:
            noise[:] = -STRONGEST_NOISE  # against any barrier
        self.weights.draw(noise)
        run.inject_spikes("symbol", [symbol])
        run.inject_spikes("noise", [0])
        rest = run.advance((CYCLE - ANSWER) * STEP)
        self.spikes = first.neuron.size + rest.neuron.size
        self.fired += self.spikes
        chart, place = self.holders(rest, begin)
        if chart.size != self._chart.size or (chart != self._chart).any():
            raise RuntimeError(f"{chart.size} packets in {self._chart.size} charts; each must have one.")
        stayed = np.zeros(self._chart.size, np.bool_)
        stayed[self.of("stay", rest.neuron) // (self.symbols + 1)] = True
        sheet = self.target, self.back, self.host.number
        self.weights.learn(self.charts, sheet, action, symbol, stayed, place)
        lost = self.rules.quantum * np.bincount(
            self.of("surprise", rest.neuron) // (self.symbols * self.rules.levels), minlength=self._chart.size
        )
        self.charts.standing[:] = self.rules.fade * self.charts.standing - lost
        self._baseline *= self.rules.keep
        self.charts.strength[:] = self._strength() - self._baseline

    def imagine(self, action: int) -> Spikes:
        """One cycle with the world shut out: the command moves the packets, nothing is learned."""
        self.simulation.inject_spikes("action", [action])
        first = self.simulation.advance(ANSWER * STEP)
        self.simulation.inject_spikes("dream", [0])
        rest = self.simulation.advance((CYCLE - ANSWER) * STEP)
        self.fired += first.neuron.size + rest.neuron.size
        return rest

    def overwrite(self, copies: Ints) -> int:
        """Replay copy: charts without a copy become what those with several are; returns how many. See `offspring`."""
        lost = np.flatnonzero(copies == 0)
        given = np.repeat(np.arange(copies.size), np.maximum(copies - 1, 0))
        if lost.size:
            which, cell = np.nonzero(self.charts.known[lost] | self.charts.known[given])
            self.weights.copy(self.host.row(given[which], cell), self.host.row(lost[which], cell))
        kernels.overwrite(self.charts, copies)
        self.recall(self._chart)
        return lost.size

    def recall(self, charts: Ints) -> None:
        """A cycle without command, in which all packets are lost and those of `charts` put where `charts.place` says.

        What strengths have leaked since they were read is given back to them.
        """
        self.simulation.advance((MOVED - 1) * STEP)
        self.simulation.inject_spikes("recall", self.host.row(charts, self.charts.place[charts].astype(np.int64)))
        self.recalled = self.simulation.advance((CYCLE - MOVED + 1) * STEP).neuron.size
        self.fired += self.recalled
        self._baseline = self._strength() - self.charts.strength

    def holders(self, spikes: Spikes, begin: int) -> tuple[Ints, Ints]:
        """Charts with a packet at the end of the cycle that began after tick `begin`, and its cell of the sheet."""
        row = np.sort(self.of("place", spikes.neuron[spikes.tick >= begin + MOVED]))
        return row // self.patch.cells.size, self.patch.cells[row % self.patch.cells.size]

    def of(self, population: str, neurons: npt.NDArray[np.int32]) -> Ints:
        """Those spikes that come from a population, as numbers within it."""
        first = self.host.first_cell[population]
        mine = neurons[(neurons >= first) & (neurons < first + self.host.size[population])]
        return mine.astype(np.int64) - first

    def grow(self, ahead: int) -> None:
        """See to it that there are places within `ahead` actions of all that are touched; all packets are recalled."""
        touched = np.flatnonzero(self.charts.known.any(axis=0))
        if self.patch.holds(touched, ahead):
            return
        self._events = self.events
        learned = self.weights.learned(self.host.rows(self.charts.known))
        self.host.leave(self._lodger)
        self.host = self._new_host(self.patch.grown(touched, ahead + SPARE))
        self.built += 1
        self.weights.teach(self.host.rows(self.charts.known), learned)
        self.recall(self._chart)

    def packed(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Numbers and arrays by which they go on, spike for spike, `charts` apart; `unpack` takes them."""
        self.host.wake(self._lodger)
        about = {name: getattr(self, name) for name in COUNTED}
        held = {"patch": self.patch.cells, "baseline": self._baseline}
        return about, held | packed(self.host.state(self._lodger))

    def unpack(self, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Become what `packed` told, once `charts` are what they were then."""
        for name in COUNTED:
            setattr(self, name, about[name])
        self._baseline[:] = arrays["baseline"]
        self.host.leave(self._lodger)
        self.host = self._new_host(Patch(self.target, np.array(arrays["patch"])))
        self._lodger.asleep = unpacked(arrays)

    def _new_host(self, patch: Patch) -> ChartHost:
        return ChartHost(patch, charts=self._chart.size, symbols=self.symbols, rules=self.rules)

    def _strength(self) -> npt.NDArray[np.float64]:
        """Log strengths, as at the tick at which the last surprise reached the cells."""
        return self.simulation.read("strength") / NAT * np.exp(STEP / LONGEST)
