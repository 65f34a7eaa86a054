"""A network in volts and seconds, in TrueNorth's integers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit, is_source
from reafference.chips.report import Rounding, rounding
from reafference.chips.shortage import Shortage
from reafference.chips.truenorth.cell import Cells, Made, made_of
from reafference.chips.truenorth.core import DELAYS
from reafference.chips.truenorth.leak import Leak, after_leak
from reafference.chips.truenorth.neuron import WEIGHT, Neuron
from reafference.chips.truenorth.precision import Precision
from reafference.chips.truenorth.rules import Rules
from reafference.network import Population

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
GRID = 16  # potentials at which the leak is compared with the exponential


@dataclass(frozen=True, kw_only=True, eq=False)
class Synapses:
    """Synapses of a circuit, those of one source, target and delay as one.

    source, target, delay  (synapses,) int64, in order of source, target and delay
    weight                 (synapses,) float64, V, the sum; other than 0
    of                     (synapses of the circuit,) int64, which of these each one is in; -1 where the sum is 0
    """

    source: Ints
    target: Ints
    delay: Ints
    weight: Floats
    of: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantised:
    """A circuit in TrueNorth's integers, still without cores.

    neuron     (neurons,) a Neuron each, its weights not yet filled in; None for sources
    number     (neurons, types) int64, the numbers that each neuron makes its weights of
    synapses   what is heard
    own        how many synapses, the last ones, are those by which neurons hold themselves in their refractory time
    parts      (synapses,) int64, bits: the numbers of its target that add up to each weight
    unit       (neurons,) float64, V of one unit, NaN for sources
    origin     (neurons,) float64, V at which the chip's potential is 0, NaN for sources
    roundings  what was rounded and by how much
    shortages  what does not fit
    notes      what a reader of results should know
    """

    neuron: tuple[Neuron | None, ...]
    number: Ints
    synapses: Synapses
    own: int
    parts: Ints
    unit: Floats
    origin: Floats
    roundings: tuple[Rounding, ...]
    shortages: tuple[Shortage, ...]
    notes: tuple[str, ...]

    @property
    def weight(self) -> Ints:
        """(synapses,) int64, the weights that the parts add up to, in units of their targets."""
        types = self.number.shape[1]
        chosen = (self.parts[:, None] >> np.arange(types)) & 1
        return (chosen * self.number[self.synapses.target]).sum(axis=1)


def together(circuit: Circuit) -> Synapses:
    """What the chip hears: one axon event for all synapses of a source, target and delay."""
    longest = int(circuit.delay.max(initial=0)) + 1
    key = (circuit.source.astype(np.int64) * max(circuit.neurons, 1) + circuit.target) * longest + circuit.delay
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    weight = np.bincount(of, circuit.weight, minlength=first.size).astype(np.float64)
    size = np.bincount(of, np.abs(circuit.weight), minlength=first.size)
    some = np.abs(weight) > 1e-12 * size
    place = np.where(some, np.cumsum(some) - 1, -1)
    first = first[some]
    return Synapses(
        source=circuit.source[first].astype(np.int64),
        target=circuit.target[first].astype(np.int64),
        delay=circuit.delay[first].astype(np.int64),
        weight=weight[some],
        of=place[of].astype(np.int64) if of.size else np.zeros(0, np.int64),
    )


def unheard(heard: Synapses, hold: Ints) -> Synapses:
    """Without what a neuron sends to itself and would hear in its refractory time, `hold` (neurons,) ticks of it."""
    lost = (heard.source == heard.target) & (heard.delay <= hold[heard.target])
    kept = ~lost
    place = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)  # the last for those that are in none
    columns = {name: getattr(heard, name)[kept] for name in ("source", "target", "delay", "weight")}
    return Synapses(**columns, of=place[heard.of].astype(np.int64))


def stopping(hold: Ints, unit: Floats) -> dict[str, npt.NDArray[Any]]:
    """Source, target, delay and weight (V) of synapses by which neurons stop themselves for `hold` (neurons,) ticks."""
    neuron = np.repeat(np.arange(hold.size), hold)
    delay = np.arange(neuron.size) - np.repeat(np.cumsum(hold) - hold, hold) + 1
    return {"source": neuron, "target": neuron, "delay": delay, "weight": -WEIGHT * unit[neuron]}


def quantise(circuit: Circuit, *, precision: Precision | None = None, rules: Rules | None = None) -> Quantised:
    """The circuit's DeltaLIF neurons in integers.

    A tick of the chip is a tick of the network, and an event acts at the tick at which the engine hears it. Each neuron
    has a unit of its own, the finest in which its weights are whole numbers within 255. See `leak` for what becomes of
    the exponential decay, `basis` for the weights.

    Raises nothing for what does not fit: `shortages` says it, all of it at once.
    """
    precision, rules = precision or Precision(), rules or Rules()
    cells_of = {
        population.name: Cells.of(population, circuit.dt, precision)
        for population in circuit.network.populations
        if not is_source(population)
    }
    hold = np.zeros(circuit.neurons, np.int64)
    for name, cells in cells_of.items():
        if cells is not None:
            first = circuit.network.first(name)
            hold[first : first + cells.hold.size] = cells.hold
    heard = unheard(together(circuit), hold)
    parts = np.zeros(heard.weight.size, np.int64)
    number = np.zeros((circuit.neurons, precision.types), np.int64)
    unit, origin = np.full((2, circuit.neurons), np.nan)
    neuron: list[Neuron | None] = [None] * circuit.neurons
    roundings, shortages, notes = list[Rounding](), list[Shortage](), list[str]()
    order = np.argsort(heard.target, kind="stable")
    begin = np.searchsorted(heard.target[order], np.arange(circuit.neurons + 1))
    for population, (_, first) in zip(circuit.network.populations, circuit.groups, strict=True):
        if is_source(population):
            continue
        cells = cells_of[population.name]
        if cells is None:
            name, where = type(population.kind).__name__, f"population {population.name!r}"
            shortages.append(Shortage(f"neuron {name}", where, None, None, "Describe the population as DeltaLIF."))
            continue
        told = list[Made]()
        for n in range(population.size):
            mine = order[begin[first + n] : begin[first + n + 1]]
            made = made_of(cells, n, heard.weight[mine], precision, rules)
            told.append(made)
            parts[mine] = made.parts
            number[first + n, : made.number.size] = made.number
            unit[first + n], origin[first + n], neuron[first + n] = made.unit, made.course.origin, made.neuron
        roundings += _told(population, cells, told, circuit.dt)
        shortages += _not_held(population, cells, told, precision)
        notes += _noted(population, told)
    inside = np.array([each is not None for each in neuron], np.bool_)
    late = inside[heard.source] & (heard.delay > DELAYS)
    shortages += _too_late(circuit, heard, late)
    own = stopping(hold, unit)
    number[hold > 0, -1] = -WEIGHT
    found = Quantised(
        neuron=tuple(neuron),
        number=number,
        synapses=replace(heard, **{name: np.concatenate([getattr(heard, name), own[name]]) for name in own}),
        own=own["source"].size,
        parts=np.concatenate([parts, np.full(own["source"].size, 1 << (precision.types - 1))]),
        unit=unit,
        origin=origin,
        roundings=(),
        shortages=tuple(shortages),
        notes=tuple(notes),
    )
    weights = _told_weights(circuit, found)
    return replace(found, roundings=(*roundings, *weights))


def _told(population: Population, cells: Cells, told: list[Made], dt: float) -> list[Rounding]:
    """How the parameters of a population were rounded."""
    if not told:
        return []
    where = f"population {population.name!r}"
    unit = np.array([made.unit for made in told])
    kept = [made.neuron for made in told]
    step = np.array([made.step for made in told])
    drift = np.array([made.course.leak is Leak.DRIFT for made in told])
    asked_threshold = np.array([made.course.threshold for made in told])
    stored = np.array([each.threshold for each in kept]) + np.where(drift, -step, step)
    resets, starts = (np.array([getattr(made, name) for made in told]) for name in ("reset", "start"))
    found = [
        _compared(where, "threshold", asked_threshold, stored * unit, note="above where the potential is 0"),
        _compared(
            where, "reset", resets, np.array([each.reset_to for each in kept]) * unit, note="0 or +-(2^k - 1) units"
        ),
        _compared(where, "initial", starts, np.array([each.start for each in kept]) * unit),
        rounding(
            where,
            "refractory",
            cells.refractory,
            cells.hold * dt,
            unit="s",
            note="held by spikes of their own" if cells.hold.any() else "the chip has none",
        ),
    ]
    return [*found, *_told_leak(where, cells, told)]


def _compared(where: str, parameter: str, asked: Floats, stored: Floats, note: str = "") -> Rounding:
    """How far voltages are off; what is only so by the last bits of a float is exact."""
    same = np.abs(stored - asked) <= 1e-12 * np.abs(asked)
    return rounding(where, parameter, asked, np.where(same, asked, stored), unit="V", note=note)


def _told_leak(where: str, cells: Cells, told: list[Made]) -> list[Rounding]:
    """How far the steps are from the exponential decay between the potentials that they were chosen for."""
    part = (np.arange(GRID) + 0.5) / GRID
    asked, stored = list[Floats](), list[Floats]()
    for n, made in enumerate(told):
        course, step = made.course, made.step * made.unit
        above = part * (cells.threshold[n] - max(cells.reset[n], cells.level[n]))
        if course.leak is Leak.DRIFT:
            above = part * (cells.threshold[n] - cells.reset[n])
            asked.append(cells.decay[n] * (cells.level[n] - cells.reset[n] - above))
            stored.append(np.full(GRID, step))
        else:
            above = part * course.threshold
            asked.append(cells.decay[n] * above)
            stored.append(above - after_leak(course, above, step))
    names = ", ".join(sorted({made.course.leak.value for made in told}))
    note = f"steps of fixed size ({names}) for an exponential decay, compared between reset and threshold"
    return [_compared(where, "decay in a tick", np.concatenate(asked), np.concatenate(stored), note)]


def _not_held(population: Population, cells: Cells, told: list[Made], precision: Precision) -> list[Shortage]:
    """Refractory times that no spikes of its own can make."""
    where, longest = f"population {population.name!r}", int(cells.hold.max(initial=0))
    found = list[Shortage]()
    if longest > DELAYS:
        remedy = "Take longer ticks, a shorter refractory time, or Precision(refractory=Dropped())."
        found.append(Shortage("refractory time", where, longest, DELAYS, remedy, "tick"))
    if longest and precision.types < 2:
        remedy = "One number is for holding it; use Precision(types=2) or more, or refractory=Dropped()."
        found.append(Shortage("axon types with Held()", where, 2, precision.types, remedy))
    odd = sum(bool(made.reset) for made, hold in zip(told, cells.hold, strict=True) if hold)
    if odd:
        remedy = (
            f"{odd} neurons would be held where v rests and not at their reset; let them be the same, or use "
            "Precision(refractory=Dropped())."
        )
        found.append(Shortage("refractory time with a reset apart from rest", where, None, None, remedy))
    return found


def _noted(population: Population, told: list[Made]) -> list[str]:
    """What comes of the leaks."""
    name = f"population {population.name!r}"
    notes = list[str]()
    held = [made for made in told if not made.neuron.floor_saturates]
    if held:
        limit = min((made.neuron.floor + made.step) * made.unit for made in held)
        notes.append(f"{name}: what falls more than {limit:.3g} V below rest jumps to it, which refractory times need")
    back = [made.step * made.unit for made in told if made.course.leak is Leak.BACK and made.step > 1]
    if not back:
        return notes
    return [
        *notes,
        f"{name}: {len(back)} neurons step towards rest and over it, so at rest they swing by up to {max(back):.3g} V",
    ]


def _told_weights(circuit: Circuit, found: Quantised) -> list[Rounding]:
    """How the weights of each projection were rounded; of synapses that are one event each gets its share."""
    heard, known = found.synapses, ~np.isnan(found.unit)
    made = found.weight * np.nan_to_num(found.unit[heard.target])
    share = np.concatenate([made / heard.weight, [1.0]])  # the last for those that cancel, of which nothing is kept
    told = list[Rounding]()
    for projection in circuit.network.projections:
        mine = circuit.of(projection.name)
        if not known[circuit.target[mine]].all() or mine.start == mine.stop:
            continue
        asked, stored = circuit.weight[mine], circuit.weight[mine] * share[heard.of[mine]]
        lost = int(np.count_nonzero((stored == 0) & (asked != 0)))
        note = f"sums of at most {found.number.shape[1]} numbers a neuron"
        if lost:
            note += f"; {lost} of {asked.size} weights are too weak and become 0"
        told.append(_compared(f"projection {projection.name!r}", "weight", asked, stored, note))
    return told


def _too_late(circuit: Circuit, heard: Synapses, late: npt.NDArray[np.bool_]) -> list[Shortage]:
    """A shortage for each projection with delays that are too long; what comes from outside may be sent later."""
    which = np.zeros(heard.weight.size, np.bool_)
    which[late] = True
    found = list[Shortage]()
    for projection in circuit.network.projections:
        mine = circuit.of(projection.name)
        of = heard.of[mine]
        some = of[(of >= 0) & which[np.maximum(of, 0)]] if which.size else np.zeros(0, np.int64)
        if some.size:
            remedy = "Take longer ticks, a shorter delay, or neurons on the way that repeat the spikes."
            longest = int(heard.delay[some].max())
            found.append(Shortage("delay", f"projection {projection.name!r}", longest, DELAYS, remedy, "tick"))
    return found
