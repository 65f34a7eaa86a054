"""A hand for the two-joint arm of Gymnasium (extra `mujoco`)."""

from __future__ import annotations

import copy
import importlib
import sys
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MODULE = "gymnasium.envs.mujoco.reacher_v5"


@dataclass(frozen=True, kw_only=True)
class ReacherState:
    """Everything that decides how the arm goes on.

    physics  (numbers,)  MuJoCo's integration state
    goal     (2,)        m, or None before the first reset
    push                 pending, in units of the largest torque
    random               state of the generator that draws the next start
    """

    physics: Floats
    goal: Floats | None
    push: float
    random: dict[str, Any]


class PushableReacher(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """Reacher-v5 with an outside hand that turns the shoulder during one step.

        torque on joint0 = gear clip(command) + push,   push = force gear   (N m)

    MuJoCo adds it as a generalised force (`qfrc_applied`), so the motor's limit does not bind it, and integrates it
    over every substep of the step. It is gone after the step.
    Source: MuJoCo, *Computation*, "Applied force"; `gymnasium/envs/mujoco/assets/reacher.xml` for the gear.
    """

    senses = (
        "cos shoulder",
        "cos elbow",
        "sin shoulder",
        "sin elbow",
        "target x",
        "target y",
        "shoulder velocity",
        "elbow velocity",
        "fingertip to target x",
        "fingertip to target y",
    )

    def __init__(self, env: gymnasium.Env[Any, Any]):
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        if not self.fits(env):
            raise TypeError(f"PushableReacher pushes Gymnasium's Reacher-v5, not {type(env.unwrapped).__name__}.")
        # MuJoCo is an extra without types; here is the one place that knows its names.
        self._body: Any = env.unwrapped
        self._mujoco: Any = importlib.import_module("mujoco")
        self._shoulder = int(self._body.model.joint("joint0").dofadr[0])
        self._force = 0.0

    @staticmethod
    def fits(env: gymnasium.Env[Any, Any]) -> bool:
        """Say whether this hand can push what is inside `env`, without importing MuJoCo to find out."""
        module = sys.modules.get(MODULE)
        return module is not None and isinstance(env.unwrapped, module.ReacherEnv)

    @property
    def largest_force(self) -> float:
        """Largest torque of the shoulder's motor, N m."""
        model = self._body.model
        return float(model.actuator_gear[0, 0] * model.actuator_ctrlrange[0, 1])

    def push(self, force: float) -> None:
        """Push during the next step with `force` times the largest torque; positive as a positive command."""
        self._force = float(force)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step with the motors' torques and, once, the hand's."""
        force, self._force = self._force, 0.0
        applied = self._body.data.qfrc_applied
        applied[self._shoulder] = force * self.largest_force
        try:
            return self.env.step(action)
        finally:
            applied[self._shoulder] = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start anew and forget a push that was not used."""
        self._force = 0.0
        return self.env.reset(seed=seed, options=options)

    def save_state(self) -> ReacherState:
        """Return the state. A deep copy of the environment would not do: it silently builds a fresh one."""
        kind = self._mujoco.mjtState.mjSTATE_INTEGRATION
        physics = np.empty(self._mujoco.mj_stateSize(self._body.model, kind))
        self._mujoco.mj_getState(self._body.model, self._body.data, physics, kind)
        goal = getattr(self._body, "goal", None)
        return ReacherState(
            physics=physics,
            goal=None if goal is None else goal.copy(),
            push=self._force,
            random=copy.deepcopy(self._body.np_random.bit_generator.state),
        )

    def load_state(self, state: object) -> None:
        """Go back to a state that `save_state` returned."""
        if not isinstance(state, ReacherState):
            raise TypeError(f"{type(state).__name__} is not a state of the arm; pass what save_state() returned.")
        kind = self._mujoco.mjtState.mjSTATE_INTEGRATION
        self._mujoco.mj_setState(self._body.model, self._body.data, state.physics, kind)
        if state.goal is not None:
            self._body.goal = state.goal.copy()
        self._body.np_random.bit_generator.state = state.random
        self._force = state.push
