"""Contracts that others can run: does a chip behave as one?

from reafference.testing import check_chip

check_chip(MyChip())  # raises ChipFaults, which lists all that is wrong
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reafference.chips.bill import Bill
from reafference.chips.circuit import input_spikes, is_source
from reafference.chips.contract import Chip, Program
from reafference.chips.shortage import DoesNotFit
from reafference.network import Izhikevich, Network, Population, Projection, SpikeTrain
from reafference.network.plasticity import ThreeFactor
from reafference.network.release import Release
from reafference.network.short_term import TsodyksMarkram
from reafference.recording import Recording
from reafference.units import ms, mV

TICKS = 200  # of the longer runs
HUGE = 2**31 - 1  # neurons that no chip has


class ChipFaults(AssertionError):
    """What a chip does that a chip should not; `faults` lists all of it."""

    def __init__(self, chip: str, faults: Sequence[str]) -> None:
        self.chip, self.faults = chip, tuple(faults)
        super().__init__("\n".join([f"{chip} is not yet a chip; {len(faults)} faults:", *(f"- {f}" for f in faults)]))


@dataclass(frozen=True)
class _Case:
    """A chip, its example, and what came of it."""

    chip: Chip
    network: Network
    dt: float
    program: Program
    recording: Recording


def check_chip(chip: Chip) -> None:
    """Hold a chip to the contract, by its own example. Raises ChipFaults with everything that is wrong.

    Looked at: names and reasons; that the same program and seed give the same recording and nothing is left over from
    one run to the next; that a longer run begins as a shorter one; that spikes lie on ticks, belong to the network, and
    those of sources are the engine's; that the report places every neuron once and within limits; that every line of a
    bill has its origin, that lines add up and that more time never costs less; that what does not fit is refused, with
    all that is missing, and never run as something else.
    """
    faults = [*_named(chip)]
    case = _case(chip, faults)
    if case is not None:
        for check in (_repeats, _begins_alike, _records, _hears, _reports, _bills, _refuses):
            faults += _safely(check, case)
    if faults:
        raise ChipFaults(getattr(chip, "name", type(chip).__name__), faults)


def _safely(check: Callable[[_Case], Iterator[str]], case: _Case) -> list[str]:
    """What a check found; an error within it is a fault, too."""
    found = list[str]()
    try:
        found.extend(check(case))
    except Exception as error:
        found.append(f"{check.__name__.strip('_')}: {type(error).__name__}: {error}")
    return found


def _named(chip: Chip) -> Iterator[str]:
    if not isinstance(chip, Chip):
        yield f"{type(chip).__name__} lacks a part of reafference.chips.Chip: name, unsupported, example, compile"
        return
    if not chip.name or not chip.name.isidentifier():
        yield f"its name {chip.name!r} is no single word"
    for feature, reason in chip.unsupported.items():
        if not feature.strip() or not reason.strip():
            yield f"unsupported {feature!r} has no reason"


def _case(chip: Chip, faults: list[str]) -> _Case | None:
    """The example, compiled and run; None where that fails."""
    if faults:
        return None
    try:
        network, dt = chip.example()
        program = chip.compile(network, dt=dt, seed=1)
        recording = program.run(TICKS * dt)
    except Exception as error:
        faults.append(f"its own example does not run: {type(error).__name__}: {error}")
        return None
    if not any(is_source(population) for population in network.populations):
        faults.append("its example has no source")
    if not any(not is_source(projection.source) for projection in network.projections):
        faults.append("its example has no projection between neurons")
    if not _own(recording, network):
        faults.append(f"nobody but sources spikes within {TICKS} ticks of its example, so it shows nothing")
    return _Case(chip, network, dt, program, recording)


def _own(recording: Recording, network: Network) -> int:
    """Spikes of neurons that are no sources."""
    return sum(
        int(recording.counts(population.name).sum()) for population in network.populations if not is_source(population)
    )


def _same(one: Recording, other: Recording) -> bool:
    return np.array_equal(one.time, other.time) and np.array_equal(one.neuron, other.neuron)


def _repeats(case: _Case) -> Iterator[str]:
    seconds = TICKS * case.dt
    if not _same(case.recording, case.program.run(seconds)):
        yield "the same program, run twice, gives two different recordings"
    again = case.chip.compile(case.network, dt=case.dt, seed=1)
    if not _same(case.recording, again.run(seconds)):
        yield "the same network and seed, compiled twice, give two different recordings"


def _begins_alike(case: _Case) -> Iterator[str]:
    half = TICKS // 2 * case.dt
    shorter = case.program.run(half)
    early = case.recording.time <= half + case.dt / 2
    same = np.array_equal(case.recording.time[early], shorter.time)
    if not same or not np.array_equal(case.recording.neuron[early], shorter.neuron):
        yield "a run of half the length differs from the first half of a longer run"


def _records(case: _Case) -> Iterator[str]:
    found, network = case.recording, case.network
    if found.neurons != network.neurons or found.groups != case.program.circuit.groups:
        yield f"the recording is of {found.neurons} neurons in {found.groups}, the network has {network.neurons}"
        return
    if found.dt != case.dt or not np.isclose(found.seconds, TICKS * case.dt):
        yield f"the recording says dt {found.dt:g} s and {found.seconds:g} s"
    ticks = found.time / case.dt
    if found.time.size and (
        np.abs(ticks - np.rint(ticks)).max() > 1e-6 or ticks.min() < 0.5 or ticks.max() > TICKS + 0.5
    ):
        yield "some spikes do not lie on ticks of the run"
    if not np.array_equal(np.lexsort((found.neuron, found.time)), np.arange(found.time.size)):
        yield "spikes are not in order of time and neuron"
    for name in ("spikes", "synaptic_events"):
        if name not in found.work:
            yield f"the recording does not count {name!r} in its work"
    if found.work.get("spikes", 0) < _own(found, network):
        yield f"work counts {found.work.get('spikes')} spikes, fewer than the recording lists"


def _hears(case: _Case) -> Iterator[str]:
    seconds = TICKS * case.dt
    heard = input_spikes(case.program.circuit, seconds)
    names = [population.name for population in case.network.populations if is_source(population)]
    listed = sum(int(case.recording.counts(name).sum()) for name in names)
    if listed != heard.tick.size:
        yield f"the recording lists {listed} spikes of sources, the engine makes {heard.tick.size}"
    quiet = case.program.run(seconds, inputs={name: SpikeTrain() for name in names})
    if any(quiet.counts(name).sum() for name in names):
        yield "sources spike although their inputs are empty"


def _reports(case: _Case) -> Iterator[str]:
    report = case.program.report()
    cores = report.cores
    if cores.core.shape != (case.network.neurons,):
        yield f"the report places {cores.core.shape} neurons, the network has {case.network.neurons}"
        return
    for population in case.network.populations:
        first = case.network.first(population.name)
        placed = cores.core[first : first + population.size] >= 0
        if is_source(population) and placed.any():
            yield f"the report places the source {population.name!r} on a core"
        if not is_source(population) and not placed.all():
            yield f"the report leaves neurons of {population.name!r} without a core"
    if cores.core.max(initial=-1) >= cores.cores:
        yield f"the report speaks of core {cores.core.max()}, but lists {cores.cores}"
    places = list(zip(cores.chip.tolist(), cores.x.tolist(), cores.y.tolist(), strict=True))
    if len(set(places)) != len(places):
        yield "two cores have the same place"
    for name, (used, limit) in cores.usage.items():
        if used.shape != (cores.cores,) or used.max(initial=0) > limit or used.min(initial=0) < 0:
            yield f"usage of {name!r} is {used}, the limit {limit}"
    if case.chip.name not in repr(report):
        yield "the printed report does not name the chip"


def _bills(case: _Case) -> Iterator[str]:
    bill = case.program.price(case.recording)
    if not isinstance(bill, Bill):
        yield f"price returns {type(bill).__name__}, not a Bill"
        return
    for line in bill.lines:
        if not line.figure.origin.source.strip():
            yield f"the line {line.what!r} has no source"
    longer = case.program.price(case.program.run(2 * TICKS * case.dt))
    if longer.energy.low < bill.energy.low or longer.priced("energy").high < bill.priced("energy").high:
        yield "twice the time costs less energy"
    if bill.energy.high is not None and bill.missing and not bill.ceiling:
        yield "something is unpublished, and yet the total has an upper end"
    if not bill.lines and not bill.missing:
        yield "the bill has no line and says of nothing that it is unpublished"
    other = replace(case.recording, neurons=case.recording.neurons + 1)
    try:
        case.program.price(other)
    except ValueError:
        return
    yield "a recording of another network is priced without an error"


def _refuses(case: _Case) -> Iterator[str]:
    chip, dt = case.chip, case.dt
    cells = next(population for population in case.network.populations if not is_source(population))
    kind = case.program.circuit.network.populations[0]
    loop = next(projection for projection in case.network.projections if not is_source(projection.source))
    huge = Network(populations=[Population("cells", HUGE, cells.kind)])
    strange = Network(populations=[Population("one", 3, Izhikevich()), Population("two", 3, Izhikevich()), kind])
    yield from _refused(chip, dt, huge, "more neurons than any chip has", 1)
    if "Izhikevich" not in type(cells.kind).__name__:
        yield from _refused(chip, dt, strange, "two populations of a neuron that it cannot run", 2)
    features = {
        "plasticity": ("plasticity", ThreeFactor(rate=0.1 * mV, tau=20 * ms, low=-1.0, high=1.0)),
        "short-term plasticity": ("short_term", TsodyksMarkram(use=0.5, tau_recovery=0.8)),
        "unreliable release": ("release", Release(probability=0.5)),
    }
    for feature, (field, part) in features.items():
        if feature in chip.unsupported:
            changed = _with(case.network, loop, field, part)
            yield from _refused(chip, dt, changed, f"{feature}, which it says to lack", 1)


def _with(network: Network, loop: Projection, field: str, part: object) -> Network:
    """The network with one more feature of one projection."""
    projections = [replace(p, **{field: part}) if p is loop else p for p in network.projections]
    return Network(populations=network.populations, projections=projections)


def _refused(chip: Chip, dt: float, network: Network, what: str, least: int) -> Iterator[str]:
    """A fault unless the chip refuses a network with at least so many shortages."""
    try:
        chip.compile(network, dt=dt)
    except DoesNotFit as error:
        if len(error.shortages) < least:
            yield f"refusing {what}, it names {len(error.shortages)} shortage, not all {least}"
        return
    except Exception as error:
        yield f"it refuses {what} with {type(error).__name__} instead of DoesNotFit: {error}"
        return
    yield f"it accepts {what}"
