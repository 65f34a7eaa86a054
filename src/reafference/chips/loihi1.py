"""Loihi, the first one: networks of leaky neurons in its integers, on its cores, with a bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.bill import Bill
from reafference.chips.circuit import Circuit, draw, input_spikes, is_source
from reafference.chips.features import PLASTICITY, RELEASE, SHORT_TERM, lacking
from reafference.chips.figures import Unpublished, figures_of
from reafference.chips.loihi.cores import LoihiCores
from reafference.chips.loihi.dialect import SILICON, Dialect
from reafference.chips.loihi.mapping import check_same, cores_of, traffic_of
from reafference.chips.loihi.quantise import KINDS, Precision, Quantised, quantise
from reafference.chips.loihi.spent import Spikes, routes_of, spent
from reafference.chips.placement import (
    Annealed,
    Arrangement,
    CoreLimits,
    Graph,
    ListBits,
    Mesh,
    Placement,
    Spread,
    Traffic,
    Use,
    place,
)
from reafference.chips.pricing.loihi1 import Davies2018, LoihiProfile, LoihiTimes, LoihiWork, Sanafe
from reafference.chips.report import Report
from reafference.chips.shortage import DoesNotFit, Shortage
from reafference.engine.spikes import whole_ticks
from reafference.network import (
    CurrentLIF,
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

WEIGHT_BITS, INDEX_BITS, LIST_HEAD, WORD = 8, 10, 10, 64  # of a list of synapses, as nengo-loihi 1.1.0 counts them
COUNTED = "spikes", "input_spikes", "synaptic_events", "neuron_updates", "active_updates"
LACKS = {
    PLASTICITY: "Rules of a network are not translated into Loihi's; learn on the engine and place what was learned.",
    SHORT_TERM: "Loihi's synapses have no state that tires; leave it out.",
    RELEASE: "Loihi's synapses deliver every event; leave it out.",
}


@dataclass(frozen=True, kw_only=True)
class Loihi1:
    """Intel's first Loihi.

    dialect    whose rules its integers follow where models differ; the chip's own, as far as known
    precision  how weights are put into integers
    profile    figures that a bill is made by: `Davies2018()` or `Sanafe()`
    columns, rows  chips side by side that may be used; 8 x 4 is one board of 32
    expected   a recording of the network, by whose spikes cores are cut and placed; None: every neuron counts as one
    arrangement  how cores find their places: `Annealed()` for few hops, `Relieved()` for links that carry alike
    """

    dialect: Dialect = SILICON
    precision: Precision = field(default_factory=Precision)
    profile: LoihiProfile = field(default_factory=Davies2018)
    columns: int = 8
    rows: int = 4
    expected: Recording | None = None
    arrangement: Arrangement = field(default_factory=Annealed)
    unsupported: Mapping[str, str] = field(default_factory=lambda: dict(LACKS))
    name: str = "loihi1"

    def example(self) -> tuple[Network, float]:
        """Sixty inputs and eighty cells that excite and inhibit one another."""
        kind = CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=5 * ms, refractory=2 * ms)
        touch = Population("touch", 60, Poisson(rate=40 * Hz))
        cells, others = Population("cells", 64, kind), Population("others", 16, kind)
        return Network(
            populations=[touch, cells, others],
            projections=[
                Projection(touch, cells, FixedInDegree(20), weight=6 * mV),
                Projection(cells, others, FixedProbability(0.3), weight=3 * mV, delay=2 * ms),
                Projection(others, cells, FixedProbability(0.3), weight=-6 * mV, delay=3 * ms),
            ],
        ), 1 * ms

    def limits(self, delay_bits: int) -> CoreLimits:
        """What one core holds.

        delay_bits  that each synapse needs
        """
        figures = figures_of("loihi1")
        return CoreLimits(
            neurons=figures.count("structure.compartments_per_core"),
            axons_in=figures.count("structure.axons_in_per_core"),
            axons_out=figures.count("structure.axons_out_per_core"),
            synapse_bits=figures.count("structure.synapse_bits_per_core"),
            list_bits=ListBits(synapse=WEIGHT_BITS + INDEX_BITS + delay_bits, head=LIST_HEAD, word=WORD),
        )

    def mesh(self) -> Mesh:
        """Tiles of four cores; how many tiles stand in a row is SANA-FE's guess."""
        return Mesh(width=8, height=4, cores=4, columns=self.columns, rows=self.rows)

    def compile(self, network: Network, *, dt: float, seed: int = 0) -> LoihiProgram:
        """Integers, cores, places. Raises DoesNotFit with every limit that is broken."""
        short = lacking(network, KINDS, self.unsupported)
        count = sum(population.size for population in network.populations if not is_source(population))
        room = self.mesh().slots * (self.limits(0).neurons or 0)
        if count > room:
            remedy = f"{self.columns * self.rows} chips have no more; use fewer neurons or more chips."
            raise DoesNotFit(self.name, [*short, Shortage("compartments", "the network", count, room, remedy)])
        circuit = draw(network, dt=dt, seed=seed)
        quantised = quantise(circuit, dialect=self.dialect, precision=self.precision)
        known = {(each.resource, each.where) for each in short}
        short += [each for each in quantised.shortages if (each.resource, each.where) not in known]
        graph = graph_of(circuit, quantised, count, self.expected)
        longest = max((int(np.max(group.delay)) for group in quantised.groups if group.source.size), default=0)
        try:
            limits = self.limits(longest.bit_length())
            placed = place(graph, limits, self.mesh(), chip=self.name, ways=(Spread(),), arrangement=self.arrangement)
        except DoesNotFit as error:
            raise DoesNotFit(self.name, [*short, *error.shortages]) from error
        if short:
            raise DoesNotFit(self.name, short)
        return LoihiProgram(self, circuit, quantised, placed)


