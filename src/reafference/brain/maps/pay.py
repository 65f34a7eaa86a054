"""What was paid where: reward as one more thing that is felt, tagged on every chart like a symbol.

A reward belongs to the place that the packet entered, whatever way it came; where a command left the packet in its
place, it belongs to that command there. So a place that pays whoever comes in is known from all sides at once, and
standing in it promises nothing. Both are means, learned by the delta rule of Rescorla and Wagner, dm = (r - m) / n, at
the synapse that just conducted; n counts up to a memory, so that what pays no more is unlearned.

A chart that overwrites another hands on what it was paid, too. Until something is paid nothing is noted at all, and a
world that never pays costs nothing.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.engine.kernel import kernel

MEMORY = 4  # entries of a place after which an old reward weighs 1/e or so


class Pay(NamedTuple):
    """Rewards of all charts.

    entered  (charts, cells) float32           mean reward on entering a place
    entries  (charts, cells) uint8             how often, up to MEMORY
    stayed   (charts, cells, actions) float32  mean reward of an action that left the packet where it was
    stays    (charts, cells, actions) uint8    how often, up to MEMORY
    last     (charts, cells) int32             clock when a place was entered last; 0: not since something was paid
    clock    (1,) int64                        rewards noted, of nothing included
    """

    entered: np.ndarray
    entries: np.ndarray
    stayed: np.ndarray
    stays: np.ndarray
    last: np.ndarray
    clock: np.ndarray


@dataclass(frozen=True)
class Earned:
    """Reward of a life so far.

    first  action that earned something for the first time, counted from 1
    total  of all actions
    late   of the last quarter of them
    """

    first: int
    total: float
    late: float


def earned(rewards: Sequence[float | None]) -> Earned | None:
    """What these actions earned, None: nothing to be had; None where none of them earned anything."""
    known = np.array([reward or 0.0 for reward in rewards])
    if not known.any():
        return None
    late = known[known.size - known.size // 4 :]
    return Earned(int(np.flatnonzero(known)[0]) + 1, float(known.sum()), float(late.sum()))


def unpaid(charts: int, cells: int, actions: int) -> Pay:
    """Charts on which nothing was ever paid."""
    return Pay(
        entered=np.zeros((charts, cells), np.float32),
        entries=np.zeros((charts, cells), np.uint8),
        stayed=np.zeros((charts, cells, actions), np.float32),
        stays=np.zeros((charts, cells, actions), np.uint8),
        last=np.zeros((charts, cells), np.int32),
        clock=np.zeros(1, np.int64),
    )


@kernel
def earn(pay, before, after, action, reward):
    """Every chart notes a reward where its packet is, `after` (charts,) an action; `before` it was there (charts,)."""
    pay.clock[0] += 1
    for k in range(after.size):
        cell = after[k]
        if cell != before[k]:
            pay.last[k, cell] = pay.clock[0]
            pay.entries[k, cell] = min(pay.entries[k, cell] + 1, MEMORY)
            pay.entered[k, cell] += (reward - pay.entered[k, cell]) / pay.entries[k, cell]
        else:
            pay.stays[k, cell, action] = min(pay.stays[k, cell, action] + 1, MEMORY)
            pay.stayed[k, cell, action] += (reward - pay.stayed[k, cell, action]) / pay.stays[k, cell, action]


def hand_on(pay: Pay, copies: npt.NDArray[np.int64]) -> None:
    """Charts with no copy take over what those with several were paid, in the order of `charts.overwrite`."""
    lost, given = np.flatnonzero(copies == 0), np.repeat(np.arange(copies.size), np.maximum(copies - 1, 0))
    for array in (pay.entered, pay.entries, pay.stayed, pay.stays, pay.last):
        array[lost] = array[given]
