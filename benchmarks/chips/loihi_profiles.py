"""The same networks on Loihi, priced by both sets of figures: Davies et al. 2018 and SANA-FE's Loihi file.

    python benchmarks/chips/loihi_profiles.py [SANAFE_FILE.yaml TICKS]

Prints one table of what an operation costs in both, and one of what networks come to: the example of `Loihi1`, a
recurrent network of several cores, and, if it is given, a network of SANA-FE's.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import reafference as ra
from reafference.chips.bill import Bill
from reafference.chips.bill_table import total_text
from reafference.chips.figures import figures_of
from reafference.chips.figures.figure import quantity
from reafference.chips.loihi1 import Loihi1
from reafference.chips.pricing.loihi1 import Davies2018, LoihiProfile, Sanafe
from reafference.chips.sanafe import read_sanafe, run_sanafe
from reafference.units import ms, mV

PROFILES: tuple[LoihiProfile, ...] = (Davies2018(), Sanafe())
# An operation, and what it is called under davies2018.energy, sanafe.energy, davies2018.time, sanafe.time, if anything.
OPERATIONS = (
    ("synaptic event, dense", "synaptic_event", "synapse_dense", "synaptic_event", "synapse_dense"),
    ("synaptic event, sparse", "synaptic_event", "synapse_sparse", "synaptic_event", "synapse_sparse"),
    ("synaptic event, convolved", "synaptic_event", "synapse_convolution", "synaptic_event", "synapse_convolution"),
    ("neuron at rest", "neuron_inactive", "neuron_access", "neuron_inactive", "neuron_access"),
    ("neuron updated", "neuron_active", "neuron_access+neuron_update", "neuron_active", "neuron_access+neuron_update"),
    ("spike, at its neuron", "", "spike", "", "spike"),
    ("message, sent", "message_in_tile", "message", "", "message_out"),
    ("message, received", "", "", "message_in_tile", "message_in"),
    ("hop east-west", *["hop_east_west"] * 4),
    ("hop north-south", *["hop_north_south"] * 4),
    ("weight changed by STDP", "synaptic_update", "synaptic_update", "synaptic_update", ""),
    ("barrier of a tick, by tiles", "barrier", "", "barrier", "barrier"),
)
COLUMNS = (
    ("davies2018.energy.", "J"), ("sanafe.energy.", "J"), ("davies2018.time.", "s"), ("sanafe.time.", "s"),
)  # fmt: skip


def cost(prefix: str, of: str, unit: str) -> str:
    """A figure, the sum of those that "+" joins, or that there is none."""
    figures, names = figures_of("loihi1"), [f"{prefix}{each}" for each in of.split("+")]
    if not of:
        return "-"
    if names[0] in figures.unpublished:
        return "unpublished"
    if names == ["sanafe.time.barrier"]:
        ends = figures.listed(names[0])
        return quantity(min(ends), max(ends), unit)
    found = [figures[name] for name in names]
    return quantity(sum(each.low for each in found), sum(each.high for each in found), unit)


def bills() -> dict[str, list[Bill]]:
    """What each network comes to, by both profiles."""
    made: dict[str, list[Bill]] = {}
    network, dt = Loihi1().example()
    wide = ra.Population("cells", 2000, ra.CurrentLIF(tau_e=5 * ms, tau_i=5 * ms, current=0.16e-9))
    among = ra.Projection(wide, wide, ra.FixedInDegree(100), weight=0.2 * mV)
    networks = {"example of Loihi1": network, "recurrent": ra.Network(populations=[wide], projections=[among])}
    for name, each in networks.items():
        program = Loihi1().compile(each, dt=dt, seed=2)
        found = program.run(0.5)
        report = program.report().cores
        made[f"{name}, {report.cores} core{'s' * (report.cores > 1)}"] = [
            replace(program, chip=Loihi1(profile=profile)).price(found) for profile in PROFILES
        ]
    if len(sys.argv) > 2:
        work = run_sanafe(
            read_sanafe(sys.argv[1]), int(sys.argv[2]), times=tuple(profile.times() for profile in PROFILES)
        ).work
        made[sys.argv[1].rpartition("/")[2]] = [profile.price(work) for profile in PROFILES]
    return made


def main() -> None:
    """Print both tables."""
    print("| operation | davies2018: J | sanafe: J | davies2018: s | sanafe: s |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, *of in OPERATIONS:
        cells = [cost(prefix, one, unit) for (prefix, unit), one in zip(COLUMNS, of, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    print("| network | profile | energy without static | a synaptic event | static | a tick |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for name, both in bills().items():
        for bill in both:
            static = sum(
                line.amount.low for line in bill.lines if line.follows == "being on" and line.quantity == "energy"
            )
            dynamic = bill.priced("energy").low - static
            ticks = next(line.count for line in bill.lines if line.what == "ticks")
            print(
                f"| {name} | {bill.profile} | {quantity(dynamic, dynamic, 'J')} | "
                f"{quantity(dynamic / bill.synaptic_events, dynamic / bill.synaptic_events, 'J')} | "
                f"{quantity(static, static, 'J') if static else 'unpublished'} | "
                f"{total_text(bill.total('time').over(ticks), 's')} |"
            )


if __name__ == "__main__":
    main()
