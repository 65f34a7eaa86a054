"""What spiking charts cost: spikes, synaptic events and CPU time of one core for each action of a life in a room.

    python benchmarks/maps/chart_cost.py --charts 256 --radius 14 --actions 300

The commands are those that the charts without spikes choose (that choice is not counted). Printed are the cycle of
an action, and apart from it the replay copies: the cycle in which packets are recalled, and the writing of weights.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from charted_rooms import Room, planar
from reafference.brain.maps import charts as kernels
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import ENOUGH, Hypotheses
from reafference.brain.maps.mapper import Mapper
from reafference.brain.maps.spiking import SpikingCharts, leaking


def main() -> None:
    """Live once with both kinds of charts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--charts", type=int, default=256)
    parser.add_argument("--radius", type=int, default=14)
    parser.add_argument("--actions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=10_000)
    arguments = parser.parse_args()
    size, symbols, target = arguments.charts, 4, planar(arguments.radius)[0]
    room = Room(6, 8, symbols, arguments.seed)
    first, rules = room.sense(), Rules()
    begin = time.perf_counter()
    cells = SpikingCharts(target, charts=size, symbols=symbols, first=first, rules=rules)
    built = time.perf_counter() - begin
    mapper = Mapper(target, charts=size, symbols=symbols, first=first, seed=arguments.seed, rules=leaking(rules))
    twin = Hypotheses(
        target, charts=size, symbols=symbols, first=first, rng=np.random.default_rng(1), rules=leaking(rules)
    )
    rng = np.random.default_rng(2)
    weight, copies = np.zeros(size), np.zeros(size, np.int64)
    spikes, spent, copied, copying, events, apart = [], [], 0, [], [], 0
    inbox = cells.simulation.recording
    for _ in range(arguments.actions):
        action = mapper.act()
        symbol = room.step(action)
        mapper.feel(symbol)
        draw = rng.random(size)
        before = inbox().work["synaptic_events"]
        begin = time.process_time()
        cells.move(action, symbol, draw)
        spent.append(time.process_time() - begin)
        spikes.append(cells.spikes)
        events.append(inbox().work["synaptic_events"] - before)
        kernels.move(twin.charts, target, twin.back, twin.rules, action, symbol, symbols, draw)
        apart += int((cells.charts.place != twin.charts.place).sum())
        if kernels.normalise(cells.charts, weight) < ENOUGH * size:
            kernels.offspring(weight, rng.random(), copies)
            begin = time.process_time()
            copied += cells.overwrite(copies)
            copying.append(time.process_time() - begin)
            kernels.overwrite(twin.charts, copies)
    ms = np.array(spent) * 1e3
    late = np.quantile(ms, 0.95)
    print(f"{size} charts of {len(target)} places: {cells.network.neurons} cells, {cells.simulation.synapses} synapses")
    print(f"built in {built:.1f} s; {cells.simulation.bytes_per_synapse:.1f} bytes a synapse")
    print(f"spikes an action          mean {np.mean(spikes):.0f}, most {max(spikes)}")
    print(f"synaptic events an action mean {np.mean(events):.0f}, most {max(events)}")
    print(f"ms of CPU an action       median {np.median(ms):.2f}, mean {ms.mean():.2f}, 95 % below {late:.2f}")
    print(
        f"replay copies             {len(copying)} in {arguments.actions} actions, {copied} charts, "
        f"{np.mean(copying) * 1e3 if copying else 0:.2f} ms and {cells.recalled} spikes each"
    )
    print(f"packets apart from the twin's: {apart} of {size * arguments.actions}")


if __name__ == "__main__":
    main()
