"""A network in volts and seconds, in Loihi's integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit, is_source
from reafference.chips.loihi.compartments import DECAY_ONE, LIMITS, THRESHOLD_SHIFT, Compartments
from reafference.chips.loihi.dialect import SILICON, Dialect
from reafference.chips.loihi.formats import LARGEST, Bounds, bounds_shortages, format_of, formats, mantissas
from reafference.chips.loihi.scale import Span, propagator
from reafference.chips.loihi.synapses import MAX_DELAY, SynapseGroup
from reafference.chips.loihi.weights import UNIT
from reafference.chips.report import Rounding, rounding
from reafference.chips.shortage import Shortage
from reafference.network import CurrentLIF, DeltaLIF, Population, Projection
from reafference.network.values import per_neuron
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KINDS = (CurrentLIF, DeltaLIF)


@dataclass(frozen=True, kw_only=True)
class Precision:
    """What may be chosen when a network is put into integers.

    headroom  how many of the strongest events onto a population fit into a tick without a register running over
    formats   1 to 16 exponents for each projection: with several, weak weights get exponents of their own, a step of
              which is 8 times finer than the one above
    """

    headroom: int = 16
    formats: int = 1

    def __post_init__(self) -> None:
        check_range("Precision.headroom", self.headroom, 1, 2**15, "")
        check_range("Precision.formats", self.formats, 1, 16, "")


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantised:
    """A circuit in Loihi's integers, ready for LoihiCores(compartments=, groups=, inputs=).

    number     (neurons,) int64: where each neuron of the network is, from compartments.count on an input
    unit       (neurons,) float64: V of one unit of u and v, NaN for sources
    rest       (neurons,) float64: V at which v reads 0, NaN for sources
    groups     synapses, and
    members    for each group the synapses of the circuit that are in it, in its order
    owner      for each group the projection that it is of
    weight     (synapses,) float64: V that the stored weights stand for, NaN for those of neurons the chip lacks
    factor     (synapses,) float64: units of u that 1 V is, NaN likewise
    roundings  what was rounded and by how much
    shortages  what does not fit; the integers are cut to what the chip can hold there
    """

    compartments: Compartments
    inputs: int
    number: Ints
    unit: Floats
    rest: Floats
    groups: tuple[SynapseGroup, ...]
    members: tuple[Ints, ...]
    owner: tuple[str, ...]
    weight: Floats
    factor: Floats
    roundings: tuple[Rounding, ...]
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Parameters of one population in V and s, (size,) each."""

    tau: Floats
    tau_s: Floats
    threshold: Floats
    current: Floats  # as the voltage that it makes in a tick
    initial: Floats
    refractory: Floats
    rest: Floats
    gain: Floats  # what an event of 1 V adds to u


