"""What the pictures of a room show."""

import numpy as np
import pytest

from reafference.brain.worlds import AliasedRoom, FourWay, Turning
from reafference.brain.worlds.bodies import EAST, SOUTH, WEST
from reafference.brain.worlds.features import open_room
from reafference.brain.worlds.layout import Layout
from reafference.brain.worlds.picture import TILE, letters, pixels

BODIES = [FourWay(), Turning()]


def strange_room(body):
    """Two rows of three: a wall, doors that lead east and north only, a portal from north-west to south-east."""
    passages = open_room(2, 3)
    passages[0, EAST], passages[1, WEST] = 0, 1
    passages[2, WEST] = 2
    passages[1, SOUTH] = 1
    passages[0, 0], passages[5, SOUTH] = 5, 0
    symbol = np.repeat([0, 1, 0, 2, 1, 1], body.headings)
    return Layout(
        rows=2,
        columns=3,
        headings=body.headings,
        symbols=3,
        passages=passages,
        target=body.target(passages),
        symbol=symbol,
    )


def test_letters_show_symbols_walls_doors_portals_and_the_body():
    assert letters(strange_room(FourWay()), 4).splitlines() == [
        "+~~~+---+---+",
        "| a | b > a |",
        "+   +^^^+   +",
        "| c  [b]  b |",
        "+---+---+~~~+",
    ]
    assert "[a<" in letters(strange_room(Turning()), 4 * 2 + WEST)


@pytest.mark.parametrize("body", BODIES)
def test_pixels_show_symbols_walls_doors_portals_and_the_body(body):
    image = pixels(strange_room(body), 4 * body.headings)
    assert (image.shape, image.dtype) == ((2 * TILE, 3 * TILE, 3), np.uint8)
    middle = TILE // 2

    def tile(place, down, right):
        row, column = divmod(place, 3)
        return image[row * TILE + down, column * TILE + right].tolist()

    hues = [tuple(tile(place, 4, 4)) for place in range(6)]
    assert hues[0] == hues[2] != hues[1] == hues[4] == hues[5] != hues[3] != hues[0]
    dark, white = [40] * 3, [255] * 3
    assert tile(0, middle, TILE - 1) == tile(1, middle, 0) == tile(2, middle, 0) == dark
    assert tile(1, middle, TILE - 1) == list(hues[1])
    assert tile(0, 0, middle) == tile(5, TILE - 1, middle) == white
    assert tile(4, middle + 2, middle) == white


def test_a_room_is_rendered_as_its_mode_says():
    room = AliasedRoom(seed=1, render_mode="rgb_array")
    room.reset(seed=1)
    assert room.render().shape == (6 * TILE, 8 * TILE, 3)
    text = AliasedRoom(seed=1, render_mode="ansi")
    text.reset(seed=1)
    assert len(text.render().splitlines()) == 13
    silent = AliasedRoom(seed=1)
    silent.reset(seed=1)
    assert silent.render() is None
