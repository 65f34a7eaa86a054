"""A network as SANA-FE describes it: neurons on cores, synapses between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.figures import figures_of
from reafference.chips.pricing.loihi_work import KINDS, LoihiRoutes, loihi_routes
from reafference.network.values import check_shape
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
TILE = 4  # cores of a tile
RESETS = ("none", "hard", "soft", "saturate")  # what happens to the potential; the number is its place


@dataclass(frozen=True, kw_only=True, eq=False)
class SanafeNeurons:
    """(neurons,) each, in the numbering of the network; potentials in SANA-FE's own unit, 64 of the chip's.

    Each tick, from its second on, potential *= leak and current *= input_decay; the potential is cut to a multiple of
    1/64 toward zero; where it is not held after a spike, current += what arrived, potential += bias + current, and
    above the threshold the neuron spikes, is reset, and held for `refractory` ticks. Below `low_threshold` the
    potential is reset by `low_mode`.

    mode, low_mode  0 no reset, 1 to `reset` (`low_reset`), 2 less the threshold, 3 to the threshold (below only)
    forced          bool, updated at every tick, whatever arrives
    """

    threshold: Floats
    bias: Floats
    leak: Floats
    input_decay: Floats
    reset: Floats
    mode: Ints
    refractory: Ints
    low_threshold: Floats
    low_reset: Floats
    low_mode: Ints
    potential: Floats
    forced: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class SanafeNetwork:
    """Neurons in the order in which the chip goes through them: by core, and on a core as they were put there.

    number    of each neuron, (size,) int by the name of its group
    core      (neurons,) int, rising: tile times 4 plus core of the tile
    computed  (neurons,) bool, False for sources, whose spikes are given
    neurons   their parameters; of sources they are not looked at
    source    (synapses,) int, rising; those of one source in the order in which they were made
    target    (synapses,) int, no sources
    weight    (synapses,) float
    kind      (synapses,) int: 0 dense, 1 sparse, 2 convolved, by which a synaptic event is priced
    train     (spikes, 2) int, tick (from 1) and number of sources' spikes, in order of the tick

    Raises ValueError naming the first array that does not fit.
    """

    number: Mapping[str, Ints]
    core: Ints
    computed: npt.NDArray[np.bool_]
    neurons: SanafeNeurons
    source: Ints
    target: Ints
    weight: Floats
    kind: Ints
    train: Ints

    def __post_init__(self) -> None:
        count, synapses = self.core.size, self.source.size
        width, height = self.tiles
        check_range("SanafeNetwork.core", self.core, 0, width * height * TILE - 1, "")
        for name, size in (("computed", count), ("target", synapses), ("weight", synapses), ("kind", synapses)):
            check_shape(f"SanafeNetwork.{name}", getattr(self, name), size)
        for name in ("source", "target"):
            check_range(f"SanafeNetwork.{name}", getattr(self, name), 0, count - 1, "")
        check_range("SanafeNetwork.kind", self.kind, 0, len(KINDS) - 1, "")
        for name in ("core", "source"):
            if (np.diff(getattr(self, name)) < 0).any():
                raise ValueError(f"SanafeNetwork.{name} falls; sort by it and keep the order of equals.")
        if not self.computed[self.target].all():
            raise ValueError("SanafeNetwork.target names a source; synapses reach neurons that are computed.")

    @property
    def tiles(self) -> tuple[int, int]:
        """Columns and rows of the mesh of SANA-FE's Loihi file."""
        width, height = figures_of("loihi1").listed("structure.tiles")
        return int(width), int(height)

    def routes(self) -> LoihiRoutes:
        """Where its spikes go. Tiles are numbered down the columns."""
        used, core = np.unique(self.core, return_inverse=True)
        height = self.tiles[1]
        return loihi_routes(
            core=core,
            computed=self.computed,
            source=self.source,
            target=self.target,
            kind=self.kind,
            x=used // TILE // height,
            y=used // TILE % height,
        )

    def __repr__(self) -> str:
        return (
            f"SanafeNetwork({self.core.size:,} neurons in {len(self.number)} groups, {self.source.size:,} synapses, "
            f"{np.unique(self.core).size} cores)"
        )
