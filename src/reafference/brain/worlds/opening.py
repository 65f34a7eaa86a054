"""From a name or an environment to a body that a brain can have, or a clear no."""

from __future__ import annotations

import difflib
import importlib
import math
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit

from reafference.brain.worlds.errors import UnknownWorld, UnusableWorld
from reafference.brain.worlds.hands import Environment

MOST_SENSES = 64
SHORTEST_FRAME, LONGEST_FRAME = 1e-3, 1.0  # s
USUAL_FRAME = 0.05  # s

FAMILIES = (("MiniGrid-", "minigrid", "worlds"), ("BabyAI-", "minigrid", "worlds"))
"""Beginning of the names, module that registers them, and extra of this package that installs it."""


def make_environment(name: str) -> Environment:
    """Make a registered Gymnasium environment without Gymnasium's own checks of every step."""
    module, _, world = name.rpartition(":")
    if module:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise UnknownWorld(name, (), f"The module {module!r} cannot be imported: {error}.") from error
    _import_family(world)
    try:
        spec = gymnasium.spec(world)
    except gymnasium.error.Error as error:
        remedy = "Names are those of gymnasium.pprint_registry(); 'module:Name-v0' imports a module first."
        raise UnknownWorld(name, _nearest(world), remedy) from error
    try:
        return gymnasium.make(spec, disable_env_checker=True)
    except (ImportError, gymnasium.error.Error) as error:
        raise _cannot_make(name, error) from error


def _import_family(name: str) -> None:
    """Import the package that registers worlds of such a name, as their users would have to; else they are unknown."""
    for prefix, module, extra in FAMILIES:
        if name.startswith(prefix) and name not in gymnasium.registry:
            try:
                importlib.import_module(module)
            except ImportError as error:
                remedy = f"pip install 'reafference[{extra}]'"
                raise UnusableWorld(name, f"it needs {module}, which is not installed", remedy) from error


def _nearest(name: str) -> tuple[str, ...]:
    lower = {known.lower(): known for known in gymnasium.registry}
    return tuple(lower[found] for found in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6))


def _cannot_make(name: str, error: Exception) -> UnusableWorld:
    if "mujoco" in str(error).lower():
        return UnusableWorld(name, "it needs MuJoCo, which is not installed", "pip install 'reafference[mujoco]'")
    return UnusableWorld(
        name, f"Gymnasium cannot make it ({error})", "Install what it asks for, or take another world."
    )


def without_time_limit(environment: Environment) -> Environment:
    """Return the environment with every TimeLimit taken out of the wrappers, wherever it sits."""
    while isinstance(environment, TimeLimit):
        environment = environment.env
    layer = environment
    while isinstance(layer, gymnasium.Wrapper):
        while isinstance(layer.env, TimeLimit):
            layer.env = layer.env.env
        layer = layer.env
    return environment


def check_senses(name: str, space: spaces.Space[Any]) -> int:
    """Return how many numbers the body senses, or refuse."""
    kind = type(space).__name__
    flatten = "Wrap it in gymnasium.wrappers.FlattenObservation, or in an ObservationWrapper that picks the numbers."
    if isinstance(space, spaces.Dict | spaces.Tuple | spaces.Discrete | spaces.MultiDiscrete | spaces.MultiBinary):
        raise UnusableWorld(name, f"its observation is a {kind}, not a Box of numbers", flatten)
    if not isinstance(space, spaces.Box):
        remedy = "Wrap it in an ObservationWrapper that gives a Box of numbers."
        raise UnusableWorld(name, f"its observation is a {kind}, not a Box of numbers", remedy)
    pick = "Wrap it in gymnasium.wrappers.TransformObservation with a function that picks or compresses the numbers."
    if len(space.shape) >= 2 and space.dtype == np.uint8:
        raise UnusableWorld(name, f"its observation is an image of shape {space.shape}", pick)
    senses = math.prod(space.shape)
    if senses > MOST_SENSES:
        raise UnusableWorld(name, f"it has {senses} senses, at most {MOST_SENSES} are possible", pick)
    if senses == 0:
        raise UnusableWorld(name, f"its observation of shape {space.shape} is empty", "Give it at least one sense.")
    return senses


def frame_of(name: str, environment: Environment, frame: float | None) -> tuple[float, bool]:
    """Return the seconds of one step and whether they are assumed.

    Taken from `frame`, else from `dt` of the innermost environment if that is a positive number, else 0.05 s, assumed.
    """
    if frame is None:
        own: object = getattr(environment.unwrapped, "dt", None)
        if isinstance(own, bool) or not isinstance(own, int | float | np.number) or not own > 0:
            return USUAL_FRAME, True
        seconds = float(own)
        origin = "dt of the environment"
    else:
        seconds, origin = float(frame), "frame"
    if not SHORTEST_FRAME <= seconds <= LONGEST_FRAME:
        slip = f"did you mean {seconds:g} ms = {seconds * 1e-3:g} s? " if 1 < seconds <= 1000 else ""
        reason = f"{origin} = {seconds:g} s is outside {SHORTEST_FRAME:g} to {LONGEST_FRAME:g} s"
        raise UnusableWorld(name, reason, f"{slip}Pass frame=, the seconds that one step stands for.")
    return seconds, False
