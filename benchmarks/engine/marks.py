"""All marks of the engine in one table: mark, reached, spread, met or missed.

    python benchmarks/engine/marks.py [--only a,c,memory] [--results .marks] [--readme benchmarks/README.md]

Runs compare.py for every workload and variant, the cold start, the cost against activity, the microcircuit with all of
its inputs (4.5 GB) and two networks for their memory; one after the other, on a quiet machine about two hours. What
each found is kept in the folder of results, so `--only` runs some again (a letter takes all of its variants) and prints
the table of all; `--only none` prints it alone. With --readme the table is written between the two lines of that file
that say `marks begin` and `marks end`. Exit status 1 where a mark is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import running
from bench.marks import JOBS, MARKS, Mark

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.printing import machine, table  # of all benchmarks

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- marks begin: written by marks.py -->", "<!-- marks end -->"
TAKE_PEERS = ("compare.py", "f_cold_start.py")


def chosen(only: str | None) -> list[str]:
    """The jobs that were asked for."""
    if only is None:
        return list(JOBS)
    result = []
    for word in filter(None, only.split(",")):
        found = [job for job in JOBS if job == word or job.startswith(f"{word} ")]
        if not found and word != "none":
            raise SystemExit(f"no job is called {word!r}; there are {', '.join(JOBS)}.")
        result += found
    return result


def run(job: str, arguments: argparse.Namespace) -> Any:
    """What a job found: the last object that it printed, of the cold start all of them; None where it failed."""
    script, options = JOBS[job]
    command = [sys.executable, str((HERE / script).resolve()), *options]
    if script in TAKE_PEERS:
        command += ["--peers-folder", str(arguments.peers_folder)]
        command += [] if arguments.peers is None else ["--peers", arguments.peers]
    if script == "compare.py":
        command += ["--repeats", str(arguments.repeats)]
        command += ["--scale", str(arguments.scale)] if arguments.scale else []
    command += options_of(script, arguments)
    if script.endswith("build_network.py"):
        subprocess.run(command, stdout=subprocess.DEVNULL)  # compiles and keeps the kernels
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"{job} failed with exit status {done.returncode}.", file=sys.stderr, flush=True)
        return None
    return lines if script == "f_cold_start.py" else lines[-1]


def options_of(script: str, arguments: argparse.Namespace) -> list[str]:
    """A smaller size for what is no comparison, where one is asked for."""
    if not arguments.scale:
        return []
    return {
        "activity_curve.py": ["--scale", str(arguments.scale), "--repeats", "2", "--rates", "0.25,0.5,5"],
        "g_microcircuit.py": ["--scale", str(arguments.scale), "--seconds", "0.3"],
        "f_cold_start.py": ["--repeats", "1", "--cold-repeats", "1", "--peers", ""],
    }.get(script, [])


def row(mark: Mark, kept: dict[str, Any] | None) -> list[str]:
    """One line of the table."""
    sign = ">=" if mark.at_least else "<="
    wanted = f"{sign} {mark.limit:g} {mark.unit}".strip()
    value = None if kept is None else mark.value(kept["found"])
    if kept is None or value is None:
        return [mark.job, mark.text, wanted, "-", "", "not run" if kept is None else "not measured"]
    middle, least, most = value
    met = middle >= mark.limit if mark.at_least else middle <= mark.limit
    spread = f"{least:.3g}-{most:.3g}" if least != most else ""
    found = kept["found"]
    threads = found.get("threads") if isinstance(found, dict) else None  # of a comparison: what each number gave
    peer = threads.get("1", {}).get("best_peer", "") if isinstance(threads, dict) else ""
    against = f" ({peer})" if "best peer" in mark.text and peer else ""
    return [mark.job, mark.text + against, wanted, f"{middle:.3g}", spread, "met" if met else "missed"]


def shown(results: dict[str, dict[str, Any]]) -> str:
    """The table of all marks, and what is to be known about it."""
    rows = [row(mark, results.get(mark.job)) for mark in MARKS]
    text = table(["workload", "what", "mark", "reached", "spread", ""], rows)
    missed = sum(line[-1] == "missed" for line in rows)
    days = sorted({kept["when"][:10] for kept in results.values()})
    machines = sorted({kept["machine"] for kept in results.values()})
    loads = [kept["found"]["load"] for kept in results.values() if "load" in kept["found"]]
    met = sum(line[-1] == "met" for line in rows)
    words = [f"{met} met, {missed} missed, {len(rows) - met - missed} not measured."]
    words += [f"Measured {' to '.join(dict.fromkeys((days[0], days[-1])))}."] if days else []
    words += [f"Load before the comparisons at most {max(loads):.1f}."] if loads else []
    words += [f"{'; '.join(machines)}"] if machines else []
    sized = sorted({str(kept["scale"]) for kept in results.values() if kept["scale"]})
    if sized:
        words.insert(0, f"NOT the networks of the marks: at scale {', '.join(sized)}.")
    return f"{text}\n\n{' '.join(words)}"


def write(path: Path, text: str) -> None:
    """Put the table between its two lines."""
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} lacks the lines {BEGIN} and {END}; add them where the table is to stand.")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="jobs to run, as a,c,memory; all if not given; `none`")
    parser.add_argument("--results", type=Path, default=Path(".marks"), help="folder of what was found")
    parser.add_argument("--readme", type=Path, help="also write the table into this file")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, help="smaller networks, to try the script")
    parser.add_argument(
        "--peers", help="only these, as genn,brian2-cpp, or none of them: ''; all that are installed if not given"
    )
    parser.add_argument("--peers-folder", type=Path, default=running.PEERS)
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    for job in chosen(arguments.only):
        print(f"{job} ...", file=sys.stderr, flush=True)
        found = run(job, arguments)
        if found is not None:
            kept = {"found": found, "when": time.strftime("%Y-%m-%d %H:%M"), "machine": machine()}
            kept["scale"] = arguments.scale
            (arguments.results / f"{job}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    results = {}
    for job in JOBS:
        path = arguments.results / f"{job}.json"
        if path.exists():
            results[job] = json.loads(path.read_text(encoding="utf-8"))
    text = shown(results)
    print(text)
    if arguments.readme:
        write(arguments.readme, text)
    return 1 if " missed" in text else 0


if __name__ == "__main__":
    sys.exit(main())
