"""Recordings of several ranks put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reafference.engine.ranks import Ranks
from reafference.engine.shares import own_stretches
from reafference.engine.spikes import Ints, Watch
from reafference.network import Network
from reafference.recording import Recording, Trace


def gathered(
    ranks: Ranks, recording: Recording, network: Network, watched: Sequence[tuple[Watch, Ints]], threads: int
) -> Recording:
    """On rank 0 the recordings of all ranks as one; on the others their own.

    watched  traces and the numbers of their neurons, whoever has them
    """
    traces = [recording.traces[f"{watch.population}.{watch.variable}"] for watch, _ in watched]
    told = [
        np.array([recording.time.size, recording.sampled.size, *recording.work.values()], np.int64),
        recording.time.view(np.int64),
        recording.neuron,
        *(trace.value.reshape(-1).view(np.int64) for trace in traces),
    ]
    parts = ranks.gather(np.concatenate(told))
    if ranks.rank != 0:
        return recording
    time, neuron = [np.zeros(0)], [np.zeros(0, np.int64)]
    work = np.zeros(len(recording.work), np.int64)
    rows = recording.sampled.size
    values = [np.zeros((rows, neurons.size)) for _, neurons in watched]
    for rank in range(ranks.size):
        words = parts[rank]
        spikes, samples = words[:2].tolist()
        if samples != rows:
            raise ValueError(f"rank {rank} has {samples} samples of its traces, rank 0 {rows}; clear all or none.")
        work += words[2 : 2 + work.size]
        words = words[2 + work.size :]
        time.append(words[:spikes].view(np.float64))
        neuron.append(words[spikes : 2 * spikes])
        words = words[2 * spikes :]
        own = own_stretches(network, ranks.size * threads, range(rank * threads, (rank + 1) * threads))
        for value, (watch, neurons) in zip(values, watched, strict=True):
            first, end = own[watch.population]
            columns = np.flatnonzero((neurons >= first) & (neurons < end))
            value[:, columns] = words[: rows * columns.size].view(np.float64).reshape(rows, -1)
            words = words[rows * columns.size :]
    times, neurons = np.concatenate(time), np.concatenate(neuron)
    order = np.lexsort((neurons, times))
    return replace(
        recording,
        time=times[order],
        neuron=neurons[order],
        work=dict(zip(recording.work, work.tolist(), strict=True)),
        traces=named_traces(watched, values),
    )


def named_traces(watched: Sequence[tuple[Watch, Ints]], values: Sequence[npt.NDArray[np.float64]]) -> dict[str, Trace]:
    """Traces by "population.variable"; `values` are (samples, neurons) for each."""
    return {
        f"{watch.population}.{watch.variable}": Trace(variable=watch.variable, neuron=neurons, value=value)
        for (watch, neurons), value in zip(watched, values, strict=True)
    }
