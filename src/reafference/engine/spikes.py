"""What is asked of a running network and what it hands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.units import check_range

Ints = npt.NDArray[np.int64]
STEPS = 1e-11, 0.02  # s, shortest and longest tick


@dataclass(frozen=True, kw_only=True, eq=False)
class Watch:
    """Ask for a trace: `variable` ("v"; for CurrentLIF also "g_e", "g_i") of some neurons of a population.

    neurons  numbers within the population; None: all
    """

    population: str
    variable: str = "v"
    neurons: Sequence[int] | npt.NDArray[np.integer] | None = None


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes of one stretch of time, in order of (tick, neuron).

    tick    (spikes,) int64, steps of dt since the start of the simulation
    neuron  (spikes,) int32, numbers in the network
    """

    tick: Ints
    neuron: npt.NDArray[np.int32]


def whole_ticks(name: str, seconds: float, dt: float) -> int:
    """`seconds` in ticks of `dt`; raises ValueError where that is no whole number of at least one."""
    check_range(name, seconds, 0.0, 1e9, "s")
    if seconds == 0:
        raise ValueError(f"{name} = 0 s must be positive; use {dt:g} s, which is one tick, or more.")
    count = round(seconds / dt)
    if count < 1 or abs(count * dt - seconds) > 1e-6 * dt * max(1, count):
        raise ValueError(
            f"{name} = {seconds:g} s is not a whole number of ticks of {dt:g} s; use "
            f"{max(count, 1) * dt:g} or another dt."
        )
    return count
