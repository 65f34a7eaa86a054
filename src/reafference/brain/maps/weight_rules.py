"""Rules R2 and R3 as compiled code, on weights where the engine holds them; chart_weights.py says what they are.

Weights are in volt, `nat` of them to one unit of log probability. `weight` is the engine's array for all synapses onto
one group of cells; the other arrays say where in it each synapse of a projection is, in the order of its wiring.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.brain.maps.charts import FULL
from reafference.engine.kernel import kernel, piece


class ChartSynapses(NamedTuple):
    """Where the synapses are in which charts learn.

    here, foretold  (places * symbols * 2,) int64, two for each place and symbol
    there           (places * symbols,)
    expected        (places * symbols * levels * 2,)
    visits          (places * 2,)
    barrier         (actions, places * (symbols + 1))
    """

    here: np.ndarray
    foretold: np.ndarray
    there: np.ndarray
    expected: np.ndarray
    visits: np.ndarray
    barrier: np.ndarray


@piece
def put(weight, where, begin, count, value):
    """Give `count` synapses from number `begin` on one weight."""
    for s in range(begin, begin + count):
        weight[where[s]] = value


@piece
def counted(log, visits, alpha, symbols):
    """Times a symbol was met, of which `log` is the logarithm of the probability; `visits` = log(1 + all visits)."""
    return np.rint(np.exp(log) * (np.exp(visits) - 1.0 + symbols * alpha) - alpha)


@kernel
def meet(weight, at, place, symbol, alpha, nat, log, count):
    """R2 at places (n,): a symbol is there with the packet. What is counted then is written to count (n, symbols).

    log  (symbols,) float64, scratch
    """
    symbols = log.size
    levels = at.expected.size // at.here.size
    for k in range(place.size):
        row = place[k]
        visits = weight[at.visits[2 * row]] / nat
        for s in range(symbols):
            log[s] = weight[at.there[row * symbols + s]] / -nat
        if np.exp(visits) - 1.0 >= FULL - 0.5:  # forget half: here alone synapses must know of each other
            total = 0.0
            for s in range(symbols):
                half = np.floor(counted(log[s], visits, alpha, symbols) / 2.0)
                log[s] = half + alpha
                total += half
            for s in range(symbols):
                log[s] = np.log(log[s] / (total + symbols * alpha))
            visits = np.log(1.0 + total)
        eta = 1.0 / (np.exp(visits) + symbols * alpha)
        visits = np.log(np.exp(visits) + 1.0)
        for s in range(symbols):
            if s == symbol:
                log[s] += np.log1p(eta * np.expm1(-log[s]))
            else:
                log[s] += np.log1p(-eta)
            synapse = row * symbols + s
            put(weight, at.here, 2 * synapse, 2, nat * log[s])
            put(weight, at.foretold, 2 * synapse, 2, nat * log[s])
            put(weight, at.there, synapse, 1, -nat * log[s])
            put(weight, at.expected, 2 * levels * synapse, 2 * levels, -nat * log[s])
            count[k, s] = counted(log[s], visits, alpha, symbols)
        put(weight, at.visits, 2 * row, 2, nat * visits)


@kernel
def bar(weight, barrier, width, place, stayed, prior, step, most, nat, evidence):
    """R3 at gates of places (n,) with `width` synapses each. What speaks for barriers is written to evidence (n,)."""
    for k in range(place.size):
        first = place[k] * width
        odds = weight[barrier[first]] / nat + (step if stayed[k] else -step)
        odds = min(max(odds, prior - step * most), prior + step * most)
        put(weight, barrier, first, width, nat * odds)
        evidence[k] = np.rint((odds - prior) / step)


@piece
def copy_synapses(weight, where, width, source, target):
    """The `width` synapses of one place become what those of another are."""
    for s in range(width):
        weight[where[target * width + s]] = weight[where[source * width + s]]


@kernel
def copy(weight, at, symbols, source, target):
    """All synapses of places target (n,) become what those of source (n,) are."""
    levels = at.expected.size // at.here.size
    for k in range(source.size):
        copy_synapses(weight, at.here, 2 * symbols, source[k], target[k])
        copy_synapses(weight, at.foretold, 2 * symbols, source[k], target[k])
        copy_synapses(weight, at.there, symbols, source[k], target[k])
        copy_synapses(weight, at.expected, 2 * levels * symbols, source[k], target[k])
        copy_synapses(weight, at.visits, 2, source[k], target[k])
        for action in range(at.barrier.shape[0]):
            copy_synapses(weight, at.barrier[action], symbols + 1, source[k], target[k])
