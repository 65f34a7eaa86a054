"""What a user sees on the terminal while something takes long; in a log no more than that it compiles."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from numba.core import event

PATIENCE = 2.0  # s that pass without a word
EVERY = 0.5  # s between two words
LONG = 10.0  # s of compiling after which a log that nobody watches gets one line, too


def watched() -> bool:
    """Whether somebody can be looking."""
    return sys.stderr is not None and sys.stderr.isatty()


def say(text: str, end: str = "\n") -> None:
    """Write to the terminal."""
    if sys.stderr is None:
        return
    sys.stderr.write(text + end)
    sys.stderr.flush()


class Compiled(event.Listener):
    """Counts functions that the compiler has finished."""

    def __init__(self) -> None:
        self.count = 0

    def on_start(self, event: event.Event) -> None:
        """One begins."""

    def on_end(self, event: event.Event) -> None:
        """One is done."""
        self.count += 1


@contextmanager
def announced(kernels: str) -> Generator[None]:
    """Show how far building is, and how many functions have been compiled, if it takes more than two seconds.

    kernels  what is being compiled, and why that need not be feared: words for the terminal
    """
    seen = watched()
    begin, over, compiled = time.monotonic(), threading.Event(), Compiled()

    def show() -> None:
        shown = False
        wait = PATIENCE if seen else LONG
        while not over.wait(wait):
            if not seen:
                if compiled.count:
                    say(f"reafference: compiling {kernels}; this takes up to a minute.")
                    return
                continue
            what = f"compiling {kernels}: {compiled.count} functions" if compiled.count else "building the network"
            say(f"\r\033[Kreafference: {what}, {time.monotonic() - begin:.0f} s ", end="")
            shown, wait = True, EVERY
        if shown:
            say("")

    teller = threading.Thread(target=show, daemon=True)
    with event.install_listener("numba:compile", compiled):
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()


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
