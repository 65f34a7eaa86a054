"""Parameter sweeps on disk: going on, another function, files that are cut or damaged."""

import errno
import importlib
import json
import math
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import swept
from reafference.sweeps import SweepInterrupted, journal, load_sweep, sweep
from swept import Inline, Recorder, plain_text, refused

# The first draw of nested values takes its time on a busy machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Going on


def test_a_second_call_makes_only_what_is_missing_and_the_grid_may_grow(tmp_path):
    first = Recorder(range(10))
    sweep(first, {"number": [2, 3]}, out=tmp_path, executor=Inline())
    second = Recorder(range(10))
    results = sweep(second, {"number": [1, 2, 3, 4]}, out=tmp_path, executor=Inline())
    assert (first.calls, second.calls) == ([2, 3], [1, 4])
    assert results.grid().tolist() == [1, 2, 3, 4]
    smaller = sweep(Recorder(()), {"number": [3]}, out=tmp_path, executor=Inline())
    assert smaller.grid().tolist() == [3] and "3 more runs are kept" in repr(smaller)


def test_failed_runs_are_made_again(tmp_path):
    failing = Recorder([0])
    assert sweep(failing, {"number": [0, 1]}, out=tmp_path, executor=Inline()).failed == 1
    repaired = Recorder([0, 1])
    assert sweep(repaired, {"number": [0, 1]}, out=tmp_path, executor=Inline()).grid().tolist() == [0, 1]
    assert repaired.calls == [1] and load_sweep(tmp_path).failed == 0


def test_a_finished_sweep_calls_nobody(tmp_path):
    told = []
    sweep(Recorder([5]), {"number": [0]}, out=tmp_path, executor=Inline())
    results = sweep(Recorder(()), {"number": [0]}, out=tmp_path, executor=Inline(), progress=told.append)
    assert results[0].value == 5 and told == [1.0]


def test_ctrl_c_says_how_to_go_on(tmp_path):
    def stop(part):
        if part == 0.5:
            raise KeyboardInterrupt

    with pytest.raises(
        SweepInterrupted, match=r"1 of 2 runs have finished. They are kept; call again with out="
    ) as stopped:
        sweep(Recorder([3, 4]), {"number": [0, 1]}, out=tmp_path, executor=Inline(), workers=1, progress=stop)
    assert [run.value for run in stopped.value.results] == [3, None]
    again = Recorder([3, 4])
    sweep(again, {"number": [0, 1]}, out=tmp_path, executor=Inline())
    assert again.calls == [1]


def test_worker_processes_write_the_same_folder(tmp_path):
    sweep(swept.parts, {"g": [2, 3]}, seeds=2, out=tmp_path / "a", workers=2)
    sweep(swept.parts, {"g": [2, 3]}, seeds=2, out=tmp_path / "b", executor=Inline())
    one, other = load_sweep(tmp_path / "a"), load_sweep(tmp_path / "b")
    assert [plain_text(run.value) for run in one] == [plain_text(run.value) for run in other]


def test_a_folder_is_loaded_without_its_function_even_while_it_grows(tmp_path):
    seen = []

    def looking(number, seed):
        try:
            seen.append(load_sweep(tmp_path).finished)
        except FileNotFoundError:
            seen.append(None)
        return number * 10 + seed

    sweep(looking, {"number": [1, 2]}, seeds=2, out=tmp_path, executor=Inline(), workers=1)
    assert seen == [0, 1, 2, 3]
    assert load_sweep(tmp_path).grid().tolist() == [[10, 11], [20, 21]]
    assert "looking" in repr(load_sweep(tmp_path))


def test_a_folder_of_listed_points_is_loaded_with_all_that_it_keeps(tmp_path):
    sweep(Recorder(range(9)), [{"number": 3}], out=tmp_path, executor=Inline())
    sweep(Recorder(range(9)), [{"number": 5}], out=tmp_path, executor=Inline())
    assert load_sweep(tmp_path).columns()["number"].tolist() == [3, 5]
    sweep(
        partial(swept.product, g=1), [{"eta": 2}, {"eta": 3}], seeds=[4, 1], out=tmp_path / "seeded", executor=Inline()
    )
    assert load_sweep(tmp_path / "seeded").grid().tolist() == [[3, 6], [4, 7]]


