"""Rooms mapped with an algebra that was babbled: is it as good as the given one?

    python benchmarks/maps/algebra_rooms.py                    # rooms 0 to 19, lives 0 to 9
    python benchmarks/maps/algebra_rooms.py --bodies turning --lives 0

For each room the body first babbles at most 2,000 actions in a practice arena of its own; relations found there are
unrolled into a sheet, and the room is then mapped on it, as `chart_rooms.py` does. The same rooms and lives are mapped
on the given sheet. That nothing stops a turn is given with the given sheet, and babbled with the others. Controls are
the relations with the actions of each exchanged by a permutation of its own: `checked` as the learning does it, which
then refuses to make a sheet, and `unchecked`, where whatever sheet they unroll into is used (first life only, 1,000
actions). Rooms have 48 places, 4 symbols and no noise; a place shows a turning body the same symbol in all four
directions. What counts is as in `chart_rooms.py`. Ratio: median over that on the given sheet.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reafference.brain.maps.algebra import ArenaLooksAlike, SheetDisagrees, derive, unstopped
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.cosets import SheetTooLarge, Word, essential, unroll
from reafference.brain.maps.relations import Babble, babble
from reafference.brain.maps.sheet import Sheet
from reafference.brain.worlds import Turning
from support.mapped_rooms import Lives, Means, Task, live
from support.practice import FOUR_WAY, TURNING, Arena, Kind
from support.printing import machine, table

RADIUS = 20
COMMANDS = 2000
BODIES = {
    "four-way": (FOUR_WAY, Task(rows=6, columns=8), 0),
    "turning": (TURNING, Task(rows=6, columns=8, limit=2000, body=Turning()), 0b011),
}
HEAD = ("body", "sheet", "lives", "median", "worst", "failed", "ratio", "wall ms an action", "CPU ms", "lived again")


def numbers(text: str) -> range:
    """The whole numbers of "3" or "0-19"."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def shuffled(words: list[Word], actions: int, seed: int) -> list[Word]:
    """Every word with its actions exchanged by a permutation of its own."""
    rng = np.random.default_rng([seed, 3])
    return [tuple(rng.permutation(actions)[list(word)].tolist()) for word in words]


def sheets(kind: Kind, heard: Babble, room: int) -> dict[str, Sheet | str]:
    """The sheets of this body for one room, or why there is none."""
    control = shuffled(heard.words, kind.actions, room)
    found: dict[str, Sheet | str] = {"given": kind.sheet(RADIUS)}
    for name, words in (("learned", heard.words), ("shuffled, checked", control)):
        try:
            found[name] = derive(heard, words, RADIUS).sheet
        except (ArenaLooksAlike, SheetTooLarge, SheetDisagrees) as error:
            found[name] = type(error).__name__
    try:
        found["shuffled, unchecked"] = unroll(kind.actions, essential(kind.actions, control), RADIUS)
    except SheetTooLarge as error:
        found["shuffled, unchecked"] = type(error).__name__
    return found


def main() -> None:
    """Print the table, and below it every failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", nargs="*", default=list(BODIES), choices=list(BODIES))
    parser.add_argument("--rooms", default="0-19")
    parser.add_argument("--lives", default="0-9")
    parser.add_argument("--charts", type=int, default=256)
    options = parser.parse_args()
    rows, failures = list[list[str]](), list[str]()
    for body in options.bodies:
        kind, task, given_free = BODIES[body]
        live(
            Task(rows=3, columns=4, limit=100, mark=1.0, body=task.body),
            Means(target=kind.sheet(9).target),
            99_999,
            0,
            Lives(),
        )  # compiles
        every, brief = dict[str, Lives](), replace(task, limit=1000)
        same = 0
        lives = numbers(options.lives)
        made, free = dict[int, dict[str, Sheet | str]](), dict[int, int]()
        for room in numbers(options.rooms):
            heard = babble(Arena(kind, room), room, COMMANDS)
            made[room] = sheets(kind, heard, room)
            free[room] = sum(1 << action for action in unstopped(heard))
        for found in made.values():
            learned, given = found["learned"], found["given"]
            if isinstance(learned, Sheet) and isinstance(given, Sheet):
                same += learned.same_within(given, RADIUS)
        print(f"{body}: {same} of {len(made)} learned sheets are the given one", file=sys.stderr, flush=True)
        for name in ("given", "learned", "shuffled, checked", "shuffled, unchecked"):
            tally = every.setdefault(name, Lives())
            for life in lives[:1] if name == "shuffled, unchecked" else lives:
                for room, found in made.items():
                    sheet = found[name]
                    if isinstance(sheet, Sheet):
                        rules = Rules(free=given_free if name == "given" else free[room])
                        means = Means(target=sheet.target, charts=options.charts, rules=rules)
                        live(brief if name == "shuffled, unchecked" else task, means, room, life, tally)
                    else:
                        tally.refused(f"room {room} life {life}", sheet)
            middle, usual = np.median(tally.needed), np.median(every["given"].needed)
            ratio = f"{middle / usual:.2f}" if np.isfinite(middle) and np.isfinite(usual) else "-"
            rows.append([body, name, *tally.needed_row(), ratio, *tally.cost_row()])
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
            print("   needed:", *sorted(tally.needed), file=sys.stderr, flush=True)
            print("  ", *tally.failures[:20], sep="\n   ", file=sys.stderr, flush=True)
            failures += [f"{body}, {name}: {failure}" for failure in tally.failures]
    print(f"{machine()}; rooms {options.rooms}, lives {options.lives}; {options.charts} charts; radius {RADIUS}\n")
    print(table(HEAD, rows))
    print("\nFailures:", *(failures or ["none"]), sep="\n- ")


if __name__ == "__main__":
    main()
