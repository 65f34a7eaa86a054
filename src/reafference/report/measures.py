"""The measures of a life in the order and the words in which people read them, for the page and for the terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

from reafference.brain.life import Life
from reafference.report.scale import number

TWINS = ("own", "yoked", "cut", "frozen")

NAMES = {
    "own": "own brain",
    "yoked": "yoked twin",
    "cut": "twin with its command copy cut",
    "frozen": "twin that cannot learn",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measure for each twin, as text; a twin for which it was not measured is absent."""

    label: str
    cells: dict[str, str]


def known(value: object) -> float | None:
    """`value` as a number, or None where it is absent, not a number, or not finite."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    result = float(cast(float, value))
    return result if math.isfinite(result) else None


def measure(life: Life, key: str) -> float | None:
    """A measure of `life.json`; the mean over the senses where there is one number for each."""
    value = life.summary.get(key)
    if isinstance(value, dict):
        each = list(per_sense(life, key).values())
        return sum(each) / len(each) if each else None
    return known(value)


def per_sense(life: Life, key: str) -> dict[str, float]:
    """A measure that has one number for each sense, in the order of the senses of this life."""
    value: object = life.summary.get(key)
    if not isinstance(value, dict):
        return {}
    table = cast(dict[str, Any], value)
    names = [name for name in life.senses if name in table] + [name for name in table if name not in life.senses]
    numbers = {name: known(table[name]) for name in names}
    return {name: figure for name, figure in numbers.items() if figure is not None}


def table_rows(life: Life) -> list[Row]:
    """The rows of the table own | yoked | cut | frozen. A measure of the whole life stands under "own"."""
    rows = _shares(life, "cancelled", "cancelled variance")
    for key, label in (
        ("cancelled_without_hubs", "the same, busiest tenth of the efference neurons silenced (%)"),
        ("cancelled_without_others", "the same, another tenth silenced (%)"),
    ):
        left = measure(life, key)
        rows.append(Row(label=label, cells={} if left is None else {"own": _per_cent(left)}))
    rows += _shares(life, "command_cancelled", "command-caused variance cancelled")
    rows.append(_numbers(life, "push_dprime", "d′ of a push"))
    rows.append(Row(label="smallest push seen (× largest force)", cells=_smallest(life)))
    rows.append(_numbers(life, "agency_dprime", "d′ of mine or replayed"))
    for key, label in (
        ("inversion_half_time_s", "error halved after inversion (s)"),
        ("half_spikes_share", "neurons that make half of the spikes (%)"),
        ("error_rate_at_rest_hz", "error neurons at rest (Hz)"),
        ("spikes_per_second", "spikes per second of life (1/s)"),
        ("synaptic_events_per_second", "synaptic events per second of life (1/s)"),
        ("wall_per_simulated_second", "computing time per second of life (s)"),
    ):
        value = measure(life, key)
        shown = _per_cent if label.endswith("(%)") else number
        rows.append(Row(label=label, cells={} if value is None else {"own": shown(value)}))
    return rows


def _per_cent(share: float) -> str:
    """Always one decimal, so that the figures of a column stand under each other."""
    return f"{100 * share:.1f}".replace("-", "\N{MINUS SIGN}")


def _shares(life: Life, prefix: str, label: str) -> list[Row]:
    """One row for each sense where there is a number for each, else one row."""
    each = {twin: per_sense(life, f"{prefix}_{twin}") for twin in TWINS}
    names = list(dict.fromkeys(name for figures in each.values() for name in figures))
    rows = [
        Row(
            label=f"{label}, {name} (%)",
            cells={twin: _per_cent(figures[name]) for twin, figures in each.items() if name in figures},
        )
        for name in names
    ]
    whole = {twin: known(life.summary.get(f"{prefix}_{twin}")) for twin in TWINS}
    if not rows or any(value is not None for value in whole.values()):
        cells = {twin: _per_cent(value) for twin, value in whole.items() if value is not None}
        rows.append(Row(label=f"{label} (%)", cells=cells))
    return rows


def _numbers(life: Life, prefix: str, label: str) -> Row:
    figures = {twin: measure(life, f"{prefix}_{twin}") for twin in TWINS}
    return Row(label=label, cells={twin: number(value) for twin, value in figures.items() if value is not None})


def _smallest(life: Life) -> dict[str, str]:
    if life.pushes is None:
        return {}
    cells: dict[str, str] = {}
    for twin in TWINS:
        if twin in life.pushes.smallest:
            value = known(life.pushes.smallest[twin])
            cells[twin] = f"> {number(float(life.pushes.size.max()))}" if value is None else number(value)
    return cells
