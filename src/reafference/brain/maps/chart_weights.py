"""What charts of cells have learned is in the weights of their synapses, and R2 and R3 change these where they are.

R2, where the packet's place meets a symbol. With n visits so far the synapse of that symbol goes from w to
w + log(1 + eta (exp(-w) - 1)), those of all others from w to w + log(1 - eta), and the one to `familiar`, whose weight
is u = log(1 + n), to log(exp(u) + 1). The rate eta = 1 / (n + 1 + symbols * alpha) falls with the visits; so
exp(w) stays equal to (count of the symbol + alpha) / (n + symbols * alpha) without a count being kept anywhere. Such
rates are those of Nessler, Pfeiffer, Buesing and Maass, PLoS Comput. Biol. 9 (2013) e1003037.

R3, where a gate meets `stay`: its log odds of a barrier grow by `Rules.step`, within bounds, and shrink where it does
not meet it.

All weights in nats here; synapses from one place carry the same number in several projections, which learn alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import weight_rules
from reafference.brain.maps.chart_cells import NAT
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.weight_rules import ChartSynapses
from reafference.engine import Simulation

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Learned(NamedTuple):
    """What charts know at n places, as weights in volt.

    tags    (n, symbols), onto `there`; all other synapses that tell a symbol carry the same number, or its negative
    visits  (n,), onto `familiar`
    odds    (n, actions), of a barrier
    """

    tags: Floats
    visits: Floats
    odds: Floats


class ChartWeights:
    """Synapses of a network of charts. Places are numbered over all charts: chart * cells + place.

    simulation        of `chart_network`
    actions, symbols  how many
    """

    def __init__(self, simulation: Simulation, *, actions: int, symbols: int, rules: Rules) -> None:
        self.symbols, self.rules = symbols, rules
        self._prior = float(np.log(rules.wall / (1.0 - rules.wall)))
        self._draw = simulation.weight_access("draw")

        def where(name: str) -> Ints:
            return simulation.weight_access(name).held()[1]

        tags = {name: where(name) for name in ("here", "foretold", "there", "expected")}
        barrier = np.stack([where(f"barrier {action}") for action in range(actions)])
        self._at = ChartSynapses(**tags, visits=where("visits"), barrier=barrier)
        self._newborn = self.learned(np.zeros(1, np.int64))

    def meet(self, place: Ints, symbol: int) -> npt.NDArray[np.uint8]:
        """R2 at places (n,), no two alike: the symbol is there with the packet. Returns `tags` afterwards."""
        count = np.zeros((place.size, self.symbols), np.uint8)
        weight = self._draw.held()[0]
        weight_rules.meet(weight, self._at, place, symbol, self.rules.alpha, NAT, np.zeros(self.symbols), count)
        return count

    def bar(self, place: Ints, action: int, stayed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        """R3 at the gates of an action and of places (n,): whether `stay` fired. Returns `evidence` afterwards."""
        evidence, rules = np.zeros(place.size, np.int8), self.rules
        weight, barrier = self._draw.held()[0], self._at.barrier[action]
        weight_rules.bar(
            weight, barrier, self.symbols + 1, place, stayed, self._prior, rules.step, float(rules.most), NAT, evidence
        )
        return evidence

    def draw(self, noise: Floats) -> None:
        """Hand in the noise (log odds) of each chart, (charts,)."""
        weight, place = self._draw.held()
        weight[place] = NAT * np.repeat(noise, self.symbols)

    def tags(self, place: Ints) -> npt.NDArray[np.uint8]:
        """Read out: how often each symbol was met at places, (n, symbols)."""
        learned, alpha = self.learned(place), self.rules.alpha
        visits = np.exp(learned.visits / NAT) - 1.0
        count = np.exp(learned.tags / -NAT) * (visits[:, None] + self.symbols * alpha) - alpha
        return np.rint(count).astype(np.uint8)

    def evidence(self, place: Ints, action: int) -> npt.NDArray[np.int8]:
        """Read out: how much speaks for (positive) or against a barrier, (n,)."""
        odds = self.learned(place).odds[:, action] / NAT
        return np.rint((odds - self._prior) / self.rules.step).astype(np.int8)

    def learned(self, place: Ints) -> Learned:
        """What is known at places (n,)."""
        weight, at = self._draw.held()[0], self._at
        return Learned(
            weight[at.there[columns(place, self.symbols)]],
            weight[at.visits[2 * place]],
            weight[at.barrier[:, place * (self.symbols + 1)]].T,
        )

    def teach(self, place: Ints, learned: Learned) -> None:
        """Let that be known at places (n,)."""
        weight, at = self._draw.held()[0], self._at
        for where, sign in ((at.here, -1.0), (at.foretold, -1.0), (at.there, 1.0), (at.expected, 1.0)):
            each = where.size // at.there.size  # synapses for one symbol
            weight[where[columns(place, self.symbols * each)]] = sign * np.repeat(learned.tags, each, axis=1)
        weight[at.visits[columns(place, 2)]] = learned.visits[:, None]
        for barrier, odds in zip(at.barrier, learned.odds.T, strict=True):
            weight[barrier[columns(place, self.symbols + 1)]] = odds[:, None]

    def forget(self, place: Ints) -> None:
        """Let places (n,) be as they were before anything was learned."""
        tags, visits, odds = self._newborn
        many = place.size
        self.teach(place, Learned(tags.repeat(many, axis=0), visits.repeat(many), odds.repeat(many, axis=0)))

    def copy(self, source: Ints, target: Ints) -> None:
        """Let what is known at places (n,) be known at others (n,), none of which is a source."""
        weight_rules.copy(self._draw.held()[0], self._at, self.symbols, source, target)


def columns(place: Ints, width: int) -> Ints:
    """Numbers of all synapses from places, (n, width), of which each has `width`."""
    return place[:, None] * width + np.arange(width)
