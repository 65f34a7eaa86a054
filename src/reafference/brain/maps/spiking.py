"""Charts that spike: the packets live in cells of the engine, and their spikes decide who moves.

In spikes: where each packet is, the copy of the command that moves it, the look ahead, the comparison of symbol, tags
and barriers that keeps it or lets it go, surprise, and the strengths that surprise weakens. Not in spikes, but in this
file: the logistic noise of each chart is handed in as the weight of one event; R2 and R3 are applied to counts of what
fired together, and the weights of the synapses concerned set to the logarithms of these counts; strengths are compared
and charts overwritten, weights and all, after which their packets are recalled in a cycle without command.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.chart_cells import (
    ANSWER,
    CYCLE,
    LONGEST,
    MOVED,
    NAT,
    STEP,
    CellPlan,
    chart_network,
)
from reafference.brain.maps.charts import Charts, Rules
from reafference.engine import Simulation

Ints = npt.NDArray[np.int64]
STRONGEST_NOISE = 30.0  # log odds


def leaking(rules: Rules) -> Rules:
    """The same rules with the leak that strength cells have from one action to the next."""
    return rules._replace(keep=float(np.exp(-CYCLE * STEP / LONGEST)))


class SpikingCharts:
    """What `Hypotheses` does with arrays, done by cells; see chart_cells.py for what happens when.

    target   (cells, actions) int32, the sheet
    charts, symbols, first  as there
    rules    with a positive quantum: surprise is told in spikes

    `charts` holds the counts behind the weights, and strengths as read from the cells. `spikes` counts those of the
    last action, sources included, and `recalled` those of the last replay copy.
    """

    def __init__(self, target: npt.NDArray[np.int32], *, charts: int, symbols: int, first: int, rules: Rules) -> None:
        if rules.quantum <= 0.0:
            raise ValueError(f"Rules.quantum = {rules.quantum}; give how many nats one surprise spike is worth.")
        self.rules, self.target, self.symbols = leaking(rules), target, symbols
        self.back = kernels.way_back(target)
        self.cells, self.actions = target.shape
        self.charts: Charts = kernels.blank(charts, self.cells, self.actions, symbols)
        plan = CellPlan(charts=charts, symbols=symbols, target=target, levels=rules.levels)
        self.network = chart_network(plan, rules)
        self.simulation = Simulation(self.network, dt=STEP, record=())
        self.weights = {
            name: self.simulation.weight_access(name)
            for name in ("draw", "here", "there", "expected", *(f"barrier {a}" for a in range(self.actions)))
        }
        self.spikes = self.recalled = 0
        self._first_cell = {p.name: self.network.first(p.name) for p in self.network.populations}
        self._size = {p.name: p.size for p in self.network.populations}
        self._chart = np.arange(charts)
        self._baseline = np.zeros(charts)
        for k in range(charts):
            kernels.tag(self.charts, k, 0, first, symbols)
        self._write_tags(self._chart, np.zeros(charts, np.int64))
        self.recall()

    def move(self, action: int, symbol: int, draw: npt.NDArray[np.float64]) -> None:
        """One cycle: the command, and the symbol that followed; draw (charts,) is uniform in 0 .. 1."""
        run = self.simulation
        begin = run.tick
        run.inject_spikes("action", [action])
        first = run.advance(ANSWER * STEP)
        noise = np.clip(np.log(draw) - np.log1p(-draw), -STRONGEST_NOISE, STRONGEST_NOISE)
        self.weights["draw"].write(np.arange(noise.size * self.symbols), NAT * np.repeat(noise, self.symbols))
        run.inject_spikes("symbol", [symbol])
        run.inject_spikes("noise", [0])
        rest = run.advance((CYCLE - ANSWER) * STEP)
        self.spikes = first.neuron.size + rest.neuron.size
        late = rest.neuron[rest.tick >= begin + MOVED]
        fired = np.sort(self._of("place", late))
        if fired.size != self._chart.size or (fired // self.cells != self._chart).any():
            raise RuntimeError(f"{fired.size} packets in {self._chart.size} charts; each must have one.")
        goes = np.ones(self._chart.size, np.bool_)
        goes[self._of("stay", rest.neuron) // self.symbols] = False
        left = self.charts.place.astype(np.int64)
        kernels.learn_all(self.charts, self.target, self.back, self.rules, action, symbol, self.symbols, goes)
        self._baseline *= self.rules.keep
        # what is believed of packets and strengths is what the cells say
        self.charts.place[:] = fired % self.cells
        self.charts.strength[:] = self._strength() - self._baseline
        self._write_tags(self._chart, self.charts.place.astype(np.int64))
        self._write_barriers(self._chart, left, action)
        there, back = self.target[left, action].astype(np.int64), self.back[left, action]
        for other in np.unique(back[back >= 0]):
            mine = np.flatnonzero(back == other)
            self._write_barriers(mine, there[mine], int(other))

    def overwrite(self, copies: Ints) -> int:
        """Replay copy: charts without a copy become what those with several are; returns how many. See `offspring`."""
        lost = np.flatnonzero(copies == 0)
        before = [self._touched(int(k)) for k in lost]
        kernels.overwrite(self.charts, copies)
        if lost.size:
            both = [np.union1d(old, self._touched(int(k))) for old, k in zip(before, lost, strict=True)]
            chart = np.repeat(lost, [places.size for places in both])
            place = np.concatenate(both)
            self._write_tags(chart, place)
            for action in range(self.actions):
                self._write_barriers(chart, place, action)
            self.recall()
        self._baseline = self._strength()
        return lost.size

    def recall(self) -> None:
        """A cycle without command, in which all packets are lost and put where `charts.place` says."""
        self.simulation.advance((MOVED - 1) * STEP)
        self.simulation.inject_spikes("recall", self._chart * self.cells + self.charts.place)
        self.recalled = self.simulation.advance((CYCLE - MOVED + 1) * STEP).neuron.size

    def _strength(self) -> npt.NDArray[np.float64]:
        """Log strengths, as at the tick at which the last surprise reached the cells."""
        return self.simulation.read("strength") / NAT * np.exp(STEP / LONGEST)

    def _of(self, population: str, neurons: npt.NDArray[np.int32]) -> Ints:
        """Those spikes that come from a population, as numbers within it."""
        first = self._first_cell[population]
        mine = neurons[(neurons >= first) & (neurons < first + self._size[population])]
        return mine.astype(np.int64) - first

    def _touched(self, k: int) -> Ints:
        return self.charts.touched[k, : self.charts.size[k]].astype(np.int64)

    def _write_tags(self, chart: Ints, place: Ints) -> None:
        """R2: set the weights from places (of charts, both (n,)) to the logarithms of what is counted there."""
        symbols, levels = self.symbols, self.rules.levels
        seen = self.charts.count[chart, place] + self.rules.alpha
        log = NAT * np.log(seen / seen.sum(axis=1, keepdims=True))
        row = (chart * self.cells + place)[:, None]

        def columns(width: int) -> Ints:
            return row * width + np.arange(width)

        self.weights["here"].write(columns(2 * symbols), np.repeat(log, 2, axis=1))
        self.weights["there"].write(columns(symbols), -log)
        self.weights["expected"].write(columns(2 * symbols * levels), np.repeat(-log, 2 * levels, axis=1))

    def _write_barriers(self, chart: Ints, place: Ints, action: int) -> None:
        """R3: the same from gates, whose log odds are those of a barrier."""
        inside = self.target[place, action] >= 0
        chart, place = chart[inside], place[inside]
        evidence = self.rules.step * self.charts.barrier[chart, place, action]
        odds = NAT * (np.log(self.rules.wall / (1.0 - self.rules.wall)) + evidence)
        which = (chart * self.cells + place)[:, None] * self.symbols + np.arange(self.symbols)
        self.weights[f"barrier {action}"].write(which, np.repeat(odds[:, None], self.symbols, axis=1))
