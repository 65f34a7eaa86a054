"""A whole life: its measures, its twins, what is saved, and what happens when it is interrupted."""

import json
from dataclasses import replace

import gymnasium
import numpy as np
import pytest

import reafference as ra
from reafference.brain.brain import BrainPlan, smaller
from reafference.brain.live import LifeEnded
from reafference.brain.protocol import LEARN, OTHERS, PUSHES, QUIET, REPLAY, Protocol, schedule
from reafference.brain.stream import Organs

SHORT = Protocol(
    infancy=6.0, learn=30.0, quiet=15.0, lesion=8.0, sizes=(0.3, 1.5), repeats=6, replay=12.0, inversion=12.0, back=12.0
)
PLAN = smaller(BrainPlan(maturity=10.0), 500)
KEYS = {
    "world",
    "seed",
    "seconds",
    "cancelled_own",
    "cancelled_yoked",
    "cancelled_cut",
    "cancelled_frozen",
    "command_cancelled_own",
    "command_cancelled_yoked",
    "push_dprime_own",
    "push_dprime_cut",
    "push_dprime_frozen",
    "agency_dprime_own",
    "agency_dprime_yoked",
    "half_spikes_share",
    "error_rate_at_rest_hz",
    "spikes_per_second",
    "synaptic_events_per_second",
    "wall_per_simulated_second",
}


@pytest.fixture(scope="module")
def life():
    return ra.live("Pendulum-v1", seed=12, protocol=SHORT, plan=PLAN)


def test_a_short_life_has_every_measure(life):
    assert set(life.summary) >= KEYS
    assert life.complete and life.senses == ("cos angle", "sin angle", "angular velocity")
    assert life.summary["seconds"] == pytest.approx(life.phases[-1].end)
    assert life.summary["wall_per_simulated_second"] > 0.0


def test_the_own_brain_does_what_its_twins_cannot(life):
    said = life.summary
    velocity = {twin: said[f"cancelled_{twin}"]["angular velocity"] for twin in ("own", "yoked", "cut", "frozen")}
    assert velocity["own"] > velocity["cut"] + 0.03 and velocity["own"] > velocity["yoked"] + 0.03
    assert velocity["frozen"] == 0.0
    assert said["command_cancelled_own"] > 0.4 > 0.2 > said["command_cancelled_yoked"]
    assert said["push_dprime_own"] > max(2 * said["push_dprime_cut"], 1.0)
    assert said["agency_dprime_own"] > 0.8 and abs(said["agency_dprime_yoked"]) < 0.6
    assert 0.08 < said["half_spikes_share"] < 0.22


def test_losing_the_busiest_cells_hurts_more_than_losing_others(life):
    whole, hubs, others = (
        np.mean(list(life.summary[key].values()))
        for key in ("cancelled_own", "cancelled_without_hubs", "cancelled_without_others")
    )
    assert 1 - hubs > 1.5 * (1 - others)
    assert others > whole - 0.15


def test_what_is_drawn_agrees_with_what_was_measured(life):
    assert life.rates.size == 500 and life.raster.time.size == life.recording.time.size > 1000
    assert life.sensation.sensed.shape == life.sensation.predicted.shape
    assert life.sensation.pushed.sum() == 2 * len(SHORT.sizes) * SHORT.repeats
    assert life.pushes.dprime["own"][-1] == life.summary["push_dprime_own"]
    assert set(life.course.error) == {"own", "yoked", "cut", "frozen"}
    np.testing.assert_allclose(life.course.error["frozen"], 1.0)
    quiet = next(phase for phase in life.phases if phase.name == QUIET)
    tested = (life.course.time > quiet.start) & (life.course.time < quiet.end)
    assert life.course.error["own"][tested].mean() < 0.5 * life.course.error["own"][0]


def test_a_life_is_saved_and_its_spikes_can_be_read_again(life, tmp_path):
    life.save(tmp_path / "new" / "folder")
    said = json.loads((tmp_path / "new" / "folder" / "life.json").read_text())
    assert set(said) >= KEYS and None not in said.values()
    spikes = ra.Recording.load(tmp_path / "new" / "folder" / "spikes.npz")
    assert spikes.counts("efference").sum() == life.recording.counts("efference").sum() > 0
    assert "Pendulum-v1" in repr(life) and "cancelled" in repr(life)


def test_the_same_seed_lives_the_same_life(life):
    """The own brain, up to its quiet test; the twins are left out to save time."""

    class Enough(Exception):
        pass

    def progress(done, text):
        if text.endswith(PUSHES):
            raise KeyboardInterrupt

    again = ra.live("Pendulum-v1", seed=12, protocol=SHORT, plan=PLAN, progress=progress)
    assert again.summary["cancelled_own"] == life.summary["cancelled_own"]
    assert again.summary["half_spikes_share"] == life.summary["half_spikes_share"]


