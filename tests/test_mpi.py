"""Two real processes over MPI: the same spikes, the same errors on both, and nobody waits for ever."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mpi_program import HERE, go, networks
from reafference import Recording
from test_checkpoint import same

BESIDE = Path(sys.executable).parent / "mpiexec"
MPIEXEC = str(BESIDE) if BESIDE.exists() else shutil.which("mpiexec")

pytestmark = pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None,
    reason="needs mpi4py and mpiexec: pip install 'reafference[mpi-test]'",
)


def on_two_ranks(what, folder):
    command = [MPIEXEC, "-n", "2", sys.executable, "-m", "mpi4py", str(HERE / "mpi_program.py"), what, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=dict(os.environ))


def test_two_ranks_make_the_same_spikes_and_go_on_from_a_checkpoint(tmp_path):
    done = on_two_ranks("same_spikes", tmp_path)
    assert done.returncode == 0, done.stderr
    for number, case in enumerate(networks()):
        one = go(case)
        assert one.time.size > 100
        for name in ("1", "2", "again"):
            other = Recording.load(tmp_path / f"{number}-{name}.npz")
            other.work["neuron_updates"] = one.work["neuron_updates"]  # whom a worker looks at is its own choice
            same(other, one)


def test_both_ranks_tell_what_is_wrong(tmp_path):
    done = on_two_ranks("disagree", tmp_path)
    assert done.returncode == 0, done.stderr
    for rank in (0, 1):
        text = (tmp_path / f"disagree-{rank}.txt").read_text()
        assert text == "ranks 0 and 1 disagree about seed (0 and 1); give all ranks the same."
    assert (tmp_path / "fail-0.txt").read_text() == "RankError: rank 1 failed: KeyError: 'a mistake of the user'"
    assert (tmp_path / "fail-1.txt").read_text() == "KeyError: 'a mistake of the user'"


def test_a_rank_that_dies_elsewhere_takes_the_others_along(tmp_path):
    done = on_two_ranks("die", tmp_path)
    assert done.returncode != 0 and "outside" in done.stderr
