"""Worlds as whole numbers, against the raw environments that they hold."""

import copy
import pickle
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import data_equivalence
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.brain.maps.symbols import Moment, episodic_world, symbol_world
from reafference.brain.worlds import (
    AliasedRoom,
    BadCommand,
    NoSnapshot,
    TooManySymbols,
    UnknownWorld,
    UnusableWorld,
    WorldError,
)
from reafference.brain.worlds.canonical import canonical

ACTIONS = np.random.default_rng(1).integers(0, 4, 400).tolist()


class Toy(gymnasium.Env):
    """An environment with any spaces that hands out what it is told to, and ends an episode when that is None."""

    def __init__(self, gives=(0,), *, observation=None, action=None):
        self.action_space = spaces.Discrete(2) if action is None else action
        self.observation_space = spaces.Discrete(100_000) if observation is None else observation
        self.gives = gives
        self.done = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.gives[0], {}

    def step(self, action):
        self.done += 1
        return self.gives[self.done % len(self.gives)], 0.5, False, False, {}


def numbered(observations):
    """Number observations as they are first met, in the plainest way."""
    met = []
    for observation in observations:
        if observation not in met:
            met.append(observation)
    return [met.index(observation) for observation in observations]


def live(world, actions):
    return [world.reset(), *(world.step(action) for action in actions)]


# --- numbers for observations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "actions"), [("FrozenLake-v1", 4), ("Taxi-v4", 6), ("CliffWalking-v1", 4)])
def test_observations_are_numbered_as_they_are_first_met(name, actions):
    world = symbol_world(name, seed=5)
    assert (world.name, world.actions) == (name, actions)
    raw = gymnasium.make(name, max_episode_steps=-1)
    observations = [raw.reset(seed=5)[0]]
    for action in ACTIONS:
        observation, _, terminated, *_ = raw.step(action)
        observations.append(int(raw.reset()[0] if terminated else observation))
    symbols = live(world, ACTIONS)
    assert symbols == numbered(observations)
    assert [world.met[symbol] for symbol in symbols] == observations
    assert all(type(symbol) is int for symbol in symbols)
    assert repr(world) == f"{name}: {actions} actions, {len(set(observations))} symbols so far, at most 1000"


SPACES = [
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([2, 2]),
    spaces.MultiDiscrete(np.array([[2, 1], [1, 2]])),
    spaces.MultiBinary(2),
    spaces.Box(-1, 1, (2,), np.int8),
    spaces.Box(0, 1, (), np.int64),
    spaces.Text(max_length=2, charset="ab"),
    spaces.Tuple([spaces.Discrete(2), spaces.MultiBinary(1)]),
    spaces.Dict({"here": spaces.Discrete(2), "near": spaces.Tuple([spaces.Text(1, charset="ab")])}),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_keys_are_equal_exactly_where_observations_are(space):
    space.seed(1)
    key = canonical("Toy", space)
    samples = [space.sample() for _ in range(40)]
    equal = [[data_equivalence(one, other) for other in samples] for one in samples]
    assert [[key(one) == key(other) for other in samples] for one in samples] == equal
    assert len({key(sample) for sample in samples}) > 1


def test_the_order_of_a_dict_and_the_type_of_its_numbers_do_not_matter():
    space = spaces.Dict({"a": spaces.Discrete(5), "b": spaces.Box(0, 9, (2,), np.uint8)})
    key = canonical("Toy", space)
    assert key({"b": np.array([1, 2]), "a": np.int16(3)}) == key({"a": 3, "b": np.array([1, 2], np.uint8)})


def test_an_array_that_the_environment_changes_later_keeps_its_number():
    shared = np.zeros(2, np.int64)
    world = symbol_world(Toy([shared], observation=spaces.Box(0, 9, (2,), np.int64)))
    assert world.reset() == 0
    shared += 1
    assert world.step(0) == 1
    shared -= 1
    assert world.step(0) == 0
    assert world.met == ((0, 0), (1, 1))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30))
def test_any_sequence_is_numbered_as_in_the_plainest_way(gives):
    observation = spaces.Discrete(11, start=-5)
    assert live(symbol_world(Toy(gives, observation=observation)), [0] * (len(gives) - 1)) == numbered(gives)


