"""A body in a world, as a brain sees it: numbers in, numbers out, and no end."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any, Literal, cast

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.utils import EzPickle
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker

from reafference.brain.worlds.errors import BadSensation, NoHand, NoSnapshot, UnusableWorld, WorldError
from reafference.brain.worlds.hands import Environment, Hand, Kept, Named, find, layers, with_hand
from reafference.brain.worlds.motor import Command, motor_of
from reafference.brain.worlds.opening import check_senses, frame_of, make_environment, without_time_limit

Floats = npt.NDArray[np.float64]


def open_world(world: str | gymnasium.Env[Any, Any], *, seed: int = 0, frame: float | None = None) -> World:
    """Open a Gymnasium environment as a world to live in.

    world  name of a registered environment ("Pendulum-v1", "module:Name-v0"), or an environment; its time limits are
           taken out, and the world steps it from then on
    seed   of the first `reset`; the same seed and commands give the same life
    frame  s, what one step stands for; needed only where the environment's own `dt` is absent and 0.05 s is wrong

    Raises UnknownWorld (nearest names given) or UnusableWorld (reason and remedy given), both ValueErrors.

    >>> world = open_world("Pendulum-v1", seed=1)
    >>> world
    Pendulum-v1: senses cos angle, sin angle, angular velocity; box command of 1; 0.05 s a step; can be pushed
    >>> sensation = world.reset()
    >>> sensation, restarted = world.step([0.5])
    """
    if isinstance(world, str):
        name, environment = world, make_environment(world)
    elif isinstance(world, gymnasium.Env):
        environment: Environment = world
        name = environment.spec.id if environment.spec is not None else type(environment.unwrapped).__name__
    else:
        raise TypeError(
            f"a world is the name of a Gymnasium environment or a gymnasium.Env, not {world!r}; "
            "call the class to get an environment, and take one of a vector."
        )
    return World(name, environment, seed=seed, frame=frame)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A world at one moment; `World.restore_snapshot` goes back to it as often as wanted."""

    world: str
    step: int
    gain: float
    kept: object | None = None
    copied: Environment | None = None


