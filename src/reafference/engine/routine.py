"""Compiled functions that are called by address, so that what calls them is compiled without them.

The compiler copies whatever a kernel calls into it and optimises all of it again, one level above the other: the loop
over ticks would be compiled for every set of neurons anew, and everything that neurons do four times over. A *routine*
that is called by its address is compiled once for the types of its arguments, kept on disk by itself, and shared by all
networks that need it; one that a network does not need is not compiled for it.

Addresses hold for one process. They are no part of kept code but data, which the caller of a kernel hands over: the
address of a routine (`address_of`) and that of a named tuple of arrays in memory (`Laid`), which the routine takes as a
handle. Only whole numbers, arrays and handles can be handed to a routine, and it returns a whole number.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from reafference.engine.handle import Handle

SOMETHING = Handle(types.none)  # a handle that nobody opens: it is only passed on


class Laid:
    """A named tuple of arrays, and of such tuples, written down in memory as compiled code has it.

    word   (words,) int64, what is written there; it holds as long as this object
    what   the tuple, which keeps the arrays alive
    """

    def __init__(self, what: Any) -> None:
        self.what = what
        self.word = np.array(words(what), np.int64)

    @property
    def address(self) -> int:
        """Where it is."""
        return self.word.ctypes.data

    def address_of(self, field: str) -> int:
        """Where one of its fields is."""
        before = self.what[: self.what._fields.index(field)]
        return self.address + 8 * sum(len(words(value)) for value in before)


def words(value: Any) -> list[int]:
    """Numba's form of an array (nobody to count references, sizes, address, shape, strides), or those of a tuple."""
    if isinstance(value, tuple):
        return [word for item in value for word in words(item)]
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{value!r} is {type(value).__name__}; what is laid down for a routine is made of arrays.")
    return [0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides]


def handle_type(value: Any) -> Handle:
    """Type of the handle of a named tuple."""
    return Handle(numba.typeof(value))


def address_of(routine: Any, *arguments: types.Type) -> int:
    """Address of a routine for arguments of these types; it is compiled, or loaded, if it has not been yet."""
    routine.compile(types.int64(*arguments))
    made = routine.overloads[arguments]
    return made.library.get_pointer_to_function(made.fndesc.llvm_func_name)


@intrinsic
def _place(typingctx, address):
    """An address as the handle of something."""

    def generate(context, builder, signature, args):
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return SOMETHING(types.int64), generate


@intrinsic
def _call(typingctx, code, arguments):
    """What the routine at address `code` returns for a tuple of arguments."""
    kinds = tuple(types.int64 if isinstance(kind, types.Integer) else kind for kind in arguments)

    def generate(context, builder, signature, args):
        kind = context.call_conv.get_function_type(types.int64, kinds)
        routine = builder.inttoptr(args[0], kind.as_pointer())
        given = cgutils.unpack_tuple(builder, args[1])
        status, result = context.call_conv.call_function(builder, routine, types.int64, kinds, given)
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return result

    return types.int64(types.int64, types.Tuple(kinds)), generate


place: Any = _place  # typed for those who call them in kernels, without the first argument
call: Any = _call