# --- a life without end, and with episodes ----------------------------------------------------------------------------


def corridor(*, limit=None):
    """A frozen lake of one row: 0 start, 2 hole or goal."""
    return gymnasium.make("FrozenLake-v1", desc=["SFG"], is_slippery=False, max_episode_steps=limit)


RIGHT = 2


def test_life_goes_on_after_an_episode_without_a_sign_of_it():
    world = symbol_world(corridor())
    assert live(world, [RIGHT] * 6) == [0, 1, 0, 1, 0, 1, 0]
    assert world.met == (0, 1)  # nobody has seen the goal


def test_episodes_are_told_to_those_who_ask():
    world = episodic_world(corridor())
    assert world.reset() == 0
    assert world.act(RIGHT) == Moment(1, 0.0, terminated=False, truncated=False, restart=None)
    end = world.act(RIGHT)
    assert end == Moment(2, 1.0, terminated=True, truncated=False, restart=0)
    assert (end.now, world.act(RIGHT).now) == (0, 1)


def test_time_limits_are_kept_for_episodes_and_taken_out_of_a_life():
    limited = episodic_world(corridor(limit=3))
    limited.reset()
    moments = [limited.act(0) for _ in range(6)]
    assert [moment.truncated for moment in moments] == [False, False, True] * 2
    assert [moment.restart for moment in moments] == [None, None, 0] * 2
    assert not any(moment.terminated for moment in moments)
    endless = symbol_world(corridor(limit=3))
    endless.reset()
    assert not any(endless.act(0).truncated for _ in range(20))
    named = symbol_world("Taxi-v4")
    named.reset()
    assert not any(named.act(0).truncated for _ in range(300))
    counted = episodic_world("Taxi-v4")
    counted.reset()
    assert [counted.act(0).truncated for _ in range(200)].index(True) == 199


def test_rewards_are_the_environments():
    world, raw = episodic_world("Taxi-v4", seed=3), gymnasium.make("Taxi-v4")
    world.reset(), raw.reset(seed=3)
    theirs, ours = [], []
    for action in np.random.default_rng(4).integers(0, 6, 150).tolist():
        theirs.append(raw.step(action)[1])
        ours.append(world.act(action).reward)
    assert ours == theirs
    assert len(set(ours)) > 1


def test_the_same_seed_gives_the_same_slippery_life_and_another_seed_another():
    lives = [live(symbol_world("FrozenLake-v1", seed=seed), ACTIONS) for seed in (3, 3, 4)]
    assert lives[0] == lives[1] != lives[2]


def test_a_second_reset_goes_on_in_the_random_numbers():
    world, raw = symbol_world("Taxi-v4", seed=8), gymnasium.make("Taxi-v4")
    first, again = world.reset(), [world.reset() for _ in range(5)]
    observations = [raw.reset(seed=8)[0], *(raw.reset()[0] for _ in range(5))]
    assert [first, *again] == numbered(observations)
    assert len(set(again)) > 1


def test_a_world_of_ones_own_may_count_its_actions_from_elsewhere():
    did = []

    class Counting(Toy):
        def step(self, action):
            did.append(action)
            return super().step(action)

    live(symbol_world(Counting(action=spaces.Discrete(3, start=4))), [0, 2, 1])
    assert did == [4, 6, 5]


@pytest.mark.parametrize("make", [lambda: AliasedRoom(noise=0.2, seed=1), lambda: "FrozenLake-v1", lambda: "Taxi-v4"])
@pytest.mark.parametrize("through", [copy.deepcopy, lambda world: pickle.loads(pickle.dumps(world))])
def test_a_copied_or_pickled_world_goes_on_with_the_same_life(make, through):
    world = symbol_world(make(), seed=2)
    live(world, ACTIONS[:200])
    other = through(world)
    ours = [world.step(action) for action in ACTIONS[200:]]
    assert [other.step(action) for action in ACTIONS[200:]] == ours
    assert other.met == world.met
    assert len(set(ours)) > 1


