"""The `reafference` command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reafference.chips_command import on_chips, show_on_chips
from reafference.console import (
    check_within,
    complain,
    console,
    progress_bar,
    show_and_save,
    writable,
)

if TYPE_CHECKING:
    from reafference.brain.life import Life
    from reafference.brain.maps.map_life import MapLife

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
LIFE_FILES = ("life.html", "life.json", "spikes.npz", "network.npz")
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
    out: Annotated[Path, typer.Option(help="Folder for life.html, life.json, spikes.npz and network.npz.")] = Path(
        "life"
    ),
    threads: Annotated[int, typer.Option(help="Twins that live at the same time.")] = 2,
    frame: Annotated[
        float | None,
        typer.Option(help="Seconds that one step of the world stands for; as the world says if not given."),
    ] = None,
) -> None:
    """Give a brain a body: it babbles, learns, meets pushes and an inverted body, and is compared with its twins."""
    made = writable(out, LIFE_FILES)
    try:
        _live(world, seconds, seed, out, threads, frame)
    except KeyboardInterrupt:
        complain("stopped while the brain was being wired; nothing was lived, nothing is saved.")
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
    with progress_bar("waking up") as progress:
        try:
            life = live_a_life(body, seconds=seconds, seed=seed, threads=threads, progress=progress)
        except LifeEnded as error:
            life, failure = error.life, str(error).replace("`life` of this error", str(out))
    _show_and_save(life, out)
    if failure:
        complain(failure)
        raise typer.Exit(1)
    if not life.complete:
        raise typer.Exit(130)
    if life.network is not None:
        show_on_chips(life, seed, out)
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
    made = writable(out, MAP_FILES)
    try:
        _map(world, actions, seed, out, charts, radius, symbols, cells=cells, resume=resume)
    except KeyboardInterrupt:
        complain("stopped before an action was over; nothing of this run is saved, and the folder is as it was.")
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
    check_within("--actions", actions, 1, 10_000_000, "400 map a room of 48 places")
    check_within("--seed", seed, 0, 2**31 - 1, "any whole number in between gives another life")
    check_within("--charts", charts, 1, 100_000, "256 map most rooms")
    check_within("--radius", radius, LEAST_RADIUS, 200, f"{RADIUS} is usual, a room twice as wide needs twice as much")
    check_within("--symbols", symbols, 1, 100_000, "give as many as the world has different observations")
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
        with progress_bar("waking up") as progress:
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
        complain(lived.notes[0])
        raise typer.Exit(1)
    if not lived.complete:
        raise typer.Exit(130)


def _show_and_save_map(life: MapLife, out: Path) -> None:
    from reafference.report.map_measures import map_table
    from reafference.report.map_page import write_map_page

    show_and_save(map_table(life), life.notes, out, lambda: (life.save(out), write_map_page(life, out / "map.html"))[1])


def _show_and_save(life: Life, out: Path) -> None:
    from reafference.report.page import write_page
    from reafference.report.terminal import life_table

    show_and_save(life_table(life), life.notes, out, lambda: (life.save(out), write_page(life, out / "life.html"))[1])


app.command("chips")(on_chips)


@app.command()
def doctor() -> None:
    """Print versions, threads, what each extra would add, and where compiled kernels are kept."""
    from reafference.doctor import report

    console.print(report(), highlight=False, markup=False)


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and a status that is not zero."""
    try:
        app()
    except KeyboardInterrupt:
        complain("stopped before anything was lived; nothing was saved.")
        raise SystemExit(130) from None
    except (ValueError, TypeError, KeyError, OSError, MemoryError, ImportError) as error:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        complain(text or type(error).__name__)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
