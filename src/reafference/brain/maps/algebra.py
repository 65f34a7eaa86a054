"""The algebra of a body: babbled, unrolled into a sheet, and held against what was felt on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reafference.brain.maps.agreement import Agreement, compare, outcomes
from reafference.brain.maps.cosets import MOST_CELLS, Word, essential, unroll
from reafference.brain.maps.relations import Babble, babble
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.symbols import SymbolWorld

MOST_AMBIGUOUS = 0.16
"""Share of repeated steps with another outcome than usual, above which the arena looks alike in different poses.
5 % wrong sensations change one step in ten."""

MOST_DENIALS = 8
"""Times, beyond those that it was confirmed, that a word may fail to return in the arena though the sheet returns.
Of a right sheet and 5 % wrong sensations it is 2 or so; of a sheet with a false relation, 20 and more."""

MOST_UNKNOWN = 0.4
"""Share of the arena's returns that the sheet may not know."""


STILL = 0.01
"""Share of the steps by one action that may leave the sensation as it was if nothing ever stops that action.
What a wall stops is stopped in one step of seven in an arena of 7 x 7 places."""


class ArenaLooksAlike(ValueError):
    """Nothing can be concluded from the return of a sensation."""

    def __init__(self, share: float, symbol: int, command: int, seen: Sequence[int]):
        self.share, self.symbol, self.command, self.seen = share, symbol, command, tuple(seen)
        super().__init__(
            f"{share:.0%} of repeated steps led to another sensation than usual; at most {MOST_AMBIGUOUS:.0%} may. "
            f"Action {command} at sensation {symbol} led to {', '.join(map(str, seen))}. A practice arena has to look "
            "different from every place and, for a body that turns, in every direction, and fewer than 8 % of its "
            "sensations may be wrong; or these sensations follow someone else's commands."
        )


class SheetDisagrees(ValueError):
    """The sheet is not that of the body: it returns where the arena does not, or does not where the arena does."""

    def __init__(self, agreement: Agreement, cells: int):
        self.agreement, self.cells = agreement, cells
        if agreement.denials > MOST_DENIALS:
            fault = (
                f"relations are false: it returns by {agreement.denied}, and in the arena that did not return "
                f"{agreement.denials} times more often than it did; at most {MOST_DENIALS} may be"
            )
        else:
            fault = (
                f"relations are missing: sensations returned {agreement.shown} times, and it did not in "
                f"{agreement.unknown_share:.0%} of these; at most {MOST_UNKNOWN:.0%} may be so"
            )
        super().__init__(
            f"the sheet of {cells} cells does not agree with the babble; {fault}. Babble for longer, in a larger arena "
            "or one with fewer wrong sensations."
        )


@dataclass(frozen=True)
class Algebra:
    """What a body's actions do to one another.

    sheet      the relations, unrolled
    relations  words that return and from which all others follow
    babble     what was done and felt
    agreement  of the sheet with the babble
    """

    sheet: Sheet
    relations: tuple[Word, ...]
    babble: Babble
    agreement: Agreement

    @property
    def free(self) -> frozenset[int]:
        """The actions that nothing ever stopped, such as turns on the spot; see `unstopped`."""
        return unstopped(self.babble)

    def __repr__(self) -> str:
        return f"{self.sheet} from {len(self.relations)} relations; {self.babble}"


def derive(babble: Babble, words: Iterable[Sequence[int]], radius: int, most_cells: int = MOST_CELLS) -> Algebra:
    """Return the algebra in which `words` return, if it agrees with the babble.

    radius      cells within so many actions of the origin; at least 8, or missing relations may not be noticed
    most_cells  cells that may be made on the way

    Raises `ArenaLooksAlike`, `SheetTooLarge` (relations are missing, mostly) or `SheetDisagrees`, all of them
    ValueErrors.
    """
    check_arena(babble)
    relations = essential(babble.actions, words)
    sheet = unroll(babble.actions, relations, radius, most_cells)
    agreement = compare(sheet, babble)
    if agreement.denials > MOST_DENIALS or agreement.unknown_share > MOST_UNKNOWN:
        raise SheetDisagrees(agreement, sheet.cells)
    return Algebra(sheet, tuple(relations), babble, agreement)


def check_arena(babble: Babble) -> None:
    """Raise `ArenaLooksAlike` if the same action at the same sensation too often led to different ones."""
    after = outcomes(babble)
    repeated = [seen for seen in after.values() if seen.total() > 1]
    steps = sum(seen.total() for seen in repeated)
    other = steps - sum(max(seen.values()) for seen in repeated)
    if other > MOST_AMBIGUOUS * steps:
        (symbol, command), seen = max(after.items(), key=lambda item: len(item[1]))
        raise ArenaLooksAlike(other / steps, symbol, command, sorted(seen))


def unstopped(babble: Babble) -> frozenset[int]:
    """Return the actions after which the sensation was hardly ever the same: no wall stops them.

    A step that the body did not make leaves the sensation as it was. Actions that were never tried are not among them.
    """
    still = babble.symbols[1:] == babble.symbols[:-1]
    return frozenset(
        action
        for action in range(babble.actions)
        if (mine := babble.commands == action).any() and still[mine].mean() <= STILL
    )


def learn(world: SymbolWorld, seed: int, radius: int, most_actions: int = 2000) -> Algebra:
    """Babble in a practice arena and return the algebra of the body that was lent to it. Raises as `derive` does."""
    heard = babble(world, seed, most_actions)
    return derive(heard, heard.words, radius)