def test_a_world_that_does_not_survive_a_copy_says_so():
    class Pickled(Toy, gymnasium.utils.EzPickle):
        def __init__(self):
            Toy.__init__(self)
            gymnasium.utils.EzPickle.__init__(self)

    world = symbol_world(Pickled())
    for through in (copy.deepcopy, pickle.dumps):
        with pytest.raises(NoSnapshot, match="Pickled: its state cannot be copied"):
            through(world)


# --- bad input --------------------------------------------------------------------------------------------------------

FLOATS = spaces.Box(-1, 1, (2,))
REFUSED = [
    ({"action": spaces.Box(-1, 1, (1,))}, "its action is a Box, and a map is made of Discrete ones.*ActionWrapper"),
    ({"action": spaces.MultiDiscrete([2, 2])}, "its action is a MultiDiscrete"),
    ({"action": spaces.Discrete(1)}, "single choice"),
    ({"observation": FLOATS}, "a Box of float32 numbers, which hardly ever come back exactly.*ObservationWrapper"),
    ({"observation": spaces.Dict({"a": spaces.Tuple([FLOATS])})}, "a Box of float32 numbers"),
    ({"observation": spaces.Box(0, 255, (16, 17), np.uint8)}, r"\(16, 17\) is 272 numbers, at most 256 make a symbol"),
    ({"observation": spaces.Sequence(spaces.Discrete(2))}, "two of its Sequence are equal"),
]


@pytest.mark.parametrize(("what", "says"), REFUSED, ids=range(len(REFUSED)))
@pytest.mark.parametrize("opened", [symbol_world, episodic_world])
def test_a_world_that_no_map_can_be_made_of_says_why_and_what_to_do(opened, what, says):
    with pytest.raises(UnusableWorld, match=f"Toy cannot be lived in: .*{says}"):
        opened(Toy(**what))


LYING = [
    (spaces.Discrete(3), 0.5, r"promised a whole number and gave 0\.5"),
    (spaces.Discrete(3), np.array([1, 2]), "promised a whole number"),
    (spaces.MultiBinary(2), np.array([0.5, 0.5]), r"promised whole numbers of shape \(2,\)"),
    (spaces.MultiBinary(2), np.zeros(3, np.int8), r"promised whole numbers of shape \(2,\)"),
    (spaces.Text(3), 3, "promised text and gave 3"),
    (spaces.Dict({"a": spaces.Discrete(3)}), {"b": 1}, "promised parts a"),
    (spaces.Tuple([spaces.Discrete(3)]), 1, "promised parts 0"),
]


@pytest.mark.parametrize(("space", "gives", "says"), LYING, ids=range(len(LYING)))
def test_an_environment_that_breaks_its_promise_is_named(space, gives, says):
    world = symbol_world(Toy([gives], observation=space))
    with pytest.raises(UnusableWorld, match=f"Toy cannot be lived in: it {says}.*Mend its observation_space"):
        world.reset()


def test_an_unknown_world_names_its_neighbours():
    with pytest.raises(UnknownWorld, match=r"no world 'frozenlake-v1'\. Did you mean FrozenLake-v1"):
        symbol_world("frozenlake-v1")
    with pytest.raises(TypeError, match="call the class"):
        symbol_world(AliasedRoom)


def test_a_world_that_never_repeats_is_given_up_with_numbers():
    world = symbol_world(Toy(range(1000)), most_symbols=50)
    with pytest.raises(TooManySymbols, match=r"Toy: 51 of 51 observations .* at most 50 .* never repeats") as caught:
        live(world, [0] * 60)
    assert (caught.value.most, caught.value.sensed) == (50, 51)


def test_as_many_symbols_as_are_allowed_may_come():
    assert max(live(symbol_world(Toy(range(50)), most_symbols=50), [0] * 200)) == 49
    with pytest.raises(TooManySymbols, match="4 of 5 observations"):
        live(symbol_world(Toy([0, 1, 1, 2, 3]), most_symbols=3), [0] * 4)


