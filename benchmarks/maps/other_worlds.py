"""Worlds that somebody else made, as `reafference map` maps them: what is foretold, and what no map foretells.

    pip install "reafference[worlds]"
    python benchmarks/maps/other_worlds.py                       # seeds 0 to 9
    python benchmarks/maps/other_worlds.py --seeds 10003-10006 --actions 400 2000

Each row is `reafference map WORLD --actions N --seed S`: the share of 1,000 symbols of a random walk from where the
body then stands that was foretold, and the share that always naming the most frequent symbol of that walk foretells.
Seeds 0 to 99 are for reports.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from reafference.brain.maps.life import MappingLife, MapPlan
from reafference.brain.maps.new_agent import newborn

WORLDS = ("MiniGrid-MemoryS7-v0", "MiniGrid-FourRooms-v0")


def lived(world: str, actions: int, seed: int) -> dict[str, Any]:
    """The measures of one life, and the seconds of CPU that it took, all in all."""
    started = time.process_time()
    summary = MappingLife(MapPlan(world=world, actions=actions, seed=seed), newborn()).live().summary
    return {**summary, "all_cpu_seconds": time.process_time() - started}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seeds", default="0-9", help="first and last, as 0-9")
    options.add_argument("--actions", type=int, nargs="+", default=[400, 2000])
    options.add_argument("--worlds", nargs="+", default=list(WORLDS))
    chosen = options.parse_args()
    first, _, last = chosen.seeds.partition("-")
    print("| world | actions | seed | foretold | most frequent symbol | places | symbols | CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for world in chosen.worlds:
        for actions in chosen.actions:
            gained: list[float] = []
            for seed in range(int(first), int(last or first) + 1):
                said = lived(world, actions, seed)
                usual = said["accuracy_of_most_frequent"]
                gained.append(said["accuracy"] - usual)
                cells = (world, actions, seed, f"{said['accuracy']:.3f}", f"{usual:.3f}", said["places"])
                print(
                    "|",
                    " | ".join(map(str, cells)),
                    f"| {said['symbols_met']} | {said['all_cpu_seconds']:.0f} |",
                    flush=True,
                )
            print(
                f"{world}, {actions} actions: foretold less most frequent, median {np.median(gained):+.3f}, worst "
                f"{min(gained):+.3f}, above in {sum(gain > 0 for gain in gained)} of {len(gained)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
