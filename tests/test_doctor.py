"""What the doctor says about an installation."""

import importlib.util
import tomllib
from pathlib import Path

import numpy as np

from reafference import doctor
from reafference.engine.kernel import cache_folder

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_report_holds_versions_threads_extras_and_the_place_of_kernels():
    report = doctor.report()
    assert f"numpy      {np.__version__}" in report
    assert "processors may be used" in report
    assert str(cache_folder()) in report
    assert all(f"  {name} " in report for name in PROJECT["optional-dependencies"])


def test_every_extra_of_the_package_is_explained():
    assert [extra.name for extra in doctor.EXTRAS] == list(PROJECT["optional-dependencies"])


def test_a_missing_extra_says_how_to_install_it_and_what_it_adds(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else find_spec(name))
    report = doctor.report()
    assert "parquet    missing; pip install 'reafference[parquet]' adds recordings saved" in report
    assert "test       present: " in report


def test_the_size_of_the_cache_is_that_of_its_files(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"x" * 1000)
    (tmp_path / "b").write_bytes(b"x" * 500)
    assert doctor.contents(tmp_path) == (2, 1500)


def test_kernels_of_other_versions_are_pointed_out(tmp_path, monkeypatch):
    mine, other = tmp_path / "kernels-1", tmp_path / "kernels-0"
    mine.mkdir()
    other.mkdir()
    (other / "old").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr("reafference.engine.kernel.cache_folder", lambda: mine)
    lines = doctor.kernels()
    assert "empty" in lines[1]
    assert "beside it: 1, 2.0 MB" in lines[2]


def test_a_cache_that_cannot_be_written_is_said_and_not_raised(monkeypatch):
    def refuse():
        raise OSError("no folder can be written; set REAFFERENCE_CACHE to one that can.")

    monkeypatch.setattr("reafference.engine.kernel.cache_folder", refuse)
    assert "REAFFERENCE_CACHE" in doctor.report()


def test_a_limit_on_threads_is_shown(monkeypatch):
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert "NUMBA_NUM_THREADS=1" in doctor.threads()
