"""A hand for the pendulum of Gymnasium."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.envs.classic_control.pendulum import PendulumEnv

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PendulumState:
    """Everything that decides how a pendulum goes on.

    motion  (2,)  angle (rad, 0 = upright) and angular velocity (rad/s), or None before the first reset
    push          pending, in units of the largest torque
    random        state of the generator that draws the next start
    """

    motion: Floats | None
    push: float
    random: dict[str, Any]


class PushablePendulum(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """Pendulum-v1 with an outside hand that adds torque during one step.

        speed' = clip(speed + (3 g / (2 l) sin(angle) + 3 / (m l^2) (clip(u) + p)) dt),   angle' = angle + speed' dt

    u  N m  the motor's torque, clipped by the motor's limit
    p  N m  the hand's torque, `force` times that limit; the limit of the motor does not bind the hand, that of the
            speed does

    The hand's part is added to the speed before the step, which is the same sum in another order and leaves the
    environment and any wrapper between untouched. The reward of a pushed step counts the speed with that part already
    in it. Source: equations of `gymnasium/envs/classic_control/pendulum.py`, version 1 of the environment.
    """

    senses = ("cos angle", "sin angle", "angular velocity")

    def __init__(self, env: gymnasium.Env[Any, Any]):
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        body = env.unwrapped
        if not isinstance(body, PendulumEnv):
            raise TypeError(f"PushablePendulum pushes Gymnasium's Pendulum-v1, not {type(body).__name__}.")
        # Any: Gymnasium leaves the types of its state open.
        self._body: Any = body
        self._force = 0.0

    @staticmethod
    def fits(env: gymnasium.Env[Any, Any]) -> bool:
        """Say whether this hand can push what is inside `env`."""
        return isinstance(env.unwrapped, PendulumEnv)

    @property
    def largest_force(self) -> float:
        """Largest torque of the motor, N m."""
        return float(self._body.max_torque)

    def push(self, force: float) -> None:
        """Push during the next step with `force` times the largest torque; positive as a positive command."""
        self._force = float(force)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step with the motor's torque and, once, the hand's."""
        force, self._force = self._force, 0.0
        if force:
            body = self._body
            angle, speed = body.state
            kick = 3.0 / (body.m * body.l**2) * force * self.largest_force * body.dt
            body.state = np.array([angle, speed + kick])
        return self.env.step(action)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start anew and forget a push that was not used."""
        self._force = 0.0
        return self.env.reset(seed=seed, options=options)

    def save_state(self) -> PendulumState:
        """Return the state; about ten times as fast as a deep copy of the environment."""
        motion: Floats | None = getattr(self._body, "state", None)
        return PendulumState(
            motion=None if motion is None else motion.copy(),
            push=self._force,
            random=copy.deepcopy(self._body.np_random.bit_generator.state),
        )

    def load_state(self, state: object) -> None:
        """Go back to a state that `save_state` returned."""
        if not isinstance(state, PendulumState):
            raise TypeError(f"{type(state).__name__} is not a state of a pendulum; pass what save_state() returned.")
        self._body.state = None if state.motion is None else state.motion.copy()
        self._body.np_random.bit_generator.state = state.random
        self._force = state.push
