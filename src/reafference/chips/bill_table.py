"""A bill as text, as plain data, and beside other bills."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reafference.chips.figures.figure import Figure, quantity
from reafference.units import si

if TYPE_CHECKING:
    from reafference.chips.bill import Bill, Interval, Line, Total

_UNITS = {"energy": "J", "time": "s"}


def total_text(total: Total, unit: str) -> str:
    """A total as it may be quoted: "70.6 mJ", "1.2 to 3 nJ", "at least 1.2 nJ", "unknown"."""
    if total.high is not None:
        return quantity(total.low, total.high, unit)
    if total.low == 0:
        return "unknown"
    return f"at least {quantity(total.low, total.low, unit)}"


def lacks_text(total: Total) -> str:
    """What a total does not hold, in words."""
    return ", ".join(dict.fromkeys(total.missing))


def share_text(share: Interval | None) -> str:
    """A part of a whole in percent; "unknown" where it is."""
    if share is None:
        return "unknown"
    low, high = (f"{100 * end:.1f}" for end in share)
    return f"{low} %" if low == high else f"{low} to {high} %"


def as_text(bill: Bill) -> str:
    """Every line with count, figure, amount and origin, the totals, what is missing, and the sources as footnotes."""
    sources = _Sources()
    rows = [("", "count", "x figure", "= amount", "origin")]
    rows += [_row(line, sources) for line in bill.lines if line.count]
    rows += [(each.what, _count(each.count, each.unit), "unpublished", "?", "-") for each in bill.missing]
    head = (
        f"{bill.chip}, {bill.profile}: {si(bill.seconds, 's')}, {bill.synaptic_events:,} synaptic "
        f"event{'s' * (bill.synaptic_events != 1)}"
    )
    lines = [head, *_aligned(rows)]
    if nothing := [line.what for line in bill.lines if not line.count]:
        lines += _wrapped(f"none of: {', '.join(nothing)}")
    lines += [f"  {name}: {text}" for name, text in summary(bill).items()]
    if bill.ceiling:
        lines.append("  not more than:")
        lines += _aligned([_row(line, sources) for line in bill.ceiling], "    ")
    if bill.shown:
        lines.append("  beside, in no sum:")
        for each in bill.shown:
            lines += [*_aligned([_row(each.line, sources)], "    "), *_wrapped(each.why, "      ")]
    for each in bill.missing:
        lines += _wrapped(f"missing: {each.what}; no figure {each.why}")
    for note in bill.notes:
        lines += _wrapped(note)
    for text, number in sources.numbers.items():
        lines += _wrapped(f"[{number}] {text}")
    return "\n".join(lines)


def summary(bill: Bill) -> dict[str, str]:
    """The totals of a bill in words, in order: energy, power, energy for each event, time, shares."""
    found = {"energy": total_text(bill.energy, "J")}
    if bill.energy.missing:
        found["without"] = lacks_text(bill.energy)
    if bill.power is not None:
        found["energy per second"] = total_text(bill.power, "W")
    if bill.per_event is not None:
        found["energy per synaptic event"] = total_text(bill.per_event, "J")
    if bill.time is not None:
        found["time"] = total_text(bill.time, "s")
    share = bill.static_share
    partly = share is not None and bill.energy.missing
    found["static share"] = share_text(share) + (" of what has a price" if partly else "")
    return found


def side_by_side(bills: Sequence[Bill]) -> str:
    """Bills as columns of one table: what each line comes to, and the totals; "-" where a bill has no such line.

    Raises ValueError for no bill.
    """
    if not bills:
        raise ValueError("side_by_side: no bills; give one or more.")
    columns: list[dict[str, str]] = []
    for bill in bills:
        column = {
            line.what: quantity(*line.amount, _UNITS[line.quantity]) for line in bill.lines if line.quantity == "energy"
        }
        column |= {each.what: "unpublished" for each in bill.missing if each.quantity == "energy"}
        columns.append(column)
    names = list(dict.fromkeys(name for column in columns for name in column))
    totals = [summary(bill) for bill in bills]
    ends = list(dict.fromkeys(name for each in totals for name in each))
    rows = [("", *(f"{bill.chip}, {bill.profile}" for bill in bills))]
    rows += [(name, *(column.get(name, "-") for column in columns)) for name in names]
    rows += [(name, *(each.get(name, "-") for each in totals)) for name in ends]
    return "\n".join(_aligned(rows, ""))


def as_dict(bill: Bill) -> dict[str, Any]:
    """All of a bill in plain dictionaries, lists, numbers and words; what is not known is None."""
    return {
        "chip": bill.chip,
        "profile": bill.profile,
        "seconds": bill.seconds,
        "synaptic_events": bill.synaptic_events,
        "lines": [_line_dict(line) for line in bill.lines],
        "missing": [
            {
                "quantity": each.quantity,
                "what": each.what,
                "count": each.count,
                "unit": each.unit,
                "follows": each.follows,
                "why": each.why,
            }
            for each in bill.missing
        ],
        "shown": [{**_line_dict(each.line), "why": each.why} for each in bill.shown],
        "ceiling": [_line_dict(line) for line in bill.ceiling],
        "notes": list(bill.notes),
        "energy": _total_dict(bill.energy),
        "power": None if bill.power is None else _total_dict(bill.power),
        "energy_per_event": None if bill.per_event is None else _total_dict(bill.per_event),
        "time": None if bill.time is None else _total_dict(bill.time),
        "static_share": None if bill.static_share is None else list(bill.static_share),
        "summary": summary(bill),
    }


class _Sources:
    """Footnotes in the order in which they are first asked for."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, figure: Figure) -> str:
        origin = figure.origin
        text = origin.source
        if origin.how:
            text += f"; {origin.how}"
        if origin.note:
            text += f" ({origin.note})"
        return f"{origin.short} [{self.numbers.setdefault(text, len(self.numbers) + 1)}]"


def _row(line: Line, sources: _Sources) -> tuple[str, ...]:
    amount = quantity(*line.amount, _UNITS[line.quantity])
    figure = f"{line.figure.bound} {line.figure}".strip()
    return line.what, _count(line.count, line.unit), figure, amount, sources.mark(line.figure)


def _count(count: float, unit: str) -> str:
    shown = f"{count:,.0f}" if float(count).is_integer() else f"{count:,.6g}"
    return f"{shown} {unit}".rstrip()


def _aligned(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Columns as wide as their widest cell; the first to the left, the last unpadded, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines: list[str] = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        lines.append((indent + "  ".join([*cells, row[-1]])).rstrip())
    return lines


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, 120, initial_indent=indent, subsequent_indent=indent + "  ")


def _line_dict(line: Line) -> dict[str, Any]:
    figure, origin = line.figure, line.figure.origin
    return {
        "quantity": line.quantity,
        "what": line.what,
        "count": line.count,
        "unit": line.unit,
        "follows": line.follows,
        "amount": list(line.amount),
        "figure": {
            "name": figure.name,
            "low": figure.low,
            "high": figure.high,
            "unit": figure.unit,
            "bound": figure.bound,
            "kind": origin.kind,
            "basis": origin.basis,
            "read": origin.read,
            "source": origin.source,
            "note": origin.note,
            "of": list(origin.of),
            "how": origin.how,
        },
    }


def _total_dict(total: Total) -> dict[str, Any]:
    return {"low": total.low, "high": total.high, "priced": list(total.priced), "missing": list(total.missing)}
