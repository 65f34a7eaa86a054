"""What a running network has done so far, kept until somebody asks for the recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reafference.engine.spikes import Ints, Spikes, Watch
from reafference.engine.workers import Stretch
from reafference.network import Network
from reafference.recording import Recording, Trace


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
            keep = np.zeros(self._network.neurons, np.bool_)
            for population in populations:
                if population.name in self._record:
                    first = self._network.first(population.name)
                    keep[first : first + population.size] = True
            time, neuron = time[keep[neuron]], neuron[keep[neuron]]
        sampled = np.concatenate([np.zeros(0, np.int64), *self._sampled])
        samples = np.concatenate(self._samples) if self._samples else np.zeros((0, 0))
        traces, column = {}, 0
        for watch, neurons in self._watch:
            value = samples[:, column : column + neurons.size] if samples.size else np.zeros((0, neurons.size))
            traces[f"{watch.population}.{watch.variable}"] = Trace(variable=watch.variable, neuron=neurons, value=value)
            column += neurons.size
        done = work - self._work
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
            traces=traces,
        )

    def clear(self, tick: int, work: npt.NDArray[np.int64]) -> None:
        """Forget everything; the next recording begins after `tick`."""
        self._kept, self._sampled, self._samples = [], [], []
        self._spikes, self._since, self._work = 0, tick, work.copy()


def joined(parts: Sequence[Spikes]) -> Spikes:
    """Several stretches of spikes as one."""
    if len(parts) == 1:
        return parts[0]
    return Spikes(
        np.concatenate([np.zeros(0, np.int64), *(part.tick for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.neuron for part in parts)]),
    )
