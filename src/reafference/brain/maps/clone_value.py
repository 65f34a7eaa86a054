"""What clones are worth, where the sheet was given up: the same planning on the map that the clone store remembers.

Places are the clones that stand for the remembered moments, edges what followed from what by which action, rewards what
entering a clone paid the last few times, or what an action paid that led to the same clone again. Values are planned
anew from nothing at each choice, most surprised place first (`sweep.py`), because every replay of the store may let
another clone stand for a moment. So there is nothing here to be kept, and nothing to be saved.

A choice weighs the clones of the present symbol by the store's belief: the rule of Littman, Cassandra and Kaelbling,
ICML (1995) 362 (Q-MDP), which takes for granted that doubt will be gone after one action.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.chart_value import look
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.pay import MEMORY
from reafference.brain.maps.sweep import NONE, Edges, Queue, action_values, sweep

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PRECISION = 1e-3  # change of value that is not passed on, in units of the largest reward


def promised(store: CloneStore, rewards: Sequence[float | None], *, discount: float, renewal: float) -> Floats:
    """Expected return of each action (actions,) from what the store believes now.

    rewards  of the last actions, at least as many as the store remembers; None: there was none to be had
    discount, renewal  as of `ChartValue`
    """
    symbols, actions, path = store.stream
    steps = store.steps
    paid = np.array([np.nan if reward is None else reward for reward in rewards[len(rewards) - steps :]], float)
    place = symbols.astype(np.int64) * store.clones + path
    pair = place[:-1] * store.actions + actions
    places = store.symbols * store.clones
    largest = float(np.nanmax(np.abs(paid), initial=0.0))
    edges = remembered(pair, place, paid, places, store.actions, renewal * largest)
    queue = Queue(np.zeros(places), np.zeros(places, np.int64), np.full(places, NONE), np.zeros(1, np.int64))
    value = np.zeros(places)
    look(edges, queue, value, np.unique(place[:-1]).astype(np.int32), discount, PRECISION * largest)
    sweep(edges, queue, value, discount, 0.0, PRECISION * largest, 1000 * places)
    here = int(symbols[-1]) * store.clones
    return sum(
        (store.belief[k] * action_values(edges, value, here + k, discount, 0.0) for k in range(store.clones)),
        start=np.zeros(store.actions),
    )


def remembered(pair: Ints, place: Ints, paid: Floats, places: int, actions: int, renewal: float) -> Edges:
    """What followed as edges. pair, paid (steps,): what was done where, and earned; place (steps + 1,)."""
    to = place[1:]
    _, first, which, count = np.unique(pair * places + to, return_index=True, return_inverse=True, return_counts=True)
    source, target = pair[first], to[first]
    stays = source // actions == target
    clock = np.cumsum(np.isfinite(paid))
    moved = to != place[:-1]
    mean, last = lately(to[moved], paid[moved], clock[moved], places)
    reward = mean[target] + renewal * np.sqrt(clock[-1] - last[target])
    reward[stays] = lately(which, paid, clock, source.size)[0][stays]
    edges = Edges(
        first_out=np.full(places * actions, NONE),
        next_out=np.full(source.size, NONE),
        first_in=np.full(places, NONE),
        next_in=np.full(source.size, NONE),
        pair=source,
        target=target,
        ended=np.zeros(source.size, np.bool_),
        count=count.astype(np.float64),
        reward=reward,
        weight=count / np.bincount(pair, minlength=places * actions)[source],
        fresh=np.zeros(places * actions),
    )
    for edge in range(source.size):
        edges.next_out[edge], edges.first_out[source[edge]] = edges.first_out[source[edge]], edge
        edges.next_in[edge], edges.first_in[target[edge]] = edges.first_in[target[edge]], edge
    return edges


def lately(what: Ints, paid: Floats, clock: Ints, kinds: int) -> tuple[Floats, Ints]:
    """Of each kind of thing, mean reward of the last MEMORY times that something was to be had, and when that was last.

    what, paid, clock (n,): which thing it was, its reward, and the time, ascending
    """
    noted = np.isfinite(paid)
    what, paid, clock = what[noted], paid[noted], clock[noted]
    last = np.zeros(kinds, np.int64)
    last[what] = clock  # the last of several stays
    order = np.argsort(what, kind="stable")
    behind = np.bincount(what, minlength=kinds).cumsum()[what[order]] - np.arange(order.size)  # 1: the last of its kind
    late = order[behind <= MEMORY]
    times = np.bincount(what[late], minlength=kinds)
    return np.bincount(what[late], paid[late], minlength=kinds) / np.maximum(times, 1), last
