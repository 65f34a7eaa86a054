"""Pictures of a network on a chip: which cores are how full, what runs over which link, how far messages go."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from reafference.chips.placement.traffic import Traffic
from reafference.chips.report import Cores
from reafference.report.figure import Floats, Plot, axes, bars, drawing, segment, swatch, text
from reafference.report.life_figures import NARROW, WIDE, Figure
from reafference.report.scale import axis_around, number, percent

MOST_CHIPS = 12
_GAP = 12.0


def load_figure(cores: Cores, name: str) -> Figure:
    """The mesh of each chip, every core in use shaded by the resource that it has least left of."""
    load = np.zeros(cores.cores)
    for used, limit in cores.usage.values():
        load = np.maximum(load, used / max(limit, 1))
    chips = np.unique(cores.chip)
    columns, rows = cores.mesh

    def draw(width: float) -> Markup:
        across = min(len(chips), 4 if width > 500 else 2)
        size = (width - _GAP * (across - 1)) / max(across, 1) if across > 1 else min(width, 520.0)
        cell = size / columns
        height = rows * cell + 20
        parts: list[Markup] = []
        for place, chip in enumerate(chips[:MOST_CHIPS]):
            left, top = place % across * (size + _GAP), place // across * (height + _GAP)
            parts.append(text(left, top + 13, f"chip {chip}", "remark"))
            parts.append(_box(left, top + 20, size, rows * cell, "empty-core", 1.0, ""))
            if cell > 6:
                parts += [
                    segment(left + k * cell, top + 20, left + k * cell, top + 20 + rows * cell, "grid")
                    for k in range(1, columns)
                ]
                parts += [
                    segment(left, top + 20 + k * cell, left + size, top + 20 + k * cell, "grid") for k in range(1, rows)
                ]
            for core in np.flatnonzero(cores.chip == chip):
                x, y = left + float(cores.x[core]) * cell, top + 20 + float(cores.y[core]) * cell
                inset = min(1.0, cell / 8)
                sized = cell - 2 * inset
                parts.append(
                    _box(
                        x + inset,
                        y + inset,
                        sized,
                        sized,
                        "core",
                        0.2 + 0.8 * min(load[core], 1.0),
                        _say(cores, int(core)),
                    )
                )
        shown = min(len(chips), MOST_CHIPS)
        deep = -(-shown // max(across, 1)) * (height + _GAP)
        return drawing(width, max(deep, 40.0), f"{cores.cores} cores of {name} by load", parts)

    left_out = len(chips) - MOST_CHIPS
    fullest, middle = (float(load.max()), float(np.median(load))) if load.size else (0.0, 0.0)
    caption = (
        "Each square is a core in use, in its place on the mesh; the darker, the fuller is the resource of which it "
        f"has least left (fullest {percent(fullest)}, median {percent(middle)}). Point at a core to read what it holds."
    )
    if left_out > 0:
        caption += f" {left_out} more chips are not drawn."
    return Figure(
        title="Cores by load",
        legend=((swatch("core", shape="box"), "a core"),),
        wide=draw(WIDE),
        narrow=draw(NARROW),
        caption=caption,
    )


def link_figure(sent: Traffic, name: str) -> Figure | None:
    """The mesh with its links, as thick as they are busy; None where no message leaves its router."""
    loads = [np.asarray(each) for each in (sent.east + sent.west, sent.north + sent.south)]
    most = max((float(each.max(initial=0.0)) for each in loads), default=0.0)
    if most == 0:
        return None
    height, width = sent.north.shape[0] + 1, sent.east.shape[1] + 1

    def draw(wide: float) -> Markup:
        step = min((wide - 20) / max(width - 1, 1), 60.0)
        parts: list[Markup] = []
        for load, down in ((loads[0], False), (loads[1], True)):
            for y, x in np.argwhere(load > 0):
                x1, y1 = 10 + float(x) * step, 10 + float(y) * step
                x2, y2 = (x1, y1 + step) if down else (x1 + step, y1)
                thick = 0.6 + min(8.0, step / 3) * float(load[y, x]) / most
                parts.append(
                    Markup(
                        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="link" stroke-width="{:.2f}">'
                    ).format(x1, y1, x2, y2, thick)
                    + Markup("<title>{} messages</title></line>").format(number(float(load[y, x]), 4))
                )
        if width * height <= 600:
            parts += [
                Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5" class="router"/>').format(10 + x * step, 10 + y * step)
                for y in range(height)
                for x in range(width)
            ]
        return drawing(wide, (height - 1) * step + 20, f"links of {name} by load", parts)

    busiest = sent.busiest_link
    caption = f"Messages over each link, both directions together; the thickest carried {number(most, 4)}."
    if busiest is not None:
        direction, x, y = busiest
        caption += (
            f" The busiest in one direction leaves the router in column {x}, row {y}, to the {direction}: "
            f"{number(sent.busiest, 4)} messages."
        )
    caption += (
        f" {number(sent.entering, 4)} messages came from outside; nobody says where they enter, so no link counts them."
    )
    return Figure(
        title="Traffic",
        legend=((swatch("link", shape="line"), "a link"),),
        wide=draw(WIDE),
        narrow=draw(NARROW),
        caption=caption,
    )


def hop_figure(sent: Traffic, name: str) -> Figure | None:
    """How many links messages cross; None where there was none."""
    histogram: Floats = np.asarray(sent.histogram, np.float64)
    if not histogram.sum():
        return None
    used = histogram[: int(np.flatnonzero(histogram)[-1]) + 1]

    def draw(width: float) -> Markup:
        edges: Floats = np.arange(used.size + 1, dtype=np.float64) - 0.5
        x = axis_around(
            edges, "links that a message crosses", snug=True, count=min(used.size, 12 if width > 500 else 5)
        )
        y = axis_around(used, "messages", include=(0.0,), count=5)
        plot = Plot(width=width, height=220, x=x, y=y, left=66)
        return drawing(width, plot.height, f"hops of messages on {name}", [axes(plot), bars(plot, edges, used, "bar")])

    caption = (
        f"{number(sent.messages, 4)} messages, {number(sent.hops_per_message)} hops each on average, "
        f"{number(sent.hops_per_spike)} for each spike. 0 hops: within a router."
    )
    return Figure(
        title="How far messages go",
        legend=((swatch("bar", shape="box"), "messages"),),
        wide=draw(WIDE),
        narrow=draw(NARROW),
        caption=caption,
    )


def _say(cores: Cores, core: int) -> str:
    """What a core holds, in words."""
    held = ", ".join(f"{name} {int(used[core]):,} of {limit:,}" for name, (used, limit) in cores.usage.items())
    return f"core {core} at column {int(cores.x[core])}, row {int(cores.y[core])}: {held}"


def _box(x: float, y: float, width: float, height: float, kind: str, opacity: float, words: str) -> Markup:
    title = Markup("<title>{}</title>").format(words) if words else Markup("")
    head = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}" fill-opacity="{:.2f}">')
    return head.format(x, y, width, height, kind, opacity) + title + Markup("</rect>")
