"""Worlds against the raw environments that they hold."""

import doctest
import sys
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

import reafference.brain.worlds.opening as opening
import reafference.brain.worlds.world as world_module
from reafference.brain.worlds import (
    BadCommand,
    BadSensation,
    NoHand,
    NoSnapshot,
    PushablePendulum,
    UnknownWorld,
    UnusableWorld,
    Whisker,
    WorldError,
    open_world,
)

COMMANDS = np.random.default_rng(1).uniform(-1, 1, (300, 1))


class Toy(gymnasium.Env):
    """An environment with any spaces that hands out what it is told to."""

    def __init__(self, *, action=None, observation=None, gives=None, dt=None):
        self.action_space = spaces.Box(-1, 1, (1,)) if action is None else action
        self.observation_space = spaces.Box(-1, 1, (2,)) if observation is None else observation
        self.gives = [np.zeros(2)] if gives is None else gives
        self.did = []
        if dt is not None:
            self.dt = dt

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.gives[0], {}

    def step(self, action):
        self.did.append(action)
        return self.gives[len(self.did) % len(self.gives)], 0.0, False, False, {}


def live(world, commands, *, push=0.0):
    sensations = [world.reset()]
    for command in commands:
        if push:
            world.push(push)
        sensations.append(world.step(command)[0])
    return np.array(sensations)


def raw_pendulum(torques, *, seed):
    env = gymnasium.make("Pendulum-v1", max_episode_steps=-1)
    observations = [env.reset(seed=seed)[0]]
    for torque in torques:
        observations.append(env.step(np.asarray(torque, dtype=np.float32))[0])
    return np.array(observations)


# --- pendulum ---------------------------------------------------------------------------------------------------------


def test_an_unpushed_pendulum_is_gymnasiums_to_the_bit():
    world = open_world("Pendulum-v1", seed=5)
    assert world.senses == ("cos angle", "sin angle", "angular velocity")
    assert (world.frame, world.frame_assumed, world.action, world.actions) == (0.05, False, "box", 1)
    assert world.can_push
    ours = live(world, COMMANDS)
    assert ours.dtype == np.float64
    np.testing.assert_array_equal(ours, raw_pendulum(2 * COMMANDS, seed=5))


