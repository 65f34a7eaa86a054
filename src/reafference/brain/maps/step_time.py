"""Time cells that the copies of an agent's commands drive: they count its actions, and stand still while it rests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.brain.time_cells import DT, TimePlan, build_time_cells, log_times
from reafference.engine import Simulation

Bools = npt.NDArray[np.bool_]

CHAINS, STAGES = 8, 8
SHORTEST, LONGEST = 20, 400  # actions that the fastest and the slowest chain take through all stages, on average
LOOP = 0.02  # s, that one action drives the beats


class StepTime:
    """A small bank of time cells (see `time_cells`), started at the first action.

    seed  of its beats; the same seed and as many actions give the same spikes

    `spikes` counts those of the bank, its drive included.
    """

    def __init__(self, seed: int) -> None:
        plan = TimePlan(times=log_times(SHORTEST * LOOP, LONGEST * LOOP, CHAINS), stages=STAGES, loop=LOOP)
        self._bank = build_time_cells(plan, copies=1, seed=seed)
        self._simulation = Simulation(self._bank.network, dt=DT, seed=seed, record=())
        self._simulation.set_rate("background", 0.0)
        self._simulation.inject_spikes("onset", [0])
        self._simulation.advance(self._bank.delay)
        self._simulation.set_rate("command", self._bank.rate)
        self.stages = CHAINS * STAGES
        self.spikes = 0

    def step(self) -> Bools:
        """One action; which cells, (chains x stages,) from the fastest chain to the slowest, were active in it."""
        spikes = self._simulation.advance(LOOP)
        self.spikes += spikes.neuron.size
        return self._bank.active(spikes.neuron.astype(np.int64))[0]
