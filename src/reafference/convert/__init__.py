"""A trained PyTorch network as a spiking one that answers in one time step. Needs torch (extra `convert`)."""

from reafference.convert.convert import convert
from reafference.convert.converted import Converted
from reafference.convert.emission import BitPlane, Emission, Graded, Unary
from reafference.convert.fault import CannotConvert, Fault
from reafference.convert.neuron import ScaleAndFire
from reafference.convert.plan import Fate, NodeReport

__all__ = [
    "BitPlane",
    "CannotConvert",
    "Converted",
    "Emission",
    "Fate",
    "Fault",
    "Graded",
    "NodeReport",
    "ScaleAndFire",
    "Unary",
    "convert",
]
