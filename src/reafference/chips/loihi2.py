"""Loihi 2: leaky neurons as on the first Loihi, neurons that are programs, spikes that carry a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from reafference.chips.bill import Bill
from reafference.chips.circuit import Circuit, draw, input_spikes, is_source
from reafference.chips.features import PLASTICITY, RELEASE, SHORT_TERM, lacking
from reafference.chips.figures import figures_of
from reafference.chips.loihi.cores import LoihiCores
from reafference.chips.loihi.dialect import SILICON, Dialect
from reafference.chips.loihi.mapping import check_same, cores_of, traffic_of, work_of
from reafference.chips.loihi.quantise import KINDS, Precision, Quantised
from reafference.chips.microcode.arithmetic import Arithmetic, memory_bits
from reafference.chips.microcode.cores import Ints, ProgrammedCores
from reafference.chips.microcode.families import AdaptiveThreshold
from reafference.chips.microcode.graded import GradedTrain
from reafference.chips.microcode.machine import COUNTED, Machine
from reafference.chips.microcode.parts import Programmed, leaky_part, programmed_part
from reafference.chips.placement import (
    CoreLimits,
    Graph,
    ListBits,
    Mesh,
    Placement,
    Spread,
    Traffic,
    Use,
    how_cut,
    place,
)
from reafference.chips.pricing.loihi1 import LoihiWork
from reafference.chips.pricing.loihi2 import price_loihi2
from reafference.chips.report import Report
from reafference.chips.shortage import DoesNotFit, Shortage
from reafference.engine.spikes import whole_ticks
from reafference.network import (
    CurrentLIF,
    FixedInDegree,
    FixedProbability,
    IntegerNeuron,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
)
from reafference.recording import Recording
from reafference.units import Hz, ms, mV

WEIGHT_BITS, INDEX_BITS, LIST_HEAD, WORD = 8, 13, 10, 64  # of a list of synapses, as on Loihi 1 but for 8192 targets
LEAKY_BITS = 8 * 24  # of a leaky neuron, as on Loihi 1
LACKS = {
    PLASTICITY: "Rules of a network are not translated into Loihi's; learn on the engine and place what was learned.",
    SHORT_TERM: "Loihi's synapses have no state that tires; leave it out.",
    RELEASE: "Loihi's synapses deliver every event; leave it out.",
}


@dataclass(frozen=True, kw_only=True)
class Loihi2:
    """Intel's second Loihi.

    dialect     whose rules the integers of its leaky neurons follow; as Loihi 1's, since nothing else is published
    precision   how weights are put into integers
    arithmetic  what its programs can compute
    columns, rows  chips side by side that may be used
    expected    a recording of the network, by whose spikes cores are cut and placed; None: every neuron counts as one

    CurrentLIF and DeltaLIF run as on Loihi 1, an IntegerNeuron as the program that its step is. Programs may send
    numbers to programs. What a synapse takes of memory, and where tiles stand, is taken over from what is told of
    Loihi 1.
    """

    dialect: Dialect = SILICON
    precision: Precision = field(default_factory=Precision)
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    columns: int = 4
    rows: int = 2
    expected: Recording | None = None
    unsupported: Mapping[str, str] = field(default_factory=lambda: dict(LACKS))
    name: str = "loihi2"

    def example(self) -> tuple[Network, float]:
        """Sixty inputs, leaky cells, and programs with an adaptive threshold that inhibit them."""
        touch = Population("touch", 60, Poisson(rate=40 * Hz))
        cells = Population("cells", 64, CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=5 * ms, refractory=2 * ms))
        others = Population("others", 16, AdaptiveThreshold())
        return Network(
            populations=[touch, cells, others],
            projections=[
                Projection(touch, cells, FixedInDegree(20), weight=6 * mV),
                Projection(cells, others, FixedProbability(0.3), weight=5.0, delay=2 * ms),
                Projection(others, cells, FixedProbability(0.3), weight=-6 * mV, delay=3 * ms),
            ],
        ), 1 * ms

    def mesh(self) -> Mesh:
        """Tiles of four cores, 8 x 4 of them, as on Loihi 1: how they stand is not published."""
        return Mesh(width=8, height=4, cores=4, columns=self.columns, rows=self.rows)

    def limits(self, graph: Graph, state: Ints, delay_bits: int) -> CoreLimits:
        """What one core holds.

        A core's memory is for neurons and synapses alike. Neurons of the network's mean need fill it together; so
        whatever neurons are put on a core, both fit.

        graph       what is placed
        state       (neurons,) bits that each neuron keeps, 0 for sources
        delay_bits  that each synapse needs
        """
        figures = figures_of("loihi2")
        memory, most = 8 * figures.count("structure.memory_per_core"), figures.count("structure.neurons_per_core")
        lists = ListBits(synapse=WEIGHT_BITS + INDEX_BITS + delay_bits, head=LIST_HEAD, word=WORD)
        alone = int(lists.table(1)[1])  # what a synapse takes whose list has no other
        heard = np.bincount(graph.target, minlength=graph.neurons)
        each, largest = max(1, int(state.max(initial=0))), alone * int(heard.max(initial=0))
        mean = lists.synapse * graph.synapses / max(graph.inside.size, 1)
        neurons = min(most, int(memory // (each + mean)), max(0, memory - largest) // each)
        neurons = max(1, neurons)
        return CoreLimits(neurons=neurons, synapse_bits=max(1, memory - neurons * each), list_bits=lists)

    def compile(self, network: Network, *, dt: float, seed: int = 0) -> Loihi2Program:
        """Integers, programs, cores, places. Raises DoesNotFit with every limit that is broken."""
        short = lacking(network, (*KINDS, IntegerNeuron), self.unsupported)
        count = sum(population.size for population in network.populations if not is_source(population))
        room = self.mesh().slots * figures_of("loihi2").count("structure.neurons_per_core")
        if count > room:
            remedy = f"{self.columns * self.rows} chips have no more; use fewer neurons or more chips."
            raise DoesNotFit(self.name, [*short, Shortage("neurons", "the network", count, room, remedy)])
        circuit = draw(network, dt=dt, seed=seed)
        leaky, members = leaky_part(circuit, self.dialect, self.precision)
        programmed = programmed_part(circuit, self.dialect, self.precision, self.arithmetic)
        short += [*leaky.shortages, *programmed.shortages]
        graph = self._graph(circuit, leaky, members, programmed)
        longest = int(circuit.delay.max(initial=0))
        state = state_bits(circuit)
        try:
            limits = self.limits(graph, state, longest.bit_length())
            placed = place(graph, limits, self.mesh(), chip=self.name, ways=(Spread(),))
        except DoesNotFit as error:
            raise DoesNotFit(self.name, [*short, *error.shortages]) from error
        if short:
            raise DoesNotFit(self.name, short)
        return Loihi2Program(self, circuit, leaky, programmed, placed, limits, state)

    def _graph(self, circuit: Circuit, leaky: Quantised, members: Ints, programmed: Programmed) -> Graph:
        """What is placed, under the network's own numbers; synapses of one format share an axon into a core."""
        kind = np.zeros(circuit.synapses, np.int32)
        for number, some in enumerate([*(members[some] for some in leaky.members), *programmed.members]):
            kind[some] = number
        spikes = None
        if self.expected is not None:
            check_same(circuit, self.expected)
            spikes = self.expected.counts().astype(np.float64)
        sizes = [population.size for population in circuit.network.populations]
        outside = np.repeat([is_source(population) for population in circuit.network.populations], sizes)
        return Graph(
            neurons=circuit.neurons,
            source=circuit.source,
            target=circuit.target,
            kind=kind,
            delay=circuit.delay,
            spikes=spikes,
            outside=outside,
        )


