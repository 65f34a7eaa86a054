"""How much data the clone-structured graph needs for rooms that charts know after some 200 actions of their own.

    python benchmarks/maps/clone_graph_data.py          # rooms 0 to 9
    python benchmarks/maps/clone_graph_data.py --tune   # the pseudocount by length of the stream, rooms 10000, 10001

Rooms, and the agent that maps them, are those of `chart_rooms.py`: 6 x 8 places, 4 symbols, 256 charts. The graph is
fitted to the beginning of the agent's own stream, which goes on after the room is known, and to random walks in the
same rooms. It has 20 clones for each symbol, at most 500 iterations of EM, a pseudocount for each kind and length of
stream, and several starts (`--starts`), of which the one is taken that gives the stream the highest probability.

The later walk has 3,000 random actions, begins where the body is at the end of the stream, and nobody learns from it;
the graph hears the stream before it, so that it knows where it is as the charts do. Accuracy is the share of its
symbols that had been given more probability than any other, by graph and leading chart alike. What the graph is not
given, and the charts are, is what actions do to one another.

What each room and stream gave is kept in a file under `--results`: a second call goes on where one stopped.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from clone_graph import CloneGraph

from charted_rooms import Room, planar
from reafference.brain.maps.mapper import Mapper
from support.kept import Kept
from support.printing import machine, table

OWN, RANDOM = (250, 400, 1000, 2000), (1000, 2000, 5000, 10_000, 50_000)
CLONES, SYMBOLS, LATER, ITERATIONS, MARK = 20, 4, 3000, 500, 0.99
GRID = (1e-4, 2e-3, 1e-2, 5e-2, 2e-1)
TUNE = {"own": OWN, "random": RANDOM[:2]}  # lengths for which a pseudocount is chosen; longer streams take the last
# Chosen by --tune (rooms 10000 and 10001).
PSEUDOCOUNT = {
    ("own", 250): 2e-3,
    ("own", 400): 2e-3,
    ("own", 1000): 1e-2,
    ("own", 2000): 2e-3,
    ("random", 1000): 1e-2,
    ("random", 2000): 2e-3,
}


def room_of(seed: int) -> Room:
    return Room(6, 8, SYMBOLS, seed)


def own_life(seed: int, lengths: tuple[int, ...]) -> dict[str, Any]:
    """The agent's stream, its accuracy at each length, and after how many actions it foretold more than .99."""
    room, begin = room_of(seed), time.process_time()
    first = room.sense()
    mapper = Mapper(planar(24)[0], charts=256, symbols=SYMBOLS, first=first, seed=seed)
    needed, right, spent = math.inf, {}, {}
    for action in range(1, lengths[-1] + 1):
        mapper.feel(room.step(mapper.act()))
        if needed == math.inf and action % 25 == 0:  # as chart_rooms.py finds it
            actions, seen, _ = room.walk(1000, seed * 10_000 + action)
            needed = action if float((mapper.hypotheses.foretell(actions, seen) == seen).mean()) > MARK else math.inf
        if action in lengths:
            spent[str(action)] = time.process_time() - begin
            actions, seen, _ = room.walk(LATER, seed * 10_000 + action)
            right[str(action)] = float((mapper.hypotheses.foretell(actions, seen) == seen).mean())
    return {
        "symbols": [first, *(symbol for _, symbol in mapper.lived)],
        "actions": [action for action, _ in mapper.lived],
        "needed": needed,
        "right": right,
        "spent": spent,
    }