# Another function


def module_with(folder, monkeypatch, text, name):
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return importlib.import_module(name)


def test_another_source_is_refused_unless_accepted(tmp_path, monkeypatch):
    before = module_with(tmp_path / "..", monkeypatch, "def scan(g):\n    return g\n", "scanned_before")
    after = module_with(tmp_path / "..", monkeypatch, "def scan(g):\n    return 2 * g\n", "scanned_after")
    sweep(before.scan, {"g": [1]}, out=tmp_path, executor=Inline())
    kept = (tmp_path / "points.jsonl").read_bytes()
    with pytest.raises(ValueError) as error:
        sweep(after.scan, {"g": [1, 2]}, out=tmp_path, executor=Inline())
    refused(error, "they are those of scanned_before.scan, and this is scanned_after.scan", "accept_change=True")

    after.scan.__module__ = "scanned_before"
    with pytest.raises(ValueError) as error:
        sweep(after.scan, {"g": [1, 2]}, out=tmp_path, executor=Inline())
    refused(error, "line 2 was 'return g' and is 'return 2 * g'", "another folder")
    assert (tmp_path / "points.jsonl").read_bytes() == kept

    results = sweep(after.scan, {"g": [1, 2]}, out=tmp_path, executor=Inline(), accept_change=True)
    assert results.grid().tolist() == [1, 4] and "made by 2 versions" in repr(results)
    sweep(after.scan, {"g": [3]}, out=tmp_path, executor=Inline())  # what was accepted is now the one


def test_other_arguments_that_a_function_carries_are_refused(tmp_path):
    sweep(partial(swept.product, eta=1), {"g": [1]}, seeds=1, out=tmp_path, executor=Inline())
    sweep(partial(swept.product, eta=1), {"g": [2]}, seeds=1, out=tmp_path, executor=Inline())
    with pytest.raises(ValueError, match="carries other arguments"):
        sweep(partial(swept.product, eta=2), {"g": [1]}, seeds=1, out=tmp_path, executor=Inline())

    def around(factor):
        return lambda g: g * factor

    sweep(around(2), {"g": [1]}, out=tmp_path / "around", executor=Inline())
    with pytest.raises(ValueError, match="carries other"):
        sweep(around(3), {"g": [1]}, out=tmp_path / "around", executor=Inline())
    with pytest.raises(TypeError, match="cannot be compared with an earlier run"):
        sweep(around(lambda: 1), {"g": [1]}, out=tmp_path / "more", executor=Inline())


def test_only_one_sweep_writes_into_a_folder(tmp_path):
    def nested(number):
        sweep(Recorder([1]), {"number": [0]}, out=tmp_path, executor=Inline())

    results = sweep(nested, {"number": [1]}, out=tmp_path, executor=Inline(), workers=1)
    assert "another sweep is writing into" in results[0].failure.text


def test_folders_that_cannot_be_written_or_are_not_ours_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileExistsError, match=r"out = .*file"):
        sweep(Recorder([1]), {"number": [0]}, out=tmp_path / "file", executor=Inline())
    for text in ("a,b\n1,2\n", '{"sweep":99,"crc32":"00000000"}\n'):
        (tmp_path / "points.jsonl").write_text(text)
        with pytest.raises(ValueError, match="is no file of a sweep"):
            sweep(Recorder([1]), {"number": [0]}, out=tmp_path, executor=Inline())
        assert (tmp_path / "points.jsonl").read_text() == text
    with pytest.raises(FileNotFoundError, match="keeps no sweep"):
        load_sweep(tmp_path / "nothing")


def test_another_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "FORMAT", 2)
    sweep(Recorder([1]), {"number": [0]}, out=tmp_path, executor=Inline())
    with pytest.raises(ValueError, match="format 2, and this version of reafference reads 1"):
        load_sweep(tmp_path)


# Cut and damaged files


