"""Neurons to cores under a chip's limits, cores to places on its mesh, and what the spikes then ask of the links."""

from reafference.chips.placement.arrange import Annealed, Arrangement, RowMajor, Scattered
from reafference.chips.placement.axon_types import Typed, typed
from reafference.chips.placement.check import Use, violations
from reafference.chips.placement.copies import copied
from reafference.chips.placement.cut import Cut, Grown, Metis, cut, how_cut, usual_starts
from reafference.chips.placement.extra import Extended, Price, Role, unchanged
from reafference.chips.placement.graph import Graph
from reafference.chips.placement.limits import CoreLimits, ListBits
from reafference.chips.placement.mesh import Mesh, XThenY, YThenX
from reafference.chips.placement.place import Placement, place
from reafference.chips.placement.relays import Relayed, relayed
from reafference.chips.placement.relieve import Relieved
from reafference.chips.placement.traffic import Traffic, flow, traffic
from reafference.chips.placement.ways import Copies, Fitted, Relays, Spread

__all__ = [
    "Annealed",
    "Arrangement",
    "Copies",
    "CoreLimits",
    "Cut",
    "Extended",
    "Fitted",
    "Graph",
    "Grown",
    "ListBits",
    "Mesh",
    "Metis",
    "Placement",
    "Price",
    "Relayed",
    "Relays",
    "Relieved",
    "Role",
    "RowMajor",
    "Scattered",
    "Spread",
    "Traffic",
    "Typed",
    "Use",
    "XThenY",
    "YThenX",
    "copied",
    "cut",
    "flow",
    "how_cut",
    "place",
    "relayed",
    "traffic",
    "typed",
    "unchanged",
    "usual_starts",
    "violations",
]
