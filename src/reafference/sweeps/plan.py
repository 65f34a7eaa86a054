"""What is asked for: points, seeds, and the identity of each run."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reafference.sweeps.codec import Unstorable, decode, encode, text_of

# A point as a tree of `codec`: the encoded value of each parameter.
Point = dict[str, Any]

_PLAIN = "a point is made of numbers, texts, None, and lists, tuples and dicts of them"


class Points(Protocol):
    """Points in order, each made when it is asked for."""

    def __len__(self) -> int: ...

    def point(self, index: int) -> Point:
        """Return a point; its parts are shared and not to be changed."""
        ...

    def text(self, index: int) -> str:
        """Return one text for one point, whatever the order of its parameters."""
        ...

    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        ...

    def axes(self) -> dict[str, list[Any]]:
        """Encoded values of each parameter, in the order of their first appearance, each once."""
        ...

    def repeats(self) -> bool:
        """Whether some point occurs twice."""
        ...


class Product:
    """All combinations of the values of some axes, the last axis running fastest."""

    def __init__(self, axes: Mapping[str, list[Any]]) -> None:
        self.values = dict(axes)
        self._texts = {name: [text_of(value) for value in values] for name, values in axes.items()}
        self._sorted = sorted(axes)

    def __len__(self) -> int:
        size = 1
        for values in self.values.values():
            size *= len(values)
        return size

    def _indices(self, index: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in reversed(self.values):
            index, found[name] = divmod(index, len(self.values[name]))
        return found

    def point(self, index: int) -> Point:
        """Return a point; its parts are shared and not to be changed."""
        indices = self._indices(index)
        return {name: values[indices[name]] for name, values in self.values.items()}

    def text(self, index: int) -> str:
        """Return one text for one point."""
        indices = self._indices(index)
        return _joined((name, self._texts[name][indices[name]]) for name in self._sorted)

    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(values) for values in self.values.values())

    def axes(self) -> dict[str, list[Any]]:
        """Encoded values of each parameter, each once."""
        return {
            name: list(dict(zip(self._texts[name], values, strict=True)).values())
            for name, values in self.values.items()
        }

    def repeats(self) -> bool:
        """Whether some point occurs twice."""
        return any(len(set(texts)) < len(texts) for texts in self._texts.values())


class Listed:
    """Points that were given one by one; they need not have the same parameters."""

    def __init__(self, points: list[Point]) -> None:
        self.points = points

    def __len__(self) -> int:
        return len(self.points)

    def point(self, index: int) -> Point:
        """Return a point; its parts are shared and not to be changed."""
        return self.points[index]

    def text(self, index: int) -> str:
        """Return one text for one point."""
        return text_of_point(self.points[index])

    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return (len(self.points),)

    def axes(self) -> dict[str, list[Any]]:
        """Encoded values of each parameter, each once."""
        found: dict[str, dict[str, Any]] = {}
        for point in self.points:
            for name, value in point.items():
                found.setdefault(name, {}).setdefault(text_of(value), value)
        return {name: list(values.values()) for name, values in found.items()}

    def repeats(self) -> bool:
        """Whether some point occurs twice."""
        return len({self.text(index) for index in range(len(self.points))}) < len(self.points)


@dataclass(frozen=True, slots=True)
class Job:
    """One run to be made: a point with a seed.

    identity  16 bytes that no other point or seed has
    """

    identity: bytes
    point: Point
    seed: int | None

    def arguments(self) -> dict[str, Any]:
        """Fresh keyword arguments for the function, so that what a run does to them reaches no other run."""
        arguments = {name: decode(value) for name, value in self.point.items()}
        return arguments if self.seed is None else {"seed": self.seed, **arguments}

    def __str__(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.arguments().items()) or "the only point"


class Plan:
    """Every point with every seed; run number k is point k // seeds with seed k % seeds."""

    def __init__(self, points: Points, seeds: tuple[int, ...] | None) -> None:
        self.points = points
        self.seeds = seeds
        self._seeds: tuple[int | None, ...] = (None,) if seeds is None else seeds

    def __len__(self) -> int:
        return len(self.points) * len(self._seeds)

    def shape(self) -> tuple[int, ...]:
        """Runs along each axis, seeds last."""
        return self.points.shape() + (() if self.seeds is None else (len(self.seeds),))

    def identity(self, number: int) -> bytes:
        """Identity of run `number`."""
        point, seed = divmod(number, len(self._seeds))
        return identity(self.points.text(point), self._seeds[seed])

    def job(self, number: int) -> Job:
        """Run `number`."""
        point, seed = divmod(number, len(self._seeds))
        return Job(self.identity(number), self.points.point(point), self._seeds[seed])

    def order(self) -> Iterator[int]:
        """Numbers in the order they are run: all points with the first seed come before any with the second.

        A sweep that is stopped early then shows the whole picture, only coarser.
        """
        for seed in range(len(self._seeds)):
            for point in range(len(self.points)):
                yield point * len(self._seeds) + seed


