"""Random numbers of learning: each depends on seed, purpose, what is rounded and tick alone, never on order.

Which numbers the chip draws is not published, so learning equals the chip's in distribution only.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import kernel
from reafference.engine.random import GOLDEN, mix

X1, X2, Y1, Y2, Y3, R1, WEIGHT, DELAY, TAG, PURPOSES = range(10)


@kernel
def draw(seed, purpose, number, tick):
    """A number from 0 to 2^32 - 1.

    purpose  what is rounded, X1 to TAG
    number   of the neuron or input whose trace it is, or of the synapse
    tick     at which the trace is taken, or the last of the epoch
    """
    own = mix(np.uint64(seed) + GOLDEN * (np.uint64(number) + np.uint64(1)))
    word = mix(own + GOLDEN * (np.uint64(tick) * np.uint64(PURPOSES) + np.uint64(purpose) + np.uint64(1)))
    return np.int64(word >> np.uint64(32))
