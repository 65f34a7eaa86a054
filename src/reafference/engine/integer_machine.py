"""A machine that runs steps of whole numbers: one instruction for a block of neurons, then the next.

So what an instruction costs beside its arithmetic is shared by a block, and the loop over the block becomes vector
instructions. Nothing is compiled for a new neuron: its step is data.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import piece
from reafference.network.integer import IntegerProgram, Op

BLOCK = 128  # neurons
(
    CONST, MOVE, ADD, SUB, MUL, SHL, SHR, AND, OR, XOR, NOT, NEG, ABS, MIN, MAX, LT, LE, EQ, NE, SELECT, WRAP, DIV, MOD,
    STORE, SEND,
) = (int(op) for op in Op)  # fmt: skip


class Programs(NamedTuple):
    """Steps of several kinds of neurons, and whose they are."""

    code: (
        np.ndarray
    )  # (instructions, 5) int64: op, result, a, b, c; rows of memory from 0, -1 - t is row t of `between`
    constants: np.ndarray  # (constants,) int64
    first: np.ndarray  # (programs + 1,) int64: instructions of a program
    cell: np.ndarray  # (programs + 1,) int64: neurons that run it
    received: np.ndarray  # (programs,) int64: row of memory that holds their input
    between: np.ndarray  # (places, BLOCK) int64, where results of a step are kept; nothing between two steps


def programs_of(programs: Sequence[IntegerProgram], sizes: Sequence[int]) -> Programs:
    """Programs, each for so many neurons, one after the other."""
    tables, constants, places, count = [np.zeros((0, 5), np.int64)], [np.zeros(0, np.int64)], 1, 0
    for program in programs:
        rows, most = program.rows()
        table = np.array(rows, np.int64)
        beyond = program.received + 1
        used = np.array([len(each.uses) for each in program.instructions])
        for k in range(4):
            computed = used >= k if k else ~np.isin(table[:, 0], (STORE, SEND))
            computed &= table[:, 1 + k] >= beyond
            table[computed, 1 + k] = beyond - 1 - table[computed, 1 + k]
        table[table[:, 0] == CONST, 2] += count
        count += len(program.constants)
        tables.append(table)
        constants.append(np.array(program.constants, np.int64))
        places = max(places, most)
    return Programs(
        code=np.concatenate(tables),
        constants=np.concatenate(constants),
        first=np.cumsum([0, *(table.shape[0] for table in tables[1:])]),
        cell=np.cumsum([0, *sizes]),
        received=np.array([program.received for program in programs], np.int64),
        between=np.zeros((places, BLOCK), np.int64),
    )


@piece
def step_block(programs, p, memory, bits, message, low, size):
    """One step of the neurons low <= i < low + size, which run program p.

    memory   (rows, neurons) int64: state variables, parameters, input; state changes
    bits     of a register
    message  (neurons,) int64, changed
    """
    between, code = programs.between, programs.code
    half = np.int64(1) << (bits - 1)
    mask = 2 * half - 1
    for k in range(programs.first[p], programs.first[p + 1]):
        op = code[k, 0]
        if op in (STORE, SEND):
            x = code[k, 2]
            a = memory[x, low : low + size] if x >= 0 else between[-1 - x, :size]
            z = message[low : low + size] if op == SEND else memory[code[k, 1], low : low + size]
            for i in range(size):
                z[i] = a[i]
            continue
        x, y = code[k, 1], code[k, 2]
        z = memory[x, low : low + size] if x >= 0 else between[-1 - x, :size]
        if op == CONST:
            number = programs.constants[y]
            for i in range(size):
                z[i] = number
            continue
        a = memory[y, low : low + size] if y >= 0 else between[-1 - y, :size]
        y = code[k, 3]
        b = memory[y, low : low + size] if y >= 0 else between[-1 - y, :size]
        if op == WRAP:
            for i in range(size):
                z[i] = ((a[i] + half) & mask) - half
        elif op == ADD:
            for i in range(size):
                z[i] = a[i] + b[i]
        elif op == SUB:
            for i in range(size):
                z[i] = a[i] - b[i]
        elif op == MUL:
            for i in range(size):
                z[i] = a[i] * b[i]
        elif op == SHR:
            for i in range(size):
                z[i] = a[i] >> b[i]
        elif op == SHL:
            for i in range(size):
                z[i] = a[i] << b[i]
        elif op == SELECT:
            y = code[k, 4]
            c = memory[y, low : low + size] if y >= 0 else between[-1 - y, :size]
            for i in range(size):
                z[i] = b[i] if a[i] != 0 else c[i]
        elif op == LT:
            for i in range(size):
                z[i] = np.int64(a[i] < b[i])
        elif op == LE:
            for i in range(size):
                z[i] = np.int64(a[i] <= b[i])
        elif op == EQ:
            for i in range(size):
                z[i] = np.int64(a[i] == b[i])
        elif op == NE:
            for i in range(size):
                z[i] = np.int64(a[i] != b[i])
        elif op == MIN:
            for i in range(size):
                z[i] = min(a[i], b[i])
        elif op == MAX:
            for i in range(size):
                z[i] = max(a[i], b[i])
        elif op == ABS:
            for i in range(size):
                z[i] = abs(a[i])
        elif op == NEG:
            for i in range(size):
                z[i] = -a[i]
        elif op == NOT:
            for i in range(size):
                z[i] = ~a[i]
        elif op == AND:
            for i in range(size):
                z[i] = a[i] & b[i]
        elif op == OR:
            for i in range(size):
                z[i] = a[i] | b[i]
        elif op == XOR:
            for i in range(size):
                z[i] = a[i] ^ b[i]
        elif op == DIV:
            for i in range(size):
                z[i] = a[i] // b[i]
        elif op == MOD:
            for i in range(size):
                z[i] = a[i] % b[i]
        else:
            for i in range(size):
                z[i] = a[i]


@piece
def step_all(programs, memory, bits, message):
    """One step of all neurons."""
    for p in range(programs.first.size - 1):
        for low in range(programs.cell[p], programs.cell[p + 1], BLOCK):
            step_block(programs, p, memory, bits, message, low, min(BLOCK, programs.cell[p + 1] - low))
