"""Parameter sweeps: who makes the runs, and what happens when workers or executors die."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

import swept
from doc_blocks import python_blocks
from reafference.sweeps import SweepInterrupted, SweepStopped, sweep
from swept import Inline, refused


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pid):
    """Whether a process ends, waiting for it as long as it takes on a busy machine."""
    for _ in range(3000):
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


# Worker processes


def test_a_run_whose_worker_is_killed_is_made_again(tmp_path):
    results = sweep(partial(swept.killed_once, folder=str(tmp_path)), {"g": [0, 1, 2]}, workers=2)
    assert results.grid().tolist() == [0, 10, 20]
    assert [run.tries for run in results] == [1, 2, 1]


def test_a_run_that_always_kills_its_worker_fails_and_no_other():
    results = sweep(swept.deadly, {"g": [0, 1, 2, 3, 5, 6]}, workers=2, tries=2)
    assert [run.failure.kind if run.failure else run.value for run in results] == [
        0,
        "worker died",
        "worker died",
        "ValueError",
        5,
        6,
    ]
    assert "SIGSEGV" in results[1].failure.text and "begun 2 times" in results[1].failure.text
    assert "status 3" in results[2].failure.text and results[2].tries == 2


def test_a_dead_worker_is_noticed_though_its_child_lives_on(tmp_path):
    try:
        results = sweep(partial(swept.leaving_a_child, folder=str(tmp_path)), {"g": [0, 1, 2]}, workers=1, tries=1)
    finally:
        (tmp_path / "over").touch()
    assert [run.value for run in results] == [0, None, 2] and "SIGKILL" in results[1].failure.text


def test_a_run_that_takes_too_long_fails_and_its_worker_is_ended(tmp_path):
    results = sweep(partial(swept.hanging, folder=str(tmp_path)), {"g": [0, 1, 2]}, workers=1, timeout=2.0)
    assert [run.value for run in results] == [0, None, 2]
    assert results[1].failure.kind == "out of time" and "2 s" in results[1].failure.text
    assert not alive(int((tmp_path / "pid").read_text()))


def test_a_result_that_cannot_be_sent_is_a_failure():
    results = sweep(swept.unpicklable, {"g": [0, 1]}, workers=1)
    assert results[0].value == 0 and "pickle" in results[1].failure.text


def test_a_function_that_cannot_be_sent_is_refused():
    with pytest.raises(TypeError) as error:
        sweep(lambda g: g, {"g": [1]})
    refused(error, "<lambda>", "top level of a module", "ThreadPoolExecutor")


def script(folder, text, *flags):
    path = folder / "scan.py"
    path.write_text("from reafference.sweeps import sweep\n" + textwrap.dedent(text))
    return [sys.executable, *flags, str(path)]


def test_a_script_without_a_guard_is_told_so(tmp_path):
    command = script(tmp_path, "def function(g):\n    return g\nprint(sweep(function, {'g': [1, 2]}))\n")
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode != 0 and "if __name__ == '__main__':" in result.stderr.splitlines()[-1]


def test_a_function_typed_at_the_prompt_is_refused():
    code = "from reafference.sweeps import sweep\ndef f(g):\n    return g\nsweep(f, {'g': [1]})\n"
    for command, typed in (([sys.executable, "-c", code], None), ([sys.executable], code)):
        result = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=300)
        assert "cannot be sent" in result.stderr and "ThreadPoolExecutor" in result.stderr


def test_a_module_that_workers_do_not_find_is_told(tmp_path, monkeypatch):
    (tmp_path / "hidden_here.py").write_text("def function(g):\n    return g\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import hidden_here

    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(tmp_path)])
    with pytest.raises(TypeError, match="hidden_here"):
        sweep(hidden_here.function, {"g": [1]})


def test_a_worker_does_not_wait_for_the_compiler_to_be_imported():
    code = "import reafference.sweeps, sys; print('numba' in sys.modules, 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == ["False"] * 2


# Ends that come early


def interrupting(part):
    if part >= 0.5:
        raise KeyboardInterrupt


def test_ctrl_c_keeps_what_has_finished():
    with pytest.raises(SweepInterrupted, match=r"2 of 4 runs have finished.*nowhere else") as stopped:
        sweep(lambda g: g, {"g": [0, 1, 2, 3]}, executor=Inline(), workers=1, progress=interrupting)
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert [run.value for run in stopped.value.results if run.finished] == [0, 1]


SLOW = """
    import sys
    from functools import partial
    import swept

    if __name__ == "__main__":
        results = sweep(partial(swept.slow, folder=sys.argv[1]), {}, seeds=4, out=sys.argv[2], workers=2)
        print(results.grid().tolist())
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_sweep_that_is_ended_leaves_no_worker_behind_and_goes_on(tmp_path, end):
    command = [*script(tmp_path, SLOW), str(tmp_path), str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": os.path.dirname(__file__)}
    (tmp_path / "wait").touch()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        for _ in range(6000):
            pids = [int(text) for seed in (2, 3) if (text := read(tmp_path / f"pid{seed}"))]
            if len(pids) == 2 or process.poll() is not None:
                break
            time.sleep(0.01)
        os.killpg(process.pid, end) if end == signal.SIGINT else process.send_signal(end)
        _, complaint = process.communicate(timeout=100)
    finally:
        process.kill()
    assert process.returncode != 0 and all(gone(pid) for pid in pids) and len(pids) == 2
    if end == signal.SIGINT:
        assert complaint.count("Traceback") == 1 and "call again with out=" in complaint
        assert "2 of 4 runs have finished" in complaint

    (tmp_path / "wait").unlink()
    (tmp_path / "pid0").unlink()
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert result.stdout == "[0, 1, 2, 3]\n", result.stderr
    assert not (tmp_path / "pid0").exists()  # it was not run again


def read(path):
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


# Executors of the user


def test_threads_run_what_processes_cannot():
    with ThreadPoolExecutor(3) as threads:
        results = sweep(lambda seed, g: g + seed, {"g": [1, 2]}, seeds=3, executor=threads)
        assert results.grid().tolist() == [[1, 2, 3], [2, 3, 4]]
        assert threads.submit(int, 3).result() == 3  # it was not shut down


def test_never_more_runs_are_handed_over_than_asked():
    class Counting(ThreadPoolExecutor):
        open, most = 0, 0

        def submit(self, *arguments):
            self.open += 1
            self.most = max(self.most, self.open)
            future = super().submit(*arguments)
            return Watched(future, self)

    class Watched:
        def __init__(self, future, owner):
            self.future, self.owner, self.cancel = future, owner, future.cancel

        def add_done_callback(self, note):
            self.future.add_done_callback(lambda _: note(self))

        def result(self):
            self.owner.open -= 1
            return self.future.result()

    with Counting(2) as executor:
        assert sweep(lambda g: g, {"g": range(50)}, executor=executor, workers=3).finished == 50
    assert executor.most == 3


def test_an_executor_that_takes_no_more_work_ends_the_sweep_with_what_is_there():
    class Tired(Inline):
        left = 2

        def submit(self, *arguments):
            if not self.left:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self.left -= 1
            return super().submit(*arguments)

    with pytest.raises(SweepStopped, match=r"Tired takes no more work.*after shutdown") as stopped:
        sweep(lambda g: g, {"g": [0, 1, 2]}, executor=Tired())
    results = stopped.value.results
    assert (results.finished, results.failed, results.left) == (2, 0, 1)
    assert [run.finished for run in results] == [True, True, False] and results[2].tries == 0


def test_runs_that_an_executor_cancels_are_handed_over_again():
    class Cancelling(Inline):
        seen = 0

        def submit(self, *arguments):
            self.seen += 1
            if self.seen % 2:
                future = Future()
                future.cancel()
                return future
            return super().submit(*arguments)

    results = sweep(lambda g: g, {"g": range(4)}, executor=Cancelling(), workers=1)
    assert [(run.value, run.tries) for run in results] == [(g, 2) for g in range(4)]


@pytest.mark.parametrize(
    ("answer", "text"), [(CancelledError(), "cancelled"), (OSError("no route"), "no route"), ("junk", "'junk'")]
)
def test_a_run_that_is_always_lost_fails(answer, text):
    class Losing(Inline):
        def submit(self, call, function, arguments, pack):
            if arguments["g"] != 1:
                return super().submit(call, function, arguments, pack)
            future = Future()
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
            return future

    results = sweep(lambda g: g, {"g": [0, 1, 2]}, executor=Losing(), tries=2)
    assert [run.value for run in results] == [0, None, 2]
    failure = results[1].failure
    assert failure.kind == "worker lost" and text in failure.text and "begun 2 times" in failure.text


def test_futures_that_never_end_fail_after_the_time_limit_and_their_late_answers_are_not_heard():
    class Forgetful(Inline):
        forgotten = None

        def submit(self, call, function, arguments, pack):
            if arguments["g"] == 1:
                self.forgotten = Future()
                self.forgotten.set_running_or_notify_cancel()  # from now on it cannot be cancelled
                return self.forgotten
            if not self.forgotten.done():
                self.forgotten.set_result(call(function, {"g": 1}, pack))
            return super().submit(call, function, arguments, pack)

    executor = Forgetful()
    results = sweep(lambda g: g, {"g": [1, 0, 2]}, executor=executor, timeout=0.01, workers=1)
    assert executor.forgotten.done()
    assert [run.value for run in results] == [None, 0, 2] and results[0].failure.kind == "out of time"


def test_an_executor_of_processes_that_breaks_ends_the_sweep(tmp_path):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes, pytest.raises(SweepStopped) as stopped:
        sweep(swept.deadly, {"g": [0, 1, 5]}, executor=processes, workers=1)
    refused(stopped, "ProcessPoolExecutor takes no more work", "pass a new executor", "1 of 3 runs")


def test_a_function_that_an_executor_cannot_pickle_is_refused():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes, pytest.raises(TypeError) as error:
        sweep(lambda g: g, {"g": [0, 1, 5]}, executor=processes)
    refused(error, "<lambda>", "top level of a module")


# The page


def test_the_script_of_the_page_runs(tmp_path):
    page = Path(__file__).parent.parent / "docs" / "sweeps.md"
    (tmp_path / "scan.py").write_text(python_blocks(page)[0][1])
    for _ in range(2):
        result = subprocess.run([sys.executable, "scan.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert "150 runs = 15 points x 10 seeds; 150 finished, 0 failed, 0 not run" in result.stdout, result.stderr
        assert result.stderr == ""
