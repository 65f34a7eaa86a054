"""Several ranks in threads of this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from reafference.engine.local_ranks import LocalLink, local_ranks
from reafference.engine.ranks import RankError


def outcomes(size: int, work: Callable[[LocalLink], Any]) -> list[Any]:
    """What `work` returns or raises on each of `size` ranks."""

    def guarded(link: LocalLink) -> Any:
        try:
            return work(link)
        except Exception as error:
            return error

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(guarded, local_ranks(size, timeout=120)))


def in_ranks(size: int, work: Callable[[LocalLink], Any]) -> list[Any]:
    """What `work` returns on each of `size` ranks; an error of one of them is raised, that of the culprit first."""
    results = outcomes(size, work)
    errors = [result for result in results if isinstance(result, Exception)]
    for error in sorted(errors, key=lambda error: isinstance(error, RankError)):
        raise error
    return results


def merged(parts: Sequence[Any]) -> list[tuple[int, int]]:
    """(tick, neuron) of the spikes of all ranks, in order."""
    pairs = [pair for part in parts for pair in zip(part.tick.tolist(), part.neuron.tolist(), strict=True)]
    return sorted(pairs)


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Values of all ranks, each of which has NaN where others have a number."""
    known = ~np.isnan(np.stack(parts))
    assert (known.sum(axis=0) == 1).all()
    return np.nansum(np.stack(parts), axis=0)
