"""Axes of figures: ranges, ticks at round numbers, and numbers as people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def number(value: float, digits: int = 3) -> str:
    """`value` with that many significant digits, thousands set apart, a true minus sign: 12345.6 -> "12,300"."""
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude < -4 or magnitude > 9:
        return f"{value:.{digits - 1}e}".replace("-", "\N{MINUS SIGN}")
    rounded = round(value, digits - 1 - magnitude)
    decimals = max(0, digits - 1 - magnitude)
    text = f"{rounded:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """A share (1 = all) in per cent, to a tenth where that can be read: 0.953 -> "95.3 %"."""
    value = 100 * share
    text = f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"
    if text in ("-0.0", "0.0"):
        text = "0"
    return text.removesuffix(".0").replace("-", "\N{MINUS SIGN}") + " %"


def round_step(span: float, count: int) -> float:
    """Smallest of 1, 2, 5 x 10^k that divides `span` into at most `count` parts."""
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor >= raw * (1 - 1e-9))


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis of a figure, from `low` to `high`, linear or logarithmic (then `low` > 0).

    label  what is drawn and its unit
    count  about how many parts the ticks divide the axis into
    step   distance of the ticks of a linear axis; None: chosen from `count`
    """

    low: float
    high: float
    label: str
    log: bool = False
    count: int = 5
    step: float | None = None

    def place(self, value: Floats) -> Floats:
        """Where `value` lies: 0 at `low`, 1 at `high`; NaN where a logarithm does not exist."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        positive = np.where(value > 0, value, np.nan)
        return np.log(positive / self.low) / math.log(self.high / self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Round numbers on the axis with their text."""
        if self.log:
            marks = self._log_ticks()
            if len(marks) >= 2:
                return [(mark, number(mark)) for mark in marks]
        step = self.step or round_step(self.high - self.low, self.count)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        plain = decimals <= 6 and max(abs(self.low), abs(self.high)) < 1e7
        marks = [k * step for k in range(first, last + 1)]
        texts = [f"{mark:,.{decimals}f}" if plain else f"{mark:.3g}" for mark in marks]
        return [(mark, text.replace("-", "\N{MINUS SIGN}")) for mark, text in zip(marks, texts, strict=True)]

    def _log_ticks(self) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        decades = math.log10(self.high / self.low)
        factors = (1, 2, 5) if 3 * decades <= 2 * self.count else (1,)
        stride = max(1, math.ceil(decades / (2 * self.count)))
        marks = [factor * 10.0**k for k in range(first, last + 1, stride) for factor in factors]
        return [mark for mark in marks if self.low * (1 - 1e-9) <= mark <= self.high * (1 + 1e-9)]


def axis_around(
    values: Floats,
    label: str,
    *,
    include: tuple[float, ...] = (),
    log: bool = False,
    count: int = 5,
    snug: bool = False,
) -> Axis:
    """An axis that holds all finite `values` and the numbers in `include`.

    The ends are round numbers; `snug` keeps them at the data, for time.
    """
    known = np.concatenate([np.asarray(values, dtype=np.float64).ravel(), np.asarray(include, dtype=np.float64)])
    known = known[np.isfinite(known)]
    if log:
        known = known[known > 0]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.1 if log else 0.0, 1.0)
    if log:
        if high <= low * 1.01:
            low, high = low / 2, high * 2
        if not snug:
            low, high = _log_floor(low), _log_ceil(high)
        return Axis(low=low, high=high, label=label, log=True, count=count)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-290):
        low, high = low - (abs(low) / 2 or 0.5), high + (abs(high) / 2 or 0.5)
    step = round_step(high - low, count)
    if not snug:
        low, high = math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step
    return Axis(low=low, high=high, label=label, count=count, step=step)


def _log_floor(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return max(power * factor for factor in (1, 2, 5) if power * factor <= value * (1 + 1e-6))


def _log_ceil(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return min(power * factor for factor in (1, 2, 5, 10) if power * factor >= value * (1 - 1e-6))
