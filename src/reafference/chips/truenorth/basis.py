"""A few numbers whose sums come near to many weights: what a neuron's four weights should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth.neuron import WEIGHT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROUNDS = 24  # of fitting by turns; it ends earlier once nothing changes
LIKE = 1e-9  # relative to the strongest: weights that differ by less are one


class Basis(NamedTuple):
    """What the weights of one neuron are made of.

    number  (numbers,) float64, V
    parts   (weights,) int64, bits: which numbers add up to each weight; 0 where none is the nearest
    """

    number: Floats
    parts: Ints

    @property
    def made(self) -> Floats:
        """(weights,) float64, V, the sums."""
        return subsets(self.number.size, self.number.size).astype(np.float64)[self.parts] @ self.number


def subsets(numbers: int, most: int) -> npt.NDArray[np.bool_]:
    """(2 ** numbers, numbers) bool: row b holds the bits of b; rows with more than `most` bits are empty."""
    rows = (np.arange(2**numbers)[:, None] >> np.arange(numbers)) & 1
    rows[rows.sum(axis=1) > most] = 0
    return rows.astype(np.bool_)


def basis_of(weight: Floats, numbers: int, most: int, *, keep_weak: bool = True) -> Basis:
    """At most so many numbers, of which sums of at most `most` come near to the weights (weights,), V.

    keep_weak  a weight becomes the nearest sum of its own sign also where 0 would be nearer, so that what drives a
               neuron keeps its mean (only a single number for weights of both signs leaves those of one out). Else it
               becomes the nearest sum, and that may be none

    Weights of no more different values than that are made exactly. Else numbers and sums are fitted by turns: each
    weight takes its sum, then the numbers are those with the least squares of what is off. Several starts are tried,
    the doublings 1, 2, 4, 8 with each sign of the last among them, so that even steps are found exactly.
    """
    unlike = distinct(weight)
    if unlike.size <= numbers:
        return Basis(unlike, np.int64(1) << np.abs(weight[:, None] - unlike).argmin(axis=1))
    value, of, count = np.unique(weight, return_inverse=True, return_counts=True)
    size = count.astype(np.float64)
    fitted = [_fit(start, value, size, most, keep_weak) for start in _starts(value, count, numbers)]
    number, parts, _ = min(fitted, key=lambda one: (keep_weak and bool(np.any(one[1] == 0)), one[2]))
    return Basis(number, parts[of])


def distinct(weight: Floats) -> Floats:
    """The different values among weights, those other than 0, in order."""
    value = np.unique(weight)
    value = value[value != 0]
    if not value.size:
        return value
    apart = np.abs(np.diff(value)) > LIKE * np.abs(value).max()
    return value[np.concatenate([[True], apart])]


def nearest(number: Floats, weight: Floats, most: int, *, keep_weak: bool = True) -> Ints:
    """(weights,) int64, bits of the sum of at most `most` numbers that each weight takes; see `basis_of`."""
    rows = subsets(number.size, most)
    order = np.argsort(rows.sum(axis=1), kind="stable")
    made = rows[order].astype(np.float64) @ number
    off = np.abs(weight[:, None] - made)
    if keep_weak:
        other = np.sign(weight)[:, None] != np.sign(made)
        lacking = other.all(axis=1, keepdims=True)
        other = np.where(lacking, made != 0, other)  # without a sum of its sign it becomes 0
        off = np.where(other, np.inf, off)
    # A sum that is nearer by a rounding error only is no reason for another axon.
    close = off <= off.min(axis=1, keepdims=True) + LIKE * float(np.abs(weight).max(initial=0.0))
    return order[close.argmax(axis=1)].astype(np.int64)


def _starts(value: Floats, count: Ints, numbers: int) -> Iterator[Floats]:
    """Numbers to begin with; `value` in order."""
    low, high = min(value[0], 0.0), max(value[-1], 0.0)
    doubled = 2.0 ** np.arange(numbers)
    if high > 0:
        yield doubled * high / doubled.sum()
    if low < 0:
        yield doubled * low / doubled.sum()
    last = np.where(np.arange(numbers) < numbers - 1, 1.0, -1.0)
    for sign in (1.0, -1.0):
        up, down = (doubled[:-1].sum(), doubled[-1]) if sign > 0 else (doubled[-1], doubled[:-1].sum())
        yield doubled * last * sign * max(high / max(up, 1.0), -low / max(down, 1.0))
    half = numbers // 2
    if half and low < 0 < high:
        yield np.concatenate(
            [doubled[: numbers - half] * high / doubled[: numbers - half].sum(), doubled[:half] * low / (2**half - 1)]
        )
    share = np.cumsum(count) / count.sum()
    yield value[np.searchsorted(share, (np.arange(numbers) + 0.5) / numbers)]


def _fit(number: Floats, value: Floats, count: Floats, most: int, keep_weak: bool) -> tuple[Floats, Ints, float]:
    """Numbers, the parts of each value and the sum of squares, by turns from a start."""
    parts, rows = np.full(value.size, -1, np.int64), subsets(number.size, most).astype(np.float64)
    for _ in range(ROUNDS):
        again = nearest(number, value, most, keep_weak=keep_weak)
        if np.array_equal(again, parts):
            break
        parts = again
        chosen, root = rows[parts], np.sqrt(count)
        number = np.asarray(np.linalg.lstsq(chosen * root[:, None], value * root, rcond=None)[0], np.float64)
    parts = nearest(number, value, most, keep_weak=keep_weak)
    off = value - rows[parts] @ number
    return number, parts, float(count @ off**2)


def whole(
    basis: Basis, weight: Floats, *, finest: int, most: int, keep_weak: bool = True, power: float = 0.0
) -> tuple[Ints, float, Ints]:
    """The numbers as integers within -finest to finest, V of one unit, and the parts of each weight anew.

    finest  at most 255
    power   V, another value of the neuron, which is to be 2^k - 1 units; 0: there is none

    Of all units between the finest and twice that, the one with the least squares of what is off, relative to the
    strongest weight and to `power`; of equals the finest.
    """
    number = basis.number
    top = float(np.abs(number).max())
    steps = np.arange(min(finest, WEIGHT), max(1, (finest + 1) // 2) - 1, -1)
    unit = top / steps
    used = np.maximum(1.0, subsets(number.size, number.size)[basis.parts].sum(axis=0))
    off = (number - np.rint(number / unit[:, None]) * unit[:, None]) / top
    lost = off**2 @ used / used.sum()
    if power:
        asked = abs(power) / unit
        lost += ((power_near(asked) - asked) / asked) ** 2
    best = int(np.argmax(lost <= lost.min() + LIKE**2))
    integer = np.rint(number / unit[best]).astype(np.int64)
    return integer, float(unit[best]), nearest(integer * unit[best], weight, most, keep_weak=keep_weak)


def power_near(value: Floats) -> Floats:
    """The nearest of 0, 1, 3, 7, ... 2^19 - 1 to each value of 0 and more, (values,)."""
    legal = np.exp2(np.arange(20, dtype=np.float64)) - 1
    return legal[np.abs(np.asarray(value)[:, None] - legal).argmin(axis=1)]
