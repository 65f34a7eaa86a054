"""From a command to the action that an environment understands."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from reafference.brain.worlds.errors import BadCommand, UnusableWorld

Command = npt.ArrayLike


class BoxMotor:
    """Muscles: some numbers from -1 to 1, where -1 is the lower bound of the environment's action and 1 the upper one.

    action = (low + high) / 2 + gain command (high - low) / 2
    """

    kind: Literal["box"] = "box"

    def __init__(self, name: str, space: spaces.Box):
        low: npt.NDArray[np.float64] = np.asarray(space.low, dtype=np.float64)
        high: npt.NDArray[np.float64] = np.asarray(space.high, dtype=np.float64)
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            reason = f"its action {space} has no finite bounds, so a full command has no meaning"
            remedy = "Wrap it in gymnasium.wrappers.TransformAction with a function to its own unit and a Box(-1, 1)."
            raise UnusableWorld(name, reason, remedy)
        if low.size == 0 or (low >= high).any():
            reason = f"its action {space} leaves nothing to choose"
            raise UnusableWorld(name, reason, "Give every action a low below its high.")
        self._name = name
        self.actions = low.size
        self._shape = low.shape
        self._dtype: np.dtype[Any] = np.dtype(space.dtype)
        self._low, self._high = low.ravel(), high.ravel()

    def action(self, command: Command, gain: float) -> npt.NDArray[Any]:
        """Return the action in the shape and type of the environment."""
        needs = f"{self.actions} number(s) from -1 to 1 in an array of shape ({self.actions},)"
        try:
            numbers = np.asarray(command, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise BadCommand(self._name, command, needs) from error
        # Written so that nan is refused; the margin is for a command that was computed to be 1.
        if numbers.shape != (self.actions,) or not (np.abs(numbers) <= 1 + 1e-9).all():
            raise BadCommand(self._name, command, needs)
        half = (self._high - self._low) / 2
        action = np.clip(self._low + half + gain * numbers * half, self._low, self._high)
        if np.issubdtype(self._dtype, np.integer):
            action = np.rint(action)
        return action.astype(self._dtype).reshape(self._shape)


class ChoiceMotor:
    """Choices: a whole number from 0; an inverted body counts them from the other end."""

    kind: Literal["discrete"] = "discrete"

    def __init__(self, name: str, space: spaces.Discrete):
        self._name = name
        self.actions = int(space.n)
        self._start = int(space.start)
        if self.actions < 2:
            reason = "it offers a single choice, so no action makes a difference"
            raise UnusableWorld(name, reason, "Give it a second action.")

    def action(self, command: Command, gain: float) -> int:
        """Return the number of the choice as the environment counts."""
        choice = int(command) if isinstance(command, int | np.integer) and not isinstance(command, bool) else -1
        if not 0 <= choice < self.actions:
            needs = f"a whole number from 0 to {self.actions - 1}"
            raise BadCommand(self._name, command, needs)
        return self._start + (choice if gain > 0 else self.actions - 1 - choice)


def motor_of(name: str, space: spaces.Space[Any]) -> BoxMotor | ChoiceMotor:
    """Return the motor for an action space, or refuse: UnusableWorld with reason and remedy."""
    kind = type(space).__name__
    if isinstance(space, spaces.Discrete):
        return ChoiceMotor(name, space)
    if isinstance(space, spaces.Box):
        return BoxMotor(name, space)
    remedy = "Wrap it in an ActionWrapper whose action_space is one Discrete (all combinations) or one Box."
    raise UnusableWorld(name, f"its action is a {kind}, neither Box nor Discrete", remedy)
