"""Spikes from outside that carry a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.network import SpikeTrain
from reafference.network.integer.ranges import signed
from reafference.units import check_range

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class GradedTrain(SpikeTrain):
    """Given spikes with a payload, for the `inputs` of a program on a chip that has graded spikes.

    time, neuron  as of SpikeTrain
    payload       (spikes,) int of 32 bits, sign included: what each spike carries; 0 is carried, too, and adds nothing

    The engine's events carry none, so it is no source of a network: put a SpikeTrain there.
    """

    payload: npt.NDArray[np.integer] | tuple[int, ...] = ()

    def __post_init__(self) -> None:
        payload = np.asarray(self.payload)
        if payload.size and not np.issubdtype(payload.dtype, np.integer):
            raise TypeError(f"GradedTrain.payload is {payload.dtype}; spikes carry whole numbers.")
        if payload.shape != np.shape(self.time):
            raise ValueError(
                f"GradedTrain.payload has shape {payload.shape}, time {np.shape(self.time)}; give one for each spike."
            )
        check_range("GradedTrain.payload", payload, *signed(32), "")

    def check(self, population: str, count: int) -> None:
        """Raise ValueError: it is no part of a network."""
        raise ValueError(
            f"{population}: a GradedTrain is no source of a network, as the engine's events carry no payload; put a "
            "SpikeTrain there, and give the GradedTrain to `program.run(seconds, inputs={...})`."
        )

    def plain(self) -> SpikeTrain:
        """The same spikes without their payloads."""
        return SpikeTrain(time=self.time, neuron=self.neuron)

    def payloads(self, dt: float, ticks: int) -> Ints:
        """Payloads of the spikes up to a tick, in order of tick, then neuron, then as they were given."""
        tick = np.maximum(np.rint(np.asarray(self.time, np.float64) / dt), 1)
        order = np.lexsort((np.asarray(self.neuron), tick))
        return np.asarray(self.payload, np.int64)[order][tick[order] <= ticks]
