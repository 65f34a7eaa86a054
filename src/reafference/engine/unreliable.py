"""Kernel of unreliable synapses: which events of a segment pass.

Whether one does is read from the hash of (seed, projection, source, delay), target and tick, so nothing is kept but 8
bytes for each segment, and nothing depends on who asks. Kernels for it are compiled only for neurons that some
projection with `release` reaches.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine.contract import arrive, checks, notice
from reafference.engine.draw import Tract
from reafference.engine.handle import opened
from reafference.engine.inbox import target_of
from reafference.engine.kernel import WALK, is_a, kernel
from reafference.engine.random import GOLDEN, mix

UNIT = 1.0 / 2**53


class Reliable(NamedTuple):
    """In place of Unreliable where every event passes."""

    nothing: np.ndarray  # (0,) uint8


class Unreliable(NamedTuple):
    """Release at the synapses onto one group of neurons; nothing of it changes."""

    fails: np.ndarray  # (projections,) bool
    probability: np.ndarray  # (projections,) float64
    half: np.ndarray  # (projections,) float64, in the unit of the weights
    key: np.ndarray  # (segments,) uint64, the same for the same seed, projection, source and delay


def unreliable_of(
    tracts: Sequence[Tract], first: np.ndarray, projection: np.ndarray, delay: np.ndarray
) -> Unreliable | Reliable:
    """What the projections into a group need to fail; `first`, `projection`, `delay` as in Inbox."""
    rules = [tract.projection.release for tract in tracts]
    if all(rule is None for rule in rules):
        return Reliable(np.zeros(0, np.uint8))
    base = np.array([base_key(np.uint64(tract.seed), np.uint64(tract.number)) for tract in tracts], np.uint64)
    key = np.empty(projection.size, np.uint64)
    segment_keys(base, first, projection, delay, key)
    return Unreliable(
        fails=np.array([rule is not None for rule in rules], np.bool_),
        probability=np.array([1.0 if rule is None else rule.probability for rule in rules]),
        half=np.array([0.0 if rule is None else rule.half for rule in rules]),
        key=key,
    )


@kernel
def base_key(seed, number):
    """Key of projection `number` of the network."""
    return mix(mix(seed) + GOLDEN * (number + np.uint64(1)))


@kernel
def segment_keys(base, first, projection, delay, key):
    """Write the key of each segment: that of its projection, mixed with its source, then with its delay (ticks)."""
    for source in range(first.size - 1):
        for segment in range(first[source], first[source + 1]):
            own = mix(base[projection[segment]] + GOLDEN * (np.uint64(source) + np.uint64(1)))
            key[segment] = mix(own + GOLDEN * np.uint64(delay[segment]))


def passes_some(group, scale, segment, tick, released):
    """Deliver what passes of a segment whose synapses fail; False, and nothing done, where they do not."""
    raise NotImplementedError


@overload(passes_some, jit_options=WALK)
def _passes_some(group, scale, segment, tick, released):
    short_term = group.what.types[group.what.fields.index("short_term")]
    unreliable = short_term.types[short_term.fields.index("unreliable")]
    if not is_a(unreliable, Unreliable):
        return lambda group, scale, segment, tick, released: False

    def some(group, scale, segment, tick, released):
        if not group.short_term.unreliable.fails[group.inbox.projection[segment]]:
            return False
        walk_some(group, scale, segment, tick, released)
        return True

    return some


@kernel
def walk_some(group, scale, segment, tick, released):
    """Deliver the events of a segment that pass, each with its weight times `released`."""
    cells, inbox, rule = opened(group.cells), opened(group.inbox), opened(group.short_term.unreliable)
    projection = inbox.projection[segment]
    key = mix(rule.key[segment] + GOLDEN * np.uint64(tick))
    probability, half = rule.probability[projection], rule.half[projection]
    one, shift = inbox.one[projection], inbox.shift[projection]
    low = inbox.begin[segment]
    for s in range(low, low + inbox.count[segment]):
        i = np.uint64(target_of(inbox, s))
        weight = inbox.weight[s - shift] if np.isnan(one) else one
        size = abs(weight)
        bits = mix(key + GOLDEN * (np.uint64(inbox.identity[i]) + np.uint64(1)))
        # A product instead of a quotient: a weight of 0 with half = 0 passes nothing, and is no number.
        if np.float64(bits >> np.uint64(11)) * UNIT * (size + half) < probability * size:
            arrive(cells, scale, i, weight * released)
            if weight > 0.0 and checks(cells):
                notice(cells, scale, i)
