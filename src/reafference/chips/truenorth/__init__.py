"""TrueNorth: its cores, neurons and timing in the chip's own integers. See docs/chips_truenorth.md."""

from reafference.chips.truenorth.core import NOWHERE, Core, Target
from reafference.chips.truenorth.illegal import Illegal
from reafference.chips.truenorth.machine import Machine, Run, Spikes
from reafference.chips.truenorth.mesh import Mesh
from reafference.chips.truenorth.neuron import Neuron, Reset
from reafference.chips.truenorth.rules import Rules, Saturating, Wrapping

__all__ = [
    "NOWHERE",
    "Core",
    "Illegal",
    "Machine",
    "Mesh",
    "Neuron",
    "Reset",
    "Rules",
    "Run",
    "Saturating",
    "Spikes",
    "Target",
    "Wrapping",
]
