"""Our counts, energy and time of random networks on Loihi against SANA-FE's own.

    python benchmarks/chips/sides/sanafe_side.py 200 > sanafe.jsonl    # where sanafe 2.2.9 is installed
    python benchmarks/chips/sanafe_prices.py sanafe.jsonl              # where this package is

Prints how many counts differ, the largest difference of energy, and how the times differ.
"""

import json
import sys

import numpy as np

from reafference.chips.figures import figures_of
from reafference.chips.pricing.loihi1 import LoihiWork, Sanafe
from reafference.chips.pricing.loihi_work import count_loihi, loihi_routes


def counted(net: dict) -> LoihiWork:
    """What SANA-FE's network does, from its spikes and where its neurons are."""
    sources, neurons, core = net["sources"], len(net["core"]), np.array(net["core"])
    used, core = np.unique(core, return_inverse=True)
    source, target = (np.array([each[end] for each in net["synapses"]], np.int64) for end in (0, 1))
    routes = loihi_routes(
        core=core,
        computed=np.arange(neurons) >= sources,
        source=source,
        target=target,
        kind=np.array(net["kind"])[target],
        x=np.array(net["x"])[used],
        y=np.array(net["y"])[used],
    )
    ticks, heard = [], np.zeros(neurons)
    for tick, spiked in enumerate(net["spikes"]):
        # A neuron is updated where it has a bias, a potential, or was reached in the tick before, if only by what cancels.
        left = np.array(net["potential"][tick - 1]) != 0 if tick else np.zeros(neurons - sources, bool)
        own = np.array(net["bias"]) != 0
        ticks.append((spiked, (heard != 0) | np.concatenate([np.zeros(sources, bool), own | left])))
        sent = np.isin(source, spiked)
        heard = np.bincount(target[sent], minlength=neurons)
    return count_loihi(routes, ticks, seconds=len(ticks) * 1e-3, times=(Sanafe().times(),))


def main(path: str) -> None:
    """Compare line by line."""
    figures = figures_of("loihi1")
    energy, time, counts, nets = [], [], 0, 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            net = json.loads(line)
            work = counted(net)
            bill = Sanafe().price(work, figures)
            theirs = (
                net["events"],
                net["messages"],
                sum(net["hops"]),
                sum(net["updated"]) - len(net["spikes"]) * net["sources"],
            )
            ours = (
                work.synaptic_events,
                work.messages,
                work.hops_east_west + work.hops_north_south,
                work.neuron_updates,
            )
            counts += ours != theirs
            energy.append(bill.priced("energy").low / net["energy"]["total"] - 1)
            time.append(work.clocks["sanafe"].low / sum(net["seconds"]) - 1)
            nets += 1
    print(f"{nets} networks, {counts} with other counts")
    print(f"energy: largest relative difference {np.abs(energy).max():.1e}")
    print(
        f"time: largest relative difference {np.abs(time).max():.2%}, median {np.median(np.abs(time)):.3%}, "
        f"mean {np.mean(time):+.3%}"
    )


if __name__ == "__main__":
    main(sys.argv[1])
