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
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

if TYPE_CHECKING:
    from reafference.brain.life import Life
    from reafference.brain.loop import Progress
    from reafference.brain.maps.map_life import MapLife

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
console = Console()
LIFE_FILES = ("life.html", "life.json", "spikes.npz")
MAP_FILES = ("map.html", "map.json", "life.npz", "brain.npz")


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
    made = _writable(out, LIFE_FILES)
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
    failure = ""
    with _progress("waking up") as progress:
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


@app.command("map")
def map_a_world(
    world: Annotated[
        str | None,
        typer.Argument(help="Name of a Gymnasium environment with Discrete actions; a room that looks alike, if none."),
    ] = None,
    actions: Annotated[int | None, typer.Option(help="To live in all; 400 if not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of world and agent; 0 if not given.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for map.html, map.json, life.npz and brain.npz.")] = Path("map"),
    charts: Annotated[int | None, typer.Option(help="Hypotheses of the map that compete; 256 if not given.")] = None,
    cells: Annotated[
        bool | None,
        typer.Option(
            "--cells/--arrays",
            help="What charts are made of; spiking cells if not given, arrays where symbols are too many for that.",
        ),
    ] = None,
    radius: Annotated[
        int | None, typer.Option(help="Actions to which the body's algebra is unrolled, at least 8; 14 if not given.")
    ] = None,
    symbols: Annotated[
        int | None, typer.Option(help="Different symbols that may be met; as the world says if not given, else 64.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the life in the folder; takes --actions and --symbols.")
    ] = False,
) -> None:
    """Let an agent find out what its actions do, map a world by acting on it, and show how the map grew."""
    made = _writable(out, MAP_FILES)
    try:
        _map(world, actions, seed, out, charts, radius, symbols, cells=cells, resume=resume)
    except KeyboardInterrupt:
        _complain("stopped before an action was over; nothing of this run is saved, and the folder is as it was.")
        raise typer.Exit(130) from None
    finally:
        if made and not any(out.iterdir()):
            out.rmdir()


def _map(
    world: str | None,
    actions: int | None,
    seed: int | None,
    out: Path,
    charts: int | None,
    radius: int | None,
    symbols: int | None,
    *,
    cells: bool | None,
    resume: bool,
) -> None:
    from reafference.brain.maps.hypotheses import Hypotheses
    from reafference.brain.maps.life import MappingLife
    from reafference.brain.maps.map_life import BRAIN, DEFAULT_WORLD, LEAST_RADIUS, RADIUS, MapPlan
    from reafference.brain.maps.new_agent import newborn
    from reafference.brain.maps.spiking_hypotheses import SpikingHypotheses

    if world is not None and not world.strip():
        raise ValueError(
            "WORLD is empty; name a Gymnasium environment, for example FrozenLake-v1, or leave it out for "
            f"{DEFAULT_WORLD}."
        )
    _within("--actions", actions, 1, 10_000_000, "400 map a room of 48 places")
    _within("--seed", seed, 0, 2**31 - 1, "any whole number in between gives another life")
    _within("--charts", charts, 1, 100_000, "256 map most rooms")
    _within("--radius", radius, LEAST_RADIUS, 200, f"{RADIUS} is usual, a room twice as wide needs twice as much")
    _within("--symbols", symbols, 1, 100_000, "give as many as the world has different observations")
    fixed = {"WORLD": world, "--seed": seed, "--charts": charts, "--radius": radius}
    fixed["--cells" if cells else "--arrays"] = cells
    given = [name for name, value in fixed.items() if value is not None]
    if resume and given:
        raise ValueError(
            f"--resume goes on with the life in {out} as it is, so {', '.join(given)} cannot be given; leave them out, "
            "or begin another life in another folder."
        )
    if not resume and (out / BRAIN).exists():
        raise FileExistsError(
            f"--out {out} holds a life already ({BRAIN}); go on with it (--resume), name another folder, or remove it."
        )
    born = newborn(charts, None if cells is None else SpikingHypotheses if cells else Hypotheses)
    lived: MapLife | None = None
    try:
        with _progress("waking up") as progress:
            if resume:
                life = MappingLife.resumed(out, born, actions=actions, symbols=symbols, progress=progress)
            else:
                plan = MapPlan(
                    world=world or DEFAULT_WORLD,
                    actions=actions or 400,
                    seed=seed or 0,
                    radius=radius or RADIUS,
                    symbols=symbols,
                )
                life = MappingLife(plan, born, progress)
            lived = life.live()
    except KeyboardInterrupt:
        if lived is None:  # else it came while the bar was put away
            raise
    if not lived.whole:
        raise KeyboardInterrupt
    _show_and_save_map(lived, out)
    if lived.summary["failure"]:
        _complain(lived.notes[0])
        raise typer.Exit(1)
    if not lived.complete:
        raise typer.Exit(130)


def _show_and_save_map(life: MapLife, out: Path) -> None:
    from reafference.report.map_measures import map_table
    from reafference.report.map_page import write_map_page

    _show_and_save_any(
        map_table(life), life.notes, out, lambda: (life.save(out), write_map_page(life, out / "map.html"))[1]
    )


@contextmanager
def _progress(first: str) -> Generator[Progress]:
    """A bar on a terminal, lines elsewhere; Ctrl-C reaches whoever tells his progress."""
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bar, _lasting_interrupt() as raise_if_interrupted:
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
def _without_interrupt() -> Generator[None]:
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
    from reafference.report.page import write_page
    from reafference.report.terminal import life_table

    _show_and_save_any(
        life_table(life), life.notes, out, lambda: (life.save(out), write_page(life, out / "life.html"))[1]
    )


def _show_and_save_any(table: Table, notes: tuple[str, ...], out: Path, save: Callable[[], Path]) -> None:
    """The table comes first, so that a full disk cannot take it away. `save` returns the page.

    Ctrl-C waits until all files are written, so that they are of one moment.
    """
    with _without_interrupt():
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


def _within(name: str, value: int | None, low: int, high: int, remedy: str) -> None:
    """Refuse a number that an option cannot take."""
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} = {value} is outside {low:,} to {high:,}; {remedy}.")


@app.command()
def doctor() -> None:
    """Print versions, threads, what each extra would add, and where compiled kernels are kept."""
    from reafference.doctor import report

    console.print(report(), highlight=False, markup=False)


def _writable(folder: Path, files: tuple[str, ...]) -> bool:
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
