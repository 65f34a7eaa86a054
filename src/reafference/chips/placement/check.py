"""Whether a placement keeps every limit: counted anew from the synapses, with nothing that made the placement."""

from __future__ import annotations

import numpy as np

from reafference.chips.placement.graph import Graph, Int32s, Int64s, axons, distinct
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.shortage import Shortage


def violations(graph: Graph, core: Int32s, limits: CoreLimits) -> list[Shortage]:
    """Every limit that neurons on cores break, one `Shortage` for each core or neuron that does; none if all is legal.

    core  (neurons,) core of each neuron, from 0; -1 for those outside the chip
    """
    core = np.asarray(core)
    if core.shape != (graph.neurons,) or np.any(core[graph.inside] < 0):
        raise ValueError(
            f"core has shape {core.shape}; give a core, numbered from 0, for each of {graph.neurons} neurons."
        )
    used = Use(graph, core)
    found: list[Shortage] = []

    def compare(resource: str, place: str, amounts: Int64s, limit: int | None, remedy: str, unit: str = "") -> None:
        if limit is not None:
            for number in np.flatnonzero(amounts > limit):
                amount = int(amounts[number])
                found.append(Shortage(resource, f"{place} {number}", amount, limit, remedy, unit))

    compare("neurons", "core", used.neurons, limits.neurons, "Use more cores.")
    compare("axons in", "core", used.axons_in, limits.axons_in, "Put fewer neurons on it, or such as share sources.")
    compare("axons out", "core", used.axons_out, limits.axons_out, "Put fewer neurons on it, or add relays.")
    compare("axons out", "neuron", used.of_neuron, limits.axons_per_neuron, "Add relays or copies.")
    compare("fan-in", "neuron", used.fan_in, limits.fan_in, "Split its inputs over adders, or remove synapses.")
    if limits.synapse_bits is not None:
        remedy = "Put fewer neurons on it, or store fewer bits a synapse."
        compare("synapse memory", "core", used.bits(limits), limits.synapse_bits, remedy, "bit")
    return found


class Use:
    """What neurons on cores take up.

    neurons    (cores,) int64    neurons
    axons_in   (cores,) int64    axons that reach the core
    axons_out  (cores,) int64    pairs of an axon of the core and a core that it reaches
    of_neuron  (neurons,) int64  the same for each neuron
    fan_in     (neurons,) int64  axons that each neuron hears
    """

    def __init__(self, graph: Graph, core: Int32s) -> None:
        of = axons(graph)
        self.cores = int(core.max()) + 1 if core.size else 0
        self.neurons = np.bincount(core[core >= 0], minlength=self.cores)
        pair, size = np.unique(of.of * np.int64(max(self.cores, 1)) + core[graph.target], return_counts=True)
        self.pair_axon, self.pair_core, self.pair_size = pair // self.cores, pair % self.cores, size
        source = of.source[self.pair_axon]
        self.axons_in = np.bincount(self.pair_core, minlength=self.cores)
        home = core[source]
        self.axons_out = np.bincount(home[home >= 0], minlength=self.cores)
        self.of_neuron = np.bincount(source[home >= 0], minlength=graph.neurons)
        heard = distinct(of.of * np.int64(max(graph.neurons, 1)) + graph.target)
        self.fan_in = np.bincount(heard % max(graph.neurons, 1), minlength=graph.neurons)

    def bits(self, limits: CoreLimits) -> Int64s:
        """(cores,) int64, bits of synapse memory in use; 0 where the limits say nothing of memory."""
        if limits.list_bits is None:
            return np.zeros(self.cores, np.int64)
        table = limits.list_bits.table(int(self.pair_size.max()) if self.pair_size.size else 0)
        total = np.zeros(self.cores, np.int64)
        np.add.at(total, self.pair_core, table[self.pair_size])
        return total
