"""Worlds that break the plane: when the mapping agent notices, what its clone store knows after 10,000 actions, and
whether it takes an ordinary room for a broken one.

    python benchmarks/maps/broken_prior.py                              # seeds 0 to 9
    python benchmarks/maps/broken_prior.py --seeds 10000-10004 --lives noticing

A life in a broken world that goes unnoticed counts as infinite. Accuracy is the share of 3,000 symbols of a random
walk from where the body is, of which nothing is learned, that were foretold: by the leading chart as its likeliest
symbol, by the store with a probability above one half, knowing nothing at the start. `charts alone` is the same agent
that never looks, after as many actions as --alone says. Seeds 0 to 99 are for reports.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.sheet import Sheet
from reafference.brain.worlds.features import Feature, OneWayDoor, Portal, Torus
from reafference.brain.worlds.room import AliasedRoom

NEVER = LifePlan(repeated=np.inf, contradicted=np.inf)
LATER = 3000


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
    """Rooms that differ by their seed alone."""

    name: str
    rows: int
    columns: int
    features: Sequence[Feature] = ()
    noise: float = 0.0

    def world(self, seed: int) -> World:
        """The room of a seed, and the body somewhere in it."""
        layout = AliasedRoom(self.rows, self.columns, symbols=4, features=self.features, seed=seed).layout
        rng = np.random.default_rng([seed, 7])
        return World(layout.target, layout.symbol, self.noise, rng, int(rng.integers(len(layout.symbol))))


BROKEN = (
    Kind("torus", 6, 8, (Torus(),)),
    Kind("portal", 6, 8, (Portal(),)),
    Kind("one-way door", 6, 8, (OneWayDoor(),)),
)
ORDINARY = (
    Kind("48 places", 6, 8),
    Kind("48 places, 5 % wrong", 6, 8, noise=0.05),
    Kind("120 places", 10, 12),
    Kind("120 places, 5 % wrong", 10, 12, noise=0.05),
)


def accuracy(agent: MappingAgent, world: World, seed: int) -> float:
    rng = np.random.default_rng([seed, 8])
    walker = World(world.target, world.symbol, 0.0, rng, world.pose)
    here = int(world.symbol[world.pose])
    actions = rng.integers(4, size=LATER)
    seen = np.array([walker.step(int(action)) for action in actions])
    if agent.store is None:
        return float((agent.mapper.hypotheses.foretell(actions, seen) == seen).mean())
    return float((agent.store.listen(np.concatenate([[here], seen]), actions) > 0.5).mean())


def life(kind: Kind, seed: int, actions: int, plan: LifePlan, until_noticed: bool) -> tuple[float, float, float]:
    """Action at which the plane was given up (inf: never), accuracy at the end, seconds of CPU."""
    world, since = kind.world(seed), time.process_time()
    agent = MappingAgent(Sheet.planar(24), symbols=4, first=world.sense(), seed=seed, plan=plan)
    for _ in range(actions):
        agent.feel(world.step(agent.act()))
        if until_noticed and agent.noticed is not None:
            break
    spent = time.process_time() - since
    return np.inf if agent.noticed is None else agent.noticed, accuracy(agent, world, seed), spent


def report(kind: Kind, what: str, seeds: range, actions: int, plan: LifePlan, until_noticed: bool = False) -> None:
    lives = []
    for seed in seeds:
        lives.append(life(kind, seed, actions, plan, until_noticed))
        print(f"  {kind.name}, {what}, seed {seed}: {lives[-1][0]:.0f}, {lives[-1][1]:.3f}", flush=True)
    noticed, right, spent = (np.array(column) for column in zip(*lives, strict=True))
    print(
        f"| {kind.name} | {what} | {actions} | {np.median(noticed):.0f} | {noticed.max():.0f} "
        f"| {(noticed <= 200).sum()} | {np.isfinite(noticed).sum()} of {noticed.size} "
        f"| {np.median(right):.3f} | {right.min():.3f} | {np.median(spent):.1f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-9")
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=2000, help="actions of charts alone, and of ordinary rooms")
    parser.add_argument("--lives", nargs="*", default=["ordinary", "broken", "alone"], help="also: noticing")
    chosen = parser.parse_args()
    low, high = (int(seed) for seed in chosen.seeds.split("-"))
    seeds, plan = range(low, high + 1), LifePlan()
    print("| world | agent | actions | given up, median | worst | within 200 | ever | right, median | worst | CPU s |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for kind in BROKEN if "noticing" in chosen.lives else ():
        report(kind, "until noticed", seeds, 600, plan, until_noticed=True)
    for kind in BROKEN if "broken" in chosen.lives else ():
        report(kind, "charts, then clones", seeds, chosen.actions, plan)
    for kind in ORDINARY if "ordinary" in chosen.lives else ():
        report(kind, "charts, watching", seeds, chosen.alone, plan)
    for kind in BROKEN if "alone" in chosen.lives else ():
        report(kind, "charts alone", seeds, chosen.alone, NEVER)


if __name__ == "__main__":
    main()
