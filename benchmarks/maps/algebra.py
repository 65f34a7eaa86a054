"""From babble to sheet: relations that babbling finds, and whether the sheet made of them is the body's own.

    python benchmarks/maps/algebra.py                   # seeds 0 to 19; two to four minutes
    python benchmarks/maps/algebra.py --seeds 20-99 --two
    python benchmarks/maps/algebra.py --commands 500 --two

A body is put into an arena of 7 x 7 places in which every pose looks different, and babbles 2,000 commands. The
relations that it finds are unrolled into a sheet, which is compared with the given one of this body: as rooted labelled
graphs, within `--radius` actions of the origin. `needed` are relations from which the others follow, `false` are
relations that do not return in the given sheet. A failure is `noticed` if the learning itself ended in an error, and
`unnoticed` if it handed out a sheet that is not the body's.

Controls, which must fail: `shuffled` gives every relation its own permutation of the actions (`true by chance`: all of
them still return, so the sheet must be the right one); `yoked` feels what another life's commands do; `headings look
alike` is an arena that shows a turning body its place alone. Noise is the probability of a wrong sensation after a
step. The numbers in the code of the babbling were chosen on seeds 10,000 to 10,119 only. Exit status 1 if a sheet of
the first two bodies is not right without noise, or a control is right for another reason than chance.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reafference.brain.maps.algebra import ArenaLooksAlike, SheetDisagrees, derive
from reafference.brain.maps.cosets import SheetTooLarge, Word
from reafference.brain.maps.relations import Babble, babble
from reafference.brain.maps.symbols import SymbolWorld

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.practice import EIGHT_WAY, FOUR_WAY, SIX_TURNS, SIX_WAY, TURNING, USELESS, Arena, Kind, Yoked
from support.printing import machine, table

NOISE = 0.05
KINDS = (FOUR_WAY, TURNING, USELESS, SIX_WAY, SIX_TURNS, EIGHT_WAY)
HEAD = (
    "body",
    "condition",
    "noise",
    "seeds",
    "commands, median (worst)",
    "relations, median (fewest)",
    "needed",
    "false",
    "the body's sheet",
    "noticed",
    "unnoticed",
)


@dataclass
class Tally:
    """What came out over the seeds of one row."""

    commands: list[int] = field(default_factory=list[int])
    relations: list[int] = field(default_factory=list[int])
    needed: list[int] = field(default_factory=list[int])
    false: int = 0
    right: int = 0
    by_chance: int = 0
    noticed: Counter[str] = field(default_factory=Counter[str])
    unnoticed: list[int] = field(default_factory=list[int])

    def row(self, kind: Kind, condition: str, noise: float) -> list[str]:
        """Return the cells of this row."""
        right = f"{self.right}/{len(self.relations)}"
        if self.by_chance:
            right += f" ({self.by_chance} true by chance)"
        return [
            kind.name,
            condition,
            f"{noise:.0%}",
            str(len(self.relations)),
            f"{statistics.median(self.commands):.0f} ({max(self.commands)})",
            f"{statistics.median(self.relations):.1f} ({min(self.relations)})",
            f"{statistics.median(self.needed):.0f}" if self.needed else "-",
            str(self.false),
            right,
            ", ".join(f"{times} {name}" for name, times in self.noticed.items()) or "0",
            f"seeds {', '.join(map(str, self.unnoticed))}" if self.unnoticed else "0",
        ]


def shuffled(words: Sequence[Word], actions: int, seed: int) -> list[Word]:
    """Every word with its actions exchanged by a permutation of its own."""
    rng = np.random.default_rng([seed, 3])
    return [tuple(rng.permutation(actions)[list(word)].tolist()) for word in words]


def note(tally: Tally, kind: Kind, heard: Babble, words: Sequence[Word], seed: int, radius: int) -> None:
    given = kind.sheet(max(radius, 13))  # a relation of 24 actions stays within 12
    false = sum(given.walk(word) != 0 for word in words)
    tally.commands.append(len(heard.commands))
    tally.relations.append(len(words))
    tally.false += false
    try:
        found = derive(heard, words, radius)
    except (ArenaLooksAlike, SheetTooLarge, SheetDisagrees) as error:
        tally.noticed[type(error).__name__] += 1
        return
    tally.needed.append(len(found.relations))
    if found.sheet.same_within(given, radius):
        tally.right += 1
    else:
        tally.unnoticed.append(seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-19", help="such as 0-19 or 10000,10001")
    parser.add_argument("--radius", type=int, default=20, help="of the two bodies of interest; others 12")
    parser.add_argument("--commands", type=int, default=2000, help="that are babbled at most")
    parser.add_argument("--two", action="store_true", help="the four-way and the turning body only")
    options = parser.parse_args()
    first, dash, last = options.seeds.partition("-")
    seeds = list(range(int(first), int(last) + 1)) if dash else [int(seed) for seed in options.seeds.split(",")]
    rows = list[list[str]]()
    missed = False
    for kind in (FOUR_WAY, TURNING) if options.two else KINDS:
        main_body = kind in (FOUR_WAY, TURNING)
        radius = options.radius if main_body else 12
        for noise in (0.0, NOISE):
            own, control, yoked, headless = Tally(), Tally(), Tally(), Tally()
            for seed in seeds:
                heard = babble(Arena(kind, seed, wrong=noise), seed, options.commands)
                note(own, kind, heard, heard.words, seed, radius)
                if not main_body:
                    continue
                words = shuffled(heard.words, kind.actions, seed)
                given = kind.sheet(13)
                control.by_chance += all(given.walk(word) == 0 for word in words)
                note(control, kind, heard, words, seed, radius)
                worlds: list[tuple[Tally, SymbolWorld]] = [
                    (yoked, Yoked(Arena(kind, seed, wrong=noise), seed)),
                    (headless, Arena(kind, seed, wrong=noise, headless=True)),
                ]
                for tally, world in worlds:
                    other = babble(world, seed, options.commands)
                    note(tally, kind, other, other.words, seed, radius)
            rows.append(own.row(kind, "own commands", noise))
            if main_body:
                rows.append(control.row(kind, "shuffled", noise))
                rows.append(yoked.row(kind, "yoked", noise))
            if kind is TURNING:
                rows.append(headless.row(kind, "headings look alike", noise))
            if main_body:
                missed |= noise == 0 and own.right < len(seeds)
                missed |= control.right > control.by_chance or yoked.right > 0
            print(f"{kind.name}, noise {noise:.0%}: done", file=sys.stderr, flush=True)
    print(
        f"{machine()}; seeds {options.seeds}; {options.commands} commands; radius {options.radius}, of the others 12\n"
    )
    print(table(HEAD, rows))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
