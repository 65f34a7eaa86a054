"""The brain of a life on chips: how far its spikes stay those of the engine, and what brings them apart.

    python benchmarks/chips/brain_on_chips.py [--seeds 0-4] [--learning S] [--seconds S]

Each brain lives in Pendulum-v1 (`learned_brain`), then runs without its body: on the engine as it is (the reference),
on the engine with one synaptic time constant, and with that on chips. So the first row is what the change of the
network does by itself. A brain's premotor network is chaotic: any other rounding brings other spikes after a while.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reafference.brain.learned import learned_brain
from reafference.chips.bill_table import total_text
from reafference.chips.compare import Agreement, OnChip, agreement, compare
from reafference.chips.loihi.quantise import Precision
from reafference.chips.loihi1 import Loihi1
from reafference.chips.one_time_constant import one_time_constant
from reafference.engine import run
from reafference.units import ms
from support.printing import machine, table

CHIPS = {"loihi1": Loihi1(), "loihi1, 3 formats of weights": Loihi1(precision=Precision(formats=3))}
SHOWN: dict[str, Callable[[Agreement], float | None]] = {
    "spikes": lambda alike: alike.spikes,
    "same": lambda alike: alike.same,
    "coincidence": lambda alike: alike.coincidence,
    "rates": lambda alike: alike.rates,
    "first, ms": lambda alike: None if alike.first is None else alike.first * 1e3,
}


def spread(values: list[float | None]) -> str:
    known = np.array([np.nan if value is None else value for value in values])
    return f"{np.nanmedian(known):.3g} ({np.nanmin(known):.3g} to {np.nanmax(known):.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-4")
    parser.add_argument("--learning", type=float, default=60.0)
    parser.add_argument("--seconds", type=float, default=4.0)
    chosen = parser.parse_args()
    low, _, high = chosen.seeds.partition("-")
    alike: dict[str, list[Agreement]] = {"engine, one time constant": []} | {name: [] for name in CHIPS}
    placed: dict[str, list[OnChip]] = {name: [] for name in CHIPS}
    for seed in range(int(low), int(high or low) + 1):
        brain = learned_brain(seconds=chosen.learning, kept=chosen.seconds, seed=seed)
        changed, _ = one_time_constant(brain)
        told = compare(brain, CHIPS, seconds=chosen.seconds, dt=1 * ms, seed=seed, otherwise=changed)
        by_itself = run(changed, chosen.seconds, dt=1 * ms, seed=seed)
        alike["engine, one time constant"].append(agreement(brain, told.engine, by_itself))
        for each in told.chips:
            if each.agreement is None:
                print(f"seed {seed}: {each.refusal}", flush=True)
                continue
            alike[each.name].append(each.agreement)
            placed[each.name].append(each)
        print(f"seed {seed} done", file=sys.stderr, flush=True)
    print(machine(), "\n")
    rows = []
    for name, found in alike.items():
        fits = placed.get(name, [])
        power = [bill.power for each in fits for bill in each.bills[:1] if bill.power is not None]
        rows.append(
            [
                name,
                *(spread([show(each) for each in found]) for show in SHOWN.values()),
                spread([float(each.report.cores.cores) for each in fits if each.report]) if fits else "",
                total_text(power[0], "W") if power else "",
            ]
        )
    print(table(["brain on", *SHOWN, "cores", "energy per second, first seed"], rows))


if __name__ == "__main__":
    main()
