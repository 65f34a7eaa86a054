"""One self-contained page that shows how a map grew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reafference.brain.maps.map_life import MapLife
from reafference.report.figure import Floats, Plot, axes, bands, curve, drawing, swatch, thin
from reafference.report.life_figures import NARROW, WIDE, Figure
from reafference.report.map_frames import pack_frames
from reafference.report.map_measures import map_opening, map_rows, map_tiles
from reafference.report.scale import axis_around, number

_PLAYER_BYTES = 1_200_000


def write_map_page(life: MapLife, path: str | Path) -> Path:
    """Write the page of a mapping life to `path` and return `path`. It needs no network and no other file."""
    path = Path(path)
    environment = Environment(
        loader=PackageLoader("reafference.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("map.html.jinja").render(
        life=life,
        title=f"A map of {life.plan.world.rpartition('/')[2]}",
        opening=map_opening(life),
        tiles=map_tiles(life),
        relations=_relations(life),
        player=pack_frames(life, _PLAYER_BYTES),
        figures=_figures(life),
        rows=map_rows(life),
    )
    path.write_text(page, encoding="utf-8")
    return path


def _relations(life: MapLife) -> list[str]:
    """The words that the body found to return, in the signs of its actions."""
    words: list[list[int]] = life.summary.get("relations") or []
    if life.motions is None:
        return [" ".join(map(str, word)) for word in words]
    return [" ".join(life.motions[action].sign for action in word) for word in words]


def _figures(life: MapLife) -> list[Figure]:
    record = life.record
    if record.actions < 2:
        return []
    figures = [
        _course(
            life,
            record.surprise,
            "surprise, nats an action",
            "Surprise over life",
            "Minus the logarithm of the probability that the agent gave to each symbol, smoothed over the last 50 "
            "actions or so. With k symbols that are equally likely, knowing nothing is ln k; "
            "the smoothing begins at 0, so the first actions look better than they are.",
        ),
        _course(
            life,
            record.spikes,
            "spikes an action",
            "Spikes of each action",
            "Of the cells of all charts, sources included. A chart whose packet moves spikes twice, one whose packet "
            "stays three times, and surprised ones once or twice more; where weak charts are overwritten, all packets "
            "are recalled. What is lived again at rest is not counted.",
        ),
        _course(
            life,
            record.events,
            "synaptic events an action",
            "Synaptic events of each action",
            "One for each synapse that a spike of these reaches. Every gate hears every command, so there are more of "
            "them once places have been made further out.",
        ),
    ]
    return [figure for figure in figures if figure is not None]


def _course(life: MapLife, values: Floats, label: str, title: str, caption: str) -> Figure | None:
    """One measure over the actions of a life; None where it was never known."""
    if not np.isfinite(values).any():
        return None
    actions = np.arange(1, values.size + 1, dtype=np.float64)
    clones = np.flatnonzero(life.record.clones)
    spans = [(float(clones[0] + 1), float(actions[-1]))] if clones.size else []

    def draw(width: float) -> Markup:
        x = axis_around(actions, "actions", include=(0.0,), snug=True, count=8 if width > 500 else 4)
        y = axis_around(values, label, include=(0.0,), count=5)
        plot = Plot(width=width, height=230, x=x, y=y, left=56)
        parts = [bands(plot, spans, "push"), axes(plot), curve(plot, *thin(actions, values, int(width)), "own")]
        return drawing(width, plot.height, f"{title}: {label}, against actions", parts)

    legend = [(swatch("own", shape="line"), label)]
    if spans:
        legend.append((swatch("push", shape="box"), f"lives by clones, from action {number(spans[0][0])} on"))
    return Figure(title=title, legend=tuple(legend), wide=draw(WIDE), narrow=draw(NARROW), caption=caption)
