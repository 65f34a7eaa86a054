"""Neurons to cores under a chip's limits, cores to places on its mesh, and what the spikes then ask of the links."""

from reafference.chips.placement.arrange import Annealed, RowMajor, Scattered
from reafference.chips.placement.check import Use, violations
from reafference.chips.placement.cut import Cut, Grown, Metis, cut
from reafference.chips.placement.graph import Graph
from reafference.chips.placement.limits import CoreLimits, ListBits
from reafference.chips.placement.mesh import Mesh, XThenY, YThenX
from reafference.chips.placement.place import Placement, place
from reafference.chips.placement.traffic import Traffic, flow, traffic

__all__ = [
    "Annealed",
    "CoreLimits",
    "Cut",
    "Graph",
    "Grown",
    "ListBits",
    "Mesh",
    "Metis",
    "Placement",
    "RowMajor",
    "Scattered",
    "Traffic",
    "Use",
    "XThenY",
    "YThenX",
    "cut",
    "flow",
    "place",
    "traffic",
    "violations",
]
