"""Rules R2 and R3 as compiled code, on weights where the engine holds them; chart_weights.py says what they are.

Weights are in volt, `nat` of them to one unit of log probability. `weight` is the engine's array for all synapses onto
one group of cells. The synapses of one place in one projection lie side by side, those of all places alike: so it is
enough to know where those of place 0 of chart 0 are.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.brain.maps.charts import FULL, touch
from reafference.engine.kernel import kernel, piece


class ChartSynapses(NamedTuple):
    """Where the synapses of row 0 are in which charts learn; those of row r lie r times as many further on.

    A row is a place of a chart, chart * cells + place.

    here, foretold  (symbols * 2,) int64, two for each symbol
    expected        (symbols * levels * 2,)
    visits          (2,)
    there           (actions, symbols), of the gates of the place
    barrier         (actions, symbols + 1), of the gates of the place
    """

    here: np.ndarray
    foretold: np.ndarray
    expected: np.ndarray
    visits: np.ndarray
    there: np.ndarray
    barrier: np.ndarray


class Ways(NamedTuple):
    """Gates that lead to each place of a chart from another one: place p has those first[p] <= i < first[p + 1].

    first   (cells + 1,) int64
    source  (gates,) int64, place of the gate
    action  (gates,) int64
    """

    first: np.ndarray
    source: np.ndarray
    action: np.ndarray


@piece
def put(weight, where, row, begin, count, value):
    """Give `count` synapses of a row, from number `begin` on, one weight."""
    shift = row * where.size
    for s in range(begin, begin + count):
        weight[where[s] + shift] = value


@piece
def counted(log, visits, alpha, symbols):
    """Times a symbol was met, of which `log` is the logarithm of the probability; `visits` = log(1 + all visits)."""
    return np.rint(np.exp(log) * (np.exp(visits) - 1.0 + symbols * alpha) - alpha)


@piece
def tell(weight, at, ways, row, symbol, value):
    """Let all synapses that tell a symbol of a place carry log probability `value`, in volt."""
    symbols = at.there.shape[1]
    cells = ways.first.size - 1
    each = at.expected.size // symbols
    put(weight, at.here, row, 2 * symbol, 2, value)
    put(weight, at.foretold, row, 2 * symbol, 2, value)
    put(weight, at.expected, row, each * symbol, each, -value)
    place = row % cells
    for i in range(ways.first[place], ways.first[place + 1]):
        gate = row - place + ways.source[i]
        weight[at.there[ways.action[i], symbol] + gate * symbols] = -value


@kernel
def meet_one(weight, at, ways, row, symbol, alpha, nat, log):
    """R2 at one place: a symbol is there with the packet. Afterwards log (symbols,) holds how often each was met."""
    symbols = log.size
    visits = weight[at.visits[0] + 2 * row] / nat
    for s in range(symbols):
        log[s] = weight[at.here[2 * s] + 2 * symbols * row] / nat
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
    put(weight, at.visits, row, 0, 2, nat * visits)
    for s in range(symbols):
        if s == symbol:
            log[s] += np.log1p(eta * np.expm1(-log[s]))
        else:
            log[s] += np.log1p(-eta)
        tell(weight, at, ways, row, s, nat * log[s])
        log[s] = counted(log[s], visits, alpha, symbols)


@kernel
def meet(weight, at, ways, rows, symbol, alpha, nat, log, count):
    """R2 at several places, rows (n,). What is counted then is written to count (n, symbols).

    log  (symbols,) float64, scratch
    """
    for k in range(rows.size):
        meet_one(weight, at, ways, rows[k], symbol, alpha, nat, log)
        for s in range(log.size):
            count[k, s] = log[s]


@piece
def bar_one(weight, at, row, action, stayed, rules, nat):
    """R3 at one gate: whether `stay` fired. Returns what speaks for a barrier then."""
    prior = np.log(rules.wall / (1.0 - rules.wall))
    width = at.barrier.shape[1]
    odds = weight[at.barrier[action, 0] + row * width] / nat + (rules.step if stayed else -rules.step)
    odds = min(max(odds, prior - rules.step * rules.most), prior + rules.step * rules.most)
    put(weight, at.barrier[action], row, 0, width, nat * odds)
    return np.rint((odds - prior) / rules.step)


@kernel
def learn(weight, at, ways, charts, target, back, number, rules, action, symbol, stayed, place, nat, log):
    """R3 and R2 in all charts after one cycle; what the weights tell then is written to `charts`.

    charts        with packets where they were before the cycle
    target, back  the sheet and its ways back; number (cells,) of each of its cells among the places, -1 for none
    stayed        (charts,) bool: `stay` fired
    place         (charts,) int64, cell of the sheet where the packet is now
    log           (symbols,) float64, scratch
    """
    cells = ways.first.size - 1
    for k in range(place.size):
        left = charts.place[k]
        there = target[left, action]
        if there >= 0 and there != left:
            # at the gate that fired and at the one through which the way leads back to where it was
            touch(charts, k, left)
            charts.barrier[k, left, action] = bar_one(
                weight, at, k * cells + number[left], action, stayed[k], rules, nat
            )
            other = back[left, action]
            if other >= 0:
                touch(charts, k, there)
                charts.barrier[k, there, other] = bar_one(
                    weight, at, k * cells + number[there], other, stayed[k], rules, nat
                )
        charts.place[k] = place[k]
        touch(charts, k, place[k])
        meet_one(weight, at, ways, k * cells + number[place[k]], symbol, rules.alpha, nat, log)
        for s in range(log.size):
            charts.count[k, place[k], s] = log[s]


@kernel
def teach(weight, at, ways, rows, tags, visits, odds):
    """Let that be known at places, rows (n,): tags (n, symbols), visits (n,), odds (n, actions), all in volt."""
    for k in range(rows.size):
        for s in range(tags.shape[1]):
            tell(weight, at, ways, rows[k], s, tags[k, s])
        put(weight, at.visits, rows[k], 0, 2, visits[k])
        for action in range(odds.shape[1]):
            put(weight, at.barrier[action], rows[k], 0, at.barrier.shape[1], odds[k, action])


@kernel
def copy(weight, at, ways, source, target):
    """What is known at places, rows source (n,), becomes known at those of target (n,)."""
    symbols = at.there.shape[1]
    width = at.barrier.shape[1]
    for k in range(source.size):
        for s in range(symbols):
            tell(weight, at, ways, target[k], s, weight[at.here[2 * s] + 2 * symbols * source[k]])
        put(weight, at.visits, target[k], 0, 2, weight[at.visits[0] + 2 * source[k]])
        for action in range(at.barrier.shape[0]):
            odds = weight[at.barrier[action, 0] + width * source[k]]
            put(weight, at.barrier[action], target[k], 0, width, odds)
