"""Cores that grow: neurons are taken into a core one by one, those first whose inputs are there already.

A core opens with the neuron that hears the most; then comes always the neuron with the largest share of its input
spikes on axons that the core listens to already, as long as one fits. So cores are full and few, but nobody looks back.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.chips.placement.graph import Incidence, Int32s, Int64s
from reafference.chips.placement.limits import CoreLimits
from reafference.engine.kernel import builder

NO_LIMIT = np.iinfo(np.int64).max // 4
TRIES = 64  # neurons that may fail to fit before a core is closed


class Caps(NamedTuple):
    """What a core holds, as compiled code reads it.

    neurons, axons_in, bits, load  at most so many on a core
    list_bits                      (longest list + 1,) int64, bits of a list of so many synapses
    """

    neurons: int
    axons_in: int
    bits: int
    load: int
    list_bits: Int64s


def caps(limits: CoreLimits, graph: Incidence, load: int | None) -> Caps:
    """The limits of a core that its own neurons decide; `load` bounds the sum of a number that each neuron has."""
    longest = np.zeros(graph.source.size, np.int64)
    np.add.at(longest, graph.in_axon, graph.in_count)
    most = int(longest.max()) if longest.size else 0
    table = np.zeros(most + 1, np.int64) if limits.list_bits is None else limits.list_bits.table(most)
    return Caps(at_most(limits.neurons), at_most(limits.axons_in), at_most(limits.synapse_bits), at_most(load), table)


def at_most(limit: int | None) -> int:
    """A limit as compiled code compares with it."""
    return NO_LIMIT if limit is None else limit


def grown(members: Int32s, graph: Incidence, limit: Caps, load: Int64s, core: Int32s, first: int) -> int:
    """Put `members` onto new cores numbered from `first`, written into `core`; returns how many cores.

    members  (members,) int32   neurons without a core; each fits a core of its own
    load     (neurons,) int64   see `caps`
    core     (neurons,) int32   changed in place
    """
    return int(_grow(members, graph, limit, load, core, first))


@builder
def _grow(members, graph, limit, load, core, first):
    neurons, axons = core.size, graph.source.size
    left = np.zeros(neurons, np.bool_)
    total = np.zeros(neurons)
    for v in members:
        left[v] = True
        for i in range(graph.in_first[v], graph.in_first[v + 1]):
            total[v] += graph.spikes[graph.in_axon[i]]
    there = np.zeros(axons, np.int64)  # synapses that each axon has on the open core
    heard = np.zeros(axons, np.int32)
    shared = np.zeros(neurons)
    failed = np.full(neurons, -1, np.int32)
    waiting = members.copy()
    count, cores = waiting.size, 0
    while count > 0:
        number = first + cores
        held, lists, bits, carried, tries = 0, 0, 0, 0, 0
        for k in range(count):
            shared[waiting[k]] = 0.0
        while held < limit.neurons and tries < TRIES:
            best, best_k, high, high_total = -1, -1, -1.0, -1.0
            for k in range(count):
                v = waiting[k]
                if failed[v] == number:
                    continue
                share = shared[v] / total[v] if total[v] > 0 else 0.0
                if share > high or (share == high and total[v] > high_total):
                    best, best_k, high, high_total = v, k, share, total[v]
            if best < 0:
                break
            new, more = 0, 0
            for i in range(graph.in_first[best], graph.in_first[best + 1]):
                a = graph.in_axon[i]
                n = there[a]
                new += n == 0
                more += limit.list_bits[n + graph.in_count[i]] - limit.list_bits[n]
            fits = lists + new <= limit.axons_in and bits + more <= limit.bits and carried + load[best] <= limit.load
            if held > 0 and not fits:
                failed[best] = number
                tries += 1
                continue
            core[best] = number
            left[best] = False
            waiting[best_k] = waiting[count - 1]
            count -= 1
            held += 1
            bits += more
            carried += load[best]
            for i in range(graph.in_first[best], graph.in_first[best + 1]):
                a = graph.in_axon[i]
                if there[a] == 0:
                    heard[lists] = a
                    lists += 1
                    for o in range(graph.out_first[a], graph.out_first[a + 1]):
                        shared[graph.out_neuron[o]] += graph.spikes[a]
                there[a] += graph.in_count[i]
        for k in range(lists):
            there[heard[k]] = 0
        cores += 1
    return cores
