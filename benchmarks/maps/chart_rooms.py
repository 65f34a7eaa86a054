"""Own actions until a map foretells a held-out walk: rooms whose places look alike, charts without spikes.

    python benchmarks/maps/chart_rooms.py                          # rooms 0 to 19, lives 0 to 9
    python benchmarks/maps/chart_rooms.py --tasks plain --rooms 10000-10019 --lives 0 --plan rest=0

Every 25 actions the leading chart foretells 1,000 symbols of a random walk that begins where the body is and that
nobody learns from. A life has come to know its room when more than the mark of the true symbols are foretold; so counts
are first passages. A life that does not within the limit is a failure, counts as infinite and is listed, with the share
foretold and the number of places on its map as they went. A room's seed and a life's are apart. Seeds of rooms from 0
to 99 are for reports, those from 10,000 are for tuning.

Rows: the agent that acts as its charts want; one whose actions are drawn at random; and passive twins of the first
`--twins` lives in each room, that feel what the driver feels for 400, 500 or 1,000 actions, and are told its commands
(their charts draw random numbers of their own) or commands that have nothing to do with it. For these the share
foretold at the end counts. Times are those of choosing and learning on one core. Nothing spikes here: `chart_cost.py`
has the same in cells.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.mapper import Exploration
from reafference.brain.maps.sheet import Sheet
from support.mapped_rooms import Lives, Means, Task, Twin, live
from support.printing import machine, table

RADIUS = 24
TASKS = {
    "plain": Task(rows=6, columns=8),
    "noisy": Task(rows=6, columns=8, noise=0.05, mark=0.97),
    "large": Task(rows=10, columns=12, limit=4000),
}
STREAMS = {"plain": 400, "noisy": 500, "large": 1000}
HEAD = (
    "rooms",
    "agent",
    "lives",
    "median",
    "worst",
    "failed",
    "foretold at the end, median (least - most)",
    "wall ms an action",
    "CPU ms",
    "lived again",
)


def numbers(text: str) -> range:
    """The whole numbers of "3" or "0-19"."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def changed_plan(pairs: list[str]) -> Exploration:
    """The plan with changes such as done=0."""
    plan = Exploration()
    for key, value in (pair.split("=") for pair in pairs):
        plan = replace(plan, **{key: type(getattr(plan, key))(float(value))})
    return plan


def changed_rules(pairs: list[str]) -> Rules:
    """The rules with changes such as quantum=0."""
    rules = Rules()
    for key, value in (pair.split("=") for pair in pairs):
        rules = rules._replace(**{key: type(getattr(rules, key))(float(value))})
    return rules


def row(task: Task, agent: str, lives: Lives) -> list[str]:
    """One line of the table."""
    right = np.array(lives.right)
    at_end = f"{np.median(right):.3f} ({right.min():.3f} - {right.max():.3f})"
    return [str(task), agent, *lives.needed_row(), at_end, *lives.cost_row()]


def told(rng: np.random.Generator, command: int) -> int:
    """The driver's command."""
    return command


def unrelated(rng: np.random.Generator, command: int) -> int:
    """One of its own."""
    return int(rng.integers(4))


def report(task: Task, agent: str, lives: Lives) -> list[str]:
    """Say at once what came of the lives of one row, and return it."""
    cells = row(task, agent, lives)
    print(" | ".join(cells), file=sys.stderr, flush=True)
    print("   needed:", *sorted(lives.needed), file=sys.stderr, flush=True)
    return cells


def main() -> None:
    """Print the table, and below it every failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--rooms", default="0-19")
    parser.add_argument("--lives", default="0-9")
    parser.add_argument("--walks", default="0-9", help="lives of the random walk")
    parser.add_argument("--twins", type=int, default=10, help="lives in each room that have twins")
    parser.add_argument("--charts", type=int, default=256)
    parser.add_argument("--plan", nargs="*", default=[], help="changes to Exploration, such as rest=0")
    parser.add_argument("--rule", nargs="*", default=[], help="changes to Rules, such as quantum=0")
    options = parser.parse_args()
    rows, failures = list[list[str]](), list[str]()
    plan = changed_plan(options.plan)
    means = Means(
        target=Sheet.planar(RADIUS).target,
        charts=options.charts,
        rules=changed_rules(options.rule),
        exploration=plan,
    )
    walking = replace(means, exploration=replace(plan, done=0))
    live(Task(rows=3, columns=4, limit=100, mark=1.0), means, 99_999, 0, Lives())  # compiles
    for name in options.tasks:
        task, own, walk = TASKS[name], Lives(), Lives()
        with_copy, without = Twin(told), Twin(unrelated)
        for life in numbers(options.lives):
            twins = (with_copy, without) if life < numbers(options.lives)[0] + options.twins else ()
            for room in numbers(options.rooms):
                live(task, means, room, life, own, STREAMS[name], twins)
        found = [("acts as its charts want", own)]
        if options.twins:
            found += [("twin, told the commands", with_copy.lives), ("twin, other commands", without.lives)]
        rows += [report(task, *each) for each in found]
        if options.walks:
            for life in numbers(options.walks):
                for room in numbers(options.rooms):
                    live(task, walking, room, life, walk)
            found += [("random walk", walk)]
            rows.append(report(task, *found[-1]))
        for agent, lives in found:
            if agent != "twin, other commands":
                failures += [f"{task}, {agent}: {failure}" for failure in lives.failures]
    changes = " ".join([*options.plan, *options.rule]) or "none"
    print(f"{machine()}; rooms {options.rooms}, lives {options.lives}; {options.charts} charts; changes: {changes}\n")
    print(table(HEAD, rows))
    print("\nFailures:", *(failures or ["none"]), sep="\n- ")


if __name__ == "__main__":
    main()
