"""The `reafference` command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reafference.console import (
    check_within,
    complain,
    console,
    progress_bar,
    show_and_save,
    without_interrupt,
    writable,
)

if TYPE_CHECKING:
    from reafference.brain.life import Life
    from reafference.brain.maps.map_life import MapLife
    from reafference.network import Network

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
LIFE_FILES = ("life.html", "life.json", "spikes.npz", "network.npz")
LIFE_CHIPS = "loihi1"
CHIP_FILES = ("chips.html",)
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
        _show_on_chips(life, seed, out)
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


def _show_on_chips(life: Life, seed: int, out: Path) -> None:
    """The table of chips, and the page once more with it; Ctrl-C leaves the page as it was."""
    from reafference.chips.asked import chips_named
    from reafference.chips.compare import compare
    from reafference.chips.one_time_constant import one_time_constant
    from reafference.report.chips_rows import chips_table
    from reafference.report.page import write_page

    if life.network is None:
        return
    network, _ = one_time_constant(life.network)
    try:
        with progress_bar("the brain on chips") as progress:
            told = compare(
                network,
                chips_named(LIFE_CHIPS),
                seconds=2.0,
                dt=1e-3,
                seed=seed,
                reference=life.network,
                progress=progress,
            )
    except KeyboardInterrupt:
        console.print("Stopped before the brain was on chips; the page is without that table.", highlight=False)
        return
    console.print(chips_table(told))
    with without_interrupt():
        write_page(life, out / "life.html", chips=told)


@app.command("chips")
def on_chips(
    network: Annotated[
        str,
        typer.Argument(
            help="A saved network (.npz), such as network.npz of a life, a NIR file (.nir), or an example: touch, "
            "chain, lognormal, brain."
        ),
    ],
    on: Annotated[
        str, typer.Option(help="Chips, with commas between them; also your own, as package.module:Class.")
    ] = "loihi1",
    seconds: Annotated[float, typer.Option(help="Seconds of the network's time to run.")] = 1.0,
    dt: Annotated[float, typer.Option(help="Seconds in one tick of the chips and one step of the engine.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Of wiring and sources.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for chips.html; no page if not given.")] = None,
    steps: Annotated[
        bool,
        typer.Option(
            "--steps",
            help="A NIR file was exported by a framework, such as snnTorch or Norse, that ran it in Euler's steps of "
            "--dt; without it, spikes are the impulses of NIR's equations.",
        ),
    ] = False,
    input_rate: Annotated[float, typer.Option(help="Hz of Poisson spikes that feed the inputs of a NIR file.")] = 20.0,
    one_time_constant: Annotated[
        bool,
        typer.Option(
            "--one-time-constant",
            help="Let excitation and inhibition of a neuron decay alike, by which more networks fit; the page says how "
            "much that changes, and spikes are compared with those of the network as it was.",
        ),
    ] = False,
) -> None:
    """Put a network on chips: what fits, how far spikes are the engine's, what it costs, by which figures."""
    made = out is not None and writable(out, CHIP_FILES)
    try:
        read = partial(_nir, network, dt, input_rate, steps=steps) if network.endswith(".nir") else None
        _on_chips(network, on, seconds, dt, seed, out, changed=one_time_constant, read=read)
    except KeyboardInterrupt:
        complain("stopped; nothing is saved.")
        raise typer.Exit(130) from None
    finally:
        if out is not None and made and not any(out.iterdir()):
            out.rmdir()


def _on_chips(
    name: str, on: str, seconds: float, dt: float, seed: int, out: Path | None,
    *, changed: bool, read: Callable[[], Network] | None,
) -> None:  # fmt: skip
    from reafference.chips.asked import chips_named, network_named
    from reafference.chips.compare import compare
    from reafference.chips.one_time_constant import one_time_constant
    from reafference.report.chips_page import write_chips_page
    from reafference.report.chips_rows import chip_notes, chips_table
    from reafference.units import check_range, check_time

    check_range("--seconds", seconds, 1e-3, 1e4, "s")
    check_time("--dt", dt, 1e-5, 0.02)
    check_range("--seed", seed, 0, 2**31 - 1, "")
    chips = chips_named(on)
    with progress_bar("reading the network") as progress:
        given = read() if read is not None else _brain(seed, progress) if name == "brain" else network_named(name)
        network, roundings = one_time_constant(given) if changed else (given, ())
        told = compare(network, chips, seconds=seconds, dt=dt, seed=seed, reference=given, progress=progress)
    notes = tuple(f"Changed so that it fits: {each}." for each in roundings)
    refused = any(each.refusal is not None for each in told.chips)
    if refused and not changed and any("tau_e" in str(each.refusal) for each in told.chips):
        notes += ("Neurons hear excitation and inhibition with different time constants; try --one-time-constant.",)
    shown = (*notes, *chip_notes(told))
    if out is None:
        console.print(chips_table(told))
        for note in shown:
            console.print(note, highlight=False, markup=False)
    else:
        title = "A brain that lived in Pendulum-v1" if name == "brain" else Path(name).stem
        show_and_save(
            chips_table(told), shown, out, lambda: write_chips_page(told, out / "chips.html", title=title, notes=notes)
        )
    if all(each.refusal is not None for each in told.chips):
        raise typer.Exit(1)


def _nir(path: str, dt: float, rate: float, *, steps: bool) -> Network:
    from reafference.nir import EulerSteps, Impulses
    from reafference.nir.driven import driven

    return driven(path, convention=EulerSteps(dt=dt) if steps else Impulses(dt=dt), rate=rate)


def _brain(seed: int, progress: Callable[[float, str], None]) -> Network:
    from reafference.brain.learned import learned_brain

    return learned_brain(seed=seed, progress=progress)


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
