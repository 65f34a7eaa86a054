"""From a graph to cores on a mesh, or everything that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reafference.chips.placement.arrange import Annealed, Arrangement
from reafference.chips.placement.check import violations
from reafference.chips.placement.cut import Grown, Metis, Start, cut
from reafference.chips.placement.graph import Graph, Int32s, Int64s
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.mesh import Mesh
from reafference.chips.placement.traffic import Traffic, flow, traffic
from reafference.chips.shortage import DoesNotFit, Shortage


@dataclass(frozen=True)
class Placement:
    """Where every neuron is.

    graph  what was placed
    core   (neurons,) int32   core of each neuron
    slot   (cores,) int64     place of each core on the mesh
    mesh   with as many chips as are used
    """

    graph: Graph
    core: Int32s
    slot: Int64s
    mesh: Mesh

    @property
    def cores(self) -> int:
        """Cores in use."""
        return self.slot.size

    @property
    def chips(self) -> int:
        """Chips in use."""
        return np.unique(self.mesh.chip(self.slot)).size

    @property
    def xy(self) -> tuple[Int64s, Int64s]:
        """(cores,) each: router of every core over all chips."""
        return self.mesh.xy(self.slot)

    def traffic(self) -> Traffic:
        """What the spikes of `graph` ask of the mesh."""
        return traffic(self.graph, self.core, self.slot, self.mesh)


def place(
    graph: Graph,
    limits: CoreLimits,
    mesh: Mesh,
    *,
    chip: str,
    starts: Sequence[Start] = (Metis(), Grown()),
    arrangement: Arrangement = Annealed(),  # noqa: B008 - frozen
    seed: int = 0,
) -> Placement:
    """Cut a graph into cores and arrange these on as few chips as hold them.

    chip  name, for the error

    Raises DoesNotFit with every limit that was found broken.
    """
    made = cut(graph, limits, starts=starts, seed=seed)
    short = list(made.shortages)
    if not short:
        short += violations(graph, made.core, limits)
    if made.cores > mesh.slots:
        chips = mesh.columns * mesh.rows
        have = f"{chips} chips" if chips > 1 else "one chip"
        short.append(
            Shortage("cores", "the network", made.cores, mesh.slots, f"Use more than {have}, or fewer synapses.")
        )
    if short:
        raise DoesNotFit(chip, short)
    small = mesh.holding(made.cores)
    slot = arrangement(flow(graph, made.core, made.cores), small, seed)
    found = Placement(graph, made.core, slot, small)
    if far := beyond_reach(found):
        raise DoesNotFit(chip, far)
    return found


def beyond_reach(placement: Placement) -> list[Shortage]:
    """Messages that go further along an axis than the mesh carries them."""
    if placement.mesh.reach is None:
        return []
    pairs = flow(placement.graph, placement.core, placement.cores).tocoo()
    x, y = placement.xy
    far = np.maximum(np.abs(x[pairs.row] - x[pairs.col]), np.abs(y[pairs.row] - y[pairs.col]))
    over = far > placement.mesh.reach
    if not over.any():
        return []
    worst = int(np.argmax(far))
    where = f"core {pairs.row[worst]} to core {pairs.col[worst]}" + (
        f" and {over.sum() - 1} more" if over.sum() > 1 else ""
    )
    remedy = "Arrange the cores closer together, or relay the message."
    return [Shortage("reach along an axis", where, int(far[worst]), placement.mesh.reach, remedy, "router")]
