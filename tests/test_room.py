"""Rooms whose places look alike, against a plain walker and against what is promised of them."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plain_room import CLOCKWISE, PlainRoom, back, plain_pairs_apart, plain_reached, walls_of
from reafference.brain.worlds import (
    AliasedRoom,
    BadCommand,
    FourWay,
    InnerWalls,
    OneWayDoor,
    Portal,
    Torus,
    Turning,
    UnusableWorld,
    WorldError,
    open_world,
)
from reafference.brain.worlds.alike import alike, all_apart
from reafference.brain.worlds.features import open_room

BODIES = [FourWay(), Turning()]
SIDES = st.integers(1, 4)


def walk(room, actions, *, seed=0):
    return [room.reset(seed=seed)[0], *(room.step(action)[0] for action in actions)]


def drawn(*arguments, **options):
    """Return a room, or turn to another example if there is none of that kind."""
    try:
        return AliasedRoom(*arguments, **options)
    except UnusableWorld:
        assume(False)


# --- walking ----------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    rows=SIDES,
    columns=SIDES,
    symbols=st.integers(2, 5),
    walls=st.integers(0, 6),
    torus=st.booleans(),
    body=st.sampled_from(BODIES),
    seed=st.integers(0, 2**32),
    actions=st.lists(st.integers(0, 3), max_size=60),
)
def test_a_room_is_walked_as_on_paper(rows, columns, symbols, walls, torus, body, seed, actions):
    features = [*([Torus()] if torus else []), InnerWalls(walls)]
    room = drawn(rows, columns, symbols=symbols, body=body, features=features, seed=seed)
    layout = room.layout
    built, one_sided = walls_of(layout.passages.tolist(), rows, columns, torus)
    assert (len(built), one_sided) == (walls, set())
    shown = layout.symbol.reshape(rows, columns, body.headings)
    assert (shown == shown[:, :, :1]).all()
    assert shown.min() >= 0 and shown.max() < symbols
    symbol, info = room.reset(seed=seed)
    place, heading = divmod(info["pose"], body.headings)
    plain = PlainRoom(
        rows,
        columns,
        built,
        torus,
        {(row, column): shown[row, column, 0] for row in range(rows) for column in range(columns)},
        divmod(place, columns),
        CLOCKWISE[heading],
    )
    assert symbol == plain.symbols[plain.place]
    for number in actions:
        action = number % len(body.actions)
        symbol, reward, terminated, truncated, info = room.step(action)
        assert symbol == plain.act(body.actions[action])
        assert (info["place"], info["symbol"]) == (plain.place[0] * columns + plain.place[1], symbol)
        assert (reward, terminated, truncated) == (0.0, False, False)


@pytest.mark.parametrize("body", BODIES)
def test_the_same_seed_gives_the_same_life_and_another_seed_another(body):
    actions = np.random.default_rng(1).integers(0, 3, 300)
    lives = [
        walk(AliasedRoom(noise=0.2, body=body, seed=room), actions, seed=life)
        for room, life in ((3, 1), (3, 1), (4, 1), (3, 2))
    ]
    assert lives[0] == lives[1]
    assert lives[0] != lives[2]
    assert lives[0] != lives[3]


def test_a_room_without_a_seed_is_drawn_by_the_seed_of_its_reset_and_kept_without_one():
    room = AliasedRoom()
    with pytest.raises(WorldError, match=r"drawn by the first reset\(\)"):
        _ = room.layout
    room.reset(seed=5)
    first = room.layout
    room.reset()
    assert room.layout is first
    room.reset(seed=6)
    assert not np.array_equal(room.layout.symbol, first.symbol)
    room.reset(seed=5)
    np.testing.assert_array_equal(room.layout.symbol, first.symbol)
    fixed = AliasedRoom(seed=7)
    before = fixed.layout
    fixed.reset(seed=5)
    assert fixed.layout is before


def test_a_life_starts_anywhere():
    room = AliasedRoom(2, 2, symbols=4, body=Turning(), seed=1)
    room.reset(seed=0)
    assert {room.reset()[1]["pose"] for _ in range(400)} == set(range(16))


# --- noise ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "symbols"), [(0.05, 4), (0.4, 2), (0.6, 5)])
def test_the_share_of_wrong_symbols_is_as_given_and_all_wrong_ones_are_equally_likely(noise, symbols):
    room = AliasedRoom(noise=noise, symbols=symbols, seed=1)
    room.reset(seed=2)
    steps = 20_000
    shift = np.zeros(symbols)
    for action in np.random.default_rng(3).integers(0, 4, steps):
        symbol, *_, info = room.step(action)
        assert symbol in room.observation_space
        shift[(symbol - info["symbol"]) % symbols] += 1
    expected = np.array([1 - noise] + [noise / (symbols - 1)] * (symbols - 1))
    # Five standard deviations of a binomial count.
    assert (np.abs(shift - steps * expected) <= 5 * np.sqrt(steps * expected * (1 - expected))).all()


# --- what can be told apart -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_poses_are_alike_if_no_word_tells_them_apart(data):
    poses, actions = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 3))
    rows = st.lists(st.integers(0, poses - 1), min_size=actions, max_size=actions)
    target = data.draw(st.lists(rows, min_size=poses, max_size=poses))
    symbol = data.draw(st.lists(st.integers(0, 1), min_size=poses, max_size=poses))
    classes = alike(np.array(target), np.array(symbol))
    apart = plain_pairs_apart(target, symbol)
    ours = {(one, other) for one in range(poses) for other in range(poses) if classes[one] != classes[other]}
    assert ours == apart
    assert all_apart(np.array(target), np.array(symbol)) == (len(apart) == poses * (poses - 1))


FORMS = [
    (),
    (InnerWalls(3),),
    (Torus(),),
    (InnerWalls(2), Portal(2)),
    (InnerWalls(1), OneWayDoor(2)),
    (Torus(), OneWayDoor()),
]


@settings(max_examples=40, deadline=None)
@given(features=st.sampled_from(FORMS), body=st.sampled_from(BODIES), seed=st.integers(0, 2**32))
def test_every_room_can_be_told_apart_and_walked_through(features, body, seed):
    layout = AliasedRoom(3, 3, symbols=2, body=body, features=features, seed=seed).layout
    target, poses = layout.target.tolist(), len(layout.symbol)
    assert len(plain_pairs_apart(target, layout.symbol.tolist())) == poses * (poses - 1)
    assert all(len(plain_reached(target, pose)) == poses for pose in range(poses))


def test_drawings_that_cannot_be_told_apart_do_occur_and_are_thrown_away():
    # With two places and two symbols half of the drawings look the same everywhere.
    kept = {tuple(AliasedRoom(1, 2, symbols=2, seed=seed).layout.symbol.tolist()) for seed in range(30)}
    assert kept == {(0, 1), (1, 0)}


def test_a_room_that_can_never_be_told_apart_is_refused():
    with pytest.raises(UnusableWorld, match=r"100 drawings of 1 x 1 places .* Give it more symbols"):
        AliasedRoom(1, 1, body=Turning(), seed=0)


def test_a_practice_arena_shows_every_pose_as_its_own():
    arena = AliasedRoom(3, 3, symbols=None, body=Turning(), seed=0)
    assert arena.observation_space.n == 36
    arena.reset(seed=1)
    for action in np.random.default_rng(1).integers(0, 3, 50):
        symbol, *_, info = arena.step(action)
        assert symbol == info["pose"]


# --- features ---------------------------------------------------------------------------------------------------------


def changed(features, *, rows=4, columns=5, seed=0):
    """Return the sides {(place, direction): place} at which a room differs from an open one."""
    passages = AliasedRoom(rows, columns, features=features, seed=seed).layout.passages
    plain = open_room(rows, columns)
    return {(place, way): int(passages[place, way]) for place, way in np.argwhere(passages != plain).tolist()}


@pytest.mark.parametrize("seed", range(20))
def test_a_portal_joins_two_distant_places_both_ways(seed):
    sides = changed([Portal()], seed=seed)
    ((near, out), far), ((again, into), back_again) = sides.items()
    assert (far, back_again) == (again, near)
    assert into == (out + 2) % 4
    assert near != far
    distance = np.abs(np.subtract(divmod(near, 5), divmod(far, 5))).sum()
    assert distance > 1
    assert open_room(4, 5)[near, out] == near  # a wall stood there


@pytest.mark.parametrize("seed", range(20))
def test_a_portal_never_just_opens_a_wall_between_neighbours(seed):
    passages = AliasedRoom(2, 3, symbols=6, features=[InnerWalls(2), Portal()], seed=seed).layout.passages
    plain = open_room(2, 3)
    elsewhere = (passages != plain) & (passages != np.arange(6)[:, None])
    assert elsewhere.sum() == 2


@pytest.mark.parametrize("seed", range(20))
def test_a_one_way_door_closes_one_side_of_one_passage(seed):
    (((place, direction), there),) = changed([OneWayDoor()], seed=seed).items()
    assert there == place  # closed from here
    beyond = open_room(4, 5)[place, direction]
    assert beyond != place  # it was open, and still is from there
    _, one_sided = walls_of(AliasedRoom(4, 5, features=[OneWayDoor()], seed=seed).layout.passages.tolist(), 4, 5, False)
    assert one_sided == {
        frozenset([(divmod(place, 5), CLOCKWISE[direction]), (divmod(int(beyond), 5), back(CLOCKWISE[direction]))])
    }


def test_as_many_of_each_feature_are_built_as_were_asked_for():
    assert len(changed([Portal(3)])) == 6
    assert len(changed([OneWayDoor(3)])) == 3
    assert len(changed([InnerWalls(7)])) == 14
    assert len(changed([Torus()])) == 2 * (4 + 5)


def test_a_torus_brings_a_body_back_that_goes_on_and_on():
    layout = AliasedRoom(3, 5, features=[Torus()], seed=1).layout
    for place in range(15):
        for direction, steps in ((0, 3), (1, 5), (2, 3), (3, 5)):
            there = place
            for _ in range(steps):
                assert layout.passages[there, direction] != there
                there = layout.passages[there, direction]
            assert there == place


def test_inner_walls_leave_a_way_to_every_place_and_no_more_fit():
    # A room of 4 x 5 has 31 passages, and 19 of them hold 20 places together.
    sides = changed([InnerWalls(12)])
    assert len(sides) == 24
    with pytest.raises(UnusableWorld, match=r"13 inner walls .* 20 places hold together with at most 12"):
        changed([InnerWalls(13)])


def test_a_feature_of_ones_own_may_part_a_room_which_is_then_drawn_again():
    class Moat:
        drawings = 0

        def build(self, passages, columns, random):
            Moat.drawings += 1
            if Moat.drawings >= 4:
                return passages
            parted = passages.copy()
            parted[3:6, 0] = [3, 4, 5]  # nobody comes back to the north
            return parted

    layout = AliasedRoom(2, 3, symbols=6, features=[Moat()], seed=1).layout
    assert Moat.drawings >= 4
    np.testing.assert_array_equal(layout.passages, open_room(2, 3))


def test_features_that_find_no_room_say_so():
    with pytest.raises(UnusableWorld, match=r"two walls that face each other.*not 1 such pairs"):
        changed([Torus(), Portal()])
    with pytest.raises(UnusableWorld, match="2 one-way doors were asked for, but only 0 fit"):
        changed([OneWayDoor(2)], rows=1)
    with pytest.raises(ValueError, match=r"Portal\.count = 0 must be a whole number of at least 1"):
        Portal(0)
    with pytest.raises(ValueError, match=r"OneWayDoor\.count = 1\.5"):
        OneWayDoor(1.5)
    with pytest.raises(ValueError, match=r"InnerWalls\.count = -1"):
        InnerWalls(-1)


# --- as a Gymnasium environment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: AliasedRoom(noise=0.1, seed=1),
        lambda: AliasedRoom(3, 4, body=Turning(), features=[Torus()], render_mode="ansi"),
        lambda: gymnasium.make("reafference/AliasedRoom-v0", rows=3, features=(Portal(),)),
    ],
    ids=["noisy", "turning", "registered"],
)
def test_rooms_pass_gymnasiums_check(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about wrappers
        check_env(make(), skip_render_check=True)


def test_a_room_is_no_world_of_numbers():
    with pytest.raises(UnusableWorld, match="its observation is a Discrete"):
        open_world("reafference/AliasedRoom-v0")


BAD = [
    ({"rows": 0}, r"AliasedRoom\.rows = 0 must be a whole number from 1 to 256"),
    ({"columns": 257}, r"AliasedRoom\.columns = 257 must be a whole number from 1 to 256"),
    ({"rows": 6.0}, r"AliasedRoom\.rows = 6\.0"),
    ({"symbols": 1}, r"AliasedRoom\.symbols = 1 must be a whole number of at least 2"),
    ({"symbols": True}, r"AliasedRoom\.symbols = True"),
    ({"noise": -0.1}, r"AliasedRoom\.noise = -0\.1 must be from 0 to below 0\.75"),
    ({"noise": 0.75}, r"AliasedRoom\.noise = 0\.75"),
    ({"noise": float("nan")}, r"AliasedRoom\.noise = nan"),
    ({"seed": -1}, r"AliasedRoom\.seed = -1"),
    ({"render_mode": "human"}, r"render_mode = 'human' must be None, 'ansi' or 'rgb_array'"),
]


@pytest.mark.parametrize(("what", "says"), BAD, ids=range(len(BAD)))
def test_a_parameter_out_of_range_is_named(what, says):
    with pytest.raises(ValueError, match=says):
        AliasedRoom(**what)


@pytest.mark.parametrize("action", [-1, 4, 1.0, True, "north"])
def test_what_is_no_action_is_refused(action):
    room = AliasedRoom(seed=1)
    room.reset()
    with pytest.raises(BadCommand, match="it takes a whole number from 0 to 3"):
        room.step(action)


def test_a_life_begins_with_a_reset():
    with pytest.raises(WorldError, match="before the first step"):
        AliasedRoom(seed=1).step(0)
    with pytest.raises(WorldError, match="before render"):
        AliasedRoom(seed=1, render_mode="ansi").render()
