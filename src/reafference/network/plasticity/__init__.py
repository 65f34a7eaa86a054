"""Rules by which synapses learn, as data. Local, lazy; some are gated by a modulator that the closed loop may set."""

from reafference.network.plasticity.bounds import check_weights
from reafference.network.plasticity.dependence import Additive, Dependence, Multiplicative, PowerLaw, SoftBounds
from reafference.network.plasticity.inhibitory import InhibitorySTDP
from reafference.network.plasticity.pairing import AllSpikes, NearestSpike, Pairing
from reafference.network.plasticity.reward import RewardSTDP
from reafference.network.plasticity.stdp import PairSTDP, TripletSTDP
from reafference.network.plasticity.three_factor import AntiHebbian, ThreeFactor

IntervalRule = ThreeFactor | AntiHebbian  # change weights once an interval
SpikeRule = PairSTDP | TripletSTDP | RewardSTDP | InhibitorySTDP  # change weights at spikes
Plasticity = ThreeFactor | AntiHebbian | PairSTDP | TripletSTDP | RewardSTDP | InhibitorySTDP

__all__ = [
    "Additive",
    "AllSpikes",
    "AntiHebbian",
    "Dependence",
    "InhibitorySTDP",
    "IntervalRule",
    "Multiplicative",
    "NearestSpike",
    "PairSTDP",
    "Pairing",
    "Plasticity",
    "PowerLaw",
    "RewardSTDP",
    "SoftBounds",
    "SpikeRule",
    "ThreeFactor",
    "TripletSTDP",
    "check_weights",
]
