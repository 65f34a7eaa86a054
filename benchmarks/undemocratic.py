"""The undemocratic brain: what the strongest tenth of its efference cells can do, and what only the weak majority can.

    python benchmarks/undemocratic.py                         # ten seeds
    python benchmarks/undemocratic.py --seeds 10000,10001 --tune

Each seed lives once in Pendulum-v1 with log-normal and once with Gaussian gains of its efference cells: the same
babble, the same sensations, about as many spikes. Error cells learn from them with plasticity on, then a test with
plasticity frozen. Strength of a cell is how often it spiked while they learned; the test is other data. Arms differ in
the rule too: *normalised* is the brain's own, *plain* lets busy cells learn faster.

Anytime curve: the trained read-out hears a part of the cells only, strongest first, weakest first, or at random.
Lesions: cells are lost after the first test. The *fast guess* is the read-out that hears the strongest cells left, a
tenth of all there were. For *new learning* other error cells, whose synapses are all zero, learn for a while from the
cells left, and a frozen test follows. Plasticity that falls with strength is tried on an old sense too, turned round:
with reversing goggles every change changes its sign.

The learning rate of each arm was chosen with --tune on seeds from 10,000 on. Intervals: 95 % of the mean, 10,000
bootstrap samples of the seeds.
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
INFANCY, LEARN, TEST, RELEARN, RETEST = 60, 600, 200, 240, 160  # frames of 50 ms
CELLS = 500
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
WIRINGS = {
    "log-normal": BasisPlan(cells=CELLS),
    # Gaussian gains alone leave rates nearly as unequal as they were, since thresholds differ too: here they are one.
    "Gaussian": BasisPlan(cells=CELLS, gains=Normal(mean=0.18, std=0.045, low=0.009), low=0.5, high=0.5),
}
RULES = {"normalised": 400, "plain": None}  # frames over which the power of the trace is averaged
RATES = {  # V, chosen with --tune
    ("log-normal", "normalised"): 10e-3,
    ("log-normal", "plain"): 4e-3,
    ("Gaussian", "normalised"): 10e-3,
    ("Gaussian", "plain"): 4e-3,
}
GRID = {"normalised": (5e-3, 10e-3, 20e-3, 40e-3), "plain": (2e-3, 4e-3, 8e-3)}
RIGID = {"power 1": Rigidity(most=2e-3, power=1.0), "power 4": Rigidity(most=2e-3, power=4.0)}  # V
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


def taught(life: Recorded, rate: float, normalise: int | None, seed: int, rigidity: Rigidity | None = None) -> Learner:
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


def later(
    life: Recorded,
    plan: ErrorPlan,
    seed: int,
    alive: Bools,
    old: Learner | None = None,
    rigidity: Rigidity | None = None,
) -> float:
    """Cancelled variance after more learning with the cells alive: of a new sense, or, with goggles, an `old` one."""
    again = Learner(
        life,
        plan,
        start=INFANCY + LEARN + TEST,
        frames=RELEARN + RETEST,
        seed=seed,
        alive=alive,
        goggles=old is not None,
        weights=None if old is None else old.weights(),
        rigidity=rigidity,
    )
    again.learn(RELEARN)
    return again.test(RETEST).cancelled(alive)


def one(life: Recorded, wiring: str, rule: str, seed: int) -> dict[str, Any]:
    """Everything of one seed and arm."""
    strength, order = ranked(life)
    rate = RATES[wiring, rule]
    learner = taught(life, rate, RULES[rule], seed)
    read = learner.test(TEST)
    everybody = np.ones(CELLS, np.bool_)
    row: dict[str, Any] = {
        "arm": f"{wiring}, {rule}",
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
        row[name] = [read.cancelled(best), read.cancelled(alive), later(life, learner.plan, seed, alive)]
    if (wiring, rule) == ("log-normal", "plain"):
        hubs = np.isin(np.arange(CELLS), order[: CELLS // 10])
        row["not"] = [read.cancelled(hubs), row["full"], later(life, learner.plan, seed, everybody, learner)]
        for name, rigidity in RIGID.items():
            stiff = taught(life, rate, RULES[rule], seed, rigidity)
            seen = stiff.test(TEST)
            row[name] = [
                seen.cancelled(hubs),
                seen.cancelled(everybody),
                later(life, stiff.plan, seed, everybody, stiff, rigidity),
            ]
    return row


def lived(wiring: str, seed: int) -> Recorded:
    """A life, as long as all phases together."""
    return record(seed, WIRINGS[wiring], INFANCY, INFANCY + LEARN + TEST + RELEARN + RETEST)


def ranked(life: Recorded) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Spikes of each cell while the error cells learned, and the cells from the strongest to the weakest."""
    strength = life.counts[INFANCY : INFANCY + LEARN].sum(axis=0)
    return strength, np.argsort(strength, kind="stable")[::-1]


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
    arms = {arm: [row for row in rows if row["arm"] == arm] for arm in dict.fromkeys(row["arm"] for row in rows)}
    lines = ["cells: median (worst; 95 % interval of the mean)\n"]
    head = ["arm", "rate mV", "full", "efference Hz", "make half", "sigma", "error cells Hz"]
    body: list[list[str]] = []
    for arm, mine in arms.items():
        sigma = [-NormalDist().inv_cdf(row["half"]) for row in mine]
        body.append(
            [
                arm,
                f"{1e3 * mine[0]['rate']:g}",
                *(said([r[key] for r in mine]) for key in ("full", "hertz")),
                said([r["half"] for r in mine], "max"),
                said(sigma),
                said([r["errors_hertz"] for r in mine], "max"),
            ]
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
        head = ["plasticity falls with strength", "hubs alone", "full", "with goggles on"]
        body = [[name, *(said([row[name][k] for row in mine]) for k in range(3))] for name in ("not", *RIGID)]
        lines += [table(head, body), ""]
    return "\n".join(lines)


def gap(rows: list[dict[str, Any]], more: str, less: str, column: int) -> list[float]:
    """Difference between two lesions, seed by seed."""
    return [row[more][column] - row[less][column] for row in rows]


def tune(seeds: list[int]) -> None:
    """Full performance and new learning of every arm and rate, means of the seeds; with and without normalisation."""
    for seed in seeds:
        for wiring in WIRINGS:
            life = lived(wiring, seed)
            strength, order = ranked(life)
            hubs, everybody = np.isin(np.arange(CELLS), order[: CELLS // 10]), np.ones(CELLS, np.bool_)
            hertz = strength.mean() / LEARN / 0.05
            print(f"{wiring}, seed {seed}: {hertz:.2f} Hz, half {half_share(strength):.3f}", flush=True)
            for rule, rates in GRID.items():
                for rate in rates:
                    learner = taught(life, rate, RULES[rule], seed)
                    read = learner.test(TEST)
                    late = later(life, learner.plan, seed, everybody)
                    top = max(float(np.abs(w).max()) for w in learner.weights().values())
                    print(
                        f"  {rule}, {1e3 * rate:g} mV: full {read.cancelled(everybody):.3f}, "
                        f"hubs {read.cancelled(hubs):.3f}, rest {read.cancelled(~hubs):.3f}, "
                        f"new {late:.3f}, largest weight {1e3 * top:.2f} mV",
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
        for wiring in WIRINGS:
            rules = [r for r in RULES if not any(x["seed"] == seed and x["arm"] == f"{wiring}, {r}" for x in rows)]
            if not rules:
                continue
            life = lived(wiring, seed)
            for rule in rules:
                rows.append(one(life, wiring, rule, seed))
                print(f"seed {seed}, {wiring}, {rule}: full {rows[-1]['full']:.3f}", flush=True)
                if out:
                    with out.open("a") as lines:
                        lines.write(json.dumps(rows[-1]) + "\n")
    print(
        f"\n`python benchmarks/undemocratic.py`: Pendulum-v1, {len({row['seed'] for row in rows})} seeds, {machine()}\n"
    )
    print(report(rows))


if __name__ == "__main__":
    main()
