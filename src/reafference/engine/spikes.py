"""What is asked of a running network and what it hands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


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
