"""How well are networks placed on a mesh of cores: cores, chips, hops, the busiest link, time and memory.

    python benchmarks/chips/placement.py [--larva larva_winding2023.zip] [--only WORD] [--seeds 10]

The limits are those of a Loihi 1 core (Davies et al., IEEE Micro 38 (2018) 82-99; 24 bits a synapse: 8 of weight, 6 of
delay, 10 of index, in lists of whole words as nengo-loihi counts them), four cores at each of 8 x 4 routers, on a board
of 4 x 4 chips. Each network is placed in a process of its own, whose peak memory is printed; kernels are compiled
before. `row-major`, `random` and `relieved` (for the busiest link) arrange the same cores otherwise: hops per spike of
random are mean and range over the seeds. `CPU` counts the processor's time; the wall clock also counts what else the
machine was doing.

The larva's brain is the file of Winding et al., Science 379 (2023) eadd9330 (all-all connectivity: one synapse for each
pair of neurons, every neuron fires one spike). Its delays are not known: 2 ticks here, so that relays may be used.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from reafference.chips import DoesNotFit
from reafference.chips.placement import (
    Annealed,
    CoreLimits,
    Graph,
    Grown,
    ListBits,
    Mesh,
    Metis,
    Relays,
    Relieved,
    RowMajor,
    Scattered,
    Spread,
    flow,
    place,
    traffic,
    violations,
)
from reafference.network import FixedProbability, LogNormal, LogNormalDegree
from support.larva import larva_synapses
from support.printing import machine, table

LOIHI = CoreLimits(
    neurons=1024,
    axons_in=4096,
    axons_out=4096,
    synapse_bits=1_048_576,
    list_bits=ListBits(synapse=24, head=10, word=64),
)
BOARD = Mesh(width=8, height=4, cores=4, columns=4, rows=4)
STARTS = {"both": (Metis(), Grown()), "METIS": (Metis(),), "grown": (Grown(),)}
WAYS = {"any": (Relays(), Spread()), "more cores": (Spread(),), "relays": (Relays(),)}
NETWORKS = {  # starts and ways tried
    "larva": (("both", "any"), ("METIS", "any"), ("grown", "any")),
    "log-normal, 108 a neuron": (("both", "any"), ("METIS", "relays"), ("grown", "relays"), ("both", "more cores")),
    "log-normal, 1,000 a neuron": (("both", "any"),),
    "random, 1,000 a neuron": (("both", "any"),),
}


def larva(path: str) -> Graph:
    neurons, source, target, contacts = larva_synapses(path)
    return Graph(neurons, source, target, delay=np.full(source.size, 2), weight=contacts)


def drawn(degree: int, hubs: bool) -> Graph:
    """10,000 neurons, delays of 2 to 10 ticks, log-normal rates of which one second is counted."""
    rng = np.random.default_rng(1)
    n = 10_000
    sent = LogNormal.with_mean(degree, log_sigma=0.8)
    wiring = LogNormalDegree(sent, sent) if hubs else FixedProbability(degree / n)
    source, target = wiring.connect(n, n, rng)
    rates = rng.lognormal(np.log(3.0) - 0.5, 1.0, n)
    delay = rng.integers(2, 11, source.size)
    return Graph(n, source.astype(np.int32), target.astype(np.int32), delay=delay, spikes=np.rint(rates))


def network(name: str, path: str | None) -> Graph:
    if name == "larva":
        return larva(str(path))
    return drawn(1000 if "1,000" in name else 108, "log-normal" in name)


def one(name: str, path: str | None, starts: str, ways: str, seeds: int) -> dict[str, object]:
    small = Graph(9, np.arange(9), (np.arange(9) + 1) % 9, delay=np.full(9, 2))
    for way in (Spread(), Relays()):  # compile
        place(small, CoreLimits(neurons=3, axons_out=4), Mesh(width=4, height=4), chip="-", ways=(way,))
    graph = network(name, path)
    row: dict[str, object] = {"synapses": graph.synapses}
    before, cpu = time.perf_counter(), time.process_time()
    try:
        found = place(graph, LOIHI, BOARD, chip="Loihi 1", starts=STARTS[starts], ways=WAYS[ways])
    except DoesNotFit as refusal:
        row["refused"] = [str(short) for short in refusal.shortages][:8]
        row["more"] = max(0, len(refusal.shortages) - 8)
        found = None
    row["seconds"], row["cpu"] = time.perf_counter() - before, time.process_time() - cpu
    row["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if found is None:
        return row
    if violations(found.graph, found.core, LOIHI):
        raise SystemExit("the placement is illegal")
    row |= {"cores": found.cores, "chips": found.chips, "relays": found.extended.price.neurons}
    row |= {"relay spikes": found.extended.price.spikes / graph.activity().sum()}
    between = flow(found.graph, found.core, found.cores)

    def hops(slot: np.ndarray) -> tuple[float, float]:
        made = traffic(found.graph, found.core, slot, found.mesh)
        return made.hops_per_spike, made.busiest / made.spikes

    row["annealed"] = hops(found.slot)
    row["annealed seeds"] = [hops(Annealed()(between, found.mesh, seed))[0] for seed in range(1, 4)]
    row["relieved"] = hops(Relieved()(between, found.mesh, 0))
    row["row-major"] = hops(RowMajor()(between, found.mesh, 0))
    row["random"] = [hops(Scattered()(between, found.mesh, seed)) for seed in range(seeds)]
    return row


def line(name: str, starts: str, ways: str, row: dict) -> list[str]:
    head = [f"{name}, {starts}, {ways}", f"{row['synapses']:,}"]
    cost = [f"{row['seconds']:.1f}", f"{row['cpu']:.1f}", f"{row['MB']:.0f}"]
    if "refused" in row:
        return [*head, "refused", *["-"] * 10, *cost]
    random = [hops for hops, _ in row["random"]]
    mean = statistics.mean(random)
    mine, busiest = row["annealed"]
    every = [mine, *row["annealed seeds"]]
    return [
        *head,
        str(row["cores"]),
        str(row["chips"]),
        f"{row['relays']:,}",
        f"{mine:.1f} ({min(every):.1f}-{max(every):.1f})",
        f"{row['row-major'][0]:.1f}",
        f"{mean:.1f} ({min(random):.1f}-{max(random):.1f})",
        f"{mine / mean:.2f}",
        f"{busiest:.2f}",
        f"{statistics.mean(link for _, link in row['random']):.2f}",
        f"{row['relieved'][1]:.2f}",
        f"{row['relieved'][0]:.1f}",
        *cost,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--larva", help="the larva's connectome, a zip file; without it that row is left out")
    parser.add_argument("--only", default="", help="networks whose name has this in it")
    parser.add_argument("--seeds", type=int, default=10, help="random arrangements to compare with")
    parser.add_argument("--row", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        print(json.dumps(one(options.row[0], options.larva, options.row[1], options.row[2], options.seeds)))
        return
    head = ["network, starts, ways", "synapses", "cores", "chips", "relays", "hops/spike (4 seeds)", "row-major"]
    head += [
        f"random ({options.seeds} seeds)",
        "ratio",
        "busiest link/spike",
        "random",
        "relieved",
        "its hops/spike",
        "s",
        "CPU s",
        "peak MB",
    ]
    rows, refused = [], []
    for name, tried in NETWORKS.items():
        if options.only not in name or (name == "larva" and not options.larva):
            continue
        for starts, ways in tried:
            again = [sys.executable, str(Path(__file__)), "--seeds", str(options.seeds), "--row", name, starts, ways]
            again += ["--larva", options.larva] if options.larva else []
            done = subprocess.run(again, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            row = json.loads(done.stdout)
            print(name, starts, ways, row, file=sys.stderr, flush=True)
            rows.append(line(name, starts, ways, row))
            if "refused" in row:
                refused.append(
                    (f"{name}, {starts}, {ways}", [*row["refused"], *([f"{row['more']} more"] if row["more"] else [])])
                )
    print(f"{machine()}\n\n{table(head, rows)}")
    for name, why in refused:
        print(f"\n{name}:\n" + "\n".join(f"- {reason}" for reason in why))


if __name__ == "__main__":
    main()
