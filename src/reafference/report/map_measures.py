"""The measures of a mapping life in the order and the words in which people read them."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from reafference.brain.maps.map_life import MapLife
from reafference.report.measures import known
from reafference.report.scale import number, percent
from reafference.report.story import MISSING, Tile, figure, share

PHASES = {"charts": "charts on the sheet of the body", "clones": "clones; the sheet was given up"}


def map_rows(life: MapLife) -> list[tuple[str, str]]:
    """Name and value of each measure; a dash where it was not measured or does not apply."""
    said = life.summary

    def one(key: str) -> str:
        value = known(said.get(key))
        return "–" if value is None else number(value, 4)

    accuracy = known(said.get("accuracy"))
    usual = known(said.get("accuracy_of_most_frequent"))
    walk = known(said.get("held_out_actions"))
    noticed = known(said.get("noticed_at"))
    earned = [
        ("reward in all", one("earned")),
        ("reward in the last quarter of the actions", one("earned_in_last_quarter")),
        ("reward for the first time at action", one("first_earned_at")),
    ]
    return [
        ("actions", one("actions")),
        ("places in the map", one("places")),
        ("symbols met", one("symbols_met")),
        (
            "next symbol foretold on a held-out random walk" + (f" of {number(walk)} actions" if walk else ""),
            "–" if accuracy is None else percent(accuracy),
        ),
        (
            "the same by who always names the most frequent symbol of that walk",
            "–" if usual is None else percent(usual),
        ),
        *(earned if known(said.get("earned")) is not None else []),
        ("surprise at the end (nats an action)", one("surprise_nats")),
        ("charts that count, 1 / sum of squared shares", one("effective_charts")),
        ("the agent lives by", PHASES.get(str(said.get("phase")), "–")),
        ("algebra of the body given up at action", "never" if noticed is None else number(noticed)),
        ("actions babbled in a practice arena before", one("babbled_actions")),
        ("cells of the sheet", one("sheet_cells")),
        ("computing time of an action, on average (CPU ms; a first run compiles)", one("cpu_ms_per_action")),
        ("spikes of an action", one("spikes_per_action")),
        ("synaptic events of an action", one("synaptic_events_per_action")),
    ]


def map_table(life: MapLife) -> Table:
    """The measures as a table for the terminal."""
    title = f"{life.plan.world}: what was mapped" + ("" if life.complete else " (interrupted)")
    table = Table(title=Text(title))
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in map_rows(life):
        table.add_row(Text(name), Text(value))
    return table


def map_tiles(life: MapLife) -> list[Tile]:
    """The handful of figures that a reader wants first."""
    said = life.summary
    noticed = known(said.get("noticed_at"))
    spikes = known(said.get("spikes_per_action"))
    usual = known(said.get("accuracy_of_most_frequent"))
    beside = "" if usual is None else f"; always naming the most frequent one foretells {percent(usual)}"
    tiles = [
        Tile(
            value=share(known(said.get("accuracy"))),
            meaning=f"of the symbols of a held-out random walk foretold{beside}",
        ),
        Tile(value=figure(known(said.get("places"))), meaning="places in the map of the leading chart"),
        Tile(value=figure(known(said.get("surprise_nats")), "nats"), meaning="surprise of an action at the end"),
        Tile(
            value="never" if noticed is None else f"action {number(noticed)}",
            meaning="when it gave up what it knew of its own body, because the world breaks it",
        ),
        Tile(value=figure(known(said.get("cpu_ms_per_action")), "ms"), meaning="computing time (CPU) of an action"),
        Tile(
            value="none" if spikes is None and said.get("actions") else figure(spikes),
            meaning="spikes of an action"
            + ("; the charts of this life are arrays, not cells" if spikes is None else ", all charts together"),
        ),
    ]
    if (reward := known(said.get("earned"))) is not None:
        tiles.insert(2, Tile(value=figure(reward), meaning="reward in all"))
    return [tile for tile in tiles if tile.value != MISSING or not life.complete]


def map_opening(life: MapLife) -> str:
    """One sentence: who mapped what, and how."""
    said = life.summary
    babbled = known(said.get("babbled_actions"))
    body = (
        f"It first babbled {number(babbled)} actions in a practice arena and found out what its actions do to one "
        "another. "
        if babbled is not None
        else "Nobody knows a body with so many actions, so it knew nothing of what its actions do to one another. "
    )
    return (
        f"An agent acted {number(float(said['actions']))} times in {said['world']}, seed {said['seed']}. {body}It "
        "knows its own commands and the symbol that follows each"
        f"{'' if known(said.get('earned')) is None else ', and what each earned'}: no coordinates, no bumps."
    )
