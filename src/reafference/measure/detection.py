"""How well a number tells that something happened from that nothing did."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from reafference.measure.checks import Floats, finite_array


def d_prime(signal: npt.ArrayLike, noise: npt.ArrayLike) -> float:
    """Return the sensitivity d' of one number for telling signal trials from noise trials.

        d' = (mean(signal) - mean(noise)) / sqrt((Var(signal) + Var(noise)) / 2)

    signal  (trials,)  the deciding number when the thing happened
    noise   (trials,)  the same number when it did not; the counts may differ

    0 = chance, 1 = right in 69 % of unbiased yes-no answers for Gaussians, below 0 = the number falls when the thing
    happens. Source: Green & Swets, *Signal Detection Theory and Psychophysics* (1966); for unequal variances this is
    d_a of Macmillan & Creelman, *Detection Theory* (2nd ed. 2005), chapter 3. Variances are unbiased (n - 1).

    Raises ValueError with fewer than 2 trials on a side, values that are not finite, or no variance on either side.

    >>> d_prime([2, 3, 4], [0, 1, 2])
    2.0
    """
    hits, rests = _trials(signal, noise)
    return _sensitivity(hits, rests)


def d_prime_error(signal: npt.ArrayLike, noise: npt.ArrayLike) -> float:
    """Return the standard error of `d_prime(signal, noise)`.

        SE^2 = (v1 / f1 + v2 / f2) / S^2 + d'^2 (v1^2 / f1 + v2^2 / f2) / (8 S^4)

    v1, v2  variances of signal and noise;  f1, f2  trials - 1;  S^2 = (v1 + v2) / 2

    Source: Bonett, *Psychological Methods* 13:99 (2008), for unequal variances. It holds for independent Gaussian
    trials: neighbouring frames of one life are not independent, so take trials further apart than the world remembers.

    Raises ValueError as `d_prime` does.
    """
    hits, rests = _trials(signal, noise)
    sensitivity = _sensitivity(hits, rests)
    first, second = float(hits.var(ddof=1)), float(rests.var(ddof=1))
    first_free, second_free = hits.size - 1, rests.size - 1
    mean = (first + second) / 2
    from_means = (first / first_free + second / second_free) / mean
    from_spread = sensitivity**2 * (first**2 / first_free + second**2 / second_free) / (8 * mean**2)
    return math.sqrt(from_means + from_spread)


def smallest_detected(sizes: npt.ArrayLike, dprimes: npt.ArrayLike, *, criterion: float = 1.0) -> float | None:
    """Return the size at which d' first reaches `criterion`, or None when no size did.

    sizes    (sizes,)  strictly rising, not negative, any unit
    dprimes  (sizes,)  d' at each size

    Linear interpolation between the size below and the size that reached it. What has no size is no signal, so the
    curve starts at d' = 0 for size 0 and a first size that is already above the criterion is interpolated from there.
    Source: the threshold of a psychometric function (Macmillan & Creelman 2005), without a fitted shape.

    Raises ValueError when shapes differ, sizes do not rise, or a value is not finite; when criterion is not above 0.

    >>> smallest_detected([0.5, 1.0, 2.0], [0.2, 0.6, 1.4])
    1.5
    >>> smallest_detected([0.5, 1.0, 2.0], [0.0, 0.1, 0.2]) is None
    True
    """
    size = finite_array("sizes", sizes)
    reached = finite_array("dprimes", dprimes)
    if size.shape != reached.shape:
        raise ValueError(f"sizes has shape {size.shape} and dprimes {reached.shape}; give one d' per size.")
    if size[0] < 0 or (np.diff(size) <= 0).any():
        raise ValueError(
            f"sizes = {size.tolist()} must start at 0 or above and rise strictly; sort them, join doubles."
        )
    if not (math.isfinite(criterion) and criterion > 0):
        raise ValueError(f"criterion = {criterion} must be a number above 0; 1.0 is usual.")
    if size[0] > 0:
        size, reached = np.concatenate([[0.0], size]), np.concatenate([[0.0], reached])
    at_least = np.flatnonzero(reached >= criterion)
    if at_least.size == 0:
        return None
    above = int(at_least[0])
    if above == 0:
        return float(size[0])
    part = (criterion - reached[above - 1]) / (reached[above] - reached[above - 1])
    return float(size[above - 1] + part * (size[above] - size[above - 1]))


def _trials(signal: npt.ArrayLike, noise: npt.ArrayLike) -> tuple[Floats, Floats]:
    return finite_array("signal", signal, least=2), finite_array("noise", noise, least=2)


def _sensitivity(signal: Floats, noise: Floats) -> float:
    if np.ptp(signal) == 0 and np.ptp(noise) == 0:
        raise ValueError(
            f"signal is always {signal[0]:g} and noise always {noise[0]:g}; without variance d' is not defined. "
            "Give trials that differ, or a finer number."
        )
    spread = math.sqrt((float(signal.var(ddof=1)) + float(noise.var(ddof=1))) / 2)
    return float(signal.mean() - noise.mean()) / spread
