"""Neurons of whole numbers that tests run: Izhikevich's, and Loihi's own leaky neuron as a program."""

from dataclasses import dataclass

import numpy as np

import reafference as ra
from reafference import IntegerNeuron, WholePerNeuron
from reafference.chips.microcode.families import AdaptiveThreshold, ResonateAndFire
from reafference.units import Hz, ms

MOST, PUSH, PEAK = 2**23 - 1, 140 * 256, 30 * 256


@dataclass(frozen=True, kw_only=True, eq=False)
class WholeIzhikevich(IntegerNeuron):
    """Izhikevich's neuron, v and u in 1/256 mV; two half steps of 1 ms."""

    v: WholePerNeuron = -65 * 256
    u: WholePerNeuron = -13 * 256
    a: WholePerNeuron = 82
    b: WholePerNeuron = 51
    c: WholePerNeuron = -65 * 256
    d: WholePerNeuron = 8 * 256

    @staticmethod
    def step(v, u, *, received, a, b, c, d):
        v += ((v * v >> 12) * 41 >> 6) + 5 * v + PUSH - u + received >> 1
        v += ((v * v >> 12) * 41 >> 6) + 5 * v + PUSH - u + received >> 1
        u = u + (a * ((b * v >> 8) - u) >> 12)
        spikes = v >= PEAK
        if spikes:
            v = c
            u += d
        return v, u, spikes


@dataclass(frozen=True, kw_only=True, eq=False)
class Cuba(IntegerNeuron):
    """Loihi's leaky neuron in the dialect `silicon`; `left` counts the ticks of holding."""

    u: WholePerNeuron = 0
    v: WholePerNeuron = 0
    left: WholePerNeuron = 0
    keep_u: WholePerNeuron = 4095
    keep_v: WholePerNeuron = 4096
    bias: WholePerNeuron = 0
    threshold: WholePerNeuron = 6400
    refractory: WholePerNeuron = 1

    @staticmethod
    def step(u, v, left, *, received, keep_u, keep_v, bias, threshold, refractory):
        arrived = ((64 * received + 2**21) & (2**22 - 1)) - 2**21
        kept = abs(u) * keep_u >> 12
        u = (kept if u >= 0 else -kept) + arrived
        drive = u + bias
        left = max(left - 1, 0)
        kept = abs(v) * keep_v >> 12
        v = v if left > 0 else min(max((kept if v >= 0 else -kept) + drive, -MOST), MOST)
        spikes = left == 0 and v > threshold
        if spikes:
            v = 0
            left = refractory
        return u, v, left, spikes


@dataclass(frozen=True, kw_only=True, eq=False)
class Divides(IntegerNeuron):
    """It divides, multiplies too much, and sends too much."""

    v: WholePerNeuron = 0
    n: WholePerNeuron = 3

    @staticmethod
    def step(v, *, received, n):
        v = v // n + received
        w = (v * v * n) >> 20
        return w % 7, v << 12


def network_of_programs():
    """Three kinds of programs that excite and inhibit one another."""
    touch = ra.Population("touch", 40, ra.Poisson(rate=50 * Hz))
    b = np.random.default_rng(1).integers(40, 60, 30)
    cells = ra.Population("cells", 30, WholeIzhikevich(b=b, a=np.where(b > 50, 82, 410)))
    adaptive = ra.Population("adaptive", 20, AdaptiveThreshold(bias=600))
    tuned = ra.Population("tuned", 10, ResonateAndFire(threshold=3000))
    return ra.Network(
        populations=[touch, cells, adaptive, tuned],
        projections=[
            ra.Projection(touch, cells, ra.FixedInDegree(15), weight=1600),
            ra.Projection(touch, tuned, ra.FixedInDegree(5), weight=37),
            ra.Projection(cells, adaptive, ra.FixedProbability(0.4), weight=9, delay=2 * ms),
            ra.Projection(adaptive, cells, ra.FixedProbability(0.3), weight=-768, delay=4 * ms),
            ra.Projection(adaptive, adaptive, ra.FixedProbability(0.3), weight=-3),
            ra.Projection(tuned, cells, ra.FixedProbability(0.5), weight=2000, delay=7 * ms),
        ],
    )
