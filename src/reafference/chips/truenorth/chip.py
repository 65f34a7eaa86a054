"""TrueNorth as a chip: networks of leaky neurons in its integers, on its cores, with a bill."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reafference.chips import placement
from reafference.chips.bill import Bill
from reafference.chips.circuit import Circuit, draw, input_spikes, is_source
from reafference.chips.features import PLASTICITY, RELEASE, SHORT_TERM, lacking
from reafference.chips.figures import figures_of
from reafference.chips.placement import (
    Copies,
    CoreLimits,
    Graph,
    Placement,
    Relays,
    Role,
    Traffic,
    Typed,
    how_cut,
    place,
    traffic,
)
from reafference.chips.placement.axon_types import Merged, assigned
from reafference.chips.placement.ways import Way
from reafference.chips.pricing.truenorth import (
    AT_0V80,
    OPERATING_POINTS,
    OperatingPoint,
    TrueNorthWork,
    price_truenorth,
)
from reafference.chips.report import Added, Cores, Report
from reafference.chips.shortage import DoesNotFit, Shortage
from reafference.chips.truenorth.cell import KINDS
from reafference.chips.truenorth.core import SIZE
from reafference.chips.truenorth.machine import TICK, Machine, Spikes
from reafference.chips.truenorth.mesh import REACH, SIDE, Mesh
from reafference.chips.truenorth.placed import Laid, arriving, laid
from reafference.chips.truenorth.precision import Precision
from reafference.chips.truenorth.quantise import Quantised, quantise
from reafference.chips.truenorth.rules import Rules
from reafference.engine.spikes import whole_ticks
from reafference.network import (
    DeltaLIF,
    FixedInDegree,
    FixedProbability,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
)
from reafference.recording import Recording
from reafference.units import Hz, ms, mV

WORK = "spikes", "synaptic_events", "axon_events", "neuron_updates", "hops", "crossings"
LACKS = {
    PLASTICITY: "TrueNorth learns nothing; learn on the engine and place what was learned.",
    SHORT_TERM: "TrueNorth's synapses have no state that tires; leave it out.",
    RELEASE: "TrueNorth's chance is its own and has other odds; leave it out.",
    "CurrentLIF": "An event acts within one tick on TrueNorth, and a synaptic current goes on for many; use DeltaLIF, "
    "or reafference.chips.jumps.as_jumps, which puts it in its place with weights of the same charge.",
}


@dataclass(frozen=True, kw_only=True)
class TrueNorth:
    """IBM's TrueNorth.

    precision  how weights are put into integers
    rules      readings of what is not published
    ways       what may be done where a neuron must reach more than the one axon that it can send to
    point      voltage, and how the cost of being on is shared out, for the bill
    columns, rows  chips side by side that may be used; 4 x 4 is as far as a spike reaches
    expected   a recording of the network, by whose spikes cores are cut and placed; None: every neuron counts as one
    threads    that run it; no spike depends on how many
    """

    precision: Precision = field(default_factory=Precision)
    rules: Rules = field(default_factory=Rules)
    ways: Sequence[Way] = (Copies(), Relays())
    point: OperatingPoint = AT_0V80
    columns: int = 4
    rows: int = 4
    expected: Recording | None = None
    threads: int = 1
    unsupported: Mapping[str, str] = field(default_factory=lambda: dict(LACKS))
    name: str = "truenorth"

    def example(self) -> tuple[Network, float]:
        """Sixty inputs and eighty cells that excite and inhibit one another."""
        kind = DeltaLIF(tau=20 * ms, refractory=0.0)
        touch = Population("touch", 60, Poisson(rate=40 * Hz))
        cells, others = Population("cells", 64, kind), Population("others", 16, kind)
        return Network(
            populations=[touch, cells, others],
            projections=[
                Projection(touch, cells, FixedInDegree(20), weight=1.5 * mV),
                Projection(cells, others, FixedProbability(0.3), weight=1 * mV, delay=2 * ms),
                Projection(others, cells, FixedProbability(0.3), weight=-3 * mV, delay=3 * ms),
            ],
        ), 1 * ms

    def limits(self) -> CoreLimits:
        """What one core holds."""
        figures = figures_of("truenorth")
        return CoreLimits(
            neurons=figures.count("structure.neurons_per_core"),
            axons_in=figures.count("structure.axons_per_core"),
            axons_per_neuron=figures.count("structure.target_axons"),
        )

    def mesh(self) -> placement.Mesh:
        """A router for each core, chips edge to edge."""
        return placement.Mesh(width=SIDE, height=SIDE, columns=self.columns, rows=self.rows, reach=REACH)

    def compile(self, network: Network, *, dt: float, seed: int = 0) -> TrueNorthProgram:
        """Integers, cores, places. Raises DoesNotFit with every limit that is broken."""
        short = lacking(network, KINDS, self.unsupported)
        count = sum(population.size for population in network.populations if not is_source(population))
        room = self.mesh().slots * (self.limits().neurons or 0)
        if count > room:
            remedy = f"{self.columns * self.rows} chips have no more; use fewer neurons or more chips."
            raise DoesNotFit(self.name, [*short, Shortage("neurons", "the network", count, room, remedy)])
        circuit = draw(network, dt=dt, seed=seed)
        quantised = quantise(circuit, precision=self.precision, rules=self.rules)
        known = {(each.resource, each.where) for each in short}
        short += [each for each in quantised.shortages if (each.resource, each.where) not in known]
        typed = typed_of(circuit, quantised, self.expected)
        try:
            placed = place(typed.graph, self.limits(), self.mesh(), chip=self.name, ways=self.ways)
        except DoesNotFit as error:
            raise DoesNotFit(self.name, [*short, *(named(circuit, each) for each in error.shortages)]) from error
        if short:
            raise DoesNotFit(self.name, short)
        return TrueNorthProgram(self, circuit, quantised, typed, placed)


def typed_of(circuit: Circuit, quantised: Quantised, expected: Recording | None) -> Typed:
    """What is placed: neurons by their numbers in the network, and a synapse for each axon that adds to a weight."""
    heard = quantised.synapses
    if expected is not None:
        check_same(circuit, expected)
    graph = Graph(
        neurons=circuit.neurons,
        source=heard.source.astype(np.int32),
        target=heard.target.astype(np.int32),
        delay=heard.delay.astype(np.int32),
        weight=quantised.weight,
        spikes=None if expected is None else expected.counts().astype(np.float64),
        outside=np.concatenate(
            [np.full(each.size, is_source(each), np.bool_) for each in circuit.network.populations]
            or [np.zeros(0, np.bool_)]
        ),
    )
    lines = Merged(heard.source, heard.target, heard.delay, np.arange(heard.weight.size))
    return assigned(graph, lines, quantised.number, quantised.parts)


def named(circuit: Circuit, short: Shortage) -> Shortage:
    """A shortage of the placement with the neuron's name in place of its number."""
    found = re.fullmatch(r"neuron (\d+)(.*)", short.where)
    if found is None or int(found[1]) >= circuit.neurons:
        return short
    return replace(short, where=f"neuron {circuit.where(int(found[1]))}{found[2]}")