def quantise(
    circuit: Circuit,
    *,
    dialect: Dialect = SILICON,
    precision: Precision | None = None,
    learned: Mapping[str, Bounds | None] | None = None,
) -> Quantised:
    """The circuit's leaky neurons with exponential currents (CurrentLIF) or jumps (DeltaLIF), in integers.

    On the grid of ticks Loihi's neuron solves the same equations as the engine's: with u the current times what v gains
    from it in a tick, v[t] = exp(-dt / tau) v[t-1] + u[t] is exact. So the only differences are those of rounding,
    which are told. One unit of v is the same for a population and as fine as its registers allow. Delays: an event that
    the engine hears at tick t acts on v at t + 1 (DeltaLIF: at t), where it is put here.

    learned  projections that learn, by name: each gets one format, whose largest mantissa stands for the bounds;
             exactly so for the first one onto a population. None: bounds by the weights at the start

    Raises nothing for what does not fit: `shortages` says it, all of it at once.
    """
    precision, learned = precision or Precision(), learned or {}
    network, shortages, roundings = circuit.network, list[Shortage](), list[Rounding]()
    unit, rest = np.full((2, circuit.neurons), np.nan)
    number = np.zeros(circuit.neurons, np.int64)
    cells = dict[str, _Cells]()
    values: dict[str, list[Ints]] = {name: [] for name in LIMITS}
    count = sum(population.size for population in network.populations if not is_source(population))
    neurons, inputs = 0, 0
    for population, (_, first) in zip(network.populations, circuit.groups, strict=True):
        mine = slice(first, first + population.size)
        if is_source(population):
            number[mine] = count + inputs + np.arange(population.size)
            inputs += population.size
            continue
        number[mine] = neurons + np.arange(population.size)
        neurons += population.size
        cell = _cells(population, first, circuit, shortages)
        if cell is None:
            for name, (low, _) in LIMITS.items():
                values[name].append(np.full(population.size, max(low, 0)))
            continue
        cells[population.name] = cell
        unit[mine] = _unit(population, cell, first, circuit, precision, learned)
        rest[mine] = cell.rest
        integers = _integers(population, cell, unit[mine], circuit.dt, dialect, shortages, roundings)
        for name, value in integers.items():
            values[name].append(value)
    groups, members, owner = list[SynapseGroup](), list[Ints](), list[str]()
    weight, factor = np.full((2, circuit.synapses), np.nan)
    for projection in network.projections:
        cell = cells.get(projection.target.name)
        if cell is not None:
            mine = circuit.of(projection.name)
            here = circuit.target[mine]
            factor[mine] = cell.gain[here - network.first(projection.target.name)] / unit[here]
            some, their, kept = _connect(
                projection, factor[mine], circuit, number, dialect, precision, learned, shortages
            )
            groups += some
            members += their
            owner += [projection.name] * len(some)
            weight[mine] = kept
            roundings.append(_told(projection, some, circuit.weight[mine], kept))
    return Quantised(
        compartments=Compartments(count=max(count, 1), **_joined(values, count)),
        inputs=inputs,
        number=number,
        unit=unit,
        rest=rest,
        groups=tuple(groups),
        members=tuple(members),
        owner=tuple(owner),
        weight=weight,
        factor=factor,
        roundings=tuple(roundings),
        shortages=tuple(shortages),
    )


def _joined(values: dict[str, list[Ints]], count: int) -> dict[str, Ints]:
    """Each parameter of all neurons; of one that does nothing where there is none."""
    if not count:
        return {name: np.array([max(low, 0)]) for name, (low, _) in LIMITS.items()}
    return {name: np.concatenate(parts) for name, parts in values.items()}


def _cells(population: Population, first: int, circuit: Circuit, shortages: list[Shortage]) -> _Cells | None:
    """The parameters of a population, or None where the chip has no such neuron."""
    kind, where, dt = population.kind, f"population {population.name!r}", circuit.dt
    if not isinstance(kind, KINDS):
        words = " and ".join(each.__name__ for each in KINDS)
        remedy = f"The chip's own neuron runs {words}; describe the population as one of these."
        shortages.append(Shortage(f"neuron {type(kind).__name__}", where, None, None, remedy))
        return None

    def each(name: str) -> Floats:
        return per_neuron(f"{population.name}: {name}", getattr(kind, name), population.size)

    tau, rest = each("tau"), each("rest")
    if np.any(each("reset") != rest):
        remedy = "Loihi's v is 0 after a spike, which stands for rest; set reset to rest."
        shortages.append(Shortage("reset other than rest", where, None, None, remedy))
    gain, tau_s = np.ones(population.size), np.zeros(population.size)
    if isinstance(kind, CurrentLIF):
        tau_s = _synaptic(population, each("tau_e"), each("tau_i"), first, circuit, shortages)
        gain = propagator(tau, tau_s, dt)
    return _Cells(
        tau=tau,
        tau_s=tau_s,
        threshold=each("threshold") - rest,
        current=-np.expm1(-dt / tau) * each("resistance") * each("current"),
        initial=np.zeros(population.size) if kind.initial is None else each("initial") - rest,
        refractory=each("refractory"),
        rest=rest,
        gain=gain,
    )


