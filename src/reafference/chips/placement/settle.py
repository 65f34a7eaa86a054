"""Neurons without a core find room on cores that exist."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.chips.placement.graph import Incidence, Int32s, Int64s
from reafference.chips.placement.growth import Caps
from reafference.engine.kernel import builder


def settle(waiting: Int32s, core: Int32s, cores: int, of: Incidence, limit: Caps, load: Int64s) -> Int32s:
    """Put neurons where they fit, each onto the core that listens to most of its input spikes; returns those left over.

    waiting  (waiting,) int32   neurons whose core is -1
    core     (neurons,) int32   changed in place
    cores    how many there are; none is opened
    """
    return _settle(waiting, core, cores, of, limit, load)


@builder
def _settle(waiting, core, cores, of, limit, load):
    axons = of.source.size
    held, lists = np.zeros(cores, np.int64), np.zeros(cores, np.int64)
    bits, carried = np.zeros(cores, np.int64), np.zeros(cores, np.int64)
    at = np.empty(of.out_neuron.size, np.int32)  # as in `refine`
    many = np.zeros(of.out_neuron.size, np.int64)
    reach = np.zeros(axons, np.int64)
    for v in range(core.size):
        if core[v] >= 0:
            held[core[v]] += 1
            carried[core[v]] += load[v]
            for i in range(of.in_first[v], of.in_first[v + 1]):
                a, n = of.in_axon[i], of.in_count[i]
                begin, k = of.out_first[a], 0
                while k < reach[a] and at[begin + k] != core[v]:
                    k += 1
                if k == reach[a]:
                    at[begin + k] = core[v]
                    reach[a] += 1
                    lists[core[v]] += 1
                bits[core[v]] += limit.list_bits[many[begin + k] + n] - limit.list_bits[many[begin + k]]
                many[begin + k] += n
    left = np.empty(waiting.size, np.int32)
    over = 0
    for v in waiting:
        shared = np.zeros(cores)
        new = np.full(cores, of.in_first[v + 1] - of.in_first[v], np.int64)
        more = np.zeros(cores, np.int64)
        alone = np.int64(0)
        for i in range(of.in_first[v], of.in_first[v + 1]):
            a, n = of.in_axon[i], of.in_count[i]
            alone += limit.list_bits[n]
            for k in range(of.out_first[a], of.out_first[a] + reach[a]):
                c = at[k]
                shared[c] += of.spikes[a]
                new[c] -= 1
                more[c] += limit.list_bits[many[k] + n] - limit.list_bits[many[k]] - limit.list_bits[n]
        best, high = -1, -1.0
        for c in range(cores):
            fits = held[c] + 1 <= limit.neurons and lists[c] + new[c] <= limit.axons_in
            fits = fits and bits[c] + alone + more[c] <= limit.bits and carried[c] + load[v] <= limit.load
            if fits and shared[c] > high:
                best, high = c, shared[c]
        if best < 0:
            left[over] = v
            over += 1
            continue
        core[v] = best
        held[best] += 1
        carried[best] += load[v]
        lists[best] += new[best]
        bits[best] += alone + more[best]
        for i in range(of.in_first[v], of.in_first[v + 1]):
            a, n = of.in_axon[i], of.in_count[i]
            begin, k = of.out_first[a], 0
            while k < reach[a] and at[begin + k] != best:
                k += 1
            if k == reach[a]:
                at[begin + k] = best
                reach[a] += 1
            many[begin + k] += n
    return left[:over]
