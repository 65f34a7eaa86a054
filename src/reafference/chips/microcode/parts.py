"""A network in two parts: leaky neurons that the chip has by itself, and neurons that are programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit, is_source
from reafference.chips.loihi.dialect import Dialect
from reafference.chips.loihi.quantise import KINDS, Precision, Quantised, formats, mantissas, quantise
from reafference.chips.loihi.synapses import MAX_DELAY, SynapseGroup
from reafference.chips.loihi.weights import UNIT
from reafference.chips.microcode.arithmetic import Arithmetic
from reafference.chips.microcode.cores import integer_weights
from reafference.chips.report import Rounding, rounding
from reafference.chips.shortage import Shortage
from reafference.network import IntegerNeuron, Network, Population, Projection, SpikeTrain

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Programmed:
    """Neurons that are programs, and the synapses onto them, ready for ProgrammedCores(neurons=, groups=, inputs=).

    number   (neurons,) int64: where each neuron of the network is, from the programs' count on an input
    members  for each group the synapses of the circuit that are in it, in its order
    """

    neurons: tuple[tuple[IntegerNeuron, int], ...]
    inputs: int
    number: Ints
    groups: tuple[SynapseGroup, ...]
    members: tuple[Ints, ...]
    roundings: tuple[Rounding, ...]
    shortages: tuple[Shortage, ...]

    @property
    def count(self) -> int:
        """Neurons that are programs."""
        return sum(count for _, count in self.neurons)


def onto(circuit: Circuit, wanted: Callable[[Population], bool]) -> tuple[Circuit, Ints]:
    """The populations that are `wanted`, with all else as sources of them; and which synapses of the circuit it has.

    Neurons keep their numbers.
    """
    network = circuit.network
    new = {p.name: p if wanted(p) else replace(p, kind=SpikeTrain()) for p in network.populations}
    kept = [p for p in network.projections if wanted(p.target)]
    parts = [np.arange(*circuit.of(p.name).indices(circuit.synapses), dtype=np.int64) for p in kept]
    members = np.concatenate([np.zeros(0, np.int64), *parts])
    projections = [replace(p, source=new[p.source.name], target=new[p.target.name]) for p in kept]
    part = replace(
        circuit,
        network=Network(populations=list(new.values()), projections=projections),
        source=circuit.source[members],
        target=circuit.target[members],
        weight=circuit.weight[members],
        delay=circuit.delay[members],
        first=np.cumsum([0, *(each.size for each in parts)]),
    )
    return part, members


def leaky_part(circuit: Circuit, dialect: Dialect, precision: Precision) -> tuple[Quantised, Ints]:
    """CurrentLIF and DeltaLIF in integers, and which synapses of the circuit reach them."""
    part, members = onto(circuit, lambda population: isinstance(population.kind, KINDS))
    return quantise(part, dialect=dialect, precision=precision), members


def programmed_part(circuit: Circuit, dialect: Dialect, precision: Precision, arithmetic: Arithmetic) -> Programmed:
    """Neurons of whole numbers, and the synapses onto them.

    A weight is put into 8 bits with an exponent for many, as near as can be. Raises nothing for what does not fit:
    `shortages` says it, all of it at once.
    """
    network = circuit.network
    number, neurons = np.full(circuit.neurons, -1, np.int64), list[tuple[IntegerNeuron, int]]()
    shortages, roundings = list[Shortage](), list[Rounding]()
    for population, (name, first) in zip(network.populations, circuit.groups, strict=True):
        if isinstance(population.kind, IntegerNeuron):
            done = sum(count for _, count in neurons)
            number[first : first + population.size] = done + np.arange(population.size)
            neurons.append((population.kind, population.size))
            shortages += arithmetic.shortages(population.kind, name, population.size)
    count = sum(size for _, size in neurons)
    others = np.flatnonzero(number < 0)
    number[others] = count + np.arange(others.size)
    groups, members = list[SynapseGroup](), list[Ints]()
    for projection in network.projections:
        if isinstance(projection.target.kind, IntegerNeuron):
            their, some = _connect(projection, circuit, number, dialect, precision, shortages, roundings)
            groups += their
            members += some
        elif _graded(projection.source) and not is_source(projection.target):
            remedy = "Write the target as an IntegerNeuron, or let the source return a truth value."
            where = f"projection {projection.name!r}"
            shortages.append(Shortage("graded spikes into the chip's own leaky neuron", where, None, None, remedy))
    return Programmed(
        neurons=tuple(neurons),
        inputs=others.size,
        number=number,
        groups=tuple(groups),
        members=tuple(members),
        roundings=tuple(roundings),
        shortages=tuple(shortages),
    )


def _graded(population: Population) -> bool:
    """Whether its spikes carry a number."""
    return isinstance(population.kind, IntegerNeuron) and population.kind.program().graded


def _connect(
    projection: Projection,
    circuit: Circuit,
    number: Ints,
    dialect: Dialect,
    precision: Precision,
    shortages: list[Shortage],
    roundings: list[Rounding],
) -> tuple[list[SynapseGroup], list[Ints]]:
    """The groups of a projection, and which synapses of the circuit they hold."""
    mine, where = circuit.of(projection.name), f"projection {projection.name!r}"
    asked = circuit.weight[mine]
    groups, members, kept = list[SynapseGroup](), list[Ints](), np.zeros(asked.size)
    if not asked.size:
        return groups, members
    # The engine hears an event at the tick at which its delay ends; here a spike takes a tick anyway.
    delay = circuit.delay[mine].astype(np.int64) - 1
    if delay.max() > MAX_DELAY:
        remedy = "Take longer ticks, a shorter delay, or relay neurons on the way."
        shortages.append(Shortage("delay", where, int(delay.max()), MAX_DELAY, remedy, "tick"))
    strength = np.rint(asked) * 2.0**UNIT  # as the leaky neuron's current would count it
    for form, some in formats(strength, precision.formats):
        group = SynapseGroup(
            source=number[circuit.source[mine]][some],
            target=number[circuit.target[mine]][some],
            mantissa=mantissas(strength[some], form),
            delay=np.minimum(delay[some], MAX_DELAY),
            form=form,
        )
        groups.append(group)
        members.append(np.flatnonzero(some) + mine.start)
        kept[some] = integer_weights(group, dialect.weights)
    exponents = ", ".join(str(group.form.exponent) for group in groups)
    note = f"8 bit, exponent{'s' * (len(groups) > 1)} {exponents}"
    roundings.append(rounding(where, "weight", asked, kept, unit="", note=note))
    return groups, members