def check_same(circuit: Circuit, recording: Recording) -> None:
    """Raise ValueError for the recording of another network, or one with other ticks."""
    if recording.neurons != circuit.neurons or tuple(recording.groups) != circuit.groups:
        raise ValueError(
            f"this is a recording of {recording.neurons} neurons in {tuple(recording.groups)}, not of "
            f"{circuit.neurons} in {circuit.groups}."
        )
    if not np.isclose(recording.dt, circuit.dt):
        raise ValueError(
            f"the recording has ticks of {recording.dt:g} s, the program of {circuit.dt:g} s; run the network with the "
            "program's, as what a tick costs depends on how many there are."
        )


@dataclass(frozen=True, eq=False)
class TrueNorthProgram:
    """A network on TrueNorth.

    quantised  its integers
    typed      its synapses with their axon types
    placement  its cores; the network's neurons come first in its graph, with the numbers that they have there
    """

    chip: TrueNorth
    circuit: Circuit
    quantised: Quantised
    typed: Typed
    placement: Placement

    def cores(self) -> Laid:
        """The cores as the chip holds them."""
        longest = int(self.quantised.synapses.delay.max(initial=0)) + 1
        types = np.arange(self.quantised.number.shape[1] * longest) // longest
        return laid(self.placement, self.quantised.neuron, self.typed.table, types)

    def run(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Recording:
        """In the chip's integers, from the beginning; see `Program.run`."""
        circuit, placed = self.circuit, self.placement
        ticks = whole_ticks("seconds", seconds, circuit.dt)
        heard = input_spikes(circuit, seconds, inputs)
        made = self.cores()
        tick, neuron = [heard.tick], [heard.neuron.astype(np.int64)]
        work: dict[str, int] = dict.fromkeys(WORK, 0)
        if made.cores:
            x, y = placed.xy
            machine = Machine(
                made.cores,
                mesh=Mesh(columns=placed.mesh.columns, rows=placed.mesh.rows),
                places=np.stack([x, y], axis=1),
                rules=self.chip.rules,
                threads=self.chip.threads,
            )
            arrive = arriving(made.entries, heard.tick, heard.neuron.astype(np.int64), ticks)
            who = numbers_of(placed, made.local)
            stretch = ticks if progress is None else max(1, -(-ticks // 50))
            for begin in range(0, ticks, stretch):
                end = min(begin + stretch, ticks)
                now = slice(*np.searchsorted(arrive.tick, [begin, end]).tolist())
                did = machine.run(end - begin, Spikes(arrive.tick[now] - begin, arrive.core[now], arrive.neuron[now]))
                spiking = who[did.spikes.core, did.spikes.neuron]
                own = (spiking >= 0) & (spiking < circuit.neurons)
                tick.append(did.spikes.tick[own] + begin + 1)
                neuron.append(spiking[own])
                work = {name: work[name] + did.work[name] for name in WORK}
                if progress is not None:
                    progress(end / ticks)
        when, who_spiked = np.concatenate(tick), np.concatenate(neuron)
        order = np.lexsort((who_spiked, when))
        return Recording(
            time=when[order].astype(np.float64) * circuit.dt,
            neuron=who_spiked[order],
            groups=circuit.groups,
            neurons=circuit.neurons,
            seconds=ticks * circuit.dt,
            dt=circuit.dt,
            work={**work, "spikes": work["spikes"] + heard.tick.size, "input_spikes": heard.tick.size},
        )

    def work(self, recording: Recording) -> TrueNorthWork:
        """What the chip has to do for what was recorded, helpers included, by the spikes alone.

        Every event of a spike is counted, also those that the end of the recording cuts off. Raises ValueError for a
        recording of another network or with other ticks.
        """
        circuit, placed = self.circuit, self.placement
        sent, graph = self.traffic(recording), placed.graph
        spikes = recording.counts()[placed.extended.origin]
        ticks = round(recording.seconds / circuit.dt)
        crossings = round(sent.crossings)
        return TrueNorthWork(
            ticks=ticks,
            seconds=ticks * TICK,
            chips=placed.chips,
            cores=placed.cores,
            synaptic_events=int(spikes @ np.bincount(graph.source, minlength=graph.neurons)),
            spikes=int(spikes[graph.inside].sum()),
            hops=round(sent.hops),
            edge_spikes=crossings,
            chip_spikes=crossings,
            neurons=graph.inside.size,
        )

    def traffic(self, recording: Recording) -> Traffic:
        """What the spikes of a recording, and those of helpers that follow from them, ask of the links; see `work`."""
        check_same(self.circuit, recording)
        placed = self.placement
        spikes = recording.counts()[placed.extended.origin].astype(np.float64)
        return traffic(replace(placed.graph, spikes=spikes), placed.core, placed.slot, placed.mesh)

    def bills(self, recording: Recording) -> tuple[Bill, ...]:
        """At each operating point, the chip's own first."""
        points = [self.chip.point, *(each for each in OPERATING_POINTS if each != self.chip.point)]
        return tuple(replace(self, chip=replace(self.chip, point=point)).price(recording) for point in points)

    def price(self, recording: Recording) -> Bill:
        """At the chip's operating point; see `Program.price`.

        The chip's own tick is 1 ms, so a network with shorter ticks runs slower than in its own time, and pays for it.
        Spikes that come from outside are paid for as the events that they make; how they enter is not counted.
        """
        bill = price_truenorth(self.work(recording), point=self.chip.point)
        slower = TICK / self.circuit.dt
        if np.isclose(slower, 1):
            return bill
        note = f"A second of the network takes {slower:g} s of the chip, whose tick is {TICK * 1e3:g} ms."
        return replace(bill, notes=(*bill.notes, note))

    def report(self) -> Report:
        """What was rounded, what was added, and where everything went."""
        placed, circuit = self.placement, self.circuit
        x, y = placed.xy
        limits, role = self.chip.limits(), placed.extended.role
        made = placement.Use(placed.graph, placed.core)
        usage: dict[str, tuple[npt.NDArray[np.int64], int | None]] = {
            "neurons": (made.neurons, limits.neurons),
            "axons": (made.axons_in, limits.axons_in),
        }
        copies, relays = (int(np.count_nonzero(role == each)) for each in (Role.COPY, Role.RELAY))
        reason = "a neuron sends to one axon"
        added = [
            Added(what=what, count=count, reason=reason)
            for what, count in (("copies of neurons", copies), ("relay neurons", relays))
            if count
        ]
        heard = self.quantised.synapses.weight.size
        notes = [
            *how_cut(),
            f"{self.typed.axons} axons of {self.typed.needed} that weights of one type would take; "
            f"{self.typed.graph.synapses} synapses for {heard} that differ in source, target or delay",
        ]
        if any(isinstance(each.kind, Poisson) for each in circuit.network.populations):
            notes.append("two spikes of one source in one tick are one to the chip")
        cores = Cores(
            core=placed.core[: circuit.neurons],
            x=(x % SIDE).astype(np.int32),
            y=(y % SIDE).astype(np.int32),
            chip=placed.mesh.chip(placed.slot).astype(np.int32),
            mesh=(SIDE, SIDE),
            usage={name: (used, limit) for name, (used, limit) in usage.items() if limit is not None},
        )
        return Report(
            chip=self.chip.name,
            cores=cores,
            roundings=self.quantised.roundings,
            added=added,
            notes=[*notes, *self.quantised.notes],
        )


def numbers_of(placed: Placement, local: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(cores, 256) int64, number in the placed graph of each neuron of each core; -1 where there is none."""
    found = np.full((placed.cores, SIZE), -1, np.int64)
    inside = placed.graph.inside
    found[placed.core[inside], local[inside]] = inside
    return found
