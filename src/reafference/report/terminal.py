"""The measures of a life as a short table for the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from reafference.brain.life import Life
from reafference.report.measures import TWINS, table_rows


def life_table(life: Life) -> Table:
    """Own brain and its twins side by side, units in brackets, "-" where a measure is absent."""
    title = f"{life.summary.get('world', 'a world')}: what was measured" + ("" if life.complete else " (interrupted)")
    table = Table(title=Text(title))
    table.add_column("measure")
    for twin in TWINS:
        table.add_column(twin, justify="right", no_wrap=True)
    for row in table_rows(life):
        # Text, not str: the name of a sense must not be read as markup of the terminal.
        table.add_row(Text(row.label), *(Text(row.cells.get(twin, "-")) for twin in TWINS))
    return table
