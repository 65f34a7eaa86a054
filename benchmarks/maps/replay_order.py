"""Replay at rest in spikes: is the order of places that of life, forwards and backwards?

    python benchmarks/maps/replay_order.py --seeds 0-9

An agent lives in a room of cells that spike. Then its leading chart replays the last `--stretch` actions: backwards by
the commands that lead back, from where that ended forwards by the commands that were given, and `--shuffles` times the
same commands in a shuffled order. Scores are rank correlations with life; p is the share of shuffled replays that keep
as much order, and for control that of the first of these among the others. Seeds 0 to 99 are for reports, others for
tuning.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from charted_rooms import Room, planar
from reafference.brain.maps.mapper import Mapper
from reafference.brain.maps.replay import Order, chance, order, walk, way_home
from reafference.brain.maps.spiking_hypotheses import SpikingHypotheses


def replays(seed: int, arguments: argparse.Namespace) -> dict[str, tuple[Order, float]]:
    """One life, and the order of three replays with their p."""
    target = planar(24)[0]
    height, width = (int(side) for side in arguments.size.split("x"))
    room = Room(height, width, arguments.symbols, seed)
    mapper = Mapper(
        target,
        charts=arguments.charts,
        symbols=arguments.symbols,
        first=room.sense(),
        seed=seed,
        kind=SpikingHypotheses,
    )
    places = [0]
    for _ in range(arguments.actions):
        mapper.feel(room.step(mapper.act()))
        places.append(int(mapper.hypotheses.charts.place[mapper.hypotheses.leader]))
    cells, leader = mapper.hypotheses.cells, mapper.hypotheses.leader
    rng = np.random.default_rng([seed, 4])
    stretch = np.array(places[-arguments.stretch - 1 :])
    given = np.array([action for action, _ in mapper.lived[-arguments.stretch :]])
    home = way_home(target, mapper.hypotheses.back, stretch, given)
    # one walk: backwards, and from there forwards
    both = walk(cells, leader, np.concatenate([home, given]))
    lost = [
        order(stretch, walk(cells, leader, np.concatenate([home, rng.permutation(given)]))[home.size :])
        for _ in range(arguments.shuffles)
    ]
    back, forth = order(stretch, both[: home.size]), order(stretch, both[home.size :])
    return {
        "backwards": (back, chance(back, lost)),
        "forwards": (forth, chance(forth, lost)),
        "shuffled": (lost[0], chance(lost[0], lost[1:])),
    }


def main() -> None:
    """Print a line for each seed and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="6x8")
    parser.add_argument("--symbols", type=int, default=4)
    parser.add_argument("--charts", type=int, default=128)
    parser.add_argument("--actions", type=int, default=250)
    parser.add_argument("--stretch", type=int, default=24)
    parser.add_argument("--shuffles", type=int, default=40)
    parser.add_argument("--seeds", default="0-9")
    arguments = parser.parse_args()
    low, high = (int(seed) for seed in arguments.seeds.split("-"))
    every: list[dict[str, tuple[Order, float]]] = []
    for seed in range(low, high + 1):
        every.append(replays(seed, arguments))
        told = [f"{name} {o.score:+.2f} (p {p:.2f}, known {o.known:.2f})" for name, (o, p) in every[-1].items()]
        print(f"seed {seed}: {'; '.join(told)}", flush=True)
    for name in every[0]:
        score, p = [o[name][0].score for o in every], np.array([o[name][1] for o in every])
        print(f"{name}: median {np.median(score):+.2f}, p < .05 in {(p < 0.05).sum()} of {p.size}")


if __name__ == "__main__":
    main()
