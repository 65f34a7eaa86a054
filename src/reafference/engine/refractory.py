"""Who is held after a spike, and until when: a ring of lists, so that nobody asks at every event.

A neuron that is held has -inf where its voltage is stored: events add to it without effect. When its time is over it is
found in the list of that tick.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import piece

LONGEST = 4096  # ticks that the ring reaches; whoever is held longer is put back when the ring has gone round
HELD = -np.inf


def empty_ring(refractory: np.ndarray) -> np.ndarray:
    """Heads of the lists, (ring,) int32, for these refractory times (ticks); a power of two above the longest."""
    ring, longest = 2, min(int(refractory.max(initial=0)) + 1, LONGEST)
    while ring <= longest:
        ring *= 2
    return np.full(ring, -1, np.int32)


@piece
def hold(cells, i, tick):
    """Neuron i is held up to tick hold[i]; it is found again at the tick after that, or at the end of the ring."""
    ring = cells.head.size
    slot = min(cells.hold[i] + 1, tick + ring - 1) & (ring - 1)
    cells.after[i] = cells.head[slot]
    cells.head[slot] = i


@piece
def released(cells, tick):
    """First neuron of the list of `tick`, which is emptied; `after` leads to the others, -1 ends it."""
    slot = tick & (cells.head.size - 1)
    i = np.int64(cells.head[slot])
    cells.head[slot] = -1
    return i
