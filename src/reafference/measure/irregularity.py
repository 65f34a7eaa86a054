"""How irregular single trains are, and how much trains have in common."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.measure.checks import Floats, finite_array

LEAST_INTERVALS = 10


def interval_variation(
    time: npt.ArrayLike, neuron: npt.ArrayLike, neurons: int, *, least: int = LEAST_INTERVALS
) -> Floats:
    """Return the coefficient of variation of each neuron's intervals, (neurons,); NaN for fewer than `least`.

        CV = standard deviation / mean     of the intervals between spikes, with n - 1 in the variance

    time    (spikes,) s    in any order
    neuron  (spikes,) int  who spiked, 0 to neurons - 1

    A Poisson train has 1, a clock 0. From n intervals the CV comes out low, by about 1/n of itself for a Poisson train.

    Raises ValueError where times and neurons do not fit each other, or least < 2.

    >>> interval_variation([0.0, 1.0, 2.0, 3.0], [0, 0, 0, 0], 2, least=3)
    array([ 0., nan])
    """
    if least < 2:
        raise ValueError(f"least = {least} intervals have no standard deviation; ask for 2 or more.")
    times, owner = _train(time, neuron, neurons)
    order = np.lexsort((times, owner))
    times, owner = times[order], owner[order]
    same = owner[1:] == owner[:-1]
    interval, owner = np.diff(times)[same], owner[1:][same]
    count = np.bincount(owner, minlength=neurons)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, interval, minlength=neurons) / count
        square = np.bincount(owner, (interval - mean[owner]) ** 2, minlength=neurons)
        return np.where(count >= least, np.sqrt(square / (count - 1)) / mean, np.nan)


def mean_correlation(
    time: npt.ArrayLike,
    neuron: npt.ArrayLike,
    neurons: int,
    *,
    start: float,
    seconds: float,
    bin_width: float = 5e-3,
) -> float:
    """Return the mean correlation of spike counts over all pairs of the neurons that spiked.

    time, neuron    as in interval_variation; spikes outside [start, start + seconds) are left out
    bin_width       s; bins of this width fill the time, an incomplete one at the end is left out

    With z_i the standardised counts of neuron i the mean over pairs is (mean over bins of (sum_i z_i)^2 - n) /
    (n (n - 1)), which takes one pass over the spikes and no matrix. NaN where fewer than two neurons spiked.

    Raises ValueError where times and neurons do not fit each other or fewer than 2 bins fit into the time.
    """
    times, owner = _train(time, neuron, neurons)
    bins = int((seconds / bin_width) * (1 + 1e-12))
    if bins < 2:
        raise ValueError(
            f"seconds = {seconds:g} s holds {bins} bins of {bin_width:g} s; 2 are needed. Record for longer."
        )
    place = np.floor((times - start) / bin_width + 1e-9).astype(np.int64)
    inside = (place >= 0) & (place < bins)
    place, owner = place[inside], owner[inside]
    # Each (neuron, bin) that holds spikes, and how many.
    cell, count = np.unique(owner * bins + place, return_counts=True)
    owner, place = cell // bins, cell % bins
    mean = np.bincount(owner, count, minlength=neurons) / bins
    spread = np.sqrt(np.bincount(owner, count.astype(float) ** 2, minlength=neurons) / bins - mean**2)
    active = spread > 0
    n = int(active.sum())
    if n < 2:
        return float("nan")
    mine = active[owner]
    total = np.bincount(place[mine], count[mine] / spread[owner[mine]], minlength=bins)
    total -= (mean[active] / spread[active]).sum()
    return float(((total**2).mean() - n) / (n * (n - 1)))


def _train(time: npt.ArrayLike, neuron: npt.ArrayLike, neurons: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    times = finite_array("time", time)
    owner = np.asarray(neuron)
    if owner.shape != times.shape or not np.issubdtype(owner.dtype, np.integer):
        raise ValueError(
            f"neuron is {owner.dtype} of shape {owner.shape} for times of shape {times.shape}; give one whole number "
            "for each time."
        )
    if owner.min() < 0 or owner.max() >= neurons:
        raise ValueError(f"neuron holds {owner.min()} to {owner.max()}; they are counted from 0 to {neurons - 1}.")
    return times, owner.astype(np.int64)
