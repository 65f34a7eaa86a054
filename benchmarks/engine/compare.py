"""Ours and every installed peer on one workload, alternately in one go; ratios of run times with their spread.

    python benchmarks/engine/compare.py --workload c [--variant ...] [--repeats 3] [--threads 1,2] [--json]

Run in the environment of this project; `make peers` makes those of the peers. In every round all contenders run once,
one after the other, in the opposite order in the next round. What is compared is the time of the run alone, for one
simulated second. A ratio is the median of the peer's times divided by the median of ours; its spread is the smallest
and the largest of the ratios within one round. The best peer is the one with the smallest median, at whatever number of
threads.

Slow peers simulate a shorter time (`--short nest=0.2`: a fifth), as the table says. Other programs on the machine spoil
the comparison, that of several threads above all: the load is printed, with a warning where it was high at the start.

With --json the last line is one object with at least: workload, ours_s, best_peer, best_peer_s, ratio, ratio_min,
ratio_max; for the first number of threads of `--threads`, the others under "threads".
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

from bench import running
from bench.running import Line

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.printing import machine, table  # of all benchmarks

Contender = tuple[str, int]
SHORT = {"a": {"nest": 0.2}, "c": {"nest": 0.2}, "d": {"nest": 0.2}, "e": {"nest": 0.1}}
ONE_THREAD = ("brian2-cython", "genn")


def contenders(peers: list[str], threads: list[int]) -> list[Contender]:
    ours = [("reafference", number) for number in threads]
    theirs = [(peer, number) for peer in peers for number in ([1] if peer in ONE_THREAD else threads)]
    return ours + theirs


def short(text: str | None, workload: str) -> dict[str, float]:
    """Parts of the simulated time, by peer."""
    if text is None:
        return SHORT.get(workload, {})
    return {name: float(part) for name, _, part in (item.partition("=") for item in text.split(",") if item)}


def per_second(line: Line) -> float:
    """Wall seconds of the run for one simulated second."""
    return line["run_seconds"] / line["simulated_seconds"]


def row(contender: Contender, lines: list[Line]) -> list[str]:
    times = [per_second(line) for line in lines]
    middle = sorted(lines, key=per_second)[len(lines) // 2]
    return [
        contender[0],
        middle["version"],
        str(contender[1]),
        f"{middle['simulated_seconds']:g}",
        f"{statistics.median(times):.3g}",
        f"{min(times):.3g}-{max(times):.3g}",
        f"{middle['synaptic_events_per_second'] / 1e6:.3g}",
        f"{middle['mean_rate']:.3f}",
        f"{middle['build_seconds']:.1f}",
        f"{max(line['peak_memory'] for line in lines) / 1e6:.0f}",
    ]


HEAD = ["simulator", "version", "threads", "simulated s", "run s per s", "spread", "M events/s", "Hz", "build s", "MB"]


def ratios(ours: list[Line], peer: Contender, theirs: list[Line]) -> dict[str, Any]:
    """How many times faster ours is."""
    pairs = [per_second(other) / per_second(mine) for mine, other in zip(ours, theirs, strict=True)]
    ours_s = statistics.median(map(per_second, ours))
    peer_s = statistics.median(map(per_second, theirs))
    return {
        "ours_s": ours_s,
        "best_peer": f"{peer[0]}, {peer[1]} thread{'s' if peer[1] > 1 else ''}",
        "best_peer_s": peer_s,
        "ratio": round(peer_s / ours_s, 3),
        "ratio_min": round(min(pairs), 3),
        "ratio_max": round(max(pairs), 3),
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    running.add_options(parser)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", default="1", help="numbers of threads to run with, as 1,2")
    parser.add_argument("--short", help="peers that simulate a part of the time, as nest=0.2; empty: none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    threads = [int(number) for number in arguments.threads.split(",")]
    parts = short(arguments.short, arguments.workload)
    field = contenders(running.chosen_peers(arguments), threads)
    load = os.getloadavg()[0]
    if load > 0.5:
        say(f"Warning: other programs keep the machine busy (load {load:.1f}); run this when it is quiet.")
    lines: dict[Contender, list[Line]] = {contender: [] for contender in field}
    for number in range(arguments.repeats):
        for contender in list(lines)[:: 1 if number % 2 == 0 else -1]:
            part = parts.get(contender[0], 1.0)
            line = running.run(arguments, *contender, seconds=round(arguments.seconds * part, 4))
            if isinstance(line, str):
                say(f"{contender[0]} with {contender[1]} threads failed and is left out:\n{line}")
                del lines[contender]
                continue
            lines[contender].append(line)
            say(f"round {number + 1}: {contender[0]} {contender[1]}: {per_second(line):.4g} s")
    if not lines:
        return 1
    peers = [contender for contender in lines if contender[0] != "reafference"]
    variant = running.variant_of(arguments)
    name = arguments.workload + (f", {variant}" if variant else "")
    some = next(iter(lines.values()))[0]
    print(f"Workload {name}: {some['network']}, {some['neurons']:,} neurons, {some['synapses']:,} synapses\n")
    print(table(HEAD, [row(contender, found) for contender, found in lines.items()]))
    print(f"\n{arguments.repeats} rounds, load {load:.1f} before them. {machine()}")
    result: dict[str, Any] = {"workload": arguments.workload, "variant": variant, "threads": {}}
    if peers:
        best = min(peers, key=lambda peer: statistics.median(map(per_second, lines[peer])))
        for contender in lines:
            if contender[0] == "reafference":
                found = ratios(lines[contender], best, lines[best])
                result["threads"][str(contender[1])] = found
                print(
                    f"Ours on {contender[1]} thread(s) against {found['best_peer']}: {found['ratio']:.3g} times "
                    f"as fast ({found['ratio_min']:.3g} to {found['ratio_max']:.3g})"
                )
    if arguments.json:
        first = next(iter(result["threads"].values()), {})
        print(json.dumps({"workload": arguments.workload, **first, **result, "load": round(load, 2)}))
    return 0 if result["threads"] else 1


if __name__ == "__main__":
    sys.exit(main())