def graph_of(circuit: Circuit, quantised: Quantised, count: int, expected: Recording | None) -> Graph:
    """What is placed: compartments, and inputs that stay outside; synapses of one format share an axon into a core."""
    kind = np.zeros(circuit.synapses, np.int32)
    for number, members in enumerate(quantised.members):
        kind[members] = number
    spikes = None
    if expected is not None:
        check_same(circuit, expected)
        spikes = np.zeros(circuit.neurons)
        spikes[quantised.number] = expected.counts()
    return Graph(
        neurons=circuit.neurons,
        source=quantised.number[circuit.source].astype(np.int32),
        target=quantised.number[circuit.target].astype(np.int32),
        kind=kind,
        delay=circuit.delay,
        spikes=spikes,
        outside=np.arange(circuit.neurons) >= count,
    )


@dataclass(frozen=True, eq=False)
class LoihiProgram:
    """A network on Loihi.

    quantised  its integers
    placement  its cores, of which neuron n of the network is `quantised.number[n]`
    """

    chip: Loihi1
    circuit: Circuit
    quantised: Quantised
    placement: Placement

    def run(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Recording:
        """In the chip's integers, from the beginning; see `Program.run`."""
        circuit, number = self.circuit, self.quantised.number
        ticks = whole_ticks("seconds", seconds, circuit.dt)
        heard = input_spikes(circuit, seconds, inputs)
        cores = self._cores()
        entry = number[heard.neuron] - cores.neurons
        tick, neuron = [heard.tick], [heard.neuron.astype(np.int64)]
        network_number = np.argsort(number)
        work: dict[str, int] = dict.fromkeys(COUNTED, 0)
        stretch = ticks if progress is None else max(1, -(-ticks // 50))
        for begin in range(0, ticks, stretch):
            end = min(begin + stretch, ticks)
            now = (heard.tick > begin) & (heard.tick <= end)
            did = cores.advance(end - begin, tick=heard.tick[now], source=entry[now])
            tick.append(did.tick)
            neuron.append(network_number[did.neuron])
            work = {name: work[name] + did.work[name] for name in COUNTED}
            if progress is not None:
                progress(end / ticks)
        when, who = np.concatenate(tick), np.concatenate(neuron)
        order = np.lexsort((who, when))
        return Recording(
            time=when[order].astype(np.float64) * circuit.dt,
            neuron=who[order],
            groups=circuit.groups,
            neurons=circuit.neurons,
            seconds=ticks * circuit.dt,
            dt=circuit.dt,
            work={**work, "spikes": work["spikes"] + work["input_spikes"]},
        )

    def _cores(self) -> LoihiCores:
        """The integers at the beginning."""
        return LoihiCores(
            compartments=self.quantised.compartments,
            groups=self.quantised.groups,
            inputs=self.quantised.inputs,
            dialect=self.chip.dialect,
        )

    def work(self, recording: Recording) -> LoihiWork:
        """What the chip has to do for what was recorded, and how long its ticks take by the chip's profile.

        Where the recording is not one of this program (one of the engine), its spikes do not tell which neurons were
        updated; all are taken to be, at every tick. Raises ValueError for a recording of another network or with other
        ticks.
        """
        return self._spent(recording, self.chip.profile)[0]

    def _spent(self, recording: Recording, *profiles: LoihiProfile) -> tuple[LoihiWork, bool]:
        """The work, with the time by some profiles, and whether it is known which neurons were updated."""
        circuit = self.circuit
        check_same(circuit, recording)
        tick = np.rint(recording.time / circuit.dt).astype(np.int64)
        order = np.argsort(tick, kind="stable")
        neuron = self.quantised.number[recording.neuron[order]]
        ticks = round(recording.seconds / circuit.dt)
        times: list[LoihiTimes] = []
        for profile in profiles:
            with suppress(Unpublished):
                times.append(profile.times())
        spikes = Spikes(tick=tick[order], neuron=neuron, ticks=ticks, dt=circuit.dt)
        return spent(routes_of(self.placement), self._cores(), spikes, tuple(times))

    def price(self, recording: Recording) -> Bill:
        """By the chip's profile, energy and time; see `Program.price`.

        What comes from outside the chip waits at its cores when a tick begins; its hops are not counted.
        """
        return self._bills(recording, self.chip.profile)[0]

    def bills(self, recording: Recording) -> tuple[Bill, ...]:
        """By the figures of both profiles, the chip's own first."""
        mine = self.chip.profile
        others = [each for each in (Davies2018(), Sanafe()) if each.name != mine.name]
        return self._bills(recording, mine, *others)

    def _bills(self, recording: Recording, *profiles: LoihiProfile) -> tuple[Bill, ...]:
        work, known = self._spent(recording, *profiles)
        bills = tuple(profile.price(work) for profile in profiles)
        if known:
            return bills
        note = (
            "Every neuron is taken to be updated at every tick, since these spikes are not the program's own; energy "
            "and time of neurons are at most that."
        )
        return tuple(replace(bill, notes=(*bill.notes, note)) for bill in bills)

    def traffic(self, recording: Recording) -> Traffic:
        """What the spikes of a recording ask of the links; see `work`."""
        return traffic_of(self.circuit, self.placement, self.quantised.number, recording)

    def report(self) -> Report:
        """What was rounded, and where everything went."""
        placed, number = self.placement, self.quantised.number
        use = Use(placed.graph, placed.core)
        limits = self.chip.limits(0)
        usage: dict[str, tuple[npt.NDArray[np.int64], int | None]] = {
            "compartments": (use.neurons, limits.neurons),
            "axons in": (use.axons_in, limits.axons_in),
            "axons out": (use.axons_out, limits.axons_out),
            "bits of synapse memory": (use.bits(self._limits()), limits.synapse_bits),
        }
        cores = cores_of(placed, number, usage)
        notes = [f"integers by the rules of {self.chip.dialect.name!r}"]
        if self._delay_bits() > 3:
            notes.append("delays above 8 ticks take compartments away on the chip; how many is not counted here")
        return Report(chip=self.chip.name, cores=cores, roundings=self.quantised.roundings, notes=notes)

    def _delay_bits(self) -> int:
        delays = (int(np.max(group.delay)) for group in self.quantised.groups if group.source.size)
        return max(delays, default=0).bit_length()

    def _limits(self) -> CoreLimits:
        return self.chip.limits(self._delay_bits())
