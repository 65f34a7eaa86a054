"""Loihi, the first one: networks of leaky neurons in its integers, on its cores, with a bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.bill import Bill
from reafference.chips.circuit import Circuit, draw, input_spikes, is_source
from reafference.chips.features import RELEASE, SHORT_TERM, lacking
from reafference.chips.figures import Unpublished, figures_of
from reafference.chips.loihi.cores import LoihiCores
from reafference.chips.loihi.dialect import SILICON, Dialect
from reafference.chips.loihi.graph import graph_of
from reafference.chips.loihi.learning.dialect import SILICON_LEARNING, LearningDialect
from reafference.chips.loihi.learning.learner import Learner, PlasticGroup
from reafference.chips.loihi.learning.placed import (
    REFUSED,
    LearnedRun,
    LearnedSynapses,
    Reward,
    bounds_of,
    more_bits,
    reward_numbers,
    told,
    wanted,
    where_of,
)
from reafference.chips.loihi.learning.rule import LearningRule
from reafference.chips.loihi.learning.translate import Learning
from reafference.chips.loihi.mapping import check_same, cores_of, traffic_of
from reafference.chips.loihi.quantise import KINDS, Precision, Quantised, quantise
from reafference.chips.loihi.spent import Spikes, routes_of, spent
from reafference.chips.placement import (
    Annealed,
    Arrangement,
    CoreLimits,
    ListBits,
    Mesh,
    Placement,
    Spread,
    Traffic,
    Use,
    how_cut,
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
    REFUSED: "Loihi adds up products of traces.",
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
    learning   how projections learn, by name, in the chip's own terms; in place of the plasticity that the network
               describes for them. PairSTDP, InhibitorySTDP and ThreeFactor of others are put into the chip's
               terms where it can do the same
    learning_dialect  whose rules learning follows where models differ
    """

    dialect: Dialect = SILICON
    precision: Precision = field(default_factory=Precision)
    profile: LoihiProfile = field(default_factory=Davies2018)
    columns: int = 8
    rows: int = 4
    expected: Recording | None = None
    arrangement: Arrangement = field(default_factory=Annealed)
    learning: Mapping[str, LearningRule | Learning] = field(default_factory=dict[str, LearningRule | Learning])
    learning_dialect: LearningDialect = SILICON_LEARNING
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

    def limits(self, delay_bits: int, tag_bits: int = 0) -> CoreLimits:
        """What one core holds.

        delay_bits, tag_bits  that each synapse needs
        """
        figures = figures_of("loihi1")
        return CoreLimits(
            neurons=figures.count("structure.compartments_per_core"),
            axons_in=figures.count("structure.axons_in_per_core"),
            axons_out=figures.count("structure.axons_out_per_core"),
            synapse_bits=figures.count("structure.synapse_bits_per_core"),
            list_bits=ListBits(synapse=WEIGHT_BITS + INDEX_BITS + delay_bits + tag_bits, head=LIST_HEAD, word=WORD),
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
        refused = self.unsupported.get(REFUSED, "")
        learning, more = wanted(network, circuit, self.learning, self.learning_dialect, refused)
        short += more
        quantised = quantise(circuit, dialect=self.dialect, precision=self.precision, learned=bounds_of(learning))
        known = {(each.resource, each.where) for each in short}
        short += [each for each in quantised.shortages if (each.resource, each.where) not in known]
        graph = graph_of(circuit, quantised, count, self.expected)
        longest = max((int(np.max(group.delay)) for group in quantised.groups if group.source.size), default=0)
        tag_bits, least = more_bits(learning)
        try:
            limits = self.limits(max(longest.bit_length(), least), tag_bits)
            placed = place(graph, limits, self.mesh(), chip=self.name, ways=(Spread(),), arrangement=self.arrangement)
        except DoesNotFit as error:
            raise DoesNotFit(self.name, [*short, *error.shortages]) from error
        if short:
            raise DoesNotFit(self.name, short)
        return LoihiProgram(self, circuit, quantised, placed, learning)


@dataclass(frozen=True, eq=False)
class LoihiProgram:
    """A network on Loihi.

    quantised  its integers
    learning   how its projections learn, in the chip's terms, by name
    placement  its cores, of which neuron n of the network is `quantised.number[n]`
    """

    chip: Loihi1
    circuit: Circuit
    quantised: Quantised
    placement: Placement
    learning: Mapping[str, Learning] = field(default_factory=dict[str, Learning])

    def run(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Recording:
        """In the chip's integers, from the beginning; see `Program.run`. What it learns is lost; see `learn`."""
        return self.learn(seconds, inputs=inputs, progress=progress).recording

    def learn(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        rewards: Mapping[str, Reward] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> LearnedRun:
        """As `run`, and what was learned in it.

        rewards  r1 at given times, by projection that learns

        Raises KeyError for rewards of projections that do not learn.
        """
        circuit, number, rewards = self.circuit, self.quantised.number, dict(rewards or {})
        ticks = whole_ticks("seconds", seconds, circuit.dt)
        strange = [name for name in rewards if name not in self.learning]
        if strange:
            raise KeyError(f"rewards: {strange} do not learn here; {list(self.learning) or 'no projection'} do.")
        given = {name: reward.ticks(name, circuit.dt, ticks) for name, reward in rewards.items()}
        heard = input_spikes(circuit, seconds, inputs)
        owner, learners = self.quantised.owner, self._learners
        cores = self._cores()
        entry = number[heard.neuron] - cores.neurons
        tick, neuron = [heard.tick], [heard.neuron.astype(np.int64)]
        network_number = np.argsort(number)
        counted = (*COUNTED, "synaptic_updates") if self.learning else COUNTED
        work: dict[str, int] = dict.fromkeys(counted, 0)
        stretch = ticks if progress is None else max(1, -(-ticks // 50))
        for begin in range(0, ticks, stretch):
            end = min(begin + stretch, ticks)
            now = (heard.tick > begin) & (heard.tick <= end)
            reward = {
                place: {tick: r for tick, r in given.get(owner[k], {}).items() if begin < tick <= end}
                for place, k in enumerate(learners)
            }
            did = cores.advance(end - begin, tick=heard.tick[now], source=entry[now], reward=reward)
            tick.append(did.tick)
            neuron.append(network_number[did.neuron])
            work = {name: work[name] + did.work[name] for name in counted}
            if progress is not None:
                progress(end / ticks)
        when, who = np.concatenate(tick), np.concatenate(neuron)
        order = np.lexsort((who, when))
        recording = Recording(
            time=when[order].astype(np.float64) * circuit.dt,
            neuron=who[order],
            groups=circuit.groups,
            neurons=circuit.neurons,
            seconds=ticks * circuit.dt,
            dt=circuit.dt,
            work={**work, "spikes": work["spikes"] + work["input_spikes"]},
        )
        return LearnedRun(
            recording=recording,
            synapses={owner[k]: self._learned(k, cores.learners[place]) for place, k in enumerate(learners)},
        )

    def _plastic(self, number: int) -> PlasticGroup:
        """A group of synapses that learn."""
        learning = self.learning[self.quantised.owner[number]]
        reward = reward_numbers(learning, self.circuit.network, self.quantised.number)
        return PlasticGroup(synapses=self.quantised.groups[number], rule=learning.rule, reward=reward)

    def _learned(self, number: int, learner: Learner) -> LearnedSynapses:
        """What a group of synapses, all of one projection, holds."""
        name = self.quantised.owner[number]
        source, target = where_of(self.circuit, name)
        scaled = self.chip.dialect.weights.scaled(learner.weight, self.quantised.groups[number].form)
        return LearnedSynapses(
            source=source,
            target=target,
            weight=scaled / self.quantised.factor[self.circuit.of(name)],
            mantissa=learner.weight.copy(),
            delay=learner.delay.copy(),
            tag=learner.tag.copy(),
        )

    @property
    def _learners(self) -> list[int]:
        """Numbers of the groups that learn."""
        return [k for k, name in enumerate(self.quantised.owner) if name in self.learning]

    def _cores(self) -> LoihiCores:
        """The integers at the beginning."""
        learners = self._learners
        return LoihiCores(
            compartments=self.quantised.compartments,
            groups=[group for k, group in enumerate(self.quantised.groups) if k not in learners],
            inputs=self.quantised.inputs,
            dialect=self.chip.dialect,
            plastic=[self._plastic(k) for k in learners],
            learning=self.chip.learning_dialect,
            seed=self.circuit.seed,
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
        work, known = spent(routes_of(self.placement), self._cores(), spikes, tuple(times))
        return replace(work, synaptic_updates=recording.work.get("synaptic_updates", 0)), known

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
        notes: list[str] = []
        if not known:
            notes.append(
                "Every neuron is taken to be updated at every tick, since these spikes are not the program's own; "
                "energy and time of neurons are at most that."
            )
        if self.learning and "synaptic_updates" in recording.work:
            notes.append("Time is without learning.")
        elif self.learning:
            notes.append("Energy and time are without learning; a recording of this program counts its updates.")
        bills = (profile.price(work) for profile in profiles)
        return tuple(replace(bill, notes=(*bill.notes, *notes)) for bill in bills)

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
        notes = [f"integers by the rules of {self.chip.dialect.name!r}", *how_cut()]
        if self._delay_bits() > 3:
            notes.append("delays above 8 ticks take compartments away on the chip; how many is not counted here")
        for name, learning in self.learning.items():
            notes += told(name, learning, self.circuit, *self._bounds(name))
        return Report(chip=self.chip.name, cores=cores, roundings=self.quantised.roundings, notes=notes)

    def _delay_bits(self) -> int:
        delays = (int(np.max(group.delay)) for group in self.quantised.groups if group.source.size)
        return max(delays, default=0).bit_length()

    def _limits(self) -> CoreLimits:
        tag_bits, least = more_bits(self.learning)
        return self.chip.limits(max(self._delay_bits(), least), tag_bits)

    def _bounds(self, name: str) -> tuple[float, float]:
        """V between which the weights of a projection can learn, of the weakest factor."""
        groups = [
            group for group, owner in zip(self.quantised.groups, self.quantised.owner, strict=True) if owner == name
        ]
        if not groups:
            return 0.0, 0.0
        form, dialect = groups[0].form, self.chip.learning_dialect
        grid = 2**form.dropped if dialect.keeps_grid else 1
        ends = self.chip.dialect.weights.scaled(np.array(dialect.limits(form.sign, grid)), form)
        low, high = ends / self.quantised.factor[self.circuit.of(name)].max()
        return float(low), float(high)
