"""The `reafference` command."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from reafference.brain.life import Life

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
console = Console()


def _version(wanted: bool) -> None:
    if wanted:
        import reafference

        console.print(f"reafference {reafference.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def reafference(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Inside-out neuromorphic computing: brains that act, predict what acting feels like, and learn."""


@app.command()
def live(
    world: Annotated[str, typer.Argument(help="Name of a Gymnasium environment.")] = "Pendulum-v1",
    seconds: Annotated[
        float, typer.Option(help="Seconds of learning, at least 5; infancy, tests and twins come on top.")
    ] = 90.0,
    seed: Annotated[int, typer.Option(help="Of brain, world and pushes; the same seed gives the same life.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for life.html, life.json and spikes.npz.")] = Path("life"),
    threads: Annotated[int, typer.Option(help="Twins that live at the same time.")] = 2,
    frame: Annotated[
        float | None,
        typer.Option(help="Seconds that one step of the world stands for; as the world says if not given."),
    ] = None,
) -> None:
    """Give a brain a body: it babbles, learns, meets pushes and an inverted body, and is compared with its twins."""
    made = _writable(out)
    try:
        _live(world, seconds, seed, out, threads, frame)
    except KeyboardInterrupt:
        _complain("stopped while the brain was being wired; nothing was lived, nothing is saved.")
        raise typer.Exit(130) from None
    finally:
        if made and not any(out.iterdir()):
            out.rmdir()


def _live(world: str, seconds: float, seed: int, out: Path, threads: int, frame: float | None) -> None:
    from reafference.brain.live import LifeEnded
    from reafference.brain.live import live as live_a_life
    from reafference.brain.protocol import Protocol, schedule
    from reafference.brain.worlds import open_world
    from reafference.units import check_range

    check_range("--threads", threads, 1, 64, "")
    check_range("--seconds", seconds, 5.0, 1e6, "")
    check_range("--seed", seed, 0, 2**31 - 1, "")
    body = open_world(world, seed=seed, frame=frame)
    console.print(f"[bold]{body!r}[/bold]", highlight=False)
    plan = schedule(Protocol(learn=seconds), frame=body.frame, seed=seed, can_push=body.can_push)
    console.print(
        f"{seconds:g} s of learning, {plan.frames * body.frame - seconds:.0f} s of infancy and tests, and three twins "
        "that are given the same sensations.",
        highlight=False,
    )
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    failure = ""
    with bar, _lasting_interrupt() as raise_if_interrupted:
        task = bar.add_task("waking up", total=1.0)
        said: set[str] = set()

        def progress(done: float, text: str) -> None:
            raise_if_interrupted()
            bar.update(task, completed=done, description=f"{text:<44}")
            if not console.is_terminal and text not in said:
                said.add(text)
                console.print(f"{100 * done:3.0f} % {text}", highlight=False)

        try:
            life = live_a_life(body, seconds=seconds, seed=seed, threads=threads, progress=progress)
        except LifeEnded as error:
            life, failure = error.life, str(error).replace("`life` of this error", str(out))
    _show_and_save(life, out)
    if failure:
        _complain(failure)
        raise typer.Exit(1)
    if not life.complete:
        raise typer.Exit(130)
    console.print(
        f"It learned for {seconds:g} s. A longer life (--seconds 300) predicts finer: less error at rest, "
        "smaller pushes seen.",
        highlight=False,
    )


@contextmanager
def _lasting_interrupt() -> Generator[Callable[[], None]]:
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


def _show_and_save(life: Life, out: Path) -> None:
    """The table comes first, so that a full disk cannot take it away."""
    from reafference.report.page import write_page
    from reafference.report.terminal import life_table

    console.print(life_table(life))
    for note in life.notes:
        console.print(note, highlight=False)
    try:
        life.save(out)
        page = write_page(life, out / "life.html")
    except OSError as error:
        raise OSError(
            f"--out {out}: {error.strerror or error}; not everything was saved, the table above is all."
        ) from error
    console.print(f"The page: {page.resolve()}", soft_wrap=True, highlight=False)


@app.command()
def doctor() -> None:
    """Print versions, threads, what each extra would add, and where compiled kernels are kept."""
    from reafference.doctor import report

    console.print(report(), highlight=False, markup=False)


def _writable(folder: Path) -> bool:
    """Refuse a folder that cannot be written before a life is spent on it; say whether it had to be made."""
    if not str(folder).strip() or str(folder) == ".":
        raise ValueError("--out is empty; name a folder, for example life.")
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"--out {folder} cannot be written ({error.strerror}); name another folder.") from error
    for name in ("life.html", "life.json", "spikes.npz"):
        if (folder / name).is_dir():
            raise IsADirectoryError(f"--out {folder}: {name} in it is a folder; name another folder.")
    return made


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and a status that is not zero."""
    try:
        app()
    except KeyboardInterrupt:
        _complain("stopped before anything was lived; nothing was saved.")
        raise SystemExit(130) from None
    except (ValueError, TypeError, KeyError, OSError, MemoryError, ImportError) as error:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        _complain(text or type(error).__name__)
        raise SystemExit(1) from None


def _complain(text: str) -> None:
    print(f"reafference: {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
