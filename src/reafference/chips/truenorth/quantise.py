"""A network in volts and seconds, in TrueNorth's integers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit, is_source
from reafference.chips.report import Rounding, rounding
from reafference.chips.shortage import Shortage
from reafference.chips.truenorth.basis import Basis, basis_of, power_near, whole
from reafference.chips.truenorth.core import DELAYS, SIZE
from reafference.chips.truenorth.leak import Course, Leak, after_leak, course_of
from reafference.chips.truenorth.neuron import THRESHOLD, TYPES, WEIGHT, Neuron
from reafference.chips.truenorth.rules import LEAST, MOST, Rules
from reafference.network import DeltaLIF, Population
from reafference.network.values import per_neuron
from reafference.units import check_range

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KINDS = (DeltaLIF,)
SPARE = 2**12  # units up to threshold of a neuron that hears nothing
GRID = 16  # potentials at which the leak is compared with the exponential


@dataclass(frozen=True, kw_only=True)
class Precision:
    """What may be chosen when a network is put into integers.

    types  1 to 4 axon types in use: so many numbers each neuron has to make its weights of, and so many axons a source
           may need into a core for synapses of one delay. Fewer are coarser and take fewer axons
    parts  1 to `types`: how many of its numbers a weight may be the sum of, which is how many axons one synapse needs
    keep_weak  weights that are nearer to 0 than to what the numbers make take the weakest of their sign, so that what
           drives a neuron keeps its mean; False leaves them out, which takes fewer axons
    """

    types: int = TYPES
    parts: int = TYPES
    keep_weak: bool = True

    def __post_init__(self) -> None:
        check_range("Precision.types", self.types, 1, TYPES, "")
        check_range("Precision.parts", self.parts, 1, TYPES, "")


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


def quantise(circuit: Circuit, *, precision: Precision | None = None, rules: Rules | None = None) -> Quantised:
    """The circuit's DeltaLIF neurons in integers.

    A tick of the chip is a tick of the network, and an event acts at the tick at which the engine hears it. Each neuron
    has a unit of its own, the finest in which its weights are whole numbers within 255. See `leak` for what becomes of
    the exponential decay, `basis` for the weights.

    Raises nothing for what does not fit: `shortages` says it, all of it at once.
    """
    precision, rules = precision or Precision(), rules or Rules()
    heard = together(circuit)
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
        cells = _Cells.of(population, circuit.dt)
        if cells is None:
            name, where = type(population.kind).__name__, f"population {population.name!r}"
            shortages.append(Shortage(f"neuron {name}", where, None, None, "Describe the population as DeltaLIF."))
            continue
        told = list[_Made]()
        for n in range(population.size):
            mine = order[begin[first + n] : begin[first + n + 1]]
            made = _neuron(cells, n, heard.weight[mine], precision, rules)
            told.append(made)
            parts[mine] = made.parts
            number[first + n, : made.number.size] = made.number
            unit[first + n], origin[first + n], neuron[first + n] = made.unit, made.course.origin, made.neuron
        roundings += _told(population, cells, told)
        notes += _noted(population, told)
    inside = np.array([each is not None for each in neuron], np.bool_)
    late = inside[heard.source] & (heard.delay > DELAYS)
    shortages += _too_late(circuit, heard, late)
    found = Quantised(
        neuron=tuple(neuron),
        number=number,
        synapses=heard,
        parts=parts,
        unit=unit,
        origin=origin,
        roundings=(),
        shortages=tuple(shortages),
        notes=tuple(notes),
    )
    weights = _told_weights(circuit, found)
    return replace(found, roundings=(*roundings, *weights))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Parameters of a population, (size,) each: V, s, and of `decay` the part that is lost in a tick."""

    decay: Floats
    level: Floats
    threshold: Floats
    reset: Floats
    initial: Floats
    refractory: Floats

    @staticmethod
    def of(population: Population, dt: float) -> _Cells | None:
        """None where the chip has no such neuron."""
        kind = population.kind
        if not isinstance(kind, KINDS):
            return None

        def each(name: str) -> Floats:
            return per_neuron(f"{population.name}: {name}", getattr(kind, name), population.size)

        return _Cells(
            decay=-np.expm1(-dt / each("tau")),
            level=each("rest") + each("resistance") * each("current"),
            threshold=each("threshold"),
            reset=each("reset"),
            initial=each("rest") if kind.initial is None else each("initial"),
            refractory=each("refractory"),
        )


