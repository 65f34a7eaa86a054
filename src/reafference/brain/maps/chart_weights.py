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

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from reafference.brain.maps import weight_rules
from reafference.brain.maps.chart_cells import NAT
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.weight_rules import TagSynapses
from reafference.engine import Simulation
from reafference.engine.weight_access import WeightAccess

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class ChartWeights:
    """Synapses of a network of charts. Places are numbered over all charts: chart * cells + place.

    simulation        of `chart_network`
    actions, symbols  how many
    """

    def __init__(self, simulation: Simulation, *, actions: int, symbols: int, rules: Rules) -> None:
        self.symbols, self.rules = symbols, rules
        self._prior = float(np.log(rules.wall / (1.0 - rules.wall)))
        self._tags = {name: simulation.weight_access(name) for name in ("here", "foretold", "there", "expected")}
        self._each = {"here": 2, "foretold": 2, "there": 1, "expected": 2 * rules.levels}  # synapses for one symbol
        self._visits = simulation.weight_access("visits")
        self._draw = simulation.weight_access("draw")
        self._at = TagSynapses(visits=self._visits.held()[1], **{n: a.held()[1] for n, a in self._tags.items()})
        self._barriers = [simulation.weight_access(f"barrier {action}") for action in range(actions)]

    def meet(self, place: Ints, symbol: int) -> npt.NDArray[np.uint8]:
        """R2 at places (n,), no two alike: the symbol is there with the packet. Returns `tags` afterwards."""
        count = np.zeros((place.size, self.symbols), np.uint8)
        weight = self._visits.held()[0]
        weight_rules.meet(weight, self._at, place, symbol, self.rules.alpha, NAT, np.zeros(self.symbols), count)
        return count

    def bar(self, place: Ints, action: int, stayed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        """R3 at the gates of an action and of places (n,): whether `stay` fired. Returns `evidence` afterwards."""
        evidence, rules = np.zeros(place.size, np.int8), self.rules
        weight, barrier = self._barriers[action].held()
        width = self.symbols + 1
        weight_rules.bar(
            weight, barrier, width, place, stayed, self._prior, rules.step, float(rules.most), NAT, evidence
        )
        return evidence

    def draw(self, noise: Floats) -> None:
        """Hand in the noise (log odds) of each chart, (charts,)."""
        weight, place = self._draw.held()
        weight[place] = NAT * np.repeat(noise, self.symbols)

    def odds(self, place: Ints, action: int) -> Floats:
        """Log odds of a barrier, as gates of places (n,) carry them to `stay`."""
        return self._barriers[action].read(place * (self.symbols + 1)) / NAT

    def tags(self, place: Ints) -> npt.NDArray[np.uint8]:
        """Read out: how often each symbol was met at places, (n, symbols)."""
        log = self._tags["there"].read(self._columns(place, self.symbols)) / -NAT
        visits = np.exp(self._visits.read(place * 2) / NAT) - 1.0
        alpha = self.rules.alpha
        return np.rint(np.exp(log) * (visits[:, None] + self.symbols * alpha) - alpha).astype(np.uint8)

    def evidence(self, place: Ints, action: int) -> npt.NDArray[np.int8]:
        """Read out: how much speaks for (positive) or against a barrier, (n,)."""
        return np.rint((self.odds(place, action) - self._prior) / self.rules.step).astype(np.int8)

    def copied(self, place: Ints) -> list[Floats]:
        """All weights of the synapses from places (n,), in volt, for `paste`."""
        return [access.read(self._columns(place, width)) for access, width in self._all()]

    def paste(self, place: Ints, weights: list[Floats]) -> None:
        """Set them at places (n,), in the same order."""
        for (access, width), values in zip(self._all(), weights, strict=True):
            access.write(self._columns(place, width), values)

    def _all(self) -> Iterator[tuple[WeightAccess, int]]:
        """All of them, and how many synapses a place has in each."""
        for name, access in self._tags.items():
            yield access, self.symbols * self._each[name]
        yield self._visits, 2
        for access in self._barriers:
            yield access, self.symbols + 1

    def _columns(self, place: Ints, width: int) -> Ints:
        """Numbers of all synapses from places, (n, width)."""
        return place[:, None] * width + np.arange(width)
