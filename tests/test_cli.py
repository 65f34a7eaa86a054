"""The command: what it writes, and one clear line for each mistake."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import typer

import reafference
from reafference.brain.maps.life import MappingLife, MapPlan
from reafference.brain.maps.new_agent import newborn
from reafference.brain.maps.record import Record
from reafference.console import lasting_interrupt, without_interrupt


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "reafference", *arguments], capture_output=True, text=True, timeout=400, **options
    )


def refused(result, *parts):
    assert result.returncode != 0
    assert "Traceback" not in result.stderr + result.stdout
    for part in parts:
        assert part in result.stderr + result.stdout


def test_the_package_can_be_run_as_the_command():
    result = run("--version")
    assert result.returncode == 0 and result.stdout.split() == ["reafference", reafference.__version__]


def test_help_and_doctor_answer():
    assert "live" in run("--help").stdout
    doctor = run("doctor")
    assert doctor.returncode == 0 and "numba" in doctor.stdout and "kernels" in doctor.stdout


def test_mistakes_are_one_line_and_a_status(tmp_path):
    refused(run("live", "Pendulumm-v1", "--out", str(tmp_path)), "Pendulumm-v1", "Pendulum-v1")
    refused(run("live", "--seconds", "-5", "--out", str(tmp_path)), "--seconds = -5")
    refused(run("live", "--seed", "-5", "--out", str(tmp_path)), "seed")
    refused(run("live", "--seconds", "soon", "--out", str(tmp_path)), "seconds")
    file = tmp_path / "file"
    file.write_text("here")
    refused(run("live", "--out", str(file)), "file", "cannot be written")
    refused(run("live", "Blackjack-v1", "--out", str(tmp_path)), "Blackjack-v1")
    assert not (tmp_path / "life.json").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_unwritable_folder_is_refused_before_anything_is_lived(tmp_path):
    tmp_path.chmod(0o500)
    try:
        refused(run("live", "--out", str(tmp_path / "life")), "cannot be written")
    finally:
        tmp_path.chmod(0o700)


def test_ctrl_c_saves_what_was_lived(tmp_path):
    out = tmp_path / "life"
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "reafference.cli", "live", "--seconds", "500", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "own brain" in line:
            break
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, (stdout, stderr)
    assert "Traceback" not in stderr and "Interrupted after" in stdout
    said = json.loads((out / "life.json").read_text())
    assert said["complete"] is False and said["seconds"] > 0
    assert (out / "life.html").exists()


def test_ctrl_c_saves_a_mapping_life_that_goes_on_as_one_that_was_not_stopped(tmp_path):
    out = tmp_path / "map"
    arguments = ["map", "--charts", "16", "--radius", "9", "--seed", "20007"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "reafference.cli", *arguments, "--actions", "100000", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "% mapping" in line:
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, (stdout, stderr)
    assert "Traceback" not in stderr and "--resume goes on from there" in " ".join(stdout.split())
    said = json.loads((out / "map.json").read_text())
    actions = said["actions"]
    assert 0 < actions < 100_000 and said["complete"] is False and (out / "map.html").exists()
    resumed = run("map", "--resume", "--actions", str(actions + 25), "--out", str(out))
    assert resumed.returncode == 0, resumed.stderr
    plan = MapPlan(actions=actions + 25, seed=20007, radius=9)
    whole = MappingLife(plan, newborn(16)).live().record
    record = Record.load(out / "life.npz")
    assert record.action.tolist() == whole.action.tolist() and record.surprise.tolist() == whole.surprise.tolist()
    assert record.spikes.tolist() == whole.spikes.tolist() and record.spikes.min() > 0


def test_an_interrupt_that_foreign_code_swallows_is_raised_again():
    with lasting_interrupt() as raise_if_interrupted:
        raise_if_interrupted()
        with contextlib.suppress(KeyboardInterrupt):  # as a callback from compiled code would
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            raise_if_interrupted()
        raise_if_interrupted()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_waits_until_files_are_written():
    done = []

    def write():
        with without_interrupt():
            signal.raise_signal(signal.SIGINT)
            done.append("written")

    with pytest.raises(typer.Exit) as ended:
        write()
    assert done == ["written"] and ended.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_network_is_put_on_chips(tmp_path):
    out = tmp_path / "chips"
    result = run("chips", "chain", "--seconds", "0.2", "--out", str(out))
    assert result.returncode == 0, result.stderr
    assert "loihi1" in result.stdout and "every spike of the engine" in " ".join(result.stdout.split())
    assert "chain on chips" in (out / "chips.html").read_text()


def test_what_no_chip_holds_is_a_table_of_reasons_and_a_status(tmp_path):
    result = run("chips", "chain", "--dt", "1e-5", "--seconds", "0.01")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "limits are broken" in " ".join(result.stdout.split()) and "delay" in result.stdout
    refused(run("chips", "chain", "--on", "nope"), "nope: no chip of that name")
    refused(run("chips", "nothing.npz", "--out", str(tmp_path / "out")), "no file and no example")
    assert not (tmp_path / "out").exists()
    refused(run("chips", "chain", "--dt", "1"), "--dt = 1 s")
