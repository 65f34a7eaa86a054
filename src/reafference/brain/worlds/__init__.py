"""Bodies and worlds: any Gymnasium environment whose action is a Box or Discrete and whose observation is a Box."""

from reafference.brain.worlds.errors import (
    BadCommand,
    BadSensation,
    NoHand,
    NoSnapshot,
    UnknownWorld,
    UnusableWorld,
    WorldError,
)
from reafference.brain.worlds.pendulum import PushablePendulum
from reafference.brain.worlds.reacher import PushableReacher
from reafference.brain.worlds.whisker import Whisker
from reafference.brain.worlds.world import Snapshot, World, open_world

__all__ = [
    "BadCommand",
    "BadSensation",
    "NoHand",
    "NoSnapshot",
    "PushablePendulum",
    "PushableReacher",
    "Snapshot",
    "UnknownWorld",
    "UnusableWorld",
    "Whisker",
    "World",
    "WorldError",
    "open_world",
]
