"""Where the threads of one run wait for one another, without the interpreter."""

# pyright: basic
from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from reafference.engine.kernel import piece

ARRIVED, ROUND, BROKEN = 0, 8, 16  # places in the array of a barrier, on cache lines of their own
SPINS = 4000  # looks before the core is offered to somebody else


def barrier() -> np.ndarray:
    """An open barrier, (24,) int64."""
    return np.zeros(24, np.int64)


def _element(context, builder, signature, args):
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [args[1]])


@intrinsic
def _add(typingctx, array, index, value):
    """array[index] += value as one indivisible act; returns what was there before."""

    def generate(context, builder, signature, args):
        return builder.atomic_rmw("add", _element(context, builder, signature, args), args[2], "seq_cst")

    return types.int64(types.Array(types.int64, 1, "C"), types.intp, types.int64), generate


@intrinsic
def _load(typingctx, array, index):
    """array[index] as another thread has left it; nothing that follows is done before."""

    def generate(context, builder, signature, args):
        return builder.load_atomic(_element(context, builder, signature, args), "acquire", 8)

    return types.int64(types.Array(types.int64, 1, "C"), types.intp), generate


@intrinsic
def _store(typingctx, array, index, value):
    """array[index] = value, seen by other threads after everything that was done before."""

    def generate(context, builder, signature, args):
        builder.store_atomic(args[2], _element(context, builder, signature, args), "release", 8)
        return context.get_dummy_value()

    return types.void(types.Array(types.int64, 1, "C"), types.intp, types.int64), generate


@intrinsic
def _give_way(typingctx):
    """Offer the core to another thread that is ready (POSIX sched_yield; elsewhere nothing)."""

    def generate(context, builder, signature, args):
        if not sys.platform.startswith("win"):
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate


add: Any = _add  # typed for those who call them in kernels, without the first argument
load: Any = _load
store: Any = _store
give_way: Any = _give_way


@piece
def wait(state, workers):
    """Return True when all workers have called; False if somebody has written 1 to the place BROKEN of `state`."""
    if workers == 1:
        return True
    turn = load(state, ROUND)
    if add(state, ARRIVED, 1) == workers - 1:
        store(state, ARRIVED, 0)
        store(state, ROUND, turn + 1)
    else:
        spins = 0
        while load(state, ROUND) == turn:
            spins += 1
            if spins > SPINS:
                if load(state, BROKEN) != 0:
                    return False
                give_way()
    return True
