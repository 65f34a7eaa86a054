"""Ours and every installed peer on one workload, alternately in one go; ratios of run times with their spread.

    python benchmarks/engine/compare.py --workload c [--variant ...] [--repeats 3] [--threads 1,2] [--json]

Run in the environment of this project; `make peers` makes those of the peers. In every round all contenders run once,
one after the other, in the opposite order in the next round. What is compared is the time of the run alone, for one
simulated second. A ratio is the median of the peer's times divided by the median of ours; its spread is the smallest
and the largest of the ratios within one round. The best peer is the one with the smallest median, at whatever number of
threads.

Slow peers simulate a shorter time (`--short nest=0.2`: a fifth), as the table says. Other programs on the machine spoil
the comparison, that of several threads above all: the load is printed, with a warning where it was high at the start.

`of the bound` is the part of the machine's own bound that ours reaches: its synaptic events a second, of those that can
be had by walking rows of synapses alone, in a network of this size on as many threads, measured just before (see
bandwidth.py).

With --json the last line is one object with at least: workload, ours_s, best_peer, best_peer_s, ratio, ratio_min,
ratio_max; for the first number of threads of `--threads`, the others under "threads". Every peer is under "peers", what
did not run under "left_out".
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

import bandwidth
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


def bound(workload: str, variant: str | None, threads: int) -> float:
    """Synaptic events a second that walking rows alone reaches in a network of this size."""
    neurons, synapses, row = bandwidth.size_of(workload, variant)
    own = workload in bandwidth.OWN_WEIGHTS
    return bandwidth.measured(neurons, synapses, row, threads, own, passes=3)


def quotient(ours: list[Line], theirs: list[Line]) -> dict[str, float]:
    """How many times as fast ours is: of the medians, and the extremes within one round."""
    pairs = [per_second(other) / per_second(mine) for mine, other in zip(ours, theirs, strict=True)]
    ratio = statistics.median(map(per_second, theirs)) / statistics.median(map(per_second, ours))
    return {"ratio": round(ratio, 3), "ratio_min": round(min(pairs), 3), "ratio_max": round(max(pairs), 3)}


def named(contender: Contender) -> str:
    return f"{contender[0]}, {contender[1]} thread{'s' if contender[1] > 1 else ''}"


def reached(ours: list[Line], events: float) -> dict[str, float]:
    """What ours needed, and the part of the bound `events` (a second) that it reached."""
    middle = sorted(ours, key=per_second)[len(ours) // 2]
    result = {
        "build_seconds": statistics.median(line["build_seconds"] for line in ours),
        "peak_memory": max(line["peak_memory"] for line in ours),
        "events_per_second": middle["synaptic_events_per_second"],
        "bound_events_per_second": round(events),
        "of_the_bound": round(middle["synaptic_events_per_second"] / events, 3),
    }
    if "bytes_per_synapse" in middle:
        result["bytes_per_synapse"] = middle["bytes_per_synapse"]
    return result


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
    variant = running.variant_of(arguments)
    bounds = {number: bound(arguments.workload, variant, number) for number in threads}
    lines: dict[Contender, list[Line]] = {contender: [] for contender in field}
    left_out = []
    for number in range(arguments.repeats):
        for contender in list(lines)[:: 1 if number % 2 == 0 else -1]:
            part = parts.get(contender[0], 1.0)
            line = running.run(arguments, *contender, seconds=round(arguments.seconds * part, 4))
            if isinstance(line, str):
                say(f"{contender[0]} with {contender[1]} threads failed and is left out:\n{line}")
                del lines[contender]
                left_out.append(named(contender))
                continue
            lines[contender].append(line)
            say(f"round {number + 1}: {contender[0]} {contender[1]}: {per_second(line):.4g} s")
    if not lines:
        return 1
    peers = [contender for contender in lines if contender[0] != "reafference"]
    name = arguments.workload + (f", {variant}" if variant else "")
    some = next(iter(lines.values()))[0]
    print(f"Workload {name}: {some['network']}, {some['neurons']:,} neurons, {some['synapses']:,} synapses\n")
    print(table(HEAD, [row(contender, found) for contender, found in lines.items()]))
    print(f"\n{arguments.repeats} rounds, load {load:.1f} before them. {machine()}")
    result: dict[str, Any] = {"workload": arguments.workload, "variant": variant, "threads": {}, "peers": {}}
    result |= {"left_out": left_out, "load": round(load, 2)}
    ours = {contender: found for contender, found in lines.items() if contender[0] == "reafference"}
    for peer in peers:
        seconds = statistics.median(map(per_second, lines[peer]))
        against = {str(one[1]): quotient(found, lines[peer]) for one, found in ours.items()}
        result["peers"][named(peer)] = {"seconds": seconds, "ours": against}
    best = min(peers, key=lambda peer: statistics.median(map(per_second, lines[peer])), default=None)
    for contender, found in ours.items():
        count = contender[1]
        one: dict[str, Any] = {"ours_s": statistics.median(map(per_second, found))}
        if best:
            one |= {"best_peer": named(best), "best_peer_s": result["peers"][named(best)]["seconds"]}
            one |= quotient(found, lines[best])
        one |= reached(found, bounds[count])
        single = ours.get(("reafference", 1))
        if count > 1 and single:
            one["speedup"] = quotient(found, single)
        result["threads"][str(count)] = one
        words = [f"Ours on {count} thread{'s' if count > 1 else ''}:"]
        if best:
            words.append(
                f"{one['ratio']:.3g} times ({one['ratio_min']:.3g} to {one['ratio_max']:.3g}) as fast as {named(best)};"
            )
        words.append(f"{one['of_the_bound']:.0%} of the bound, {bounds[count] / 1e6:.0f} M events/s")
        print(" ".join(words) + ".")
    if arguments.json:
        first = next(iter(result["threads"].values()), {})
        print(json.dumps({"workload": arguments.workload, **first, **result}))
    return 0 if result["threads"] and peers else 1


if __name__ == "__main__":
    sys.exit(main())
