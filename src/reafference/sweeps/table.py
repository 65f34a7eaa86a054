"""Cells, of which some may be absent, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]

# Stands in the place of a cell that is not there.
ABSENT: Any = object()


def column(cells: Sequence[Any]) -> Column:
    """Return cells as an array (cells,).

    Numbers become an array of the narrowest kind that holds all, with NaN for what is absent or None; truth values and
    texts arrays of their kind if all are there. All else is an array of objects, with None for what is absent.
    """
    values = [None if cell is ABSENT else cell.item() if isinstance(cell, np.generic) else cell for cell in cells]
    present = [value for value in values if value is not None]
    if present and all(_is_number(value) for value in present):
        if len(present) == len(values):
            return _whole_or_real(present)
        kind = complex if any(isinstance(value, complex) for value in present) else float
        return np.array([np.nan if value is None else value for value in values], dtype=kind)
    if present and len(present) == len(values) and {type(value) for value in present} in ({bool}, {str}):
        return np.array(present)
    return _objects(values)


def filled(name: str, cells: Sequence[Any], shape: tuple[int, ...]) -> Column:
    """Return cells as an array of `shape`; cells that are arrays add their own axes at its end.

    Raises ValueError if they are arrays of several shapes, calling them `name`.
    """
    shapes = {np.shape(cell) for cell in cells if isinstance(cell, np.ndarray)}
    if not shapes:
        return column(cells).reshape(shape)
    present = [cell for cell in cells if cell is not ABSENT]
    if len(shapes) > 1 or not all(isinstance(cell, np.ndarray) for cell in present):
        raise ValueError(f"{name!r} has parts of several shapes, {sorted(shapes)}; take them from `columns` instead.")
    (inner,) = shapes
    kinds = {cell.dtype for cell in present}
    if len(present) == len(cells):
        array = np.stack(cells)
    elif all(kind.kind in "biufc" for kind in kinds):
        array = np.full((len(cells), *inner), np.nan, dtype=np.result_type(np.float64, *kinds))
    else:
        array = np.full((len(cells), *inner), None, dtype=object)
    for index, cell in enumerate(cells):
        if cell is not ABSENT:
            array[index] = cell
    return array.reshape(shape + inner)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _whole_or_real(numbers: Sequence[Any]) -> Column:
    array = np.array(numbers)
    return array if array.dtype.kind in "iufc" else _objects(numbers)  # whole numbers beyond 64 bits


def _objects(values: Sequence[Any]) -> Column:
    objects = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):  # one by one, or NumPy would look into them
        objects[index] = value
    return objects
