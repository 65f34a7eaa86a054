"""Plain values as JSON and back: what a point may be made of, and what a folder of results keeps.

Strict JSON has no NaN, no complex numbers, no tuples and no arrays. Each of these becomes an object with one key that
begins with "$"; a user's dict that has such a key, or keys that are no texts, becomes a list of pairs under "$dict".
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Unstorable(TypeError):
    """A value that is not plain; `where` says which part of the whole it is."""

    def __init__(self, where: str, value: object) -> None:
        self.where = where
        self.kind = type(value).__name__
        super().__init__(f"{where} is of type {self.kind}")


def encode(value: Any, where: str, arrays: list[bytes] | None = None) -> Any:
    """Return `value` as a tree for strict JSON; it shares nothing with `value`.

    where   what the user calls the value, for errors
    arrays  gets the bytes of a .npy file for each array; None: an array is no plain value here

    None, bool, int, float, complex, str, NumPy numbers, lists, tuples and dicts are plain, subclasses lose their class.
    Raises Unstorable for all else.
    """
    if isinstance(value, np.generic):
        value = _number(value, where)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": float.__repr__(value)}
    if isinstance(value, complex):
        return {"$complex": [encode(value.real, where), encode(value.imag, where)]}
    if isinstance(value, (list, tuple)):
        items = [encode(item, f"{where}[{index}]", arrays) for index, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, dict):
        return _encode_dict(value, where, arrays)
    if isinstance(value, np.ndarray) and arrays is not None:
        arrays.append(_npy(value, where))
        return {"$array": len(arrays) - 1}
    raise Unstorable(where, value)


def no_array(index: int) -> Array:
    """Stand in for the arrays of what has none."""
    raise ValueError(f"array {index} is named where there are no arrays.")


def decode(tree: Any, array: Callable[[int], Array] = no_array) -> Any:
    """Return a fresh copy of the value that was encoded; `array(k)` gives its k-th array."""
    if isinstance(tree, list):
        return [decode(item, array) for item in tree]
    if not isinstance(tree, dict):
        return tree
    match tree:
        case {"$float": text}:
            return float(text)
        case {"$complex": [real, imaginary]}:
            return complex(decode(real), decode(imaginary))
        case {"$tuple": items}:
            return tuple(decode(item, array) for item in items)
        case {"$dict": pairs}:
            return {decode(key): decode(item, array) for key, item in pairs}
        case {"$array": index}:
            return array(index)
        case _:
            return {key: decode(item, array) for key, item in tree.items()}


def text_of(tree: Any) -> str:
    """One text for one tree: strict JSON without spaces, keys in order."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), allow_nan=False)


def array_of(npy: bytes) -> Array:
    """Return the array of the bytes of a .npy file. Raises ValueError if they are none, or hold Python objects."""
    return np.lib.format.read_array(io.BytesIO(npy), allow_pickle=False)


def flat(name: str, value: Any) -> list[tuple[str, Any]]:
    """(name, part) of a value; the parts of a dict or tuple are named name.key, name.0, and so on, at any depth."""
    if isinstance(value, dict) and value:
        return [pair for key, item in value.items() for pair in flat(f"{name}.{key}", item)]
    if isinstance(value, tuple) and value:
        return [pair for index, item in enumerate(value) for pair in flat(f"{name}.{index}", item)]
    return [(name, value)]


def _number(value: np.generic, where: str) -> Any:
    item = value.item() if value.dtype.kind in "biufcU" else value
    if isinstance(item, np.generic):  # such as a long double, which Python has no number for
        raise Unstorable(where, value)
    return item


def _encode_dict(value: dict[Any, Any], where: str, arrays: list[bytes] | None) -> Any:
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {str(key): encode(item, f"{where}[{key!r}]", arrays) for key, item in value.items()}
    pairs: list[Any] = []
    for key, item in value.items():
        pairs.append([encode(key, f"a key of {where}"), encode(item, f"{where}[{key!r}]", arrays)])
    return {"$dict": pairs}


def _npy(value: Array, where: str) -> bytes:
    kept = np.lib.format.descr_to_dtype(np.lib.format.dtype_to_descr(value.dtype))
    if isinstance(value, np.ma.MaskedArray) or value.dtype.hasobject or kept != value.dtype:
        raise Unstorable(where, value)
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(value), allow_pickle=False)
    return file.getvalue()
