"""Kernel of given spike trains."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine import contract
from reafference.engine.decay import ticks
from reafference.engine.kernel import INLINE, is_a
from reafference.network.sources import SpikeTrain


class Trains(NamedTuple):
    """All given spikes of the network, in order of time."""

    tick: np.ndarray  # (spikes,) int64
    neuron: np.ndarray  # (spikes,) int32, number of the neuron in the network
    done: np.ndarray  # (1,) int64, spikes emitted so far


def some(kind: SpikeTrain, count: int, which: slice) -> SpikeTrain:
    """The spikes of some neurons of a population of `count`."""
    neuron = np.asarray(kind.neuron, np.int64)
    mine = (neuron >= which.start) & (neuron < which.stop)
    return SpikeTrain(time=np.asarray(kind.time, np.float64)[mine], neuron=neuron[mine] - which.start)


def make(kinds: Sequence[tuple[SpikeTrain, int]], identity: np.ndarray, dt: float, seed: int) -> Trains:
    """Sort the spikes of all trains by time."""
    tick, neuron, first = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for kind, count in kinds:
        tick.append(ticks(np.asarray(kind.time, dtype=np.float64), dt))
        neuron.append(identity[first : first + count][np.asarray(kind.neuron, dtype=np.int64)])
        first += count
    all_ticks, all_neurons = np.concatenate(tick), np.concatenate(neuron)
    order = np.lexsort((all_neurons, all_ticks))
    return Trains(all_ticks[order], all_neurons[order].astype(np.int32), np.zeros(1, np.int64))


@overload(contract.emit, jit_options=INLINE)
def _emit(source, tick, out, row):
    if is_a(source, Trains):

        def emit(source, tick, out, row):
            k = source.done[0]
            while k < source.tick.size and source.tick[k] <= tick and out.count[row, 0] < out.tick.shape[1]:
                out.tick[row, out.count[row, 0]] = tick
                out.neuron[row, out.count[row, 0]] = source.neuron[k]
                out.count[row, 0] += 1
                k += 1
            source.done[0] = k

        return emit
