"""One tick of a core in which something is random: neuron by neuron, with a draw wherever the equations have one.

Synapses that are not stochastic have been counted as in other cores; here only the stochastic ones are walked.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.chips.truenorth.draws import LEAK, THRESHOLD, draw, masked, passes
from reafference.chips.truenorth.tables import (
    ABOUT,
    AT,
    SET_BETA,
    SET_DRAWN,
    SET_GAMMA,
    SET_KAPPA,
    SET_LEAK,
    SET_LEAK_DRAWN,
    SET_MASK,
    SET_RESET,
    SET_REVERSES,
    SET_THRESHOLD,
    SET_WEIGHT,
    SETS,
)
from reafference.chips.truenorth.words import lowest
from reafference.engine.kernel import piece, routine


@piece
def sign(x):
    """-1, 0 or 1."""
    return np.int64(x > 0) - np.int64(x < 0)


@piece
def within(v, limits):
    """A potential within its 20 bits; `limits` as in Fabric: wraps, low, high."""
    if limits[0]:
        return ((v + 2**19) & (2**20 - 1)) - 2**19
    return min(max(v, limits[1]), limits[2])


@routine
def walk_drawn(fabric, core, tick, hand, axons, first, extra):
    """Write what the stochastic synapses of the active axons add; `hand`: which of the cores in hand this is."""
    drawn = np.int64(fabric.about[ABOUT * core + AT])
    for i in range(256):
        extra[i] = 0
    for group in range(4):
        for at in range(first[5 * hand + group], first[5 * hand + group + 1]):
            axon = np.int64(axons[at])
            outer = np.int64(fabric.outer[256 * drawn + axon])
            for word in range(4):
                left = fabric.crossbar[1024 * core + 4 * axon + word] & fabric.chance[16 * drawn + 4 * group + word]
                while left:
                    i = 64 * word + lowest(left)
                    left &= left - np.uint64(1)
                    weight = np.int64(fabric.sets[SETS * np.int64(fabric.kind[256 * drawn + i]) + SET_WEIGHT + group])
                    if passes(abs(weight), draw(fabric.seed, 256 * core + i, tick, outer)):
                        extra[i] += np.int32(sign(weight))
    return np.int64(0)


@routine
def sweep_drawn(fabric, core, tick, present, potential, counts, extra, fired, to):
    """Integrate, leak, fire, reset; returns 1 if anything has changed or may change by itself at a later tick."""
    limits = (fabric.wraps, fabric.low, fabric.high)
    drawn = np.int64(fabric.about[ABOUT * core + AT])
    sets = fabric.sets
    awake = False
    for i in range(256):
        if i & 63 == 0:
            fired[to + (i >> 6)] = np.uint64(0)
        own = SETS * np.int64(fabric.kind[256 * drawn + i])
        neuron = 256 * core + i
        before = np.int64(potential[neuron])
        v = before
        if present:
            for group in range(4):
                if (present >> group) & 1 and sets[own + SET_DRAWN + group] == 0:
                    v += np.int64(counts[256 * group + i]) * np.int64(sets[own + SET_WEIGHT + group])
            v = within(v + np.int64(extra[i]), limits)
        leak = np.int64(sets[own + SET_LEAK])
        omega = sign(v) if sets[own + SET_REVERSES] else 1
        if sets[own + SET_LEAK_DRAWN] and leak != 0:
            awake |= omega != 0
            leak = sign(leak) if passes(abs(leak), draw(fabric.seed, neuron, tick, LEAK)) else 0
        v = within(v + omega * leak, limits)
        alpha, beta = np.int64(sets[own + SET_THRESHOLD]), np.int64(sets[own + SET_BETA])
        eta = 0
        if v >= alpha or v < -beta:
            awake |= v >= alpha or sets[own + SET_KAPPA] == 0  # what saturates does the same whatever is drawn
            if sets[own + SET_MASK]:
                eta = masked(draw(fabric.seed, neuron, tick, THRESHOLD), sets[own + SET_MASK])
        gamma = sets[own + SET_GAMMA]
        if v >= alpha + eta:
            fired[to + (i >> 6)] |= np.uint64(1) << np.uint64(i & 63)
            if gamma == 0:
                v = np.int64(sets[own + SET_RESET])
            elif gamma == 1:
                v -= alpha + eta
        elif sets[own + SET_KAPPA]:
            v = max(v, -beta)
        elif v < -(beta + eta):
            if gamma == 0:
                v = -np.int64(sets[own + SET_RESET])
            elif gamma == 1:
                v += beta + eta
        awake |= v != before
        potential[neuron] = np.int32(v)
    return np.int64(awake)
