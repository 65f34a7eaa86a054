"""A room as it was drawn: which place leads where, and what is sensed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.worlds.alike import all_apart
from reafference.brain.worlds.bodies import Body
from reafference.brain.worlds.errors import UnusableWorld
from reafference.brain.worlds.features import Feature, holds_together, open_room

Ints = npt.NDArray[np.int64]

MOST_DRAWINGS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """The truth about a room, for experimenters; no brain sees it.

    rows, columns   of places; place = row * columns + column, row 0 in the north
    headings        in how many ways the body can stand at a place; pose = place * headings + heading
    symbols         how many symbols there are
    passages        (places, 4)       place that a step north, east, south, west leads to; the same place at a wall
    target          (poses, actions)  pose that each action leads to
    symbol          (poses,)          what is sensed in each pose while nothing goes wrong
    """

    rows: int
    columns: int
    headings: int
    symbols: int
    passages: Ints
    target: Ints
    symbol: Ints

    def __repr__(self) -> str:
        return f"{self.rows} x {self.columns} places, {len(self.symbol)} poses, {self.symbols} symbols"


def draw_layout(
    rows: int,
    columns: int,
    *,
    symbols: int | None,
    body: Body,
    features: Sequence[Feature],
    random: np.random.Generator,
) -> Layout:
    """Draw a room until every pose can be told from every other by some word of actions and is reached from all.

    symbols  each place has one of so many, all equally likely; None: each pose has one of its own
    random   every drawing, also one that is thrown away, goes on in its numbers

    Raises UnusableWorld if 100 drawings in a row were no good, or if a feature finds no room.
    """
    for _ in range(MOST_DRAWINGS):
        passages = open_room(rows, columns)
        for feature in features:
            passages = feature.build(passages, columns, random)
        target = body.target(passages)
        if symbols is None:
            symbol = np.arange(len(target))
        else:
            symbol = np.repeat(random.integers(0, symbols, rows * columns), body.headings)
        if holds_together(passages) and all_apart(target, symbol):
            return Layout(
                rows=rows,
                columns=columns,
                headings=body.headings,
                symbols=len(target) if symbols is None else symbols,
                passages=passages,
                target=target,
                symbol=symbol,
            )
    raise UnusableWorld(
        "AliasedRoom",
        f"in each of {MOST_DRAWINGS} drawings of {rows} x {columns} places some could not be told apart or not be "
        f"reached with {symbols} symbols and this body",
        "Give it more symbols, more places, or fewer features.",
    )
