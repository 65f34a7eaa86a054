"""The loop that every life goes through: moment after moment, until its end, until Ctrl-C, or until the world fails."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

Tick = Callable[[str], None]
"""Called after each moment with what is going on."""

Progress = Callable[[float, str], None]
"""Called with the part of a life that is done (0 to 1) and what is going on."""


class WorldFailed(Exception):
    """The world raised an error, or gave what cannot be felt, while the brain was living in it."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a stretch of life ended.

    complete  all of its moments were lived
    failure   what went wrong with the world; empty where nothing did
    whole     no moment was broken off in its middle, as by a second Ctrl-C
    """

    complete: bool
    failure: str = ""
    whole: bool = True


class _Broken(KeyboardInterrupt):
    """Ctrl-C came a second time before the moment was over."""


def live_through(moments: Iterable[int], moment: Callable[[int], str], tick: Tick) -> Ending:
    """Live one moment after another; `moment(n)` lives it and returns what it was, which `tick` is told.

    Ctrl-C waits for the end of the moment, so that brain, world and log agree; pressed twice, it does not.
    """
    try:
        for now in moments:
            with _unbroken():
                lived = moment(now)
            tick(lived)
    except _Broken:
        return Ending(complete=False, whole=False)
    except KeyboardInterrupt:
        return Ending(complete=False)
    except WorldFailed as error:
        return Ending(complete=False, failure=str(error))
    return Ending(complete=True)


@contextmanager
def answer_of_the_world() -> Generator[None]:
    """Whatever a world raises within this block is a WorldFailed."""
    try:
        yield
    except Exception as error:
        raise WorldFailed(f"{type(error).__name__}: {error}") from error


@contextmanager
def _unbroken() -> Generator[None]:
    """Ctrl-C waits until the end of this block; the second one does not."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    pressed = 0

    def press(number: int, _: object) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise _Broken

    before = signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        signal.raise_signal(signal.SIGINT)
