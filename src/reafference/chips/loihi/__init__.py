"""Loihi: its neuron and synapses in integers, in the dialects of its public models."""

from reafference.chips.loihi.compartments import Compartments
from reafference.chips.loihi.cores import Activity, LoihiCores
from reafference.chips.loihi.dialect import (
    BRIAN2LOIHI,
    LAVA,
    NENGO_LOIHI,
    SILICON,
    Dialect,
    FoldOnce,
    TwosComplement,
)
from reafference.chips.loihi.synapses import SynapseGroup
from reafference.chips.loihi.weights import FloorWeights, NearestWeights, Sign, SynapseFormat, TruncateWeights

__all__ = [
    "BRIAN2LOIHI",
    "LAVA",
    "NENGO_LOIHI",
    "SILICON",
    "Activity",
    "Compartments",
    "Dialect",
    "FloorWeights",
    "FoldOnce",
    "LoihiCores",
    "NearestWeights",
    "Sign",
    "SynapseFormat",
    "SynapseGroup",
    "TruncateWeights",
    "TwosComplement",
]
