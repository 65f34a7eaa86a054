"""Preplay in spikes: motifs run through all charts with the world shut out, and what the charts then foretell.

What a chart foretells is read from spikes of its `predict` cells: each symbol for which one fired is as likely as the
others for which one did; where none fired all symbols are. So probabilities are rounded, to 1, 1/2, 1/3 ... or chance.
What is made of the charts' answers, the score, is computed by the program.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.spiking import SpikingCharts

Floats = npt.NDArray[np.float64]
NEGLIGIBLE = 1e-6  # share of the strengths below which a chart is not asked


class Dreamt(NamedTuple):
    """What came of it.

    score   (motifs,) float64
    spikes  all spikes, sources included
    """

    score: Floats
    spikes: int


def preplay(
    cells: SpikingCharts,
    weight: Floats,
    motifs: npt.NDArray[np.integer],
    *,
    decay: float,
    novelty: float,
    leader: int,
    value: Floats,
) -> Dreamt:
    """How much would be learned from doing each motif; see `charts.preplay`, whose arguments these are.

    weight  (charts,) strengths that sum to 1
    motifs  (motifs, actions) whole numbers
    value   (cells,), what it is worth that the packet of chart `leader` is left at each cell of the sheet

    Afterwards all packets are back where they were.
    """
    cells.grow(motifs.shape[1] // 2)  # further out, no motif comes back to what is known
    charts, symbols, begin = weight.size, cells.symbols, cells.fired
    asked = np.flatnonzero(weight >= NEGLIGIBLE)
    score = np.zeros(len(motifs))
    for m, motif in enumerate(motifs.tolist()):
        cells.recall(asked)
        factor, chart, cell = 1.0, asked, cells.charts.place[asked].astype(np.int64)
        for action in motif:
            start = cells.simulation.tick
            spikes = cells.imagine(action)
            told = np.zeros((charts, symbols))
            told.flat[cells.of("predict", spikes.neuron)] = 1.0
            told[~told.any(axis=1)] = 1.0
            told = told[asked] / told[asked].sum(axis=1, keepdims=True)
            known = np.zeros(charts, np.bool_)
            known[cells.of("familiar", spikes.neuron)] = True
            mean = weight[asked] @ told
            disagreement = weight[asked] @ (told * told).sum(axis=1) - mean @ mean
            score[m] += factor * (disagreement + novelty * weight[asked][~known[asked]].sum())
            factor *= decay
            chart, cell = cells.holders(spikes, start)
        score[m] += factor * value[cell[chart == leader]].sum()
    cells.recall(np.arange(charts))
    return Dreamt(score, cells.fired - begin)