def stream(kind: str, seed: int, steps: int, life: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Symbols and actions: `steps` of what the charts lived, or of a random walk, and then the later walk."""
    room = room_of(seed)
    symbols, rng = [room.sense()], np.random.default_rng([seed, 7])
    actions = life["actions"][:steps] if kind == "own" else rng.integers(SYMBOLS, size=steps).tolist()
    symbols += [room.step(action) for action in actions]
    if kind == "own" and symbols != life["symbols"][: steps + 1]:
        raise RuntimeError(f"room {seed} is not the one in which the kept life was lived; delete the kept results.")
    more, seen, _ = room.walk(LATER, seed * 10_000 + steps)
    return np.array([*symbols, *seen.tolist()]), np.array([*actions, *more.tolist()])


def fit(
    kind: str, seed: int, steps: int, pseudocount: float, starts: int, life: dict[str, Any]
) -> tuple[float, float, float, float]:
    """Accuracy after EM and after Viterbi training on top of it, bits a step, CPU seconds of all starts."""
    symbols, actions = stream(kind, seed, steps, life)
    begin, best, least = time.process_time(), None, math.inf
    for start in range(starts):
        graph = CloneGraph(SYMBOLS, 4, CLONES, pseudocount, 100 * seed + start)
        graph.em(symbols[: steps + 1], actions[:steps], ITERATIONS)
        bits = graph.bits(symbols[: steps + 1], actions[:steps])
        if bits < least:
            best, least = graph, bits
    spent = time.process_time() - begin
    if best is None:
        raise ValueError(f"starts = {starts}; a fit needs at least one.")

    def accuracy() -> float:
        return float((best.foretell(symbols, actions)[steps:] == symbols[steps + 1 :]).mean())

    fitted = accuracy()
    best.viterbi(symbols[: steps + 1], actions[:steps], 100)
    return fitted, accuracy(), least, spent


def pseudocount(kind: str, steps: int) -> float:
    return PSEUDOCOUNT[kind, max(length for (k, length) in PSEUDOCOUNT if k == kind and length <= steps)]


def tune(kept: Kept, starts: int) -> None:
    """Print the mean accuracy over two rooms, for each length and pseudocount."""
    seeds = (10_000, 10_001)
    lives = [kept.row(f"life, room {seed}", lambda seed=seed: own_life(seed, OWN)) for seed in seeds]
    for kind, lengths in TUNE.items():
        for steps, value in itertools.product(lengths, GRID):
            fits = [
                kept.row(
                    f"{kind}, {steps}, pseudocount {value:g}, {starts} starts, room {seed}",
                    lambda k=kind, n=steps, c=value, s=seed, life=life: fit(k, s, n, c, starts, life),
                )
                for seed, life in zip(seeds, lives, strict=True)
            ]
            after = [statistics.fmean(found[which] for found in fits) for which in (0, 1)]
            print(
                f"{kind} {steps}, pseudocount {value:g}: {after[0]:.3f} after EM, {after[1]:.3f} after Viterbi",
                flush=True,
            )


def line(label: str, steps: str, right: list[float], viterbi: list[float], needs: str, spent: list[float]) -> list[str]:
    return [
        label,
        steps,
        f"{statistics.median(right):.3f}",
        f"{min(right):.3f}",
        f"{sum(value > MARK for value in right)}/{len(right)}",
        f"{statistics.median(viterbi):.3f}" if viterbi else "-",
        needs,
        f"{statistics.median(spent):.1f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, range(10))))
    parser.add_argument("--longest", type=int, default=RANDOM[-1], help="no longer streams than this")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--results", type=Path, default=Path(".marks"), help="folder of what was found")
    given = parser.parse_args()
    kept = Kept(given.results / "clone_graph_data.json")
    if given.tune:
        tune(kept, given.starts)
        return
    seeds = [int(text) for text in given.seeds.split(",")]
    lives = [kept.row(f"life, room {seed}", lambda seed=seed: own_life(seed, OWN)) for seed in seeds]
    needed = [life["needed"] for life in lives]
    rows: list[list[str]] = []
    for steps in map(str, OWN):
        right, spent = [life["right"][steps] for life in lives], [life["spent"][steps] for life in lives]
        rows.append(line("charts, own actions", steps, right, [], f"{statistics.median(needed):.0f}", spent))
    print(machine(), flush=True)
    for kind, lengths in (("own", OWN), ("random", RANDOM)):
        first = [math.inf] * len(seeds)
        for steps in (steps for steps in lengths if steps <= given.longest):
            value = pseudocount(kind, steps)
            fits = [
                kept.row(
                    f"{kind}, {steps}, pseudocount {value:g}, {given.starts} starts, room {seed}",
                    lambda k=kind, n=steps, c=value, s=seed, life=life: fit(k, s, n, c, given.starts, life),
                )
                for seed, life in zip(seeds, lives, strict=True)
            ]
            first = [min(a, steps) if found[0] > MARK else a for a, found in zip(first, fits, strict=True)]
            label = f"graph, {'the same actions' if kind == 'own' else 'random walk'} (pseudocount {value:g})"
            columns = [[found[which] for found in fits] for which in (0, 1, 3)]
            rows.append(line(label, str(steps), columns[0], columns[1], f"{statistics.median(first):.0f}", columns[2]))
        print(f"{kind}: first length above {MARK} by room {first}; charts {needed}", flush=True)
    head = ("learner", "actions", "accuracy, median", "worst", "> .99", "with Viterbi", "median need so far", "CPU s")
    print(table(head, rows))


if __name__ == "__main__":
    main()
