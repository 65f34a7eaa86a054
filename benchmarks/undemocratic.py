"""The undemocratic brain: what the strongest tenth of the efference cells can do alone, and what only the weak majority can.

    python benchmarks/undemocratic.py                         # ten seeds
    python benchmarks/undemocratic.py --seeds 10000,10001 --tune

Each seed lives once in Pendulum-v1 with log-normal and once with Gaussian gains of its efference cells: the same babble, the
same sensations, about as many spikes. Error cells learn from them with plasticity on, then a test with plasticity frozen.
Strength of a cell is how often it spiked while they learned; the test is other data.

Anytime curve: the trained read-out hears a part of the cells only, strongest first, weakest first, or at random.
Lesions: cells are lost after the first test. The *fast guess* is the read-out that hears the strongest cells left, a tenth of
all there were. For *new learning* the senses are turned round (reversing goggles: every change changes sign), plasticity is
on for a while, age begins anew, and a frozen test follows.

The learning rate of each arm was chosen with --tune on seeds from 10,000 on. Intervals: 95 % of the mean, 10,000 bootstrap
samples of the seeds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.brain.comparator import ErrorPlan
from reafference.brain.efference import BasisPlan
from reafference.brain.rigidity import Rigidity
from reafference.measure import half_share
from reafference.network import Normal
from support.printing import machine, table
from support.replayed import Learner, Recorded, record

Bools = npt.NDArray[np.bool_]
INFANCY, LEARN, TEST, RELEARN, RETEST = 100, 700, 240, 300, 200  # frames of 50 ms
CELLS = 600
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
ARMS = {"log-normal": None, "Gaussian": Normal(mean=1.0, std=0.25, low=0.05)}
RATES = {"log-normal": 20e-3, "Gaussian": 20e-3}
GRID = (5e-3, 10e-3, 20e-3, 40e-3, 80e-3)
RIGID = {"power 1": Rigidity(most=1e-3, power=1.0), "power 4": Rigidity(most=1e-3, power=4.0)}
ORDERS = "strongest first", "weakest first", "at random"
LESIONS = "sham", "hubs", "random 10 %", "weak majority", "random 90 %"


def masks(cells: int, order: npt.NDArray[np.int64], seed: int) -> dict[str, Bools]:
    """Which cells each lesion leaves alive; `order` has the strongest first."""
    tenth = cells // 10
    drawn = np.random.default_rng([seed, 99]).permutation(cells)
    alive = {name: np.ones(cells, np.bool_) for name in LESIONS}
    alive["hubs"][order[:tenth]] = False
    alive["random 10 %"][drawn[:tenth]] = False
    alive["weak majority"][order[tenth:]] = False
    alive["random 90 %"][drawn[tenth:]] = False
    return alive


def taught(
    life: Recorded, rate: float, seed: int, rigidity: Rigidity | None = None, normalise: int | None = 400
) -> Learner:
    """A brain that has learned with all its cells."""
    learner = Learner(
        life,
        ErrorPlan(rate=rate, normalise=normalise),
        start=INFANCY,
        frames=LEARN + TEST,
        seed=seed,
        alive=np.ones(life.counts.shape[1], np.bool_),
        rigidity=rigidity,
    )
    learner.learn(LEARN)
    return learner


def relearned(life: Recorded, learner: Learner, seed: int, alive: Bools, rigidity: Rigidity | None = None) -> float:
    """Cancelled variance after learning with goggles on, with the cells that are alive."""
    again = Learner(
        life,
        learner.plan,
        start=INFANCY + LEARN + TEST,
        frames=RELEARN + RETEST,
        seed=seed,
        alive=alive,
        goggles=True,
        weights=learner.weights(),
        rigidity=rigidity,
    )
    again.learn(RELEARN)
    return again.test(RETEST).cancelled(alive)


def one(arm: str, seed: int, rate: float) -> dict[str, Any]:
    """Everything of one seed and arm."""
    life = record(seed, BasisPlan(cells=CELLS, gains=ARMS[arm]), INFANCY, INFANCY + LEARN + TEST + RELEARN + RETEST)
    strength = life.counts[INFANCY : INFANCY + LEARN].sum(axis=0)
    order = np.argsort(strength, kind="stable")[::-1]
    learner = taught(life, rate, seed)
    read = learner.test(TEST)
    everybody = np.ones(CELLS, np.bool_)
    row: dict[str, Any] = {
        "arm": arm,
        "seed": seed,
        "rate": rate,
        "full": read.cancelled(everybody),
        "hertz": float(strength.sum() / CELLS / LEARN / 0.05),
        "half": half_share(strength),
        "errors_hertz": learner.error_spikes / (LEARN + TEST) / 0.05 / (6 * learner.plan.errors),
    }
    rng = np.random.default_rng([seed, 98])
    for name, orders in zip(ORDERS, ([order], [order[::-1]], [rng.permutation(CELLS) for _ in range(5)]), strict=True):
        scores: list[float] = []
        spikes: list[float] = []
        for share in SHARES:
            some = [np.isin(np.arange(CELLS), each[: round(share * CELLS)]) for each in orders]
            scores.append(float(np.mean([read.cancelled(cells) for cells in some])))
            spikes.append(float(np.mean([read.heard[:, cells].sum() / read.heard.sum() for cells in some])))
        row[name], row[f"spikes, {name}"] = scores, spikes
    for name, alive in masks(CELLS, order, seed).items():
        best = np.isin(np.arange(CELLS), order[alive[order]][: CELLS // 10])
        row[name] = [read.cancelled(best), read.cancelled(alive), relearned(life, learner, seed, alive)]
    if arm == "log-normal":
        hubs = np.isin(np.arange(CELLS), order[: CELLS // 10])
        for name, rigidity in RIGID.items():
            stiff = taught(life, rate, seed, rigidity)
            seen = stiff.test(TEST)
            row[name] = [seen.cancelled(hubs), seen.cancelled(everybody), relearned(life, stiff, seed, everybody, rigidity)]
    return row


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the mean over the seeds, by bootstrap."""
    drawn = np.random.default_rng(1).integers(values.size, size=(10_000, values.size))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def said(values: list[float], worst: str = "min") -> str:
    """Median, worst and interval, in one cell of a table."""
    every = np.array(values)
    low, high = interval(every)
    return f"{np.median(every):.2f} ({getattr(every, worst)():.2f}; {low:.2f} to {high:.2f})"


