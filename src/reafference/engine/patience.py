"""What a user sees on the terminal while something takes long. Nothing where stderr is no terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

PATIENCE = 2.0  # s that pass without a word


def watched() -> bool:
    """Whether somebody can be looking."""
    return sys.stderr is not None and sys.stderr.isatty()


def say(text: str, end: str = "\n") -> None:
    """Write to the terminal."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


@contextmanager
def announced(text: str) -> Generator[None]:
    """Say `text` if what follows takes more than two seconds."""
    timer = threading.Timer(PATIENCE, say, [text])
    timer.daemon = True
    if watched():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def line(seconds: float) -> Callable[[float], None]:
    """A progress line for a run of `seconds` of simulated time: call it with the part done, 0 to 1."""
    begin = time.monotonic()

    def show(done: float) -> None:
        passed = time.monotonic() - begin
        if passed < PATIENCE:
            return
        left = passed / max(done, 1e-9) * (1.0 - done)
        text = f"\rreafference: {done:4.0%} of {seconds:g} s simulated, {passed:.0f} s passed, {left:.0f} s left "
        say(text, end="\n" if done >= 1.0 else "")

    return show
