"""Choosing among many: numbers with a probability each, distinct ones, and in proportion to a weight."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.uint32]


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
