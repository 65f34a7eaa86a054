"""One self-contained page: a network on several chips beside the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from reafference.chips.bill import Bill
from reafference.chips.compare import Comparison, OnChip
from reafference.chips.report import Rounding
from reafference.report.chips_figures import hop_figure, link_figure, load_figure
from reafference.report.chips_rows import UNKNOWN, agreement_text, chips_as_tables
from reafference.report.life_figures import Figure
from reafference.report.scale import number, percent

MOST_ROUNDINGS = 30


@dataclass(frozen=True, kw_only=True)
class Section:
    """What the page says of one chip.

    refused    the limits that are broken, in words; empty where it fits
    facts      name and value
    figures    pictures
    roundings  (where and what, median, worst, note) of each parameter that is not exact, the worst first
    exact      how many parameters are exact
    left_out   how many roundings are not listed
    bills      as printed
    notes      of the compiler
    """

    name: str
    refused: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    roundings: tuple[tuple[str, str, str, str], ...] = ()
    exact: int = 0
    left_out: int = 0
    bills: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_chips_page(told: Comparison, path: str | Path, *, title: str, notes: tuple[str, ...] = ()) -> Path:
    """Write the page of a comparison to `path` and return `path`. It needs no network and no other file.

    title  what the network is called
    notes  what a reader should know before the table, such as what was changed so that it fits
    """
    path = Path(path)
    environment = Environment(
        loader=PackageLoader("reafference.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("chips.html.jinja").render(
        title=title,
        opening=_opening(told),
        notes=notes,
        tables=chips_as_tables(told),
        sections=[_section(each) for each in told.chips],
        network=repr(told.network),
    )
    path.write_text(page, encoding="utf-8")
    return path


def _opening(told: Comparison) -> str:
    fits = sum(each.refusal is None for each in told.chips)
    return (
        f"{number(told.network.neurons, 6)} neurons and sources for {number(told.engine.seconds)} s in ticks of "
        f"{number(told.engine.dt * 1e3)} ms: on {fits} of {len(told.chips)} chips, beside the engine, which computes "
        "in 64-bit floats."
    )


def _section(each: OnChip) -> Section:
    if each.report is None or each.recording is None:
        return Section(name=each.name, refused=tuple(map(str, each.refusal.shortages)) if each.refusal else ())
    cores, sent = each.report.cores, each.traffic
    figures = [load_figure(cores, each.name)]
    if sent is not None:
        figures += [figure for figure in (link_figure(sent, each.name), hop_figure(sent, each.name)) if figure]
    off = [rounding for rounding in each.report.roundings if rounding.worst != 0]
    off.sort(key=lambda rounding: -(rounding.typical or 0.0))
    facts = [(name, f"{int(used.max(initial=0)):,} of {limit:,}") for name, (used, limit) in cores.usage.items()]
    facts += [(f"added: {added.what} ({added.reason})", f"{added.count:,}") for added in each.report.added]
    facts += [
        ("placed in", f"{number(each.compiling)} s"),
        (f"ran {number(each.recording.seconds)} s of the network in", f"{number(each.running)} s"),
    ]
    alike = () if each.agreement is None else (f"Spikes: {agreement_text(each.agreement)}",)
    return Section(
        name=each.name,
        facts=tuple(facts),
        figures=tuple(figures),
        roundings=tuple(map(_row, off[:MOST_ROUNDINGS])),
        exact=len(each.report.roundings) - len(off),
        left_out=max(0, len(off) - MOST_ROUNDINGS),
        bills=tuple(map(_bill, each.bills)),
        notes=(*alike, *each.report.notes),
    )


def _row(rounding: Rounding) -> tuple[str, str, str, str]:
    def part(value: float | None) -> str:
        return UNKNOWN if value is None else percent(value) if value >= 5e-4 else f"{100 * value:.1g} %"

    return f"{rounding.where}: {rounding.parameter}", part(rounding.typical), part(rounding.relative), rounding.note


def _bill(bill: Bill) -> str:
    return repr(bill)
