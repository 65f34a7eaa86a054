"""Loihi's learning here against Lava's fixed-point learning and brian2-loihi, in their own environments.

    python benchmarks/chips/loihi_learning.py --folder FOLDER [--only lava] [--cases 200] [--runs 200]
    python benchmarks/chips/loihi_learning.py --folder FOLDER --freeze tests/data

Environments are those of `loihi_oracles.py`. The first table gives both sides the same random numbers, one for each
trace, tick and weight, so every integer must be equal; exit status 1 if one is not. Left out are cases that brian2
cannot compile (sympy does not come to an end) and those in which Lava's t leaves its 9 bits by one. The second lets
each side draw its own, and asks whether weights at the end have the same mean and the same support. Means: a two-sided
z test for each synapse at a level of 0.01 for all of a row together (Bonferroni). Support: no weight that 5 % of the
runs of one side end at may be missing on the other; with 200 runs chance alone does that once in 28,000 values.
`loihi_learning_cases.py` draws cases.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # support/

import loihi_learning_cases as cases
from loihi_oracles import SIDES, environment

from reafference.chips import loihi
from reafference.chips.loihi.learning import BRIAN2LOIHI_LEARNING, LAVA_LEARNING, LearningDialect
from support.printing import machine, table

LEVEL, COMMON = 0.01, 0.05
FROZEN = 8


@dataclass(frozen=True, kw_only=True)
class Model:
    """A package and how it is told here."""

    name: str
    can: cases.Abilities
    dialect: loihi.Dialect
    learning: LearningDialect
    lacks: str


MODELS = (
    Model(
        name="lava",
        can=cases.LAVA,
        dialect=loihi.LAVA,
        learning=LAVA_LEARNING,
        lacks="reward (r0, r1), delays that act, the grid of stored weights",
    ),
    Model(
        name="brian2loihi",
        can=cases.BRIAN2LOIHI,
        dialect=loihi.BRIAN2LOIHI,
        learning=BRIAN2LOIHI_LEARNING,
        lacks="epochs of several ticks, d, t, r0, r1, constants added to traces",
    ),
)


def answers(folder: Path, model: Model, drawn: Sequence[cases.Case], name: str, *options: str) -> list[dict[str, Any]]:
    """What the package makes of cases; of cases and options that were asked before, what it made then."""
    side = next(side for side in SIDES if side.name == model.name)
    asked = "".join(options).replace("--", "_")
    given, answered = (folder / f"learning_{model.name}_{name}{asked}_{what}.jsonl" for what in ("cases", "answers"))
    text = "".join(json.dumps(one) + "\n" for one in drawn)
    if not (answered.exists() and given.exists() and given.read_text() == text):
        given.write_text(text)
        script = Path(__file__).parent / "sides" / f"{model.name}_learning_side.py"
        fresh = answered.with_suffix(".part")
        command = [str(word) for word in (environment(folder, side), script, given, fresh, *options)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        fresh.rename(answered)
    return [json.loads(line) for line in answered.read_text().splitlines()]


def equal(folder: Path, model: Model, count: int) -> tuple[list[str], bool]:
    """A row of the first table, and whether anything differs."""
    drawn = [cases.draw(seed, model.can) for seed in range(count)]
    totals: dict[str, list[int]] = {name: [0, 0] for name in ("w", "d", "t", "traces")}
    left = 0
    found = answers(folder, model, drawn, "given")
    for case, theirs in zip(drawn, found, strict=True):
        if "failed" in theirs or ("t" in theirs and np.min(theirs["t"]) < -256):
            left += 1  # the package could not run it, or t is by one more than 9 bits can hold
            continue
        mine = cases.run(case, model.dialect, model.learning, case["seed"])
        told = " ".join(str(case[name]) for name in ("dw", "dd", "dt"))
        names = ["w", *(n for n in ("d", "t") if case[f"d{n}"] is not None)]
        names += [n for n in case["traces"] if n in theirs and n in told]
        integers, differ = cases.differing(case, mine, theirs, names)
        if any(differ.values()):
            print(f"{model.name}, case {case['seed']}: {differ} differ", file=sys.stderr)
        for name in names:
            some = totals[name if len(name) == 1 else "traces"]
            some[0], some[1] = some[0] + integers[name], some[1] + differ[name]
    row = [found[0]["version"], f"{count - left:,}", f"{left:,}"]
    row += [f"{number:,}" if totals[name][0] else "-" for name in totals for number in totals[name]]
    return [*row, model.lacks], any(differ for _, differ in totals.values())


def alike(
    folder: Path, model: Model, drawn: Sequence[cases.Case], runs: int, what: str, name: str, *options: str
) -> list[str]:
    """A row of the second table."""
    theirs = answers(folder, model, drawn, name, "--own", str(runs), *options)
    synapses = moved = rejected = missing = 0
    least, most = 1.0, 0.0
    level = LEVEL / sum(np.size(case["weight"]) for case in drawn)
    for case, answer in zip(drawn, theirs, strict=True):
        ends = np.array(answer["ends"])
        mine = np.array([cases.run(case, model.dialect, model.learning, 7919 * run + 1).w[-1] for run in range(runs)])
        for place in np.ndindex(*np.shape(case["weight"])):
            one, other = mine[(slice(None), *place)], ends[(slice(None), *place)]
            p, apart = same_mean(one, other)
            synapses, moved = synapses + 1, moved + (np.unique(one).size > 1)
            least, most = min(least, p), max(most, apart)
            rejected += p < level
            missing += uncommon(one, other) + uncommon(other, one)
    return [
        theirs[0]["version"],
        what,
        f"{synapses:,}",
        f"{moved:,}",
        f"{runs:,}",
        f"{rejected:,}",
        f"{least:.1e}",
        f"{most:.2f}",
        f"{missing:,}",
    ]


def same_mean(one: cases.Ints, other: cases.Ints) -> tuple[float, float]:
    """p of the z test, and the difference of the means in standard deviations."""
    difference = abs(one.mean() - other.mean())
    variance = one.var(ddof=1) + other.var(ddof=1)
    if variance == 0:
        return (1.0, 0.0) if difference == 0 else (0.0, math.inf)
    z = difference / math.sqrt(variance / one.size)
    return math.erfc(z / math.sqrt(2)), difference / math.sqrt(variance / 2)


def uncommon(one: cases.Ints, other: cases.Ints) -> int:
    """How many values that are common in `one` never come in `other`."""
    values, counts = np.unique(one, return_counts=True)
    return int(np.count_nonzero(~np.isin(values[counts >= COMMON * one.size], other)))


def freeze(folder: Path, model: Model, where: Path) -> None:
    """Write a few cases, with the package's answers and their origin."""
    drawn = [cases.draw(seed, model.can) for seed in range(FROZEN)]
    found = answers(folder, model, drawn, "frozen")
    origin = {
        "what": f"weights, delays and tags that {found[0]['version']} learns with given random numbers",
        "fields": "benchmarks/chips/loihi_learning_cases.py; w_k, d_k, t_k are (epochs, sources, targets)",
        "date": datetime.date.today().isoformat(),
        "script": "benchmarks/chips/loihi_learning.py",
        "command": "python benchmarks/chips/loihi_learning.py --folder FOLDER --freeze tests/data",
    }
    path = where / f"loihi_learning_{model.name}.npz"
    arrays: dict[str, Any] = {"origin": np.array(json.dumps(origin)), "cases": np.array(json.dumps(drawn))}
    for k, answer in enumerate(found):
        arrays |= {f"{name}_{k}": np.array(answer[name], np.int16) for name in ("w", "d", "t") if name in answer}
    np.savez_compressed(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1000:.1f} kB, {len(drawn)} cases")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where environments and answers are kept")
    parser.add_argument("--only", choices=[model.name for model in MODELS], help="one package instead of both")
    parser.add_argument("--cases", type=int, default=200, help="how many cases with the same random numbers")
    parser.add_argument("--runs", type=int, default=200, help="how many runs of each case with their own")
    parser.add_argument("--freeze", type=Path, help="write a few cases and answers into this folder instead")
    arguments = parser.parse_args()
    folder, runs = arguments.folder, arguments.runs
    folder.mkdir(parents=True, exist_ok=True)
    models = [model for model in MODELS if arguments.only in (None, model.name)]
    if arguments.freeze:
        for model in models:
            freeze(folder, model, arguments.freeze)
        return 0
    first, second, failed = [], [], False
    for model in models:
        row, wrong = equal(folder, model, arguments.cases)
        first.append(row)
        failed |= wrong
    head = ["package", "cases", "left out", "integers of w", "differ", "of d", "differ", "of t", "differ"]
    print(table([*head, "of traces", "differ", "cannot express"], first), flush=True)
    pairs, sure = [cases.pairs(seed) for seed in range(8)], [cases.certain(seed) for seed in range(8)]
    slow = [case | {"epoch": 4} for case in pairs]
    for model in models:
        second.append(alike(folder, model, sure, 10, "nothing left to chance", "sure"))
        second.append(alike(folder, model, pairs, runs, "epochs of a tick", "own"))
        if model.name == "lava":
            second.append(alike(folder, model, slow, runs, "epochs of 4 ticks", "slow"))
        else:
            second.append(alike(folder, model, pairs, runs, "epochs of a tick, as released", "released", "--released"))
    head = [
        "package",
        "cases",
        "synapses",
        "left to chance",
        "runs",
        "means differ",
        "least p",
        "largest difference (s.d.)",
    ]
    print(f"\n{table([*head, 'values missing'], second)}\n\n{machine()}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
