"""Kernel of neurons of whole numbers: their steps run on the machine of integer_machine.py, in every tick."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.integer_machine import Programs, programs_of, step_all
from reafference.engine.kernel import INLINE, WALK, is_a
from reafference.network.neurons.integer import REGISTER, IntegerNeuron

OBSERVABLES = ()  # each neuron names its own


class IntegerCells(NamedTuple):
    """All neurons of whole numbers of one worker."""

    memory: np.ndarray  # (rows, cells) int64: state variables, parameters, what has been received in this tick
    row: np.ndarray  # (cells,) int32: row that holds what is received
    message: np.ndarray  # (cells,) int64, of this tick
    programs: Programs


def make(kinds: Sequence[tuple[IntegerNeuron, int]], dt: float) -> IntegerCells:
    """Bring fields into arrays; see engine/contract.py. Raises ValueError for neurons that send numbers."""
    programs, sizes = [kind.program() for kind, _ in kinds], [count for _, count in kinds]
    for (kind, _), program in zip(kinds, programs, strict=True):
        if program.graded:
            raise ValueError(
                f"{type(kind).__name__} sends graded spikes, and events of the engine carry no payload; run it on a "
                "chip that has them (Loihi2), or return a truth value as the message."
            )
    memory = np.zeros((max(program.received for program in programs) + 1, sum(sizes)), np.int64)
    low = 0
    for (kind, count), program in zip(kinds, programs, strict=True):
        for k, name in enumerate((*program.state, *program.parameters)):
            memory[k, low : low + count] = kind.whole(name, f"{type(kind).__name__}.{name}", count)
        low += count
    return IntegerCells(
        memory=memory,
        row=np.repeat([program.received for program in programs], sizes).astype(np.int32),
        message=np.zeros(sum(sizes), np.int64),
        programs=programs_of(programs, sizes),
    )


def part(cells: IntegerCells, low: int, high: int) -> IntegerCells:
    """The neurons low <= i < high."""
    return cells._replace(
        memory=cells.memory[:, low:high].copy(),
        row=cells.row[low:high].copy(),
        message=cells.message[low:high].copy(),
        programs=cells.programs._replace(
            cell=np.clip(cells.programs.cell - low, 0, high - low), between=cells.programs.between.copy()
        ),
    )


@overload(contract.begin, jit_options=INLINE)
def _begin(cells, tick):
    if is_a(cells, IntegerCells):
        return lambda cells, tick: None


@overload(contract.opening, jit_options=INLINE)
def _opening(cells, tick):
    if is_a(cells, IntegerCells):
        return lambda cells, tick: tick


@overload(contract.arrive, jit_options=INLINE)
def _arrive(cells, scale, i, weight):
    if is_a(cells, IntegerCells):

        def arrive(cells, scale, i, weight):
            cells.memory[cells.row[i], i] += np.int64(np.rint(weight))

        return arrive


@overload(contract.checks, jit_options=INLINE)
def _checks(cells):
    if is_a(cells, IntegerCells):
        return lambda cells: False


@overload(contract.notice, jit_options=INLINE)
def _notice(cells, scale, i):
    if is_a(cells, IntegerCells):
        return lambda cells, scale, i: None


@overload(contract.looks, jit_options=INLINE)
def _looks(cells):
    if is_a(cells, IntegerCells):
        return lambda cells: cells.message.size


@overload(contract.settle, jit_options=WALK)
def _settle(cells, tick, events, fired):
    if is_a(cells, IntegerCells):

        def settle(cells, tick, events, fired):
            step_all(cells.programs, cells.memory, REGISTER, cells.message)
            count = np.int64(0)
            for i in range(cells.message.size):
                cells.memory[cells.row[i], i] = 0
                if cells.message[i] != 0:
                    fired[count] = i
                    count += 1
            return count

        return settle


@overload(contract.observe, jit_options=INLINE)
def _observe(cells, i, tick, what):
    if is_a(cells, IntegerCells):
        return lambda cells, i, tick, what: np.float64(cells.memory[what, i])


@overload(contract.drive, jit_options=INLINE)
def _drive(cells, i, current, tick):
    if is_a(cells, IntegerCells):
        return lambda cells, i, current, tick: None
