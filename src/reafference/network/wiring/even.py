"""Random wirings in which all pairs are equally likely."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.network.wiring import parts
from reafference.network.wiring.parts import Edges, InParts, Parts, in_blocks, places, without_self
from reafference.units import check_range


@dataclass(frozen=True)
class FixedProbability(InParts):
    """Each pair is connected with `probability`, independently (at most one synapse a pair).

    Source of the method: Batagelj and Brandes, Phys. Rev. E 71 (2005) 036113: the gaps between pairs are geometric.
    """

    probability: float
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedProbability.probability", self.probability, 0.0, 1.0, "")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses, on average."""
        return float(sources) * targets * self.probability

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets; in each, all pairs are passed through in order of target, from one synapse to the next."""

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            target, source = places(chosen(sources * (high - low), self.probability, rng), sources)
            target += np.uint32(low)
            return (source, target) if self.self_synapses else without_self(source, target)

        size = parts.PART / max(sources * self.probability, 1e-9)
        count, blocks = in_blocks(targets, max(1, int(min(size, 2**20))))  # so that counts of pairs stay below 2^51
        return Parts(count, draw, blocks)


@dataclass(frozen=True)
class FixedInDegree(InParts):
    """Each target draws `degree` sources evenly and with replacement (two synapses of one pair may occur)."""

    degree: int
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedInDegree.degree", self.degree, 0, 2**31, "")
        if not isinstance(self.degree, int | np.integer):
            raise TypeError(f"FixedInDegree.degree = {self.degree} is not a whole number.")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(targets) * self.degree

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets, each with all its synapses."""
        if not self.self_synapses and sources == 1 and self.degree > 0:
            raise ValueError(
                "FixedInDegree has 0 sources to draw from; give a larger population or allow self_synapses."
            )

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            target = np.repeat(np.arange(low, high, dtype=np.uint32), self.degree)
            if self.self_synapses:
                return rng.integers(0, sources, target.size, dtype=np.uint32), target
            namesakes = max(0, min(high, sources) - low) * int(self.degree)  # synapses of targets that are sources, too
            source = rng.integers(0, max(sources - 1, 1), namesakes, dtype=np.uint32)
            source += source >= target[:namesakes]  # skips the own index without a second draw
            others = rng.integers(0, sources, target.size - namesakes, dtype=np.uint32)
            return np.concatenate([source, others]), target

        count, blocks = in_blocks(targets, max(1, parts.PART // max(int(self.degree), 1)))
        return Parts(count, draw, blocks)


@dataclass(frozen=True)
class FixedTotalNumber(InParts):
    """`number` synapses in all; each is one of all pairs, drawn evenly and with replacement."""

    number: int
    self_synapses: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_range("FixedTotalNumber.number", self.number, 0, 2**40, "")
        if not isinstance(self.number, int | np.integer):
            raise TypeError(f"FixedTotalNumber.number = {self.number} is not a whole number.")

    def expected(self, sources: int, targets: int) -> float:
        """Number of synapses."""
        return float(self.number)

    def parts(self, sources: int, targets: int, rng: np.random.Generator) -> Parts:
        """Blocks of targets; how many synapses each of them has is drawn here."""
        blocks_wanted = min(max(1, round(self.number / parts.PART)), targets)
        count, blocks = in_blocks(targets, math.ceil(targets / blocks_wanted))
        alone = [self.namesakes(sources, *blocks(block)) for block in range(count)]
        pairs = [sources * (blocks(b)[1] - blocks(b)[0]) - same for b, same in enumerate(alone)]
        if sum(pairs) == 0 and self.number > 0:
            raise ValueError(
                "FixedTotalNumber has 0 pairs to draw from; give a larger population or allow self_synapses."
            )
        share = rng.multinomial(self.number, np.array(pairs) / max(sum(pairs), 1))

        def draw(part: int, rng: np.random.Generator) -> Edges:
            low, high = blocks(part)
            if self.self_synapses:
                target = rng.integers(low, high, share[part], dtype=np.uint32)
                return rng.integers(0, sources, share[part], dtype=np.uint32), target
            # Pairs are counted target by target; one that is a source, too, has one pair less.
            pair = rng.integers(0, pairs[part], share[part])
            shorter = alone[part] * (sources - 1)
            first = pair < shorter
            source, target = np.empty_like(pair), np.empty_like(pair)
            target[first], source[first] = np.divmod(pair[first], max(sources - 1, 1))
            source[first] += source[first] >= low + target[first]
            target[~first], source[~first] = np.divmod(pair[~first] - shorter, sources)
            target[~first] += alone[part]
            return source.astype(np.uint32), (low + target).astype(np.uint32)

        return Parts(count, draw, blocks)

    def namesakes(self, sources: int, low: int, high: int) -> int:
        """Pairs of a neuron with itself that are left out of a block of targets."""
        return 0 if self.self_synapses else max(0, min(high, sources) - low)


def chosen(count: int, probability: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Those of the numbers 0 .. count - 1 that are taken, each with `probability`; in order."""
    if probability == 0.0:
        return np.zeros(0, np.int64)
    drawn: list[npt.NDArray[np.int64]] = []
    last = -1
    while last < count - 1:
        mean = (count - 1 - last) * probability
        gap = rng.geometric(probability, int(mean + 4 * math.sqrt(mean)) + 4)
        drawn.append(last + np.cumsum(np.minimum(gap, count + 1)))
        last = int(drawn[-1][-1])
    drawn[-1] = drawn[-1][: np.searchsorted(drawn[-1], count)]
    return drawn[0] if len(drawn) == 1 else np.concatenate(drawn)
