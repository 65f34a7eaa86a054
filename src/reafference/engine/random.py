"""Counter-based random numbers: a value depends on seed, neuron and count alone, never on order or threads."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: the step of SplitMix64


@kernel
def mix(x):
    """Finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): 64 bits in, 64 well mixed bits out."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def uniform(seed, neuron, count):
    """The `count`-th number of a neuron's own stream, in (0, 1)."""
    key = mix(np.uint64(seed) + GOLDEN * (np.uint64(neuron) + np.uint64(1)))
    bits = mix(key + GOLDEN * (np.uint64(count) + np.uint64(1)))
    return (np.float64(bits >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@kernel
def exponential(seed, neuron, count):
    """An exponential variate of mean 1 from the same stream."""
    return -np.log(uniform(seed, neuron, count))
