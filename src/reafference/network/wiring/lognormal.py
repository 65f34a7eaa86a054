"""Random wiring with hubs: log-normal degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.network.values import LogNormal
from reafference.network.wiring import parts
from reafference.network.wiring.parts import Edges, Index, InParts, Parts, without_self


@dataclass(frozen=True)
class LogNormalDegree(InParts):
    """Log-normal degrees: hubs that send, hubs that receive.

    sent      LogNormal of the out-degree: every source draws how many synapses it sends (rounded, at most all targets)
    received  LogNormal of the attraction of the targets, only its log_sigma matters; None: all targets alike

    Targets of one source are drawn with replacement where `received` is given, distinct otherwise.
    Source: Buzsaki and Mizuseki, Nat. Rev. Neurosci. 15 (2014) 264-278, for log-normal connectivity.
    """

    sent: LogNormal
    received: LogNormal | None = None
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        for name, value in (("sent", self.sent), ("received", self.received)):
            if not isinstance(value, LogNormal) and (name == "sent" or value is not None):
                raise TypeError(f"LogNormalDegree.{name} = {value!r}; give a LogNormal.")
        if self.sent.scale <= 0:
            raise ValueError(
                f"LogNormalDegree.sent.scale = {self.sent.scale} gives degrees below 1; use a positive scale."
            )

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses, on average: the mean of a log-normal that is cut at `targets`."""
        return sources * self.sent.mean_below(float(targets))

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Draw the degrees and attractions of all; a part is a block of sources with all their synapses."""
        degree = np.rint(np.minimum(self.sent.sample(rng, sources), targets)).astype(np.int64)
        total = np.cumsum(degree + 1)  # so that silent sources fill a part, too
        cuts = np.searchsorted(total, np.arange(0, total[-1], parts.PART))
        cuts = np.unique(np.append(cuts, sources))
        pull = None
        if self.received is not None:
            pull = Attraction(np.exp(self.received.log_sigma * rng.standard_normal(targets)))

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = int(cuts[part]), int(cuts[part + 1])
            mine = degree[low:high]
            source = np.repeat(np.arange(low, high, dtype=np.uint32), mine)
            target = distinct(mine, targets, rng) if pull is None else pull.sample(source.size, rng)
            return (source, target) if self.self_synapses else without_self(source, target)

        return Parts(cuts.size - 1, draw)


def distinct(degree: npt.NDArray[np.int64], targets: int, rng: np.random.Generator) -> Index:
    """For each source, `degree` distinct targets out of `targets`, evenly drawn; in order of source, then target."""
    most = degree * 2 > targets
    few = np.where(most, targets - degree, degree)  # of the crowded sources, those that are left out
    key = np.sort(np.repeat(np.arange(degree.size) * targets, few) + rng.integers(0, targets, int(few.sum())))
    again = np.flatnonzero(key[1:] == key[:-1])
    lacking = np.bincount(key[again] // targets, minlength=degree.size)
    key = np.delete(key, again)
    while lacking.any():  # more draws until all are distinct: as if drawn one by one, repeats thrown away
        new = np.repeat(np.arange(degree.size), lacking) * targets
        new = np.unique(new + rng.integers(0, targets, new.size))
        place = np.searchsorted(key, new)
        fresh = key[np.minimum(place, key.size - 1)] != new
        key = np.insert(key, place[fresh], new[fresh])
        lacking -= np.bincount(new[fresh] // targets, minlength=degree.size)
    if most.any():
        row = key // targets
        crowded = most[row]
        free = np.ones((int(most.sum()), targets), np.bool_)
        free[(np.cumsum(most) - 1)[row[crowded]], (key - row * targets)[crowded]] = False
        number, taken = np.nonzero(free)
        key = np.sort(np.concatenate([key[~crowded], np.flatnonzero(most)[number] * targets + taken]))
    return (key - np.repeat(np.arange(degree.size) * targets, degree)).astype(np.uint32)


class Attraction:
    """Draws numbers with probabilities in proportion to `weight`, (numbers,), with replacement.

    Source of the method: Chen and Asau, AIIE Transactions 6 (1974) 163-166: a guide tells most without a search.
    """

    def __init__(self, weight: npt.NDArray[np.float64]) -> None:
        self.upto = np.cumsum(weight)
        self.steps = 2 ** math.ceil(math.log2(2 * weight.size))  # a power of two: steps are exact
        self.guide = self.found(np.arange(self.steps + 1) / self.steps).astype(np.uint32)

    def found(self, draw: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Numbers for draws from [0, 1]."""
        return np.minimum(np.searchsorted(self.upto, draw * self.upto[-1], side="right"), self.upto.size - 1)

    def sample(self, count: int, rng: np.random.Generator) -> Index:
        """`count` numbers."""
        draw = rng.random(count)
        step = (draw * self.steps).astype(np.int64)
        number = self.guide[step]
        unsure = np.flatnonzero(self.guide[step + 1] != number)
        number[unsure] = self.found(draw[unsure])
        return number
