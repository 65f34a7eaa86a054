"""Do ours and the peers see the same network do the same? Exit status 1 if not.

    python benchmarks/engine/agree.py --workload a [--variant poisson] [--peers nest,brian2-cpp]

All are given the same synapses, starts and trains. Where nothing is random in the run (no Poisson drive) the spikes are
compared to the tick: `same until` is the time of the first one that differs. Simulators round differently in the last
bit, which a dense network amplifies until the spikes part; they must be the same for the first 100 ms at least, or all
along in the sparse networks c and d. GeNN computes in double for this (and in single where it is timed). Conductance
synapses have no closed form: Brian2 and GeNN integrate them to first order in the step, NEST with an error of 1 uV,
ours as ConductanceLIF says; spikes may part at once. So they may in e, where NEST learns with the delay of a dendrite
and GeNN from a target's spike one step late. The statistics have to agree in any case:

    rate of each population      within 5 %, or 0.05 Hz, or three standard errors of independent Poisson counts
    coefficient of variation     within 5 %, or 0.05
    mean pairwise correlation    within 0.01

in e, as learning that differs feeds back on rates, within 15 % and 0.02.

(Statistics of chaotic networks scatter from run to run; these intervals hold for one simulated second or more.)
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from bench import running
from bench.running import Line

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.printing import machine, table  # of all benchmarks

RATE, LEAST_RATE, ERRORS, CV, CORRELATION = 0.05, 0.05, 3.0, 0.05, 0.01
LEARNING_RATE, LEARNING_CORRELATION = 0.15, 0.02  # the same for e
ALIKE = 0.1  # s that spikes are the same at least, where nothing is random
ALWAYS = ("c", "d")
RANDOM = (("a", "poisson"), ("e", "hpc"), ("g", "tenth"), ("g", "full"))  # noise that each simulator draws itself
PEERS = tuple(running.ENVIRONMENT)
INEXACT = {("b", "conductance"): PEERS, ("e", "brunel"): ("nest", "genn")}  # who integrates, or learns, in another way


def first_difference(one: Path, other: Path) -> int | None:
    """Tick of the first spike that only one of two files has; None if they are the same."""
    both = []
    for path in (one, other):
        with np.load(path) as file:
            both.append(np.unique(file["tick"].astype(np.int64) * 2**32 + file["neuron"]))
    apart = np.setxor1d(*both, assume_unique=True)
    return int(apart[0] >> 32) if apart.size else None


def differences(ours: Line, theirs: Line, learning: bool) -> list[str]:
    """What lies outside the stated intervals."""
    part_of_rate = LEARNING_RATE if learning else RATE
    least_correlation = LEARNING_CORRELATION if learning else CORRELATION
    found = []
    for name, rate in ours["rates"].items():
        other = theirs["rates"][name]
        chance = ERRORS * np.sqrt((rate + other) / ours["sizes"][name] / ours["simulated_seconds"])
        if abs(rate - other) > max(part_of_rate * max(rate, other), LEAST_RATE, chance):
            found.append(f"rate of {name}: {rate:.3f} against {other:.3f} Hz")
    for name, part, least in (("cv", CV, CV), ("correlation", 0.0, least_correlation)):
        one, other = ours[name], theirs[name]
        if (one is None) != (other is None) or (one is not None and abs(one - other) > max(part * one, least)):
            found.append(f"{name}: {one} against {other}")
    return found


def described(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    running.add_options(parser)
    parser.add_argument("--threads", default="1", help="numbers of threads of ours, as 1,2")
    arguments = parser.parse_args()
    variant = running.variant_of(arguments)
    threads = [int(number) for number in arguments.threads.split(",")]
    field = [("reafference", number) for number in threads]
    field += [(peer, 1) for peer in running.chosen_peers(arguments)]
    rows, failed, ours = [], [], None
    with tempfile.TemporaryDirectory() as folder:
        for number, (simulator, count) in enumerate(field):
            spikes = Path(folder, f"{number}.npz")
            more = ("--save", str(spikes), "--precision", "double")
            line = running.run(arguments, simulator, count, seconds=arguments.seconds, more=more)
            who = f"{simulator}, {count} threads" if simulator == "reafference" else simulator
            if isinstance(line, str):
                failed.append(f"{who}: did not run\n{line}")
                continue
            same = "-"
            if ours is None:
                ours = line
            else:
                failed += [f"{who}: {text}" for text in differences(ours, line, arguments.workload == "e")]
                if (arguments.workload, variant) not in RANDOM or simulator == "reafference":
                    tick = first_difference(Path(folder, "0.npz"), spikes)
                    same = "the end" if tick is None else f"{tick * 0.1:.1f} ms"
                    needed = np.inf if arguments.workload in ALWAYS or simulator == "reafference" else ALIKE
                    if simulator in INEXACT.get((arguments.workload, variant), ()):
                        needed = 0.0
                    if tick is not None and tick * 0.1e-3 < min(needed, arguments.seconds):
                        failed.append(f"{who}: spikes differ from {same} on")
            rates = ", ".join(f"{rate:.3f}" for rate in line["rates"].values())
            share = described(line["busiest_15_percent"], 3)
            cv, correlation = described(line["cv"], 3), described(line["correlation"], 4)
            rows.append([who, line["version"], f"{line['spikes']:,}", rates, share, cv, correlation, same])
            print(f"{who}: done", file=sys.stderr, flush=True)
    name = arguments.workload + (f", {variant}" if variant else "")
    print(f"Workload {name}, {arguments.seconds:g} s\n")
    head = ["simulator", "version", "spikes", "Hz of each population", "of the busiest 15 %", "CV", "correlation"]
    print(table([*head, "same until"], rows))
    print(f"\n{machine()}")
    print("\n".join(["Differs:", *failed]) if failed else "All agree.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