def report(rows: list[dict[str, Any]]) -> str:
    """All tables; cells are median (worst; interval)."""
    arms = {arm: [row for row in rows if row["arm"] == arm] for arm in ARMS}
    arms = {arm: mine for arm, mine in arms.items() if mine}
    lines = ["cells: median (worst; 95 % interval of the mean)\n"]
    head = ["arm", "rate mV", "full", "efference Hz", "make half", "sigma", "error cells Hz"]
    body: list[list[str]] = []
    for arm, mine in arms.items():
        sigma = [-NormalDist().inv_cdf(row["half"]) for row in mine]
        body.append(
            [arm, f"{1e3 * mine[0]['rate']:g}", said([r["full"] for r in mine]), said([r["hertz"] for r in mine])]
            + [said([r["half"] for r in mine], "max"), said(sigma), said([r["errors_hertz"] for r in mine], "max")]
        )
    lines += [table(head, body), ""]
    for arm, mine in arms.items():
        head, body = [f"part of full, {arm}", *ORDERS, "spikes, strongest first", "spikes, weakest first"], []
        for k, share in enumerate(SHARES):
            part = [said([row[name][k] / row["full"] for row in mine]) for name in ORDERS]
            spikes = [f"{np.median([row[f'spikes, {name}'][k] for row in mine]):.2f}" for name in ORDERS[:2]]
            body.append([f"{100 * share:g} % of the cells", *part, *spikes])
        lines += [table(head, body), ""]
        tenth = SHARES.index(0.1)
        kept = sum(r[ORDERS[0]][tenth] >= 0.65 * r["full"] and r[f"spikes, {ORDERS[0]}"][tenth] <= 0.5 for r in mine)
        lines += [f"{arm}: strongest tenth >= .65 of full at <= 50 % of the spikes: {kept} of {len(mine)} seeds", ""]
    head, body = ["lost", "arm", "fast guess", "all that is left", "new learning"], []
    for lesion in LESIONS:
        for arm, mine in arms.items():
            body.append([lesion, arm, *(said([row[lesion][k] for row in mine]) for k in range(3))])
    lines += [table(head, body), ""]
    head = ["difference", *arms]
    body = [
        ["fast guess: random 10 % lost - hubs lost", *(said(gap(m, "random 10 %", "hubs", 0)) for m in arms.values())],
        ["fast guess: weak lost - hubs lost", *(said(gap(m, "weak majority", "hubs", 0)) for m in arms.values())],
        ["new learning: sham - hubs lost", *(said(gap(m, "sham", "hubs", 2)) for m in arms.values())],
        ["new learning: hubs lost - weak lost", *(said(gap(m, "hubs", "weak majority", 2)) for m in arms.values())],
        ["new learning: random 90 % lost - weak lost"]
        + [said(gap(m, "random 90 %", "weak majority", 2)) for m in arms.values()],
    ]
    lines += [table(head, body), ""]
    mine = [row for row in rows if "power 1" in row]
    if mine:
        head, body = ["plasticity falls with strength", "hubs alone", "full", "new learning"], []
        body.append(["not", *(said([row["sham"][k] for row in mine]) for k in range(3))])
        body += [[name, *(said([row[name][k] for row in mine]) for k in range(3))] for name in RIGID]
        lines += [table(head, body), ""]
    return "\n".join(lines)


