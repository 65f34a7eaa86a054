"""A mapping life: what it leaves, that an interrupted one goes on as if nothing had happened, and clear mistakes."""

import json
import sys
import tokenize
import zlib
from dataclasses import replace

import numpy as np
import pytest

from reafference.brain.maps.agent import MappingAgent
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.life import BRAIN, LIVED, SAID, CannotGoOn, MappingLife, MapPlan
from reafference.brain.maps.new_agent import newborn
from reafference.brain.maps.record import BrokenRecord, Record, Recorder
from reafference.brain.maps.snapshot import KnownPlace, Motif, Phase, Snapshot
from reafference.cli import main

SEED = 20_003
PLAN = MapPlan(actions=120, seed=SEED, radius=9)
BORN = newborn(48, Hypotheses)  # of cells: test_spiking_life.py


def interrupted_at(actions):
    """Progress that ends a life after so many actions."""
    told = []

    def progress(done, what):
        if what.startswith("mapping"):
            told.append(done)
            if len(told) == actions:
                raise KeyboardInterrupt

    return progress


@pytest.fixture(scope="module")
def whole():
    return MappingLife(PLAN, BORN).live()


@pytest.fixture
def broken(tmp_path):
    """The folder of a life that was interrupted after 70 actions."""
    life = MappingLife(PLAN, BORN, interrupted_at(70)).live()
    assert not life.complete and life.whole and life.record.actions == 70
    life.save(tmp_path)
    return tmp_path


def same(one, other):
    for name in ("first", "action", "symbol", "surprise", "effective", "clones", "spikes", "events", "pose", "time"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert len(one.frames) == len(other.frames) and one.stride == other.stride
    for a, b in zip(one.frames, other.frames, strict=True):
        assert (a.at, a.place, a.places, a.motifs) == (b.at, b.place, b.places, b.motifs)
        np.testing.assert_array_equal(a.strengths, b.strengths)


def test_a_life_leaves_its_measures(whole):
    said = whole.summary
    assert whole.complete and said["actions"] == 120 == len(whole.record.frames) and said["symbols_met"] == 4
    assert (
        0 <= said["accuracy_of_most_frequent"] < 0.6 < said["accuracy"] <= 1
        and said["babbled_actions"] <= 2000
        and said["places"] > 5
    )
    assert said["cpu_ms_per_action"] > 0 and said["effective_charts"] <= 48 and said["noticed_at"] is None
    assert whole.room is not None and whole.room.rows == 6
    assert whole.record.surprise[-1] < 0.8 * whole.record.surprise.max()


def test_time_cells_are_driven_by_actions(whole):
    active = whole.record.time
    assert active.shape == (120, 64) and active[:5].any() and active[-1].sum() >= 3
    centre = np.array([(active[:, k] @ np.arange(120)) / max(1, active[:, k].sum()) for k in range(8)])
    assert np.all(np.diff(centre[active[:, :8].any(axis=0)]) > 0)  # the fastest chain, stage after stage


def test_an_interrupted_life_goes_on_as_one_that_was_not(whole, broken):
    life = MappingLife.resumed(broken, BORN).live()
    assert life.complete
    same(life.record, whole.record)
    timed = ("cpu_ms_per_action", "cpu_seconds", "wall_seconds")
    assert {k: v for k, v in life.summary.items() if k not in timed} == {
        k: v for k, v in whole.summary.items() if k not in timed
    }


def test_a_life_can_be_made_longer(broken):
    life = MappingLife.resumed(broken, BORN, actions=75).live()
    assert life.complete and life.record.actions == 75 == life.summary["planned_actions"]
    with pytest.raises(CannotGoOn, match="70 actions already"):
        MappingLife.resumed(broken, BORN, actions=60)


@pytest.mark.parametrize(
    ("name", "kind"), [(BRAIN, CannotGoOn), (LIVED, BrokenRecord), (SAID, CannotGoOn)], ids=[BRAIN, LIVED, SAID]
)
def test_damaged_files_are_named(broken, name, kind):
    whole = (broken / name).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"nonsense", b""):
        (broken / name).write_bytes(damaged)
        with pytest.raises(kind, match=name):
            MappingLife.resumed(broken, BORN)


