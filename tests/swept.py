"""Functions for sweeps in worker processes, in a module of their own, so that a worker does not import the tests."""

import os
import signal
import time
from concurrent.futures import Future
from pathlib import Path

import numpy as np


class Recorder:
    """A function for sweeps in this process that returns the value of its number, and says which runs were made.

    It is found by its name, so that a folder takes it for the same function whatever its values are.
    """

    def __init__(self, values):
        self.values, self.calls = values, []

    def __reduce__(self):
        return Recorder, ((),)

    def __call__(self, number):
        self.calls.append(number)
        return self.values[number]


class Inline:
    """An executor that makes each run at once, in this process."""

    def submit(self, function, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


def plain_text(value):
    """A text that two values share only if they are the same, types, signs of zero and all; NaN is the same as NaN."""
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{key!r}: {plain_text(item)}" for key, item in value.items())) + "}"
    if isinstance(value, (list, tuple)):
        return type(value).__name__ + "(" + ", ".join(plain_text(item) for item in value) + ")"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.descr} {value.shape} {value.tobytes()}"
    if isinstance(value, complex):
        return f"complex({value.real!r}, {value.imag!r})"
    return repr(value)


def refused(error, *parts):
    for part in parts:
        assert part in str(error.value)


def product(seed, g, eta):
    return g * eta + seed


def parts(seed, g):
    return {"rate": {"E": g + 0.5, "I": seed}, "spikes": np.arange(g, dtype=np.int32), "name": f"g{g}"}


def killed_once(g, folder):
    """Dies at the first try of g = 1."""
    marker = Path(folder) / "was here"
    if g == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return g * 10


def deadly(g):
    if g == 1:
        os.kill(os.getpid(), signal.SIGSEGV)
    if g == 2:
        os._exit(3)
    if g == 3:
        raise ValueError(f"g = {g} is not welcome")
    if g == 4:
        raise SystemExit("out")
    return g


def hanging(g, folder):
    if g == 1:
        (Path(folder) / "pid").write_text(str(os.getpid()))
        time.sleep(1000)
    return g


def slow(seed, folder):
    """Says who runs it, and goes on for as long as `folder`/wait exists."""
    (Path(folder) / f"pid{seed}").write_text(str(os.getpid()))
    while seed >= 2 and (Path(folder) / "wait").exists():
        time.sleep(0.01)
    return seed


def leaving_a_child(g, folder):
    """Dies at every try of g = 1, and leaves a child behind that holds all its connections open for a while."""
    if g == 1:
        if not os.fork():
            while not (Path(folder) / "over").exists():
                time.sleep(0.01)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)
    return g


def unpicklable(g):
    return (lambda: g) if g else 0
