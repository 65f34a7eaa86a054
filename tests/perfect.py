"""A whole neuron from outside the package: description and kernel, as CONTRIBUTING describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.decay import ticks
from reafference.engine.kernel import INLINE, is_a
from reafference.network.values import PerNeuron, per_neuron
from reafference.units import check_range, check_time, ms, mV

OBSERVABLES = ("v",)


@dataclass(frozen=True, kw_only=True, eq=False)
class PerfectIF:
    """Integrate-and-fire neuron without a leak: dv/dt = 0; at v >= threshold: spike, then v = 0 for `refractory`."""

    kernel: ClassVar[str] = "perfect"

    threshold: PerNeuron = 15 * mV
    refractory: PerNeuron = 2 * ms

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_range(f"{population}: PerfectIF.threshold", self.threshold, 1e-9, 1.0, "V")
        check_time(f"{population}: PerfectIF.refractory", self.refractory, 0.0, 0.5)


class PerfectCells(NamedTuple):
    """All PerfectIF neurons of one worker."""

    v: np.ndarray  # (cells,) float64, volt
    hold: np.ndarray  # (cells,) int64, last tick of the refractory time
    threshold: np.ndarray  # (cells,) float64, volt
    refractory: np.ndarray  # (cells,) int64, ticks


def make(kinds, dt):
    """Bring parameters into arrays."""
    threshold, refractory = (
        np.concatenate([per_neuron(name, getattr(kind, name), count) for kind, count in kinds])
        for name in ("threshold", "refractory")
    )
    count = threshold.size
    return PerfectCells(np.zeros(count), np.full(count, -1, np.int64), threshold, ticks(refractory, dt))


def part(cells, low, high):
    """The neurons low <= i < high."""
    return PerfectCells(*(array[low:high].copy() for array in cells))


@overload(contract.begin, jit_options=INLINE)
def _begin(cells, tick):
    if is_a(cells, PerfectCells):
        return lambda cells, tick: None


@overload(contract.opening, jit_options=INLINE)
def _opening(cells, tick):
    if is_a(cells, PerfectCells):
        return lambda cells, tick: tick


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, scale, i, weight):
    if is_a(cells, PerfectCells):

        def arrive(cells, scale, i, weight):
            if scale > cells.hold[i]:
                cells.v[i] += weight

        return arrive


@overload(contract.checks, jit_options=INLINE)
def _checks(cells):
    if is_a(cells, PerfectCells):
        return lambda cells: False


@overload(contract.notice, jit_options=INLINE)
def _notice(cells, scale, i):
    if is_a(cells, PerfectCells):
        return lambda cells, scale, i: None


@overload(contract.looks, jit_options=INLINE)
def _looks(cells):
    if is_a(cells, PerfectCells):
        return lambda cells: cells.v.size


@overload(contract.settle, jit_options=INLINE)
def _settle(cells, tick, events, fired):
    if is_a(cells, PerfectCells):

        def settle(cells, tick, events, fired):
            count = 0
            for i in range(cells.v.size):
                if cells.v[i] >= cells.threshold[i]:
                    cells.v[i] = 0.0
                    cells.hold[i] = tick + cells.refractory[i]
                    fired[count] = i
                    count += 1
            return count

        return settle


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, PerfectCells):
        return lambda cells, i, tick, what: cells.v[i]


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, PerfectCells):
        return lambda cells, i, current, tick: None
