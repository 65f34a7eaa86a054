"""Slippery FrozenLake and Taxi: how many episodes until the score is good, for the learner of value and its peers.

    python benchmarks/maps/value.py                     # seeds 0 to 9; about half an hour on one core
    python benchmarks/maps/value.py --seeds 0,1 --learners reafference
    python benchmarks/maps/value.py --tune              # the grid of the peers, seeds 10000 and 10001

Two figures for each life. *Episodes to the mark*: the first episode at which the mean of the last 100 episodes, lived
while learning, reaches the mark; it lags by up to 100 episodes and is the figure that the marks are set on. *Greedy*:
the policy that follows from what was learned by then (500 episodes of FrozenLake, 250 of Taxi), frozen, without
exploration, over 1,000 separate episodes; it does not lag, and shows what was known. A life that never reaches the mark
within 1,500 (FrozenLake) or 750 (Taxi) episodes counts as infinite. Seconds are those of the processor, learning and
world. Each life is kept in a file under `--results` as soon as it is over, so that a second call goes on where one
stopped; delete the file where the code has changed.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import gymnasium
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))

from ablated_value import Mean, Unreplayed, Untaught, UntaughtMean
from peers_value import Dyna, PeerPlan, Successor, TabularQ

from reafference.brain.maps.value import ValueLearner, ValuePlan
from support.kept import Kept
from support.printing import machine, table


class Learner(Protocol):
    """What a life needs of a learner."""

    steps: int
    backups: int

    def choose(self, place: int) -> int:
        """Return an action."""
        ...

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> Any:
        """Take in one transition."""
        ...

    def rest(self) -> Any:
        """Pass the time between two episodes."""
        ...

    def policy(self) -> npt.NDArray[np.int64]:
        """Return the best action (places,) by what is known, -1 where nothing is."""
        ...


@dataclass(frozen=True)
class World:
    """A Gymnasium world with a mark.

    mark      mean score of 100 episodes
    episodes  in which it is to be reached, and after which the greedy policy is tested
    longest   life, in episodes, of a learner that has not reached it
    """

    label: str
    name: str
    options: dict[str, Any]
    mark: float
    episodes: int
    longest: int

    def make(self) -> Any:
        """Return a new environment."""
        return gymnasium.make(self.name, **self.options)


FROZEN = World("FrozenLake-v1, slippery", "FrozenLake-v1", {"is_slippery": True}, 0.70, 500, 1500)
TAXI = World("Taxi-v4", "Taxi-v4", {}, 7.0, 250, 750)
WORLDS = (FROZEN, TAXI)
Make = Callable[[World, int, int, int], Learner]  # world, places, actions, seed


class Random:
    """Acts at random and learns nothing."""

    backups = 0

    def __init__(self, places: int, actions: int, *, seed: int) -> None:
        self.places, self.actions, self.rng, self.steps = places, actions, np.random.default_rng([seed, 47]), 0

    def choose(self, place: int) -> int:
        """Draw an action."""
        return int(self.rng.integers(self.actions))

    def learn(self, place: int, action: int, reward: float, next_place: int, ended: bool) -> None:
        """Count the step."""
        self.steps += 1

    def rest(self) -> None:
        """Do nothing."""

    def policy(self) -> npt.NDArray[np.int64]:
        """Know nothing."""
        return np.full(self.places, -1)


PEERS: dict[str, type[TabularQ]] = {"tabular Q": TabularQ, "Dyna-10": Dyna, "successor representation": Successor}
GRID = tuple(
    PeerPlan(rate=rate, start=start, explored=explored, first=first)
    for rate, (start, explored, first) in itertools.product(
        (0.03, 0.1, 0.3, 0.8, 1.0), ((1.0, 1, 0.0), (0.0, 200, 1.0))
    )
)


# Chosen by --tune (seeds 10000 and 10001), for each world by itself; rates of .03 and 1 were tried by the successor
# representation alone.
EAGER: dict[str, Any] = {"start": 1.0, "explored": 1, "first": 0.0}  # everything is thought good until tried
WANING: dict[str, Any] = {"start": 0.0, "explored": 200, "first": 1.0}  # random actions, ever fewer
TUNED: dict[tuple[type[TabularQ], str], PeerPlan] = {
    (TabularQ, FROZEN.name): PeerPlan(rate=0.3, **EAGER),
    (Dyna, FROZEN.name): PeerPlan(rate=0.1, **EAGER),
    (Successor, FROZEN.name): PeerPlan(rate=0.3, **WANING),
    (TabularQ, TAXI.name): PeerPlan(rate=0.8, **EAGER),
    (Dyna, TAXI.name): PeerPlan(rate=0.8, **EAGER),
    (Successor, TAXI.name): PeerPlan(rate=0.1, **EAGER),
}


def with_plan(kind: type[TabularQ], plan: PeerPlan) -> Make:
    return lambda world, places, actions, seed: kind(places, actions, plan, seed=seed)


def peer(kind: type[TabularQ]) -> Make:
    return lambda world, places, actions, seed: kind(places, actions, TUNED[kind, world.name], seed=seed)


ABLATED: dict[str, type[ValueLearner]] = {
    "no replay": Unreplayed,
    "mean hypothesis": Mean,
    "no table of surprise": Untaught,
    "neither": UntaughtMean,
}


def without(kind: type[ValueLearner]) -> Make:
    return lambda world, places, actions, seed: kind(actions, ValuePlan(), seed=seed)


LEARNERS: dict[str, Make] = {
    "reafference": lambda world, places, actions, seed: ValueLearner(actions, ValuePlan(), seed=seed),
    **{label: peer(kind) for label, kind in PEERS.items()},
    **{label: without(kind) for label, kind in ABLATED.items()},
    "random": lambda world, places, actions, seed: Random(places, actions, seed=seed),
}


@dataclass(frozen=True)
class Life:
    """What came of one life."""

    reached: float  # episode, or infinite
    greedy: float  # mean score of 1,000 test episodes after `World.episodes`
    lived: float  # mean score of the last 100 episodes before those
    steps: int  # after `World.episodes`
    backups: int
    seconds: float  # of the processor, world included, after `World.episodes`


def score_of(world: World, policy: npt.NDArray[np.int64], seed: int, episodes: int = 1000) -> float:
    """Mean score of a frozen policy; where it has no action (-1, or a place beyond its end), a random one is taken."""
    env, rng, total = world.make(), np.random.default_rng([seed, 53]), 0.0
    for episode in range(episodes):
        place, _ = env.reset(seed=1_000_000 + seed) if episode == 0 else env.reset()
        over = False
        while not over:
            known = place < policy.size and policy[place] >= 0
            action = int(policy[place]) if known else int(rng.integers(env.action_space.n))
            place, reward, ended, timed_out, _ = env.step(action)
            total += float(reward)
            over = ended or timed_out
    env.close()
    return total / episodes


def live(world: World, make: Make, seed: int, *, longest: int, tested: int = 1000) -> Life:
    """One life: until the mark is reached, at least `World.episodes` and at most `longest` episodes."""
    env = world.make()
    learner = make(world, int(env.observation_space.n), int(env.action_space.n), seed)
    scores: list[float] = []
    reached, greedy, lived, steps, backups, seconds = math.inf, math.nan, math.nan, 0, 0, 0.0
    begin = time.process_time()
    while len(scores) < min(world.episodes, longest) or (reached == math.inf and len(scores) < longest):
        place, _ = env.reset(seed=seed) if not scores else env.reset()
        score, over = 0.0, False
        while not over:
            action = learner.choose(int(place))
            following, reward, ended, timed_out, _ = env.step(action)
            learner.learn(int(place), action, float(reward), int(following), bool(ended))
            place, score, over = following, score + float(reward), ended or timed_out
        learner.rest()
        scores.append(score)
        if reached == math.inf and len(scores) >= 100 and statistics.fmean(scores[-100:]) >= world.mark:
            reached = len(scores)
        if len(scores) == world.episodes:
            seconds = time.process_time() - begin
            steps, backups, lived = learner.steps, learner.backups, statistics.fmean(scores[-100:])
            greedy = score_of(world, learner.policy(), seed, tested) if tested else math.nan
    env.close()
    return Life(reached, greedy, lived, steps, backups, seconds)


def optimum(world: World) -> float:
    """Expected score of the best policy there is, by value iteration over the true model, which no learner sees.

    As many iterations as an episode has steps, without discount: exact, the time limit included.
    """
    env = world.make()
    model, start = env.unwrapped.P, env.unwrapped.initial_state_distrib
    value = np.zeros(len(model))
    for _ in range(env.spec.max_episode_steps):
        returns = [
            [sum(p * (r + (0 if end else value[to])) for p, to, r, end in outcomes) for outcomes in pairs.values()]
            for pairs in model.values()
        ]
        value = np.array([max(row) for row in returns])
    env.close()
    return float(start @ value)


def row(world: World, label: str, lives: list[Life]) -> list[str]:
    reached = [life.reached for life in lives]
    greedy = [life.greedy for life in lives]
    within = sum(r <= world.episodes for r in reached)
    return [
        world.label,
        label,
        f"{statistics.median(reached):.0f}",
        f"{max(reached):.0f}",
        f"{within}/{len(lives)}",
        str(sum(r == math.inf for r in reached)),
        f"{statistics.median(greedy):.2f}",
        f"{min(greedy):.2f}",
        f"{statistics.median(life.lived for life in lives):.2f}",
        f"{statistics.median(life.steps for life in lives):,.0f}",
        f"{statistics.median(life.backups for life in lives):,.0f}",
        f"{statistics.median(life.seconds for life in lives):.1f}",
    ]


HEAD = (
    "world", "learner", "episodes to mark, median", "worst", "within budget", "never", "greedy, median", "worst",
    "last 100 lived", "steps", "backups", "CPU s",
)  # fmt: skip


def kept_life(kept: Kept, world: World, label: str, plan: PeerPlan | None, make: Make, seed: int, longest: int) -> Life:
    """A life from the file, else lived now. Without a test where a plan is tried."""
    tested = 1000 if seed < 10_000 else 0
    key = f"{world.name}, {label}, {plan or ''}, seed {seed}, at most {longest}"
    return Life(**kept.row(key, lambda: asdict(live(world, make, seed, longest=longest, tested=tested))))


def tune(kept: Kept, worlds: list[World], labels: list[str]) -> None:
    """Print each peer's grid, best first: the mean over two seeds of the episode at which the mark is reached.

    A life of 1.2 times the budget that never reaches it costs its length and more, the further its score was off.
    """
    for world, label in itertools.product(worlds, [label for label in labels if label in PEERS]):
        longest = round(1.2 * world.episodes)
        results: list[tuple[float, PeerPlan]] = []
        for plan in GRID:
            make = with_plan(PEERS[label], plan)
            lives = [kept_life(kept, world, label, plan, make, seed, longest) for seed in (10_000, 10_001)]
            cost = statistics.fmean(
                min(life.reached, longest) + (0 if life.reached < math.inf else longest * (1 - life.lived / world.mark))
                for life in lives
            )
            results.append((cost, plan))
        results.sort(key=lambda result: result[0])
        for cost, plan in results:
            print(f"{world.name}  {label}  {cost:.0f}  {plan}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", default=",".join(map(str, range(10))))
    parser.add_argument("--learners", default=",".join(LEARNERS))
    parser.add_argument("--worlds", default=",".join(world.name for world in WORLDS))
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--results", type=Path, default=Path(".marks"), help="folder of what was found")
    given = parser.parse_args()
    kept = Kept(given.results / "value.json")
    worlds = [world for world in WORLDS if world.name in given.worlds.split(",")]
    labels = given.learners.split(",")
    if given.tune:
        tune(kept, worlds, labels)
        return
    print(machine(), flush=True)
    rows: list[list[str]] = []
    for world in worlds:
        best = ["-"] * 4 + [f"{optimum(world):.2f}"] + ["-"] * 5
        rows.append([world.label, "value iteration, true model", *best])
        for label in labels:
            longest = world.episodes if label == "random" else world.longest
            plan = TUNED[PEERS[label], world.name] if label in PEERS else None
            seeds = (int(seed) for seed in given.seeds.split(","))
            lives = [kept_life(kept, world, label, plan, LEARNERS[label], seed, longest) for seed in seeds]
            rows.append(row(world, label, lives))
    print(table(HEAD, rows))


if __name__ == "__main__":
    main()
