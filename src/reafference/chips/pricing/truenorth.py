"""What TrueNorth spends: a small price for each synaptic event on a large one for being on.

The published 26 pJ are all power shared among all events at one operating point. Multiplied by other counts it is
wrong: most of the power is there without any event. A line through the published sweep at 0.8 V tells both apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from reafference.chips.bill import Bill, Line, Shown, priced_or_missing, split
from reafference.chips.figures import Figures, figures_of
from reafference.units import check_range


@dataclass(frozen=True, kw_only=True)
class TrueNorthWork:
    """What was counted on TrueNorth.

    ticks            of the chip
    seconds          s that it was on; ticks times 1 ms where it runs as fast as the papers' chip
    chips, cores     in use
    synaptic_events  spikes times active synapses of the row that each arrives at
    spikes           of neurons, helpers included
    hops             of spikes from core to core
    edge_spikes      spikes taken from a core to the edge of its chip
    chip_spikes      spikes taken from one chip to another
    neurons          in use, helpers included
    """

    ticks: int
    seconds: float
    chips: int
    cores: int
    synaptic_events: int
    spikes: int = 0
    hops: int = 0
    edge_spikes: int = 0
    chip_spikes: int = 0
    neurons: int = 0

    def __post_init__(self) -> None:
        for each in fields(self):
            check_range(f"TrueNorthWork.{each.name}", getattr(self, each.name), 0, 2**63 - 1, "")
        if self.cores and not self.chips:
            raise ValueError(f"TrueNorthWork.chips = 0 with {self.cores} cores; count the chips that they are on.")


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """A voltage, and how the cost of being on is shared out.

    name      as the bill shows it
    event     figure of a synaptic event at that voltage
    baseline  figure of being on, for each chip or for each core in use: its unit says which
    """

    name: str
    event: str
    baseline: str


AT_0V80 = OperatingPoint(
    name="0.80 V, whole chips",
    event="energy.synaptic_event_marginal",
    baseline="power.baseline_chip_0v80",
)
AT_0V80_BY_CORE = OperatingPoint(
    name="0.80 V, cores in use",
    event="energy.synaptic_event_marginal",
    baseline="power.baseline_core_0v80",
)
AT_0V70 = OperatingPoint(
    name="0.70 V, whole chips",
    event="energy.synaptic_event_marginal_0v70",
    baseline="power.idle_chip_0v70",
)
AT_0V70_BY_CORE = OperatingPoint(
    name="0.70 V, cores in use",
    event="energy.synaptic_event_marginal_0v70",
    baseline="power.idle_core_0v70",
)
OPERATING_POINTS: Sequence[OperatingPoint] = (AT_0V80, AT_0V80_BY_CORE, AT_0V70, AT_0V70_BY_CORE)


def price_truenorth(work: TrueNorthWork, *, point: OperatingPoint = AT_0V80, figures: Figures | None = None) -> Bill:
    """The bill of what was counted.

    point    at which voltage, and whether whole chips are paid for or cores in use; at 0.70 V no price of an event was
             published, so a bill of events is a lower bound
    figures  others than the package's own

    Raises KeyError or Unpublished for figures without the baseline.
    """
    figures = figures_of("truenorth") if figures is None else figures
    baseline = figures[point.baseline]
    units = {"chip": work.chips, "core": work.cores}
    if baseline.per not in units:
        raise ValueError(f"{baseline.name} is in {baseline.unit}; a baseline is in W/chip or W/core.")
    entries = [
        priced_or_missing(figures, point.event, "synaptic events", work.synaptic_events, "event", "energy"),
        Line(
            what=f"{baseline.per}s on",
            count=units[baseline.per] * work.seconds,
            unit=f"{baseline.per} s",
            figure=baseline,
            follows="being on",
        ),
        priced_or_missing(figures, "energy.edge_spike", "spikes to the edge", work.edge_spikes, "spike", "energy"),
        priced_or_missing(
            figures, "energy.interchip_spike", "spikes to another chip", work.chip_spikes, "spike", "energy"
        ),
        priced_or_missing(figures, "time.tick", "ticks", work.ticks, "tick", "time", "being on"),
    ]
    lines, missing = split(entries)
    return Bill(
        chip="truenorth",
        profile=point.name,
        seconds=work.seconds,
        synaptic_events=work.synaptic_events,
        lines=lines,
        missing=missing,
        shown=_beside(work, figures),
        notes=(
            "The baseline holds the update of all neurons at each tick and the memory read for it; the price of an "
            "event holds its routing within the chip.",
        ),
    )


def _beside(work: TrueNorthWork, figures: Figures) -> tuple[Shown, ...]:
    """Figures that are often quoted, each as what it is."""
    wanted = (
        (
            "energy.synaptic_event_total", "synaptic events", work.synaptic_events, "event",
            "All power at one load, shared among its events; what is above holds the same energy split in two.",
        ),
        (
            "power.typical_0v75", "chips on", work.chips * work.seconds, "chip s",
            "A chip at 20 Hz with 128 active synapses a neuron at 0.75 V, whatever was counted here.",
        ),
        ("energy.hop", "hops between cores", work.hops, "hop", "Contained in the price of a synaptic event."),
    )  # fmt: skip
    return tuple(
        Shown(line=Line(what=what, count=count, unit=unit, figure=figures[name]), why=why)
        for name, what, count, unit, why in wanted
        if name in figures
    )


def even_rate(synapses: float, *, neurons: int | None = None, figures: Figures | None = None) -> float:
    """Mean rate (Hz) at which the events of a core cost as much as its being on, at 0.80 V.

    synapses  active ones that each spike reaches
    neurons   in use on the core; None: all that it has

    Below that rate fewer cores save more than as many spikes fewer; above it sparser spikes do.
    """
    figures = figures_of("truenorth") if figures is None else figures
    full = figures.count("structure.neurons_per_core")
    neurons = full if neurons is None else neurons
    check_range("even_rate: synapses", synapses, 1e-9, 2.0**31, "")
    check_range("even_rate: neurons", neurons, 1, full, "")
    each = figures["energy.synaptic_event_marginal"].value * synapses * neurons
    return figures["power.baseline_core_0v80"].value / each