VALUES = [{"rate": k * 0.1, "spikes": np.arange(k + 1), "text": "é" * k, "more": (math.nan, k)} for k in range(5)]
GRID = {"number": range(len(VALUES))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(points.jsonl, arrays.bin) of a finished sweep."""
    folder = tmp_path_factory.mktemp("whole")
    sweep(Recorder(VALUES), GRID, out=folder, executor=Inline())
    return (folder / "points.jsonl").read_bytes(), (folder / "arrays.bin").read_bytes()


def goes_on(lines, arrays):
    """Write the two files, sweep again, and return the numbers that were run anew; all values are right in the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "points.jsonl").write_bytes(lines)
        (folder / "arrays.bin").write_bytes(arrays)
        for run in load_sweep(folder) if lines.count(b"\n") else ():
            assert not run.finished or plain_text(run.value) == plain_text(VALUES[run.point["number"]])
        again = Recorder(VALUES)
        results = sweep(again, GRID, out=folder, executor=Inline())
        assert [plain_text(run.value) for run in results] == [plain_text(value) for value in VALUES]
        nobody = Recorder(())
        again_results = sweep(nobody, GRID, out=folder, executor=Inline())
        assert [plain_text(run.value) for run in again_results] == [plain_text(value) for value in VALUES]
        assert nobody.calls == []
        return again.calls


@settings(patient, max_examples=60)
@given(data=st.data())
def test_lines_that_were_cut_anywhere_are_noticed_and_their_runs_made_again(whole, data):
    lines, arrays = whole
    cut = data.draw(st.integers(0, len(lines)))
    complete = max(lines[:cut].count(b"\n") - 1, 0)
    assert goes_on(lines[:cut], arrays) == list(range(complete, len(VALUES)))


@settings(patient, max_examples=60)
@given(data=st.data())
def test_arrays_that_were_cut_anywhere_are_noticed_and_their_runs_made_again(whole, data):
    lines, arrays = whole
    cut = data.draw(st.integers(0, len(arrays)))
    ends = [json.loads(line)["end"] for line in lines.splitlines()[1:]]
    assert goes_on(lines, arrays[:cut]) == [number for number, end in enumerate(ends) if end > cut]


@settings(patient, max_examples=60)
@given(data=st.data())
def test_lines_with_a_wrong_byte_are_noticed_and_their_runs_made_again(whole, data):
    lines, arrays = whole
    first = lines.index(b"\n") + 1
    place = data.draw(st.integers(first, len(lines) - 1))
    wrong = bytes([data.draw(st.integers(0, 255).filter(lambda byte: byte != lines[place]))])
    calls = goes_on(lines[:place] + wrong + lines[place + 1 :], arrays)
    hit = lines[:place].count(b"\n") - 1
    # A new line in the middle splits one line; a lost one joins two, or leaves the last one unfinished.
    assert calls == [hit] or (lines[place : place + 1] == b"\n" and calls in ([hit, hit + 1], [hit]))


def test_a_wrong_byte_in_the_arrays_is_an_error_that_says_what_to_do(whole, tmp_path):
    lines, arrays = whole
    (tmp_path / "points.jsonl").write_bytes(lines)
    (tmp_path / "arrays.bin").write_bytes(arrays[:-1] + b"\xff")
    results = load_sweep(tmp_path)
    assert results[0].value["rate"] == 0
    with pytest.raises(ValueError, match="do not match their checksum; delete the line") as error:
        results[4].value  # noqa: B018
    start = str(error.value).split("begins with ")[1].split(" and sweep")[0]
    kept = [line for line in lines.decode().splitlines(keepends=True) if not line.startswith(start)]
    assert goes_on("".join(kept).encode(), arrays[:-1] + b"\xff") == [4]


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    real, room = os.write, 1800

    def write(file, data):
        nonlocal room
        if len(data) <= room:
            room -= len(data)
            return real(file, data)
        if room:
            written = real(file, data[:room])
            room = 0
            return written
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal.os, "write", write)
    with pytest.raises(OSError, match=r"No space left on device. What was kept before is whole; make room"):
        sweep(Recorder(VALUES), GRID, out=tmp_path, executor=Inline())
    monkeypatch.undo()
    lines = (tmp_path / "points.jsonl").read_bytes()
    assert lines.endswith(b"\n") and 0 < load_sweep(tmp_path).finished < len(VALUES)
    assert goes_on(lines, (tmp_path / "arrays.bin").read_bytes()) == list(range(lines.count(b"\n") - 1, len(VALUES)))


def test_every_line_is_strict_json(whole):
    def forbidden(text):
        raise AssertionError(text)

    for line in whole[0].splitlines():
        json.loads(line, parse_constant=forbidden)
