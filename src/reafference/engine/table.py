"""What the loop over ticks is told of the groups and sources of one worker: where they are, and what to call for them.

Columns are named in tick.py. What a network has no need of, because no synapse of a group learns or nothing is traced,
is 0 in the table, and never compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from numba import types

from reafference.engine import tick as loops
from reafference.engine.deliver import deliver, walk_released
from reafference.engine.inbox import surely
from reafference.engine.learning import change, next_change, teach
from reafference.engine.noise import hear
from reafference.engine.prefetch import ask_for_rows
from reafference.engine.routine import SOMETHING, Laid, address_of, handle_type
from reafference.engine.tick import Group, Out

NUMBER = types.int64
NUMBERS = numba.typeof(np.zeros(1, np.int64))


class Table(NamedTuple):
    """Rows for `advance`, and what has to live as long as they."""

    row: npt.NDArray[np.int64]  # (groups, 15) or (sources, 2): addresses
    laid: list[Laid]


def groups_table(groups: Sequence[Group], out: Out) -> Table:
    """The table of groups of a worker."""
    table = Table(np.zeros((len(groups), loops.ASK + 1), np.int64), [Laid(group) for group in groups])
    of_out = handle_type(out)
    for row, laid, group in zip(table.row, table.laid, groups, strict=True):
        place, inbox, rules = handle_type(group), handle_type(group.inbox), handle_type(group.rules)
        row[loops.GROUP] = laid.address
        row[loops.INBOX], row[loops.RULES] = laid.address_of("inbox"), laid.address_of("rules")
        row[loops.STEP] = address_of(loops.step_group, place, NUMBERS, of_out, NUMBER, NUMBER)
        row[loops.DELIVER] = address_of(deliver, place, NUMBER, NUMBER)
        row[loops.ASK] = address_of(ask_for_rows, inbox, NUMBER)
        row[loops.ROOM] = address_of(surely, inbox)
        row[loops.FITS] = address_of(loops.fits, inbox, of_out, NUMBER)
        row[loops.ENTER] = address_of(loops.enter_all, inbox, SOMETHING, NUMBER, of_out, NUMBER, NUMBER)
        if group.probe.cell.size:
            row[loops.TRACE] = address_of(loops.trace_group, place, of_out, NUMBER, NUMBER)
        if group.noise.size.size:
            row[loops.HEAR] = address_of(hear, place, NUMBER)
        if group.short_term.changes.any():
            row[loops.RELEASE] = address_of(walk_released, place, NUMBER, NUMBER)
        if group.rules.rate.size:
            row[loops.TEACH] = address_of(teach, rules, NUMBER)
            row[loops.CHANGE] = address_of(change, rules, inbox, NUMBER)
            row[loops.NEXT] = address_of(next_change, rules, NUMBER)
    return table


def sources_table(sources: Sequence[Any], out: Out) -> Table:
    """The table of sources of a worker."""
    table = Table(np.zeros((len(sources), loops.EMIT + 1), np.int64), [Laid(source) for source in sources])
    for row, laid, source in zip(table.row, table.laid, sources, strict=True):
        row[loops.SOURCE] = laid.address
        row[loops.EMIT] = address_of(loops.emit_all, handle_type(source), handle_type(out), NUMBER, NUMBER)
    return table