def _synaptic(
    population: Population,
    tau_e: Floats,
    tau_i: Floats,
    first: int,
    circuit: Circuit,
    shortages: list[Shortage],
) -> Floats:
    """The one time constant that the current of each neuron can have, (size,) s."""
    mine = (circuit.target >= first) & (circuit.target < first + population.size)
    target, weight = circuit.target[mine] - first, circuit.weight[mine]
    excited, inhibited = (np.bincount(target[some], minlength=population.size) > 0 for some in (weight > 0, weight < 0))
    both = excited & inhibited & (tau_e != tau_i)
    if both.any():
        shortages.append(
            Shortage(
                "synaptic time constants",
                f"population {population.name!r}",
                2,
                1,
                f"{np.count_nonzero(both)} neurons hear excitation and inhibition, and a Loihi neuron has one current; "
                "give tau_e and tau_i one value.",
            )
        )
    return np.where(inhibited & ~excited, tau_i, tau_e)


def _unit(
    population: Population,
    cell: _Cells,
    first: int,
    circuit: Circuit,
    precision: Precision,
    learned: Mapping[str, Bounds | None],
) -> float:
    """V of one unit of the registers of a population."""
    mine = (circuit.target >= first) & (circuit.target < first + cell.tau.size)
    strength = np.abs(circuit.weight[mine]) * cell.gain[circuit.target[mine] - first]
    here = (learned.get(each.name) for each in circuit.network.projections if each.target is population)
    ceilings = [(bounds.size * float(cell.gain.max()), bounds.sign) for bounds in here if bounds is not None]
    finest = Span(
        threshold=float(cell.threshold.max()),
        bias=float(np.abs(cell.current).max()),
        initial=float(np.abs(cell.initial).max()),
        weight=max([float(strength.max(initial=0.0)), *(size for size, _ in ceilings)]),
    ).finest(precision.headroom)
    if not ceilings:
        return finest
    size, sign = ceilings[0]
    steps = LARGEST[sign] * 2.0**UNIT
    return size / (steps * 2.0 ** np.floor(np.log2(size / (finest * steps))))


def _integers(
    population: Population,
    cell: _Cells,
    unit: Floats,
    dt: float,
    dialect: Dialect,
    shortages: list[Shortage],
    roundings: list[Rounding],
) -> dict[str, Ints]:
    """The registers of a population's neurons, by their names in Compartments."""
    where = f"population {population.name!r}"
    values = dict[str, Ints]()
    for name, tau, field, offset in (
        ("decay_v", cell.tau, "tau", dialect.decay_offset_v),
        ("decay_u", cell.tau_s, "tau_e" if isinstance(population.kind, CurrentLIF) else "", dialect.decay_offset_u),
    ):
        part = -np.expm1(-dt / tau) if field else np.ones(tau.size)
        decay = np.rint(DECAY_ONE * part).astype(np.int64)
        if decay.min() < 1:
            remedy = f"{field} is too long for ticks of {dt * 1e3:g} ms; take longer ticks or a shorter {field}."
            shortages.append(
                Shortage(f"slow decay ({field})", where, float(DECAY_ONE * part.min()), 1, remedy, "/4096")
            )
        decay = np.maximum(decay, 1)
        values[name] = decay - offset
        if field:
            whole = decay == DECAY_ONE
            kept = np.where(whole, 0.0, -dt / np.log1p(-np.where(whole, 0, decay) / DECAY_ONE))
            roundings.append(rounding(where, field, tau, kept, unit="s", note="12 bit decay"))
    step = 2**THRESHOLD_SHIFT * unit
    threshold = np.rint(cell.threshold / step).astype(np.int64)
    if threshold.min() < 1:
        remedy = "The strongest weights make the unit so coarse; weaken them or lower Precision.headroom."
        shortages.append(Shortage("threshold steps", where, 1, float((cell.threshold / step).min()), remedy))
    values["threshold"] = threshold
    note = f"17 bit mantissa, one unit is {unit.max():.3g} V"
    roundings.append(rounding(where, "threshold - rest", cell.threshold, threshold * step, unit="V", note=note))
    bias = cell.current / unit
    most = LIMITS["bias_mantissa"][1]
    exponent = np.ceil(np.log2(np.maximum(np.abs(bias) / most, 1.0))).astype(np.int64)
    values["bias_exponent"] = np.minimum(exponent, LIMITS["bias_exponent"][1])
    values["bias_mantissa"] = np.clip(np.rint(bias / 2.0 ** values["bias_exponent"]).astype(np.int64), -most, most)
    kept = values["bias_mantissa"] * 2.0 ** values["bias_exponent"] * unit
    note = "13 bit mantissa, voltage that it makes in a tick"
    roundings.append(rounding(where, "current", cell.current, kept, unit="V", note=note))
    values["refractory"] = _refractory(where, cell.refractory, dt, shortages, roundings)
    values["u"] = np.zeros(unit.size, np.int64)
    values["v"] = np.rint(cell.initial / unit).astype(np.int64)
    roundings.append(rounding(where, "initial - rest", cell.initial, values["v"] * unit, unit="V"))
    return values


