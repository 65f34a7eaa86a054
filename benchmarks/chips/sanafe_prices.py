"""Our spikes, counts, energy and time of networks on Loihi against SANA-FE's own.

    python benchmarks/chips/sides/sanafe_side.py random 120 > random.jsonl          # where sanafe 2.2.9 is installed
    python benchmarks/chips/sides/sanafe_side.py files 1000 snn/*.yaml > files.jsonl
    python benchmarks/chips/sanafe_prices.py random.jsonl files.jsonl               # where this package and PyYAML are

Each network is read from the description that SANA-FE got, and run by us. Each row of the table is all
networks that were drawn, or one that has a file of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from reafference.chips.pricing.loihi1 import Sanafe
from reafference.chips.sanafe import SanafeNetwork, SanafeRun, read_sanafe, run_sanafe, sanafe_network


def network_of(line: dict) -> SanafeNetwork:
    """From what SANA-FE was given."""
    if "document" in line:
        return sanafe_network(line["document"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.yaml"
        file.write_text(line["text"], encoding="utf-8")
        return read_sanafe(file)


def spikes_of(network: SanafeNetwork, run: SanafeRun, logged: set[str]) -> list[list[str]]:
    """Names of the neurons that spiked, by tick, of those whose group SANA-FE logged."""
    name = np.array([""] * network.core.size, dtype=object)
    for group, numbers in network.number.items():
        name[numbers] = [f"{group}.{offset}" for offset in range(numbers.size)]
    made: list[list[str]] = [[] for _ in range(run.work.ticks)]
    for tick, neuron in zip(run.tick, run.neuron, strict=True):
        if name[neuron].partition(".")[0] in logged:
            made[tick - 1].append(name[neuron])
    return [sorted(each) for each in made]


def compare(line: dict) -> dict[str, float]:
    """One network: how many spikes and counts differ, and by how much energy and time do."""
    network = network_of(line)
    run = run_sanafe(network, line["ticks"], times=(Sanafe().times(),))
    work, sources = run.work, int(np.count_nonzero(~network.computed[run.neuron]))
    logged = {each.partition(".")[0] for tick in line["spikes"] for each in tick}
    ours = spikes_of(network, run, logged)
    theirs = [[each for each in tick if each.partition(".")[0] in logged] for tick in line["spikes"]]
    counts = {
        "events": work.synaptic_events,
        "messages": work.messages,
        "hops": work.hops_east_west + work.hops_north_south,
        "updated": work.neuron_updates + sources,  # there, a source that spikes counts as updated, at no price
        "fired": work.spikes + sources,
    }
    return {
        "spikes": sum(map(len, theirs)),
        "apart": sum(len(set(a) ^ set(b)) for a, b in zip(ours, theirs, strict=True)),
        "counts": sum(count != line[name] for name, count in counts.items()),
        "energy": abs(Sanafe().price(work).priced("energy").low / line["energy"] - 1),
        "time": abs(work.clocks["sanafe"].low / sum(line["seconds"]) - 1),
    }


def main(paths: list[str]) -> None:
    """Compare line by line."""
    rows: list[tuple[str, list[dict[str, float]]]] = []
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                name = "drawn networks" if "document" in line else line["name"]
                if not rows or rows[-1][0] != name:
                    rows.append((name, []))
                rows[-1][1].append(compare(line))
    print("| networks | how many | spikes | differ | other counts that differ | energy, worst | time, median | worst |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, found in rows:
        spikes, apart, counts = (int(sum(each[key] for each in found)) for key in ("spikes", "apart", "counts"))
        energy, time = ([each[key] for each in found] for key in ("energy", "time"))
        print(
            f"| {name} | {len(found)} | {spikes:,} | {apart} | {counts} of {5 * len(found)} | {max(energy):.1e} | "
            f"{np.median(time):.1e} | {max(time):.1e} |"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
