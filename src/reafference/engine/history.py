"""What a running network has done so far, kept until somebody asks for the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.engine.gather import named_traces
from reafference.engine.spikes import Ints, Spikes, Watch
from reafference.engine.workers import Stretch
from reafference.network import Network, PoissonInput
from reafference.recording import Recording


def recorded(network: Network, record: Sequence[str] | None) -> tuple[str, ...]:
    """Populations whose spikes are kept: those in `record`, or all but PoissonInputs, which list none.

    Raises ValueError where `record` names a PoissonInput.
    """
    listed = [population.name for population in network.populations if not isinstance(population.kind, PoissonInput)]
    if record is None:
        return tuple(listed)
    for population in network.populations:
        if population.name in record and population.name not in listed:
            raise ValueError(
                f"record has {population.name!r}, a PoissonInput, whose spikes are counted, not listed; use Poisson to "
                "see them."
            )
    return tuple(dict.fromkeys(record))


class History:
    """Spikes of the recorded populations, samples of the watched neurons, and the counters when it began.

    record  names of the recorded populations; watch  traces and the numbers of their neurons
    """

    def __init__(
        self, network: Network, dt: float, record: tuple[str, ...], watch: Sequence[tuple[Watch, Ints]]
    ) -> None:
        self._network, self._dt, self._record, self._watch = network, dt, record, watch
        self._kept: list[Spikes] = []
        self._sampled: list[Ints] = []
        self._samples: list[npt.NDArray[np.float64]] = []
        self._spikes, self._since, self._work = 0, 0, np.zeros(3, np.int64)
        self.files: list[int] = []  # numbers of the checkpoints whose files hold, in order, what is kept
        self._filed = 0, 0  # how many stretches of spikes and of samples they hold

    def add(self, stretch: Stretch) -> None:
        """Keep what a stretch of ticks has brought."""
        self._spikes += stretch.spikes.tick.size
        if self._record:
            self._kept.append(stretch.spikes)
        if stretch.sampled.size and self._watch:
            self._sampled.append(stretch.sampled)
            self._samples.append(stretch.samples)

    def recording(self, tick: int, work: npt.NDArray[np.int64]) -> Recording:
        """Everything since the beginning, up to `tick`; `work` are the counters of the workers (3,)."""
        populations = self._network.populations
        spikes = joined(self._kept)
        neuron = spikes.neuron.astype(np.int64)
        time = spikes.tick
        if len(self._record) < len(populations):
            first = np.array([self._network.first(population.name) for population in populations])
            keep = np.array([population.name in self._record for population in populations])
            mine = keep[np.searchsorted(first, neuron, side="right") - 1]
            time, neuron = time[mine], neuron[mine]
        sampled = np.concatenate([np.zeros(0, np.int64), *self._sampled])
        columns = sum(neurons.size for _, neurons in self._watch)
        samples = np.concatenate([np.zeros((0, columns)), *self._samples])
        ends = np.cumsum([neurons.size for _, neurons in self._watch])
        done = self.done(work)
        return Recording(
            time=np.asarray(time * self._dt, dtype=np.float64),
            neuron=neuron,
            groups=tuple((population.name, self._network.first(population.name)) for population in populations),
            neurons=self._network.neurons,
            seconds=(tick - self._since) * self._dt,
            start=self._since * self._dt,
            dt=self._dt,
            work={
                "spikes": self._spikes,
                "synaptic_events": int(done[0]),
                "neuron_updates": int(done[0] + done[1]),
                "weight_changes": int(done[2]),
            },
            recorded=None if len(self._record) == len(populations) else self._record,
            sampled=np.asarray(sampled * self._dt, dtype=np.float64),
            traces=named_traces(self._watch, np.split(samples, ends[:-1], axis=1) if self._watch else []),
        )

    def done(self, work: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How far the counters `work` of the workers (3,) have gone on since the beginning."""
        return work - self._work

    def clear(self, tick: int, work: npt.NDArray[np.int64]) -> None:
        """Forget everything; the next recording begins after `tick`."""
        self._kept, self._sampled, self._samples = [], [], []
        self._spikes, self._since, self._work = 0, tick, work.copy()
        self.forget_files()

    # --- for checkpoints --------------------------------------------------------------------------------------------

    def forget_files(self) -> None:
        """What is kept is in no file."""
        self.files, self._filed = [], (0, 0)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The counters."""
        return {"history.counts": np.array([self._spikes, self._since]), "history.work": self._work}

    def new(self) -> dict[str, npt.NDArray[Any]]:
        """Spikes and samples that are in no file yet."""
        spikes, rows = self._filed
        columns = sum(neurons.size for _, neurons in self._watch)
        fresh = joined(self._kept[spikes:])
        return {
            "tick": fresh.tick,
            "neuron": fresh.neuron,
            "sampled": np.concatenate([np.zeros(0, np.int64), *self._sampled[rows:]]),
            "samples": np.concatenate([np.zeros((0, columns)), *self._samples[rows:]]),
        }

    def filed(self, number: int) -> None:
        """What `new` has given is now in the file of checkpoint `number`."""
        self.files.append(number)
        self._filed = len(self._kept), len(self._sampled)

    def restore(
        self, state: Mapping[str, npt.NDArray[Any]], files: Mapping[int, Mapping[str, npt.NDArray[Any]]]
    ) -> None:
        """Become what `state` and `new` have told."""
        self._spikes, self._since = (int(count) for count in state["history.counts"])
        self._work = np.array(state["history.work"])
        self._kept = [Spikes(np.array(of["tick"]), np.array(of["neuron"])) for of in files.values()]
        self._sampled = [np.array(of["sampled"]) for of in files.values()]
        self._samples = [np.array(of["samples"]) for of in files.values()]
        self.files, self._filed = list(files), (len(files), len(files))


def joined(parts: Sequence[Spikes]) -> Spikes:
    """Several stretches of spikes as one."""
    if len(parts) == 1:
        return parts[0]
    return Spikes(
        np.concatenate([np.zeros(0, np.int64), *(part.tick for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.neuron for part in parts)]),
    )
