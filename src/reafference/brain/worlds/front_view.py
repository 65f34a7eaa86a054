"""MiniGrid's worlds (extra `worlds`) as seen by someone who sees only what is right before him."""

from __future__ import annotations

import sys
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

View = npt.NDArray[np.uint8]

MODULE = "minigrid.minigrid_env"


class FrontView(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """A MiniGrid world with a turning body (left, right, forward) that sees the cell in front of it.

    The observation is (3,) uint8: object, colour and state of that cell in MiniGrid's own numbers, taken from the view
    that MiniGrid gives its agent; `mission` and `direction` are not handed on.

    In MiniGrid-MemoryS7-v0 the objects at the end of the hallway lie before the body only on the cells on which the
    episode ends, so a life without end (`symbol_world`) never shows them; the last symbol of an episode does.

    Source: MiniGrid 3, `MiniGridEnv.gen_obs_grid`: the agent stands in the middle of the last row of its view and looks
    towards the first.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]):
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        if not self.fits(env):
            raise TypeError(f"FrontView looks into worlds of MiniGrid, not into {type(env.unwrapped).__name__}.")
        self.action_space = gymnasium.spaces.Discrete(3)
        self.observation_space = gymnasium.spaces.Box(0, 255, (3,), np.uint8)

    @staticmethod
    def fits(env: gymnasium.Env[Any, Any]) -> bool:
        """Say whether `env` is a world of MiniGrid, without importing MiniGrid to find out."""
        module = sys.modules.get(MODULE)
        return module is not None and isinstance(env.unwrapped, module.MiniGridEnv)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[View, dict[str, Any]]:
        """Start anew and look ahead."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._front(observation), info

    def step(self, action: int) -> tuple[View, Any, bool, bool, dict[str, Any]]:
        """Turn left (0), turn right (1) or go forward (2), and look ahead."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._front(observation), reward, terminated, truncated, info

    def without_step_limit(self) -> FrontView:
        """Return itself with a world that never ends an episode because of its length."""
        world: Any = self.env.unwrapped
        world.max_steps = sys.maxsize
        return self

    @staticmethod
    def _front(observation: dict[str, Any]) -> View:
        image: View = observation["image"]
        return image[image.shape[0] // 2, image.shape[1] - 2].copy()
