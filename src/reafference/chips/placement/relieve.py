"""Cores to places on the mesh, so that no link carries much more than others.

Few hops are not little congestion: what is short may all lie on the same links. After an arrangement for few hops,
pairs of places are swapped where that lowers the sum over all links of their load to a power. With a power of 1 that
sum is the number of hops; the higher the power, the more only the busiest links count.
"""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from reafference.chips.placement.arrange import Annealed, Arrangement
from reafference.chips.placement.graph import Int64s
from reafference.chips.placement.mesh import Mesh
from reafference.engine.kernel import builder
from reafference.engine.random import uniform


@dataclass(frozen=True)
class Relieved:
    """Swaps after another arrangement, each kept where it lowers the sum of loads to the power.

    start  the arrangement before; what it finds is never made worse by the same sum
    tries  swaps tried for each core
    power  2 to 64
    """

    start: Arrangement = Annealed()  # noqa: RUF009 - frozen
    tries: int = 300
    power: int = 8

    def __post_init__(self) -> None:
        if not 2 <= self.power <= 64:
            raise ValueError(f"Relieved.power = {self.power} is outside 2 to 64.")

    def __call__(self, flow: Any, mesh: Mesh, seed: int) -> Int64s:
        """Slots; the same for the same seed."""
        slot = np.array(self.start(flow, mesh, seed), np.int64)
        out = sparse.csr_matrix(flow, dtype=np.float64)
        out.setdiag(0)
        out.eliminate_zeros()
        into = sparse.csr_matrix(out.T)
        if not out.nnz:
            return slot
        x, y = mesh.xy(np.arange(mesh.slots))
        sides = [(each.indptr.astype(np.int64), each.indices.astype(np.int64), each.data) for each in (out, into)]
        width, height = mesh.size
        grid = (x, y, width, height, mesh.route.columns_first)
        _relieve(slot, *sides[0], *sides[1], *grid, self.tries * slot.size, float(self.power), np.uint64(seed))
        return slot


@builder
def _carry(load, a, b, amount, x, y, columns_first):
    """Put messages on every link between two slots; `load` is (4, height, width): by direction and router it leaves."""
    at_x, at_y, to_x, to_y = x[a], y[a], x[b], y[b]
    for turn in range(2):
        if (turn == 0) == columns_first:
            while at_x != to_x:
                load[0 if to_x > at_x else 1, at_y, at_x] += amount
                at_x += 1 if to_x > at_x else -1
        else:
            while at_y != to_y:
                load[2 if to_y > at_y else 3, at_y, at_x] += amount
                at_y += 1 if to_y > at_y else -1


@builder
def _carry_all(load, c, d, slot, sign, first, other, amount, into_first, into_other, into_amount, x, y, columns_first):
    """Put all that core c sends and hears on the links, or take it off; of what it shares with core d nothing."""
    for k in range(first[c], first[c + 1]):
        if other[k] != d:
            _carry(load, slot[c], slot[other[k]], sign * amount[k], x, y, columns_first)
    for k in range(into_first[c], into_first[c + 1]):
        if into_other[k] != d:
            _carry(load, slot[into_other[k]], slot[c], sign * into_amount[k], x, y, columns_first)


@builder
def _cost(load, unit, power):
    """Sum of loads, as parts of `unit`, to the power."""
    total = 0.0
    for each in load.ravel():
        if each > 0.0:
            total += (each / unit) ** power
    return total


@builder
def _relieve(
    slot,
    first,
    other,
    amount,
    into_first,
    into_other,
    into_amount,
    x,
    y,
    width,
    height,
    columns_first,
    tries,
    power,
    seed,
):
    at = np.full(x.size, -1, np.int64)
    load = np.zeros((4, height, width))
    for c in range(slot.size):
        at[slot[c]] = c
        for k in range(first[c], first[c + 1]):
            _carry(load, slot[c], slot[other[k]], amount[k], x, y, columns_first)
    unit = load.max()
    if unit <= 0.0:
        return
    cost, before = _cost(load, unit, power), load.copy()
    for drawn in range(tries):
        c = np.int64(uniform(seed, 3, drawn) * slot.size)
        s = np.int64(uniform(seed, 4, drawn) * x.size)
        here, d = slot[c], at[s]
        if s == here:
            continue
        before[:] = load
        for step in range(2):
            sign = -1.0 if step == 0 else 1.0
            _carry_all(
                load, c, -1, slot, sign, first, other, amount, into_first, into_other, into_amount, x, y, columns_first
            )
            if d >= 0:
                _carry_all(
                    load, d, c, slot, sign, first, other, amount, into_first, into_other, into_amount, x, y,
                    columns_first,
                )  # fmt: skip
            if step == 0:
                slot[c] = s
                if d >= 0:
                    slot[d] = here
        now = _cost(load, unit, power)
        if now < cost:
            cost = now
            at[s], at[here] = c, d
        else:
            load[:] = before
            slot[c] = here
            if d >= 0:
                slot[d] = s
