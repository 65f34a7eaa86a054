"""What every measure asks of its arrays before it says a number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def finite_array(name: str, values: npt.ArrayLike, *, dimensions: tuple[int, ...] = (1,), least: int = 1) -> Floats:
    """Return `values` as float64 with one of the allowed numbers of `dimensions` and at least `least` rows.

    Raises ValueError that names the array, what is wrong with it, where, and what to do.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is not an array of numbers ({error}); pass numbers in rows of equal length."
        ) from error
    if array.ndim not in dimensions:
        allowed = " or ".join(str(count) for count in dimensions)
        raise ValueError(f"{name} has shape {array.shape}; it needs {allowed} dimension(s). Reshape it.")
    if array.size == 0 or array.shape[0] < least:
        raise ValueError(f"{name} has shape {array.shape}; at least {least} row(s) are needed. Record for longer.")
    good = np.isfinite(array)
    if not good.all():
        first = tuple(int(index) for index in np.argwhere(~good)[0])
        place = first[0] if len(first) == 1 else first
        raise ValueError(
            f"{name}[{place}] is {array[first]}; {int((~good).sum())} of {array.size} values are not finite. "
            "Leave out what was not measured."
        )
    return array


def amounts(name: str, values: npt.ArrayLike) -> Floats:
    """Return `values`, one per neuron, as float64; none may be negative and not all may be zero."""
    array = finite_array(name, values)
    if (array < 0).any():
        worst = int(array.argmin())
        raise ValueError(f"{name}[{worst}] = {array[worst]:g} is negative; spike counts and rates start at 0.")
    if not (array > 0).any():
        raise ValueError(f"{name}: all {array.size} neurons are silent, so no share is defined. Record for longer.")
    return array
