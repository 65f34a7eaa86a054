"""From an observation to something that can be looked up: equal observations become equal keys."""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from reafference.brain.worlds.errors import UnusableWorld

MOST_NUMBERS = 256
ROUND = (
    "Wrap it in an ObservationWrapper that rounds or picks what matters and whose observation_space is Discrete or "
    "MultiDiscrete."
)


class Canonical(Protocol):
    """What turns the observations of one space into keys."""

    def __call__(self, observation: Any) -> Hashable:
        """Return the key, or raise UnusableWorld if the observation is not what its space promised."""
        ...


@dataclass(frozen=True)
class Number:
    """Of a Discrete: the number."""

    name: str

    def __call__(self, observation: Any) -> int:
        """Return the observation as an int."""
        try:
            return operator.index(observation)
        except TypeError:
            raise _broken(self.name, "a whole number", observation) from None


@dataclass(frozen=True)
class Numbers:
    """Of an array of whole numbers: a tuple of them, in C order."""

    name: str
    shape: tuple[int, ...]

    def __call__(self, observation: Any) -> tuple[int, ...]:
        """Return the numbers."""
        array: npt.NDArray[Any] = np.asarray(observation)
        if array.shape != self.shape or array.dtype.kind not in "iub":
            raise _broken(self.name, f"whole numbers of shape {self.shape}", observation)
        return tuple(int(number) for number in array.ravel())


@dataclass(frozen=True)
class Word:
    """Of a Text: the text."""

    name: str

    def __call__(self, observation: Any) -> str:
        """Return the text."""
        if not isinstance(observation, str):
            raise _broken(self.name, "text", observation)
        return observation


@dataclass(frozen=True)
class Parts:
    """Of a Tuple or Dict: a tuple of the keys of its parts, in the order of the space."""

    name: str
    indices: tuple[Any, ...]
    parts: tuple[Canonical, ...]

    def __call__(self, observation: Any) -> tuple[Hashable, ...]:
        """Return the keys of the parts."""
        try:
            return tuple(part(observation[index]) for index, part in zip(self.indices, self.parts, strict=True))
        except (TypeError, KeyError, IndexError):
            raise _broken(self.name, f"parts {', '.join(map(str, self.indices))}", observation) from None


def canonical(name: str, space: spaces.Space[Any]) -> Canonical:
    """Return what turns observations of `space` into keys, or refuse: UnusableWorld with reason and remedy."""
    if isinstance(space, spaces.Discrete):
        return Number(name)
    if isinstance(space, spaces.Text):
        return Word(name)
    if isinstance(space, spaces.Tuple):
        return Parts(name, tuple(range(len(space.spaces))), tuple(canonical(name, part) for part in space.spaces))
    if isinstance(space, spaces.Dict):
        return Parts(name, tuple(space.spaces), tuple(canonical(name, part) for part in space.spaces.values()))
    if not isinstance(space, spaces.Box | spaces.MultiDiscrete | spaces.MultiBinary):
        raise UnusableWorld(name, f"nothing here can tell whether two of its {type(space).__name__} are equal", ROUND)
    shape: tuple[int, ...] = tuple(space.shape or ())
    kind: np.dtype[Any] = np.dtype(space.dtype)
    if kind.kind not in "iub":
        reason = f"its observation is a {type(space).__name__} of {kind} numbers, which hardly ever come back exactly"
        raise UnusableWorld(name, reason, ROUND)
    if math.prod(shape) > MOST_NUMBERS:
        reason = f"its observation of shape {shape} is {math.prod(shape)} numbers, at most {MOST_NUMBERS} make a symbol"
        raise UnusableWorld(name, reason, ROUND)
    return Numbers(name, shape)


def _broken(name: str, promised: str, observation: object) -> UnusableWorld:
    reason = f"it promised {promised} and gave {observation!r}"
    return UnusableWorld(name, reason, "Mend its observation_space or what its step() and reset() return.")
