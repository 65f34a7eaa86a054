"""A run that is killed goes on with the same spikes, and no damaged file goes unnoticed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_ranks import in_ranks, outcomes
from random_networks import BOTH, FEW, cases, pairs, random_case
from reafference import (
    AllToAll,
    CurrentLIF,
    DeltaLIF,
    LogNormal,
    Network,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    Watch,
    run,
)
from reafference.engine.array_file import read_arrays
from reafference.units import ms, mV, nA
from test_ranks import FROM_SPIKES, LEARNING, TIRING, WATCH


def same(one, other):
    """Whether two recordings are equal to the bit."""
    assert one.time.tobytes() == other.time.tobytes() and one.neuron.tobytes() == other.neuron.tobytes()
    assert (one.seconds, one.start, one.dt, dict(one.work)) == (other.seconds, other.start, other.dt, dict(other.work))
    assert one.sampled.tobytes() == other.sampled.tobytes()
    assert one.traces.keys() == other.traces.keys()
    for name, trace in one.traces.items():
        assert trace.value.tobytes() == other.traces[name].value.tobytes()


def disturb(simulation, moment):
    """Everything that can be done to a running network from outside."""
    simulation.inject_current("a", 0.05 * moment * nA)
    simulation.inject_spikes("train", [moment % 6, 0])
    simulation.set_rate("noise", 50.0 * moment)
    simulation.set_modulator("a -> b", 0.5 + moment)
    weights = simulation.weights("b -> b")
    if moment == 2 and np.unique(weights).size > 1:
        simulation.set_weights("b -> b", weights * 0.5)


@settings(FEW, max_examples=25)
@given(**cases, rules=st.sampled_from([LEARNING, FROM_SPIKES]), some=st.booleans(), threads=st.sampled_from([1, 2]))
def test_a_restored_simulation_goes_on_to_the_bit(tmp_path_factory, rules, some, threads, **options):
    folder = tmp_path_factory.mktemp("checkpoints")
    case = random_case(kinds=BOTH, plasticity=rules, short_term=TIRING if some else None, **options)
    options = {"watch": WATCH, "threads": threads, "record": ("a", "b", "noise") if some else None}
    one, other = case.simulation(**options), None
    for moment in range(1, 5):
        disturb(one, moment)
        if moment > 1:
            one.save(folder)
            other = case.simulation(**options)
            assert other.restore(folder)
            assert other.now == one.now
        spikes = one.advance(case.ticks // 4 * case.dt)
        if other is not None:
            assert pairs(other.advance(case.ticks // 4 * case.dt)) == pairs(spikes)
            same(other.recording(), one.recording())
            for name in "ab":
                assert other.read(name).tobytes() == one.read(name).tobytes()
            for name in (*LEARNING, "b -> b"):
                assert other.weights(name).tobytes() == one.weights(name).tobytes()


@pytest.mark.parametrize("kind", [DeltaLIF, CurrentLIF])
def test_who_was_held_when_it_was_saved_is_held_as_long(tmp_path, kind):
    """Also where the refractory time is longer than the ring of those who are held (engine/refractory.py)."""
    train = Population("train", 1, SpikeTrain(time=np.arange(1, 90) * 10 * ms, neuron=np.zeros(89, int)))
    cells = Population("cells", 1, kind(refractory=0.5))
    strong = Projection(train, cells, AllToAll(), weight=0.2, delay=1 * ms)
    network = Network(populations=[train, cells], projections=[strong])
    one, other = (Simulation(network, dt=0.02 * ms) for _ in range(2))
    first = [tick for tick, neuron in pairs(one.advance(0.1)) if neuron == 1]
    assert len(first) == 1
    one.save(tmp_path)
    assert other.restore(tmp_path)
    spikes = one.advance(0.8)
    assert pairs(other.advance(0.8)) == pairs(spikes)
    second = [tick for tick, neuron in pairs(spikes) if neuron == 1]
    assert [25_000 < tick - first[0] <= 25_500 for tick in second] == [True]


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_goes_on_where_it_was(tmp_path, ranks):
    case = random_case(5, BOTH, plasticity=LEARNING, ticks=800)

    def go(ticks, comm, **more):
        return run(case.network, ticks * case.dt, dt=case.dt, seed=case.seed, watch=WATCH, comm=comm, **more)

    whole = go(800, None)
    kept = {"checkpoint": tmp_path, "checkpoint_every": 130 * case.dt}
    in_ranks(ranks, lambda comm: go(500, comm, **kept))
    got = in_ranks(ranks, lambda comm: go(800, comm, **kept))[0]
    assert got.time.tobytes() == whole.time.tobytes() and got.neuron.tobytes() == whole.neuron.tobytes()
    for name, trace in whole.traces.items():
        assert trace.value.tobytes() == got.traces[name].value.tobytes()
    assert {name: got.work[name] for name in ("spikes", "synaptic_events")} == {
        name: whole.work[name] for name in ("spikes", "synaptic_events")
    }
    # 130, 260, 390, 500, 520, 650, 780, 800: the states of two are left, and no spike has been written twice.
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in names if name.endswith(".json")] == ["checkpoint-000007.json", "checkpoint-000008.json"]
    assert sum(name.startswith("state") for name in names) == 2 * ranks
    files = [read_arrays(path)[1] for path in sorted(tmp_path.glob("history-*"))]
    assert len(files) == 8 * ranks
    assert sum(of["tick"].size for of in files) == whole.time.size
    assert not list(tmp_path.glob("*.part"))
    finished = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    same(in_ranks(ranks, lambda comm: go(800, comm, **kept))[0], got)
    assert finished == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"is at 0\.08 s, after the end of a run of 0\.05 s; run longer"):
        in_ranks(ranks, lambda comm: go(500, comm, **kept))


KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[3:]
from reafference import run
from random_networks import BOTH, random_case
from test_ranks import LEARNING

case = random_case(6, BOTH, plasticity=LEARNING, ticks=1000)
def progress(done):
    if done >= float(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
recording = run(case.network, 1000 * case.dt, dt=case.dt, seed=case.seed, progress=progress, threads=2,
                checkpoint=sys.argv[1], checkpoint_every=90 * case.dt)
recording.save(sys.argv[1] + "/recording.npz")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_process_goes_on_with_the_same_spikes(tmp_path):
    """Killed twice, each time between two checkpoints; the third process comes to the end."""
    from reafference import Recording

    here = Path(__file__).parent
    for part, status in ((0.5, -signal.SIGKILL), (0.85, -signal.SIGKILL), (2.0, 0)):
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(part), str(here), str(here.parent / "src")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == status, done.stderr
    case = random_case(6, BOTH, plasticity=LEARNING, ticks=1000)
    whole = run(case.network, 1000 * case.dt, dt=case.dt, seed=case.seed, threads=2)
    assert whole.time.size > 100
    same(Recording.load(tmp_path / "recording.npz"), whole)


# --- what can be wrong with a checkpoint ----------------------------------------------------------------------------


def saved(folder, case, *, times=2, **more):
    simulation = case.simulation(**more)
    for _ in range(times):
        simulation.advance(20 * case.dt)
        simulation.save(folder)
    return simulation


def damage(path, how):
    raw = bytearray(path.read_bytes())
    if how == "cut short":
        raw = raw[: len(raw) // 2]
    elif how == "empty":
        raw = raw[:0]
    else:
        raw[len(raw) * 2 // 3] ^= 1
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("how", ["cut short", "damaged", "empty", "lost"])
@pytest.mark.parametrize("which", ["state-000002-rank-0000", "history-000002-rank-0000", "checkpoint-000002.json"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(tmp_path, which, how):
    case = random_case(3, BOTH)
    saved(tmp_path, case)
    if how == "lost":
        (tmp_path / which).unlink()
    else:
        damage(tmp_path / which, how)
    simulation = case.simulation()
    if which.endswith("json") and how == "lost":  # then it has never been whole
        simulation.restore(tmp_path)
    else:
        with pytest.warns(
            UserWarning, match=which.replace(".", r"\.") + r" (is|cannot be).*Going on from checkpoint 1"
        ):
            simulation.restore(tmp_path)
    assert simulation.tick == 20
    assert sorted(tmp_path.glob("*.json")) == [tmp_path / "checkpoint-000001.json"]
    rest = pairs(simulation.advance(40 * case.dt))
    whole = case.simulation()
    whole.advance(20 * case.dt)
    assert rest == pairs(whole.advance(40 * case.dt))
    simulation.save(tmp_path)
    assert case.simulation().restore(tmp_path)


def test_the_last_two_that_are_kept_are_whole(tmp_path):
    """Neither damaged checkpoints nor files of one that was never finished count."""
    case = random_case(3, BOTH)
    saved(tmp_path, case, times=3)
    shutil.copy(tmp_path / "state-000003-rank-0000", tmp_path / "state-000004-rank-0000")
    damage(tmp_path / "state-000003-rank-0000", "damaged")
    simulation = case.simulation()
    with pytest.warns(UserWarning, match="Going on from checkpoint 2"):
        simulation.restore(tmp_path)
    simulation.save(tmp_path)
    assert [path.name[:12] for path in sorted(tmp_path.glob("state-*"))] == ["state-000002", "state-000003"]
    damage(tmp_path / "checkpoint-000003.json", "damaged")
    case.simulation().save(tmp_path)
    assert sorted(tmp_path.glob("*.json")) == [tmp_path / f"checkpoint-{number:06d}.json" for number in (2, 4)]
    damage(tmp_path / "state-000004-rank-0000", "damaged")
    with pytest.warns(UserWarning, match="Going on from checkpoint 2"):
        simulation.restore(tmp_path)
    assert simulation.tick == 40


def test_nothing_is_restored_from_checkpoints_that_are_all_damaged(tmp_path):
    case = random_case(3, BOTH)
    saved(tmp_path, case)
    damage(tmp_path / "state-000002-rank-0000", "damaged")
    damage(tmp_path / "state-000001-rank-0000", "cut short")
    simulation = case.simulation()
    with pytest.raises(
        ValueError, match=r"no checkpoint in .* can be used: state-000002-rank-0000 is damaged.*; state-0"
    ):
        simulation.restore(tmp_path)
    assert simulation.tick == 0
    assert pairs(simulation.advance(40 * case.dt)) == pairs(case.simulation().advance(40 * case.dt))


@pytest.mark.parametrize("how", ["cut short", "damaged", "lost"])
def test_a_checkpoint_counts_only_if_the_files_of_all_ranks_are_whole(tmp_path, how):
    case = random_case(3, BOTH)
    in_ranks(2, lambda comm: saved(tmp_path, case, comm=comm))
    path = tmp_path / "state-000002-rank-0001"
    path.unlink() if how == "lost" else damage(path, how)

    def restored(comm):
        simulation = case.simulation(comm=comm)
        simulation.restore(tmp_path)
        return simulation.tick

    with pytest.warns(UserWarning, match="state-000002-rank-0001 (is|cannot be).*checkpoint 1"):
        assert in_ranks(2, restored) == [20, 20]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"seed": 4}, r"seed differs: 4 here, 3 there"),
        ({"dt": 0.05 * ms}, r"dt differs: 5e-05 s here, 0\.0001 s there"),
        ({"threads": 2}, r"threads differs: 2 here, 1 there"),
        ({"record": ("a",)}, r"record differs: a here, train, noise, a, b there"),
        ({"watch": [Watch(population="a")]}, r"the watched neurons differs\."),
        ({"comm": 2}, r"ranks differs: 2 here, 1 there"),
        ({"network": "weights"}, r"the projection 'a -> b' differs\."),
        ({"network": "tiring"}, r"the projection 'a -> b' differs\."),
        ({"network": "neurons"}, r"the neurons of 'b' differs\."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, other, text):
    case = random_case(3, BOTH)
    saved(tmp_path, case)
    network = case.network
    if "network" in other:
        populations = {p.name: p for p in network.populations}
        what = other["network"]
        if what == "neurons":
            populations["b"] = Population("b", populations["b"].size, replace(populations["b"].kind, tau=7 * ms))
        tiring = {"short_term": TIRING["a -> b"][0]}
        changed = {"weights": {"weight": 1 * mV}, "tiring": tiring, "neurons": {}}[what]
        ends = [
            {"source": populations[p.source.name], "target": populations[p.target.name]} for p in network.projections
        ]
        network = Network(
            populations=list(populations.values()),
            projections=[
                replace(p, **end, **(changed if p.name == "a -> b" else {}))
                for p, end in zip(network.projections, ends, strict=True)
            ],
        )
    ranks = other.get("comm", 1)
    arguments = {"dt": case.dt, "seed": case.seed}
    arguments |= {name: value for name, value in other.items() if name not in ("comm", "network")}
    results = outcomes(ranks, lambda comm: Simulation(network, comm=comm, **arguments).restore(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    results += outcomes(ranks, lambda comm: Simulation(network, comm=comm, **arguments).save(tmp_path))
    for error in results:
        with pytest.raises(ValueError, match=r"the checkpoint in .* is of another run: .*Use another folder") as raised:
            raise error
        assert re.search(text, str(raised.value))
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}


def test_wiring_that_is_drawn_otherwise_is_refused(tmp_path, monkeypatch):
    cells, others = Population("cells", 20, DeltaLIF()), Population("others", 2, CurrentLIF())
    drawn = Projection(cells, cells, AllToAll(), weight=LogNormal.with_mean(1 * mV, log_sigma=1.0))
    network = Network(populations=[cells, others], projections=[drawn])
    simulation = Simulation(network)
    simulation.save(tmp_path)
    assert Simulation(network).restore(tmp_path)
    monkeypatch.setattr(LogNormal, "sample", lambda self, rng, count: rng.random(count) * mV)
    with pytest.raises(ValueError, match="of another wiring: the same description was drawn otherwise here"):
        Simulation(network).restore(tmp_path)


def test_an_empty_folder_and_arguments_that_lack_something(tmp_path):
    case = random_case(3, BOTH)
    with pytest.raises(FileNotFoundError, match="there is no checkpoint in"):
        case.simulation().restore(tmp_path)
    with pytest.raises(ValueError, match="checkpoint and checkpoint_every belong together"):
        run(case.network, 10 * ms, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"checkpoint_every = 0 s must be positive; use 0\.0001 s"):
        run(case.network, 10 * ms, checkpoint=tmp_path, checkpoint_every=0.0)
    with pytest.raises(ValueError, match=r"checkpoint_every = 0\.00015 s is not a whole number of ticks"):
        run(case.network, 10 * ms, checkpoint=tmp_path, checkpoint_every=0.15 * ms)


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    case = random_case(3, BOTH)
    simulation = saved(tmp_path, case, times=1)
    before = sorted(tmp_path.iterdir())
    simulation.advance(20 * case.dt)
    synced = os.fsync

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        simulation.save(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    monkeypatch.setattr(os, "fsync", synced)
    simulation.save(tmp_path)
    again = case.simulation()
    again.restore(tmp_path)
    assert again.tick == 40
    same(again.recording(), simulation.recording())


def test_a_file_is_no_folder(tmp_path):
    case = random_case(3, BOTH)
    path = tmp_path / "file"
    path.touch()
    for action in (
        lambda: run(case.network, 10 * ms, checkpoint=path, checkpoint_every=1 * ms),
        lambda: case.simulation().save(path),
        lambda: case.simulation().restore(path),
    ):
        with pytest.raises(NotADirectoryError, match="file' is a file, and checkpoints need a folder; give the name"):
            action()


def test_learned_weights_of_a_run_are_in_its_last_checkpoint(tmp_path):
    case = random_case(5, BOTH, plasticity=LEARNING, ticks=800)
    arguments = {"dt": case.dt, "seed": case.seed, "watch": WATCH}
    run(case.network, 500 * case.dt, checkpoint=tmp_path, checkpoint_every=200 * case.dt, **arguments)
    after, there = Simulation(case.network, **arguments), Simulation(case.network, **arguments)
    drawn = {name: after.weights(name) for name in LEARNING}
    after.restore(tmp_path)
    there.advance(500 * case.dt)
    assert after.tick == 500
    for name in LEARNING:
        assert after.weights(name).tobytes() == there.weights(name).tobytes()
    assert any(not np.array_equal(drawn[name], after.weights(name)) for name in LEARNING)


def test_clearing_and_changing_the_folder(tmp_path):
    case = random_case(3, BOTH)
    simulation = saved(tmp_path / "one", case)
    simulation.recording(clear=True)
    simulation.advance(60 * case.dt)
    simulation.save(tmp_path / "two")
    simulation.save(tmp_path / "one")
    for folder in ("one", "two"):
        again = case.simulation()
        again.restore(tmp_path / folder)
        same(again.recording(), simulation.recording())
