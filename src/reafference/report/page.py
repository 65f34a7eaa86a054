"""One self-contained page that tells and shows a life."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from reafference.brain.life import Life
from reafference.chips.compare import Comparison
from reafference.report.chips_rows import chip_notes, chips_as_tables
from reafference.report.life_figures import Figure, course_figure, push_figure, rate_figure, sensation_figure
from reafference.report.measures import TWINS, measure, table_rows
from reafference.report.raster import pack
from reafference.report.scale import number
from reafference.report.story import chapters, interruption, opening, tiles

MOST_BYTES = 2_000_000
_RASTER_BYTES = 1_200_000
_MOST_ROWS = 40


def write_page(life: Life, path: str | Path, *, chips: Comparison | None = None) -> Path:
    """Write the page of `life` to `path` and return `path`.

    chips  its brain on chips (`reafference.chips.compare`), for a table at the end of the page

    The file needs no network and no other file, and stays below 2 MB: long curves keep the extremes of each stretch,
    and of very many spikes a random choice is drawn, which the page then says.
    """
    path = Path(path)
    page = render(life, raster_bytes=_RASTER_BYTES, chips=chips)
    excess = len(page.encode("utf-8")) - MOST_BYTES
    if excess >= 0:
        page = render(life, raster_bytes=max(0, _RASTER_BYTES - excess - 10_000), chips=chips)
    path.write_text(page, encoding="utf-8")
    return path


def render(life: Life, *, raster_bytes: int, chips: Comparison | None = None) -> str:
    """The page as text; `raster_bytes` bounds the part that the spikes take."""
    environment = Environment(
        loader=PackageLoader("reafference.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    raster, raster_note = (None, "") if life.raster is None else pack(life.raster, raster_bytes)
    rows = table_rows(life)
    return environment.get_template("life.html.jinja").render(
        life=life,
        title=f"A life in {life.summary.get('world', 'a body')}",
        opening=opening(life),
        interruption=interruption(life),
        tiles=tiles(life),
        chapters=chapters(life),
        figures=_figures(life),
        phases=[(phase.name, number(phase.start, 4), number(phase.end, 4)) for phase in life.phases],
        raster=raster,
        raster_note=raster_note,
        twins=TWINS,
        rows=rows[:_MOST_ROWS],
        rows_left_out=max(0, len(rows) - _MOST_ROWS),
        on_chips=None if chips is None else {"tables": chips_as_tables(chips), "notes": chip_notes(chips)},
    )


def _figures(life: Life) -> dict[str, Sequence[tuple[str, Figure | None]]]:
    """The figures of each chapter, with what to call one that could not be drawn."""
    turn = _turn(life)
    inverted = course_figure(
        life.inversion,
        life.phases,
        title="Error around the inversion of the body",
        turn=turn,
        half_time=measure(life, "inversion_half_time_s"),
    )
    return {
        "babble": [("The rates of the efference neurons", rate_figure(life.rates))],
        "learning": [
            ("Sensation against prediction", sensation_figure(life)),
            ("Error over life", course_figure(life.course, life.phases, title="Error over life")),
        ],
        "pushes": [("Detection of pushes", push_figure(life.pushes))],
        "inversion": [("Error around the inversion", inverted)],
    }


def _turn(life: Life) -> float | None:
    """The moment (s) of the inversion on the time axis of `life.inversion`, or None where it cannot be told."""
    if life.inversion is None or life.inversion.time.size == 0:
        return None
    if life.inversion.time[0] < 0:
        return 0.0
    return next((phase.start for phase in life.phases if "inver" in phase.name.lower()), None)
