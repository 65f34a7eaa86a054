"""Pictures of a room: letters for a terminal, or pixels."""

from __future__ import annotations

import colorsys
import string

import numpy as np
import numpy.typing as npt

from reafference.brain.worlds.bodies import EAST, NORTH, SOUTH, WEST
from reafference.brain.worlds.layout import Layout

Pixels = npt.NDArray[np.uint8]

SIGNS = string.ascii_lowercase + string.ascii_uppercase + string.digits
TILE = 24  # pixels of a place
GOLDEN = 0.6180339887498949  # hues at multiples of it lie far apart, however many there are
AHEAD = {NORTH: (-1, 0), EAST: (0, 1), SOUTH: (1, 0), WEST: (0, -1)}


def neighbour(layout: Layout, place: int, direction: int) -> int | None:
    """Return the place that lies there on the plane, whether or not a step leads to it; None outside the room."""
    row, column = divmod(place, layout.columns)
    row, column = row + AHEAD[direction][0], column + AHEAD[direction][1]
    inside = 0 <= row < layout.rows and 0 <= column < layout.columns
    return row * layout.columns + column if inside else None


def letters(layout: Layout, pose: int) -> str:
    """Return the room as text: a letter for each symbol, and the body in brackets with its front.

    `|` and `---` are walls, `~` leads elsewhere than to the neighbour, and `<`, `>`, `^`, `v` are doors for one way.
    """
    place, heading = divmod(pose, layout.headings)
    lines: list[str] = []
    for row in range(layout.rows):
        places = range(row * layout.columns, (row + 1) * layout.columns)
        lines.append("+" + "+".join(_edge(layout, here, NORTH) * 3 for here in places) + "+")
        line = ""
        for here in places:
            sign = SIGNS[int(layout.symbol[here * layout.headings]) % len(SIGNS)]
            front = "]" if layout.headings == 1 else "^>v<"[heading]
            line += _edge(layout, here, WEST) + (f"[{sign}{front}" if here == place else f" {sign} ")
        lines.append(line + _edge(layout, places[-1], EAST))
    lines.append("+" + "+".join(_edge(layout, here, SOUTH) * 3 for here in places) + "+")  # pyright: ignore[reportPossiblyUnboundVariable]
    return "\n".join(lines)


def _edge(layout: Layout, place: int, direction: int) -> str:
    """Return the sign of one edge of a place, as seen from both sides."""
    wall = "-" if direction in (NORTH, SOUTH) else "|"
    beyond = neighbour(layout, place, direction)
    back = (direction + 2) % 4
    out = int(layout.passages[place, direction])
    if beyond is None:
        return wall if out == place else "~"
    into = int(layout.passages[beyond, back])
    if out not in (place, beyond) or into not in (place, beyond):
        return "~"
    if out == place and into == beyond:
        return wall
    if out == beyond and into == place:
        return " "
    return "^>v<"[direction if out == beyond else back]


def pixels(layout: Layout, pose: int) -> Pixels:
    """Return the room as (24 rows, 24 columns, 3) pixels: a hue for each symbol, dark walls, the body white.

    A wall is drawn inside the place that it closes, so a one-way door is dark on one side; passages that lead elsewhere
    than to the neighbour are white.
    """
    image = np.zeros((layout.rows * TILE, layout.columns * TILE, 3), np.uint8)
    for place in range(layout.rows * layout.columns):
        row, column = divmod(place, layout.columns)
        tile = image[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        tile[:] = _hue(int(layout.symbol[place * layout.headings]))
        for direction, rim in ((NORTH, tile[:2]), (EAST, tile[:, -2:]), (SOUTH, tile[-2:]), (WEST, tile[:, :2])):
            leads = int(layout.passages[place, direction])
            if leads == place:
                rim[:] = 40
            elif leads != neighbour(layout, place, direction):
                rim[:] = 255
    place, heading = divmod(pose, layout.headings)
    middle = np.array(divmod(place, layout.columns)) * TILE + TILE // 2
    _square(image, middle, 5, 255)
    if layout.headings > 1:
        _square(image, middle + 4 * np.array(AHEAD[heading]), 2, 0)
    return image


def _square(image: Pixels, middle: npt.NDArray[np.int64], half: int, grey: int) -> None:
    (top, left), (bottom, right) = middle - half, middle + half
    image[top:bottom, left:right] = grey


def _hue(symbol: int) -> list[int]:
    return [round(255 * part) for part in colorsys.hsv_to_rgb(symbol * GOLDEN % 1, 0.55, 0.85)]
