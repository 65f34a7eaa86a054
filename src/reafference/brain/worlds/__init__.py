"""Bodies and worlds: any Gymnasium environment whose action is a Box or Discrete and whose observation is a Box.

Worlds of symbols (`reafference.brain.maps.symbols`) have Discrete actions and observations that come back exactly.
"""

from reafference.brain.worlds.bodies import FourWay, Turning
from reafference.brain.worlds.errors import (
    BadCommand,
    BadSensation,
    NoHand,
    NoSnapshot,
    TooManySymbols,
    UnknownWorld,
    UnusableWorld,
    WorldError,
)
from reafference.brain.worlds.features import InnerWalls, OneWayDoor, Portal, Torus
from reafference.brain.worlds.front_view import FrontView
from reafference.brain.worlds.pendulum import PushablePendulum
from reafference.brain.worlds.reacher import PushableReacher
from reafference.brain.worlds.room import AliasedRoom
from reafference.brain.worlds.same_room import SameRoom
from reafference.brain.worlds.whisker import Whisker
from reafference.brain.worlds.world import Snapshot, World, open_world

__all__ = [
    "AliasedRoom",
    "BadCommand",
    "BadSensation",
    "FourWay",
    "FrontView",
    "InnerWalls",
    "NoHand",
    "NoSnapshot",
    "OneWayDoor",
    "Portal",
    "PushablePendulum",
    "PushableReacher",
    "SameRoom",
    "Snapshot",
    "TooManySymbols",
    "Torus",
    "Turning",
    "UnknownWorld",
    "UnusableWorld",
    "Whisker",
    "World",
    "WorldError",
    "open_world",
]
