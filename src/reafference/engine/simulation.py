"""A running network: advance it, reach into it, read what it did."""

# pyright: basic
from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.engine import tick as loops
from reafference.engine.build import Cells, build_groups
from reafference.engine.inbox import grown
from reafference.engine.poisson import PoissonSources, set_rates
from reafference.engine.tick import DONE, GROW, Group, Out, Probe
from reafference.engine.train import Trains
from reafference.network import Network
from reafference.network.values import PerNeuron, per_neuron
from reafference.recording import Recording, Trace
from reafference.units import check_range, check_time, ms

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Watch:
    """Ask for a trace: `variable` ("v"; for CurrentLIF also "g_e", "g_i") of some neurons of a population.

    neurons  numbers within the population; None: all
    """

    population: str
    variable: str = "v"
    neurons: Sequence[int] | npt.NDArray[np.integer] | None = None


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes of one stretch of time, in order of (tick, neuron).

    tick    (spikes,) int64, steps of dt since the start of the simulation
    neuron  (spikes,) int32, numbers in the network
    """

    tick: Ints
    neuron: npt.NDArray[np.int32]


class Simulation:
    """A network that is being run, for closed loops: inject, advance, read.

    network   what to run
    dt        s, length of a tick
    seed      of the wiring and of Poisson sources; the same seed gives the same spikes on any number of threads
    threads   workers that share the neurons among them
    record    populations whose spikes are kept for `recording()`; None: all; (): none
    watch     traces to keep, one sample every `sample` s (None: every tick)

    Counters, spikes and traces grow until `recording()` is asked for with `clear`.
    """

    def __init__(
        self,
        network: Network,
        *,
        dt: float = 0.1 * ms,
        seed: int = 0,
        threads: int = 1,
        record: Sequence[str] | None = None,
        watch: Sequence[Watch] = (),
        sample: float | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"a simulation runs a Network, not {network!r}.")
        check_time("dt", dt, 1e-12, 0.1)
        check_range("threads", threads, 1, 1024, "")
        check_range("seed", seed, 0, 2**63 - 1, "")
        for name, value in (("threads", threads), ("seed", seed)):
            if not hasattr(value, "__index__"):
                raise TypeError(f"{name} = {value} is not a whole number.")
        if isinstance(record, str):
            raise TypeError(f"record = {record!r} is one word; give a list of populations.")
        self.network, self.dt, self.seed = network, dt, operator.index(seed)
        self._cells, workers, self._sources = build_groups(network, dt, self.seed, operator.index(threads))
        self._first = {population.name: network.first(population.name) for population in network.populations}
        self._size = {population.name: population.size for population in network.populations}
        self._record = tuple(self._first if record is None else dict.fromkeys(record))
        for name in self._record:
            self._population(name)
        self._kept: list[Spikes] = []
        self._sampled: list[npt.NDArray[np.int64]] = []
        self._samples: list[npt.NDArray[np.float64]] = []
        self._spikes, self._since, self._work_before = 0, 0, np.zeros(3, np.int64)
        self.tick = 0
        self._watch = self._watched(watch)
        columns = sum(neurons.size for _, neurons in self._watch)
        every = 1 if sample is None else self._ticks("sample", sample)
        workers = [
            [self._probed(group, worker, k) for k, group in enumerate(groups)] for worker, groups in enumerate(workers)
        ]
        self._groups = [tuple(groups) for groups in workers]
        self._outs = [self._out(columns, every, worker) for worker in range(len(workers))]
        delays = [int(g.inbox.delay.min()) for groups in workers for g in groups if g.inbox.delay.size]
        self._reach = min(delays, default=2**30)
        self._pool = ThreadPoolExecutor(len(workers)) if len(workers) > 1 else None

    # --- what the loop asks for -------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Time since the start, s."""
        return self.tick * self.dt

    @property
    def synapses(self) -> int:
        """Synapses of the network as drawn."""
        return sum(group.inbox.target.size for groups in self._groups for group in groups)

    @property
    def bytes_per_synapse(self) -> float:
        """Memory that the wiring takes, calendars and segments included, per synapse."""
        fields = ("first", "delay", "rule", "begin", "target", "weight", "head", "tail", "fill", "link", "entry")
        total = sum(getattr(group.inbox, name).nbytes for groups in self._groups for group in groups for name in fields)
        return total / max(self.synapses, 1)

    def advance(self, seconds: float) -> Spikes:
        """Run for `seconds`, a whole number of ticks, and return the spikes of that stretch (sources included)."""
        stop = self.tick + self._ticks("seconds", seconds)
        taken: list[Spikes] = []
        while True:
            finished = self._advance_alone(stop) if self._pool is None else self._advance_together(stop)
            taken += self._take()
            if finished:
                break
        spikes = (
            taken[0]
            if len(taken) == 1
            else Spikes(np.concatenate([s.tick for s in taken]), np.concatenate([s.neuron for s in taken]))
        )
        self._spikes += spikes.tick.size
        if self._record:
            self._kept.append(spikes)
        return spikes

    def count(self, spikes: Spikes, population: str) -> Ints:
        """How often each neuron of a population occurs in `spikes`, (neurons,)."""
        first, size = self._population(population)
        mine = spikes.neuron[(spikes.neuron >= first) & (spikes.neuron < first + size)]
        return np.bincount(mine - first, minlength=size)

    def inject_current(self, population: str, current: PerNeuron) -> None:
        """From now on the neurons receive `current` (A, one number or one each) besides their constant one."""
        _, size = self._population(population)
        check_range(f"injected current into {population}", current, -1.0, 1.0, "A")
        current = per_neuron(f"injected current into {population}", current, size)
        for group, place in self._parts(population):
            for worker, low, high in self._owners(group, place, size):
                arrays = self._groups[worker][self._cells.index(group)]
                loops.inject(
                    arrays.cells,
                    arrays.inbox,
                    low - int(group.cuts[worker]),
                    current[low - place : high - place],
                    self.tick,
                )

    def inject_spikes(self, population: str, neurons: Sequence[int] | npt.NDArray[np.integer]) -> None:
        """The given neurons of a source population spike now; their events arrive after the delay."""
        first, size = self._population(population)
        if population in {p.name for cells in self._cells for p in cells.populations}:
            raise ValueError(
                f"{population!r} is no source; inject spikes into a SpikeTrain population that projects to it."
            )
        index = self._index(f"spikes into {population}", neurons, size)
        out = self._outs[0]
        count = int(out.count[0])
        if count + index.size > out.tick.size:
            raise ValueError(
                f"{index.size} spikes at once into {population} are more than the {out.tick.size - count} "
                "that fit; advance in between."
            )
        out.tick[count : count + index.size] = self.tick
        out.neuron[count : count + index.size] = first + index
        out.count[0] += index.size
        out.neuron[: count + index.size].sort()  # so that the order of several injections plays no part

    def set_rate(self, population: str, rate: PerNeuron) -> None:
        """From now on the Poisson sources fire at `rate` (Hz, one number or one each)."""
        first, size = self._population(population)
        check_range(f"rate of {population}", rate, 0.0, 1e6, "Hz")
        for sources in self._sources:
            if isinstance(sources, PoissonSources):
                mine = np.flatnonzero((sources.identity >= first) & (sources.identity < first + size))
                if mine.size:
                    set_rates(sources, mine, per_neuron(f"rate of {population}", rate, size) * self.dt, self.tick)
                    self._outs[0] = with_room(self._outs[0], self._reserve(0))
                    return
        raise ValueError(f"{population!r} is no Poisson population; only those have a rate to set.")

    def set_modulator(self, projection: str, value: float) -> None:
        """Set the third factor of a plastic projection: 1 as described, 0 frozen, other values scale the rate."""
        check_range(f"modulator of {projection}", value, -1e9, 1e9, "")
        found = False
        for number, group in enumerate(self._cells):
            plastic = [e.projection.name for e in group.edges if e.projection.plasticity is not None]
            if projection in plastic:
                found = True
                for groups in self._groups:
                    groups[number].rules.modulator[plastic.index(projection)] = value
        if not found:
            raise ValueError(
                f"{projection!r} is no plastic projection; those are: {', '.join(self._plastic()) or 'none'}."
            )

    def weights(self, projection: str) -> npt.NDArray[np.float64]:
        """Present weights (V) of a plastic projection, (synapses,), in the order of its wiring."""
        for number, group in enumerate(self._cells):
            for edges in group.edges:
                if edges.projection.name == projection and edges.slots:
                    result = np.zeros(sum(edge.size for edge, _ in edges.slots))
                    for worker, (edge, place) in enumerate(edges.slots):
                        result[edge] = self._groups[worker][number].inbox.weight[place]
                    return result
        raise ValueError(f"{projection!r} is no plastic projection; those are: {', '.join(self._plastic()) or 'none'}.")

    def set_weights(self, projection: str, weight: npt.NDArray[np.float64]) -> None:
        """Set the weights (V) of a plastic projection, (synapses,), in the order of its wiring."""
        check_range(f"weights of {projection}", weight, -1000.0, 1000.0, "V")
        weight = np.asarray(weight, dtype=np.float64)
        if weight.shape != self.weights(projection).shape:
            raise ValueError(
                f"{projection} has {self.weights(projection).size} synapses, got weights of shape "
                f"{weight.shape}; give one for each."
            )
        for number, group in enumerate(self._cells):
            for edges in group.edges:
                if edges.projection.name == projection:
                    for worker, (edge, place) in enumerate(edges.slots):
                        self._groups[worker][number].inbox.weight[place] = weight[edge]

    def read(self, population: str, variable: str = "v") -> npt.NDArray[np.float64]:
        """Present value of a variable of each neuron of a population, (neurons,), SI units."""
        _, size = self._population(population)
        result = np.empty(size)
        for group, place in self._parts(population):
            what = self._observable(group, variable, population)
            for worker, low, high in self._owners(group, place, size):
                arrays = self._groups[worker][self._cells.index(group)]
                offset = int(group.cuts[worker])
                loops.read(arrays.cells, low - offset, self.tick, what, result[low - place : high - place])
        return result

    def recording(self, *, clear: bool = False) -> Recording:
        """What was recorded since the start or the last clearing."""
        tick = np.concatenate([s.tick for s in self._kept]) if self._kept else np.zeros(0, np.int64)
        neuron = (
            np.concatenate([s.neuron for s in self._kept]).astype(np.int64) if self._kept else np.zeros(0, np.int64)
        )
        if len(self._record) < len(self._first):
            keep = np.zeros(self.network.neurons, np.bool_)
            for name in self._record:
                keep[self._first[name] : self._first[name] + self._size[name]] = True
            tick, neuron = tick[keep[neuron]], neuron[keep[neuron]]
        sampled = np.concatenate(self._sampled) if self._sampled else np.zeros(0, np.int64)
        samples = np.concatenate(self._samples) if self._samples else np.zeros((0, 0))
        traces, column = {}, 0
        for watch, neurons in self._watch:
            value = samples[:, column : column + neurons.size] if samples.size else np.zeros((0, neurons.size))
            traces[f"{watch.population}.{watch.variable}"] = Trace(variable=watch.variable, neuron=neurons, value=value)
            column += neurons.size
        work = sum(group.inbox.work for groups in self._groups for group in groups)
        done = np.asarray(work if self._cells else np.zeros(3, np.int64)) - self._work_before
        recording = Recording(
            time=np.asarray(tick * self.dt, dtype=np.float64),
            neuron=neuron,
            groups=tuple(self._first.items()),
            neurons=self.network.neurons,
            seconds=(self.tick - self._since) * self.dt,
            start=self._since * self.dt,
            dt=self.dt,
            work={
                "spikes": self._spikes,
                "synaptic_events": int(done[0]),
                "neuron_updates": int(done[0] + done[1]),
                "weight_changes": int(done[2]),
            },
            recorded=None if len(self._record) == len(self._first) else self._record,
            sampled=np.asarray(sampled * self.dt, dtype=np.float64),
            traces=traces,
        )
        if clear:
            self._kept, self._sampled, self._samples = [], [], []
            self._spikes, self._since, self._work_before = 0, self.tick, self._work_before + done
        return recording

    def __repr__(self) -> str:
        return (
            f"Simulation at {self.now:g} s of {self.network.neurons} neurons and {self.synapses} synapses, "
            f"{len(self._groups)} thread(s)"
        )

    # --- inside -----------------------------------------------------------------------------------------------------

    def _advance_alone(self, stop: int) -> bool:
        out = self._outs[0]
        self.tick, status = loops.advance(self._groups[0], tuple(self._sources), out, self.tick, stop, self._reach)
        if status == GROW:
            self._grow(0, out.neuron[out.count[1] : out.count[0]])
        return status == DONE

    def _advance_together(self, stop: int) -> bool:
        if self._pool is None:
            raise RuntimeError("one worker needs no pool")
        while True:
            mail = self._mail()
            for worker in range(len(self._groups)):
                while not loops.exchange(self._groups[worker], mail.tick, mail.neuron, 0, mail.tick.size):
                    self._grow(worker, mail.neuron)
            for out in self._outs:
                out.count[1] = out.count[0]
            self._learn()
            if self.tick >= stop:
                return True
            until = min(
                stop, self.tick + self._reach, min(loops.next_learning(groups, self.tick) for groups in self._groups)
            )
            # Every worker must stop at the same tick, so the room is checked for the whole window beforehand.
            room = min((out.tick.size - int(out.count[0])) // max(int(out.reserve[0]), 1) for out in self._outs)
            rows = min(out.trace.shape[0] - int(out.count[2]) for out in self._outs)
            until = min(until, self.tick + room, self.tick + rows)
            if until <= self.tick:
                return False
            jobs = [
                self._pool.submit(
                    loops.window,
                    groups,
                    tuple(self._sources) if worker == 0 else (),
                    self._outs[worker],
                    self.tick,
                    until,
                )
                for worker, groups in enumerate(self._groups)
            ]
            for job in jobs:
                job.result()
            self.tick = until

    def _learn(self) -> None:
        for groups, out in zip(self._groups, self._outs, strict=True):
            if out.count[3] < self.tick:
                loops.learn(groups, self.tick)
                out.count[3] = self.tick

    def _mail(self) -> Spikes:
        tick = np.concatenate([out.tick[out.count[1] : out.count[0]] for out in self._outs])
        neuron = np.concatenate([out.neuron[out.count[1] : out.count[0]] for out in self._outs])
        order = np.lexsort((neuron, tick))
        return Spikes(tick[order], neuron[order])

    def _take(self) -> list[Spikes]:
        """Take finished spikes and samples out of the workers' buffers."""
        done = [int(out.count[1]) for out in self._outs]
        tick = np.concatenate([out.tick[:n] for out, n in zip(self._outs, done, strict=True)])
        neuron = np.concatenate([out.neuron[:n] for out, n in zip(self._outs, done, strict=True)])
        if len(self._outs) > 1:
            order = np.lexsort((neuron, tick))
            tick, neuron = tick[order], neuron[order]
        rows = int(self._outs[0].count[2])
        if rows and self._watch:
            self._sampled.append(self._outs[0].trace_tick[:rows].copy())
            # Each worker fills the columns of its own neurons and leaves zeros elsewhere.
            self._samples.append(np.sum([out.trace[:rows] for out in self._outs], axis=0))
        for out, n in zip(self._outs, done, strict=True):
            rest = int(out.count[0]) - n
            out.tick[:rest], out.neuron[:rest] = out.tick[n : n + rest].copy(), out.neuron[n : n + rest].copy()
            out.count[0], out.count[1], out.count[2] = rest, 0, 0
        return [Spikes(tick, neuron)]

    def _grow(self, worker: int, neurons: npt.NDArray[np.int32]) -> None:
        def larger(group: Group) -> Group:
            segments = int((group.inbox.first[neurons + 1] - group.inbox.first[neurons]).sum())
            return group._replace(inbox=grown(group.inbox, segments + group.inbox.head.size))

        self._groups[worker] = tuple(larger(group) for group in self._groups[worker])

    def _reserve(self, worker: int) -> int:
        """Spikes that one tick of a worker may make."""
        reserve = sum(group.identity.size for group in self._cells) + 16
        if worker == 0:
            for sources in self._sources:
                if isinstance(sources, PoissonSources):
                    mean = float(np.maximum(sources.rate, 0.0).sum())
                    reserve += int(mean + 20 * math.sqrt(mean) + sources.rate.size + 64)
                elif isinstance(sources, Trains) and sources.tick.size:
                    reserve += int(np.unique(sources.tick, return_counts=True)[1].max())
        return reserve

    def _out(self, columns: int, every: int, worker: int) -> Out:
        reserve = self._reserve(worker)
        room = max(4 * reserve, 1 << 15)
        rows = max(1, min(1 << 14, (1 << 22) // columns)) if columns else 1
        return Out(
            tick=np.empty(room, np.int64),
            neuron=np.empty(room, np.int32),
            count=np.zeros(4, np.int64),
            trace=np.zeros((rows, columns)),
            trace_tick=np.zeros(rows, np.int64),
            every=np.array([every if columns else 2**62], np.int64),
            reserve=np.array([reserve], np.int64),
        )

    def _ticks(self, name: str, seconds: float) -> int:
        check_range(name, seconds, 0.0, 1e9, "s")
        count = round(seconds / self.dt)
        if count < 1 or abs(count * self.dt - seconds) > 1e-6 * self.dt * max(1, count):
            raise ValueError(
                f"{name} = {seconds:g} s is not a whole number of ticks of {self.dt:g} s; use "
                f"{max(count, 1) * self.dt:g} or another dt."
            )
        return count

    def _population(self, name: str) -> tuple[int, int]:
        if name not in self._first:
            raise KeyError(f"no population is called {name!r}; there are {', '.join(self._first)}.")
        return self._first[name], self._size[name]

    def _plastic(self) -> list[str]:
        return [p.name for p in self.network.projections if p.plasticity is not None]

    def _parts(self, population: str) -> list[tuple[Cells, int]]:
        """The group that holds a population of neurons and its place in it."""
        for group in self._cells:
            place = 0
            for member in group.populations:
                if member.name == population:
                    return [(group, place)]
                place += member.size
        raise ValueError(f"{population!r} is a source; it has neither voltage nor current.")

    def _owners(self, group: Cells, place: int, size: int) -> list[tuple[int, int, int]]:
        """(worker, low, high) of the stretches of group neurons place <= i < place + size."""
        result = []
        for worker in range(len(self._groups)):
            low, high = max(place, int(group.cuts[worker])), min(place + size, int(group.cuts[worker + 1]))
            if low < high:
                result.append((worker, low, high))
        return result

    def _observable(self, group: Cells, variable: str, population: str) -> int:
        names = group.module.OBSERVABLES
        if variable not in names:
            raise ValueError(f"{population} has no variable {variable!r}; it has {', '.join(names)}.")
        return names.index(variable)

    def _watched(self, watch: Sequence[Watch]) -> list[tuple[Watch, Ints]]:
        result: list[tuple[Watch, Ints]] = []
        for item in [watch] if isinstance(watch, Watch) else watch:
            if not isinstance(item, Watch):
                raise TypeError(f"watch has {item!r}; give a list of Watch(population=...).")
            _, size = self._population(item.population)
            ((group, _),) = self._parts(item.population)
            self._observable(group, item.variable, item.population)
            if any((item.population, item.variable) == (other.population, other.variable) for other, _ in result):
                raise ValueError(
                    f"{item.variable!r} of {item.population!r} is watched twice; give all neurons in one Watch."
                )
            neurons = range(size) if item.neurons is None else item.neurons
            result.append((item, self._index(f"watched neurons of {item.population}", neurons, size)))
        return result

    def _index(self, name: str, neurons: Sequence[int] | npt.NDArray[np.integer], size: int) -> Ints:
        """Numbers of neurons of a population of `size`, (count,)."""
        index = np.asarray(neurons).reshape(-1)
        if index.size and not np.issubdtype(index.dtype, np.integer):
            raise TypeError(f"{name}: neurons are {index.dtype}; they are counted from 0 in whole numbers.")
        check_range(name, index, 0, size - 1, "")
        return index.astype(np.int64)

    def _probed(self, group: Group, worker: int, number: int) -> Group:
        """The group with the probes of its own watched neurons."""
        cells = self._cells[number]
        low, high = int(cells.cuts[worker]), int(cells.cuts[worker + 1])
        rows: list[tuple[int, int, int]] = []
        column = 0
        for watch, neurons in self._watch:
            ((owner, place),) = self._parts(watch.population)
            what = self._observable(owner, watch.variable, watch.population)
            for neuron in neurons:
                if owner is cells and low <= place + neuron < high:
                    rows.append((place + int(neuron) - low, what, column))
                column += 1
        table = np.array(rows, np.int64).reshape(-1, 3)
        return group._replace(probe=Probe(*(np.ascontiguousarray(table[:, k]) for k in range(3))))


def with_room(out: Out, reserve: int) -> Out:
    """`out` with what is in it, and with room for ticks of up to `reserve` spikes."""
    out.reserve[0] = reserve
    more = 4 * reserve - out.tick.size
    if more <= 0:
        return out
    return out._replace(
        tick=np.concatenate([out.tick, np.empty(more, np.int64)]),
        neuron=np.concatenate([out.neuron, np.empty(more, np.int32)]),
    )


def run(
    network: Network,
    seconds: float,
    *,
    dt: float = 0.1 * ms,
    seed: int = 0,
    threads: int = 1,
    record: Sequence[str] | None = None,
    watch: Sequence[Watch] = (),
    sample: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording:
    """Run a network for `seconds` and return what happened.

    progress  called with the part done, 0 to 1, about fifty times during the run; the rest as in Simulation
    """
    check_time("seconds", seconds, 0.0, 1e7)
    simulation = Simulation(network, dt=dt, seed=seed, threads=threads, record=record, watch=watch, sample=sample)
    total = simulation._ticks("seconds", seconds)
    stride = total if progress is None else max(1, math.ceil(total / 50))
    done = 0
    while done < total:
        step = min(stride, total - done)
        simulation.advance(step * dt)
        done += step
        if progress is not None:
            progress(done / total)
    return simulation.recording()
