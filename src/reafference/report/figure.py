"""Small pieces of inline SVG: axes, curves, markers, bands, bars. Pure functions from numbers to markup.

Colours, dashes and fonts are left to the style sheet of the page, by class, so that one drawing serves light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from reafference.report.scale import Axis

Floats = npt.NDArray[np.float64]

MARKERS = {
    "own": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "yoked": "M-3.6 -3.6h7.2v7.2h-7.2z",
    "cut": "M0 -4.6L4.4 3.4H-4.4z",
    "frozen": "M0 -5L5 0L0 5L-5 0z",
}


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A frame with two axes. All sizes in the pixels of the drawing."""

    width: float
    height: float
    x: Axis
    y: Axis
    left: float = 46
    right: float = 14
    top: float = 26
    bottom: float = 42

    def across(self, value: Floats) -> Floats:
        """Horizontal place of `value` on the x axis."""
        return self.left + self.x.place(value) * (self.width - self.left - self.right)

    def down(self, value: Floats) -> Floats:
        """Vertical place of `value` on the y axis; 0 is the top of the drawing."""
        base = self.height - self.bottom
        return base - self.y.place(value) * (base - self.top)

    def x_at(self, value: float) -> float:
        """Horizontal place of one number."""
        return float(self.across(np.asarray(value, dtype=np.float64)))

    def y_at(self, value: float) -> float:
        """Vertical place of one number."""
        return float(self.down(np.asarray(value, dtype=np.float64)))


def drawing(width: float, height: float, description: str, parts: Iterable[Markup]) -> Markup:
    """One drawing that scales with the page; `description` is what a screen reader says."""
    return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        width, height, description, Markup("").join(parts)
    )


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> Markup:
    """Words at a place; `anchor` is start, middle or end."""
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>').format(x, y, kind, anchor, words)


def segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line from (x1, y1) to (x2, y2)."""
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(x1, y1, x2, y2, kind)


def axes(plot: Plot, *, x_texts: bool = True) -> Markup:
    """Grid, ticks, numbers and labels. The y label stands level above its axis, where it is easy to read."""
    base, end = plot.height - plot.bottom, plot.width - plot.right
    parts: list[Markup] = []
    for value, words in plot.y.ticks():
        y = plot.y_at(value)
        parts += [segment(plot.left, y, end, y, "grid"), text(plot.left - 6, y + 4, words, "tick", "end")]
    for value, words in plot.x.ticks():
        x = plot.x_at(value)
        parts.append(segment(x, base, x, base + 5, "axis"))
        if x_texts:
            parts.append(text(x, base + 18, words, "tick", "middle"))
    parts.append(segment(plot.left, base, end, base, "axis"))
    parts.append(text(4, 15, plot.y.label, "label"))
    if x_texts:
        parts.append(text((plot.left + end) / 2, base + 36, plot.x.label, "label", "middle"))
    return Markup("").join(parts)


def curve(plot: Plot, x: Floats, y: Floats, kind: str) -> Markup:
    """A line through the points; it breaks where a value is not finite."""
    across, down = plot.across(x), plot.down(y)
    known = np.isfinite(across) & np.isfinite(down)
    steps: list[str] = []
    pen_is_down = False
    for point_x, point_y, is_known in zip(across.tolist(), down.tolist(), known.tolist(), strict=True):
        if is_known:
            steps.append(f"{'L' if pen_is_down else 'M'}{point_x:.1f} {point_y:.1f}")
        pen_is_down = is_known
    return Markup('<path d="{}" class="curve {}"/>').format("".join(steps), kind)


def markers(plot: Plot, x: Floats, y: Floats, kind: str) -> Markup:
    """A marker at each finite point, in the shape of its kind."""
    shape = MARKERS.get(kind, MARKERS["own"])
    places = zip(plot.across(x).tolist(), plot.down(y).tolist(), strict=True)
    return Markup("").join(
        Markup('<path d="{}" transform="translate({:.1f} {:.1f})" class="marker {}"/>').format(shape, px, py, kind)
        for px, py in places
        if np.isfinite(px) and np.isfinite(py)
    )


def bands(plot: Plot, spans: Iterable[tuple[float, float]], kind: str) -> Markup:
    """Shade stretches of the x axis over the full height; what lies outside the axis is left out."""
    parts: list[Markup] = []
    for start, end in spans:
        start, end = max(start, plot.x.low), min(end, plot.x.high)
        if end > start:
            left, right = plot.x_at(start), plot.x_at(end)
            parts.append(
                Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
                    left, plot.top, max(right - left, 0.5), plot.height - plot.bottom - plot.top, kind
                )
            )
    return Markup("").join(parts)


def bars(plot: Plot, edges: Floats, heights: Floats, kind: str) -> Markup:
    """A histogram: bar k stands on `edges[k]` to `edges[k + 1]`, from the foot of the y axis to `heights[k]`."""
    base, across, down = plot.height - plot.bottom, plot.across(edges), plot.down(heights)
    return Markup("").join(
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
            across[k] + 0.5, down[k], max(across[k + 1] - across[k] - 1, 0.5), base - down[k], kind
        )
        for k in range(heights.size)
        if heights[k] > plot.y.low
    )


def level(plot: Plot, y: float, words: str) -> Markup:
    """A dotted level across the plot, with its name at the left end where there are words."""
    height, end = plot.y_at(y), plot.width - plot.right
    name = text(plot.left + 4, height - 5, words, "remark") if words else Markup("")
    return segment(plot.left, height, end, height, "level") + name


def swatch(kind: str, *, shape: str) -> Markup:
    """The key of a legend entry; `shape` is line, marked (a line with its marker), or box."""
    inside = Markup('<line x1="1" y1="7" x2="33" y2="7" class="curve {}"/>').format(kind)
    if shape == "box":
        inside = Markup('<rect x="9" y="1" width="16" height="12" class="{}"/>').format(kind)
    elif shape == "marked":
        mark = MARKERS.get(kind, MARKERS["own"])
        inside += Markup('<path d="{}" transform="translate(17 7)" class="marker {}"/>').format(mark, kind)
    return Markup('<svg class="key" viewBox="0 0 34 14" aria-hidden="true">{}</svg>').format(inside)


def thin(x: Floats, y: Floats, points: int) -> tuple[Floats, Floats]:
    """At most about `points` of the points: the least and the greatest of each stretch, so no extreme is lost."""
    if x.size <= points:
        return x, y
    kept: list[int] = []
    for stretch in np.array_split(np.arange(x.size), max(1, points // 2)):
        inside = y[stretch]
        if not np.isfinite(inside).any():
            kept.append(int(stretch[0]))
            continue
        kept += sorted({int(stretch[np.nanargmin(inside)]), int(stretch[np.nanargmax(inside)])})
    chosen = np.asarray(kept, dtype=np.int64)
    return x[chosen], y[chosen]


def runs(flags: Sequence[bool] | npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each unbroken run of True."""
    padded = np.concatenate([[False], np.asarray(flags, dtype=np.bool_), [False]])
    change = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(start), int(end) - 1) for start, end in zip(change[::2], change[1::2], strict=True)]
