"""A place that pays, in a room whose places look alike: how many actions a reward costs once the room was lived in.

    python benchmarks/maps/goal.py                          # seeds 0 to 9
    python benchmarks/maps/goal.py --world torus            # where the sheet is given up
    python benchmarks/maps/goal.py --seeds 10000-10003 --agents charts --plan value=0.3

One of 48 places pays 1 when the body enters it by a command of its own; then the body is led away by 20 random
commands, which it is told and which pay nothing, and has to come back. After 800 own actions another place pays, for
800 more. What counts is own actions for each reward in the second half of either; a life that was never paid there
counts as infinite. `charts` is the mapping agent, `without value` the same with `value` 0, which is never drawn to a
place that pays. Q over symbols takes the symbol for the place; Q and the learner of value that are told their true
place, and the shortest ways, know what the others have to find out. All that can be set, of Q too, was chosen on seeds
from 10,000; 0 to 99 are for reports.

Lives are kept in a file under `--results` as soon as they are over; delete it where the code has changed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.mapper import Exploration, Mapper
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking_hypotheses import SpikingHypotheses
from reafference.brain.worlds.features import Torus
from support.kept import Kept
from support.printing import machine, table
from support.rewarded import LED, Inhabitant, Knower, PayingRoom, PlaceQ, SymbolQ, Valuer, Walker

RADIUS = 24
HALF = 400  # own actions of each of the four parts of a life
PARTS = ("1 to 400", "401 to 800", "other place, 1 to 400", "401 to 800")
Make = Callable[[PayingRoom, int], Inhabitant]


def charts(plan: Exploration, **kind: Any) -> Make:
    """The mapping agent."""
    target = Sheet.planar(RADIUS).target
    return lambda room, seed: Mapper(
        target, charts=256, symbols=room.symbols, first=room.sense(), seed=seed, exploration=plan, **kind
    )


def one_life(plan: Exploration) -> Make:
    """The mapping agent that gives its sheet up where the world breaks it, and goes on with clones."""
    sheet, life = Sheet.planar(RADIUS), LifePlan(exploration=plan)
    return lambda room, seed: MappingAgent(sheet, symbols=room.symbols, first=room.sense(), seed=seed, plan=life)


def agents(plan: Exploration) -> dict[str, Make]:
    """All that are compared; rates and chances of Q are the best of 5 x 5 on seeds 10000 to 10009."""
    return {
        "shortest ways": Knower,
        "random walk": Walker,
        "Q over symbols": lambda room, seed: SymbolQ(room, seed, rate=0.8, chance=0.5),
        "Q told its place": lambda room, seed: PlaceQ(room, seed, rate=1.0, chance=0.1),
        "learner of value told its place": Valuer,
        "charts": charts(plan),
        "charts, without value": charts(replace(plan, value=0.0)),
        "charts in cells": charts(plan, kind=SpikingHypotheses),
        "one life": one_life(plan),
        "one life, without value": one_life(replace(plan, value=0.0)),
    }


USUAL = {
    "room": [
        "shortest ways",
        "random walk",
        "Q over symbols",
        "Q told its place",
        "learner of value told its place",
        "charts",
        "charts, without value",
    ],
    "torus": ["shortest ways", "random walk", "one life", "one life, without value"],
}
FEATURES = {"room": (), "torus": (Torus(),)}


def live(make: Make, seed: int, parts: int, where: str = "room") -> dict[str, Any]:
    """One life: rewards in each part, own actions until the first, milliseconds of the processor for each action."""
    room, guide = PayingRoom(seed, features=FEATURES[where]), np.random.default_rng([seed, 13])
    agent = make(room, seed)
    rewards, first, led, begin = [0] * parts, None, 0, time.process_time()
    for action in range(parts * HALF):
        if action == 2 * HALF:
            room.move_pay()
        symbol, reward = room.step(agent.act())
        agent.feel(symbol, reward)
        if reward:
            rewards[action // HALF] += 1
            first = first or action + 1
            for _ in range(LED):
                command = int(guide.integers(room.actions))
                agent.hear(command, room.lead(command))
            led += LED
    spent = time.process_time() - begin
    told = {"rewards": rewards, "first": first, "led": led, "cpu": spent, "backups": 0, "lived again": 0}
    mapper = agent.mapper if isinstance(agent, MappingAgent) else agent
    if isinstance(mapper, Mapper):
        told |= {"backups": mapper.worth.backups, "lived again": mapper.replayed, "places": mapper.hypotheses.places()}
    if isinstance(agent, MappingAgent):
        told["given up after"] = agent.noticed
    return told


def cost(rewards: list[int]) -> str:
    """Own actions for each reward: median (least to most), where none was had infinite."""
    each = [HALF / number if number else np.inf for number in rewards]
    return f"{statistics.median(each):.1f} ({min(each):.1f} - {max(each):.1f})"


HEAD = (
    "agent", "lives", "first reward after, median (worst)", *(f"actions a reward, {part}" for part in PARTS), "led",
    "backups", "lived again", "CPU ms an action",
)  # fmt: skip


def row(name: str, lives: list[dict[str, Any]], parts: int) -> list[str]:
    """One line of the table."""
    first = [life["first"] or np.inf for life in lives]
    own = parts * HALF
    costs = [cost([life["rewards"][part] for life in lives]) for part in range(parts)] + ["-"] * (len(PARTS) - parts)

    def middle(key: str) -> str:
        return f"{statistics.median(life[key] for life in lives):,.0f}"

    spent = statistics.median(life["cpu"] / (own + life["led"]) for life in lives)
    return [
        name,
        str(len(lives)),
        f"{statistics.median(first):.0f} ({max(first):.0f})",
        *costs,
        middle("led"),
        middle("backups"),
        middle("lived again"),
        f"{spent * 1e3:.2f}",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-9")
    parser.add_argument("--agents", nargs="*", default=[])
    parser.add_argument("--world", default="room", choices=list(FEATURES))
    parser.add_argument("--parts", type=int, default=4, choices=(2, 4))
    parser.add_argument("--plan", nargs="*", default=[], help="changes to Exploration, such as value=0.3")
    parser.add_argument("--results", type=Path, default=Path(".marks"))
    options = parser.parse_args()
    plan = Exploration()
    for key, value in (pair.split("=") for pair in options.plan):
        plan = replace(plan, **{key: type(getattr(plan, key))(float(value))})
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    kept, rows = Kept(options.results / "goal.json"), list[list[str]]()
    made = agents(plan)
    for name in options.agents or USUAL[options.world]:
        lives: list[dict[str, Any]] = []
        for seed in seeds:
            place = "" if options.world == "room" else f"{options.world}, "
            key = f"{place}{name}, {' '.join(options.plan)}, seed {seed}, parts {options.parts}"
            lives.append(
                kept.row(key, lambda seed=seed, name=name: live(made[name], seed, options.parts, options.world))
            )
        rows.append(row(name, lives, options.parts))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    print(f"{machine()}; seeds {options.seeds}\n")
    print(table(HEAD, rows))


if __name__ == "__main__":
    main()
