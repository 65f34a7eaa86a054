"""What the places of a chart are worth, planned by replay backwards from where something was paid.

The value of a place is the discounted reward that is to be had from it by the best actions that the leading chart
knows of: dv = r + discount v' - v, with what was paid as r (`pay.py`) and the chart's barriers for the chance of
getting from place to place. A place that was wrong by much tells the places from which it is reached, and the one that
was told most is backed up next (`sweep.py`, prioritized sweeping): so replay begins at a reward and runs away from it
backwards, at rest and for a moment before each choice. What lies beyond the known places is worth nothing here: to be
curious about it is the business of disagreement and novelty.

Worlds change, so a known place promises a little more the longer it was not entered, by the square root of the time:
when what paid pays no more, the agent goes round. Without this it would stay with the remains of an old hope.

Sources: Sutton, ICML (1990) 216, for that bonus (Dyna-Q+); Moore and Atkeson, Machine Learning 13 (1993) 103; Mattar
and Daw, Nature Neuroscience 21 (2018) 1609; that reward makes reverse replay more frequent, Ambrose, Pfeiffer and
Foster, Neuron 91 (2016) 1124; that the way to a known goal is played before it is taken, Pfeiffer and Foster, Nature
497 (2013) 74.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import charts as kernels
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.pay import Pay
from reafference.brain.maps.sweep import NONE, Edges, Queue, action_value, sweep, tell
from reafference.engine.kernel import kernel

Floats = npt.NDArray[np.float64]


class ChartValue:
    """Values of the cells of a sheet, as the leading chart of some hypotheses has them.

    discount   of a reward one action later
    renewal    what a known place promises that was entered n actions ago: so much times the root of n, in units of the
               largest reward
    precision  change of value that is not passed on, in the same units

    Readable: `value` (cells,), in units of reward; `backups` done so far, looks for surprise included. `largest` is the
    size of the largest reward ever met.
    """

    def __init__(self, cells: int, *, discount: float, renewal: float, precision: float = 1e-3) -> None:
        if not 0 <= discount < 1:
            raise ValueError(f"discount = {discount:g} is outside 0 to below 1; 0.9 sees 10 actions far.")
        if not renewal >= 0:
            raise ValueError(f"renewal = {renewal:g} is below 0; 0 takes an empty place for empty for good.")
        self.discount, self.renewal, self.precision = discount, renewal, precision
        self.value = np.zeros(cells)
        self.largest = 0.0
        self.backups = 0

    def packed(self) -> list[Any]:
        """What it knows, for a file; `unpack` takes it."""
        held = np.flatnonzero(self.value)
        return [self.largest, self.backups, held.tolist(), self.value[held].tolist()]

    def unpack(self, held: list[Any]) -> None:
        """Take what `packed` gave."""
        self.largest, self.backups, cells, value = held
        self.value[cells] = value

    def replay(self, hypotheses: Hypotheses, limit: int) -> int:
        """Back up at most `limit` places, the most surprised first; returns how many.

        Every known place looks once whether it is surprised. Nothing happens where nothing was ever paid.
        """
        if hypotheses.pay is None:
            return 0
        edges = self._edges(hypotheses)
        cells, leader = self.value.size, hypotheses.leader
        known = hypotheses.charts.touched[leader, : hypotheses.charts.size[leader]]
        forgotten = np.ones(cells, np.bool_)
        forgotten[known] = False
        self.value[forgotten] = 0.0  # of a leader that was overwritten
        threshold = self.precision * self.largest
        queue = Queue(np.zeros(cells), np.zeros(cells, np.int64), np.full(cells, NONE), np.zeros(1, np.int64))
        look(edges, queue, self.value, known, self.discount, threshold)
        done = int(sweep(edges, queue, self.value, self.discount, 0.0, threshold, limit))
        self.backups += done + known.size
        return done

    def way(self, hypotheses: Hypotheses, length: int) -> npt.NDArray[np.int32]:
        """The motif (length,) that values lead along on the leading chart, the world shut out."""
        motif = np.zeros(length, np.int32)
        follow(
            hypotheses.charts,
            hypotheses.target,
            hypotheses.rules,
            hypotheses.leader,
            self._edges(hypotheses),
            self.value,
            self.discount,
            motif,
        )
        return motif

    def returns(self, hypotheses: Hypotheses, motifs: npt.NDArray[np.int32]) -> Floats:
        """What each motif (motifs, actions) earns on its way and is worth at its end, on the leading chart."""
        earned, pay = np.zeros(len(motifs)), hypotheses.pay
        if pay is not None:
            leader = hypotheses.leader
            earn_ahead(
                hypotheses.charts,
                hypotheses.target,
                hypotheses.rules,
                leader,
                self._promised(hypotheses, pay),
                pay.stayed[leader],
                motifs,
                self.discount,
                self.value,
                earned,
            )
        return earned

    def _promised(self, hypotheses: Hypotheses, pay: Pay) -> Floats:
        """What entering each place pays, (cells,), as the leading chart expects."""
        charts, leader = hypotheses.charts, hypotheses.leader
        known = charts.count[leader].any(axis=1)
        return pay.entered[leader] + self.renewal * self.largest * known * np.sqrt(pay.clock - pay.last[leader])

    def _edges(self, hypotheses: Hypotheses) -> Edges:
        """The leading chart as edges, rewards on them."""
        charts, leader, pay = hypotheses.charts, hypotheses.leader, hypotheses.pay
        cells, actions = hypotheses.target.shape
        most = 2 * actions * int(charts.size[leader])
        edges = Edges(
            first_out=np.full(cells * actions, NONE),
            next_out=np.full(most, NONE),
            first_in=np.full(cells, NONE),
            next_in=np.full(most, NONE),
            pair=np.zeros(most, np.int64),
            target=np.zeros(most, np.int64),
            ended=np.zeros(most, np.bool_),
            count=np.zeros(most),
            reward=np.zeros(most),
            weight=np.zeros(most),
            fresh=np.zeros(cells * actions),
        )
        assert pay is not None  # noqa: S101 - callers have looked
        promised = self._promised(hypotheses, pay)
        unfold(charts, hypotheses.target, hypotheses.rules, leader, promised, pay.stayed[leader], edges)
        return edges


@kernel
def unfold(charts, target, rules, k, entered, stayed, edges):
    """Write the known places of chart k as edges: each action moves the packet, or leaves it where it is."""
    used = 0
    for j in range(charts.size[k]):
        cell = charts.touched[k, j]
        for action in range(target.shape[1]):
            there, free = target[cell, action], 0.0
            if there >= 0 and there != cell:
                free = kernels.passage(charts, rules, k, cell, action)
            for moves in range(2):
                weight = free if moves else 1.0 - free
                if weight == 0.0:
                    continue
                pair, to = cell * target.shape[1] + action, there if moves else cell
                edges.pair[used], edges.target[used], edges.weight[used] = pair, to, weight
                edges.reward[used] = entered[there] if moves else stayed[cell, action]
                edges.next_out[used], edges.first_out[pair] = edges.first_out[pair], used
                edges.next_in[used], edges.first_in[to] = edges.first_in[to], used
                used += 1


@kernel
def best(edges, value, cell, discount):
    """The best action at a place; of equals the first."""
    actions = edges.first_out.size // edges.first_in.size
    found, most = 0, -np.inf
    for action in range(actions):
        promised = action_value(edges, value, cell * actions + action, discount, 0.0)
        if promised > most:
            found, most = action, promised
    return found


@kernel
def look(edges, queue, value, known, discount, threshold):
    """Let each known place tell itself how wrong its value is."""
    actions = edges.first_out.size // edges.first_in.size
    for cell in known:
        pair = cell * actions + best(edges, value, cell, discount)
        wrong = abs(action_value(edges, value, pair, discount, 0.0) - value[cell])
        if wrong > threshold:
            tell(queue, cell, wrong)


@kernel
def ahead(charts, target, rules, k, cell, action):
    """Where a packet of chart k that nothing corrects goes."""
    there = target[cell, action]
    if there < 0 or there == cell or kernels.passage(charts, rules, k, cell, action) < 0.5:
        return cell
    return there


@kernel
def follow(charts, target, rules, k, edges, value, discount, motif):
    """Write to motif (actions,) the best action at each place that the packet comes to."""
    cell = charts.place[k]
    for d in range(motif.size):
        motif[d] = best(edges, value, cell, discount)
        cell = ahead(charts, target, rules, k, cell, motif[d])


@kernel
def earn_ahead(charts, target, rules, k, entered, stayed, motifs, discount, value, earned):
    """Write to earned (motifs,) the discounted reward along each motif and the value at its end."""
    for m in range(motifs.shape[0]):
        cell, factor = charts.place[k], 1.0
        earned[m] = 0.0
        for d in range(motifs.shape[1]):
            there = ahead(charts, target, rules, k, cell, motifs[m, d])
            reward = stayed[cell, motifs[m, d]] if there == cell else entered[there]
            earned[m] += factor * reward
            factor *= discount
            cell = there
        earned[m] += factor * value[cell]
