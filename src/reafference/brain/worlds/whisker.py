"""The smallest body: one whisker, one muscle, one sense. A pattern for worlds of one's own."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

NAME = "reafference/Whisker-v0"
Action = npt.NDArray[np.float32]
Observation = npt.NDArray[np.float64]


class Whisker(gymnasium.Env[Observation, Action]):
    """A whisker that follows its command late and slowly; a finger may press against it.

        tau dx/dt = command(t - delay) + press - x,   |x| <= 2 (the follicle stops it)

    solved exactly over each step, in which command and press are held.

    tau    s  time constant of muscle and skin
    delay  s  from command to muscle, a whole number of steps
    x         deflection in units of what the full command holds; the only sense

    Its future depends on commands of the last `delay` that it does not show, so a brain without a copy of its commands
    cannot predict it. An invention for examples and tests, not a model of a rat.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - Gymnasium reads it from the class
    senses = ("deflection",)
    largest_force = 1.0
    dt = 0.01
    tau = 0.05
    delay = 0.03

    def __init__(self) -> None:
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.observation_space = gymnasium.spaces.Box(-2.0, 2.0, (1,), np.float64)
        self._deflection = 0.0
        self._waiting = [0.0] * round(self.delay / self.dt)
        self._press = 0.0

    def push(self, force: float) -> None:
        """Press during the next step with `force` times what the full command does."""
        self._press = float(force)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Let go of everything; the whisker starts near its rest."""
        super().reset(seed=seed)
        self._deflection = float(self.np_random.uniform(-0.1, 0.1))
        self._waiting = [0.0] * len(self._waiting)
        self._press = 0.0
        return np.array([self._deflection]), {}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Advance by `dt`; there is no task, so the reward is always 0 and nothing ends."""
        self._waiting.append(float(np.clip(action[0], -1.0, 1.0)))
        drive = self._waiting.pop(0) + self._press
        self._press = 0.0
        moved = drive + (self._deflection - drive) * math.exp(-self.dt / self.tau)
        self._deflection = min(max(moved, -2.0), 2.0)
        return np.array([self._deflection]), 0.0, False, False, {}


if NAME not in gymnasium.registry:
    gymnasium.register(id=NAME, entry_point="reafference.brain.worlds.whisker:Whisker")
