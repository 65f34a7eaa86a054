"""A running network: advance it, reach into it, read what it did."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from reafference.engine import tick as loops
from reafference.engine.build import Cells, available_memory, build_groups
from reafference.engine.history import History, joined
from reafference.engine.kernel import cache_folder
from reafference.engine.noise import means, set_noise
from reafference.engine.patience import announced, line, watched
from reafference.engine.poisson import PoissonSources, set_rates
from reafference.engine.readback import Stored, Synapses, set_weights, synapses_of, weights_of
from reafference.engine.short_term import Efficacy, efficacy_of
from reafference.engine.spikes import Ints, Spikes, Watch
from reafference.engine.tick import MADE, Group, Probe
from reafference.engine.up_to_date import present, ready, set_modulator, size_of
from reafference.engine.workers import Workers
from reafference.network import Network, Poisson, PoissonInput
from reafference.network.network import MAX_WEIGHT
from reafference.network.values import PerNeuron, per_neuron
from reafference.recording import Recording
from reafference.units import check_range, check_time, ms


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
        check_time("dt", dt, 1e-11, 0.1)
        check_range("threads", threads, 1, 1024, "")
        check_range("seed", seed, 0, 2**63 - 1, "")
        for name, value in (("threads", threads), ("seed", seed)):
            if not hasattr(value, "__index__"):
                raise TypeError(f"{name} = {value} is not a whole number.")
        if isinstance(record, str):
            raise TypeError(f"record = {record!r} is one word; give a list of populations.")
        self.network, self.dt, self.seed = network, dt, operator.index(seed)
        self._cells, parts, sources = build_groups(network, dt, self.seed, operator.index(threads))
        self._first = {population.name: network.first(population.name) for population in network.populations}
        self._size = {population.name: population.size for population in network.populations}
        self._kind = {population.name: population.kind for population in network.populations}
        self._record = tuple(self._first if record is None else dict.fromkeys(record))
        for name in self._record:
            self._population(name)
        watched = self._watched(watch)
        columns = sum(neurons.size for _, neurons in watched)
        every = 1 if sample is None else whole_ticks("sample", sample, self.dt)
        probed = [
            [self._probed(g, worker, k, watched) for k, g in enumerate(part)] for worker, part in enumerate(parts)
        ]
        self._workers = Workers(probed, sources, columns=columns, every=every)
        self._history = History(network, dt, self._record, watched)
        kinds = ", ".join(dict.fromkeys(type(population.kind).__name__ for population in network.populations))
        with announced(f"kernels for {kinds} (once; kept in {cache_folder()})"):
            self._workers.warm()

    # --- what the loop asks for -------------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks done since the start."""
        return self._workers.tick

    @property
    def _groups(self) -> list[tuple[Group, ...]]:
        return self._workers.groups

    @property
    def now(self) -> float:
        """Time since the start, s."""
        return self.tick * self.dt

    @property
    def synapses(self) -> int:
        """Synapses of the network as drawn."""
        return sum(group.inbox.narrow.size + group.inbox.wide.size for groups in self._groups for group in groups)

    @property
    def bytes_per_synapse(self) -> float:
        """Memory per synapse: the wiring with calendars and segments, and what learning from spikes keeps."""
        segments = ("first", "delay", "projection", "begin", "count")
        calendar = ("head", "tail", "fill", "link", "entry")
        fields = ("narrow", "wide", "weight", *segments, *calendar)
        total = sum(getattr(group.inbox, name).nbytes for groups in self._groups for group in groups for name in fields)
        total += sum(size_of(group.stdp) for groups in self._groups for group in groups)
        return total / max(self.synapses, 1)

    def advance(self, seconds: float) -> Spikes:
        """Run for `seconds`, a whole number of ticks, and return the spikes of that stretch (sources included)."""
        taken: list[Spikes] = []
        for stretch in self._workers.run(self.tick + whole_ticks("seconds", seconds, self.dt)):
            self._history.add(stretch)
            taken.append(stretch.spikes)
        return joined(taken)

    def count(self, spikes: Spikes, population: str) -> Ints:
        """How often each neuron of a population occurs in `spikes`, (neurons,)."""
        first, size = self._population(population)
        mine = spikes.neuron[(spikes.neuron >= first) & (spikes.neuron < first + size)]
        return np.bincount(mine - first, minlength=size)

    def inject_current(self, population: str, current: PerNeuron) -> None:
        """From now on the neurons receive `current` (A, one number or one each) besides their constant one."""
        _, size = self._population(population)
        check_range(f"injected current into {population}", current, -1e-6, 1e-6, "A")
        current = per_neuron(f"injected current into {population}", current, size)
        for group, place in self._parts(population):
            for worker, low, high in self._owners(group, place, size):
                arrays = self._groups[worker][self._cells.index(group)]
                offset = int(group.cuts[worker])
                loops.inject(arrays.cells, low - offset, current[low - place : high - place], self.tick)

    def inject_spikes(self, population: str, neurons: Sequence[int] | npt.NDArray[np.integer]) -> None:
        """The given neurons of a source population spike now; their events arrive after the delay."""
        first, size = self._population(population)
        if population in {p.name for cells in self._cells for p in cells.populations}:
            raise ValueError(
                f"{population!r} is no source; inject spikes into a SpikeTrain population that projects to it."
            )
        index = self._index(f"spikes into {population}", neurons, size)
        out = self._workers.out
        count = int(out.count[0, MADE])
        if count + index.size > out.tick.shape[1]:
            raise ValueError(
                f"{index.size} spikes at once into {population} are more than the {out.tick.shape[1] - count} "
                "that fit; advance in between."
            )
        out.tick[0, count : count + index.size] = self.tick
        out.neuron[0, count : count + index.size] = first + index
        out.count[0, MADE] += index.size
        out.neuron[0, : count + index.size].sort()  # so that the order of several injections plays no part

    def set_rate(self, population: str, rate: PerNeuron) -> None:
        """From now on the Poisson sources fire at `rate` (Hz, one number or one each)."""
        first, size = self._population(population)
        highest = 1e9 if isinstance(self._kind[population], PoissonInput) else 1e6
        check_range(f"rate of {population}", rate, 0.0, highest, "Hz")
        rates = per_neuron(f"rate of {population}", rate, size)
        for sources in self._workers.sources:
            if isinstance(sources, PoissonSources):
                mine = np.flatnonzero((sources.identity >= first) & (sources.identity < first + size))
                if mine.size:
                    set_rates(sources, mine, rates * self.dt, self.tick)
                    self._workers.make_room()
                    return
        if isinstance(self._kind[population], PoissonInput):
            mean = means(population, rates, self.dt)
            for groups in self._groups:
                for cells, group in zip(self._cells, groups, strict=True):
                    names = [tract.projection.source.name for tract in cells.private]
                    set_noise(group.noise, names, population, mean)
            return
        raise ValueError(f"{population!r} is no Poisson or PoissonInput population; only those have a rate to set.")

    def set_modulator(self, projection: str, value: float) -> None:
        """From now on the third factor of a plastic projection (ThreeFactor, AntiHebbian, RewardSTDP) is `value`.

        1 learns as described, 0 not at all, other values scale the change. For RewardSTDP 1023 changes are kept; at the
        next one all its synapses are brought up to date and clipped to their bounds.
        """
        check_range(f"modulator of {projection}", value, -1e9, 1e9, "")
        set_modulator(self._cells, self._groups, projection, value, self.tick)

    def weights(self, projection: str) -> npt.NDArray[np.float64]:
        """Present weights of a projection, (synapses,), in the order of its wiring, in the unit of its description."""
        return weights_of(present(*self._stored(projection), self.tick))

    def set_weights(self, projection: str, weight: npt.NDArray[np.float64]) -> None:
        """Set the weights of a projection that is plastic or has a weight for each synapse, in the order of wiring.

        Raises ValueError, before any is set, for weights beyond the bounds of a rule that learns from spikes.
        """
        check_range(f"weights of {projection}", weight, -MAX_WEIGHT, MAX_WEIGHT, "V")
        values = np.asarray(weight, dtype=np.float64)
        set_weights(ready(*self._stored(projection), values, self.tick), values)

    def wiring(self, projection: str) -> Synapses:
        """The synapses of a projection as drawn, in the order of the wiring: (source, target, weight, delay).

        Each (synapses,): numbers within the two populations, present weights, delays in s. They are not kept in this
        form but drawn again, which takes as long as drawing them at the start.
        """
        return synapses_of(present(*self._stored(projection), self.tick))

    def short_term(self, projection: str) -> Efficacy:
        """(u, x) of each synapse of a projection with short-term plasticity, as an event that arrived now found them.

        Each (synapses,), in the order of the wiring; the event would act with weight * u * x.
        """
        stored, parts = self._stored(projection)
        return efficacy_of(stored, [part.short_term for part in parts], self.tick)

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
        work = np.sum([group.inbox.work for part in self._groups for group in part] + [np.zeros(3, np.int64)], axis=0)
        recording = self._history.recording(self.tick, work)
        if clear:
            self._history.clear(self.tick, work)
        return recording

    def __repr__(self) -> str:
        return (
            f"Simulation at {self.now:g} s of {self.network.neurons} neurons and {self.synapses} synapses, "
            f"{len(self._groups)} thread(s)"
        )

    # --- inside -----------------------------------------------------------------------------------------------------

    def _population(self, name: str) -> tuple[int, int]:
        if name not in self._first:
            raise KeyError(f"no population is called {name!r}; there are {', '.join(self._first)}.")
        return self._first[name], self._size[name]

    def _stored(self, projection: str) -> tuple[Stored, list[Group]]:
        """Where the synapses of a projection are, and the parts of its targets' group."""
        for number, group in enumerate(self._cells):
            stored = group.stored(projection, [groups[number].inbox for groups in self._groups])
            if stored is not None:
                return stored, [groups[number] for groups in self._groups]
            if any(tract.projection.name == projection for tract in group.private):
                raise ValueError(f"{projection!r} comes from a PoissonInput and has no synapses one by one.")
        known = ", ".join(p.name for p in self.network.projections) or "none"
        raise ValueError(f"no projection is called {projection!r}; there are: {known}.")

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

    def _probed(self, group: Group, worker: int, number: int, watched: Sequence[tuple[Watch, Ints]]) -> Group:
        """The group with the probes of its own watched neurons."""
        cells = self._cells[number]
        low, high = int(cells.cuts[worker]), int(cells.cuts[worker + 1])
        rows: list[tuple[int, int, int]] = []
        column = 0
        for watch, neurons in watched:
            ((owner, place),) = self._parts(watch.population)
            what = self._observable(owner, watch.variable, watch.population)
            for neuron in neurons:
                if owner is cells and low <= place + neuron < high:
                    rows.append((place + int(neuron) - low, what, column))
                column += 1
        table = np.array(rows, np.int64).reshape(-1, 3)
        return group._replace(probe=Probe(*(np.ascontiguousarray(table[:, k]) for k in range(3))))


