"""A world as a mapping agent sees it: a number for what it did, a number for what it senses, and no end."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
from gymnasium import spaces
from gymnasium.utils import EzPickle

from reafference.brain.worlds.canonical import canonical
from reafference.brain.worlds.errors import NoSnapshot, TooManySymbols, UnusableWorld, WorldError
from reafference.brain.worlds.front_view import FrontView
from reafference.brain.worlds.hands import Environment, layers
from reafference.brain.worlds.motor import ChoiceMotor
from reafference.brain.worlds.opening import make_environment, without_time_limit
from reafference.brain.worlds.same_room import SameRoom
from reafference.brain.worlds.whole import check_whole

MOST_SYMBOLS = 1000


class SymbolWorld(Protocol):
    """All that an agent which maps knows of a world: no coordinates, no bumps, no restarts, no reward."""

    @property
    def name(self) -> str:
        """Name of the world."""
        ...

    @property
    def actions(self) -> int:
        """Number of actions."""
        ...

    def reset(self) -> int:
        """Begin, and return the first symbol."""
        ...

    def step(self, action: int) -> int:
        """Do an action, 0 to actions - 1, and return the symbol after it."""
        ...


class RewardingWorld(SymbolWorld, Protocol):
    """A world without end that also tells what an action earned, for agents that want something."""

    def earn(self, action: int) -> tuple[int, float]:
        """Do an action, 0 to actions - 1: the symbol after it, as `step` returns it, and its reward."""
        ...


class EpisodicWorld(RewardingWorld, Protocol):
    """A world that also tells when an episode ends."""

    def act(self, action: int) -> Moment:
        """Do an action, 0 to actions - 1, and return all that came of it."""
        ...


@dataclass(frozen=True)
class Moment:
    """What came of one action.

    symbol      that it led to, also where the episode ended there
    reward      as the environment gives it
    terminated  the episode ended there, so nothing is to be expected from that symbol
    truncated   the episode was cut off, as by a time limit
    restart     first symbol of the next episode, None while an episode goes on
    """

    symbol: int
    reward: float
    terminated: bool
    truncated: bool
    restart: int | None

    @property
    def now(self) -> int:
        """Symbol that the next action starts from."""
        return self.symbol if self.restart is None else self.restart


def symbol_world(
    world: str | gymnasium.Env[Any, Any], *, seed: int = 0, most_symbols: int = MOST_SYMBOLS
) -> GymnasiumSymbols:
    """Open a Gymnasium environment for a life without end, as whole numbers.

    world         name of a registered environment, or an environment. Actions must be Discrete; observations Discrete,
                  MultiDiscrete, MultiBinary, Text, a Box of at most 256 whole numbers, or a Tuple or Dict of such
    seed          of the first `reset`; the same seed and actions give the same life
    most_symbols  different observations that may be met

    Time limits are taken out. Worlds of MiniGrid that are opened by name have a body that turns left, turns right and
    goes forward and sees only the cell in front of it, have no limit of steps, and are the same room after a restart.

    Raises UnknownWorld (nearest names given) or UnusableWorld (reason and remedy given), both ValueErrors.

    >>> world = symbol_world("FrozenLake-v1", seed=1)
    >>> world
    FrozenLake-v1: 4 actions, 0 symbols so far, at most 1000
    >>> world.reset()
    0
    >>> symbol = world.step(2)
    """
    name, environment = _opened(world)
    if isinstance(environment, FrontView):
        environment = SameRoom(environment.without_step_limit())
    return GymnasiumSymbols(name, without_time_limit(environment), seed=seed, most_symbols=most_symbols)


def episodic_world(
    world: str | gymnasium.Env[Any, Any], *, seed: int = 0, most_symbols: int = MOST_SYMBOLS
) -> GymnasiumSymbols:
    """Open a Gymnasium environment as `symbol_world` does, but with its time limits, and drawn anew where it is so."""
    name, environment = _opened(world)
    return GymnasiumSymbols(name, environment, seed=seed, most_symbols=most_symbols)


class GymnasiumSymbols:
    """A Gymnasium environment as whole numbers, made by `symbol_world` or `episodic_world`.

    name     of the environment
    actions  number of actions
    met      the observations that were met, in the order of their symbols

    Symbols are numbered from 0 as they are first met. A copy (`copy.deepcopy`) or a pickle of it goes on with the same
    random numbers; NoSnapshot is raised where the environment does not survive that.
    """

    def __init__(self, name: str, environment: Environment, *, seed: int, most_symbols: int):
        self._seed: int | None = check_whole("seed", seed, 0)
        self._most = check_whole("most_symbols", most_symbols, 1)
        self.name = name
        self._motor = _choices(name, environment.action_space)
        self.actions = self._motor.actions
        self._key = canonical(name, environment.observation_space)
        self._environment = environment
        self._numbers: dict[Hashable, int] = {}
        self._begun = False
        self._sensed = 0

    def __repr__(self) -> str:
        return f"{self.name}: {self.actions} actions, {len(self._numbers)} symbols so far, at most {self._most}"

    @property
    def environment(self) -> Environment:
        """What is behind the symbols, for experimenters only."""
        return self._environment

    @property
    def met(self) -> tuple[Hashable, ...]:
        """The observations that were met, as whole numbers, text and tuples of such; symbol k is met[k]."""
        return tuple(self._numbers)

    def reset(self) -> int:
        """Begin, and return the first symbol. The first call uses the seed, later ones go on from it."""
        self._begun = True
        return self._symbol(self._begin())

    def step(self, action: int) -> int:
        """Do an action, and return the symbol after it; where an episode ends, the first symbol of the next one.

        Raises BadCommand for what is no action, TooManySymbols, and UnusableWorld where the environment gives what its
        observation_space does not promise.
        """
        return self.earn(action)[0]

    def earn(self, action: int) -> tuple[int, float]:
        """Do an action: the symbol that `step` returns, and what the action earned. Raises as `step` does."""
        observation, reward, terminated, truncated = self._do(action)
        return self._symbol(self._begin() if terminated or truncated else observation), reward

    def act(self, action: int) -> Moment:
        """Do an action, and return all that came of it. Raises as `step` does."""
        observation, reward, terminated, truncated = self._do(action)
        symbol = self._symbol(observation)
        restart = self._symbol(self._begin()) if terminated or truncated else None
        return Moment(symbol, reward, terminated, truncated, restart)

    def provide(self, most_symbols: int) -> None:
        """Allow so many different observations from now on. Raises ValueError if more were met already."""
        self._most = check_whole("most_symbols", most_symbols, max(1, len(self._numbers)))

    def close(self) -> None:
        """Let the environment free what it holds."""
        self._environment.close()

    def __getstate__(self) -> dict[str, Any]:
        if any(isinstance(layer, EzPickle) for layer in layers(self._environment)):
            raise NoSnapshot(self.name, "a copy of it is a new one in its first state")
        return self.__dict__.copy()

    def _begin(self) -> Any:
        seed, self._seed = self._seed, None
        observation, _ = self._environment.reset(seed=seed)
        return observation

    def _do(self, action: int) -> tuple[Any, float, bool, bool]:
        if not self._begun:
            raise WorldError(f"{self.name}: call reset() before the first step.")
        choice = self._motor.action(action, 1.0)
        observation, reward, terminated, truncated, _ = self._environment.step(choice)
        return observation, float(reward), bool(terminated), bool(truncated)

    def _symbol(self, observation: Any) -> int:
        self._sensed += 1
        key = self._key(observation)
        number = self._numbers.get(key)
        if number is not None:
            return number
        if len(self._numbers) == self._most:
            raise TooManySymbols(self.name, self._most, self._sensed)
        self._numbers[key] = len(self._numbers)
        return self._numbers[key]


def _opened(world: str | gymnasium.Env[Any, Any]) -> tuple[str, Environment]:
    if isinstance(world, str):
        environment = make_environment(world)
        return world, FrontView(environment) if FrontView.fits(environment) else environment
    if isinstance(world, gymnasium.Env):
        return world.spec.id if world.spec is not None else type(world.unwrapped).__name__, world
    raise TypeError(
        f"a world is the name of a Gymnasium environment or a gymnasium.Env, not {world!r}; "
        "call the class to get an environment, and take one of a vector."
    )


def _choices(name: str, space: spaces.Space[Any]) -> ChoiceMotor:
    if isinstance(space, spaces.Discrete):
        return ChoiceMotor(name, space)
    remedy = "Wrap it in an ActionWrapper whose action_space is one Discrete: a few actions that are worth having."
    raise UnusableWorld(name, f"its action is a {type(space).__name__}, and a map is made of Discrete ones", remedy)
