"""The spontaneous state of the log-normal brain: rates, irregularity, and the family that its rates come from.

    python benchmarks/lognormal_state.py                       # ten seeds, four arms: half an hour to an hour
    python benchmarks/lognormal_state.py --seeds 11,12 --arms default
    python benchmarks/lognormal_state.py --arms published --change failure=0 --change epsp_sigma=0.94

The arms are the plan as published, the same with each of the two changes that the default plan makes, and the default
plan, which has both; `--change FIELD=VALUE` adds an arm, the published plan with that change. The two changes were
looked for on seeds 1, 2, 3, 11 and 12; the first three are not among the ten, the last two are, so eight are new.

Each seed draws wiring, strengths, delays, kick and failures. Nothing drives the network after the kick, which fades
within a second; figures are from `--settle` seconds on, until `--seconds` later or until the last spike but 0.1 s. A
network that falls silent before the end has failed to live, whatever it did until then, and keeps no mark.

Rates are fitted twice, see reafference.measure.rate_families: plainly, silent neurons left out, and as mixtures of
Poisson counts with the silent ones in. p-values of Kolmogorov-Smirnov distances are from simulated refits (--draws).
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from dataclasses import dataclass, replace

import numpy as np

from reafference.brain.lognormal import LogNormalPlan, lognormal_brain
from reafference.engine import Simulation
from reafference.measure import (
    RateFits,
    best,
    fit_families,
    half_share,
    interval_variation,
    ks_p_value,
    mean_correlation,
)
from reafference.recording import Recording
from support.printing import machine, table

MARKS = {"excitatory": 1.6, "inhibitory": 14.0}  # Hz, as published; kept within 30 %
SAMPLE = 1000  # neurons among which correlations are taken
DEAD = 0.1  # s without any spike
LEAST = 1.0  # s of a state that is worth measuring
FAMILIES = "log-normal", "gamma", "Gaussian"


@dataclass(frozen=True)
class State:
    """What one population did from `settle` on."""

    rate: float
    variation: float
    correlation: float
    half: float
    fits: RateFits
    p_values: tuple[float, ...]  # of plain fits, then of counted ones


@dataclass(frozen=True)
class Outcome:
    """One seed. `alive_until` is the time of the last spike, s; no states where that is within a second of settling."""

    seed: int
    alive_until: float
    lived: bool
    states: dict[str, State]
    built: float
    ran: float
    events: int


def measured(recording: Recording, name: str, settle: float, until: float, draws: int) -> State:
    """The state of one population between two times."""
    first, end = recording.range(name)
    when, who = recording.of(name)
    late = (when > settle) & (when <= until)
    when, who, seconds, size = when[late], who[late], until - settle, end - first
    counts = np.bincount(who, minlength=size)
    few = who < SAMPLE
    fits = fit_families(counts, seconds)
    every = (*fits.plain, *fits.counted)
    return State(
        rate=float(counts.mean() / seconds),
        variation=float(np.nanmedian(interval_variation(when, who, size))),
        correlation=mean_correlation(when[few], who[few], min(SAMPLE, size), start=settle, seconds=seconds),
        half=half_share(counts),
        fits=fits,
        p_values=tuple(ks_p_value(fit, counts, seconds, draws=draws) if draws else math.nan for fit in every),
    )


def one(plan: LogNormalPlan, seed: int, seconds: float, settle: float, draws: int, threads: int) -> Outcome:
    """Build and run the network of one seed."""
    begin = time.perf_counter()
    names = tuple(MARKS)
    simulation = Simulation(lognormal_brain(plan, seed=seed), seed=seed, threads=threads, record=names)
    built = time.perf_counter() - begin
    for _ in range(round((seconds + settle) / DEAD)):
        if simulation.advance(DEAD).tick.size == 0:
            break
    ran = time.perf_counter() - begin - built
    recording = simulation.recording()
    last = float(recording.time.max())
    lived = last > seconds + settle - DEAD
    until = seconds + settle if lived else last - DEAD
    long = until - settle >= LEAST
    states = {name: measured(recording, name, settle, until, draws) for name in names} if long else {}
    return Outcome(seed, last, lived, states, built, ran, recording.work["synaptic_events"])


def keeps(outcome: Outcome) -> list[bool]:
    """Whether the rates, the irregularity, the family (counted) and the share keep their marks, all of both kinds."""
    states = outcome.states
    if not outcome.lived:
        return [False] * 4
    return [
        all(0.7 <= state.rate / MARKS[name] <= 1.3 for name, state in states.items()),
        all(0.8 <= state.variation <= 1.2 for state in states.values()),
        all(best(state.fits.counted).family.name == "log-normal" for state in states.values()),
        0.84 <= states["excitatory"].fits.counted[0].parameters[1] <= 1.28,
    ]


def report(title: str, outcomes: list[Outcome]) -> str:
    """The tables of one arm."""
    lines = [f"\n### {title}\n"]
    dead = [outcome for outcome in outcomes if not outcome.lived]
    lines.append(
        f"{len(outcomes) - len(dead)} of {len(outcomes)} seeds lived to the end"
        + "".join(f"; seed {o.seed} fell silent after {o.alive_until:.2f} s" for o in dead)
        + ".\n"
    )
    for name in MARKS:
        states = {outcome.seed: outcome.states[name] for outcome in outcomes if outcome.states}
        if not states:
            continue
        head = [
            "seed",
            "lived s",
            "rate Hz",
            "median CV",
            "correlation",
            "make half",
            "sigma plain",
            "counted",
            "silent",
        ]
        rows = [
            [
                str(seed),
                next(f"{'>' if o.lived else ''}{o.alive_until:.1f}" for o in outcomes if o.seed == seed),
                f"{state.rate:.2f}",
                f"{state.variation:.2f}",
                f"{state.correlation:.4f}",
                f"{100 * state.half:.1f} %",
                f"{state.fits.plain[0].parameters[1]:.2f}",
                f"{state.fits.counted[0].parameters[1]:.2f}",
                str(state.fits.silent),
            ]
            for seed, state in states.items()
        ]
        lines += [f"{name}\n", table(head, rows), ""]
        head = ["AIC above the best, KS distance, p", *FAMILIES]
        rows: list[list[str]] = []
        for seed, state in states.items():
            for way, fits, chances in (
                ("plain", state.fits.plain, state.p_values[:3]),
                ("counted", state.fits.counted, state.p_values[3:]),
            ):
                least = best(fits).aic
                each = zip(fits, chances, strict=True)
                rows.append(
                    [f"{way}, seed {seed}"] + [f"{f.aic - least:.0f}, {f.ks_distance:.3f}, {p:.2f}" for f, p in each]
                )
        lines += [table(head, rows), ""]
    kept = np.array([keeps(outcome) for outcome in outcomes]).sum(0)
    marks = "rates within 30 %", "CV .8 to 1.2", "log-normal, not gamma or Gaussian (counted)", "sigma in [.84, 1.28]"
    lines += [f"{mark}: {number} of {len(outcomes)} seeds" for mark, number in zip(marks, kept, strict=True)]
    lines.append(
        f"median of {statistics.median(o.built for o in outcomes):.0f} s to build, "
        f"{statistics.median(o.ran for o in outcomes):.0f} s to run; "
        f"{statistics.median(o.events / max(o.alive_until, DEAD) for o in outcomes):.3g} synaptic events per second"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="11,12,13,14,15,16,17,18,19,20")
    parser.add_argument("--seconds", type=float, default=10.0, help="measured time")
    parser.add_argument("--settle", type=float, default=2.0, help="time before that, the kick included")
    parser.add_argument("--draws", type=int, default=39, help="simulated populations for each p; 0: no p")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--arms", default="published,excitation,delay,default", help="some of these four, or none")
    parser.add_argument("--change", action="append", default=[], metavar="FIELD=VALUE", help="SI units")
    arguments = parser.parse_args()
    published, default = LogNormalPlan.published(), LogNormalPlan()
    known = {
        "published": published,
        "excitation": replace(published, excitation=default.excitation),
        "delay": replace(published, delay_other=default.delay_other),
        "default": default,
    }
    arms = {name: known[name] for name in arguments.arms.split(",") if name != "none"}
    for change in arguments.change:
        field, _, value = change.partition("=")
        arms[f"published, but {change}"] = replace(published, **{field: float(value)})
    print(f"`python benchmarks/lognormal_state.py`: {arguments.seconds:g} s after {arguments.settle:g} s; {machine()}")
    for title, plan in arms.items():
        print(f"\n{title}", flush=True)
        outcomes: list[Outcome] = []
        for seed in map(int, arguments.seeds.split(",")):
            outcomes.append(one(plan, seed, arguments.seconds, arguments.settle, arguments.draws, arguments.threads))
            print(f"seed {seed}: alive until {outcomes[-1].alive_until:.2f} s", flush=True)
        print(report(title, outcomes), flush=True)


if __name__ == "__main__":
    main()
