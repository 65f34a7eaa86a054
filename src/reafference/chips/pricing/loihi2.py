"""What Loihi 2 spends: an interval, since nobody published the energy of any single operation.

What there is are figures of Hala Point, a system of 1,152 chips. Its best operations per joule, of dense deep networks,
give the least that a synaptic event can take; all its power in its best second the most that one takes there. What a
neuron update, a hop, or an idle chip takes is unpublished. So what was counted is bounded from below by its events, and
from above by all the power that the system can draw for so many chips.
"""

from __future__ import annotations

from reafference.chips.bill import Bill, Line, priced_or_missing, split
from reafference.chips.figures import Figures, figures_of
from reafference.chips.pricing.loihi1 import LoihiWork


def price_loihi2(work: LoihiWork, *, figures: Figures | None = None) -> Bill:
    """The bill of what was counted: an interval from its events alone to the most that so many chips can draw.

    Raises ValueError for more events than so many chips can do in that time.
    """
    figures = figures_of("loihi2") if figures is None else figures
    on = work.chips * work.seconds
    entries = [
        priced_or_missing(
            figures, "energy.synaptic_event_interval", "synaptic events", work.synaptic_events, "event", "energy"
        ),
        priced_or_missing(
            figures, "energy.neuron_update", "neuron updates", work.neuron_updates, "neuron update", "energy", "neurons"
        ),
        priced_or_missing(figures, "energy.hop", "hops", work.hops_east_west + work.hops_north_south, "hop", "energy"),
        priced_or_missing(figures, "power.static", "chips on", on, "chip s", "energy", "being on"),
        priced_or_missing(figures, "time.operation", "time of all operations", work.ticks, "tick", "time"),
    ]
    lines, missing = split(entries)
    return Bill(
        chip="loihi2",
        profile="Hala Point",
        seconds=work.seconds,
        synaptic_events=work.synaptic_events,
        lines=lines,
        missing=missing,
        ceiling=(
            Line(
                what="all that the chips can draw",
                count=on,
                unit="chip s",
                figure=figures["power.ceiling_chip"],
                follows="being on",
            ),
        ),
        notes=(
            "No source gives an energy of one operation, so there is no one number. Low end: events alone, at the best "
            "operations per joule of dense deep networks, two a synaptic event. High end: every chip draws its part of "
            "the most that the whole system draws.",
        ),
    )
