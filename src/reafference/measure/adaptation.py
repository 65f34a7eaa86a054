"""How fast an error falls after the world has changed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from reafference.measure.checks import finite_array


def half_time(
    time: npt.ArrayLike,
    error: npt.ArrayLike,
    *,
    window: float,
    change: float = 0.0,
    level_at_change: float | None = None,
) -> float | None:
    """Return the time (s) from a change until the error has halved for good, or None when it never did.

        S(t) = mean of error over [t, t + window)                    t counted from the change
        half time = first t with S <= level / 2 on the whole of [t, t + window];   level = S(0), or `level_at_change`

    time             (points,)  s, strictly rising; points before the change are ignored
    error            (points,)  any unit, such as the share of variance that was not cancelled
    window           s          smoothing: long enough to average the noise, shorter than the answer
    change           s          when the world changed, on the clock of `time`
    level_at_change             unit of error; gives the level when it is known from elsewhere (mean of many lives)

    Both levels are seen through the same window, so for an error that falls as exp(-t / tau) the answer is tau ln 2
    whatever the window. One lucky dip of a noisy error is not enough: it has to stay down for a further window, and an
    error that was recorded for less than two windows after the dip counts as never halved. The error is halved, not its
    part above some floor, so an error that settles above half its first level gives None.

    Raises ValueError when shapes differ, time does not rise, a value is not finite, the window is not above 0 or longer
    than what was recorded after the change, or the level is not above 0.

    >>> half_time([0, 1, 2, 3, 4, 5], [8, 6, 4, 2, 1, 1], window=1.0)
    2.0
    """
    clock = finite_array("time", time, least=2)
    course = finite_array("error", error, least=2)
    if clock.shape != course.shape:
        raise ValueError(f"time has shape {clock.shape} and error {course.shape}; give one error per point in time.")
    if (np.diff(clock) <= 0).any():
        raise ValueError("time must rise strictly; sort the points and join those at the same time.")
    if not math.isfinite(change):
        raise ValueError(f"change = {change} s must be a finite time.")
    if not (math.isfinite(window) and window > 0):
        raise ValueError(f"window = {window} s must be above 0; take some tens of points.")
    lived = clock >= change
    clock, course = clock[lived] - change, course[lived]
    # A point stands for the time until the next one, so the last reaches one step beyond its own time.
    end = float(clock[-1] + (clock[-1] - clock[-2])) if clock.size > 1 else 0.0
    if end < window:
        raise ValueError(
            f"window = {window:g} s is longer than the {end:g} s recorded after the change; "
            "record longer or smooth less."
        )
    rounding = 1e-9 * max(end, abs(change))
    whole = clock + window <= end + rounding
    last = np.searchsorted(clock, clock[whole] + window - rounding)
    first = np.arange(last.size)
    total = np.concatenate([[0.0], np.cumsum(course)])
    # A gap longer than the window holds no point; the point before the gap then stands for it.
    last = np.maximum(last, first + 1)
    smooth = (total[last] - total[first]) / (last - first)
    clock = clock[whole]
    level = float(smooth[0]) if level_at_change is None else float(level_at_change)
    if not (math.isfinite(level) and level > 0):
        raise ValueError(f"the error right after the change is {level:g}; half of it is defined only above 0.")
    down = smooth <= level / 2
    still_up = np.concatenate([[0], np.cumsum(~down)])
    held_until = np.searchsorted(clock, clock + window - rounding)
    held = down & (still_up[held_until] == still_up[:-1]) & (clock + window <= clock[-1] + rounding)
    candidates = np.flatnonzero(held)
    if candidates.size == 0:
        return None
    at = int(candidates[0])
    if at == 0:
        return float(clock[0])
    part = (smooth[at - 1] - level / 2) / (smooth[at - 1] - smooth[at])
    return float(clock[at - 1] + part * (clock[at] - clock[at - 1]))
