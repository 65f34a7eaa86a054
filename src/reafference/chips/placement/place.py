"""From a graph to cores on a mesh, or everything that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reafference.chips.placement.arrange import Annealed, Arrangement
from reafference.chips.placement.check import violations
from reafference.chips.placement.cut import Start, cut, usual_starts
from reafference.chips.placement.extra import Extended, unchanged
from reafference.chips.placement.graph import Graph, Int32s, Int64s
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.mesh import Mesh
from reafference.chips.placement.traffic import Traffic, flow, traffic
from reafference.chips.placement.ways import Fitted, Relays, Spread, Way
from reafference.chips.shortage import DoesNotFit, Shortage


@dataclass(frozen=True)
class Placement:
    """Where every neuron is.

    extended  what was placed: the graph, with relays or copies where it needed any, and what these cost
    core      (neurons,) int32   core of each neuron of `graph`, -1 for those outside the chip
    slot      (cores,) int64     place of each core on the mesh
    mesh      with as many chips as are used
    """

    extended: Extended
    core: Int32s
    slot: Int64s
    mesh: Mesh

    @property
    def graph(self) -> Graph:
        """What was placed; the neurons that were given come first."""
        return self.extended.graph

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
    ways: Sequence[Way] = (Relays(), Spread()),
    starts: Sequence[Start] | None = None,
    arrangement: Arrangement = Annealed(),  # noqa: B008 - frozen
    seed: int = 0,
) -> Placement:
    """Cut a graph into cores and arrange these on as few chips as hold them.

    chip  name, for the error
    ways  what may be done where the axons that leave cores or neurons do not fit; the one with the fewest cores is
          taken, of several such the one with the fewest messages between cores. Neurons outside the chip get neither
          relays nor copies
    starts  first cuts that are tried; `usual_starts` where none is given

    Raises DoesNotFit with every limit that was found broken.
    """
    made = fitted(graph, limits, mesh, ways, usual_starts() if starts is None else starts, seed)
    if made.shortages:
        raise DoesNotFit(chip, made.shortages)
    cores = int(made.core.max(initial=-1)) + 1
    small = mesh.holding(cores)
    slot = arrangement(flow(made.extended.graph, made.core, cores), small, seed)
    found = Placement(made.extended, made.core, slot, small)
    if far := beyond_reach(found):
        raise DoesNotFit(chip, far)
    return found


def fitted(
    graph: Graph, limits: CoreLimits, mesh: Mesh, ways: Sequence[Way], starts: Sequence[Start], seed: int
) -> Fitted:
    """The best of all ways and starts, or what each of them lacks."""
    bases = [(start, cut(graph, replace(limits, axons_out=None), starts=(start,), seed=seed)) for start in starts]
    if bases[0][1].shortages:  # single neurons that no way helps
        return Fitted(unchanged(graph), bases[0][1].core, bases[0][1].shortages)
    tried = [checked(Fitted(unchanged(graph), base.core, ()), limits, mesh) for _, base in bases]
    legal = [one for one in tried if not one.shortages]
    if not legal and ways:
        tried = []
        for way in ways:
            for start, base in bases:
                most = min([mesh.slots, *(cost(one)[0] for one in legal)])  # more cores than the best has are of no use
                tried.append(checked(way(graph, base, limits, (start,), most, seed), limits, mesh))
                legal += [one for one in tried[-1:] if not one.shortages]
    if legal:
        return min(legal, key=cost)
    every = {(short.resource, short.where): short for one in tried for short in one.shortages}
    return replace(tried[0], shortages=tuple(every.values()))


def checked(made: Fitted, limits: CoreLimits, mesh: Mesh) -> Fitted:
    """With the shortages that the checker finds, and that of cores."""
    short = list(made.shortages) or violations(made.extended.graph, made.core, limits)
    cores = int(made.core.max(initial=-1)) + 1
    if cores > mesh.slots:
        chips = mesh.columns * mesh.rows
        have = f"{chips} chips" if chips > 1 else "one chip"
        short.append(Shortage("cores", "the network", cores, mesh.slots, f"Use more than {have}, or fewer synapses."))
    return replace(made, shortages=tuple(short))


def cost(made: Fitted) -> tuple[int, float]:
    """Cores, then messages between them."""
    cores = int(made.core.max(initial=-1)) + 1
    between = flow(made.extended.graph, made.core, cores)
    return cores, float(between.sum() - between.diagonal().sum())


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
