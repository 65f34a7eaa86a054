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

from reafference.brain.maps.chart_cells import NAT
from reafference.brain.maps.charts import FULL, Rules
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
        self._barriers = [simulation.weight_access(f"barrier {action}") for action in range(actions)]

    def meet(self, place: Ints, symbol: int) -> npt.NDArray[np.uint8]:
        """R2 at places (n,), no two alike: the symbol is there with the packet. Returns `tags` afterwards."""
        log, visits = self._read(place)
        eta = 1.0 / (np.exp(visits)[:, None] + self.symbols * self.rules.alpha)
        full = np.exp(visits) - 1.0 >= FULL - 0.5
        if full.any():
            log[full], visits[full] = self._halved(log[full], visits[full])
            eta[full] = 1.0 / (np.exp(visits[full])[:, None] + self.symbols * self.rules.alpha)
        met = np.arange(self.symbols) == symbol
        log += np.log(np.where(met, 1.0 + eta * np.expm1(-log), 1.0 - eta))
        visits = np.log(np.exp(visits) + 1.0)
        self._write(place, log, visits)
        return self.counted(log, visits)

    def bar(self, place: Ints, action: int, stayed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        """R3 at the gates of an action and of places (n,): whether `stay` fired. Returns `evidence` afterwards."""
        odds = np.clip(
            self.odds(place, action) + np.where(stayed, self.rules.step, -self.rules.step),
            self._prior - self.rules.step * self.rules.most,
            self._prior + self.rules.step * self.rules.most,
        )
        width = self.symbols + 1
        self._barriers[action].write(self._columns(place, width), np.repeat(NAT * odds[:, None], width, axis=1))
        return self._told(odds)

    def odds(self, place: Ints, action: int) -> Floats:
        """Log odds of a barrier, as gates of places (n,) carry them to `stay`."""
        return self._barriers[action].read(place * (self.symbols + 1)) / NAT

    def tags(self, place: Ints) -> npt.NDArray[np.uint8]:
        """Read out: how often each symbol was met at places, (n, symbols)."""
        return self.counted(*self._read(place))

    def evidence(self, place: Ints, action: int) -> npt.NDArray[np.int8]:
        """Read out: how much speaks for (positive) or against a barrier, (n,)."""
        return self._told(self.odds(place, action))

    def copied(self, place: Ints) -> list[Floats]:
        """All weights of the synapses from places (n,), in volt, for `paste`."""
        return [access.read(self._columns(place, width)) for access, width in self._all()]

    def paste(self, place: Ints, weights: list[Floats]) -> None:
        """Set them at places (n,), in the same order."""
        for (access, width), values in zip(self._all(), weights, strict=True):
            access.write(self._columns(place, width), values)

    def counted(self, log: Floats, visits: Floats) -> npt.NDArray[np.uint8]:
        """Counts of which the weights are the logarithms."""
        total = np.exp(visits)[:, None] - 1.0 + self.symbols * self.rules.alpha
        return np.rint(np.exp(log) * total - self.rules.alpha).astype(np.uint8)

    def _told(self, odds: Floats) -> npt.NDArray[np.int8]:
        return np.rint((odds - self._prior) / self.rules.step).astype(np.int8)

    def _halved(self, log: Floats, visits: Floats) -> tuple[Floats, Floats]:
        """Forget half of a place that is full: the one change for which its synapses must know of each other."""
        count = self.counted(log, visits) // 2 + self.rules.alpha
        total = count.sum(axis=1)
        return np.log(count / total[:, None]), np.log(1.0 + total - self.symbols * self.rules.alpha)

    def _read(self, place: Ints) -> tuple[Floats, Floats]:
        """Log probabilities of symbols (n, symbols), and log of one more than the visits (n,)."""
        log = self._tags["there"].read(self._columns(place, self.symbols)) / -NAT
        return log, self._visits.read(place * 2) / NAT

    def _write(self, place: Ints, log: Floats, visits: Floats) -> None:
        for name, access in self._tags.items():
            each = self._each[name]
            volt = np.repeat(log * (NAT if name in ("here", "foretold") else -NAT), each, axis=1)
            access.write(self._columns(place, self.symbols * each), volt)
        self._visits.write(self._columns(place, 2), np.repeat(NAT * visits[:, None], 2, axis=1))

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