def state_bits(circuit: Circuit) -> Ints:
    """(neurons,) bits that each neuron keeps, 0 for sources."""
    bits = list[int]()
    for population in circuit.network.populations:
        kind = population.kind
        if isinstance(kind, IntegerNeuron):
            bits.append(memory_bits(kind, kind.program(), population.size))
        else:
            bits.append(0 if is_source(population) else LEAKY_BITS)
    return np.repeat(np.array(bits, np.int64), [population.size for population in circuit.network.populations])


@dataclass(frozen=True, eq=False)
class Loihi2Program:
    """A network on Loihi 2.

    leaky, programmed  its two parts in integers
    placement          its cores, with the network's own numbers
    limits             of each core
    state              (neurons,) bits that each neuron keeps
    """

    chip: Loihi2
    circuit: Circuit
    leaky: Quantised
    programmed: Programmed
    placement: Placement
    limits: CoreLimits
    state: Ints

    def run(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Recording:
        """In the chip's integers, from the beginning; see `Program.run`.

        inputs  a GradedTrain gives what its spikes carry; it may reach programs only

        The recording has a payload for each spike if any program sends numbers, or any input does.
        """
        circuit = self.circuit
        ticks = whole_ticks("seconds", seconds, circuit.dt)
        heard = self._heard(seconds, ticks, dict(inputs or {}))
        machine = self._machine()
        found, work = [heard], dict.fromkeys(COUNTED, 0)
        stretch = ticks if progress is None else max(1, -(-ticks // 50))
        for begin in range(0, ticks, stretch):
            end = min(begin + stretch, ticks)
            did = machine.advance(end - begin, heard[:, (heard[0] > begin) & (heard[0] <= end)])
            found.append(did.spikes)
            work = {name: work[name] + did.work[name] for name in COUNTED}
            if progress is not None:
                progress(end / ticks)
        when, who, what = np.concatenate(found, axis=1)
        order = np.lexsort((who, when))
        graded = any(kind.program().graded for kind, _ in self.programmed.neurons)
        graded |= any(isinstance(train, GradedTrain) for train in (inputs or {}).values())
        return Recording(
            time=when[order].astype(np.float64) * circuit.dt,
            neuron=who[order],
            payload=what[order] if graded else None,
            groups=circuit.groups,
            neurons=circuit.neurons,
            seconds=ticks * circuit.dt,
            dt=circuit.dt,
            work={**work, "spikes": work["spikes"] + heard.shape[1], "input_spikes": heard.shape[1]},
        )

    def _heard(self, seconds: float, ticks: int, inputs: dict[str, SpikeTrain]) -> Ints:
        """(3, spikes): tick, neuron and payload of the spikes of sources."""
        circuit = self.circuit
        graded = {name: train for name, train in inputs.items() if isinstance(train, GradedTrain)}
        plain = {name: graded[name].plain() if name in graded else train for name, train in inputs.items()}
        spikes = input_spikes(circuit, seconds, plain)
        heard = np.stack([spikes.tick, spikes.neuron.astype(np.int64), np.ones(spikes.tick.size, np.int64)])
        for name, train in graded.items():
            for projection in circuit.network.projections:
                if projection.source.name == name and not isinstance(projection.target.kind, IntegerNeuron):
                    raise ValueError(
                        f"inputs: {name!r} is a GradedTrain and reaches {projection.target.name!r}, whose neurons are "
                        "the chip's own and take no payload; give a SpikeTrain, or make the target an IntegerNeuron."
                    )
            first = circuit.network.first(name)
            size = next(each.size for each in circuit.network.populations if each.name == name)
            mine = np.flatnonzero((heard[1] >= first) & (heard[1] < first + size))
            mine = mine[np.lexsort((heard[1, mine], heard[0, mine]))]
            heard[2, mine] = train.payloads(circuit.dt, ticks)
        return heard

    def _machine(self) -> Machine:
        """The parts that there are, at the beginning."""
        leaky, programmed = self.leaky, self.programmed
        many = int(np.count_nonzero(self.placement.core >= 0)) - programmed.count
        return Machine(
            LoihiCores(
                compartments=leaky.compartments, groups=leaky.groups, inputs=leaky.inputs, dialect=self.chip.dialect
            )
            if many
            else None,
            leaky.number,
            ProgrammedCores(
                neurons=programmed.neurons,
                groups=programmed.groups,
                inputs=programmed.inputs,
                rule=self.chip.dialect.weights,
            )
            if programmed.count
            else None,
            programmed.number,
        )

    def work(self, recording: Recording) -> LoihiWork:
        """What the chip has to do for what was recorded; see `LoihiProgram.work`."""
        return work_of(self.circuit, self.placement, np.arange(self.circuit.neurons), recording)

    def traffic(self, recording: Recording) -> Traffic:
        """What the spikes of a recording ask of the links; see `work`."""
        return traffic_of(self.circuit, self.placement, np.arange(self.circuit.neurons), recording)

    def price(self, recording: Recording) -> Bill:
        """An interval, with its reasons; see `Program.price` and `pricing.loihi2`."""
        bill = price_loihi2(self.work(recording))
        if self.programmed.count:
            longest = max(kind.program().work for kind, _ in self.programmed.neurons)
            note = f"Programs have up to {longest} operations; what one costs is unpublished, and within the interval."
            bill = replace(bill, notes=(*bill.notes, note))
        return bill

    def report(self) -> Report:
        """What was rounded, and where everything went."""
        placed = self.placement
        use = Use(placed.graph, placed.core)
        inside = placed.graph.inside
        kept = np.bincount(placed.core[inside], self.state[inside]).astype(np.int64)
        memory = 8 * figures_of("loihi2").count("structure.memory_per_core")
        usage = {
            "neurons": (use.neurons, figures_of("loihi2").count("structure.neurons_per_core")),
            "bits of memory": (use.bits(self.limits) + kept, memory),
        }
        notes = [f"integers of leaky neurons by the rules of {self.chip.dialect.name!r}"] if self.leaky.groups else []
        notes += how_cut()
        for kind, count in self.programmed.neurons:
            program = kind.program()
            sends = "numbers" if program.graded else "plain spikes"
            notes.append(
                f"{count} {type(kind).__name__}: {program.work} operations a tick, "
                f"{len(program.state)} state variables, sends {sends}"
            )
        notes.append("how much memory synapses and neurons take is not published; it is counted as on Loihi 1")
        roundings = (*self.leaky.roundings, *self.programmed.roundings)
        cores = cores_of(placed, np.arange(self.circuit.neurons), usage)
        return Report(chip=self.chip.name, cores=cores, roundings=roundings, notes=notes)
