"""What the commands share: progress, Ctrl-C, folders that can be written, complaints."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

console = Console()
Tell = Callable[[float, str], None]


@contextmanager
def progress_bar(first: str) -> Generator[Tell]:
    """A bar on a terminal, lines elsewhere; Ctrl-C reaches whoever tells his progress."""
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bar, lasting_interrupt() as raise_if_interrupted:
        task = bar.add_task(first, total=1.0)
        said: set[str] = set()

        def progress(done: float, text: str) -> None:
            raise_if_interrupted()
            bar.update(task, completed=done, description=f"{text:<44}")
            if not console.is_terminal and text not in said:
                said.add(text)
                console.print(f"{100 * done:3.0f} % {text}", highlight=False)

        yield progress


@contextmanager
def without_interrupt() -> Generator[None]:
    """Ctrl-C waits until the end of this block, and then ends the command."""
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise typer.Exit(130)


@contextmanager
def lasting_interrupt() -> Generator[Callable[[], None]]:
    """Ctrl-C that cannot get lost.

    Python drops an interrupt that meets a callback from foreign code, and compiling kernels is full of those. So it is
    remembered, and the function that this hands out raises it once more if nobody has gone home meanwhile.
    """
    pressed: list[int] = []

    def press(number: int, _: object) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    def raise_if_interrupted() -> None:
        if pressed and threading.current_thread() is threading.main_thread():
            pressed.clear()
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield raise_if_interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def show_and_save(table: RenderableType, notes: tuple[str, ...], out: Path, save: Callable[[], Path]) -> None:
    """The table comes first, so that a full disk cannot take it away. `save` returns the page.

    Ctrl-C waits until all files are written, so that they are of one moment.
    """
    with without_interrupt():
        console.print(table)
        for note in notes:
            console.print(note, highlight=False)
        try:
            page = save()
        except OSError as error:
            raise OSError(
                f"--out {out}: {error.strerror or error}; not everything was saved, the table above is all."
            ) from error
        console.print(f"The page: {page.resolve()}", soft_wrap=True, highlight=False)


def check_within(name: str, value: int | None, low: int, high: int, remedy: str) -> None:
    """Refuse a number that an option cannot take."""
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} = {value} is outside {low:,} to {high:,}; {remedy}.")


def writable(folder: Path, files: tuple[str, ...]) -> bool:
    """Refuse a folder that cannot be written before a life is spent on it; say whether it had to be made."""
    if not str(folder).strip() or str(folder) == ".":
        raise ValueError("--out is empty or the folder that you are in; name another one, for example --out life.")
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"--out {folder} cannot be written ({error.strerror}); name another folder.") from error
    for name in files:
        if (folder / name).is_dir():
            raise IsADirectoryError(f"--out {folder}: {name} in it is a folder; name another folder.")
    return made


def complain(text: str) -> None:
    """One line on standard error."""
    print(f"reafference: {text}", file=sys.stderr)
