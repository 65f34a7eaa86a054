"""A chart with logarithmic axes as a standalone SVG that reads on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 76, 150, 24, 56
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #333; }
.axis { stroke: #888; fill: none; } .grid { stroke: #ddd; fill: none; }
.line { fill: none; stroke-width: 2; } .line0 { stroke: #c2410c; } .line1 { stroke: #1d4ed8; } .line2 { stroke: #111; }
.line2 { stroke-width: 3; stroke-dasharray: 7 5; }
.name0 { fill: #c2410c; } .name1 { fill: #1d4ed8; } .name2 { fill: #111; }
@media (prefers-color-scheme: dark) {
text { fill: #ccc; } .axis { stroke: #888; } .grid { stroke: #3a3a3a; } .line2 { stroke: #eee; } .name2 { fill: #eee; }
.line0 { stroke: #fb923c; } .name0 { fill: #fb923c; } .line1 { stroke: #93c5fd; } .name1 { fill: #93c5fd; } }
"""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line; `x` and `y` are positive."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def chart(curves: Sequence[Curve], *, x: str, y: str, description: str) -> str:
    """At most three curves over one pair of axes; `x` and `y` are what the axes say, units included."""
    low_x, high_x = limits([value for curve in curves for value in curve.x])
    low_y, high_y = limits([value for curve in curves for value in curve.y])

    def across(value: float) -> float:
        return LEFT + (math.log10(value) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)

    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for power in range(low_x, high_x + 1):
        at = across(10.0**power)
        parts.append(f'<path class="grid" d="M{at:.1f} {TOP}V{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 20}" text-anchor="middle">{10.0**power:g}</text>')
    for power in range(low_y, high_y + 1):
        at = down(10.0**power)
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{right}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>')
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x)}</text>')
    middle = (TOP + bottom) / 2
    parts.append(f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle">{escape(y)}</text>')
    # Names stand beside the ends of their lines, apart from each other.
    lowest = -math.inf
    for number in sorted(range(len(curves)), key=lambda k: down(curves[k].y[-1])):
        curve = curves[number]
        points = " ".join(f"{across(a):.1f},{down(b):.1f}" for a, b in zip(curve.x, curve.y, strict=True))
        parts.append(f'<polyline class="line line{number}" points="{points}"/>')
        lowest = max(lowest + 18, down(curve.y[-1]) + 4)
        at = across(curve.x[-1]) + 10
        parts.append(f'<text class="name{number}" x="{at:.1f}" y="{lowest:.1f}">{escape(curve.name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    return "\n".join([f'{head} aria-label="{escape(description)}">', f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def limits(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around the values."""
    return math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
