"""One network on several chips, as rows of words: for the terminal and for pages."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from reafference.chips.bill import Bill
from reafference.chips.bill_table import lacks_text, share_text, total_text
from reafference.chips.compare import Agreement, Comparison, OnChip
from reafference.report.scale import number, percent

FITS = ("chip", "fits", "cores", "chips", "same spikes", "coincidence")
COSTS = (
    "chip, by the figures of",
    "energy per second",
    "per synaptic event",
    "time per tick",
    "static share",
    "figures",
)
UNKNOWN = "–"
Row = tuple[str, ...]


def fit_rows(told: Comparison) -> list[Row]:
    """A row for each chip, in the order of FITS: whether it fits, and how alike the spikes are."""
    return [_fits(each) for each in told.chips]


def cost_rows(told: Comparison) -> list[Row]:
    """A row for each chip and each set of figures that it is priced by, in the order of COSTS."""
    return [_costs(each, bill) for each in told.chips for bill in each.bills]


def chips_as_tables(told: Comparison) -> list[tuple[Row, list[Row]]]:
    """Heads and rows of both tables, for pages; the second only where there is a price."""
    costs = cost_rows(told)
    return [(FITS, fit_rows(told)), *([(COSTS, costs)] if costs else [])]


def _fits(each: OnChip) -> Row:
    if each.report is None:
        count = len(each.refusal.shortages) if each.refusal else 0
        return each.name, f"no: {count} limit{'s' * (count != 1)} broken", *(UNKNOWN,) * 4
    cores, alike = each.report.cores, each.agreement
    same = UNKNOWN if alike is None or alike.same is None else percent(alike.same)
    factor = UNKNOWN if alike is None or alike.coincidence is None else number(alike.coincidence, 2)
    return each.name, "yes", str(cores.cores), str(cores.chips), same, factor


def _costs(each: OnChip, bill: Bill) -> Row:
    per_tick = each.per_tick(bill)
    return (
        f"{each.name}, {bill.profile}",
        UNKNOWN if bill.power is None else total_text(bill.power, "W"),
        UNKNOWN if bill.per_event is None else total_text(bill.per_event, "J"),
        UNKNOWN if per_tick is None else total_text(per_tick, "s"),
        share_text(bill.static_share),
        origins(bill),
    )


def origins(bill: Bill) -> str:
    """The kinds of origin that its priced lines have, each once."""
    kinds = dict.fromkeys(line.figure.origin.short for line in bill.lines if line.count)
    return "; ".join(kinds) if kinds else "nothing has a price"


def chips_tables(told: Comparison) -> Group:
    """Both tables for the terminal; a dash where something does not apply or is not known."""
    title = f"{told.engine.seconds:g} s of {told.network.neurons} neurons, ticks of {told.engine.dt * 1e3:g} ms"
    titles = title, "what it would cost"
    return Group(*(_table(name, *table) for name, table in zip(titles, chips_as_tables(told), strict=False)))


def _table(title: str, heads: Row, rows: list[Row]) -> Table:
    table = Table(title=Text(title))
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if 1 < place < 5 else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
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
