"""Worlds that break the plane: when the mapping agent notices, what it knows later, and whether it takes an ordinary
room for a broken one.

    python benchmarks/maps/broken_prior.py                              # seeds 0 to 9
    python benchmarks/maps/broken_prior.py --seeds 10000-10004 --lives noticing later

noticing  actions until the sheet is found to be broken, at most --alone of them
broken    a torus and a portal, --actions long: charts at first, then the clone store
doors     a one-way door, --alone actions long: charts whose sides of a passage learn by themselves once it is noticed
alone     the same agent that never looks, after --alone actions
later     rooms that are as charts expect for --before actions, and then are broken or otherwise changed, for --alone
ordinary  rooms that break nothing, --alone actions long; `turning` has a body that turns on the spot

A life in a broken world that goes unnoticed counts as infinite. `since` counts from the first time that the body
stepped through what a plane has not, or tried the closed side of a door; from the change in rooms that change. Accuracy
is the share of 3,000 symbols of a random walk from where the body is, of which nothing is learned, that were foretold:
by the leading chart as its likeliest symbol, by the store with a probability above one half, knowing nothing at first.
Seeds 0 to 99 are for reports.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.sheet import Sheet
from reafference.brain.worlds import Turning
from reafference.brain.worlds.bodies import Body, FourWay
from reafference.brain.worlds.features import Feature, InnerWalls, OneWayDoor, Portal, Torus, holds_together
from reafference.brain.worlds.room import AliasedRoom

NEVER = LifePlan(repeated=np.inf, contradicted=np.inf, door=np.inf, suspected=np.inf, ajar=np.inf)
LATER = 3000
SHEETS: dict[Body, tuple[Sheet, Rules]] = {
    FourWay(): (Sheet.planar(24), Rules()),
    Turning(): (Sheet.egocentric(20), Rules(free=0b011)),
}


@dataclass
class World:
    """A drawn room, walked through by its tables alone."""

    target: np.ndarray
    symbol: np.ndarray
    noise: float
    rng: np.random.Generator
    pose: int = 0

    def sense(self) -> int:
        """The symbol here, as it looks now."""
        symbol = int(self.symbol[self.pose])
        if self.noise and self.rng.random() < self.noise:
            return (symbol + int(self.rng.integers(1, 4))) % 4
        return symbol

    def step(self, action: int) -> int:
        """Act; the symbol after the action."""
        self.pose = int(self.target[self.pose, action])
        return self.sense()


@dataclass(frozen=True)
class Kind:
    """Rooms that differ by their seed alone.

    features  what a plane has not, or walls; there from the beginning
    later     what is built into the room later, and how many of its places then look otherwise
    """

    name: str
    rows: int = 6
    columns: int = 8
    features: Sequence[Feature] = ()
    noise: float = 0.0
    body: Body = field(default_factory=FourWay)
    later: Sequence[Feature] = ()
    repainted: int = 0

    def world(self, seed: int) -> World:
        """The room of a seed, and the body somewhere in it."""
        layout = self._room(self.features, seed).layout
        rng = np.random.default_rng([seed, 7])
        return World(layout.target, layout.symbol, self.noise, rng, int(rng.integers(len(layout.symbol))))

    def odd(self, seed: int) -> set[tuple[int, int]]:
        """Pose and action of each step that leads elsewhere than in the open room."""
        plain = self._room((), seed).layout.target
        return {(int(pose), int(action)) for pose, action in np.argwhere(self.world(seed).target != plain)}

    def change(self, world: World, seed: int) -> None:
        """What comes later comes now."""
        rng = np.random.default_rng([seed, 9])
        if self.later:
            passages = world.target
            while passages is world.target or not holds_together(passages):
                passages = world.target
                for feature in self.later:
                    passages = feature.build(passages, self.columns, rng)
            world.target = passages
        places = rng.choice(world.symbol.size, self.repainted, replace=False)
        world.symbol = world.symbol.copy()
        world.symbol[places] = (world.symbol[places] + rng.integers(1, 4, self.repainted)) % 4

    def _room(self, features: Sequence[Feature], seed: int) -> AliasedRoom:
        return AliasedRoom(self.rows, self.columns, symbols=4, features=features, body=self.body, seed=seed)


BROKEN = (Kind("torus", features=(Torus(),)), Kind("portal", features=(Portal(),)))
DOOR = Kind("one-way door", features=(OneWayDoor(),))
ORDINARY = (
    Kind("48 places"),
    Kind("48 places, 5 % wrong", noise=0.05),
    Kind("120 places", 10, 12),
    Kind("120 places, 5 % wrong", 10, 12, noise=0.05),
    Kind("48 places, turning", body=Turning()),
)
CHANGING = (
    Kind("becomes a torus", later=(Torus(),)),
    Kind("a portal opens", later=(Portal(),)),
    Kind("a door opens one way only", later=(OneWayDoor(),)),
    Kind("four walls appear", later=(InnerWalls(4),)),
    Kind("five places are repainted", repainted=5),
)


def accuracy(agent: MappingAgent, world: World, seed: int) -> float:
    """Share of a later walk that is foretold."""
    rng = np.random.default_rng([seed, 8])
    walker = World(world.target, world.symbol, 0.0, rng, world.pose)
    here = int(world.symbol[world.pose])
    actions = rng.integers(world.target.shape[1], size=LATER)
    seen = np.array([walker.step(int(action)) for action in actions])
    if agent.store is None:
        return float((agent.mapper.hypotheses.foretell(actions, seen) == seen).mean())
    return float((agent.store.listen(np.concatenate([[here], seen]), actions) > 0.5).mean())


@dataclass(frozen=True)
class Story:
    """A life: when the sheet was found to be broken, how long after it could be, what is known at the end, seconds."""

    noticed: float
    since: float
    right: float
    clones: bool
    spent: float


def life(kind: Kind, seed: int, actions: int, plan: LifePlan, *, until: bool, before: int) -> Story:
    """`until`: it ends when something is noticed. `before`: actions before what comes later, if anything does."""
    world, began = kind.world(seed), time.process_time()
    changes = bool(kind.later) or kind.repainted > 0
    odd, met = set() if changes else kind.odd(seed), before if changes else np.inf
    sheet, rules = SHEETS[kind.body]
    agent = MappingAgent(sheet, symbols=4, first=world.sense(), seed=seed, plan=replace(plan, rules=rules))
    for age in range(1, actions + before * changes + 1):
        if changes and age == before + 1:
            kind.change(world, seed)
        action = agent.act()
        if (world.pose, action) in odd:
            met = min(met, age)
        agent.feel(world.step(action))
        if until and agent.noticed is not None:
            break
    noticed = np.inf if agent.noticed is None else agent.noticed
    since = np.inf if agent.noticed is None else noticed - met
    right = accuracy(agent, world, seed)
    return Story(noticed, since, right, agent.store is not None, time.process_time() - began)


def report(
    kind: Kind, what: str, seeds: range, actions: int, plan: LifePlan, *, until: bool = False, before: int = 0
) -> None:
    lives = list[Story]()
    for seed in seeds:
        lives.append(life(kind, seed, actions, plan, until=until, before=before))
        told = lives[-1]
        print(
            f"  {kind.name}, {what}, seed {seed}: {told.noticed:.0f}, {told.since:.0f}, {told.right:.3f}, "
            f"{'clones' if told.clones else 'charts'}",
            flush=True,
        )
    noticed, since, right, spent = (
        np.array([getattr(told, name) for told in lives]) for name in ("noticed", "since", "right", "spent")
    )
    print(
        f"| {kind.name} | {what} | {actions} | {np.median(noticed):.0f} | {noticed.max():.0f} "
        f"| {(noticed <= before + 200).sum()} | {np.isfinite(noticed).sum()} of {noticed.size} "
        f"| {np.median(since):.0f} | {sum(told.clones for told in lives)} "
        f"| {np.median(right):.3f} | {right.min():.3f} | {np.median(spent):.1f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-9")
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=1000)
    parser.add_argument("--before", type=int, default=400)
    parser.add_argument("--lives", nargs="*", default=["broken", "doors", "later", "ordinary", "alone"])
    chosen = parser.parse_args()
    low, high = (int(seed) for seed in chosen.seeds.split("-"))
    seeds, plan, alone = range(low, high + 1), LifePlan(), chosen.alone
    print(
        "| world | agent | actions | noticed, median | worst | within 200 | ever | since | clones | right | worst "
        "| CPU s |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for kind in (*BROKEN, DOOR) if "noticing" in chosen.lives else ():
        report(kind, "until noticed", seeds, alone, plan, until=True)
    for kind in (DOOR,) if "doors" in chosen.lives else ():
        report(kind, "charts, then doors", seeds, alone, plan)
    for kind in BROKEN if "broken" in chosen.lives else ():
        report(kind, "charts, then clones", seeds, chosen.actions, plan)
    for kind in CHANGING if "later" in chosen.lives else ():
        report(kind, f"after {chosen.before}", seeds, alone, plan, before=chosen.before)
    for kind in ORDINARY if "ordinary" in chosen.lives else ():
        report(kind, "watching", seeds, alone, plan)
    for kind in (*BROKEN, DOOR) if "alone" in chosen.lives else ():
        report(kind, "charts alone", seeds, alone, NEVER)


if __name__ == "__main__":
    main()
