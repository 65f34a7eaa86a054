"""Rooms whose places look alike: the body senses one of few symbols, and nothing tells it where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np

from reafference.brain.worlds.bodies import Body, FourWay
from reafference.brain.worlds.errors import BadCommand, WorldError
from reafference.brain.worlds.features import Feature
from reafference.brain.worlds.layout import Layout, draw_layout
from reafference.brain.worlds.picture import Pixels, letters, pixels
from reafference.brain.worlds.whole import check_whole

NAME = "reafference/AliasedRoom-v0"
LONGEST_SIDE = 256


class AliasedRoom(gymnasium.Env[Any, Any]):
    """A room of rows x columns places, each with one of a few symbols; the body senses the symbol of its place.

    rows, columns  1 to 256
    symbols        2 or more; None: every pose (place and heading) has a symbol of its own, as in a practice arena
    noise          share of sensations that are wrong: one of the other symbols, all equally likely
    body           FourWay() or Turning()
    features       what is built into the open room, one after another: InnerWalls(8), Torus(), Portal(), OneWayDoor()
    seed           of walls, features and symbols; None: every reset that is given a seed draws the room from it
    render_mode    None, "ansi" or "rgb_array"

    An action against a wall leaves the body where it is, and nothing tells it so. There is no task: the reward is
    always 0 and nothing ends. `reset` puts the body into any pose; its seed decides that and the wrong symbols.

    What is promised: every place can be reached from every other, and some word of actions tells any two poses apart by
    their true symbols, so no two are duplicates by symmetry. Rooms without this are drawn again. It is checked by
    refining a partition (Moore 1956, see `alike`).

    `info` holds pose, place and true symbol, and `layout` the whole truth, for experimenters only.
    Source: rooms of this kind are those of George et al., "Clone-structured graph representations enable flexible
    learning and vicarious evaluation of cognitive maps", Nature Communications 12 (2021) 2392.

    Raises ValueError for a parameter out of range, and UnusableWorld where no such room was found.

    >>> from reafference.brain.worlds import InnerWalls
    >>> room = AliasedRoom(6, 8, symbols=4, noise=0.05, features=[InnerWalls(8)], seed=5, render_mode="ansi")
    >>> room.layout
    6 x 8 places, 48 poses, 4 symbols
    >>> symbol, info = room.reset(seed=1)
    >>> picture = room.render()
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # noqa: RUF012 - as Gymnasium

    def __init__(
        self,
        rows: int = 6,
        columns: int = 8,
        *,
        symbols: int | None = 4,
        noise: float = 0.0,
        body: Body = FourWay(),  # noqa: B008 - frozen
        features: Sequence[Feature] = (),
        seed: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        self._rows = check_whole("AliasedRoom.rows", rows, 1, LONGEST_SIDE)
        self._columns = check_whole("AliasedRoom.columns", columns, 1, LONGEST_SIDE)
        self._symbols = None if symbols is None else check_whole("AliasedRoom.symbols", symbols, 2)
        self._body = body
        self._features = tuple(features)
        self._seed = None if seed is None else check_whole("AliasedRoom.seed", seed, 0)
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"AliasedRoom.render_mode = {render_mode!r} must be None, 'ansi' or 'rgb_array'.")
        self.render_mode = render_mode
        shown = self._rows * self._columns * body.headings if self._symbols is None else self._symbols
        self._noise = _check_noise(noise, shown)
        self.action_space = gymnasium.spaces.Discrete(len(body.actions))
        self.observation_space = gymnasium.spaces.Discrete(shown)
        self._layout: Layout | None = None if self._seed is None else self._draw(np.random.default_rng(self._seed))
        self._pose = -1

    @property
    def layout(self) -> Layout:
        """The room as it was drawn. Raises WorldError before the first reset of a room without a seed of its own."""
        if self._layout is None:
            raise WorldError(f"{NAME}: the room is drawn by the first reset(); call it, or give the room a seed.")
        return self._layout

    @property
    def pose(self) -> int:
        """The pose of the body, for experimenters only; -1 before the first reset."""
        return self._pose

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Put the body into some pose; a room without a seed of its own is drawn if `seed` is given or none was yet."""
        super().reset(seed=seed)
        if self._seed is None and (seed is not None or self._layout is None):
            self._layout = self._draw(self.np_random)
        self._pose = int(self.np_random.integers(len(self.layout.symbol)))
        return self._sensed()

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Do the action and sense the symbol there. Raises BadCommand for what is no action."""
        if self._pose < 0:
            raise WorldError(f"{NAME}: call reset() before the first step().")
        actions = len(self._body.actions)
        if isinstance(action, bool) or not isinstance(action, int | np.integer) or not 0 <= action < actions:
            raise BadCommand(NAME, action, f"a whole number from 0 to {actions - 1}")
        self._pose = int(self.layout.target[self._pose, action])
        symbol, info = self._sensed()
        return symbol, 0.0, False, False, info

    def render(self) -> str | Pixels | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the room with its body: text for "ansi", (24 rows, 24 columns, 3) pixels for "rgb_array"."""
        if self.render_mode is None:
            return None
        if self._pose < 0:
            raise WorldError(f"{NAME}: call reset() before render().")
        return letters(self.layout, self._pose) if self.render_mode == "ansi" else pixels(self.layout, self._pose)

    def _draw(self, random: np.random.Generator) -> Layout:
        return draw_layout(
            self._rows, self._columns, symbols=self._symbols, body=self._body, features=self._features, random=random
        )

    def _sensed(self) -> tuple[int, dict[str, Any]]:
        true = int(self.layout.symbol[self._pose])
        info = {"pose": self._pose, "place": self._pose // self.layout.headings, "symbol": true}
        if not self._noise or self.np_random.random() >= self._noise:
            return true, info
        wrong = int(self.np_random.integers(self.layout.symbols - 1))
        return wrong + (wrong >= true), info


def _check_noise(noise: float, symbols: int) -> float:
    highest = 1 - 1 / symbols
    if not 0 <= noise < highest:  # written so that nan is refused
        raise ValueError(
            f"AliasedRoom.noise = {noise} must be from 0 to below {highest:g}: with such a share of {symbols} symbols "
            "wrong, they say nothing."
        )
    return float(noise)


if NAME not in gymnasium.registry:
    gymnasium.register(id=NAME, entry_point="reafference.brain.worlds.room:AliasedRoom")