def whole_ticks(name: str, seconds: float, dt: float) -> int:
    """`seconds` in ticks of `dt`; raises ValueError where that is no whole number of at least one."""
    check_range(name, seconds, 0.0, 1e9, "s")
    count = round(seconds / dt)
    if count < 1 or abs(count * dt - seconds) > 1e-6 * dt * max(1, count):
        raise ValueError(
            f"{name} = {seconds:g} s is not a whole number of ticks of {dt:g} s; use "
            f"{max(count, 1) * dt:g} or another dt."
        )
    return count


MOST_TICKS = 10**10
RECORDED_BYTES = 40  # per spike while the recording is put together


def check_length(network: Network, seconds: float, dt: float, record: Sequence[str] | None) -> None:
    """Refuse a run that would take days, or whose sources alone would fill the memory with recorded spikes."""
    if seconds / dt > MOST_TICKS:
        raise ValueError(
            f"{seconds:g} s in steps of {dt:g} s are {seconds / dt:.3g} ticks, above the limit of {MOST_TICKS:.0e}; "
            "use a larger dt, or Simulation.advance for one stretch after the other."
        )
    spikes = sum(
        float(np.mean(p.kind.rate)) * p.size * seconds
        for p in network.populations
        if isinstance(p.kind, Poisson) and (record is None or p.name in record)
    )
    available = available_memory()
    if available is not None and spikes * RECORDED_BYTES > available:
        raise MemoryError(
            f"the Poisson sources make about {spikes:.3g} spikes, which take {spikes * RECORDED_BYTES / 2**30:.3g} GiB "
            f"to record; {available / 2**30:.3g} GiB are free. Leave them out of `record`, or run shorter."
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

    progress  called with the part done, 0 to 1, about fifty times during the run; None: a line on the terminal, if
              there is one and the run takes more than two seconds. The rest as in Simulation
    """
    check_time("seconds", seconds, 0.0, 1e7)
    if progress is not None and not callable(progress):
        raise TypeError(f"progress = {progress!r} cannot be called; give a function of one number from 0 to 1.")
    check_length(network, seconds, dt, record)
    simulation = Simulation(network, dt=dt, seed=seed, threads=threads, record=record, watch=watch, sample=sample)
    total = whole_ticks("seconds", seconds, dt)
    if progress is None and watched():
        progress = line(seconds)
    stride = total if progress is None else max(1, math.ceil(total / 50))
    done = 0
    while done < total:
        step = min(stride, total - done)
        simulation.advance(step * dt)
        done += step
        if progress is not None:
            progress(done / total)
    return simulation.recording()
