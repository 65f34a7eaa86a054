"""Statistics of spikes by which two simulators are compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

LEAST_INTERVALS = 5
SAMPLE = 300
BIN = 5e-3  # s


def rates(neuron: Ints, sizes: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Mean rate of each population, Hz; populations lie one after the other."""
    counts = np.bincount(neuron, minlength=sum(sizes.values()))
    result, first = {}, 0
    for name, size in sizes.items():
        result[name] = float(counts[first : first + size].mean() / seconds)
        first += size
    return result


def busiest_share(neuron: Ints, cells: int, fraction: float = 0.15) -> float | None:
    """Share (0 to 1) of all spikes that the busiest fraction of the neurons makes."""
    if neuron.size == 0:
        return None
    counts = np.sort(np.bincount(neuron, minlength=cells))[::-1]
    return float(counts[: round(fraction * cells)].sum() / counts.sum())


def irregularity(tick: Ints, neuron: Ints) -> tuple[float | None, int]:
    """Mean coefficient of variation of the intervals over neurons with at least five, and how many those are."""
    order = np.lexsort((tick, neuron))
    tick, neuron = tick[order], neuron[order]
    same = neuron[1:] == neuron[:-1]
    interval, owner = np.diff(tick)[same].astype(float), neuron[1:][same]
    if interval.size == 0:
        return None, 0
    count = np.bincount(owner)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, interval) / count
        spread = np.sqrt(np.maximum(np.bincount(owner, interval**2) / count - mean**2, 0.0) * count / (count - 1))
        use = count >= LEAST_INTERVALS
        cv = (spread / mean)[use]
    return (float(cv.mean()), int(use.sum())) if use.any() else (None, 0)


def correlation(tick: Ints, neuron: Ints, cells: int, seconds: float, dt: float) -> float | None:
    """Mean correlation of spike counts in bins of 5 ms over the pairs of up to 300 neurons that spike.

    The neurons are the same in every simulator as far as they spike in each.
    """
    active = np.flatnonzero(np.bincount(neuron, minlength=cells))
    if active.size < 2:
        return None
    rank = np.random.default_rng(1).permutation(cells)
    chosen = active[np.argsort(rank[active])[:SAMPLE]]
    row = np.full(cells, -1)
    row[chosen] = np.arange(chosen.size)
    mine = row[neuron] >= 0
    bins = max(round(seconds / BIN), 2)
    column = np.minimum(((tick[mine] - 1) * dt / BIN + 1e-9).astype(np.int64), bins - 1)
    counts = np.zeros((chosen.size, bins))
    np.add.at(counts, (row[neuron[mine]], column), 1.0)
    counts -= counts.mean(1, keepdims=True)
    power = np.sqrt((counts**2).sum(1))
    counts = counts[power > 0] / power[power > 0, None]
    if counts.shape[0] < 2:
        return None
    n = counts.shape[0]
    return float(((counts.sum(0) ** 2).sum() - n) / (n * (n - 1)))
