"""Which networks fit on TrueNorth, what it takes, and how near their spikes are to the engine's.

    python benchmarks/chips/truenorth_networks.py [--larva larva_winding2023.zip] [--only WORD] [--seconds 1]

Every network is compiled in a process of its own and run for a second, in the chip's integers and on the engine;
kernels are compiled before. `helpers` are copies and relays. `weights off` is the median of the relative differences
between weights as they were asked for and as they are stored, and how many became 0. `spikes` are those of neurons on
the chip over those on the engine; `rates` is the correlation of both
over neurons, `same tick, near` the part of the chip's spikes that fall on the engine's tick, and within 5 ticks of a
spike of the same neuron there. `CPU s` is the processor's time to compile.

The larva's brain is the file of Winding et al., Science 379 (2023) eadd9330 (all-all connectivity, one synapse for each
pair of neurons; its weight is the number of contacts times 0.05 mV, all of them excitatory, as signs are not known).
Its delays are not known either: 3 ms. Sixty sources of 20 Hz make twenty neurons each spike.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import reafference as ra
from reafference.chips import DoesNotFit
from reafference.chips.placement import Copies, Relays
from reafference.chips.truenorth import Precision, TrueNorth
from reafference.network import LogNormal, LogNormalDegree
from reafference.units import Hz, ms, mV
from support.larva import larva_synapses
from support.printing import machine, table

PRECISIONS = {
    "as it is": Precision(),
    "no sums": Precision(parts=1),
    "no sums, weak left out": Precision(parts=1, keep_weak=False),
}
WAYS = {"copies": (Copies(),), "relays": (Relays(),), "either": (Copies(), Relays())}


def driven(cells: ra.Population, *, into: int, weight: float) -> tuple[ra.Population, ra.Projection]:
    """Sixty sources of 20 Hz, each onto `into` neurons."""
    rng = np.random.default_rng(3)
    target = np.concatenate([rng.choice(cells.size, into, replace=False) for _ in range(60)])
    senses = ra.Population("senses", 60, ra.Poisson(rate=20 * Hz))
    return senses, ra.Projection(senses, cells, ra.EdgeList(np.repeat(np.arange(60), into), target), weight=weight)


def larva(path: str) -> ra.Network:
    neurons, source, target, contacts = larva_synapses(path)
    cells = ra.Population("cells", neurons, ra.DeltaLIF(refractory=0.0))
    senses, to_cells = driven(cells, into=20, weight=16 * mV)
    within = ra.Projection(cells, cells, ra.EdgeList(source, target), weight=0.05 * mV * contacts, delay=3 * ms)
    return ra.Network(populations=[cells, senses], projections=[within, to_cells])


def hubs(neurons: int, degree: int, *, several_delays: bool) -> ra.Network:
    """Log-normal degrees and weights, a fifth of the neurons inhibits; delays of 3 ms, or of 2 to 6 ms."""
    kind = ra.DeltaLIF(refractory=0.0)
    cells, others = ra.Population("cells", neurons * 4 // 5, kind), ra.Population("others", neurons // 5, kind)
    delay = ra.Uniform(2 * ms, 6 * ms) if several_delays else 3 * ms
    projections = []
    for source, size in ((cells, 0.4 * mV), (others, -1.6 * mV)):
        for target in (cells, others):
            sent = LogNormal.with_mean(degree * target.size / neurons, log_sigma=0.8)
            weight = LogNormal.with_mean(size, log_sigma=0.8)
            projections.append(ra.Projection(source, target, LogNormalDegree(sent), weight=weight, delay=delay))
    senses, to_cells = driven(cells, into=20, weight=16 * mV)
    return ra.Network(populations=[cells, others, senses], projections=[*projections, to_cells])


def shared(chip: ra.Recording, engine: ra.Recording, mine: np.ndarray, within: int) -> float:
    """Part of the chip's spikes that have one of the same neuron on the engine, at most `within` ticks away."""
    apart = round(chip.seconds / chip.dt) + 100  # spikes of two neurons are never close

    def key(found: ra.Recording) -> np.ndarray:
        kept = mine[found.neuron]
        return np.sort(found.neuron[kept] * apart + np.rint(found.time[kept] / found.dt).astype(int))

    ours, theirs = key(chip), np.concatenate([[-apart], key(engine), [apart * (chip.neurons + 2)]])
    after = np.searchsorted(theirs, ours)
    return float(np.mean(np.minimum(theirs[after] - ours, ours - theirs[after - 1]) <= within))


NETWORKS = {
    "example": lambda: TrueNorth().example()[0],
    "larva": None,
    "log-normal, 1,000 x 30": lambda: hubs(1000, 30, several_delays=False),
    "log-normal, 1,000 x 100": lambda: hubs(1000, 100, several_delays=False),
    "log-normal, 1,000 x 30, delays 2 to 6 ms": lambda: hubs(1000, 30, several_delays=True),
}


