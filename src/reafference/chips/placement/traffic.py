"""What spikes ask of the mesh: messages, hops, the load of every link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from reafference.chips.placement.graph import Floats, Graph, Int32s, Int64s, axons, distinct
from reafference.chips.placement.mesh import Mesh
from reafference.chips.placement.walk import walk


def flow(graph: Graph, core: Int32s, cores: int) -> sparse.csr_matrix:
    """(cores, cores) float64, messages from core to core: one for each spike, axon and core that the axon reaches.

    Those that come from outside the chip are not among them: nobody says where they enter the mesh.
    """
    source, pair = messages(graph, core, cores)
    inside = core[source] >= 0
    source, pair = source[inside], pair[inside]
    made = sparse.csr_matrix((graph.activity()[source], (core[source], pair % max(cores, 1))), shape=(cores, cores))
    made.sum_duplicates()
    return made


def messages(graph: Graph, core: Int32s, cores: int) -> tuple[Int32s, Int64s]:
    """(source neuron, axon * cores + core) of each pair of an axon and a core that it reaches."""
    of = axons(graph)
    pair = distinct(of.of * np.int64(max(cores, 1)) + core[graph.target])
    return of.source[pair // max(cores, 1)], pair


def entering(graph: Graph, core: Int32s, cores: int) -> Floats:
    """(cores,) float64, messages that come to each core from outside the chip."""
    source, pair = messages(graph, core, cores)
    outside = core[source] < 0
    spikes = graph.activity()[source[outside]]
    return np.bincount((pair % max(cores, 1))[outside], spikes, minlength=cores).astype(np.float64)


@dataclass(frozen=True)
class Traffic:
    """Messages on a mesh, for the spikes of `Graph.spikes` (or one spike of every neuron).

    messages      all of them, those within a core among them
    spikes        spikes that made them
    local         messages from a core to itself
    hops_ew, hops_ns  links that messages crossed, east and west, north and south
    crossings     how many of these lie between chips
    east, west    (height, width - 1) load of the link between x and x + 1 of a row, in either direction
    north, south  (height - 1, width) load of the link between y and y + 1 of a column, in either direction
    histogram     (hops,) messages that cross 0, 1, 2, ... links
    entering      messages that come from outside the chip, in none of the other numbers
    """

    messages: float
    spikes: float
    local: float
    hops_ew: float
    hops_ns: float
    crossings: float
    east: Floats
    west: Floats
    north: Floats
    south: Floats
    histogram: Floats
    entering: float = 0.0

    @property
    def hops(self) -> float:
        """Links that all messages crossed."""
        return self.hops_ew + self.hops_ns

    @property
    def hops_per_spike(self) -> float:
        """Links crossed for each spike; 0 where nothing spiked."""
        return self.hops / self.spikes if self.spikes else 0.0

    @property
    def hops_per_message(self) -> float:
        """Links that a message crosses, on average; 0 where there is none."""
        return self.hops / self.messages if self.messages else 0.0

    @property
    def busiest(self) -> float:
        """Load of the busiest link, messages in one direction; 0 on a mesh without links."""
        return max(float(links.max(initial=0.0)) for links in (self.east, self.west, self.north, self.south))

    @property
    def busiest_link(self) -> tuple[str, int, int] | None:
        """Direction of the busiest link, and x and y of the router that it leaves; None where no message hops."""
        best: tuple[float, tuple[str, int, int]] | None = None
        leaves = {"east": (0, 0), "west": (1, 0), "north": (0, 0), "south": (0, 1)}
        for name, (dx, dy) in leaves.items():
            links: Floats = getattr(self, name)
            if links.size and (best is None or links.max() > best[0]):
                y, x = np.unravel_index(int(np.argmax(links)), links.shape)
                best = float(links.max()), (name, int(x) + dx, int(y) + dy)
        return best[1] if best and best[0] > 0 else None


def traffic(graph: Graph, core: Int32s, slot: Int64s, mesh: Mesh) -> Traffic:
    """Route every message.

    core  (neurons,) int32   core of each neuron, -1 for those outside
    slot  (cores,) int64     place of each core, see `Mesh.xy`
    """
    slot = np.asarray(slot, np.int64)
    if slot.size and not 0 <= slot.min() <= slot.max() < mesh.slots:
        raise ValueError(f"slot runs from {slot.min()} to {slot.max()}; the mesh has {mesh.slots}.")
    made = flow(graph, core, slot.size).tocoo()
    width, height = mesh.size
    x, y = mesh.xy(slot)
    links = walk(made.row.astype(np.int64), made.col.astype(np.int64), made.data, x, y, width, height, mesh.route)
    east, west, north, south, histogram = links
    between_x = np.arange(1, width) % mesh.width == 0
    between_y = np.arange(1, height) % mesh.height == 0
    return Traffic(
        messages=float(made.data.sum()),
        spikes=float(graph.activity()[graph.inside].sum()),
        local=float(made.data[made.row == made.col].sum()),
        hops_ew=float(east.sum() + west.sum()),
        hops_ns=float(north.sum() + south.sum()),
        crossings=float((east + west)[:, between_x].sum() + (north + south)[between_y].sum()),
        east=east,
        west=west,
        north=north,
        south=south,
        histogram=histogram,
        entering=float(entering(graph, core, slot.size).sum()),
    )