def _refractory(where: str, time: Floats, dt: float, shortages: list[Shortage], roundings: list[Rounding]) -> Ints:
    """Ticks from a spike to the first tick at which v goes on."""
    ticks = np.rint(time / dt).astype(np.int64)
    longest = LIMITS["refractory"][1] - 1
    if ticks.max() > longest:
        remedy = "Take longer ticks or a shorter refractory time."
        shortages.append(Shortage("refractory time", where, int(ticks.max()), longest, remedy, "tick"))
    ticks = np.minimum(ticks, longest)
    roundings.append(rounding(where, "refractory", time, ticks * dt, unit="s"))
    return ticks + 1


def _connect(
    projection: Projection,
    factor: Floats,
    circuit: Circuit,
    number: Ints,
    dialect: Dialect,
    precision: Precision,
    learned: Mapping[str, Bounds | None],
    shortages: list[Shortage],
) -> tuple[list[SynapseGroup], list[Ints], Floats]:
    """The groups of a projection, which synapses of the circuit they hold, and the weights that are stored, in V.

    factor  (synapses,) units of u that 1 V is
    """
    mine = circuit.of(projection.name)
    target, weight = circuit.target[mine], circuit.weight[mine]
    groups, members, kept = list[SynapseGroup](), list[Ints](), np.zeros(target.size)
    if not target.size:
        return groups, members, kept
    delay = circuit.delay[mine].astype(np.int64) - isinstance(projection.target.kind, DeltaLIF)
    if is_source(projection.source):
        delay = delay + (1 - dialect.input_lag)
    if delay.max() > MAX_DELAY:
        remedy = "Take longer ticks, a shorter delay, or relay neurons on the way."
        where = f"projection {projection.name!r}"
        shortages.append(Shortage("delay", where, int(delay.max()), MAX_DELAY, remedy, "tick"))
    source = number[circuit.source[mine]]
    bounds = learned.get(projection.name)
    if bounds is not None:
        form = format_of(bounds, float(factor.max()))
        shortages += bounds_shortages(projection.name, bounds, weight, form, factor)
        forms = [(form, np.ones(target.size, np.bool_))]
    else:
        forms = formats(weight * factor, 1 if projection.name in learned else precision.formats)
    for form, some in forms:
        mantissa = mantissas(weight[some] * factor[some], form)
        groups.append(
            SynapseGroup(
                source=source[some],
                target=number[target[some]],
                mantissa=mantissa,
                delay=np.minimum(delay[some], MAX_DELAY),
                form=form,
            )
        )
        members.append(np.flatnonzero(some) + mine.start)
        kept[some] = dialect.weights.scaled(dialect.weights.stored(mantissa, form), form) / factor[some]
    return groups, members, kept


def _told(projection: Projection, groups: list[SynapseGroup], weight: Floats, kept: Floats) -> Rounding:
    """How the weights of a projection were rounded."""
    exponents = ", ".join(str(group.form.exponent) for group in groups) or "none"
    note = f"8 bit, exponent{'s' * (len(groups) > 1)} {exponents}"
    lost = np.count_nonzero((kept == 0) & (weight != 0))
    if lost:
        note += f"; {lost} of {weight.size} weights are too weak and become 0"
    return rounding(f"projection {projection.name!r}", "weight", weight, kept, unit="V", note=note)
