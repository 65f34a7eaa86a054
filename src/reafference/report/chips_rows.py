"""One network on several chips, as rows of words: for the terminal and for pages."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from reafference.chips.bill import Bill
from reafference.chips.bill_table import lacks_text, share_text, total_text
from reafference.chips.compare import Agreement, Comparison, OnChip
from reafference.report.scale import number, percent

ROWS = (
    "fits",
    "cores",
    "chips",
    "same spikes as the engine",
    "coincidence factor, 2 ms",
    "energy per second",
    "energy per synaptic event",
    "time per tick",
    "static share of energy",
    "kinds of figures",
)
UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A chip and a set of figures that it is priced by; `cells` by the names of ROWS, where known."""

    chip: str
    profile: str
    cells: dict[str, str]


def chip_columns(told: Comparison) -> list[Column]:
    """A column for each chip and each set of figures."""
    columns: list[Column] = []
    for each in told.chips:
        if each.refusal is not None:
            count = len(each.refusal.shortages)
            cells = {"fits": f"no: {count} limit{'s' * (count != 1)} broken"}
            columns.append(Column(chip=each.name, profile="", cells=cells))
        columns += [Column(chip=each.name, profile=bill.profile, cells=_cells(each, bill)) for bill in each.bills]
    return columns


def _cells(each: OnChip, bill: Bill) -> dict[str, str]:
    report, alike, per_tick = each.report, each.agreement, each.per_tick(bill)
    cells = {"fits": "yes"}
    if report is not None:
        cells |= {"cores": str(report.cores.cores), "chips": str(report.cores.chips)}
    if alike is not None and alike.same is not None:
        cells["same spikes as the engine"] = percent(alike.same)
    if alike is not None and alike.coincidence is not None:
        cells["coincidence factor, 2 ms"] = number(alike.coincidence, 2)
    if bill.power is not None:
        cells["energy per second"] = total_text(bill.power, "W")
    if bill.per_event is not None:
        cells["energy per synaptic event"] = total_text(bill.per_event, "J")
    if per_tick is not None:
        cells["time per tick"] = total_text(per_tick, "s")
    return cells | {"static share of energy": share_text(bill.static_share), "kinds of figures": origins(bill)}


def origins(bill: Bill) -> str:
    """The kinds of origin that its priced lines have, each once."""
    kinds = dict.fromkeys(line.figure.origin.short for line in bill.lines if line.count)
    return "; ".join(kinds) if kinds else "nothing has a price"


def chips_table(told: Comparison) -> Table:
    """Measures down, chips across, for the terminal; a dash where something does not apply or is not known."""
    columns = chip_columns(told)
    table = Table(
        title=Text(f"{told.engine.seconds:g} s of {told.network.neurons} neurons, ticks of {told.engine.dt * 1e3:g} ms")
    )
    table.add_column("")
    for column in columns:
        table.add_column(Text(f"{column.chip}\n{column.profile}".strip()), justify="right", overflow="fold")
    for row in ROWS:
        table.add_row(row, *(Text(column.cells.get(row, UNKNOWN)) for column in columns))
    return table


def chip_notes(told: Comparison) -> tuple[str, ...]:
    """What the table does not say: refusals in full, what totals lack, how spikes differ."""
    notes: list[str] = []
    for each in told.chips:
        if each.refusal is not None:
            notes.append(str(each.refusal))
            continue
        if each.agreement is not None:
            notes.append(f"{each.name}: {agreement_text(each.agreement)}")
        for bill in each.bills:
            if bill.energy.missing:
                notes.append(f"{each.name}, {bill.profile}: no price is known of {lacks_text(bill.energy)}.")
    return tuple(notes)


def agreement_text(alike: Agreement) -> str:
    """How a chip's spikes and the engine's differ, in a sentence."""
    if alike.first is None:
        return "every spike of the engine, at its tick, and no other" if alike.spikes is not None else "nobody spiked"
    parts = [f"the first difference from the engine comes at {number(alike.first * 1e3)} ms"]
    if alike.spikes is not None:
        parts.append(f"{percent(alike.spikes)} of the engine's number of spikes")
    if alike.rates is not None:
        parts.append(f"rates of neurons correlate by {number(alike.rates)}")
    return "; ".join(parts) + "."
