"""Neurons choose in turn which of their weights goes with which axon type, compiled."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import builder


def choose(order, begin, line, parts, lines: int, turns, types: int, passes: int):
    """(neurons,) int64, the row of `turns` that each neuron takes.

    order, begin  synapses of neuron v are order[begin[v] : begin[v + 1]]
    line          (synapses,) int64   source and delay of each, as a number below `lines`
    parts         (synapses,) int64   bits: elements of the neuron's basis that make the weight
    turns         (permutations, types) int64   type of each element
    """
    return _choose(order, begin, line, parts, lines, turns, types, passes)


@builder
def _choose(order, begin, line, parts, lines, turns, types, passes):
    neurons = begin.size - 1
    taken = np.full(neurons, -1, np.int64)
    uses = np.zeros((lines, types), np.int32)  # synapses that hear a line by an axon of each type
    missing = np.zeros((types, types))
    for _ in range(passes):
        changed = False
        for v in range(neurons):
            mine = order[begin[v] : begin[v + 1]]
            if mine.size == 0:
                taken[v] = 0
                continue
            if taken[v] >= 0:
                for s in mine:
                    for e in range(types):
                        if parts[s] >> e & 1:
                            uses[line[s], turns[taken[v], e]] -= 1
            missing[:] = 0.0
            for s in mine:
                for e in range(types):
                    if parts[s] >> e & 1:
                        for g in range(types):
                            if uses[line[s], g] == 0:
                                missing[e, g] += 1.0
            best, low = 0, np.inf
            for p in range(turns.shape[0]):
                cost = 0.0
                for e in range(types):
                    cost += missing[e, turns[p, e]]
                if cost < low or (cost == low and p == taken[v]):
                    best, low = p, cost
            changed |= best != taken[v]
            taken[v] = best
            for s in mine:
                for e in range(types):
                    if parts[s] >> e & 1:
                        uses[line[s], turns[best, e]] += 1
        if not changed:
            break
    return taken
