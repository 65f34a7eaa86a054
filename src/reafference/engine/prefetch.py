"""Asking for memory before it is needed: what is due at the next tick is known one tick before.

Rows of synapses lie anywhere in memory, and in a sparse network each is visited once in thousands of ticks, so that
the first look at it waits for the main memory. The rows of the coming ticks stand in the calendar already.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from reafference.engine.inbox import CHUNK
from reafference.engine.kernel import piece, routine

LINE = 64  # bytes of a cache line
LINES = 24  # of one array that are asked for; where a row is longer the machine sees by itself how it goes on
ROWS = 32  # that are asked for in a tick before; where more are due they are asked for on the way
ASKED = ROWS // CHUNK  # links of a chain of which that holds


@intrinsic
def _prefetch(typingctx, array, index):
    """Bring array[index] into the cache, some time; a wish, which changes nothing."""

    def generate(context, builder, signature, args):
        made = context.make_array(signature.args[0])(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, signature.args[0], made, [args[1]])
        address = builder.bitcast(place, ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [address.type] + [ir.IntType(32)] * 3)
        name = "llvm.prefetch.p0" if "*" not in str(address.type) else "llvm.prefetch.p0i8"
        wish = cgutils.get_or_insert_function(builder.module, kind, name)
        builder.call(wish, [address, *(ir.Constant(ir.IntType(32), value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


prefetch: Any = _prefetch  # typed for those who call it in kernels, without the first argument


@routine
def ask(array, low, high):
    """Ask for the elements low <= k < high."""
    step = LINE // array.itemsize
    for k in range(low, min(high, low + LINES * step), step):
        prefetch(array, k)


@piece
def ask_ahead(inbox, link, entries, following):
    """Ask for the rows of one link of a bucket's chain, and for what is known of those of the next.

    Where many short rows are due at once, `ask_for_rows` gives up; then each would wait for the main memory twice.
    """
    for k in range(entries):
        segment = inbox.entry[link, k]
        low = inbox.begin[segment]
        if inbox.wide.size == 0:
            prefetch(inbox.narrow, low)
        else:
            prefetch(inbox.wide, low)
        if inbox.weight.size > 0:
            prefetch(inbox.weight, low - inbox.shift[inbox.projection[segment]])
    if following >= 0:
        for k in range(CHUNK):
            segment = inbox.entry[following, k]
            prefetch(inbox.begin, segment)
            prefetch(inbox.count, segment)
            prefetch(inbox.projection, segment)


@routine
def ask_for_rows(inbox, tick):
    """Ask for the synapses of what is due at `tick`, and for what is known of those due at the tick after it."""
    ring = inbox.head.size - 1
    link, asked = inbox.head[tick & ring], 0
    while link >= 0 and asked < ROWS:
        following = inbox.link[link]
        entries = CHUNK if following >= 0 else inbox.fill[tick & ring]
        for k in range(entries):
            segment = inbox.entry[link, k]
            low, count = inbox.begin[segment], inbox.count[segment]
            if inbox.wide.size == 0:
                ask(inbox.narrow, low, low + count)
            else:
                ask(inbox.wide, low, low + count)
            if inbox.weight.size > 0:
                shift = inbox.shift[inbox.projection[segment]]
                ask(inbox.weight, low - shift, low - shift + count)
        asked += entries
        link = following
    link, asked = inbox.head[(tick + 1) & ring], 0
    while link >= 0 and asked < ROWS:
        following = inbox.link[link]
        entries = CHUNK if following >= 0 else inbox.fill[(tick + 1) & ring]
        for k in range(entries):
            segment = inbox.entry[link, k]
            prefetch(inbox.begin, segment)
            prefetch(inbox.count, segment)
            prefetch(inbox.projection, segment)
        asked += entries
        link = following
    return 0
