"""One process writes checkpoints into a folder at a time, and one that was killed is never in the way."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from in_ranks import outcomes
from random_networks import BOTH, random_case
from reafference import run
from reafference.engine.claim import Claim
from reafference.engine.ranks import RankError
from test_checkpoint import saved

CLAIMED = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from reafference.engine.claim import Claim

claim = Claim(Path(sys.argv[1]))
print("has it", flush=True)
sys.stdin.read()
"""


def claiming(folder):
    command = [sys.executable, "-c", CLAIMED, str(folder), str(Path(__file__).parent.parent / "src")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no record locks")
def test_one_process_writes_into_a_folder_at_a_time(tmp_path):
    case = random_case(3, BOTH)
    simulation = saved(tmp_path, case)

    def go(comm=None):
        ticks = {"checkpoint": tmp_path, "checkpoint_every": 20 * case.dt, "dt": case.dt}
        return run(case.network, 60 * case.dt, seed=case.seed, comm=comm, **ticks)

    here = rf"process {os.getpid()} on .* is writing checkpoints into .*another folder"
    assert re.search(here, claiming(tmp_path).communicate()[1])
    with Claim(tmp_path):  # which ends the lock of the whole process when it is released
        pass
    simulation.save(tmp_path)
    assert re.search(here, claiming(tmp_path).communicate()[1]), "save has renewed it"
    before = sorted(tmp_path.iterdir())
    del simulation
    gc.collect()
    with claiming(tmp_path) as other:
        assert other.stdout.readline() == "has it\n"
        there = rf"process {other.pid} on .* is writing checkpoints into .*another folder"
        simulation = case.simulation()
        assert simulation.restore(tmp_path), "reading is free"
        for action in (lambda: simulation.save(tmp_path), go):
            with pytest.raises(BlockingIOError, match=there):
                action()
        blocked, told = outcomes(2, lambda comm: case.simulation(comm=comm).save(tmp_path))
        assert isinstance(blocked, BlockingIOError) and isinstance(told, RankError)
        assert "rank 0 failed: BlockingIOError: process" in str(told)
        assert sorted(tmp_path.iterdir()) == before
        other.kill()
    assert go().seconds == 60 * case.dt
    with claiming(tmp_path) as other:
        assert other.stdout.readline() == "has it\n", "run has released it"
        other.stdin.close()
