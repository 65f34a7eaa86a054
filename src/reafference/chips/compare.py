"""One network on several chips beside the engine: what fits, how alike the spikes are, what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from reafference.chips.bill import Bill, Total
from reafference.chips.circuit import is_source
from reafference.chips.contract import Chip, Program
from reafference.chips.placement.traffic import Traffic
from reafference.chips.report import Report
from reafference.chips.shortage import DoesNotFit
from reafference.engine import run
from reafference.measure import coincidence_factor, common_spikes
from reafference.network import Network
from reafference.recording import Recording
from reafference.units import ms

WITHIN = 2 * ms  # of the coincidence factor, as in its source
Tell = Callable[[float, str], None]


@runtime_checkable
class Routed(Protocol):
    """A program whose chip sends spikes over a mesh that is modelled."""

    def traffic(self, recording: Recording) -> Traffic:
        """What the spikes of a recording ask of the links."""
        ...


@runtime_checkable
class Profiled(Protocol):
    """A program that can be priced by several sets of figures."""

    def bills(self, recording: Recording) -> tuple[Bill, ...]:
        """One bill for each set."""
        ...


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How alike a chip's spikes and the engine's are, those of sources left out.

    spikes       of the chip as a part of the engine's; None where the engine's neurons were silent
    same         part of all spikes that both have, of the same neuron at the same tick; None where nobody spiked
    coincidence  Kistler's factor within 2 ms: 1 all spikes meet, 0 as many as by chance; None where it is not defined
    rates        correlation of the neurons' spike counts; None where one of the two has no spread
    first        s of the first tick at which they differ; None: they never do
    """

    spikes: float | None
    same: float | None
    coincidence: float | None
    rates: float | None
    first: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class OnChip:
    """A network on one chip.

    name       by which it was asked for
    refusal    why it does not fit; all else is None or empty then
    changed    whether it is the network that was changed so that it may fit
    report     what was rounded, where everything went
    recording  its spikes
    agreement  with the engine
    bills      one for each set of figures
    traffic    on the mesh, None where the chip has none
    compiling, running  s of computing time on this machine
    """

    name: str
    refusal: DoesNotFit | None = None
    changed: bool = False
    report: Report | None = None
    recording: Recording | None = None
    agreement: Agreement | None = None
    bills: tuple[Bill, ...] = ()
    traffic: Traffic | None = None
    compiling: float = 0.0
    running: float = 0.0

    def per_tick(self, bill: Bill) -> Total | None:
        """s that the chip needs for a tick; None where no bill says."""
        if bill.time is None or self.recording is None:
            return None
        return bill.time.over(max(round(self.recording.seconds / self.recording.dt), 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """A network on the engine and on chips.

    engine   its recording there, the reference
    chips    in the order in which they were given
    """

    network: Network
    engine: Recording
    chips: tuple[OnChip, ...]


def compare(
    network: Network,
    chips: Mapping[str, Chip],
    *,
    seconds: float,
    dt: float = 1 * ms,
    seed: int = 0,
    otherwise: Network | None = None,
    progress: Tell | None = None,
) -> Comparison:
    """Run a network on the engine and on each chip, for the same time, from the same inputs.

    chips     by the name that each is to be called
    seconds   s of the network's time
    dt        s, a tick of the chips and a step of the engine
    seed      of wiring and sources
    otherwise the network changed so that it may fit, for chips that refuse `network`; its spikes there, too, are
              compared with those of `network` on the engine
    progress  called with the part done, 0 to 1, and what is going on

    A chip on which the network does not fit is told by its refusal. Raises ValueError for no chip, and for another
    network with other populations, TypeError for what is no chip.
    """
    if not isinstance(chips, Mapping):
        raise TypeError(f'compare: chips = {chips!r}; give them by name, as in {{"loihi1": Loihi1()}}.')
    if not chips:
        raise ValueError("compare: no chips; name one or more.")
    for name, chip in chips.items():
        if isinstance(chip, type) or not isinstance(chip, Chip):
            raise TypeError(f"compare: {name!r} is {chip!r}, no chip; give one such as Loihi1().")
    shapes = [[(p.name, p.size) for p in each.populations] for each in (network, otherwise or network)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"compare: `otherwise` has populations {shapes[1]}, the network {shapes[0]}.")
    tell: Tell = progress or (lambda done, text: None)
    parts = 1 + 2 * len(chips)

    def part(number: int, text: str) -> Callable[[float], None]:
        tell(number / parts, text)
        return lambda done: tell((number + done) / parts, text)

    engine = run(network, seconds, dt=dt, seed=seed, progress=part(0, "on the engine"))
    found: list[OnChip] = []
    for number, (name, chip) in enumerate(chips.items()):
        part(1 + 2 * number, f"{name}: placing")
        began, changed = time.perf_counter(), False
        try:
            try:
                program = chip.compile(network, dt=dt, seed=seed)
            except DoesNotFit:
                if otherwise is None:
                    raise
                program, changed = chip.compile(otherwise, dt=dt, seed=seed), True
        except DoesNotFit as refusal:
            found.append(OnChip(name=name, refusal=refusal, compiling=time.perf_counter() - began))
            continue
        placed = time.perf_counter()
        recording = program.run(seconds, progress=part(2 + 2 * number, f"{name}: running"))
        told = _told(name, program, recording, engine, placed - began, time.perf_counter() - placed)
        found.append(replace(told, changed=changed))
    tell(1.0, "done")
    return Comparison(network=network, engine=engine, chips=tuple(found))


def _told(
    name: str, program: Program, recording: Recording, engine: Recording, compiling: float, running: float
) -> OnChip:
    return OnChip(
        name=name,
        report=program.report(),
        recording=recording,
        agreement=agreement(program.circuit.network, engine, recording),
        bills=program.bills(recording) if isinstance(program, Profiled) else (program.price(recording),),
        traffic=program.traffic(recording) if isinstance(program, Routed) else None,
        compiling=compiling,
        running=running,
    )


def agreement(network: Network, engine: Recording, other: Recording) -> Agreement:
    """How alike two recordings of a network are, with the first as the reference."""
    own = np.concatenate([np.full(p.size, not is_source(p)) for p in network.populations])
    trains = [(each.time[own[each.neuron]], each.neuron[own[each.neuron]]) for each in (engine, other)]
    wanted, made, shared = common_spikes(*trains)
    factor = coincidence_factor(*trains, seconds=engine.seconds, within=WITHIN)
    counts: list[npt.NDArray[np.float64]] = [each.counts()[own].astype(np.float64) for each in (engine, other)]
    spread = all(each.size and each.std() > 0 for each in counts)
    return Agreement(
        spikes=made / wanted if wanted else None,
        same=2 * shared / (wanted + made) if wanted + made else None,
        coincidence=None if np.isnan(factor) else factor,
        rates=float(np.corrcoef(counts[0], counts[1]).item(1)) if spread else None,
        first=_first_difference(engine, other, own),
    )


def _first_difference(engine: Recording, other: Recording, own: npt.NDArray[np.bool_]) -> float | None:
    """s of the first tick at which not the same neurons spike."""

    def spikes(recording: Recording) -> npt.NDArray[np.int64]:
        tick = np.rint(recording.time / recording.dt).astype(np.int64)
        return (tick * recording.neurons + recording.neuron)[own[recording.neuron]]

    one, two = spikes(engine), spikes(other)
    odd = np.concatenate([one[~np.isin(one, two)], two[~np.isin(two, one)]])
    return int(odd.min()) // engine.neurons * engine.dt if odd.size else None