def identity(text: str, seed: int | None) -> bytes:
    """16 bytes for a point, given by its text, with a seed."""
    return hashlib.blake2b(f"{seed} {text}".encode(), digest_size=16).digest()


def text_of_point(point: Point) -> str:
    """One text for one point, whatever the order of its parameters."""
    return _joined((name, text_of(point[name])) for name in sorted(point))


def plan_of(grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]], seeds: int | Iterable[int] | None) -> Plan:
    """Return the plan of what a user asked for, or raise ValueError or TypeError, naming the value that is wrong."""
    points = _product(grid) if isinstance(grid, Mapping) else _listed(grid)
    chosen = None if seeds is None else _seeds(seeds)
    plan = Plan(points, chosen)
    if not len(plan):
        raise ValueError("the grid is an empty list, so there is nothing to run; give at least one point.")
    if chosen is not None and "seed" in points.axes():
        raise ValueError("the grid has an axis `seed` and `seeds` is given, too; leave one of them away.")
    return plan


def _product(grid: Mapping[Any, Any]) -> Product:
    axes: dict[str, list[Any]] = {}
    for name, values in grid.items():
        _check_name(name)
        where = f"axis {name}"
        if isinstance(values, (str, bytes, Mapping, set, frozenset)) or not np.iterable(values):
            raise TypeError(f"{where} = {values!r} is no sequence of values; for one value write [{values!r}].")
        axes[name] = [_encoded(value, f"{name}[{index}]") for index, value in enumerate(values)]
        if not axes[name]:
            raise ValueError(f"{where} has no values, so there is nothing to run; give at least one, or leave it away.")
    return Product(axes)


def _listed(points: Any) -> Listed:
    if isinstance(points, (str, bytes)) or not np.iterable(points):
        raise TypeError(
            f"grid = {points!r} is neither a dict of axes, {{'g': [4, 5]}}, nor a list of points, [{{'g': 4}}]."
        )
    listed: list[Point] = []
    for index, point in enumerate(points):
        if not isinstance(point, Mapping):
            raise TypeError(f"point {index} = {point!r} is no dict of parameters; write it as {{'g': 4}}.")
        for name in point:
            _check_name(name)
        listed.append({name: _encoded(value, f"point {index}: {name}") for name, value in point.items()})
    return Listed(listed)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"the parameter name {name!r} is no name of an argument; write it as a text, such as 'g'.")


def _encoded(value: Any, where: str) -> Any:
    try:
        return encode(value, where)
    except Unstorable as error:
        remedy = (
            "give its .tolist()" if error.kind == "ndarray" else "give a name or number, and make it in the function"
        )
        raise TypeError(f"{error}; {_PLAIN}, since two of them must be told apart on any day: {remedy}.") from None


def _seeds(seeds: int | Iterable[int]) -> tuple[int, ...]:
    if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool):
        if seeds < 1:
            raise ValueError(f"seeds = {seeds} is below 1; give how many there are to be, or a list of seeds.")
        return tuple(range(int(seeds)))
    if isinstance(seeds, (str, bytes, bool)) or not np.iterable(seeds):
        raise TypeError(f"seeds = {seeds!r} is neither a count nor a sequence of whole numbers; write 10 or range(10).")
    found: dict[int, None] = {}
    for seed in seeds:
        try:
            number = operator.index(seed)
        except TypeError:
            number = -1
        if number < 0 or isinstance(seed, (bool, np.bool_)):
            raise ValueError(
                f"seed {seed!r} is no whole number from 0; give such numbers, or how many there are to be."
            )
        if number in found:
            raise ValueError(f"seed {number} occurs twice and its runs would count twice; give each seed once.")
        found[number] = None
    if not found:
        raise ValueError("seeds is empty, so there is nothing to run; give at least one, or leave `seeds` away.")
    return tuple(found)


def _joined(parts: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{name}={text}" for name, text in parts)
