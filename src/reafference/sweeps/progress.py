"""How far a sweep is: for a program as a number, for a person as a bar."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# A sweep that is over sooner needs no bar (s).
PATIENCE = 2.0


@dataclass(kw_only=True)
class Tally:
    """Runs so far. `asked` is all, `kept` were there before, `done` and `failed` were made now."""

    asked: int
    kept: int = 0
    done: int = 0
    failed: int = 0
    begin: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> int:
        """Runs still to be made."""
        return self.asked - self.kept - self.done - self.failed

    @property
    def part(self) -> float:
        """Part that is over, 0 to 1."""
        return 1.0 - self.left / self.asked

    def remaining(self, now: float) -> float | None:
        """Time that is left (s) if the rest goes as fast as what was made so far; None before anything was made."""
        made = self.done + self.failed
        return (now - self.begin) * self.left / made if made else None

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        kept = f" ({self.kept} kept from before)" if self.kept else ""
        return f"{self.kept + self.done} done{kept}{failed}, {self.left} left"


class Reporter(Protocol):
    """Is told of the tally whenever it may have changed."""

    def __enter__(self) -> Reporter: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
    def show(self, tally: Tally) -> None:
        """Show how far it is."""
        ...


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, tally: Tally) -> None:
        """Show nothing."""


class Called:
    """Calls a function with the part that is over, 0 to 1, at the begin and whenever a run has ended."""

    def __init__(self, function: Callable[[float], object]) -> None:
        self._function = function
        self._shown = -1

    def __enter__(self) -> Called:
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, tally: Tally) -> None:
        """Call the function."""
        if tally.left != self._shown:
            self._shown = tally.left
            self._function(tally.part)


class Bar:
    """A bar on the standard error, if that is a terminal, once the sweep has lasted for two seconds."""

    def __init__(self) -> None:
        self._drawn: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()

    def show(self, tally: Tally) -> None:
        """Draw the bar anew."""
        now = time.monotonic()
        if self._drawn is None and now - tally.begin >= PATIENCE:
            self._drawn = _drawn(tally.asked)
        if self._drawn is not None:
            bar, task = self._drawn
            bar.update(task, completed=tally.asked - tally.left, tally=str(tally), rest=_rest(tally, now))


def _drawn(asked: int) -> tuple[Progress, TaskID] | None:
    """Begin to draw, unless nobody would see it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        return None
    bar = Progress(BarColumn(), TextColumn("{task.fields[tally]}"), TextColumn("{task.fields[rest]}"), console=console)
    task = bar.add_task("sweep", total=asked, tally="", rest="")
    bar.start()
    return bar, task


def reporter(progress: bool | Callable[[float], object]) -> Reporter:
    """Return what `progress` asks for. Raises TypeError if it is neither True, False nor a function."""
    if isinstance(progress, bool):
        return Bar() if progress else Silent()
    if not callable(progress):
        raise TypeError(
            f"progress = {progress!r} cannot be called; give True, or a function of one number from 0 to 1."
        )
    return Called(progress)


def _rest(tally: Tally, now: float) -> str:
    seconds = tally.remaining(now)
    if seconds is None or not tally.left:
        return ""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {seconds:.0f} s"