def gap(rows: list[dict[str, Any]], more: str, less: str, column: int) -> list[float]:
    """Difference between two lesions, seed by seed."""
    return [row[more][column] - row[less][column] for row in rows]


def tune(seeds: list[int]) -> None:
    """Full performance and new learning of every arm and rate, means of the seeds; with and without normalisation."""
    for arm, gains in ARMS.items():
        for seed in seeds:
            life = record(seed, BasisPlan(cells=CELLS, gains=gains), INFANCY, INFANCY + LEARN + TEST + RELEARN + RETEST)
            strength = life.counts[INFANCY : INFANCY + LEARN].sum(axis=0)
            order = np.argsort(strength, kind="stable")[::-1]
            hubs, everybody = np.isin(np.arange(CELLS), order[: CELLS // 10]), np.ones(CELLS, np.bool_)
            print(f"{arm}, seed {seed}: {strength.mean() / LEARN / 0.05:.2f} Hz, half {half_share(strength):.3f}", flush=True)
            for normalise, factor in ((400, 1.0), (None, 8.0)):
                for rate in GRID:
                    learner = taught(life, factor * rate, seed, normalise=normalise)
                    read = learner.test(TEST)
                    top = max(float(np.abs(w).max()) for w in learner.weights().values())
                    late = relearned(life, learner, seed, everybody) if normalise else float("nan")
                    print(
                        f"  normalise {normalise}, {1e3 * factor * rate:g} mV: full {read.cancelled(everybody):.3f}, hubs "
                        f"{read.cancelled(hubs):.3f}, rest {read.cancelled(~hubs):.3f}, relearned {late:.3f}, "
                        f"most {1e3 * top:.3f} mV",
                        flush=True,
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--tune", action="store_true", help="only print what each learning rate gives")
    parser.add_argument("--out", type=Path, help="append each row to this file; rows already there are not run again")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    if arguments.tune:
        return tune(seeds)
    out = arguments.out
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out and out.exists() else []
    for seed in seeds:
        for arm in ARMS:
            if any(row["seed"] == seed and row["arm"] == arm for row in rows):
                continue
            rows.append(one(arm, seed, RATES[arm]))
            print(f"seed {seed}, {arm}: full {rows[-1]['full']:.3f}", flush=True)
            if out:
                with out.open("a") as lines:
                    lines.write(json.dumps(rows[-1]) + "\n")
    print(f"\n`python benchmarks/undemocratic.py`: Pendulum-v1, {len(seeds)} seeds, {machine()}\n")
    print(report(rows))


if __name__ == "__main__":
    main()
