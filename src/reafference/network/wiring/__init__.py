"""Which neuron reaches which: wirings as data that can draw their synapses; parts.py tells what a wiring is."""

from reafference.network.wiring.even import FixedInDegree, FixedProbability, FixedTotalNumber
from reafference.network.wiring.given import AllToAll, EdgeList, OneToOne
from reafference.network.wiring.lognormal import LogNormalDegree
from reafference.network.wiring.parts import PART, Edges, Index, InParts, Parts, Wiring, parts_of

__all__ = [
    "PART",
    "AllToAll",
    "EdgeList",
    "Edges",
    "FixedInDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "InParts",
    "Index",
    "LogNormalDegree",
    "OneToOne",
    "Parts",
    "Wiring",
    "parts_of",
]
