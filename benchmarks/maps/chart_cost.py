"""What a life in spikes costs: spikes, synaptic events and CPU time of one core for each action in a room.

    python benchmarks/maps/chart_cost.py --charts 256 --radius 24 --seeds 10000-10002
    python benchmarks/maps/chart_cost.py --charts 256 --radius 24 --seeds 10000-10000 --dream

Every chart is made of cells. Without --dream motifs are preplayed in the arrays that are read out of the weights; with
it in spikes. Printed are the cycle of an action with all that is learned in it, then what comes on top: choosing
motifs, replay copies, rests, and making places. A life ends when the leading chart foretells more than `--mark` of a
held-out walk, as in chart_rooms.py. Seeds 0 to 99 are for reports, others for tuning.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from charted_rooms import Room, planar
from reafference.brain.maps.mapper import Exploration, Mapper
from reafference.brain.maps.spiking_hypotheses import DreamingHypotheses, SpikingHypotheses


def timed(spent: list[float], method):
    """The same method; CPU seconds of each call are appended to `spent`."""

    def call(*arguments, **named):
        begin = time.process_time()
        result = method(*arguments, **named)
        spent.append(time.process_time() - begin)
        return result

    return call


class Costs:
    """Times, spikes and events of all lives."""

    def __init__(self) -> None:
        self.move: list[float] = []
        self.choose: list[float] = []
        self.copy: list[float] = []
        self.recalled: list[int] = []
        self.rest: list[float] = []
        self.place: list[float] = []
        self.spikes: list[int] = []
        self.events: list[int] = []
        self.dreamt = 0
        self.lived = 0
        self.whole = 0.0
        self.needed: list[float] = []

    def watch(self, mapper: Mapper) -> None:
        """Wrap the parts of an agent that are timed apart."""
        hypotheses = mapper.hypotheses
        cells = hypotheses.cells
        inner_copy, inner_build = timed(self.copy, cells.overwrite), timed(self.place, cells._new_host)
        hypotheses._overwrite = lambda: inner_copy(hypotheses.copies)
        cells._new_host = inner_build
        mapper.choose = timed(self.choose, type(mapper).choose.__get__(mapper))
        relive = timed(self.rest, hypotheses.relived)
        hypotheses.relived = relive


def life(arguments: argparse.Namespace, seed: int, costs: Costs) -> None:
    """One room, until it is mapped."""
    target = planar(arguments.radius)[0]
    height, width = (int(side) for side in arguments.size.split("x"))
    room = Room(height, width, arguments.symbols, seed)
    mapper = Mapper(
        target,
        charts=arguments.charts,
        symbols=room.symbols,
        first=room.sense(),
        seed=seed,
        kind=DreamingHypotheses if arguments.dream else SpikingHypotheses,
        exploration=Exploration(motifs=arguments.motifs),
    )
    begin, watched = time.process_time(), None
    for action in range(1, arguments.limit + 1):
        if mapper.hypotheses is not watched:
            watched = mapper.hypotheses
            costs.watch(mapper)
        command = mapper.act()
        symbol = room.step(command)
        cells = mapper.hypotheses.cells
        before, parts = cells.events, [sum(part) for part in (costs.copy, costs.rest, costs.place)]
        copies, start = len(costs.copy), time.process_time()
        mapper.feel(symbol)
        spent = time.process_time() - start
        apart = sum(sum(part) for part in (costs.copy, costs.rest, costs.place)) - sum(parts)
        costs.move.append(spent - apart)
        costs.spikes.append(cells.spikes)
        costs.events.append(cells.events - before)
        costs.recalled += [cells.recalled] * (len(costs.copy) - copies)
        if action % arguments.every == 0:
            actions, seen, true = room.walk(1000, seed * 10_000 + action)
            right = float((mapper.hypotheses.foretell(actions, seen) == true).mean())
            if arguments.verbose:
                print(
                    f"  {action}: {right:.3f}, {mapper.hypotheses.places()} places, {cells.patch.cells.size} allocated"
                )
            if right > arguments.mark:
                costs.needed.append(action)
                break
    else:
        costs.needed.append(np.inf)
    costs.whole += time.process_time() - begin
    costs.lived += len(mapper.lived)
    costs.dreamt += getattr(mapper.hypotheses, "dreamt", 0)
    cells = mapper.hypotheses.cells
    print(
        f"seed {seed}: mapped after {costs.needed[-1]:.0f} actions; {cells.host.network.neurons} cells, "
        f"{cells.simulation.synapses} synapses for {cells.patch.cells.size} of {len(target)} cells of the sheet; "
        f"so far {np.mean(costs.spikes):.0f} spikes and median {np.median(costs.move) * 1e3:.2f} ms an action",
        flush=True,
    )


def main() -> None:
    """Live and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="6x8")
    parser.add_argument("--symbols", type=int, default=4)
    parser.add_argument("--charts", type=int, default=256)
    parser.add_argument("--radius", type=int, default=24)
    parser.add_argument("--seeds", default="10000-10002")
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--every", type=int, default=25)
    parser.add_argument("--mark", type=float, default=0.99)
    parser.add_argument("--motifs", type=int, default=40)
    parser.add_argument("--dream", action="store_true", help="preplay in spikes")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    low, high = (int(seed) for seed in arguments.seeds.split("-"))
    costs = Costs()
    for seed in range(low, high + 1):
        life(arguments, seed, costs)
    ms = np.array(costs.move) * 1e3

    def each(part: list[float]) -> str:
        return f"{len(part)} times, {np.mean(part) * 1e3 if part else 0:.1f} ms each"

    print(f"{arguments.size}, {arguments.charts} charts, preplay in {'spikes' if arguments.dream else 'arrays'}")
    print(f"actions until mapped      median {np.median(costs.needed):.0f}, worst {max(costs.needed):.0f}")
    print(f"spikes an action          mean {np.mean(costs.spikes):.0f}, most {max(costs.spikes)}")
    print(f"synaptic events an action mean {np.mean(costs.events):.0f}, most {max(costs.events)}")
    late = np.quantile(ms, 0.95)
    print(f"ms of CPU an action       median {np.median(ms):.2f}, mean {ms.mean():.2f}, 95 % below {late:.2f}")
    print(f"choosing motifs           {each(costs.choose)}, {costs.dreamt / max(len(costs.choose), 1):.0f} spikes each")
    print(f"replay copies             {each(costs.copy)}, {np.mean(costs.recalled or [0]):.0f} spikes each")
    print(f"rests                     {each(costs.rest)}")
    print(f"making places             {each(costs.place)}")
    print(f"ms of CPU an action, all  {costs.whole / costs.lived * 1e3:.1f}, rests and held-out walks included")


if __name__ == "__main__":
    main()