@pytest.mark.parametrize("action", [-1, 4, 1.0, True, [1], "left"])
def test_what_is_no_action_is_refused(action):
    world = symbol_world("FrozenLake-v1")
    world.reset()
    with pytest.raises(BadCommand, match=r"FrozenLake-v1: command .* takes a whole number from 0 to 3"):
        world.step(action)


def test_other_slips_are_named():
    world = symbol_world("FrozenLake-v1")
    for does in (world.step, world.act):
        with pytest.raises(WorldError, match=r"call reset\(\) before"):
            does(0)
    with pytest.raises(ValueError, match="seed = -1 must be a whole number of at least 0"):
        symbol_world("FrozenLake-v1", seed=-1)
    with pytest.raises(ValueError, match="most_symbols = 0 must be a whole number of at least 1"):
        symbol_world("FrozenLake-v1", most_symbols=0)
    world.close()


def test_a_missing_package_of_worlds_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "minigrid", None)
    with pytest.raises(UnusableWorld, match=r"needs minigrid.*pip install 'reafference\[worlds\]'"):
        symbol_world("MiniGrid-Nowhere-v0")


# --- MiniGrid ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def minigrid():
    reason = "MiniGrid's worlds need the extra: pip install 'reafference[worlds]'"
    return pytest.importorskip("minigrid", reason=reason)


def ahead(environment):
    """What lies before a body of MiniGrid, from the grid itself: object, colour, state."""
    world = environment.unwrapped
    cell = world.grid.get(*world.front_pos)
    return (1, 0, 0) if cell is None else tuple(int(part) for part in cell.encode())


@pytest.mark.parametrize("name", ["MiniGrid-FourRooms-v0", "MiniGrid-MemoryS7-v0"])
def test_a_body_in_minigrid_turns_and_sees_what_is_right_before_it(minigrid, name):
    world, raw = symbol_world(name, seed=4), gymnasium.make(name, max_steps=10_000)
    assert (world.name, world.actions) == (name, 3)
    raw.reset(seed=4)
    seen = [ahead(raw)]
    symbols = [world.reset()]
    for action in np.random.default_rng(2).choice(3, 600, p=[0.2, 0.2, 0.6]).tolist():
        _, _, terminated, *_ = raw.step(action)
        if terminated:
            raw.reset(seed=4)
        seen.append(ahead(raw))
        symbols.append(world.step(action))
    assert [world.met[symbol] for symbol in symbols] == seen
    assert len(world.met) > 2


def test_a_room_of_minigrid_is_the_same_after_a_restart_and_another_in_the_next_episode(minigrid):
    # In an empty room of 5 x 5 the goal is found now and then; where it lies is drawn by MiniGrid at every reset.
    def starts(world):
        moments = [world.act(action) for action in np.random.default_rng(3).integers(0, 3, 1500).tolist()]
        return {world.met[moment.restart] for moment in moments if moment.restart is not None}, moments

    same = symbol_world("MiniGrid-Empty-Random-5x5-v0", seed=1)
    first = same.met[:1] if same.reset() else same.met
    found, moments = starts(same)
    assert found == set(first)
    assert sum(moment.terminated for moment in moments) > 5
    assert not any(moment.truncated for moment in moments)
    drawn = episodic_world("MiniGrid-Empty-Random-5x5-v0", seed=1)
    drawn.reset()
    found, moments = starts(drawn)
    assert len(found) > 1
    assert any(moment.truncated for moment in moments)


def test_a_body_in_minigrid_goes_on_after_a_copy(minigrid):
    world = symbol_world("MiniGrid-FourRooms-v0", seed=6)
    live(world, [action % 3 for action in ACTIONS[:50]])
    other = pickle.loads(pickle.dumps(world))
    rest = [action % 3 for action in ACTIONS[50:]]
    assert [other.step(action) for action in rest] == [world.step(action) for action in rest]


def test_only_worlds_of_minigrid_are_looked_into(minigrid):
    from reafference.brain.worlds import FrontView

    with pytest.raises(TypeError, match="not into FrozenLakeEnv"):
        FrontView(corridor())
    with pytest.raises(UnknownWorld, match="Did you mean MiniGrid-FourRooms-v0"):
        symbol_world("MiniGrid-FourRoom-v0")
