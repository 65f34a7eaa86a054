"""Whether a sheet agrees with what was felt while it was learned."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from reafference.brain.maps.cosets import Word
from reafference.brain.maps.relations import Babble
from reafference.brain.maps.sheet import BEYOND, Sheet

LONGEST = 12
"""Actions after which a return counts no more: in a longer word, a wall or a wrong sensation is too likely."""


@dataclass(frozen=True)
class Agreement:
    """How often sheet and sensations return together. From every command on, the first return of either counts.

    claimed    times that the sheet returned to the cell that it began in
    broken     of these, times that the sensation was another one: the sheet makes one of what is two
    shown      times that the sensation was that of the beginning
    unknown    of these, times that the sheet was in another cell: the sheet makes two of what is one
    denied     the word by which the sheet returns that the arena denied most often beyond what it confirmed
    denials    how often that was; 0 if no word was denied more often than confirmed
    """

    claimed: int
    broken: int
    shown: int
    unknown: int
    denied: Word
    denials: int

    @property
    def unknown_share(self) -> float:
        """Share of the arena's returns that the sheet does not know; 0 if there were none."""
        return self.unknown / max(1, self.shown)


def compare(sheet: Sheet, babble: Babble) -> Agreement:
    """Return how a sheet agrees with a babble. A step that changes nothing felt, where the sheet moves, ends a word."""
    symbols, commands = babble.symbols.tolist(), babble.commands.tolist()
    claimed = broken = shown = unknown = 0
    excess = Counter[Word]()
    for begin, start in enumerate(symbols):
        cell = 0
        for now in range(begin, min(begin + LONGEST, len(commands))):
            ahead = int(sheet.target[cell, commands[now]])
            if ahead == BEYOND or (symbols[now + 1] == symbols[now] and ahead != cell):
                break
            cell = ahead
            home, same = cell == 0, symbols[now + 1] == start
            claimed += home
            broken += home and not same
            if home:
                excess[tuple(commands[begin : now + 1])] += -1 if same else 1
            shown += same
            unknown += same and not home
            if home or same:
                break
    denied, denials = max(excess.items(), key=lambda item: item[1], default=((), 0))
    return Agreement(claimed, broken, shown, unknown, denied if denials > 0 else (), max(0, denials))


def outcomes(babble: Babble) -> dict[tuple[int, int], Counter[int]]:
    """Return how often which sensation followed, by the sensation before and the command."""
    after: dict[tuple[int, int], Counter[int]] = {}
    for symbol, command, ahead in zip(
        babble.symbols[:-1].tolist(), babble.commands.tolist(), babble.symbols[1:].tolist(), strict=True
    ):
        after.setdefault((symbol, command), Counter())[ahead] += 1
    return after
