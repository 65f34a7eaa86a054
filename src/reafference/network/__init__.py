"""What a network is: neurons, sources, wiring, plasticity. Frozen data that engine, chips and files can all read."""

from reafference.network.file import load_network, save_network
from reafference.network.integer import BadStep
from reafference.network.network import Network, Population, Projection
from reafference.network.neurons import (
    AdEx,
    ConductanceLIF,
    CurrentLIF,
    DeltaLIF,
    IntegerNeuron,
    Izhikevich,
    Neuron,
    WholePerNeuron,
)
from reafference.network.plasticity import (
    Additive,
    AllSpikes,
    AntiHebbian,
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    PairSTDP,
    Plasticity,
    PowerLaw,
    RewardSTDP,
    SoftBounds,
    ThreeFactor,
    TripletSTDP,
)
from reafference.network.release import Release
from reafference.network.short_term import TsodyksMarkram
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
    "LogNormal",
    "LogNormalDegree",
    "Multiplicative",
    "NearestSpike",
    "Network",
    "Neuron",
    "Normal",
    "OneToOne",
    "PairSTDP",
    "Plasticity",
    "Poisson",
    "PoissonInput",
    "Population",
    "PowerLaw",
    "Projection",
    "Release",
    "RewardSTDP",
    "SoftBounds",
    "SpikeTrain",
    "ThreeFactor",
    "TripletSTDP",
    "TsodyksMarkram",
    "Uniform",
    "WholePerNeuron",
    "Wiring",
    "load_network",
    "save_network",
]