def test_an_interrupted_life_keeps_what_was_lived(tmp_path):
    class Stopping(gymnasium.Wrapper):
        steps = 0

        def step(self, action):
            self.steps += 1
            if self.steps == 300:
                raise KeyboardInterrupt
            return self.env.step(action)

    life = ra.live(Stopping(gymnasium.make("Pendulum-v1")), seed=1, protocol=SHORT, plan=PLAN)
    assert not life.complete and life.summary["seconds"] == pytest.approx(299 * 0.05)
    assert "cancelled_own" not in life.summary and "push_dprime_own" not in life.summary
    assert any("Interrupted" in note for note in life.notes)
    life.save(tmp_path)
    assert json.loads((tmp_path / "life.json").read_text())["complete"] is False
    assert ra.write_page(life, tmp_path / "life.html").stat().st_size > 1000


def test_a_body_that_cannot_be_pushed_and_falls_over_again_and_again():
    brief = replace(SHORT, infancy=3.0, learn=8.0, quiet=8.0, lesion=5.0, replay=6.0)
    life = ra.live("CartPole-v1", seed=2, protocol=brief, plan=smaller(PLAN, 200))
    assert life.complete and life.pushes is None and "push_dprime_own" not in life.summary
    assert any("hand" in note for note in life.notes)
    assert len(life.summary["cancelled_own"]) == 4


def test_observations_that_are_no_numbers_end_the_life_with_a_reason():
    class Broken(gymnasium.Wrapper):
        steps = 0

        def step(self, action):
            self.steps += 1
            observation, *rest = self.env.step(action)
            return (observation * np.nan if self.steps == 30 else observation, *rest)

    with pytest.raises(LifeEnded, match=r"cos angle.*nan") as ended:
        ra.live(Broken(gymnasium.make("Pendulum-v1")), seed=1, protocol=SHORT, plan=smaller(PLAN, 100))
    assert ended.value.life.summary["seconds"] == pytest.approx(29 * 0.05) and not ended.value.life.complete


def test_a_body_that_feels_nothing_still_has_a_life(tmp_path):
    class Numb(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1.0, 1.0, (2,))
        action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,))

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return np.zeros(2, np.float32), {}

        def step(self, action):
            return np.zeros(2, np.float32), 0.0, False, False, {}

    brief = replace(SHORT, infancy=3.0, learn=6.0, quiet=8.0, lesion=5.0, replay=6.0)
    life = ra.live(Numb(), seed=2, protocol=brief, plan=smaller(PLAN, 100))
    assert life.complete and life.summary["cancelled_own"] == {}
    assert any("nothing to predict" in note for note in life.notes)
    life.save(tmp_path)
    assert ra.write_page(life, tmp_path / "life.html").stat().st_size > 1000


def test_organs_take_the_range_that_the_world_states_or_else_what_was_felt():
    organs = Organs(np.array([-1.0, -np.inf]), np.array([1.0, np.inf]))
    values = np.array([[0.5, 10.0], [0.0, 30.0], [-0.5, 20.0]])
    for k, value in enumerate(values):
        organs.adapt(value, value - values[k - 1] if k else None)
    np.testing.assert_allclose(organs.state(np.array([0.5, 30.0])), [0.5, 1.0])
    np.testing.assert_allclose(organs.state(np.array([9.0, 20.0])), [1.0, 0.0])
    np.testing.assert_allclose(organs.change(np.array([0.5, 10.0])), [1.0, 10 / np.sqrt((400 + 100) / 2)])
    still = Organs(np.array([-np.inf]), np.array([np.inf]))
    still.adapt(np.array([3.0]), None)
    still.adapt(np.array([3.0]), np.array([0.0]))
    assert still.state(np.array([3.0]))[0] == 0.0 and still.change(np.array([0.0]))[0] == 0.0


def test_a_schedule_holds_every_push_and_leaves_time_around_it():
    plan = schedule(Protocol(), frame=0.05, seed=1, can_push=True)
    assert plan.frames == plan.end["body restored"] and plan.first[LEARN] == 200
    sizes = [push.size for push in plan.pushes]
    assert all(sizes.count(size) == Protocol().repeats for size in Protocol().sizes)
    starts = np.array([push.frame for push in plan.pushes])
    assert (np.diff(starts) >= 20).all() and plan.push_frames == 2
    assert plan.first[PUSHES] < starts[0] and starts[-1] + 10 <= plan.end[PUSHES]
    assert np.count_nonzero(plan.force) == 2 * starts.size
    bare = schedule(Protocol(), frame=0.05, seed=1, can_push=False)
    assert PUSHES not in bare.first and bare.first[REPLAY] == bare.end[OTHERS]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"seconds": -3.0}, "seconds = -3"),
        ({"seconds": float("nan")}, "NaN"),
        ({"seed": -1}, "seed = -1"),
        ({"protocol": "long"}, "Protocol"),
    ],
)
def test_a_life_that_cannot_be_meant_is_refused(arguments, said):
    with pytest.raises((ValueError, TypeError), match=said):
        ra.live("Pendulum-v1", **arguments)


def test_a_protocol_that_replays_more_than_was_lived_is_refused():
    with pytest.raises(ValueError, match="replay"):
        Protocol(quiet=20.0, replay=30.0)
