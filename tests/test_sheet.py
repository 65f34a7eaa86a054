"""Sheets: the given ones, what they refuse, and when two of them are the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice_arena import AROUND, four_way, turning
from reafference.brain.maps.sheet import Sheet


@pytest.mark.parametrize("radius", [0, 1, 2, 7])
def test_the_planar_sheet_is_the_diamond_of_that_radius(radius):
    sheet = Sheet.planar(radius)
    assert sheet.cells == 2 * radius**2 + 2 * radius + 1
    assert sheet.radius == radius
    assert sheet.depth().max() == radius
    # Every word ends where its steps add up to, unless it leads beyond the edge.
    rng = np.random.default_rng(1)
    places: dict[int, tuple[int, int]] = {}
    for _ in range(300):
        word = rng.integers(4, size=6).tolist()
        cell = sheet.walk(word)
        place = tuple(np.sum([AROUND[action] for action in word], axis=0).tolist())
        if cell >= 0:
            assert places.setdefault(cell, place) == place
            assert sheet.depth()[cell] == abs(place[0]) + abs(place[1])


def test_the_given_sheets_are_those_of_the_bodies():
    for sheet, move, actions in ((Sheet.planar(9), four_way, 4), (Sheet.egocentric(9), turning, 3)):
        poses = {0: (0, 0, 0)}
        for cell in range(sheet.cells):
            for action, ahead in enumerate(sheet.target[cell].tolist()):
                if ahead >= 0:
                    assert poses.setdefault(ahead, move(poses[cell], action)) == move(poses[cell], action)
        assert len(set(poses.values())) == sheet.cells == len(poses)
        assert sheet.actions == actions and sheet.radius == 9


def test_neighbours_are_one_action_away():
    assert Sheet.planar(2).neighbours(0).tolist() == [1, 2, 3, 4]
    assert Sheet.egocentric(3).neighbours(0).tolist() == [1, 2, 3]
    assert Sheet(np.array([[0, -1, 1], [0, 0, 0]])).neighbours(0).tolist() == [1]
    with pytest.raises(ValueError, match="no cell 9; this sheet has cells 0 to 4"):
        Sheet.planar(1).neighbours(9)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros((0, 4), int), r"shape \(0, 4\)"),
        (np.zeros(4, int), r"shape \(4,\)"),
        (np.zeros((1, 2)), "type float64"),
        (np.array([[1]]), "names cell 1, but"),
        (np.array([[-2]]), "names cell -2, but"),
        (np.array([[0], [0]]), "1 of 2 cells, the first of them 1, cannot be reached"),
    ],
)
def test_what_is_no_sheet_is_refused(target, message):
    with pytest.raises(ValueError, match=message):
        Sheet(target)


def test_a_sheet_is_a_copy_that_cannot_be_written_to():
    target = np.array([[0]], np.int32)
    sheet = Sheet(target)
    target[0, 0] = -1
    assert sheet.target[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        sheet.target[0, 0] = -1


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([Sheet.planar(4), Sheet.egocentric(4)]), st.integers(1, 4))
def test_sheets_are_the_same_however_their_cells_are_numbered(seed, sheet, radius):
    rng = np.random.default_rng(seed)
    new = np.concatenate([[0], 1 + rng.permutation(sheet.cells - 1), [-1]])
    target = np.empty_like(sheet.target)
    target[new[:-1]] = new[sheet.target]
    other = Sheet(target)
    assert other.same_within(sheet, radius) and sheet.same_within(other, radius)
    # One target bent within the ball makes another graph.
    inside = np.flatnonzero(other.depth() < radius)
    cell, action = int(rng.choice(inside)), int(rng.integers(sheet.actions))
    bent = target.copy()
    bent[cell, action] = cell if bent[cell, action] != cell else 0
    try:
        changed = Sheet(bent)
    except ValueError:  # some cell is out of reach now
        return
    if changed.radius >= radius:
        assert not changed.same_within(sheet, radius)


def test_a_ball_holds_the_cells_so_near_and_all_actions_between_them():
    assert np.array_equal(Sheet.planar(6).ball(3).target, Sheet.planar(3).target)
    assert not Sheet.planar(3).same_within(Sheet.egocentric(3), 1)
    with pytest.raises(ValueError, match="a ball of radius 4 was asked of a sheet that is known to radius 3"):
        Sheet.planar(3).ball(4)


def test_a_sheet_without_edge_is_known_without_end():
    ring = Sheet(np.array([[1], [2], [0]]))
    assert ring.radius == math.inf and ring.ball(50).cells == 3
    lopsided = Sheet(np.array([[1, 2], [3, 0], [0, -1], [-1, 1]]))  # one edge after 1 action, one after 2
    assert lopsided.radius == 1 and lopsided.ball(1).cells == 3
    assert "closed in itself" in repr(ring) and "radius 2" in repr(Sheet.planar(2))
