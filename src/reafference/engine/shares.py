"""Who owns what: neurons of one kernel form a group, and every group is divided evenly among all workers.

Workers are numbered over all processes of a run (its ranks): with T threads a rank has the workers rank * T to
rank * T + T. Sources have no threads: each rank has one stretch of them, cut in the same way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.network import Network, Population

Ints = npt.NDArray[np.int64]


def by_kernel(network: Network) -> dict[str, list[Population]]:
    """The populations of each kernel module, modules in a fixed order."""
    found: dict[str, list[Population]] = {}
    for population in network.populations:
        found.setdefault(population.kind.kernel, []).append(population)
    return {path: found[path] for path in sorted(found)}


def cuts_of(size: int, workers: int, own: range) -> Ints:
    """First member of each of the workers `own` in a group of `size`, and the end: (own + 1,)."""
    return np.arange(own.start, own.stop + 1) * size // workers


def stretches(populations: Sequence[Population], low: int, high: int) -> list[tuple[int, int]]:
    """For each population of a group, which of its own neurons are among the members low <= i < high of the group."""
    result: list[tuple[int, int]] = []
    place = 0
    for population in populations:
        begin = min(max(low - place, 0), population.size)
        result.append((begin, max(begin, min(high - place, population.size))))
        place += population.size
    return result


def own_stretches(network: Network, workers: int, own: range) -> dict[str, tuple[int, int]]:
    """For each population, which of its neurons belong to the workers `own`: (first, end), counted from 0 in it."""
    result: dict[str, tuple[int, int]] = {}
    for populations in by_kernel(network).values():
        cuts = cuts_of(sum(population.size for population in populations), workers, own)
        mine = stretches(populations, int(cuts[0]), int(cuts[-1]))
        result.update(zip((population.name for population in populations), mine, strict=True))
    return result


def identities(network: Network, populations: Sequence[Population], low: int, high: int) -> npt.NDArray[np.int32]:
    """Numbers in the network of the members low <= i < high of a group, (high - low,)."""
    numbers = [np.zeros(0, np.int32)]
    for population, (begin, end) in zip(populations, stretches(populations, low, high), strict=True):
        first = network.first(population.name)
        numbers.append(np.arange(first + begin, first + end, dtype=np.int32))
    return np.concatenate(numbers)


def some(kind: Any, count: int, which: slice | Ints) -> Any:
    """The description of some neurons of a population of `count`: of parameters given one by one, only theirs."""
    given = {
        field.name: np.asarray(value)[which]
        for field in dataclasses.fields(kind)
        if np.shape(value := getattr(kind, field.name)) == (count,)
    }
    return dataclasses.replace(kind, **given) if given else kind


def own_kinds(populations: Sequence[Population], low: int, high: int, of: Callable[..., Any]) -> list[tuple[Any, int]]:
    """(dataclass, number of neurons) of the populations of a group, for its members low <= i < high.

    of(kind, count, which) describes some of the `count` neurons of a population, such as `some`.
    """
    mine = zip(populations, stretches(populations, low, high), strict=True)
    return [(of(p.kind, p.size, slice(begin, end)), end - begin) for p, (begin, end) in mine if begin < end]


def examples(populations: Sequence[Population], fields: Sequence[str]) -> list[tuple[Any, int]]:
    """(dataclass, number of neurons) of as few neurons as show all combinations of values that `fields` have.

    Without fields, one neuron.
    """
    if not fields:
        return [(some(populations[0].kind, populations[0].size, slice(0, 1)), 1)]
    result: list[tuple[Any, int]] = []
    for population in populations:
        columns = [np.asarray(getattr(population.kind, name), np.float64).reshape(-1) for name in fields]
        size = max(column.size for column in columns)
        rows = np.stack([np.broadcast_to(column, size) for column in columns], axis=1)
        which = np.unique(rows, axis=0, return_index=True)[1]
        result.append((some(population.kind, population.size, which), which.size))
    return result
