"""Random numbers of stochastic modes: each depends on seed, neuron, tick and purpose alone, never on order or threads.

The chip has one pseudo-random generator a core, whose definition is not published. So stochastic modes here are equal
to the chip's in distribution only, with independent draws; for a given seed they are the same on any number of threads.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import piece
from reafference.engine.random import GOLDEN, mix

LEAK, THRESHOLD, PURPOSES = 256, 257, 512  # purposes below 256 are the axons of a core


@piece
def draw(seed, neuron, tick, purpose):
    """64 random bits; `neuron` counts through all cores."""
    own = mix(np.uint64(seed) + GOLDEN * (np.uint64(neuron) + np.uint64(1)))
    return mix(own + GOLDEN * (np.uint64(tick) * np.uint64(PURPOSES) + np.uint64(purpose) + np.uint64(1)))


@piece
def passes(size, word):
    """Whether a magnitude of 0 to 255 is at least a number drawn from 0 to 255."""
    return np.uint64(size) >= word >> np.uint64(56)


@piece
def masked(word, mask):
    """A number drawn from 0 to `mask`, whose bits are ones from the lowest on, at most 18."""
    return np.int64(word >> np.uint64(46)) & np.int64(mask)