@pytest.mark.parametrize("flipped", [zlib.error("x"), tokenize.TokenError("x"), NotImplementedError("x")])
def test_whatever_a_flipped_bit_raises_is_a_broken_record(broken, flipped, monkeypatch):
    def load(*_, **__):
        raise flipped

    monkeypatch.setattr(np, "load", load)
    with pytest.raises(BrokenRecord, match=LIVED):
        Record.load(broken / LIVED)


def test_missing_and_changed_files_are_named(broken):
    said = json.loads((broken / SAID).read_text())
    (broken / SAID).write_text(json.dumps({**said, "radius": 8}))
    with pytest.raises(CannotGoOn, match=r"sheet of 181 cells, and radius 8 makes 145"):
        MappingLife.resumed(broken, BORN)
    (broken / LIVED).unlink()
    with pytest.raises(CannotGoOn, match=f"has no {LIVED}, the record of the life; bring it back"):
        MappingLife.resumed(broken, BORN)


def test_a_life_that_ended_before_its_first_action_is_kept(tmp_path):
    nothing = Recorder(1, -1, stages=64).record()
    nothing.save(tmp_path / LIVED)
    same(Record.load(tmp_path / LIVED), nothing)


def test_files_of_different_moments_are_noticed(broken, whole):
    whole.agent.save(broken / BRAIN)
    with pytest.raises(CannotGoOn, match="120 actions and the record has 70"):
        MappingLife.resumed(broken, BORN)


def test_another_world_is_noticed(broken):
    record = Record.load(broken / LIVED)
    symbol = record.symbol.copy()
    symbol[33] = (symbol[33] + 1) % 4
    replace(record, symbol=symbol).save(broken / LIVED)
    with pytest.raises(CannotGoOn, match="action 33"):
        MappingLife.resumed(broken, BORN)
    replace(record, action=record.action + 3).save(broken / LIVED)
    with pytest.raises(CannotGoOn, match=r"cannot repeat action \d+ of the saved life"):
        MappingLife.resumed(broken, BORN)


def snapshot(actions, rng):
    places = tuple(KnownPlace(int(k), int(rng.integers(4)), 0.5, (0.25, 0.75)) for k in range(int(rng.integers(4))))
    motifs = (Motif((0, 1), (2, -1), 0.5),) * int(rng.integers(3))
    return Snapshot(actions, Phase.CHARTS, 1, 2, 0.5, np.array([0.75, 0.25]), 3, places, motifs, None, 7)


def test_a_record_keeps_few_frames_and_survives_its_file(tmp_path):
    def recorded(between):
        rng, recorder = np.random.default_rng(5), Recorder(0, -1, stages=11, most_frames=10)
        for n in range(1, 60):
            recorder.add(snapshot(n, rng), n, rng.random(11) < 0.5)
            if n == between:
                recorder.record().save(tmp_path / "life.npz")
                recorder = Recorder.of(Record.load(tmp_path / "life.npz"), most_frames=10)
        return recorder.record()

    record = recorded(0)
    assert record.actions == 59 and record.stride == 8 and [f.at for f in record.frames] == list(range(8, 57, 8))
    assert np.isnan(record.spikes).all() and (record.events == 7).all()
    np.testing.assert_allclose(record.effective, 1 / (0.75**2 + 0.25**2))
    same(recorded(37), record)


def ask(capsys, monkeypatch, *arguments):
    """Run the command here; its exit status and all that it said, on one line."""
    monkeypatch.setattr(sys, "argv", ["reafference", "map", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return ended.value.code, " ".join((said.out + said.err).split())


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["Pendulum-v1"], ["Pendulum-v1", "action is a Box", "ActionWrapper"]),
        (["MountainCar-v0"], ["MountainCar-v0", "hardly ever come back", "ObservationWrapper"]),
        (["FrozenLak-v1"], ["FrozenLak-v1", "FrozenLake-v1"]),
        (["--charts", "0"], ["--charts = 0", "1 to"]),
        (["--actions", "-3"], ["--actions = -3"]),
        (["--seed", "-1"], ["--seed = -1"]),
        ([""], ["WORLD is empty", "FrozenLake-v1"]),
        (["--radius", "5"], ["--radius = 5", "8 to 200", "14 is usual"]),
        (["--symbols", "0"], ["--symbols = 0", "1 to"]),
        (["--radius", "8", "--symbols", "200"], ["200 symbols", "145 cells", "larger radius (--radius)"]),
        (["--resume"], ["no life to go on with"]),
        (["--resume", "--charts", "9"], ["--charts cannot be given"]),
    ],
)
def test_mistakes_are_one_line_and_a_status(arguments, parts, capsys, monkeypatch, tmp_path):
    status, said = ask(capsys, monkeypatch, *arguments, "--out", tmp_path / "map")
    assert status == 1
    assert [part for part in parts if part not in said] == []
    assert not (tmp_path / "map").exists()


