"""Babbling finds the words that return, and what is learned from them is the body's own algebra or an error."""

import numpy as np
import pytest

from plain_sheet import plain_agreement
from practice_arena import BODIES, PracticeArena, YokedArena
from reafference.brain.maps.agreement import LONGEST, compare
from reafference.brain.maps.algebra import ArenaLooksAlike, SheetDisagrees, check_arena, derive, learn
from reafference.brain.maps.cosets import SheetTooLarge
from reafference.brain.maps.relations import babble, motifs
from reafference.brain.maps.sheet import Sheet

SEEDS = range(20_000, 20_003)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_body_learns_its_own_algebra(body, seed):
    move, actions, given = BODIES[body]
    learned = learn(PracticeArena(move, actions, seed), seed, radius=10)
    assert learned.sheet.same_within(given(10), 10)
    assert len(learned.babble.commands) <= 2000
    assert (learned.agreement.broken, learned.agreement.unknown) == (0, 0)
    assert learned.free == (frozenset({0, 1}) if body == "turning" else frozenset())


@pytest.mark.parametrize("body", ["four-way", "turning"])
def test_a_body_learns_it_from_sensations_of_which_one_in_twenty_is_wrong(body):
    move, actions, given = BODIES[body]
    learned = learn(PracticeArena(move, actions, 20_000, wrong=0.05), 20_000, radius=10)
    assert learned.sheet.same_within(given(10), 10)


@pytest.mark.parametrize("body", BODIES)
def test_every_relation_returns_from_every_pose_when_no_wall_is_near(body):
    move, actions, _ = BODIES[body]
    heard = babble(PracticeArena(move, actions, 20_004), 20_004)
    assert heard.relations
    for relation in heard.relations:
        assert relation.returns >= 3 and relation.misses == 0
        for pose in [(0, 0, heading) for heading in range(4)] if body == "turning" else [(0, 0, 0)]:
            end = pose
            for action in relation.word:
                end = move(end, action)
            assert end == pose


def test_the_record_is_what_was_done_and_felt():
    move, actions, _ = BODIES["turning"]
    heard = babble(PracticeArena(move, actions, 20_005), 20_005, most_actions=333)
    again = PracticeArena(move, actions, 20_005)
    assert heard.symbols.tolist() == [again.reset(), *(again.step(command) for command in heard.commands.tolist())]
    assert len(heard.commands) == 333
    same = babble(PracticeArena(move, actions, 20_005), 20_005, most_actions=333)
    assert np.array_equal(same.commands, heard.commands) and same.words == heard.words


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_motifs_are_one_of_each_set_of_rotations(length):
    # Burnside's count of primitive necklaces: sum over divisors d of mobius(d) 3^(length / d), over length.
    count = {1: 3, 2: 3, 3: 8, 4: 18}[length]
    found = list(motifs(3, length, []))
    assert len(found) == count
    turned = {word[turn:] + word[:turn] for word in found for turn in range(length)}
    assert len(turned) == count * length
    assert all((1, 0) not in zip(word, word[1:] + word[:1], strict=True) for word in motifs(3, length, [(0, 1)]))


def test_agreement_is_counted_as_defined():
    for body in ("four-way", "turning"):
        move, actions, given = BODIES[body]
        heard = babble(PracticeArena(move, actions, 20_006, wrong=0.05), 20_006, most_actions=500)
        for sheet in (
            given(12),
            given(3),
            Sheet(np.zeros((1, actions), int)),
            Sheet.unroll(0, lambda n, a: n + 1, actions, 12),
        ):
            got = compare(sheet, heard)
            expected = plain_agreement(sheet.target.tolist(), heard.symbols.tolist(), heard.commands.tolist(), LONGEST)
            assert (got.claimed, got.broken, got.shown, got.unknown, got.denials) == expected
            assert got.shown > 0


@pytest.mark.parametrize("body", ["four-way", "turning"])
def test_false_relations_are_noticed(body):
    move, actions, _ = BODIES[body]
    heard = babble(PracticeArena(move, actions, 20_007), 20_007)
    with pytest.raises(SheetDisagrees, match=r"relations are false: it returns by .* times more often than it did"):
        derive(heard, [*heard.words, (0, 2)] if body == "turning" else [*heard.words, (0, 1)], 10)
    with pytest.raises(SheetDisagrees, match="relations are false") as caught:  # right but for places that recur
        derive(heard, [*heard.words, (2,) * 4], 10)
    assert caught.value.agreement.denied in {(2,) * 4, (0,) * 4}
    swapped = [tuple((action + k) % actions for action in word) for k, word in enumerate(heard.words)]
    with pytest.raises((SheetDisagrees, SheetTooLarge)):
        derive(heard, swapped, 10, most_cells=20_000)


@pytest.mark.parametrize("body", ["four-way", "turning"])
def test_missing_relations_are_noticed(body):
    move, actions, _ = BODIES[body]
    heard = babble(PracticeArena(move, actions, 20_008), 20_008)
    needed = derive(heard, heard.words, 10).relations
    for left_out in needed:
        with pytest.raises((SheetTooLarge, SheetDisagrees)):
            derive(heard, [word for word in needed if word != left_out], 16, most_cells=10_000)
    with pytest.raises(SheetDisagrees, match="relations are missing: sensations returned"):
        derive(heard, [], 4)


def test_someone_elses_commands_are_noticed():
    for body in ("four-way", "turning"):
        move, actions, _ = BODIES[body]
        with pytest.raises(ArenaLooksAlike, match="someone else's commands"):
            learn(YokedArena(move, actions, 20_009), 20_009, radius=8)


def test_an_arena_that_looks_the_same_in_every_direction_teaches_no_turning():
    move, actions, _ = BODIES["turning"]
    heard = babble(PracticeArena(move, actions, 20_010, blind=True), 20_010)
    assert set(heard.words) == {(0,), (1,)}
    with pytest.raises(ArenaLooksAlike) as caught:
        check_arena(heard)
    assert caught.value.command == 2 and len(caught.value.seen) >= 3


@pytest.mark.parametrize("option", ["most_actions", "longest_motif", "most_repetitions"])
def test_babbling_needs_at_least_one_of_everything(option):
    with pytest.raises(ValueError, match=f"{option} = 0; it must be at least 1"):
        babble(PracticeArena(*BODIES["turning"][:2], 1), 1, **{option: 0})
