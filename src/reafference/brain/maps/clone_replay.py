# pyright: basic
"""Kernels of the clone store: filtering forward in time, and replay that samples a path of clones backwards.

A block holds the counts between the clones of one symbol and those of another for one action; a step from symbol s by
action a to symbol q touches the block (a, s, q) and the row totals of (a, s), nothing else. The probability that
clone i leads to clone j is (count + pseudocount) / (total + pseudocount x all clones), the predictive mean under a
symmetric Dirichlet prior.

A remembered stream is `symbols` (steps + 1,), `actions` (steps,) and `path` (steps + 1,), all int32: action t leads
from symbol t to symbol t + 1, and path t is the clone that stands for symbol t since the last replay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit


class Counts(NamedTuple):
    """What was learned.

    block   (actions, symbols, symbols) int32: row of `count` for the transitions from one symbol to another; -1:
            never met
    count   (blocks, clones, clones) int32: sampled transitions from clone to clone
    total   (actions, symbols, clones) int32: sampled transitions that left a clone by an action
    """

    block: np.ndarray
    count: np.ndarray
    total: np.ndarray


@njit(cache=True, nogil=True)
def move(counts, pseudocount, action, source, target, belief, after):
    """One step of the filter: fills `after` (clones,) from `belief` (clones,); the probability of the symbol
    `target`."""
    clones = belief.size
    prior = pseudocount * clones * counts.block.shape[1]
    row = counts.block[action, source, target]
    for j in range(clones):
        after[j] = 0.0
    for i in range(clones):
        weight = belief[i] / (counts.total[action, source, i] + prior)
        if weight > 0.0:
            if row < 0:
                for j in range(clones):
                    after[j] += weight * pseudocount
            else:
                for j in range(clones):
                    after[j] += weight * (counts.count[row, i, j] + pseudocount)
    probability = 0.0
    for j in range(clones):
        probability += after[j]
    for j in range(clones):
        after[j] /= probability
    return probability


@njit(cache=True, nogil=True)
def settle(counts, pseudocount, symbols, actions, belief, probability):
    """Filter a whole stream, knowing nothing at its start.

    Fills `belief` (clones,) over the clones of the last symbol and `probability` (steps,) of each symbol but the first.
    """
    clones = belief.size
    after = np.empty(clones)
    for i in range(clones):
        belief[i] = 1.0 / clones
    for t in range(actions.size):
        probability[t] = move(counts, pseudocount, actions[t], symbols[t], symbols[t + 1], belief, after)
        for i in range(clones):
            belief[i] = after[i]


@njit(cache=True, nogil=True)
def draw(weight, chance):
    """An index with probability in proportion to `weight` (clones,), if `chance` is uniform from 0 to 1."""
    left = 0.0
    for k in range(weight.size):
        left += weight[k]
    left *= chance
    best = 0
    for k in range(weight.size):
        left -= weight[k]
        if left < 0.0:
            return k
        if weight[k] > weight[best]:
            best = k
    return best


@njit(cache=True, nogil=True)
def reassign(counts, symbols, actions, path, begin, end, by):
    """Add `by` to the count of each transition of the path from `begin` to `end` (exclusive)."""
    for t in range(begin, end):
        action, source = actions[t], symbols[t]
        counts.count[counts.block[action, source, symbols[t + 1]], path[t], path[t + 1]] += by
        counts.total[action, source, path[t]] += by


@njit(cache=True, nogil=True)
def replay_stretch(counts, pseudocount, symbols, actions, path, first, last, messages, weight, chance):
    """Sample the clones of symbols `first` to `last` (inclusive) anew, given their neighbours' and everything else
    learned.

    Their transitions are unlearned, the stretch is filtered forward into `messages` (stretch + 2, clones), a path is
    sampled backwards, and its transitions are learned: +1 each. `counts` and `path` change in place.
    """
    begin, end = max(first - 1, 0), min(last + 1, actions.size)
    clones = weight.size
    reassign(counts, symbols, actions, path, begin, end, -1)
    for i in range(clones):
        messages[0, i] = 1.0 / clones if first == 0 else 0.0
    if first > 0:
        messages[0, path[begin]] = 1.0
    for t in range(begin, end):
        m = t - begin
        move(counts, pseudocount, actions[t], symbols[t], symbols[t + 1], messages[m], messages[m + 1])
    if last >= actions.size:
        path[end] = draw(messages[end - begin], chance[end])
    prior = pseudocount * clones * counts.block.shape[1]
    for t in range(end - 1, first - 1, -1):
        row = counts.block[actions[t], symbols[t], symbols[t + 1]]
        to = path[t + 1]
        for i in range(clones):
            left = counts.total[actions[t], symbols[t], i] + prior
            weight[i] = messages[t - begin, i] * (counts.count[row, i, to] + pseudocount) / left
        path[t] = draw(weight, chance[t])
    reassign(counts, symbols, actions, path, begin, end, 1)


@njit(cache=True, nogil=True)
def replay_all(counts, pseudocount, symbols, actions, path, stretch, shift, chance):
    """One sweep in stretches of `stretch` symbols, the first cut short by `shift`; `chance` (steps + 1,) uniform 0 to
    1."""
    clones = counts.count.shape[1]
    messages, weight = np.empty((stretch + 2, clones)), np.empty(clones)
    first = -shift
    while first <= actions.size:
        last = min(first + stretch - 1, actions.size)
        replay_stretch(counts, pseudocount, symbols, actions, path, max(first, 0), last, messages, weight, chance)
        first += stretch
