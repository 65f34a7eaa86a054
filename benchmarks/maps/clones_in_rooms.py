"""The clone store beside the clone-structured graph: worlds with and without a plane, by steps of the agent's random
walk.

    python benchmarks/maps/clones_in_rooms.py                       # seeds 0 to 9
    python benchmarks/maps/clones_in_rooms.py --seeds 10000,10001   # seeds on which parameters may be chosen

What each world and seed gave is kept in a file under `--results`, so that a second call goes on where one stopped.

Every seed has a world, a walk and a later walk of 3,000 steps of its own, which begins elsewhere and of which nothing
is learned. Accuracy is the share of its steps whose symbol had been given a probability above one half, the first
included.

- clone store: one life. A rest every 500 steps with 30 replays of all that is remembered; before each look four rivals,
  of 300 replays each. The figures of later looks are of the same life, and its time is summed.
- no rivals: the same without rivals.
- no replay: the same without any rest.
- CSCG EM: for each number of steps a fit of its own to the whole walk, 500 iterations at most, pseudocount 2e-3, one
  start.

All have 20 clones for each symbol. Time is that of one core; on a machine that does nothing else it is what the clock
says.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from clone_graph import CloneGraph

from maps.support.tiny_worlds import WORLDS, TinyWorld, stroll
from reafference.brain.maps.clones import CloneStore
from support.kept import Kept

LOOKS = (1000, 2000, 5000, 10_000)
LATER, CLONES, SYMBOLS, REST, REPLAYS, RIVALS, RIVAL_REPLAYS = 3000, 20, 4, 500, 30, 4, 300
Stream = tuple[np.ndarray, np.ndarray]
Look = tuple[float, float]  # accuracy, seconds of one core


def life(walk: Stream, later: Stream, seed: int, replays: int, rivals: int) -> list[Look]:
    symbols, actions = walk
    store = CloneStore(4, SYMBOLS, clones=CLONES, seed=seed)
    looks: list[Look] = []
    spent, since = 0.0, time.process_time()
    store.start(int(symbols[0]))
    for t, (action, symbol) in enumerate(zip(actions.tolist(), symbols[1:].tolist(), strict=True), 1):
        store.step(action, symbol)
        if replays and t % REST == 0:
            store.replay(replays)
        if t in LOOKS:
            for _ in range(rivals):
                store.rival(RIVAL_REPLAYS)
            spent += time.process_time() - since
            looks.append((float((store.listen(*later) > 0.5).mean()), spent))
            since = time.process_time()
    return looks


def fits(walk: Stream, later: Stream, seed: int) -> list[Look]:
    looks: list[Look] = []
    for steps in LOOKS:
        since = time.process_time()
        graph = CloneGraph(SYMBOLS, 4, CLONES, 2e-3, seed)
        graph.em(walk[0][: steps + 1], walk[1][:steps], 500)
        spent = time.process_time() - since
        looks.append((graph.accuracy(*later), spent))
    return looks


LEARNERS: dict[str, Callable[[Stream, Stream, int], list[Look]]] = {
    "clone store": lambda walk, later, seed: life(walk, later, seed, REPLAYS, RIVALS),
    "no rivals": lambda walk, later, seed: life(walk, later, seed, REPLAYS, 0),
    "no replay": lambda walk, later, seed: life(walk, later, seed, 0, 0),
    "CSCG EM": fits,
}


def compile_kernels() -> None:
    """So that no life pays for it."""
    store = CloneStore(1, 1, clones=2)
    store.start(0)
    store.step(0, 0)
    store.rival(1)
    nothing = np.zeros(3, np.int64), np.zeros(2, np.int64)
    CloneGraph(1, 1, 2, 1.0, 0).em(*nothing, 1)


def one(make: Callable[[int], TinyWorld], seed: int) -> dict[str, list[Look]]:
    world, rng = make(seed), np.random.default_rng([seed, 99])
    walk = stroll(world, LOOKS[-1], rng)
    later = stroll(world, LATER, rng)
    return {name: learn(walk, later, seed) for name, learn in LEARNERS.items()}


def table(results: dict[str, list[dict[str, list[Look]]]]) -> str:
    """Markdown: accuracy as median and worst, how many keep .95, and the median time."""
    lines = [
        "| world | learner | steps | median | worst | >= .95 | core s |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for world, runs in results.items():
        for learner in LEARNERS:
            for look, steps in enumerate(LOOKS):
                accuracy = [run[learner][look][0] for run in runs]
                spent = statistics.median(run[learner][look][1] for run in runs)
                kept = sum(value >= 0.95 for value in accuracy)
                lines.append(
                    f"| {world} | {learner} | {steps} | {statistics.median(accuracy):.3f} | {min(accuracy):.3f} "
                    f"| {kept} of {len(accuracy)} | {spent:.2f} |"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--results", type=Path, default=Path(".marks"), help="folder of what was found")
    chosen = parser.parse_args()
    kept, results = Kept(chosen.results / "clones_in_rooms.json"), {make(0).name: [] for make in WORLDS}
    compile_kernels()
    for seed in (int(text) for text in chosen.seeds.split(",")):
        for make in WORLDS:
            name = make(seed).name
            results[name].append(kept.row(f"{name}, seed {seed}", lambda make=make, seed=seed: one(make, seed)))
    print(table(results))


if __name__ == "__main__":
    main()
