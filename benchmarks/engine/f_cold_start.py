"""Workload f: how long from the start of a process to the first spike of a small network.

    python benchmarks/engine/f_cold_start.py [--repeats 5] [--cold-repeats 3] [--peers nest,genn]

Run in the environment of this project, installed there or found by PYTHONPATH. Every number is of a fresh process, from
its start by the clock on the wall: `import` until the simulator is imported, `first spike` until 30 ms of 100 cells
have been simulated and their spikes are at hand; `CPU` is the processor time of the whole process and of what it calls,
which other programs on the machine disturb less. The row "description" imports and describes a network, no more.

cold  what the simulator compiles has not been compiled before: an empty folder each time
warm  it has, in one process before; the folder is kept
-     the simulator compiles nothing

Prints one line of JSON for each row of the table, then the table. Byte code of Python is there in any case, as after an
installation.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import running

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.printing import machine, table  # of all benchmarks

SCRIPT = Path(__file__).resolve().parent / "bench" / "first_spike.py"
COMPILES_NOTHING = ("nest",)
OURS = ("description", "current", "delta")
MARKS = {("description", "-"): 0.5, ("current", "warm"): 1.5, ("delta", "warm"): 1.5}  # s, of ours
MARKS |= {("current", "cold"): 20.0, ("delta", "cold"): 20.0}

Row = dict[str, Any]


def processor() -> float:
    """Processor time (s) of all processes that have ended under this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one(python: Path, simulator: str, network: str, folder: Path) -> Row:
    """Times of one process, s from its start."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if simulator != "reafference":
        environment.pop("PYTHONPATH", None)
    before, began = processor(), time.time()
    done = subprocess.run([python, SCRIPT, simulator, network, folder], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError("\n".join(done.stderr.strip().splitlines()[-8:]))
    line = json.loads(done.stdout.strip().splitlines()[-1])
    if line.get("loaded"):
        raise RuntimeError(f"to describe a network loads {', '.join(line['loaded'])}, which it is not to.")
    if network != "description" and not line["spikes"]:
        raise RuntimeError("the network did not spike.")
    line |= {"imported": line["imported"] - began, "spiked": line["spiked"] - began, "cpu": processor() - before}
    return line


def measured(python: Path, simulator: str, network: str, cache: str, repeats: int) -> Row:
    """Times of so many processes, one after the other."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="cold-start-") as place:
        kept = Path(place, "kept")
        kept.mkdir()
        if cache != "cold":
            one(python, simulator, network, kept)  # compiles; writes Python's byte code
        for number in range(repeats):
            folder = kept
            if cache == "cold":
                folder = Path(place, str(number))
                folder.mkdir()
            lines.append(one(python, simulator, network, folder))
    row = {"workload": "f", "simulator": simulator, "version": lines[0]["version"], "network": network, "cache": cache}
    for name, key in (("import_s", "imported"), ("first_spike_s", "spiked"), ("cpu_s", "cpu")):
        if key != "spiked" or network != "description":
            times = [line[key] for line in lines]
            row[name] = {"median": statistics.median(times), "min": min(times), "max": max(times)}
    return row | {"processes": len(lines)}


def cells(row: Row) -> list[str]:
    """A row of the table."""

    def shown(name: str) -> list[str]:
        if name not in row:
            return ["", ""]
        times = row[name]
        return [f"{times['median']:.2f}", f"{times['min']:.2f}-{times['max']:.2f}"]

    mark = MARKS.get((row["network"], row["cache"])) if row["simulator"] == "reafference" else None
    reached = row["import_s" if row["network"] == "description" else "first_spike_s"]["median"]
    verdict = "" if mark is None else f"<= {mark:g} s: {'met' if reached <= mark else 'missed'}"
    names = [row["simulator"], row["version"], row["network"], row["cache"]]
    both = [*shown("import_s"), *shown("first_spike_s")]
    return [*names, *both, f"{row['cpu_s']['median']:.2f}", str(row["processes"]), verdict]


HEAD = [
    "simulator",
    "version",
    "network",
    "cache",
    "import, s",
    "spread",
    "first spike, s",
    "spread",
    "CPU, s",
    "n",
    "mark",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="processes with a warm cache, or without one")
    parser.add_argument("--cold-repeats", type=int, default=3, help="processes with an empty cache")
    parser.add_argument("--peers", help="which, as nest,brian2-cpp; all that are installed if not given; empty: none")
    parser.add_argument("--peers-folder", type=Path, default=running.PEERS)
    arguments = parser.parse_args()
    cases = [("reafference", "description", "-")]
    cases += [("reafference", network, cache) for network in OURS[1:] for cache in ("cold", "warm")]
    for peer in running.chosen_peers(arguments):
        caches = ("-",) if peer in COMPILES_NOTHING else ("cold", "warm")
        cases += [(peer, "current", cache) for cache in caches]
    rows, failed = [], False
    for simulator, network, cache in cases:
        repeats = arguments.cold_repeats if cache == "cold" else arguments.repeats
        python = running.python_of(simulator, arguments.peers_folder)
        try:
            row = measured(python, simulator, network, cache, repeats)
        except RuntimeError as error:
            print(f"{simulator}, {network}, {cache}: {error}", file=sys.stderr, flush=True)
            failed = True
            continue
        print(json.dumps(row), flush=True)
        rows.append(cells(row))
    print()
    print(table(HEAD, rows))
    print(f"\nSeconds from the start of a process, median. Load {os.getloadavg()[0]:.1f} at the end. {machine()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