def test_the_same_seed_gives_the_same_life_and_another_seed_another():
    lives = [live(open_world("Pendulum-v1", seed=seed), COMMANDS[:20]) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(lives[0], lives[1])
    assert not np.allclose(lives[0], lives[2])


def test_an_inverted_pendulum_does_the_negative_of_its_command_until_restored():
    world = open_world("Pendulum-v1", seed=5)
    world.invert()
    assert world.gain == -1
    ours = live(world, COMMANDS[:100])
    np.testing.assert_array_equal(ours, raw_pendulum(-2 * COMMANDS[:100], seed=5))
    world.restore()
    assert world.gain == 1
    fresh = open_world("Pendulum-v1", seed=5)
    fresh.invert()
    live(fresh, COMMANDS[:100])
    fresh.invert()
    np.testing.assert_array_equal(world.peek([0.7]), fresh.peek([-0.7]))


@pytest.mark.parametrize("force", [-0.5, 0.25])
def test_a_push_is_as_much_torque_as_far_as_the_motor_could_have_done_it(force):
    commands = COMMANDS[:200] * (1 - abs(force))
    ours = live(open_world("Pendulum-v1", seed=6), commands, push=force)
    np.testing.assert_allclose(ours, raw_pendulum(2 * commands + 2 * force, seed=6), atol=2e-4)


@pytest.mark.parametrize("force", [-3.0, 1.5, 40.0])
@pytest.mark.parametrize("gain", [1, -1])
def test_a_push_beyond_the_motor_follows_the_equations_and_the_speed_limit(force, gain):
    env = gymnasium.make("Pendulum-v1")
    world = open_world(env, seed=7)
    if gain < 0:
        world.invert()
    world.reset()
    limited = 0
    for command in COMMANDS[:100, 0]:
        angle, speed = env.unwrapped.state
        world.push(force)
        sensation, _ = world.step([command])
        torque = gain * 2.0 * command + 2.0 * force
        expected = speed + (1.5 * 10.0 * np.sin(angle) + 3.0 * torque) * 0.05
        limited += abs(expected) > 8
        expected = np.clip(expected, -8, 8)
        angle += expected * 0.05
        np.testing.assert_allclose(sensation, [np.cos(angle), np.sin(angle), expected], rtol=1e-5, atol=1e-6)
    assert limited > 0 or abs(force) < 2


def test_a_push_lasts_one_step_and_the_last_word_counts():
    env = gymnasium.make("Pendulum-v1")
    pushed, calm = open_world(env, seed=8), open_world("Pendulum-v1", seed=8)
    pushed.reset(), calm.reset()
    pushed.push(5.0)
    pushed.push(0.0)
    np.testing.assert_array_equal(pushed.step([0.1])[0], calm.step([0.1])[0])
    pushed.push(1.0)
    assert not np.allclose(pushed.step([0.1])[0], calm.step([0.1])[0])
    angle, speed = env.unwrapped.state
    assert pushed.step([0.0])[0][2] == pytest.approx(speed + 15 * np.sin(angle) * 0.05, abs=1e-6)


def test_a_push_is_forgotten_at_reset():
    pushed, calm = open_world("Pendulum-v1", seed=8), open_world("Pendulum-v1", seed=8)
    pushed.push(2.0)
    pushed.reset(), calm.reset()
    np.testing.assert_array_equal(pushed.step([0.1])[0], calm.step([0.1])[0])


def test_a_hand_reaches_through_wrappers_that_change_the_action():
    env = gymnasium.wrappers.RescaleAction(gymnasium.make("Pendulum-v1"), np.float32(-1), np.float32(1))
    through = live(open_world(env, seed=9), COMMANDS[:50], push=1.5)
    np.testing.assert_allclose(through, live(open_world("Pendulum-v1", seed=9), COMMANDS[:50], push=1.5), atol=1e-4)


# --- snapshots --------------------------------------------------------------------------------------------------------


def stacked_pendulum():
    return gymnasium.wrappers.FrameStackObservation(gymnasium.make("Pendulum-v1"), 2)


@pytest.mark.parametrize(
    "make",
    [lambda: "Pendulum-v1", lambda: "MountainCarContinuous-v0", Whisker, stacked_pendulum],
    ids=["pendulum", "copied", "whisker", "stacked"],
)
def test_a_world_goes_back_to_its_snapshot_as_often_as_wanted(make):
    world = open_world(make(), seed=10)
    live(world, COMMANDS[:7])
    if world.can_push:
        world.push(0.5)
    there = world.snapshot()
    first = [world.step(command)[0] for command in COMMANDS[7:30]]
    world.reset()
    world.invert()
    for _ in range(2):
        world.restore_snapshot(there)
        assert world.gain == 1
        np.testing.assert_array_equal([world.step(command)[0] for command in COMMANDS[7:30]], first)
    after = world.reset()
    world.restore_snapshot(there)
    assert not np.array_equal(world.step(COMMANDS[7])[0], after)


def test_restarts_after_a_snapshot_draw_the_same_starts_again():
    world = open_world("Pendulum-v1", seed=11)
    world.reset()
    there = world.snapshot()
    start = world.reset()
    assert not np.array_equal(world.reset(), start)
    world.restore_snapshot(there)
    np.testing.assert_array_equal(world.reset(), start)


def test_peeking_changes_nothing_and_feels_the_pending_push():
    watched, free = open_world("Pendulum-v1", seed=12), open_world("Pendulum-v1", seed=12)
    watched.reset(), free.reset()
    for command in COMMANDS[:50]:
        watched.push(0.5), free.push(0.5)
        at_rest = watched.peek([0.0])
        ours, theirs = watched.step(command)[0], free.step(command)[0]
        np.testing.assert_array_equal(ours, theirs)
        # The command alone makes the difference: 3 u dt in the angular velocity, push and gravity being the same.
        if abs(ours[2]) < 7.9 and abs(at_rest[2]) < 7.9:
            assert ours[2] - at_rest[2] == pytest.approx(3 * 2 * command[0] * 0.05, abs=1e-5)


def test_a_bad_command_leaves_a_peeked_world_untouched():
    world = open_world("Pendulum-v1", seed=12)
    world.reset()
    expected = world.peek([0.3])
    with pytest.raises(BadCommand):
        world.peek([3.0])
    np.testing.assert_array_equal(world.step([0.3])[0], expected)


def test_what_cannot_be_copied_says_so():
    class Pickled(Toy, gymnasium.utils.EzPickle):
        def __init__(self):
            Toy.__init__(self)
            gymnasium.utils.EzPickle.__init__(self)

    locked = Toy()
    locked.lock = sys.modules  # modules cannot be copied
    for env, says in ((Pickled(), "a new one in its first state"), (locked, "deepcopy says")):
        world = open_world(env)
        world.reset()
        with pytest.raises(NoSnapshot, match=says):
            world.snapshot()
    with pytest.raises(WorldError, match="the snapshot is of Pendulum-v1"):
        world.restore_snapshot(open_world("Pendulum-v1").snapshot())


# --- discrete worlds and restarts -------------------------------------------------------------------------------------


def test_a_discrete_world_lives_on_when_an_episode_ends():
    world = open_world("CartPole-v1", seed=13)
    assert (world.action, world.actions, world.can_push) == ("discrete", 2, False)
    assert (world.frame, world.frame_assumed) == (0.05, True)
    assert world.senses == ("sense 0", "sense 1", "sense 2", "sense 3")
    world.reset()
    raw = gymnasium.make("CartPole-v1")
    raw.reset(seed=13)
    restarts = 0
    for _ in range(60):
        sensation, restarted = world.step(1)
        observation, _, terminated, *_ = raw.step(1)
        if terminated:
            observation, _ = raw.reset()
        assert restarted == terminated
        np.testing.assert_array_equal(sensation, observation)
        restarts += restarted
    assert restarts >= 4


def test_there_is_no_time_limit_neither_for_names_nor_inside_wrappers():
    inside = gymnasium.wrappers.RescaleAction(gymnasium.make("Pendulum-v1"), np.float32(-1), np.float32(1))
    twice = gymnasium.wrappers.TimeLimit(gymnasium.make("Pendulum-v1"), 5)
    for world in map(open_world, ("Pendulum-v1", gymnasium.make("Pendulum-v1"), inside, twice)):
        world.reset()
        assert not any(world.step([0.0])[1] for _ in range(250))


@pytest.mark.parametrize("gain", [1, -1])
def test_an_inverted_discrete_world_counts_its_choices_backwards(gain):
    world = open_world("MountainCar-v0", seed=14)
    raw = gymnasium.make("MountainCar-v0", max_episode_steps=-1)
    if gain < 0:
        world.invert()
    ours, theirs = [world.reset()], [raw.reset(seed=14)[0]]
    for choice in np.random.default_rng(2).integers(0, 3, 50):
        ours.append(world.step(choice)[0])
        theirs.append(raw.step(int(choice) if gain > 0 else 2 - int(choice))[0])
    np.testing.assert_array_equal(ours, theirs)


def test_choices_may_start_elsewhere_than_at_zero():
    env = Toy(action=spaces.Discrete(3, start=-1))
    world = open_world(env)
    world.reset()
    for choice in (0, 1, 2):
        world.step(choice)
    world.invert()
    world.step(0)
    assert env.did == [-1, 0, 1, 1]


def test_a_command_spans_the_bounds_of_the_action_whatever_its_shape_and_type():
    env = Toy(action=spaces.Box(np.array([[0.0, -4.0]]), np.array([[10.0, 2.0]]), dtype=np.float64))
    whole = Toy(action=spaces.Box(0, 10, (1,), dtype=np.int32))
    world, counted = open_world(env), open_world(whole)
    assert world.actions == 2
    world.reset(), counted.reset()
    for command in ([-1, -1], [1, 1], [0, 0.5]):
        world.step(command)
    np.testing.assert_allclose(env.did, [[[0, -4]], [[10, 2]], [[5, 0.5]]])
    counted.step([0.75])
    assert whole.did[0].tolist() == [9]
    assert whole.did[0].dtype == np.int32


def test_a_sensation_is_a_copy_and_flat():
    shared = np.zeros((2, 1))
    world = open_world(Toy(observation=spaces.Box(-1, 1, (2, 1)), gives=[shared]))
    sensation = world.reset()
    shared += 1
    assert sensation.tolist() == [0, 0]


# --- own worlds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        Whisker,
        lambda: gymnasium.make("reafference/Whisker-v0"),
        lambda: PushablePendulum(gymnasium.make("Pendulum-v1")),
    ],
    ids=["whisker", "registered whisker", "pushable pendulum"],
)
def test_own_worlds_pass_gymnasiums_check(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about the pendulum's own bounds and about wrappers
        check_env(make(), skip_render_check=True)


def test_whisker_follows_its_command_late_and_slowly():
    world = open_world("reafference/Whisker-v0", seed=15)
    assert (world.senses, world.frame, world.can_push) == (("deflection",), 0.01, True)
    start = world.reset()[0]
    time = 0.01 * np.arange(1, 41)
    deflection = np.array([world.step([1.0])[0][0] for _ in time])
    held = np.maximum(time - 0.03, 0)
    fading = start * np.exp(-time / 0.05)
    np.testing.assert_allclose(deflection, fading + 1 - np.exp(-held / 0.05), atol=1e-9)
    before = world.peek([1.0])
    world.push(-0.5)
    assert world.step([1.0])[0] - before == pytest.approx(-0.5 * (1 - np.exp(-0.2)))
    assert world.step([1.0])[0] > before - 0.5 * (1 - np.exp(-0.2))
    for _ in range(100):
        world.push(9.0)
        world.step([1.0])
    assert world.peek([1.0])[0] < 2


def test_ones_own_environment_brings_its_hand_and_its_names_with_it():
    class Skin(Toy):
        senses = ("left", "right")
        largest_force = 3.0

        def push(self, force):
            self.pushed = force

    env = Skin(dt=0.02)
    world = open_world(gymnasium.wrappers.TimeLimit(env, 5))
    assert repr(world) == "Skin: senses left, right; box command of 1; 0.02 s a step; can be pushed"
    world.push(-0.5)
    assert env.pushed == -0.5


# --- bad input --------------------------------------------------------------------------------------------------------


def test_an_unknown_world_names_its_neighbours():
    with pytest.raises(UnknownWorld, match=r"no world 'pendulm-v1'\. Did you mean Pendulum-v1") as caught:
        open_world("pendulm-v1")
    assert caught.value.nearest[0] == "Pendulum-v1"
    with pytest.raises(UnknownWorld, match="pprint_registry"):
        open_world("Zzyzx qq")
    with pytest.raises(UnknownWorld, match="module 'no_such_module' cannot be imported"):
        open_world("no_such_module:Thing-v0")
    with pytest.raises(TypeError, match="call the class"):
        open_world(Whisker)


def test_a_missing_extra_is_named(monkeypatch):
    def make(*args, **kwargs):
        raise gymnasium.error.DependencyNotInstalled('MuJoCo is not installed, run `pip install "gymnasium[mujoco]"`')

    monkeypatch.setattr(opening.gymnasium, "make", make)
    with pytest.raises(UnusableWorld, match=r"pip install 'reafference\[mujoco\]'"):
        open_world("Reacher-v5")


REFUSED = [
    ({"observation": spaces.Dict({"a": spaces.Box(0, 1)})}, "observation is a Dict.*FlattenObservation"),
    ({"observation": spaces.Tuple([spaces.Box(0, 1)])}, "observation is a Tuple.*FlattenObservation"),
    ({"observation": spaces.Discrete(5)}, "observation is a Discrete.*FlattenObservation"),
    ({"observation": spaces.Text(5)}, "observation is a Text.*ObservationWrapper"),
    ({"observation": spaces.Box(0, 255, (64, 64, 3), np.uint8)}, r"image of shape \(64, 64, 3\).*TransformObservation"),
    ({"observation": spaces.Box(0, 1, (65,))}, "65 senses, at most 64.*TransformObservation"),
    ({"action": spaces.MultiDiscrete([2, 2])}, "action is a MultiDiscrete.*ActionWrapper"),
    ({"action": spaces.Box(-np.inf, np.inf, (1,))}, "no finite bounds.*TransformAction"),
    ({"action": spaces.Box(1, 1, (1,))}, "nothing to choose"),
    ({"action": spaces.Discrete(1)}, "single choice"),
    ({"dt": 20}, "dt of the environment = 20 s .*did you mean 20 ms = 0.02 s"),
    ({"dt": 1e-6}, "outside 0.001 to 1 s"),
]


@pytest.mark.parametrize(("what", "says"), REFUSED, ids=range(len(REFUSED)))
def test_a_world_that_cannot_be_lived_in_says_why_and_what_to_do(what, says):
    with pytest.raises(UnusableWorld, match=f"Toy cannot be lived in: .*{says}"):
        open_world(Toy(**what))


def test_the_frame_can_be_given_and_absurd_ones_are_refused():
    assert open_world("CartPole-v1", frame=0.02).frame == 0.02
    assert not open_world("CartPole-v1", frame=0.02).frame_assumed
    assert open_world(Toy(dt=-1)).frame_assumed
    for frame in (0, -0.05, 20, float("nan")):
        with pytest.raises(UnusableWorld, match=r"outside 0\.001 to 1 s"):
            open_world("CartPole-v1", frame=frame)
    with pytest.raises(ValueError, match="seed = -1"):
        open_world("CartPole-v1", seed=-1)


@pytest.mark.parametrize("command", [[2.0], [float("nan")], [0, 0], 0.5, "left", [[0.0]], [1.001]])
def test_a_bad_box_command_is_refused(command):
    world = open_world("Pendulum-v1")
    world.reset()
    with pytest.raises(BadCommand, match=r"Pendulum-v1: command .* takes 1 number\(s\) from -1 to 1"):
        world.step(command)


@pytest.mark.parametrize("command", [-1, 3, 1.0, True, [1], "left"])
def test_a_bad_choice_is_refused(command):
    world = open_world("MountainCar-v0")
    world.reset()
    with pytest.raises(BadCommand, match=r"MountainCar-v0: command .* takes a whole number from 0 to 2"):
        world.step(command)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_sensation_that_is_no_number_is_named(value):
    gives = [np.zeros(2)] * 3 + [np.array([0, value])]
    world = open_world(Toy(gives=gives))
    world.reset()
    world.step([0.0]), world.step([0.0])
    with pytest.raises(BadSensation, match=f"Toy: sense 'sense 1' is {value} at step 3") as caught:
        world.step([0.0])
    assert (caught.value.sense, caught.value.step) == ("sense 1", 3)


def test_other_slips_are_named():
    world = open_world("CartPole-v1")
    with pytest.raises(WorldError, match=r"call reset\(\) before"):
        world.step(0)
    with pytest.raises(NoHand, match="CartPole-v1: no outside hand"):
        world.push(1.0)
    with pytest.raises(ValueError, match="force = nan"):
        open_world("Pendulum-v1").push(float("nan"))
    promised = open_world(Toy(gives=[np.zeros(3)]))
    with pytest.raises(UnusableWorld, match="promised 2 senses and gave 3 at step 0"):
        promised.reset()
    with pytest.raises(TypeError, match="not CartPoleEnv"):
        PushablePendulum(gymnasium.make("CartPole-v1"))
    world.close()


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(world_module).failed == 0


# --- reacher ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def reacher():
    pytest.importorskip("mujoco", reason="Reacher-v5 needs the extra: pip install 'reafference[mujoco]'")
    return lambda seed: open_world("Reacher-v5", seed=seed)


ARM = np.random.default_rng(3).uniform(-1, 1, (60, 2))


def test_an_unpushed_reacher_is_gymnasiums(reacher):
    world = reacher(16)
    assert (world.actions, world.frame, world.can_push, world.senses[6]) == (2, 0.02, True, "shoulder velocity")
    raw = gymnasium.make("Reacher-v5", max_episode_steps=-1)
    theirs = [raw.reset(seed=16)[0], *(raw.step(command.astype(np.float32))[0] for command in ARM)]
    np.testing.assert_array_equal(live(world, ARM), theirs)


def test_a_push_on_the_shoulder_is_as_much_torque_and_gone_after_the_step(reacher):
    commands = ARM * [0.5, 1]
    pushed = live(reacher(17), commands, push=0.5)
    np.testing.assert_allclose(pushed, live(reacher(17), commands + np.array([0.5, 0])), atol=1e-5)
    assert not np.allclose(pushed, live(reacher(17), commands))
    once, calm = reacher(17), reacher(17)
    once.reset(), calm.reset()
    once.push(3.0)
    faster = once.step([0, 0])[0][6] - calm.step([0, 0])[0][6]
    # Torque over inertia: the same push for the same time adds the same speed once more, and without it none.
    assert faster > 1
    coasting = once.step([0, 0])[0][6]
    assert coasting < faster


def test_a_reacher_goes_back_to_its_snapshot(reacher):
    world = reacher(18)
    live(world, ARM[:10])
    world.push(0.7)
    there = world.snapshot()
    first = [world.step(command)[0] for command in ARM[10:]]
    next_start = world.reset()
    world.restore_snapshot(there)
    peeked = world.peek(ARM[10])
    np.testing.assert_array_equal([world.step(command)[0] for command in ARM[10:]], first)
    np.testing.assert_array_equal(peeked, first[0])
    np.testing.assert_array_equal(world.reset(), next_start)
