"""What charts of cells have learned is in the weights of their synapses, and R2 and R3 change these where they are.

R2, where the packet's place meets a symbol. With n visits so far the synapse of that symbol goes from w to
w + log(1 + eta (exp(-w) - 1)), those of all others from w to w + log(1 - eta), and the one to `familiar`, whose weight
is u = log(1 + n), to log(exp(u) + 1). The rate eta = 1 / (n + 1 + symbols * alpha) falls with the visits; so
exp(w) stays equal to (count of the symbol + alpha) / (n + symbols * alpha) without a count being kept anywhere. Such
rates are those of Nessler, Pfeiffer, Buesing and Maass, PLoS Comput. Biol. 9 (2013) e1003037.

R3, where a gate meets `stay`: its log odds of a barrier grow by `Rules.step`, within bounds, and shrink where it does
not meet it.

All weights in nats here. What a place tells is carried by four sets of synapses, which learn alike: its own (for
staying, surprise and preplay) and, with the opposite sign, those of the gates that lead to it (against staying).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import weight_rules
from reafference.brain.maps.chart_cells import NAT
from reafference.brain.maps.charts import Charts, Rules
from reafference.brain.maps.weight_rules import ChartSynapses, Ways
from reafference.engine import Simulation

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Learned(NamedTuple):
    """What charts know at n places, as weights in volt.

    tags    (n, symbols), onto `stay`; all other synapses that tell a symbol carry the same number, or its negative
    visits  (n,), onto `familiar`
    odds    (n, actions), of a barrier
    """

    tags: Floats
    visits: Floats
    odds: Floats


class ChartWeights:
    """Synapses of a network of charts. Places are numbered over all charts, chart * cells + place: their rows.

    simulation  of `chart_network`
    target      (cells, actions), as there
    """

    def __init__(
        self, simulation: Simulation, target: npt.NDArray[np.int32], *, charts: int, symbols: int, rules: Rules
    ) -> None:
        self.symbols, self.rules = symbols, rules
        self._prior = float(np.log(rules.wall / (1.0 - rules.wall)))
        self._draw = simulation.weight_access("draw")
        cells, actions = target.shape

        def first(name: str, width: int) -> Ints:
            """Where the synapses of row 0 are, (width,)."""
            held = simulation.weight_access(name).held()[1].reshape(charts * cells, width)
            if (held != held[0] + width * np.arange(charts * cells)[:, None]).any():
                raise RuntimeError(f"the synapses of {name} do not lie place by place.")
            return held[0].copy()

        self._at = ChartSynapses(
            here=first("here", 2 * symbols),
            foretold=first("foretold", 2 * symbols),
            expected=first("expected", 2 * symbols * rules.levels),
            visits=first("visits", 2),
            there=np.stack([first(f"there {action}", symbols) for action in range(actions)]),
            barrier=np.stack([first(f"barrier {action}", symbols + 1) for action in range(actions)]),
        )
        self._ways = ways(target)
        self._newborn = self.learned(np.zeros(1, np.int64))

    def meet(self, rows: Ints, symbol: int) -> npt.NDArray[np.uint8]:
        """R2 at places (n,), no two alike: the symbol is there with the packet. Returns `tags` afterwards."""
        count = np.zeros((rows.size, self.symbols), np.uint8)
        scratch = np.zeros(self.symbols)
        weight_rules.meet(self._weight(), self._at, self._ways, rows, symbol, self.rules.alpha, NAT, scratch, count)
        return count

    def learn(
        self,
        charts: Charts,
        sheet: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Ints],
        action: int,
        symbol: int,
        stayed: npt.NDArray[np.bool_],
        place: Ints,
    ) -> None:
        """R3 and R2 after a cycle; `charts` are read out. `sheet`: target, back, number; see `weight_rules.learn`."""
        weight, scratch = self._weight(), np.zeros(self.symbols)
        weight_rules.learn(
            weight, self._at, self._ways, charts, *sheet, self.rules, action, symbol, stayed, place, NAT, scratch
        )

    def draw(self, noise: Floats) -> None:
        """Hand in the noise (log odds) of each chart, (charts,)."""
        weight, place = self._draw.held()
        weight[place] = NAT * np.repeat(noise, self.symbols)

    def tags(self, rows: Ints) -> npt.NDArray[np.uint8]:
        """Read out: how often each symbol was met at places, (n, symbols)."""
        learned, alpha = self.learned(rows), self.rules.alpha
        visits = np.exp(learned.visits / NAT) - 1.0
        count = np.exp(learned.tags / NAT) * (visits[:, None] + self.symbols * alpha) - alpha
        return np.rint(count).astype(np.uint8)

    def evidence(self, rows: Ints, action: int) -> npt.NDArray[np.int8]:
        """Read out: how much speaks for (positive) or against a barrier, (n,)."""
        odds = self.learned(rows).odds[:, action] / NAT
        return np.rint((odds - self._prior) / self.rules.step).astype(np.int8)

    def learned(self, rows: Ints) -> Learned:
        """What is known at places (n,)."""
        weight, at, row = self._weight(), self._at, rows[:, None]
        return Learned(
            weight[at.here[::2] + row * at.here.size],
            weight[at.visits[0] + rows * at.visits.size],
            weight[at.barrier[:, 0] + row * at.barrier.shape[1]],
        )

    def teach(self, rows: Ints, learned: Learned) -> None:
        """Let that be known at places (n,)."""
        weight_rules.teach(self._weight(), self._at, self._ways, rows, *learned)

    def forget(self, rows: Ints) -> None:
        """Let places (n,) be as they were before anything was learned."""
        tags, visits, odds = self._newborn
        many = rows.size
        self.teach(rows, Learned(tags.repeat(many, axis=0), visits.repeat(many), odds.repeat(many, axis=0)))

    def copy(self, source: Ints, target: Ints) -> None:
        """Let what is known at places (n,) be known at others (n,), none of which is a source."""
        weight_rules.copy(self._weight(), self._at, self._ways, source, target)

    def _weight(self) -> Floats:
        return self._draw.held()[0]


def ways(target: npt.NDArray[np.int32]) -> Ways:
    """Gates that lead to each place from another one; target (cells, actions), negative where there is no place."""
    source, action = np.nonzero((target >= 0) & (target != np.arange(len(target))[:, None]))
    there = target[source, action]
    order = np.argsort(there, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(there, minlength=len(target)))])
    return Ways(first.astype(np.int64), source[order].astype(np.int64), action[order].astype(np.int64))
