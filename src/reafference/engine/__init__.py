"""Runs a network by events: cost follows activity. `run` for a stretch of time, `Simulation` for a closed loop."""

from reafference.engine.as_learned import as_learned, played_back
from reafference.engine.local_ranks import local_ranks
from reafference.engine.ranks import RankError
from reafference.engine.run import run
from reafference.engine.simulation import Simulation
from reafference.engine.spikes import Spikes, Watch

__all__ = ["RankError", "Simulation", "Spikes", "Watch", "as_learned", "local_ranks", "played_back", "run"]
