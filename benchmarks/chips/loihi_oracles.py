"""Integer for integer: Loihi's neurons and synapses here against three public models of Loihi, on random networks.

    python benchmarks/chips/loihi_oracles.py --folder FOLDER [--only lava] [--networks 1000] [--runtime]
    python benchmarks/chips/loihi_oracles.py --folder FOLDER --freeze tests/data

Lava, brian2-loihi and nengo-loihi need versions of Python's packages that do not go together, so each runs in an
environment of its own, which is made in FOLDER by the recipe below. Networks are drawn here (`loihi_networks.py`) and
given to both sides as the same whole numbers; answers stay in FOLDER, and a run that was stopped goes on. The first
table counts integers of u, v and spikes that differ; exit status 1 if any does. The second says how many networks
depend on each rule: how many change in an integer when it is left out here.

Lava's runtime takes seconds for a network; without --runtime its process models are called without it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # support/

import loihi_networks as networks
from loihi_corners import corners
from loihi_ours import differing, run

from reafference.chips import loihi
from support.printing import machine, table

FROZEN = range(12)  # networks that tests compare with


@dataclass(frozen=True, kw_only=True)
class Side:
    """A public model, how its environment is made (arguments of pip, in turn), and what it cannot express."""

    name: str
    packages: tuple[tuple[str, ...], ...]
    can: networks.Abilities
    dialect: loihi.Dialect
    lacks: str


SIDES = (
    Side(
        name="lava",
        packages=(
            ("numpy==1.26.4", "scipy==1.11.4", "networkx==2.8.7", "asteval<0.10", "scikit-learn==1.5.2"),
            ("--no-deps", "--ignore-requires-python", "lava-nc==0.10.0"),
        ),
        can=networks.LAVA,
        dialect=loihi.LAVA,
        lacks="refractory times (in fixed point)",
    ),
    Side(
        name="brian2loihi",
        packages=(("brian2==2.5.4", "numpy==1.26.4"), ("--no-deps", "brian2-loihi==0.5.2")),
        can=networks.BRIAN2LOIHI,
        dialect=loihi.BRIAN2LOIHI,
        lacks="biases, widths of registers",
    ),
    Side(
        name="nengo_loihi",
        packages=(("numpy==1.23.5", "nengo==3.2.0"), ("nengo-loihi==1.1.0", "numpy==1.23.5", "setuptools<70")),
        can=networks.NENGO_LOIHI,
        dialect=loihi.NENGO_LOIHI,
        lacks="delays, 7-bit weights",
    ),
)


def environment(folder: Path, side: Side) -> Path:
    """The interpreter of the side's environment, which is made if it is not there."""
    home = folder / f"venv-{side.name}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        for command in (
            [sys.executable, "-m", "venv", home],
            *((python, "-m", "pip", "install", *some) for some in side.packages),
        ):
            print("+", *command, file=sys.stderr, flush=True)
            subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr)
        (home / "ready").write_text("")
    return python


def answers(
    folder: Path, side: Side, count: int, *, runtime: bool
) -> tuple[list[networks.Drawn], list[dict[str, Any]]]:
    """Networks of seeds 0 to count - 1 and what the side makes of them."""
    name = f"{side.name}{'_runtime' if runtime else ''}"
    drawn = [networks.draw(seed, side.can) for seed in range(count)]
    given, answered = folder / f"{name}_networks.jsonl", folder / f"{name}_answers.jsonl"
    given.write_text("".join(json.dumps(one) + "\n" for one in drawn))
    script = Path(__file__).parent / "sides" / f"{side.name}_side.py"
    options = ["--direct"] if side.name == "lava" and not runtime else []
    command = [str(word) for word in (environment(folder, side), script, given, answered, *options)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    lines = [json.loads(line) for line in answered.read_text().splitlines()]
    by_seed = {line["seed"]: line for line in lines}
    return drawn, [by_seed[one["seed"]] for one in drawn]


def compare(side: Side, drawn: list[networks.Drawn], theirs: list[dict[str, Any]]) -> tuple[list[str], bool]:
    """A row of the first table, and whether anything differs."""
    totals, apart, integers, spikes = np.zeros(3, np.int64), 0, 0, 0
    for one, answer in zip(drawn, theirs, strict=True):
        found = differing(run(one, side.dialect), answer)
        if any(found):
            print(f"{side.name}, network {one['seed']}: {found} differ", file=sys.stderr)
        totals, apart = totals + found, apart + any(found)
        integers += len(answer["u"]) * len(answer["u"][0])
        spikes += len(answer["spikes"])
    numbers = (len(drawn), integers, int(totals[0]), int(totals[1]), spikes, int(totals[2]), apart)
    return [theirs[0]["version"], *(f"{number:,}" for number in numbers), side.lacks], bool(totals.any())


def freeze(folder: Path, side: Side, drawn: list[networks.Drawn], theirs: list[dict[str, Any]]) -> None:
    """Write a few networks with the side's answers and their origin."""
    origin = {
        "what": f"u, v and spikes of {theirs[0]['version']} in random networks of whole numbers",
        "fields": "benchmarks/chips/loihi_networks.py; u_k and v_k are (ticks, neurons), spikes_k (tick, neuron)",
        "date": datetime.date.today().isoformat(),
        "script": "benchmarks/chips/loihi_oracles.py",
        "command": "python benchmarks/chips/loihi_oracles.py --folder FOLDER --freeze tests/data",
    }
    path = folder / f"loihi_{side.name}.npz"
    arrays: dict[str, Any] = {"origin": np.array(json.dumps(origin)), "networks": np.array(json.dumps(drawn))}
    for k, answer in enumerate(theirs):
        arrays |= {f"{name}_{k}": np.array(answer[name], np.int64) for name in ("u", "v")}
        arrays[f"spikes_{k}"] = np.array(answer["spikes"], np.uint8).reshape(-1, 2)
    np.savez_compressed(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {len(drawn)} networks")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where environments and answers are kept")
    parser.add_argument("--only", choices=[side.name for side in SIDES], help="one model instead of all three")
    parser.add_argument("--networks", type=int, default=1000, help="how many networks")
    parser.add_argument("--runtime", action="store_true", help="Lava in its own runtime, a process for each part")
    parser.add_argument("--freeze", type=Path, help="write a few networks and answers into this folder instead")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows, reached, failed = [], {}, False
    sides = [side for side in SIDES if arguments.only in (None, side.name)]
    for side in sides:
        count = len(FROZEN) if arguments.freeze else arguments.networks
        drawn, theirs = answers(arguments.folder, side, count, runtime=arguments.runtime and side.name == "lava")
        if arguments.freeze:
            freeze(arguments.freeze, side, drawn, theirs)
            continue
        row, wrong = compare(side, drawn, theirs)
        rows.append(row)
        failed |= wrong
        for one in drawn:
            for name, found in corners(one, side.dialect).items():
                reached.setdefault(name, dict.fromkeys([s.name for s in sides], 0))[side.name] += found
    if rows:
        head = ["package", "networks", "integers of u", "differ", "of v differ", "spikes", "differ", "networks apart"]
        print(table([*head, "cannot express"], rows))
        print(f"\n{machine()}\n")
        counts = [[name, *(f"{number:,}" for number in found.values())] for name, found in reached.items()]
        print(table(["networks that depend on", *(side.name for side in sides)], counts))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
