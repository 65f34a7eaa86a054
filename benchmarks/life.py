"""Ten lives on Pendulum-v1, each with its twins: every mark as median and worst, failures counted.

    python benchmarks/life.py                      # seeds 0 to 9, 300 s of learning; about half an hour on two cores
    python benchmarks/life.py --seeds 100,101 --learn 90 --short

All figures are from predictions that were made with plasticity frozen, except the halving times, whose predictions were
fixed one frame before the sensation arrived. The parameters of the brain were chosen on seeds 100 to 109 only.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mark:
    """One row: how to read it from a life's summary, and the limit it has to keep."""

    label: str
    read: Callable[[dict[str, Any]], float]
    limit: float
    at_least: bool

    def holds(self, value: float) -> bool:
        """Whether a value keeps the mark; what was not measured does not."""
        return not math.isnan(value) and (value >= self.limit if self.at_least else value <= self.limit)


def number(key: str) -> Callable[[dict[str, Any]], float]:
    return lambda summary: float(summary.get(key) if summary.get(key) is not None else math.nan)


def sense(key: str, name: str) -> Callable[[dict[str, Any]], float]:
    return lambda summary: float(summary.get(key, {}).get(name, math.nan))


def mean(key: str) -> Callable[[dict[str, Any]], float]:
    return lambda summary: statistics.mean(summary[key].values()) if summary.get(key) else math.nan


def ratio(over: str, under: str, missing: float) -> Callable[[dict[str, Any]], float]:
    """Quotient of two measures. `missing` stands for a twin that never saw a push: its smallest push is above that."""

    def read(summary: dict[str, Any]) -> float:
        top, bottom = summary.get(over), summary.get(under)
        if bottom is None:
            return math.nan
        top = missing if top is None else top
        return float(top) / float(bottom) if bottom > 0 else math.inf

    return read


LARGEST = 1.5
MARKS = (
    Mark("cancelled variance, cos angle", sense("cancelled_own", "cos angle"), 0.95, True),
    Mark("cancelled variance, sin angle", sense("cancelled_own", "sin angle"), 0.95, True),
    Mark("cancelled variance, angular velocity", sense("cancelled_own", "angular velocity"), 0.95, True),
    Mark("command-caused velocity cancelled, own", number("command_cancelled_own"), 0.85, True),
    Mark("command-caused velocity cancelled, yoked", number("command_cancelled_yoked"), 0.10, False),
    Mark("d' of a push (1.5 x, 100 ms), own", number("push_dprime_own"), 3.0, True),
    Mark(
        "d' of a push, own / max(cut, 0.5)", lambda s: s["push_dprime_own"] / max(s["push_dprime_cut"], 0.5), 2.0, True
    ),
    Mark(
        "smallest push seen, cut / own (> 1.5: 1.5)",
        ratio("push_smallest_cut", "push_smallest_own", LARGEST),
        2.0,
        True,
    ),
    Mark("d' mine or replayed, own", number("agency_dprime_own"), 1.5, True),
    Mark("d' mine or replayed, yoked", number("agency_dprime_yoked"), 0.3, False),
    Mark("error halved after inversion (s)", number("inversion_half_time_s"), 60.0, False),
    Mark("share of cells that make half of the spikes", number("half_spikes_share"), 0.20, False),
    Mark("the same, at least", number("half_spikes_share"), 0.10, True),
    Mark("error cells at rest (Hz)", number("error_rate_at_rest_hz"), 5.0, False),
    Mark("computing time per second of life (s)", number("wall_per_simulated_second"), 1.0, False),
)
PLAIN = (
    ("cancelled velocity, yoked", sense("cancelled_yoked", "angular velocity")),
    ("cancelled velocity, cut", sense("cancelled_cut", "angular velocity")),
    ("cancelled velocity, no plasticity", sense("cancelled_frozen", "angular velocity")),
    ("mean cancelled, busiest tenth silenced", mean("cancelled_without_hubs")),
    ("mean cancelled, another tenth silenced", mean("cancelled_without_others")),
    ("d' of a push, cut", number("push_dprime_cut")),
    ("d' of a push, no plasticity", number("push_dprime_frozen")),
    ("smallest push seen, own (x largest torque)", number("push_smallest_own")),
    ("error halved after the body is restored (s)", number("restored_half_time_s")),
    ("spikes per second of life", number("spikes_per_second")),
    ("synaptic events per second of life", number("synaptic_events_per_second")),
)


def one_life(seed: int, learn: float, short: bool) -> dict[str, Any]:
    """One life and its twins, in this process alone."""
    from reafference.brain.live import live
    from reafference.brain.protocol import Protocol

    protocol = Protocol(learn=learn) if short else Protocol.thorough(learn)
    return live("Pendulum-v1", seed=seed, protocol=protocol, threads=1).summary


def table(lives: dict[int, dict[str, Any]]) -> str:
    """The table of all marks."""
    lines = ["| measure | mark | median | worst | kept by |", "| --- | --- | --- | --- | --- |"]
    for mark in MARKS:
        values = [mark.read(summary) for summary in lives.values()]
        known = [value for value in values if not math.isnan(value)]
        worst = (min(known) if mark.at_least else max(known)) if known else math.nan
        kept = sum(mark.holds(value) for value in values)
        sign = ">=" if mark.at_least else "<="
        median = statistics.median(known) if known else math.nan
        missing = f" ({len(values) - len(known)} not reached)" if len(known) < len(values) else ""
        lines.append(
            f"| {mark.label} | {sign} {mark.limit:g} | {median:.3g} | {worst:.3g}{missing} | {kept} of {len(values)} |"
        )
    for label, read in PLAIN:
        known = [value for value in map(read, lives.values()) if not math.isnan(value)]
        spread = f"{min(known):.3g} to {max(known):.3g}" if known else "-"
        lines.append(f"| {label} | | {statistics.median(known) if known else math.nan:.3g} | {spread} | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--learn", type=float, default=300.0, help="seconds of learning")
    parser.add_argument("--short", action="store_true", help="the short tests of `reafference live`")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, help="write every life's summary to this JSON file")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    lives: dict[int, dict[str, Any]] = {}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        jobs = {pool.submit(one_life, seed, arguments.learn, arguments.short): seed for seed in seeds}
        for job in as_completed(jobs):
            lives[jobs[job]] = job.result()
            print(f"seed {jobs[job]} done, {len(lives)} of {len(seeds)}", flush=True)
            if arguments.out:
                arguments.out.write_text(json.dumps(lives, indent=1, sort_keys=True))
    print(
        f"\nPendulum-v1, {len(seeds)} seeds ({arguments.seeds}), {arguments.learn:g} s of learning, "
        f"{platform.machine()}, {os.cpu_count()} cores\n"
    )
    print(table(dict(sorted(lives.items()))))


if __name__ == "__main__":
    main()
