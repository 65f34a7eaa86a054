"""Whole numbers that a user gives, checked where they enter."""

from __future__ import annotations

import operator


def check_whole(name: str, value: object, low: int, high: int | None = None) -> int:
    """Return `value` as an int, or raise ValueError if it is no whole number in [low, high]; None: no limit."""
    limits = f"a whole number of at least {low}" if high is None else f"a whole number from {low} to {high}"
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise ValueError(f"{name} = {value!r} must be {limits}.") from None
    if number < low or (high is not None and number > high):
        raise ValueError(f"{name} = {number} must be {limits}.")
    return number
