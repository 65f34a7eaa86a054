"""Cores to places on the mesh, so that spikes travel few hops.

The cost is the sum over pairs of cores of messages times distance (a quadratic assignment problem). Cores are placed
one by one, the busiest first, each where it is best among those placed; then pairs of places are swapped by simulated
annealing (Kirkpatrick, Gelatt and Vecchi, Science 220 (1983) 671-680), an empty place being as good as a core.
"""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from reafference.chips.placement.graph import Int64s
from reafference.chips.placement.mesh import Mesh
from reafference.engine.kernel import builder
from reafference.engine.random import uniform


class Arrangement(Protocol):
    """A way to find a place for each core."""

    def __call__(self, flow: Any, mesh: Mesh, seed: int) -> Int64s:
        """(cores,) int64, slot of each core; `flow` is a sparse matrix (cores, cores) of messages from core to core."""
        ...


@dataclass(frozen=True)
class RowMajor:
    """Cores by their number: along x, then y, chip by chip as the rows of the whole mesh run. To compare with."""

    def __call__(self, flow: Any, mesh: Mesh, seed: int) -> Int64s:
        """Slot 0 to cores - 1."""
        return np.arange(flow.shape[0], dtype=np.int64)


@dataclass(frozen=True)
class Scattered:
    """Every core anywhere. To compare with."""

    def __call__(self, flow: Any, mesh: Mesh, seed: int) -> Int64s:
        """Slots drawn without replacement."""
        return np.random.default_rng(seed).permutation(mesh.slots)[: flow.shape[0]].astype(np.int64)


@dataclass(frozen=True)
class Annealed:
    """Greedy start, then swaps.

    tries  swaps tried for each core, about half of them while it is warm
    """

    tries: int = 3000

    def __call__(self, flow: Any, mesh: Mesh, seed: int) -> Int64s:
        """Slots of low cost; the same for the same seed."""
        cores = flow.shape[0]
        both = sparse.csr_matrix(flow + flow.T)
        both.setdiag(0)
        both.eliminate_zeros()
        x, y = mesh.xy(np.arange(mesh.slots))
        grid = (x, y, mesh.width, mesh.height, mesh.crossing - 1.0)
        first, other, amount = both.indptr.astype(np.int64), both.indices.astype(np.int64), both.data.astype(np.float64)
        busy = np.argsort(-np.asarray(both.sum(axis=1)).ravel(), kind="stable").astype(np.int64)
        slot = _greedy(busy, first, other, amount, *grid)
        if cores and both.nnz:
            _anneal(slot, first, other, amount, *grid, self.tries * cores, np.uint64(seed))
        return slot


@builder
def distance(a, b, x, y, width, height, extra):
    """Hops from slot a to b, the links between chips counted `extra` more."""
    dx, dy = abs(x[a] - x[b]), abs(y[a] - y[b])
    crossings = abs(x[a] // width - x[b] // width) + abs(y[a] // height - y[b] // height)
    return dx + dy + extra * crossings


@builder
def _greedy(busy, first, other, amount, x, y, width, height, extra):
    slot = np.full(busy.size, -1, np.int64)
    free = np.ones(x.size, np.bool_)
    centre = (x[-1] // 2, y[-1] // 2)
    for c in busy:
        best, low, low_far = -1, np.inf, np.inf
        for s in range(x.size):
            if not free[s] or (s > 0 and x[s] == x[s - 1] and y[s] == y[s - 1] and free[s - 1]):
                continue
            cost = 0.0
            for k in range(first[c], first[c + 1]):
                if slot[other[k]] >= 0:
                    cost += amount[k] * distance(s, slot[other[k]], x, y, width, height, extra)
            far = abs(x[s] - centre[0]) + abs(y[s] - centre[1])
            if cost < low or (cost == low and far < low_far):
                best, low, low_far = s, cost, far
        slot[c] = best
        free[best] = False
    return slot


@builder
def _anneal(slot, first, other, amount, x, y, width, height, extra, tries, seed):
    at = np.full(x.size, -1, np.int64)
    for c in range(slot.size):
        at[slot[c]] = c
    drawn = 0
    mean, known = 0.0, 0
    for t in range(-200, tries):
        c = np.int64(uniform(seed, 0, drawn) * slot.size)
        s = np.int64(uniform(seed, 1, drawn) * x.size)
        luck = uniform(seed, 2, drawn)
        drawn += 1
        here = slot[c]
        d = at[s]
        if s == here:
            continue
        change = 0.0
        for k in range(first[c], first[c + 1]):
            o = other[k]
            if o != d:
                far = distance(s, slot[o], x, y, width, height, extra)
                change += amount[k] * (far - distance(here, slot[o], x, y, width, height, extra))
        if d >= 0:
            for k in range(first[d], first[d + 1]):
                o = other[k]
                if o != c:
                    far = distance(here, slot[o], x, y, width, height, extra)
                    change += amount[k] * (far - distance(s, slot[o], x, y, width, height, extra))
        if t < 0:  # how large changes are
            mean += abs(change)
            known += 1
            continue
        left = 1.0 - t / tries
        heat = 0.0 if left < 0.2 or known == 0 else 0.3 * mean / known * (left - 0.2) ** 2
        if change <= 0.0 or (heat > 0.0 and luck < np.exp(-change / heat)):
            slot[c] = s
            at[s] = c
            at[here] = d
            if d >= 0:
                slot[d] = here
