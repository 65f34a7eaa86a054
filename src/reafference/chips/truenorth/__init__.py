"""TrueNorth: its cores, neurons and timing in the chip's own integers. See docs/chips_truenorth.md."""

from reafference.chips.truenorth.chip import TrueNorth, TrueNorthProgram
from reafference.chips.truenorth.core import NOWHERE, Core, Target
from reafference.chips.truenorth.corelet import Composition, Corelet, Of, Pins, Wire, compose
from reafference.chips.truenorth.illegal import Illegal
from reafference.chips.truenorth.machine import Machine, Run, Spikes
from reafference.chips.truenorth.mesh import Mesh
from reafference.chips.truenorth.neuron import Neuron, Reset
from reafference.chips.truenorth.precision import Dropped, Held, Precision
from reafference.chips.truenorth.rules import Rules, Saturating, Wrapping
from reafference.chips.truenorth.splitter import Split, split

__all__ = [
    "NOWHERE",
    "Composition",
    "Core",
    "Corelet",
    "Dropped",
    "Held",
    "Illegal",
    "Machine",
    "Mesh",
    "Neuron",
    "Of",
    "Pins",
    "Precision",
    "Reset",
    "Rules",
    "Run",
    "Saturating",
    "Spikes",
    "Split",
    "Target",
    "TrueNorth",
    "TrueNorthProgram",
    "Wire",
    "Wrapping",
    "compose",
    "split",
]
