"""Outside hands: who can push a body besides its own motors, and how `open_world` finds them.

A hand is found in this order: the environment itself or any wrapper around it that has `largest_force` and `push`; else
the first class in `HANDS` that fits. So an environment of one's own needs no entry here, and neither does a hand that
is put around an environment before it is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

import gymnasium

from reafference.brain.worlds.pendulum import PushablePendulum
from reafference.brain.worlds.reacher import PushableReacher

Environment = gymnasium.Env[Any, Any]
Wanted = TypeVar("Wanted")

HANDS = (PushablePendulum, PushableReacher)


@runtime_checkable
class Hand(Protocol):
    """Someone who can push the body during the next step."""

    @property
    def largest_force(self) -> float:
        """Largest force of the body's own motor, N or N m."""
        ...

    def push(self, force: float) -> None:
        """Push during the next step with `force` (signed, in units of `largest_force`), in addition to the motor."""
        ...


@runtime_checkable
class Named(Protocol):
    """Something that knows what the numbers of its observation mean."""

    @property
    def senses(self) -> tuple[str, ...]:
        """Name of each number of the flattened observation."""
        ...


@runtime_checkable
class Kept(Protocol):
    """Something whose whole state, random numbers and pending push included, can be kept and brought back."""

    def save_state(self) -> object:
        """Return the state; later steps leave it as it is."""
        ...

    def load_state(self, state: object) -> None:
        """Go back to a state that `save_state` returned; the same one may be loaded many times."""
        ...


def layers(environment: Environment) -> Iterator[Environment]:
    """Yield the environment and everything inside it, outermost first."""
    yield environment
    while isinstance(environment, gymnasium.Wrapper):
        environment = environment.env
        yield environment


def find(environment: Environment, wanted: type[Wanted]) -> Wanted | None:
    """Return the outermost layer that is a `wanted`, or None."""
    for layer in layers(environment):
        if isinstance(layer, wanted):
            return layer
    return None


def with_hand(environment: Environment) -> Environment:
    """Return the environment with the hand that fits, or as it is when it has one already or none fits."""
    if find(environment, Hand) is not None:
        return environment
    for hand in HANDS:
        if hand.fits(environment):
            return hand(environment)
    return environment
