"""The `reafference` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
console = Console()


@app.callback()
def reafference() -> None:
    """Inside-out neuromorphic computing: brains that act, predict what acting feels like, and learn."""


@app.command()
def live(
    world: Annotated[str, typer.Argument(help="Name of a Gymnasium environment.")] = "Pendulum-v1",
    seconds: Annotated[float, typer.Option(help="Seconds of learning; the tests come on top.")] = 90.0,
    seed: Annotated[int, typer.Option(help="Of brain, world and pushes; the same seed gives the same life.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for life.html, life.json and spikes.npz.")] = Path("life"),
    threads: Annotated[int, typer.Option(help="Twins that live at the same time.")] = 2,
) -> None:
    """Give a brain a body: it babbles, learns, meets pushes and an inverted body, and is compared with its twins."""
    _writable(out)
    from reafference.brain.live import live as live_a_life
    from reafference.brain.worlds import open_world
    from reafference.report.page import write_page
    from reafference.report.terminal import life_table
    from reafference.units import check_range

    check_range("--threads", threads, 1, 64, "")
    body = open_world(world, seed=seed)
    console.print(f"[bold]{body!r}[/bold]", highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("waking up", total=1.0)
        said: set[str] = set()

        def progress(done: float, text: str) -> None:
            bar.update(task, completed=done, description=f"{text:<44}")
            if not console.is_terminal and text not in said:
                said.add(text)
                console.print(f"{100 * done:3.0f} % {text}", highlight=False)

        life = live_a_life(body, seconds=seconds, seed=seed, threads=threads, progress=progress)
    life.save(out)
    page = write_page(life, out / "life.html")
    console.print(life_table(life))
    for note in life.notes:
        console.print(note, highlight=False)
    console.print(f"The page: {page.resolve()}", soft_wrap=True, highlight=False)
    if life.complete:
        console.print(
            f"It learned for {seconds:g} s. A longer life (--seconds 300) predicts finer: less error at rest, "
            "smaller pushes seen.",
            highlight=False,
        )
    else:
        raise typer.Exit(130)


@app.command()
def doctor() -> None:
    """Print versions, threads, what each extra would add, and where compiled kernels are kept."""
    from reafference.doctor import report

    console.print(report(), highlight=False, markup=False)


def _writable(folder: Path) -> None:
    """Refuse a folder that cannot be written before a life is spent on it."""
    for parent in (folder, *folder.parents):
        if parent.exists():
            if not parent.is_dir():
                raise NotADirectoryError(f"--out {folder}: {parent} is a file; name a folder.")
            if not os.access(parent, os.W_OK):
                raise PermissionError(f"--out {folder}: {parent} cannot be written; name another folder.")
            break
    folder.mkdir(parents=True, exist_ok=True)


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
