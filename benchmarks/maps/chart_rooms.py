"""Own actions until a map foretells a held-out walk: rooms whose places look alike, charts without spikes.

    python benchmarks/maps/chart_rooms.py --size 6x8 --symbols 4 --charts 256 --seeds 10000-10019

Every `--every` actions the leading chart foretells `--held-out` symbols of a random walk that begins where the body is
and that nobody learns from; a life ends when more than `--mark` of the true symbols are foretold. So counts are first
passages. Failures (none within `--limit` actions) count as infinite. Seeds 0 to 99 are for reports, others for tuning.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from charted_rooms import Room, planar
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.mapper import Exploration, Mapper


def life(room: Room, target: np.ndarray, arguments: argparse.Namespace, seed: int) -> tuple[float, Mapper, list[str]]:
    """One room: actions needed (inf: more than the limit), the mapper, and how well it foretold on the way."""
    rules = Rules(**{key: float(value) for key, value in (pair.split("=") for pair in arguments.rule)})
    rules = rules._replace(most=int(rules.most), levels=int(rules.levels))
    plan = Exploration()
    for pair in arguments.plan:
        key, value = pair.split("=")
        plan = replace(plan, **{key: type(getattr(plan, key))(float(value))})
    mapper = Mapper(
        target,
        charts=arguments.charts,
        symbols=room.symbols,
        first=room.sense(),
        seed=seed,
        rules=rules,
        exploration=plan,
    )
    story: list[str] = []
    for action in range(1, arguments.limit + 1):
        mapper.feel(room.step(mapper.act()))
        if action % arguments.every == 0:
            actions, seen, true = room.walk(arguments.held_out, seed * 10_000 + action)
            right = float((mapper.hypotheses.foretell(actions, seen) == true).mean())
            story.append(f"{action}: {right:.3f}, {mapper.hypotheses.places()} places")
            if right > arguments.mark:
                return action, mapper, story
    return np.inf, mapper, story


def main() -> None:
    """Print a line for each failure and one for the condition."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="6x8")
    parser.add_argument("--symbols", type=int, default=4)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--charts", type=int, default=256)
    parser.add_argument("--seeds", default="10000-10019")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--mark", type=float, default=0.99)
    parser.add_argument("--every", type=int, default=25)
    parser.add_argument("--held-out", type=int, default=1000)
    parser.add_argument("--radius", type=int, default=24)
    parser.add_argument("--plan", nargs="*", default=[], help="changes to Exploration, such as done=0 (random walk)")
    parser.add_argument("--rule", nargs="*", default=[], help="changes to Rules, such as quantum=1.4")
    arguments = parser.parse_args()
    height, width = (int(side) for side in arguments.size.split("x"))
    low, high = (int(seed) for seed in arguments.seeds.split("-"))
    target, _ = planar(arguments.radius)
    needed, lived, replayed, begin = [], 0, 0, time.process_time()
    for seed in range(low, high + 1):
        room = Room(height, width, arguments.symbols, seed, arguments.noise)
        actions, mapper, story = life(room, target, arguments, seed)
        needed.append(actions)
        lived += len(mapper.lived)
        replayed += mapper.replayed
        if actions == np.inf:
            print(f"  seed {seed} failed: {'; '.join(story[3::4])}")
    spent = time.process_time() - begin
    changes = " ".join([*arguments.plan, *arguments.rule]) or "-"
    shown = " ".join(f"{actions:.0f}" for actions in sorted(needed))
    print(
        f"{arguments.size}, {arguments.symbols} symbols, noise {arguments.noise:g}, "
        f"{arguments.charts} charts, {changes}: "
        f"median {np.median(needed):.0f}, worst {max(needed):.0f}, failed {np.isinf(needed).sum()} of {len(needed)}; "
        f"{spent / lived * 1e3:.2f} ms of CPU an action, {replayed / lived:.1f} actions lived again for each; {shown}",
        flush=True,
    )


if __name__ == "__main__":
    main()
