"""Neurons change cores, one at a time, where that saves messages and breaks no limit.

What is counted: each spike makes one message to each core, other than its own, that its axon reaches. A move is made if
it lowers that number (Fiduccia and Mattheyses' gain, DAC 1982, for the number of cores that an axon reaches) and keeps
the limits of both cores and of all cores whose axons reach further for it.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.chips.placement.graph import Floats, Incidence, Int32s, Int64s
from reafference.chips.placement.growth import Caps
from reafference.engine.kernel import builder

CANDIDATES = 4  # cores that a neuron tries before it stays


def refined(
    core: Int32s, graph: Incidence, limit: Caps, size: Int64s, axons_out: int, orders: Int32s
) -> tuple[int, Floats]:
    """Improve `core` in place; returns the moves made and the messages before and after each pass, (passes + 1,).

    core       (neurons,) int32   -1 is outside the chip and stays there
    size       (neurons,) int64   what each neuron itself takes of `limit.load`
    axons_out  axons that may leave a core; a neuron that sends nothing counts as one
    orders     (passes, neurons) int32  the order in which neurons are asked, for each pass
    """
    cores = int(core.max()) + 1 if core.size else 0
    outside = np.flatnonzero(core < 0)
    core[outside] = cores  # where they are stands for a core that nobody can move to, and that has every axon it needs
    moves, messages = _refine(core, cores, graph, limit, size, axons_out, orders)
    core[outside] = -1
    return int(moves), messages


@builder
def find(core_of, first, reach, wanted):
    """Where `wanted` stands among the cores from `first`; -1 if it does not."""
    for k in range(first, first + reach):
        if core_of[k] == wanted:
            return k
    return -1


@builder
def _refine(core, cores, graph, limit, size, axons_out, orders):
    axons, beyond = graph.source.size, cores
    cores += 1
    at = np.empty(graph.out_neuron.size, np.int32)  # cores that an axon reaches: at[out_first[a]:][:reach[a]]
    many = np.zeros(graph.out_neuron.size, np.int64)  # and its synapses there
    reach = np.zeros(axons, np.int64)
    held = np.zeros(cores, np.int64)
    lists = np.zeros(cores, np.int64)
    bits = np.zeros(cores, np.int64)
    out = np.zeros(cores, np.int64)
    load = np.zeros(cores, np.int64)
    for v in range(core.size):
        held[core[v]] += 1
        load[core[v]] += size[v]
        out[core[v]] += graph.own_first[v] == graph.own_first[v + 1]
        for i in range(graph.in_first[v], graph.in_first[v + 1]):
            a = graph.in_axon[i]
            k = find(at, graph.out_first[a], reach[a], core[v])
            if k < 0:
                k = graph.out_first[a] + reach[a]
                at[k] = core[v]
                reach[a] += 1
            many[k] += graph.in_count[i]
    for a in range(axons):
        out[core[graph.source[a]]] += reach[a]
        for k in range(graph.out_first[a], graph.out_first[a] + reach[a]):
            lists[at[k]] += 1
            bits[at[k]] += limit.list_bits[many[k]]
    held[beyond] = 0
    out[beyond] = -(1 << 60)
    saved = np.zeros(cores)  # spikes on axons of the neuron at hand that reach a core already
    seen = np.zeros(cores, np.bool_)
    touched = np.empty(cores, np.int32)
    change = np.zeros(cores, np.int64)
    moves = 0
    messages = np.zeros(orders.shape[0] + 1)
    for turn in range(orders.shape[0] + 1):
        for v in orders[turn - 1] if turn > 0 else orders[0, :0]:
            here = core[v]
            ins, ine = graph.in_first[v], graph.in_first[v + 1]
            near, alone, total, lost = 0, 0.0, 0.0, 0.0
            for i in range(ins, ine):
                a = graph.in_axon[i]
                home = core[graph.source[a]]
                spikes = graph.spikes[a]
                if graph.source[a] == v:
                    k = find(at, graph.out_first[a], reach[a], here)
                    if many[k] == graph.in_count[i]:
                        lost -= spikes  # nobody else here hears it, so nothing is lost below
                    continue
                total += spikes
                homely = False
                for k in range(graph.out_first[a], graph.out_first[a] + reach[a]):
                    c = at[k]
                    if c == here:
                        if many[k] == graph.in_count[i] and home != here:
                            alone += spikes
                        continue
                    if not seen[c]:
                        seen[c] = True
                        touched[near] = c
                        near += 1
                    saved[c] += spikes
                    homely |= c == home
                if not homely and home != here:  # the source's own core costs no message
                    if not seen[home]:
                        seen[home] = True
                        touched[near] = home
                        near += 1
                    saved[home] += spikes
            for a in range(graph.own_first[v], graph.own_first[v + 1]):
                for k in range(graph.out_first[a], graph.out_first[a] + reach[a]):
                    c = at[k]
                    if c == here:
                        lost += graph.spikes[a]
                        continue
                    if not seen[c]:
                        seen[c] = True
                        touched[near] = c
                        near += 1
                    saved[c] += graph.spikes[a]
            for _ in range(CANDIDATES):
                best, gain = -1, 1e-9
                for k in range(near):
                    c = touched[k]
                    if held[c] > 0 and alone - lost - total + saved[c] > gain:
                        best, gain = c, alone - lost - total + saved[c]
                if best < 0:
                    break
                if held[best] + 1 <= limit.neurons and load[best] + size[v] <= limit.load:
                    new, more, less, gone = 0, 0, 0, 0
                    leaving = 0  # axons that leave with the neuron
                    for a in range(graph.own_first[v], graph.own_first[v + 1]):
                        leaving += reach[a]
                    leaving = max(1, leaving)
                    change[best] += leaving
                    change[here] -= leaving
                    for i in range(ins, ine):
                        a, n = graph.in_axon[i], graph.in_count[i]
                        home = best if graph.source[a] == v else core[graph.source[a]]
                        k = find(at, graph.out_first[a], reach[a], best)
                        if k < 0:
                            new += 1
                            more += limit.list_bits[n]
                            change[home] += 1
                        else:
                            more += limit.list_bits[many[k] + n] - limit.list_bits[many[k]]
                        k = find(at, graph.out_first[a], reach[a], here)
                        less += limit.list_bits[many[k]] - limit.list_bits[many[k] - n]
                        if many[k] == n:
                            gone += 1
                            change[home] -= 1
                    fits = lists[best] + new <= limit.axons_in and bits[best] + more <= limit.bits
                    if out[best] + change[best] > axons_out and change[best] > 0:
                        fits = False
                    for i in range(ins, ine):
                        home = core[graph.source[graph.in_axon[i]]]
                        if out[home] + change[home] > axons_out and change[home] > 0:
                            fits = False
                    if fits:
                        for i in range(ins, ine):
                            a, n = graph.in_axon[i], graph.in_count[i]
                            k = find(at, graph.out_first[a], reach[a], best)
                            old = find(at, graph.out_first[a], reach[a], here)
                            many[old] -= n
                            if k >= 0:
                                many[k] += n
                                if many[old] == 0:
                                    last = graph.out_first[a] + reach[a] - 1
                                    at[old], many[old] = at[last], many[last]
                                    many[last] = 0
                                    reach[a] -= 1
                            elif many[old] == 0:
                                at[old], many[old] = best, n
                            else:
                                k = graph.out_first[a] + reach[a]
                                at[k], many[k] = best, n
                                reach[a] += 1
                        out[best] += change[best]
                        out[here] += change[here]
                        change[best] = 0
                        change[here] = 0
                        for i in range(ins, ine):
                            home = core[graph.source[graph.in_axon[i]]]
                            out[home] += change[home]
                            change[home] = 0
                        held[best] += 1
                        held[here] -= 1
                        load[best] += size[v]
                        load[here] -= size[v]
                        lists[best] += new
                        lists[here] -= gone
                        bits[best] += more
                        bits[here] -= less
                        core[v] = best
                        moves += 1
                        break
                    change[best] = 0
                    change[here] = 0
                    for i in range(ins, ine):
                        change[core[graph.source[graph.in_axon[i]]]] = 0
                saved[best] = -1e300  # it is full
            for k in range(near):
                saved[touched[k]] = 0.0
                seen[touched[k]] = False
        for a in range(axons):
            inside = find(at, graph.out_first[a], reach[a], core[graph.source[a]]) >= 0
            messages[turn] += graph.spikes[a] * (reach[a] - inside)
    return moves, messages
