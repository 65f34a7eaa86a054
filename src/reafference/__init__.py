"""Inside-out neuromorphic computing: describe a spiking network, run it by events, give it a body, see what it learns.

Names are loaded when they are first used, so that describing a network does not wait for the compiler.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reafference.network import (
    Additive,
    AdEx,
    AllSpikes,
    AllToAll,
    AntiHebbian,
    BadStep,
    ConductanceLIF,
    CurrentLIF,
    DeltaLIF,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    FixedTotalNumber,
    InhibitorySTDP,
    IntegerNeuron,
    Izhikevich,
    LogNormal,
    LogNormalDegree,
    Multiplicative,
    NearestSpike,
    Network,
    Normal,
    OneToOne,
    PairSTDP,
    Poisson,
    PoissonInput,
    Population,
    PowerLaw,
    Projection,
    Release,
    RewardSTDP,
    SoftBounds,
    SpikeTrain,
    ThreeFactor,
    TripletSTDP,
    TsodyksMarkram,
    Uniform,
    WholePerNeuron,
    load_network,
    save_network,
)
from reafference.recording import Recording, Trace

if TYPE_CHECKING:
    from reafference.brain.life import Life
    from reafference.brain.live import live
    from reafference.brain.lognormal import LogNormalPlan, lognormal_brain
    from reafference.brain.worlds import open_world
    from reafference.engine import Simulation, Watch, as_learned, played_back, run
    from reafference.nir import read_nir, write_nir
    from reafference.report.page import write_page

__version__ = "0.1.0"

_LATER = {
    "Simulation": "reafference.engine",
    "Watch": "reafference.engine",
    "as_learned": "reafference.engine",
    "played_back": "reafference.engine",
    "run": "reafference.engine",
    "Life": "reafference.brain.life",
    "live": "reafference.brain.live",
    "LogNormalPlan": "reafference.brain.lognormal",
    "lognormal_brain": "reafference.brain.lognormal",
    "open_world": "reafference.brain.worlds",
    "read_nir": "reafference.nir",
    "write_nir": "reafference.nir",
    "write_page": "reafference.report.page",
}

__all__ = [
    "AdEx",
    "Additive",
    "AllSpikes",
    "AllToAll",
    "AntiHebbian",
    "BadStep",
    "ConductanceLIF",
    "CurrentLIF",
    "DeltaLIF",
    "EdgeList",
    "FixedInDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "InhibitorySTDP",
    "IntegerNeuron",
    "Izhikevich",
    "Life",
    "LogNormal",
    "LogNormalDegree",
    "LogNormalPlan",
    "Multiplicative",
    "NearestSpike",
    "Network",
    "Normal",
    "OneToOne",
    "PairSTDP",
    "Poisson",
    "PoissonInput",
    "Population",
    "PowerLaw",
    "Projection",
    "Recording",
    "Release",
    "RewardSTDP",
    "Simulation",
    "SoftBounds",
    "SpikeTrain",
    "ThreeFactor",
    "Trace",
    "TripletSTDP",
    "TsodyksMarkram",
    "Uniform",
    "Watch",
    "WholePerNeuron",
    "as_learned",
    "live",
    "load_network",
    "lognormal_brain",
    "open_world",
    "played_back",
    "read_nir",
    "run",
    "save_network",
    "write_nir",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"reafference has no {name!r}; it has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted(__all__)
