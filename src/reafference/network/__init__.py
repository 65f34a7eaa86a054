"""What a network is: neurons, sources, wiring, plasticity. Frozen data that engine, chips and files can all read."""

from reafference.network.network import Network, Population, Projection
from reafference.network.neurons import AdEx, ConductanceLIF, CurrentLIF, DeltaLIF, Izhikevich, Neuron
from reafference.network.plasticity import AntiHebbian, Plasticity, ThreeFactor
from reafference.network.sources import Poisson, PoissonInput, SpikeTrain
from reafference.network.values import LogNormal, Normal, Uniform
from reafference.network.wiring import (
    AllToAll,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    FixedTotalNumber,
    LogNormalDegree,
    OneToOne,
    Wiring,
)

__all__ = [
    "AdEx",
    "AllToAll",
    "AntiHebbian",
    "ConductanceLIF",
    "CurrentLIF",
    "DeltaLIF",
    "EdgeList",
    "FixedInDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "Izhikevich",
    "LogNormal",
    "LogNormalDegree",
    "Network",
    "Neuron",
    "Normal",
    "OneToOne",
    "Plasticity",
    "Poisson",
    "PoissonInput",
    "Population",
    "Projection",
    "SpikeTrain",
    "ThreeFactor",
    "Uniform",
    "Wiring",
]
