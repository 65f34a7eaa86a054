"""Relations unrolled into sheets, against words joined by hand, permutation groups, and given bodies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_sheet import edges, plain_ball, plain_classes, plain_group, plain_presentation, times
from reafference.brain.maps.cosets import CosetTable, SheetTooLarge, essential, unroll
from reafference.brain.maps.sheet import Sheet

PLANE = [(0, 2), (1, 3), (0, 1, 2, 3)]
TURNING = [(0, 1), (0,) * 4, (0, 2) * 4, (0, 0, 2) * 2]


def test_the_plane_and_the_turning_body_unroll_from_their_relations():
    assert unroll(4, PLANE, 15).same_within(Sheet.planar(15), 15)
    assert unroll(3, TURNING, 12).same_within(Sheet.egocentric(12), 12)


@pytest.mark.parametrize(
    ("actions", "relations", "radius", "longest"),
    [
        (4, PLANE, 2, 7),
        (2, [(0, 0), (1, 1), (0, 1, 0, 1, 0, 1)], 3, 10),
        (2, [(0, 0, 0), (1, 1)], 4, 9),
        (2, [(0, 1)], 4, 9),
        (3, [(0, 1, 2)], 2, 8),
        (2, [(0, 0, 0, 0, 0), (0, 1, 1)], 2, 11),
    ],
)
def test_unrolling_agrees_with_words_joined_by_hand(actions, relations, radius, longest):
    classes = plain_classes(actions, relations, longest)
    assert edges(unroll(actions, relations, radius)) == plain_ball(classes, actions, radius)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.permutations(range(4)), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_presentation_of_a_finite_group_unrolls_to_its_graph(generators, random):
    generators = [tuple(generator) for generator in generators]
    order, _ = plain_group(generators)
    relations = sorted(plain_presentation(generators))
    random.shuffle(relations)
    sheet = unroll(len(generators), relations, 24)
    table = [[order.index(times(element, generator)) for generator in generators] for element in order]
    assert np.array_equal(sheet.target, table)


@pytest.mark.parametrize(("one", "other"), [((0, 2), (1, 2)), ((0,), (1,))])
def test_cells_that_become_one_make_one_of_what_lies_behind_and_ahead(one, other):
    table = CosetTable(3, [], 100, 0)
    table.follow((0, 2))
    table.follow((1, 2))
    table.merge(table.follow(one), table.follow(other))
    assert table.follow((0,)) == table.follow((1,)) and table.follow((0, 2)) == table.follow((1, 2))
    for cell in table.depths():
        for action, ahead in enumerate(table.ahead[cell]):
            assert ahead == -1 or table.behind[ahead][action] == cell


FIBONACCI = [(k, k + 5) for k in range(5)] + [(k, (k + 1) % 5, (k + 2) % 5 + 5) for k in range(5)]


@pytest.mark.parametrize(
    ("actions", "relations", "cells"),
    [
        (2, [(0, 0), (1, 1, 1), (0, 1) * 3], 12),  # triangle groups of the platonic solids
        (2, [(0, 0), (1, 1, 1), (0, 1) * 4], 24),
        (2, [(0, 0), (1, 1, 1), (0, 1) * 5], 60),
        (2, [(0, 0, 0, 0), (0, 0, 1, 1), (1, 1, 1, 0, 1, 0)], 8),  # quaternions
        (2, [(0, 1, 1), (1, 1, 1), (0, 0, 0, 0)], 1),
        (10, FIBONACCI, 11),  # Fibonacci group F(2, 5), whose five actions are found to be powers of one
    ],
)
def test_groups_of_known_order_have_that_many_cells(actions, relations, cells):
    sheet = unroll(actions, relations, 30)
    assert sheet.cells == cells and (sheet.target >= 0).all()
    assert all(sheet.walk(word, start) == start for word in relations for start in range(cells))


def test_an_action_that_returns_in_no_word_makes_a_tree():
    sheet = unroll(2, [(0, 0)], 4)
    assert sheet.walk((0, 0)) == 0
    assert sheet.walk((1, 0, 1)) not in (sheet.walk((1, 1)), sheet.walk((1, 1, 0)))


def test_words_that_others_imply_are_left_out_and_change_nothing():
    more = [*TURNING, (1, 2) * 4, (1, 1, 2) * 2, (0, 2, 2) * 4, (1, 0), (1,) * 4]
    assert essential(3, more) == sorted(TURNING, key=lambda word: (len(word), word))
    assert unroll(3, more, 6).same_within(unroll(3, TURNING, 6), 6)


def test_a_false_relation_collapses_the_sheet():
    assert unroll(4, [*PLANE, (0, 1)], 6).cells == 13  # a line
    assert unroll(4, [*PLANE, (0, 0, 0), (1, 1, 1)], 6).cells == 9


def test_too_few_relations_end_in_a_clear_error():
    with pytest.raises(
        SheetTooLarge, match=r"radius 15 needs more than 5000 cells: they were used up .* actions"
    ) as caught:
        unroll(4, PLANE[:2], 15, most_cells=5000)
    assert caught.value.limit == 5000 and 0 < caught.value.reached < 15
    with pytest.raises(SheetTooLarge):
        unroll(4, [], 30)


@pytest.mark.parametrize("word", [(), (0, 4), (-1,)])
def test_words_that_are_none_are_refused(word):
    with pytest.raises(ValueError, match="is not a word of actions 0 to 3"):
        unroll(4, [word], 3)


def test_a_body_without_actions_and_a_negative_radius_are_refused():
    with pytest.raises(ValueError, match="actions = 0"):
        unroll(0, [], 3)
    with pytest.raises(ValueError, match="radius = -1"):
        unroll(4, PLANE, -1)