@dataclass(frozen=True, eq=False)
class _Made:
    """One neuron, and what it was made of; `reset` and `start` are V after the leak, as the chip has them."""

    neuron: Neuron
    course: Course
    number: Ints
    parts: Ints
    unit: float
    step: int
    reset: float
    start: float


def _neuron(cells: _Cells, n: int, weight: Floats, precision: Precision, rules: Rules) -> _Made:
    """Neuron n of a population, which hears these weights (V)."""
    course = course_of(
        decay=float(cells.decay[n]),
        level=float(cells.level[n]),
        threshold=float(cells.threshold[n]),
        reset=float(cells.reset[n]),
        inhibited=bool(np.any(weight < 0)),
    )
    goal = float(after_leak(course, np.array([course.threshold]), course.step)[0])
    reset, start = after_leak(
        course, np.array([cells.reset[n], cells.initial[n]], np.float64) - course.origin, course.step
    )
    if abs(reset) < 1e-12:
        reset = 0.0
    finest = min(THRESHOLD / max(course.threshold, goal), WEIGHT / course.step if course.step else np.inf)
    number, parts = np.zeros(0, np.int64), np.zeros(weight.size, np.int64)
    unit = 1 / min(finest, SPARE / max(course.threshold, goal))
    if weight.size:
        basis, most = _within(weight, precision)
        steps = min(WEIGHT, int(finest * float(np.abs(basis.number).max())))
        if steps >= 1:  # else the strongest weight is less than a step
            power = float(reset) if rules.encoded_reset else 0.0
            number, unit, parts = whole(
                basis, weight, finest=steps, most=most, keep_weak=precision.keep_weak, power=power
            )
    step = int(np.rint(course.step / unit))
    # Potentials are whole, so one reaches the threshold where it reaches the next whole number.
    reached = int(np.ceil(course.threshold / unit * (1 - 1e-12) - 1e-9))
    if course.leak is Leak.BACK:  # a longer one would carry a potential from below rest to threshold
        step = min(step, reached // 2)
    threshold = max(reached + step if course.leak is Leak.DRIFT else reached - step, 0)
    down = course.leak is Leak.DOWN
    return _Made(
        neuron=Neuron(
            leak=step if course.leak is Leak.DRIFT else -step,
            leak_reverses=course.leak is Leak.BACK,
            threshold=min(threshold, THRESHOLD),
            floor=0 if down else THRESHOLD,
            reset_to=_encoded(reset / unit, rules),
            start=int(np.clip(np.rint(start / unit), LEAST, MOST)),
        ),
        course=course,
        number=number,
        parts=parts,
        unit=unit,
        step=step,
        reset=float(reset),
        start=float(start),
    )


def _within(weight: Floats, precision: Precision) -> tuple[Basis, int]:
    """Numbers whose sums take no more axons than a core has, where fewer parts a weight can bring that about."""
    most = min(precision.parts, precision.types)
    while True:
        basis = basis_of(weight, precision.types, most, keep_weak=precision.keep_weak)
        if most == 1 or sum(bits.bit_count() for bits in basis.parts.tolist()) <= SIZE:
            return basis, most
        most -= 1


def _encoded(value: float, rules: Rules) -> int:
    """The reset potential that is nearest to `value` units."""
    if not rules.encoded_reset:
        return int(np.clip(np.rint(value), LEAST, MOST))
    return int(np.sign(value) * power_near(np.array([abs(value)]))[0])


def _told(population: Population, cells: _Cells, told: list[_Made]) -> list[Rounding]:
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
        rounding(where, "refractory", cells.refractory, np.zeros(unit.size), unit="s", note="the chip has none"),
    ]
    return [*found, *_told_leak(where, cells, told)]


def _compared(where: str, parameter: str, asked: Floats, stored: Floats, note: str = "") -> Rounding:
    """How far voltages are off; what is only so by the last bits of a float is exact."""
    same = np.abs(stored - asked) <= 1e-12 * np.abs(asked)
    return rounding(where, parameter, asked, np.where(same, asked, stored), unit="V", note=note)


def _told_leak(where: str, cells: _Cells, told: list[_Made]) -> list[Rounding]:
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


def _noted(population: Population, told: list[_Made]) -> list[str]:
    """What comes of the leaks."""
    name = f"population {population.name!r}"
    back = [made.step * made.unit for made in told if made.course.leak is Leak.BACK and made.step > 1]
    if not back:
        return []
    return [
        f"{name}: {len(back)} neurons step towards rest and over it, so at rest they swing by up to {max(back):.3g} V"
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
