"""A running network: advance it, reach into it, read what it did."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.engine import tick as loops
from reafference.engine.array_file import Arrays
from reafference.engine.build import build_groups
from reafference.engine.checkpoint import Checkpoints, folder_at, learning
from reafference.engine.describe import check_network, facts_of, program
from reafference.engine.gather import gathered
from reafference.engine.history import History, joined, recorded
from reafference.engine.kernel import cache_folder
from reafference.engine.mail import Mail
from reafference.engine.memory import check_memory
from reafference.engine.noise import means, set_noise
from reafference.engine.patience import announced
from reafference.engine.places import Places
from reafference.engine.poisson import PoissonSources, set_rates
from reafference.engine.ranks import failing_together, ranks_of
from reafference.engine.readback import Stored, Synapses, set_weights, synapses_of, weights_of
from reafference.engine.shares import own_stretches
from reafference.engine.short_term import Efficacy, efficacy_of
from reafference.engine.spikes import STEPS, Ints, Spikes, Watch, whole_ticks
from reafference.engine.tick import MADE, Group
from reafference.engine.traffic import check_traffic
from reafference.engine.up_to_date import present, ready, set_modulator, size_of
from reafference.engine.weight_access import WeightAccess
from reafference.engine.workers import Workers
from reafference.network import IntegerNeuron, Network, Poisson, PoissonInput
from reafference.network.network import weight_limit
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
    comm      processes that share the network, each of which makes this call: a communicator of mpi4py such as
              MPI.COMM_WORLD, or one of `local_ranks`; None: this process alone

    Counters, spikes and traces grow until `recording()` is asked for with `clear`. One that Ctrl-C or an error has
    stopped within `advance` is lost: from then on `advance`, `save` and `recording` raise RuntimeError.

    On several ranks every rank makes the same calls with the same arguments. Each has its share of the neurons and
    sources (`own`), and what it hands out is about these: spikes, recordings, weights, values (NaN for neurons of
    others). What is injected or set takes effect where the neurons are. `advance` and `gather` exchange messages; all
    other methods send none. Where ranks disagree, or one of them fails while it is built or advances, all raise
    RankError.
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
        comm: Any = None,
    ) -> None:
        self._ranks = ranks_of(comm)
        with failing_together(self._ranks):
            check_network(network)
            check_time("dt", dt, *STEPS)
            check_range("threads", threads, 1, 1024, "")
            check_range("seed", seed, 0, 2**63 - 1, "")
            for name, value in (("threads", threads), ("seed", seed)):
                if not hasattr(value, "__index__"):
                    raise TypeError(f"{name} = {value} is not a whole number.")
            if isinstance(record, str):
                raise TypeError(f"record = {record!r} is one word; give a list of populations.")
            self.network, self.dt, self.seed = network, dt, operator.index(seed)
            self._threads, self._sample = operator.index(threads), sample
            self._watch = [watch] if isinstance(watch, Watch) else watch
            self.rewritten: set[str] = set()  # projections whose weights somebody has set
            self._checkpoints: Checkpoints | None = None
            self._busiest: dict[str, float] = {}  # Hz together, of sources whose rates somebody has set
            kinds = ", ".join(dict.fromkeys(type(population.kind).__name__ for population in network.populations))
            with announced(f"kernels for {kinds} (once; kept in {cache_folder()})"):
                self._start(record)

    def _start(self, record: Sequence[str] | None) -> None:
        """Agree, build, compile."""
        self._record = recorded(self.network, record)
        rank, size = (0, 1) if self._ranks is None else (self._ranks.rank, self._ranks.size)
        workers = size * self._threads
        mine = range(rank * self._threads, (rank + 1) * self._threads)
        if self._ranks is not None:
            self._ranks.agree({"the program": program(), **self._facts()})
            sharing = self._ranks.on_this_machine()
            check_memory(self.network, self.dt, workers, self._threads, sharing)
            self._ranks.share(np.zeros(0, np.int64))  # nobody begins before all have looked
        check_traffic(self.network, self.dt, workers, self._threads)
        cells, parts, sources = build_groups(self.network, self.dt, self.seed, workers, mine)
        self._places = Places(self.network, cells, own_stretches(self.network, workers, mine))
        for name in self._record:
            self._places.population(name)
        self._watched = self._places.watched(self._watch)
        watched = self._places.of_own(self._watched)
        every = 1 if self._sample is None else whole_ticks("sample", self._sample, self.dt)
        mail = None if self._ranks is None else Mail(self._ranks, self.network, parts, self._threads)
        self._workers = Workers(
            self._places.probed(parts, watched),
            sources,
            columns=sum(neurons.size for _, neurons in watched),
            every=every if self._watched else 0,
            mail=mail,
        )
        self._history = History(self.network, self.dt, self._record, watched)
        self._workers.warm()

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
        """Synapses of the network as drawn; on several ranks, those of this one."""
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
        with failing_together(self._ranks):
            taken: list[Spikes] = []
            for stretch in self._workers.run(self.tick + whole_ticks("seconds", seconds, self.dt)):
                self._history.add(stretch)
                taken.append(stretch.spikes)
            return joined(taken)

    def own(self, population: str) -> range:
        """Which neurons of a population this rank has; all of them, if there is only one."""
        self._places.population(population)
        return range(*self._places.own[population])

    def count(self, spikes: Spikes, population: str) -> Ints:
        """How often each neuron of a population occurs in `spikes`, (neurons,)."""
        first, size = self._places.population(population)
        mine = spikes.neuron[(spikes.neuron >= first) & (spikes.neuron < first + size)]
        return np.bincount(mine - first, minlength=size)

    def inject_current(self, population: str, current: PerNeuron) -> None:
        """From now on the neurons receive `current` (A, one number or one each) besides their constant one."""
        _, size = self._places.population(population)
        if isinstance(self._places.kind(population), IntegerNeuron):
            raise ValueError(f"{population!r} counts in whole numbers, not in ampere; send it spikes.")
        check_range(f"injected current into {population}", current, -1e-6, 1e-6, "A")
        current = per_neuron(f"injected current into {population}", current, size)
        for part in self._places.owned(population):
            cells = self._groups[part.worker][part.group].cells
            loops.inject(cells, part.cell, current[part.begin : part.end], self.tick)

    def inject_spikes(self, population: str, neurons: Sequence[int] | npt.NDArray[np.integer]) -> None:
        """The given neurons of a source population spike now; their events arrive after the delay."""
        first, size = self._places.population(population)
        if not self._places.is_source(population):
            raise ValueError(
                f"{population!r} is no source; inject spikes into a SpikeTrain population that projects to it."
            )
        if isinstance(self._places.kind(population), PoissonInput):
            raise ValueError(
                f"{population!r} is a PoissonInput, whose spikes are counted, not listed; use a SpikeTrain."
            )
        index = self._places.index(f"spikes into {population}", neurons, size)
        mine = self.own(population)
        index = index[(index >= mine.start) & (index < mine.stop)]
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
        first, size = self._places.population(population)
        highest = 1e9 if isinstance(self._places.kind(population), PoissonInput) else 1e6
        check_range(f"rate of {population}", rate, 0.0, highest, "Hz")
        rates = per_neuron(f"rate of {population}", rate, size)
        kind = self._places.kind(population)
        if isinstance(kind, Poisson):
            ranks = 1 if self._ranks is None else self._ranks.size
            together = float(rates.sum())
            if together > self._busiest.get(population, 0.0):
                busiest = {**self._busiest, population: together}
                check_traffic(self.network, self.dt, ranks * self._threads, self._threads, busiest)
                self._busiest = busiest
            for sources in self._workers.sources:
                if isinstance(sources, PoissonSources):
                    mine = np.flatnonzero((sources.identity >= first) & (sources.identity < first + size))
                    set_rates(sources, mine, rates[sources.identity[mine] - first] * self.dt, self.tick)
                    self._workers.make_room()
            return
        if isinstance(kind, PoissonInput):
            mean = means(population, rates, self.dt)
            for groups in self._groups:
                for cells, group in zip(self._places.cells, groups, strict=True):
                    names = [tract.projection.source.name for tract in cells.private]
                    set_noise(group.noise, names, population, mean)
            return
        raise ValueError(f"{population!r} is no Poisson or PoissonInput population; only those have a rate to set.")

    def set_modulator(self, projection: str, value: float) -> None:
        """From now on the third factor of a plastic projection (ThreeFactor, AntiHebbian, RewardSTDP) is `value`.

        1 learns as described, 0 not at all. The 1024th change for RewardSTDP brings all its weights up to date.
        """
        check_range(f"modulator of {projection}", value, -1e9, 1e9, "")
        set_modulator(self._places.cells, self._groups, projection, value, self.tick)

    def weights(self, projection: str) -> npt.NDArray[np.float64]:
        """Present weights of a projection, (synapses,), in the order of its wiring, in the unit of its description."""
        stored, groups = self._places.stored(projection, self._groups)
        return weights_of(present(stored, [group.stdp for group in groups], self.tick))

    def set_weights(self, projection: str, weight: npt.NDArray[np.float64]) -> None:
        """Set the weights of a projection that is plastic or has a weight for each synapse, in the order of wiring.

        Raises ValueError, before any is set, for weights beyond the bounds of a rule that learns from spikes.
        """
        stored, groups = self._places.stored(projection, self._groups)
        limit, unit = weight_limit(stored.tract.projection.target.kind)
        check_range(f"weights of {projection}", weight, -limit, limit, unit)
        values = np.asarray(weight, dtype=np.float64)
        set_weights(ready(stored, [group.stdp for group in groups], values, self.tick), values)
        self.rewritten.add(projection)

    def weight_access(self, projection: str) -> WeightAccess:
        """Reading and writing single weights of a projection that is plastic or has a weight for each synapse."""

        def of_now(values: npt.NDArray[np.float64] | None) -> Stored:
            stored, groups = self._places.stored(projection, self._groups)
            stdps = [group.stdp for group in groups]
            return present(stored, stdps, self.tick) if values is None else ready(stored, stdps, values, self.tick)

        access = WeightAccess(self._places.stored(projection, self._groups)[0], of_now)
        self.rewritten.add(projection)
        return access

    def wiring(self, projection: str) -> Synapses:
        """The synapses of a projection as drawn, in the order of the wiring: (source, target, weight, delay).

        Each (synapses,): numbers within the two populations, present weights, delays in s. They are not kept in this
        form but drawn again, which takes as long as drawing them at the start.
        """
        stored, groups = self._places.stored(projection, self._groups)
        return synapses_of(present(stored, [group.stdp for group in groups], self.tick))

    def short_term(self, projection: str) -> Efficacy:
        """(u, x) of each synapse of a projection with short-term plasticity, as an event that arrived now found them.

        Each (synapses,), in the order of the wiring; the event would act with weight * u * x.
        """
        stored, groups = self._places.stored(projection, self._groups)
        return efficacy_of(stored, [group.short_term for group in groups], self.tick)

    def read(self, population: str, variable: str = "v") -> npt.NDArray[np.float64]:
        """Present value of a variable of each neuron of a population, (neurons,), SI units."""
        _, size = self._places.population(population)
        what = self._places.observable(population, variable)
        result = np.full(size, np.nan)
        for part in self._places.owned(population):
            cells = self._groups[part.worker][part.group].cells
            loops.read(cells, part.cell, self.tick, what, result[part.begin : part.end])
        return result

    def recording(self, *, clear: bool = False) -> Recording:
        """What was recorded since the start or the last clearing; on several ranks, of the neurons of this one."""
        self._workers.check_whole()
        work = self._workers.work()
        recording = self._history.recording(self.tick, work)
        if clear:
            self._history.clear(self.tick, work)
        return recording

    @property
    def synaptic_events(self) -> int:
        """So far, since the start or the last clearing of the recording; on several ranks, those of this one."""
        return int(self._history.done(self._workers.work())[0])

    def gather(self, *, clear: bool = False) -> Recording:
        """The same of all ranks together on rank 0, which must have room for it; on others as `recording`."""
        with failing_together(self._ranks):
            recording = self.recording(clear=clear)
            if self._ranks is None:
                return recording
            return gathered(self._ranks, recording, self.network, self._watched, self._threads)

    def save(self, folder: str | Path) -> None:
        """Write a checkpoint into `folder`, from which `restore` goes on, with all that is kept for `recording`.

        Spikes that an earlier checkpoint in the same folder holds are not written again; the last two checkpoints are
        kept. On several ranks each writes its own files. Raises OSError where that fails, then the ones before count;
        ValueError if the folder has checkpoints of another run; BlockingIOError if another process writes into it, as
        does each from its first `save` until its simulation is gone.
        """
        with failing_together(self._ranks):
            self._checkpoints_in(folder).save()

    def restore(self, folder: str | Path, *, missing_ok: bool = False) -> bool:
        """Become what the last whole checkpoint in `folder` was; False if there is none and that is ok.

        The simulation must be one of the same network with the same arguments, on as many ranks. Raises ValueError
        that says what differs, or which file is damaged; a damaged last checkpoint is passed over with a warning if
        the one before it is whole. Raises FileNotFoundError for a folder without any.
        """
        with failing_together(self._ranks):
            if self._checkpoints_in(folder).restore():
                return True
            if not missing_ok:
                raise FileNotFoundError(f"there is no checkpoint in {str(folder)!r}; `save` makes one.")
            return False

    def moment(self) -> Arrays:
        """A copy of all by which it goes on, weights apart: potentials, spikes on their way, counters, the tick."""
        state = self._workers.state() | self._history.state() | {"tick": np.array(self.tick)}
        return {name: array.copy() for name, array in state.items()}

    def go_back(self, moment: Mapping[str, npt.NDArray[Any]]) -> None:
        """Become, weights apart, what a simulation of the same network and arguments was at a `moment` of it.

        Recorded spikes and samples are forgotten. Weights that somebody has set, or that learn, stay as they are now.
        """
        self._workers.restore(int(moment["tick"]), moment)
        self._history.restore(moment, {})

    def __repr__(self) -> str:
        what = f"{self.network.neurons} neurons and {self.synapses} synapses, {len(self._groups)} thread(s)"
        rank = f", rank {self._ranks.rank} of {self._ranks.size}" if self._ranks else ""
        return f"Simulation at {self.now:g} s of {what}{rank}"

    def _facts(self) -> dict[str, str]:
        """What decides the spikes and the recording of this run."""
        return facts_of(
            self.network,
            dt=self.dt,
            seed=self.seed,
            threads=self._threads,
            record=self._record,
            watch=self._watch,
            sample=self._sample,
        )

    def _checkpoints_in(self, folder: str | Path) -> Checkpoints:
        """The checkpoints of a folder; what another folder holds does not count here."""
        path = folder_at(folder)
        if self._checkpoints is None or self._checkpoints.folder != path:
            self._history.forget_files()
            self._checkpoints = Checkpoints(
                path,
                self._ranks,
                self._workers,
                self._history,
                self._facts(),
                partial(learning, self._workers, self._places, self.rewritten),
            )
        return self._checkpoints