class World:
    """A body that senses and acts, made by `open_world`.

    name           of the environment
    senses         name of each sense, in the order of every sensation
    low, high      (senses,) bounds of each sense as the environment states them, infinite where it does not
    frame          s, what one step stands for
    frame_assumed  the environment does not say, 0.05 s was taken
    action         "box" or "discrete"
    actions        dimensions of a box command, or number of choices
    can_push       an outside hand can push the body
    gain           1, or -1 while the body is inverted
    """

    def __init__(self, name: str, environment: Environment, *, seed: int, frame: float | None):
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise ValueError(f"seed = {seed!r} must be a whole number, 0 or above.")
        self.name = name
        count = check_senses(name, environment.observation_space)
        space = cast(spaces.Box, environment.observation_space)
        self.low, self.high = (np.array(bound, dtype=np.float64).ravel() for bound in (space.low, space.high))
        self._motor = motor_of(name, environment.action_space)
        self.action: Literal["box", "discrete"] = self._motor.kind
        self.actions = self._motor.actions
        self.frame, self.frame_assumed = frame_of(name, environment, frame)
        self._environment = with_hand(without_time_limit(environment))
        named = find(self._environment, Named)
        fits = named is not None and len(named.senses) == count
        self.senses: tuple[str, ...] = tuple(named.senses) if named and fits else _numbered(count)
        self._hand = find(self._environment, Hand)
        self.can_push = self._hand is not None
        self.gain = 1.0
        self._seed: int | None = int(seed)
        self._step = -1

    def __repr__(self) -> str:
        command = f"box command of {self.actions}" if self.action == "box" else f"{self.actions} choices"
        frame = f"{self.frame:g} s a step{' (assumed)' if self.frame_assumed else ''}"
        hand = "can be pushed" if self.can_push else "cannot be pushed"
        inverted = ", inverted" if self.gain < 0 else ""
        return f"{self.name}: senses {', '.join(self.senses)}; {command}{inverted}; {frame}; {hand}"

    def reset(self) -> Floats:
        """Begin, and return the first sensation (senses,). The first call uses the seed, later ones go on from it."""
        seed, self._seed = self._seed, None
        self._step = 0
        return self._begin(seed)

    def step(self, command: Command) -> tuple[Floats, bool]:
        """Do `command` for one frame; return the sensation (senses,) and whether the body was put back to a start.

        command  box: (actions,) in -1 to 1, where 1 is the upper bound of the environment's action and -1 the lower
                 discrete: a whole number, 0 to actions - 1

        An inverted body does -command, or counts its choices from the other end. Where the environment ends an episode,
        life goes on: the sensation is the first of the next episode and the flag is True.

        Raises BadCommand for what is no command, and BadSensation when the environment returns nan or inf.
        """
        if self._step < 0:
            raise WorldError(f"{self.name}: call reset() before the first step().")
        action = self._motor.action(command, self.gain)
        self._step += 1
        observation, _, terminated, truncated, _ = self._environment.step(action)
        sensation = self._sensation(observation)
        if terminated or truncated:
            return self._begin(None), True
        return sensation, False

    def peek(self, command: Command) -> Floats:
        """Return what `step(command)` would make the body sense, a pending push included, and leave the world as it is.

        A scorer asks so what a zero command would have felt like. Where the episode would end, the last sensation of
        it. Raises as `step` and `snapshot` do.
        """
        before = self.snapshot()
        try:
            observation, *_ = self._environment.step(self._motor.action(command, self.gain))
            return self._sensation(observation)
        finally:
            self.restore_snapshot(before)

    def push(self, force: float) -> None:
        """Push the body from outside during the next step.

        force  signed, 1 = the largest force of the body's own motor; it adds to the motor and is not bound by its
               limit, and does not turn round when the body is inverted. A second call before the step replaces the
               first.

        Raises NoHand where `can_push` is False, ValueError when force is not a finite number.
        """
        if self._hand is None:
            raise NoHand(self.name)
        if not math.isfinite(force):
            raise ValueError(f"force = {force} must be a finite number; 1.0 is as strong as the body's own motor.")
        self._hand.push(float(force))

    def invert(self) -> None:
        """Turn the body round, as a prism turns the eye.

        A box command acts as its negative, choices are counted from the other end.
        """
        self.gain = -1.0

    def restore(self) -> None:
        """Turn the body back."""
        self.gain = 1.0

    def snapshot(self) -> Snapshot:
        """Keep the state of the world, random numbers and a pending push included.

        Pendulum-v1 and Reacher-v5 know their state; other environments are deep-copied, about ten times as slow.
        Raises NoSnapshot where neither works: environments of Gymnasium's EzPickle kind (MuJoCo, Box2D) come out of a
        deep copy as new, so they are refused rather than trusted.
        """
        kept = self._kept()
        if kept is not None:
            return Snapshot(world=self.name, step=self._step, gain=self.gain, kept=kept.save_state())
        if any(isinstance(layer, EzPickle) for layer in layers(self._environment)):
            raise NoSnapshot(self.name, "a deep copy of it is a new one in its first state")
        return Snapshot(world=self.name, step=self._step, gain=self.gain, copied=self._copy(self._environment))

    def restore_snapshot(self, snapshot: Snapshot) -> None:
        """Go back to `snapshot`. Raises WorldError when it is of another world."""
        if snapshot.world != self.name:
            raise WorldError(f"{self.name}: the snapshot is of {snapshot.world}; a world goes back only to its own.")
        kept = self._kept()
        if snapshot.copied is not None:
            self._environment = self._copy(snapshot.copied)
            self._hand = find(self._environment, Hand)
        elif kept is not None:
            kept.load_state(snapshot.kept)
        self._step, self.gain = snapshot.step, snapshot.gain

    def close(self) -> None:
        """Let the environment free what it holds."""
        self._environment.close()

    def _kept(self) -> Kept | None:
        """Return who knows the whole state, unless another wrapper could hold a part of it."""
        kept = find(self._environment, Kept)
        for layer in layers(self._environment):
            stateless = isinstance(layer, OrderEnforcing | PassiveEnvChecker)
            if layer is not kept and layer is not self._environment.unwrapped and not stateless:
                return None
        return kept

    def _copy(self, environment: Environment) -> Environment:
        try:
            return copy.deepcopy(environment)
        except Exception as error:
            raise NoSnapshot(self.name, f"deepcopy says {type(error).__name__}: {error}") from error

    def _begin(self, seed: int | None) -> Floats:
        observation, _ = self._environment.reset(seed=seed)
        return self._sensation(observation)

    def _sensation(self, observation: Any) -> Floats:
        # A copy: some environments hand out one array and change it later.
        sensation = np.array(observation, dtype=np.float64).ravel()
        if sensation.size != len(self.senses):
            reason = f"it promised {len(self.senses)} senses and gave {sensation.size} at step {self._step}"
            raise UnusableWorld(self.name, reason, "Mend its observation_space or what its step() and reset() return.")
        bad: npt.NDArray[np.intp] = np.flatnonzero(~np.isfinite(sensation))
        if bad.size:
            raise BadSensation(self.name, self.senses[int(bad[0])], float(sensation[bad[0]]), self._step)
        return sensation


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"sense {index}" for index in range(count))