def test_a_folder_that_is_a_file_is_refused(capsys, monkeypatch, tmp_path):
    (tmp_path / "map").write_text("here")
    status, said = ask(capsys, monkeypatch, "--out", tmp_path / "map")
    assert status == 1 and "cannot be written" in said


def test_a_world_that_never_repeats_ends_a_life_that_is_kept(capsys, monkeypatch, tmp_path):
    status, said = ask(
        capsys,
        monkeypatch,
        "never_repeats:NeverRepeats-v0",
        "--symbols",
        12,
        "--charts",
        8,
        "--arrays",
        "--out",
        tmp_path,
    )
    assert status == 1 and "more than 12 different observations after 11 actions" in said
    assert "--resume --symbols 24" in said and "ObservationWrapper" in said
    assert json.loads((tmp_path / SAID).read_text())["actions"] == 11
    assert (tmp_path / "map.html").exists()
    status, said = ask(capsys, monkeypatch, "--resume", "--symbols", 24, "--out", tmp_path)
    assert status == 1 and "more than 24 different observations after 23 actions" in said
    record = Record.load(tmp_path / LIVED)
    assert record.symbol.tolist() == list(range(1, 24))
    status, said = ask(capsys, monkeypatch, "--resume", "--symbols", 23, "--out", tmp_path)
    assert status == 1 and "23 symbols are outside 24" in said


def test_a_life_with_more_symbols_goes_on_exactly(tmp_path):
    plan = MapPlan(world="never_repeats:NeverRepeats-v0", actions=30, seed=SEED, radius=8, symbols=12)
    ended = MappingLife(plan, BORN).live()
    assert not ended.complete and ended.whole
    ended.save(tmp_path)
    straight = MappingLife.resumed(tmp_path, BORN, symbols=40).live()
    MappingLife.resumed(tmp_path, BORN, symbols=40, actions=20).live().save(tmp_path)
    again = MappingLife.resumed(tmp_path, BORN, actions=30).live()
    assert straight.record.actions == 30
    same(again.record, straight.record)


def test_ctrl_c_in_the_walk_that_scores_keeps_the_life(whole, tmp_path):
    def progress(_, what):
        if what.startswith("a walk"):
            raise KeyboardInterrupt

    life = MappingLife(PLAN, BORN, progress).live()
    assert not life.complete and life.whole and life.record.actions == 120 and "--resume" in life.notes[0]
    life.save(tmp_path)
    assert MappingLife.resumed(tmp_path, BORN).live().summary["accuracy"] == whole.summary["accuracy"]


def test_results_introduce_themselves(whole, broken):
    said = repr(whole)
    assert said.startswith(f"Map of reafference/AliasedRoom-v0, seed {SEED}: 120 of 120 actions lived\n")
    assert f"{whole.summary['places']} places, 4 symbols met" in said and "the most frequent one" in said
    agent = MappingAgent.restore(broken / BRAIN)
    assert repr(agent).startswith(f"MappingAgent after 70 actions, seed {SEED}: 48 charts of 181 cells")
    now = replace(agent.snapshot(), action=None)
    assert repr(now).startswith("After 70 actions, by charts: nothing done yet; surprise ")
    assert "places and 48 charts" in repr(now) and "\n" not in repr(now)


def test_the_command_maps_and_goes_on_and_keeps_what_is_there(capsys, monkeypatch, tmp_path):
    out = tmp_path / "map"
    monkeypatch.setattr(sys, "argv", ["reafference", "map", "--actions", "20", "--charts", "8", "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0 and "places in the map" in capsys.readouterr().out
    status, said = ask(capsys, monkeypatch, "--out", out)
    assert status == 1 and "holds a life already" in said
    status, said = ask(capsys, monkeypatch, "--resume", "--actions", 30, "--out", out)
    assert status == 0 and json.loads((out / SAID).read_text())["actions"] == 30
    (out / BRAIN).write_bytes(b"nonsense")
    status, said = ask(capsys, monkeypatch, "--resume", "--actions", 40, "--out", out)
    assert status == 1 and BRAIN in said and "no whole brain" in said
