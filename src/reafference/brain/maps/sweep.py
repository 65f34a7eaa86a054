# pyright: basic
"""Backups of value along learned edges, most surprised place first: the compiled part of `value.py`.

An edge is one thing that followed once from one place and one action. Edges out of a (place, action) pair hang on a
chain, and so do the edges into a place; a place whose value changes walks its incoming chain and tells those from which
it can be reached by how much. Nobody else hears of the change, and the place that heard most goes next: planning runs
backwards from where the surprise was.

Source: Moore and Atkeson, Machine Learning 13 (1993) 103; as a model of replay at rest, Mattar and Daw, Nature
Neuroscience 21 (2018) 1609.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

NONE = -1


class Edges(NamedTuple):
    """What was seen to follow. A pair is place * actions + action."""

    first_out: np.ndarray  # (places * actions,) int64: the pair's latest edge, or NONE
    next_out: np.ndarray  # (edges,) int64: the pair's next one
    first_in: np.ndarray  # (places,) int64: latest edge into a place
    next_in: np.ndarray  # (edges,) int64
    pair: np.ndarray  # (edges,) int64: where the edge starts
    target: np.ndarray  # (edges,) int64: place where it ends
    ended: np.ndarray  # (edges,) bool: the world stopped there, so nothing is to be had beyond
    count: np.ndarray  # (edges,) float64: times seen, those long ago counting less
    reward: np.ndarray  # (edges,) float64: mean reward on it
    weight: np.ndarray  # (edges,) float64: probability of the edge in the present hypothesis
    fresh: np.ndarray  # (places * actions,) float64: probability of something never seen


class Queue(NamedTuple):
    """Places that wait for a backup: a binary heap, largest `priority` on top."""

    priority: np.ndarray  # (places,) float64: change of value that this place has been told of since its last backup
    heap: np.ndarray  # (places,) int64
    at: np.ndarray  # (places,) int64: index in `heap`, or NONE
    size: np.ndarray  # (1,) int64


@numba.njit(cache=True)
def record(edges, place, action, reward, target, ended, memory, used):
    """Count one transition; return its edge, which is `used` when nothing like it had followed from this pair before.

    The older counts of the same pair shrink by 1/memory: a local, slow forgetting.
    """
    actions = edges.first_out.size // edges.first_in.size
    pair = place * actions + action
    found = NONE
    edge = edges.first_out[pair]
    while edge != NONE:
        edges.count[edge] *= 1.0 - 1.0 / memory
        if edges.target[edge] == target and edges.ended[edge] == ended:
            found = edge
        edge = edges.next_out[edge]
    if found == NONE:
        found = used
        edges.pair[found], edges.target[found], edges.ended[found] = pair, target, ended
        edges.count[found], edges.reward[found], edges.weight[found] = 0.0, 0.0, 0.0
        edges.next_out[found], edges.first_out[pair] = edges.first_out[pair], found
        edges.next_in[found], edges.first_in[target] = edges.first_in[target], found
    edges.count[found] += 1.0
    edges.reward[found] += (reward - edges.reward[found]) / edges.count[found]
    return found


@numba.njit(cache=True)
def action_value(edges, value, pair, discount, unknown):
    """Expected return of one pair in the present hypothesis; what was never seen is worth `unknown`."""
    total = edges.fresh[pair] * unknown
    edge = edges.first_out[pair]
    while edge != NONE:
        gain = edges.reward[edge]
        if not edges.ended[edge]:
            gain += discount * value[edges.target[edge]]
        total += edges.weight[edge] * gain
        edge = edges.next_out[edge]
    return total


@numba.njit(cache=True)
def action_values(edges, value, place, discount, unknown):
    """Expected returns (actions,) of all pairs of one place."""
    actions = edges.first_out.size // edges.first_in.size
    returns = np.empty(actions)
    for action in range(actions):
        returns[action] = action_value(edges, value, place * actions + action, discount, unknown)
    return returns


@numba.njit(cache=True)
def tell(queue, place, change):
    """Add `change` to what a place has been told, and move it up the queue."""
    queue.priority[place] += change
    heap, at = queue.heap, queue.at
    i = at[place]
    if i == NONE:
        i = queue.size[0]
        queue.size[0] += 1
        heap[i], at[place] = place, i
    while i > 0:
        above = (i - 1) // 2
        if queue.priority[heap[above]] >= queue.priority[place]:
            break
        heap[i] = heap[above]
        at[heap[i]] = i
        i = above
    heap[i], at[place] = place, i


@numba.njit(cache=True)
def tell_all(queue, places, change):
    """Let every place look again."""
    for place in range(places):
        tell(queue, place, change)


@numba.njit(cache=True)
def take(queue):
    """Remove and return the place on top; what it was told is forgotten."""
    heap, at = queue.heap, queue.at
    top = heap[0]
    queue.size[0] -= 1
    size = queue.size[0]
    at[top] = NONE
    queue.priority[top] = 0.0
    if size > 0:
        last = heap[size]
        i = 0
        while True:
            child = 2 * i + 1
            if child >= size:
                break
            if child + 1 < size and queue.priority[heap[child + 1]] > queue.priority[heap[child]]:
                child += 1
            if queue.priority[heap[child]] <= queue.priority[last]:
                break
            heap[i] = heap[child]
            at[heap[i]] = i
            i = child
        heap[i], at[last] = last, i
    return top


@numba.njit(cache=True)
def sweep(edges, queue, value, discount, unknown, threshold, limit):
    """Back up the places in the queue, the most surprised first, until none was told more than `threshold` or `limit`
    backups are done. Changes `value` and the queue; returns the backups done.
    """
    actions = edges.first_out.size // edges.first_in.size
    done = 0
    while done < limit and queue.size[0] > 0 and queue.priority[queue.heap[0]] > threshold:
        place = take(queue)
        best = action_values(edges, value, place, discount, unknown).max()
        change = abs(best - value[place])
        value[place] = best
        done += 1
        if change == 0.0:
            continue
        edge = edges.first_in[place]
        while edge != NONE:
            if not edges.ended[edge]:
                told = discount * edges.weight[edge] * change
                if told > 0.0:
                    tell(queue, edges.pair[edge] // actions, told)
            edge = edges.next_in[edge]
    return done
