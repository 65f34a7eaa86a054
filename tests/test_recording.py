"""Recordings: what they say of themselves, and that files come back whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from reafference import Recording, Trace


def recording(**more):
    rng = np.random.default_rng(0)
    values = {
        "time": np.sort(rng.random(500)) * 2.0,
        "neuron": rng.integers(0, 25, 500),
        "groups": (("in", 0), ("cells", 20), ("still", 30)),
        "neurons": 33,
        "seconds": 2.0,
        "dt": 1e-4,
        "start": 0.5,
        "work": {"spikes": 500, "synaptic_events": 12_345, "neuron_updates": 20_000, "weight_changes": 0},
        "sampled": np.arange(1, 5) * 1e-4,
        "traces": {"cells.v": Trace(variable="v", neuron=np.array([0, 3]), value=rng.normal(size=(4, 2)))},
    }
    return Recording(**(values | more))


def same(a: Recording, b: Recording) -> bool:
    arrays = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("time", "neuron", "sampled"))
    plain = all(
        getattr(a, name) == getattr(b, name)
        for name in ("groups", "neurons", "seconds", "dt", "start", "work", "recorded")
    )
    traces = a.traces.keys() == b.traces.keys() and all(
        t.variable == b.traces[name].variable
        and np.array_equal(t.neuron, b.traces[name].neuron)
        and np.array_equal(t.value, b.traces[name].value)
        for name, t in a.traces.items()
    )
    return arrays and plain and traces


def written(folder: Path, suffix: str, **more) -> tuple[Recording, Path]:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="Parquet needs the extra of that name")
        more = {"traces": {}, "sampled": np.zeros(0)} | more
    original = recording(**more)
    return original, original.save(folder / f"spikes{suffix}")


both = pytest.mark.parametrize("suffix", [".npz", ".parquet"])


@both
@pytest.mark.parametrize("recorded", [None, (), ("in", "cells")])
def test_what_is_saved_comes_back(tmp_path, suffix, recorded):
    original, path = written(tmp_path, suffix, recorded=recorded)
    assert same(Recording.load(path), original)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@both
def test_a_recording_without_spikes_comes_back(tmp_path, suffix):
    original, path = written(tmp_path, suffix, time=np.zeros(0), neuron=np.zeros(0, np.int64))
    assert same(Recording.load(str(path)), original)


@both
def test_a_file_cut_short_anywhere_is_refused(tmp_path, suffix):
    _, path = written(tmp_path, suffix)
    whole = path.read_bytes()
    for size in {*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 1}:
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"is no recording of this package, or it is cut short or damaged"):
            Recording.load(path)


@both
def test_a_damaged_file_never_comes_back_as_other_spikes(tmp_path, suffix):
    original, path = written(tmp_path, suffix)
    whole, rng, refused = path.read_bytes(), np.random.default_rng(1), 0
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        try:
            back = Recording.load(path)
        except ValueError:
            refused += 1
        else:
            np.testing.assert_array_equal(back.time, original.time)
            np.testing.assert_array_equal(back.neuron, original.neuron)
    assert refused > 50


def test_files_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    np.save(tmp_path / "b.npy", np.arange(3))
    (tmp_path / "c.npz").write_text("time,neuron\n1,2\n")
    np.savez(tmp_path / "d.npz", about=np.array(json.dumps({"neurons": 3})), time=np.zeros(1), neuron=np.zeros(1))
    np.savez(tmp_path / "e.npz", about=np.array(json.dumps([1])))
    for path in tmp_path.iterdir():
        with pytest.raises(ValueError, match="is no recording of this package"):
            Recording.load(path)
    with pytest.raises(FileNotFoundError):
        Recording.load(tmp_path / "nothing.npz")


def test_a_parquet_of_others_is_refused_and_ours_can_be_read_by_others(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra of that name")
    original, path = written(tmp_path, ".parquet")
    table = parquet.read_table(path)
    np.testing.assert_array_equal(table["time"].to_numpy(), original.time)
    parquet.write_table(table.replace_schema_metadata(None), tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="no recording of this package"):
        Recording.load(tmp_path / "other.parquet")


def test_what_cannot_be_saved_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"saved as .npz or .parquet, not '.csv'"):
        recording().save(tmp_path / "spikes.csv")
    with pytest.raises(ValueError, match="without ending"):
        recording().save(tmp_path / "spikes")
    with pytest.raises(ValueError, match=r"Parquet holds spikes only; save as \.npz to keep the traces"):
        recording().save(tmp_path / "spikes.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file_whole(tmp_path, monkeypatch):
    original, path = written(tmp_path, ".npz")

    def fails(file, **arrays):
        file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez_compressed", fails)
    with pytest.raises(OSError, match="no space"):
        recording(seconds=9.0).save(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert same(Recording.load(path), original)


# --- what it says ---------------------------------------------------------------------------------------------------


def test_it_introduces_itself():
    lines = repr(recording()).splitlines()
    assert lines[0] == "Recording of 2 s (steps of 0.1 ms) of 33 neurons: 500 spikes of 25 neurons"
    assert "12,345 synaptic events" in lines[1] and "20,000 neuron updates" in lines[1]
    assert lines[2].startswith("  in: ") and "mean" in lines[2] and "Hz" in lines[2]
    assert lines[3].endswith("5 of 10 silent")
    assert lines[4] == "  still: 0 spikes, mean 0 Hz, busiest 0 Hz, 3 of 3 silent"
    assert lines[5] == "  trace cells.v: 2 neurons, 4 samples"


def test_silence_and_what_was_not_recorded_are_told_apart():
    nobody = {"time": np.zeros(0), "neuron": np.zeros(0, np.int64)}
    assert "nobody spiked: is there any input" in repr(recording(**nobody))
    unrecorded = repr(recording(**nobody, recorded=()))
    assert "nobody spiked" not in unrecorded and unrecorded.count("not recorded") == 3
    assert repr(recording(recorded=("in", "cells"))).count("not recorded") == 1
    repr(recording(**nobody, seconds=0.0))  # a recording of no time divides by nothing


def test_spikes_counts_and_rates_of_a_population():
    whole = recording()
    time, neuron = whole.of("cells")
    assert whole.range("still") == (30, 33) and whole.range("in") == (0, 20)
    np.testing.assert_array_equal(neuron, whole.neuron[whole.neuron >= 20] - 20)
    np.testing.assert_array_equal(time, whole.time[whole.neuron >= 20])
    np.testing.assert_array_equal(whole.counts("cells"), whole.counts()[20:30])
    assert whole.counts().sum() == 500 and whole.counts("still").tolist() == [0, 0, 0]
    np.testing.assert_array_equal(whole.rates("in"), whole.counts("in") / 2.0)


def test_unknown_and_unrecorded_populations_are_named():
    with pytest.raises(KeyError, match="no population is called 'cell'; there are in, cells, still"):
        recording().range("cell")
    with pytest.raises(ValueError, match="the spikes of 'still' were not recorded, only those of in"):
        recording(recorded=("in",)).counts("still")
    with pytest.raises(ValueError, match="only those of nobody"):
        recording(recorded=()).of("in")
