"""Runs a workload in the environment of a simulator, as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
PEERS = HERE.parents[1] / ".venv-peers"
SCRIPTS = {
    "a": "a_brunel.py",
    "b": "b_vogels_abbott.py",
    "c": "c_lognormal.py",
    "d": "d_fly.py",
    "e": "e_stdp.py",
    "g": "g_microcircuit.py",
}
VARIANTS = {  # the option that tells the variants of a workload apart, and its values; the first is what is run unasked
    "a": ("--drive", ("constant", "poisson")),
    "b": ("--synapses", ("current", "conductance")),
    "e": ("--network", ("brunel", "hpc")),
    "g": ("--inputs", ("tenth", "full")),
}
ENVIRONMENT = {"nest": "nest", "brian2-cpp": "brian2", "brian2-cython": "brian2", "genn": "genn"}

Line = dict[str, Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options by which a workload and its peers are chosen."""
    parser.add_argument("--workload", choices=tuple(SCRIPTS), required=True)
    parser.add_argument(
        "--variant", help="constant or poisson (a), current or conductance (b), brunel or hpc (e), tenth or full (g)"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="biological time to simulate")
    parser.add_argument("--scale", type=float, help="size of the network; as the workload says if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", help="which, as nest,brian2-cpp; all that are installed if not given")
    parser.add_argument("--peers-folder", type=Path, default=PEERS, help="where `make peers` put their environments")


def chosen_peers(arguments: argparse.Namespace) -> list[str]:
    """The peers that were asked for, or that there are."""
    there = [name for name in ENVIRONMENT if python_of(name, arguments.peers_folder).exists()]
    if arguments.peers is None:
        return there
    asked = [name for name in arguments.peers.split(",") if name]
    for name in asked:
        if name not in ENVIRONMENT:
            raise SystemExit(f"no peer is called {name!r}; there are {', '.join(ENVIRONMENT)}.")
        if name not in there:
            raise SystemExit(f"{name} is not installed in {arguments.peers_folder}; `make peers` installs it.")
    return asked


def variant_of(arguments: argparse.Namespace) -> str | None:
    """The variant that was asked for, or the first."""
    if arguments.workload not in VARIANTS:
        if arguments.variant:
            raise SystemExit(f"workload {arguments.workload} has no variants; leave out --variant.")
        return None
    values = VARIANTS[arguments.workload][1]
    if arguments.variant and arguments.variant not in values:
        raise SystemExit(f"workload {arguments.workload} has no variant {arguments.variant!r}: {', '.join(values)}.")
    return arguments.variant or values[0]


def python_of(simulator: str, folder: Path = PEERS) -> Path:
    """The interpreter that has a simulator; ours is the one that runs this."""
    if simulator == "reafference":
        return Path(sys.executable)
    return folder / ENVIRONMENT[simulator] / "bin" / "python"


def run(
    arguments: argparse.Namespace, simulator: str, threads: int, *, seconds: float, more: tuple[str, ...] = ()
) -> Line | str:
    """The line that the workload printed; or, where it failed, the end of what it said."""
    variant = variant_of(arguments)
    command = [
        str(python_of(simulator, arguments.peers_folder)),
        str(HERE / SCRIPTS[arguments.workload]),
        *("--simulator", simulator, "--threads", str(threads), "--seed", str(arguments.seed)),
        *("--seconds", str(seconds)),
        *(("--scale", str(arguments.scale)) if arguments.scale else ()),
        *((VARIANTS[arguments.workload][0], variant) if variant else ()),
        *more,
    ]
    environment = dict(os.environ)
    if simulator != "reafference":
        environment.pop("PYTHONPATH", None)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode or not done.stdout.strip():
        return "\n".join((done.stderr.strip() or "nothing").splitlines()[-12:])
    return json.loads(done.stdout.strip().splitlines()[-1])
