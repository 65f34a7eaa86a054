"""How far two sets of spike trains are the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.measure.checks import Floats
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
Trains = tuple[npt.ArrayLike, npt.ArrayLike]
_ROUNDING = 1e-9  # s; two times closer than this are one


def common_spikes(one: Trains, other: Trains, *, within: float = 0.0) -> tuple[int, int, int]:
    """(spikes of `one`, spikes of `other`, how many they share).

    one, other  (time, neuron), (spikes,) s and (spikes,) int each, in any order
    within      s; spikes of one neuron at most so far apart may be the same

    Shared are, for each neuron, the spikes of one that have a partner in the other, counted from the side on which they
    are fewer, so that no spike is shared twice as long as intervals are longer than 2 * within.

    Raises ValueError where times and neurons do not fit each other, or within < 0.

    >>> common_spikes(([0.1, 0.2], [0, 0]), ([0.1, 0.21], [0, 0]), within=0.005)
    (2, 2, 1)
    """
    shared, of_one, of_other = _shared(one, other, within)
    return int(of_one.sum()), int(of_other.sum()), int(shared.sum())


def coincidence_factor(reference: Trains, model: Trains, *, seconds: float, within: float = 2e-3) -> float:
    """Return how far a model's spikes meet those of a reference beyond chance: 1 all and no others, 0 chance.

        (shared - 2 r within n_reference) / ((n_reference + n_model) / 2 * (1 - 2 r within)),   r = n_model / seconds

    numerator and denominator summed over the neurons that spike in either; those so fast that chance alone meets every
    spike (2 r within >= 1) are left out. NaN where nobody is left.

    reference, model  as in common_spikes
    seconds           s of time that the trains cover
    within            s

    Source: Kistler, Gerstner and van Hemmen, Neural Comput. 9 (1997) 1015-1045; over neurons it is pooled here.
    """
    check_range("seconds", seconds, 1e-9, 1e9, "s")
    shared, wanted, made = _shared(reference, model, within)
    rate = made / seconds
    chance = 2 * rate * within
    kept = ((wanted > 0) | (made > 0)) & (chance < 1)
    above = (shared - chance * wanted)[kept].sum()
    whole = ((wanted + made) / 2 * (1 - chance))[kept].sum()
    return float(above / whole) if whole > 0 else float("nan")


def _shared(one: Trains, other: Trains, within: float) -> tuple[Floats, Floats, Floats]:
    """(shared spikes, spikes of one, spikes of the other) of each neuron, (neurons,)."""
    check_range("within", within, 0.0, 1e6, "s")
    first, second = _train(one), _train(other)
    neurons = 1 + max(int(first[1].max(initial=-1)), int(second[1].max(initial=-1)))
    met_one = np.bincount(first[1], _has_partner(first, second, within), minlength=neurons)
    met_other = np.bincount(second[1], _has_partner(second, first, within), minlength=neurons)
    counts = [np.bincount(each[1], minlength=neurons).astype(np.float64) for each in (first, second)]
    return np.minimum(met_one, met_other), counts[0], counts[1]


def _has_partner(spikes: tuple[Floats, Ints], others: tuple[Floats, Ints], within: float) -> Floats:
    """1 where a spike has one of the same neuron close by, (spikes,)."""
    time, neuron = spikes
    if not others[0].size:
        return np.zeros(time.size)
    # Neurons lie one after the other on a line, so far apart that nobody's spike is near another's.
    start = min(time.min(initial=0.0), others[0].min())
    length = max(time.max(initial=0.0), others[0].max()) - start + 2 * within + 1.0
    line = np.sort(others[0] - start + others[1] * length)
    mine = time - start + neuron * length
    place = np.searchsorted(line, mine)
    before = np.abs(mine - line[np.maximum(place - 1, 0)])
    after = np.abs(line[np.minimum(place, line.size - 1)] - mine)
    return (np.minimum(before, after) <= within + max(_ROUNDING, 4 * np.spacing(line[-1]))).astype(np.float64)


def _train(spikes: Trains) -> tuple[Floats, Ints]:
    time, neuron = np.asarray(spikes[0], np.float64), np.asarray(spikes[1])
    if time.ndim != 1 or neuron.shape != time.shape or (neuron.size and not np.issubdtype(neuron.dtype, np.integer)):
        raise ValueError(
            f"spikes have times of shape {time.shape} and neurons of shape {neuron.shape} ({neuron.dtype}); give one "
            "whole number for each time."
        )
    if not np.isfinite(time).all() or (neuron < 0).any():
        raise ValueError("spikes have times that are not finite or neurons below 0.")
    return time, neuron.astype(np.int64)
