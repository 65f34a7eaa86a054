"""A tick of SANA-FE's leaky integrate-and-fire neuron, compiled."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import kernel

HARD, SOFT, SATURATE = 1, 2, 3
GRID = 64.0  # of one unit of potential


class Cells(NamedTuple):
    """Neurons, (neurons,) each, see `SanafeNeurons`; the last five change."""

    computed: np.ndarray
    threshold: np.ndarray
    bias: np.ndarray
    leak: np.ndarray
    input_decay: np.ndarray
    reset: np.ndarray
    mode: np.ndarray
    refractory: np.ndarray
    low_threshold: np.ndarray
    low_reset: np.ndarray
    low_mode: np.ndarray
    forced: np.ndarray
    potential: np.ndarray
    current: np.ndarray
    left: np.ndarray  # ticks of holding that are left
    arrived: np.ndarray  # sum of the weights that arrived since the tick before
    heard: np.ndarray  # bool, whether any did


class Rows(NamedTuple):
    """Synapses by source."""

    first: np.ndarray  # (neurons + 1,) int64
    target: np.ndarray  # (synapses,) int32
    weight: np.ndarray  # (synapses,) float64


@kernel
def one_tick(cells, rows, leaks, fires, busy):
    """Update every neuron, then deliver the spikes.

    leaks  bool, False in the very first tick
    fires  (neurons,) bool: sources' spikes in, all spikes out; changed
    busy   (neurons,) bool: who was updated; changed
    """
    for n in range(fires.size):
        busy[n] = False
        if not cells.computed[n]:
            continue
        v = cells.potential[n]
        busy[n] = v != 0.0 or cells.heard[n] or cells.bias[n] != 0.0 or cells.forced[n]
        if leaks:
            cells.current[n] *= cells.input_decay[n]
            v *= cells.leak[n]
        v = np.trunc(v * GRID) / GRID
        fires[n] = False
        if cells.left[n] <= 0:
            v += cells.bias[n]
            cells.current[n] += cells.arrived[n]
            v += cells.current[n]
            if v > cells.threshold[n]:
                if cells.mode[n] == HARD:
                    v = cells.reset[n]
                elif cells.mode[n] == SOFT:
                    v -= cells.threshold[n]
                cells.left[n] = cells.refractory[n]
                fires[n] = True
                busy[n] = True
            if v < cells.low_threshold[n]:
                if cells.low_mode[n] == HARD:
                    v = cells.low_reset[n]
                elif cells.low_mode[n] == SOFT:
                    v -= cells.low_threshold[n]
                elif cells.low_mode[n] == SATURATE:
                    v = cells.low_threshold[n]
        cells.left[n] = max(0, cells.left[n] - 1)
        cells.arrived[n] = 0.0
        cells.heard[n] = False
        cells.potential[n] = v
    for n in range(fires.size):
        if fires[n]:
            for s in range(rows.first[n], rows.first[n + 1]):
                cells.arrived[rows.target[s]] += rows.weight[s]
                cells.heard[rows.target[s]] = True
