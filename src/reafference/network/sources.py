"""Sources: populations that make spikes without being asked by synapses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from reafference.network.values import Floats, PerNeuron, check_shape
from reafference.units import check_range


@dataclass(frozen=True, kw_only=True, eq=False)
class Poisson:
    """Independent Poisson processes.

    rate  Hz  one number or one for each neuron; it can be changed while the network runs

    Intervals are exponential and independent of the step; a spike falls on the first tick after its time, so that at
    high rates one tick may hold several spikes of the same source. The random numbers depend on the seed, the neuron
    and the count of its spikes, never on threads.
    """

    kernel: ClassVar[str] = "reafference.engine.poisson"
    receives: ClassVar[bool] = False

    rate: PerNeuron

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a rate cannot be meant."""
        check_shape(f"{population}: Poisson.rate", self.rate, count)
        check_range(f"{population}: Poisson.rate", self.rate, 0.0, 1e6, "Hz")


@dataclass(frozen=True, kw_only=True, eq=False)
class SpikeTrain:
    """Given spikes. More can be injected while the network runs.

    time    (spikes,) s    in any order; each falls on the nearest tick (of two equally near, the even one), the first
                           of which is one step after 0
    neuron  (spikes,) int  which neuron of the population spikes
    """

    kernel: ClassVar[str] = "reafference.engine.train"
    receives: ClassVar[bool] = False

    time: Floats | tuple[float, ...] = ()
    neuron: npt.NDArray[np.integer] | tuple[int, ...] = ()

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if times and neurons do not fit each other or the population."""
        time, neuron = np.asarray(self.time), np.asarray(self.neuron)
        name = f"{population}: SpikeTrain"
        if time.shape != neuron.shape or time.ndim != 1:
            raise ValueError(
                f"{name} has times of shape {time.shape} and neurons of shape {neuron.shape}; give 1-D "
                "arrays, one neuron for each time."
            )
        if neuron.size and not np.issubdtype(neuron.dtype, np.integer):
            raise TypeError(f"{name}.neuron is {neuron.dtype}; neurons are counted from 0 in whole numbers.")
        check_range(f"{name}.time", time, 0.0, 1e7, "s")
        check_range(f"{name}.neuron", neuron, 0, count - 1, "")


@dataclass(frozen=True, kw_only=True, eq=False)
class PoissonInput:
    """Background input: each neuron of the target population hears a Poisson process of its own.

    rate  Hz  one number or one for each neuron; it can be changed while the network runs

    It is wired OneToOne, with one weight, and its spikes are heard at the tick at which they happen: the delay of the
    projection plays no part, as it could not be seen. They are counted, not listed: the spikes of such a population are
    in no recording. In return tens of kHz a neuron, the background of Brunel (2000), cost little more than the neurons
    do; use Poisson where single spikes matter or have several targets. At most 100 spikes a tick on average.

    Source: N. Brunel, J. Comput. Neurosci. 8 (2000) 183-208, for such input.
    """

    kernel: ClassVar[str] = "reafference.engine.noise"
    receives: ClassVar[bool] = False

    rate: PerNeuron

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a rate cannot be meant."""
        check_shape(f"{population}: PoissonInput.rate", self.rate, count)
        check_range(f"{population}: PoissonInput.rate", self.rate, 0.0, 1e9, "Hz")
