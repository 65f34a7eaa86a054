"""Bounds of a weight that learns from spikes."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from reafference.units import check_range

MAX_BOUND = 10.0  # V


class Bounded(Protocol):
    """A rule with bounds (V)."""

    @property
    def low(self) -> float:
        """Lower bound."""
        ...

    @property
    def high(self) -> float:
        """Upper bound."""
        ...


def check_bounds(name: str, rule: Bounded) -> None:
    """Raise ValueError unless low < high, with zero not between them."""
    check_range(f"{name}.low", rule.low, -MAX_BOUND, MAX_BOUND, "V")
    check_range(f"{name}.high", rule.high, -MAX_BOUND, MAX_BOUND, "V")
    if rule.low >= rule.high:
        hint = "for inhibitory synapses give low < 0 and high = 0.0" if rule.high <= 0 else "give a higher one"
        raise ValueError(f"{name}.high = {rule.high:g} V is not above low = {rule.low:g} V; {hint}.")
    if rule.low < 0 < rule.high:
        raise ValueError(
            f"{name}: zero lies between low = {rule.low:g} V and high = {rule.high:g} V, but these rules keep the sign "
            "of a weight; use low = 0.0 for excitatory or high = 0.0 for inhibitory synapses."
        )


def check_weights(projection: str, rule: Bounded, weight: ArrayLike) -> None:
    """Raise ValueError if a weight (V) is NaN or beyond the bounds of its rule."""
    weights = np.asarray(weight, dtype=np.float64)
    if not weights.size or (weights.min() >= rule.low and weights.max() <= rule.high):
        return
    wrong = weights[~((weights >= rule.low) & (weights <= rule.high))]
    others = f" ({wrong.size} of {weights.size} weights are)" if wrong.size > 1 else ""
    raise ValueError(
        f"{projection}: a weight of {float(wrong.flat[0]):g} V is outside {rule.low:g} to {rule.high:g} V{others}, the "
        f"bounds of {type(rule).__name__}; change the weight, or low and high."
    )
