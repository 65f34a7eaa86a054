"""A world that is the same again after every restart."""

from __future__ import annotations

from typing import Any

import gymnasium


class SameRoom(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """An environment in which a reset without a seed repeats the last seed, so that nothing is drawn anew.

    Worlds such as MiniGrid's draw another room at every reset, and no map outlives that. Chance within an episode,
    where there is any, is repeated, too.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]):
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        self._seed: int | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start with `seed`, or with the last one that was given."""
        self._seed = self._seed if seed is None else seed
        return self.env.reset(seed=self._seed, options=options)