def one(name: str, path: str | None, precision: str, ways: str, seconds: float) -> dict[str, object]:
    small, dt = TrueNorth().example()
    TrueNorth().compile(small, dt=dt).run(0.01)
    ra.run(small, 0.01, dt=dt)
    network = larva(str(path)) if name == "larva" else NETWORKS[name]()
    row: dict[str, object] = {}
    chip = TrueNorth(precision=PRECISIONS[precision], ways=WAYS[ways])
    before, cpu = time.perf_counter(), time.process_time()
    try:
        program = chip.compile(network, dt=1 * ms, seed=1)
    except DoesNotFit as refusal:
        row["refused"] = [str(short) for short in refusal.shortages][:6]
        row["more"] = max(0, len(refusal.shortages) - 6)
        program = None
    row["seconds"], row["cpu"] = time.perf_counter() - before, time.process_time() - cpu
    if program is None:
        return row
    placed = program.placement
    row |= {"cores": placed.cores, "chips": placed.chips, "helpers": placed.graph.neurons - network.neurons}
    row |= {"neurons": int(np.count_nonzero(~np.isnan(program.quantised.unit)))}
    row["synapses"] = program.circuit.synapses
    heard = program.quantised.synapses
    stored = program.quantised.weight * program.quantised.unit[heard.target]
    row["off"] = float(np.median(np.abs(stored / heard.weight - 1)))
    row["lost"] = int(np.count_nonzero(stored == 0))
    began = time.perf_counter()
    chip_run = program.run(seconds)
    row["run"] = (time.perf_counter() - began) / seconds
    engine = ra.run(network, seconds, dt=1 * ms, seed=1)
    mine = ~np.isnan(program.quantised.unit)
    ours, theirs = chip_run.counts()[mine], engine.counts()[mine]
    row |= {"same": shared(chip_run, engine, mine, 0), "near": shared(chip_run, engine, mine, 5)}
    row |= {"spikes": int(ours.sum()), "engine": int(theirs.sum()), "rates": float(np.corrcoef(ours, theirs)[0, 1])}
    work = program.work(chip_run)
    row |= {"helper spikes": work.spikes - int(ours.sum()), "hops": work.hops, "events": work.synaptic_events}
    bill = program.price(chip_run)
    row["watts"] = bill.priced("energy").high / (work.seconds or 1)
    return row


def line(name: str, row: dict) -> list[str]:
    head = [name]
    if "refused" in row:
        return [*head, "refused", *["-"] * 9, f"{row['seconds']:.1f}", f"{row['cpu']:.1f}", "-"]
    return [
        *head,
        f"{row['neurons']:,}",
        f"{row['synapses']:,}",
        f"{row['cores']:,}",
        str(row["chips"]),
        f"{row['helpers']:,}",
        f"{row['off']:.1%}, {row['lost']:,}",
        f"{row['spikes']:,} / {row['engine']:,}",
        f"{row['rates']:.3f}",
        f"{row['same']:.0%}, {row['near']:.0%}",
        f"{row['watts'] * 1e3:.1f}",
        f"{row['seconds']:.1f}",
        f"{row['cpu']:.1f}",
        f"{row['run']:.1f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--larva", help="the larva's connectome, a zip file; without it its rows are left out")
    parser.add_argument("--only", default="", help="networks whose name has this in it")
    parser.add_argument("--ways", default="either", choices=WAYS, help="what may be added")
    parser.add_argument("--seconds", type=float, default=1.0, help="of the networks' time")
    parser.add_argument("--row", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        name, precision, ways = options.row
        print(json.dumps(one(name, options.larva, precision, ways, options.seconds)))
        return
    head = ["network, precision", "neurons", "synapses", "cores", "chips", "helpers", "weights off, lost"]
    head += ["spikes chip / engine", "rates", "same tick, near", "mW", "s to compile", "CPU s", "s to run a second"]
    rows, refused = [], []
    for name in NETWORKS:
        if options.only not in name or (name == "larva" and not options.larva):
            continue
        for precision in PRECISIONS:
            again = [sys.executable, str(Path(__file__)), "--row", name, precision, options.ways]
            again += ["--seconds", str(options.seconds), *(["--larva", options.larva] if options.larva else [])]
            done = subprocess.run(again, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            row = json.loads(done.stdout)
            print(name, precision, row, file=sys.stderr, flush=True)
            rows.append(line(f"{name}, {precision}", row))
            if "refused" in row:
                refused.append(
                    (f"{name}, {precision}", [*row["refused"], *([f"{row['more']} more"] * bool(row["more"]))])
                )
    print(f"{machine()}\n\n{table(head, rows)}")
    for name, why in refused:
        print(f"\n{name}:\n" + "\n".join(f"- {reason}" for reason in why))


if __name__ == "__main__":
    main()
