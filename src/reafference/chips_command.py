"""`reafference chips`, and the table of chips of a life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reafference.console import complain, console, progress_bar, show_and_save, without_interrupt, writable

if TYPE_CHECKING:
    from reafference.brain.life import Life
    from reafference.network import Network

LIFE_CHIPS = "loihi1,loihi2"
CHIP_FILES = ("chips.html",)


def show_on_chips(life: Life, seed: int, out: Path) -> None:
    """The table of chips, and the page once more with it; Ctrl-C leaves the page as it was."""
    from reafference.chips.asked import chips_named
    from reafference.chips.compare import compare
    from reafference.chips.one_time_constant import one_time_constant
    from reafference.report.chips_rows import chips_tables
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
    console.print(chips_tables(told))
    with without_interrupt():
        write_page(life, out / "life.html", chips=told)


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
    jumps: Annotated[
        bool,
        typer.Option(
            "--jumps",
            help="Let synaptic currents act at once, as TrueNorth has it; spikes are compared with those of the "
            "network as it was.",
        ),
    ] = False,
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
        chosen = Chosen(network, on, seconds, dt, seed, out, one_time_constant=one_time_constant, jumps=jumps)
        _on_chips(chosen, read)
    except KeyboardInterrupt:
        complain("stopped; nothing is saved.")
        raise typer.Exit(130) from None
    finally:
        if out is not None and made and not any(out.iterdir()):
            out.rmdir()


@dataclass(frozen=True)
class Chosen:
    """What was asked for."""

    name: str
    on: str
    seconds: float
    dt: float
    seed: int
    out: Path | None
    one_time_constant: bool = field(kw_only=True)
    jumps: bool = field(kw_only=True)


def _on_chips(chosen: Chosen, read: Callable[[], Network] | None) -> None:
    from reafference.chips.asked import chips_named, network_named
    from reafference.chips.compare import compare
    from reafference.chips.jumps import as_jumps
    from reafference.chips.one_time_constant import one_time_constant
    from reafference.report.chips_page import write_chips_page
    from reafference.report.chips_rows import chip_notes, chips_tables
    from reafference.units import check_range, check_time

    name, out, seed = chosen.name, chosen.out, chosen.seed
    check_range("--seconds", chosen.seconds, 1e-3, 1e4, "s")
    check_time("--dt", chosen.dt, 1e-5, 0.02)
    check_range("--seed", seed, 0, 2**31 - 1, "")
    chips = chips_named(chosen.on)
    with progress_bar("reading the network") as progress:
        given = read() if read is not None else _brain(seed, progress) if name == "brain" else network_named(name)
        network, roundings = one_time_constant(given) if chosen.one_time_constant else (given, ())
        network, more = as_jumps(network) if chosen.jumps else (network, ())
        told = compare(
            network, chips, seconds=chosen.seconds, dt=chosen.dt, seed=seed, reference=given, progress=progress
        )
    notes = tuple(f"Changed so that it fits: {each}." for each in (*roundings, *more))
    refusals = " ".join(str(each.refusal) for each in told.chips if each.refusal is not None)
    if "tau_e" in refusals and not chosen.one_time_constant:
        notes += ("Neurons hear excitation and inhibition with different time constants; try --one-time-constant.",)
    if "as_jumps" in refusals and not chosen.jumps:
        notes += ("Synaptic currents go on for longer than a tick; try --jumps.",)
    shown = (*notes, *chip_notes(told))
    if out is None:
        console.print(chips_tables(told))
        for note in shown:
            console.print(note, highlight=False, markup=False)
    else:
        title = "A brain that lived in Pendulum-v1" if name == "brain" else Path(name).stem
        show_and_save(
            chips_tables(told), shown, out, lambda: write_chips_page(told, out / "chips.html", title=title, notes=notes)
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
