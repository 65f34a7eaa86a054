"""What people see: the true room as it answers to steps, and a sheet on paper."""

from itertools import pairwise

import gymnasium
import numpy as np
import pytest

from reafference.brain.maps.flat import FOUR_WAY, TURNING, Motion, flat
from reafference.brain.maps.known_bodies import motions_of
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.symbols import symbol_world
from reafference.brain.worlds import AliasedRoom, InnerWalls, Turning
from reafference.brain.worlds.true_room import AHEAD, eye_for

OPEN = {
    "room": lambda: symbol_world(AliasedRoom(4, 5, symbols=4, features=[InnerWalls(5)], seed=3), seed=2),
    "turning": lambda: symbol_world(
        AliasedRoom(3, 4, symbols=4, features=[InnerWalls(2)], body=Turning(), seed=3), seed=2
    ),
    "lake": lambda: symbol_world(gymnasium.make("FrozenLake-v1", is_slippery=False, desc=["SFF", "FFF"]), seed=2),
    "taxi": lambda: symbol_world("Taxi-v4", seed=2),
    "grid": lambda: symbol_world("MiniGrid-FourRooms-v0", seed=2),
}


@pytest.mark.parametrize("name", OPEN)
def test_steps_lead_where_the_drawing_says(name):
    if name == "grid":
        pytest.importorskip("minigrid")
    world = OPEN[name]()
    eye, motions = eye_for(world.environment), motions_of(world)
    assert eye is not None and motions is not None
    rng, first = np.random.default_rng(1), world.reset()
    seen = [(eye.pose(), None, first)]
    for action in rng.integers(world.actions, size=600).tolist():
        seen.append((0, action, world.step(action)))
        seen[-1] = (eye.pose(), *seen[-1][1:])
    room = eye.room(world.met)
    drawn = 0
    for (before, _, _), (after, action, symbol) in pairwise(seen):
        place, heading = divmod(before, room.headings)
        motion = motions[action]
        row, column = divmod(place, room.columns)
        _, _, turned = motion.after((0, 0, heading))
        moved = motion.north or motion.east or motion.ahead
        if moved:
            way = turned if motion.ahead else [(0, 1), (1, 0), (0, -1), (-1, 0)].index((motion.east, motion.north))
            if not room.wall[place, way]:
                row, column = row + AHEAD[way][0], column + AHEAD[way][1]
        expected = (row * room.columns + column) * room.headings + (turned if room.headings > 1 else 0)
        assert after == expected and not room.solid[place]
        if room.symbol[after] >= 0:
            drawn += 1
            assert room.symbol[after] == symbol
    assert drawn > 300 or name == "taxi"


def test_a_world_that_nobody_can_draw_has_no_eye():
    assert eye_for(gymnasium.make("CliffWalking-v1")) is None


@pytest.mark.parametrize(("sheet", "motions"), [(Sheet.planar(4), FOUR_WAY), (Sheet.egocentric(4), TURNING)])
def test_a_sheet_lies_on_paper_as_its_actions_say(sheet, motions):
    paper = flat(sheet, motions)
    assert paper is not None and len({tuple(pose) for pose in paper.tolist()}) == sheet.cells
    for cell, row in enumerate(sheet.target.tolist()):
        for action, there in enumerate(row):
            if there >= 0:
                assert motions[action].after(tuple(paper[cell].tolist())) == tuple(paper[there].tolist())


def test_a_sheet_that_the_motions_contradict_lies_on_no_paper():
    torus = Sheet.unroll(0, lambda place, action: (place + (1, 2, -1, -2)[action]) % 5, 4, 9)
    assert flat(torus, FOUR_WAY) is None
    assert flat(Sheet.planar(2), TURNING) is None
    assert flat(Sheet.planar(2), (Motion(1), Motion(1), Motion(-1), Motion(-1))) is None
