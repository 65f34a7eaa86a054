"""In what the public models of Loihi's learning differ; each difference has a name here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reafference.chips.loihi.weights import Sign

CHANCES = 2**32  # chances are whole numbers of this many


class Decay(Protocol):
    """What is left of a trace after some ticks."""

    def kept(self, tau: float, ticks: int) -> float:
        """A part of 1. tau in ticks."""
        ...

    def tau(self, kept: float) -> float:
        """The time constant (ticks) with which so much is left after one tick."""
        ...


@dataclass(frozen=True)
class Exponential:
    """exp(-ticks / tau)."""

    def kept(self, tau: float, ticks: int) -> float:
        """A part of 1."""
        return float(np.exp(-ticks / tau))

    def tau(self, kept: float) -> float:
        """Ticks."""
        return float(-1 / np.log(kept))


@dataclass(frozen=True)
class FirstOrder:
    """(1 - 1 / tau)^ticks."""

    def kept(self, tau: float, ticks: int) -> float:
        """A part of 1."""
        return (1 - 1 / tau) ** ticks

    def tau(self, kept: float) -> float:
        """Ticks."""
        return 1 / (1 - kept)


@dataclass(frozen=True)
class Accumulator:
    """A variable is put 7 bits up into an accumulator of 16 bits, which keeps the sum, and rounded by chance on its way
    back, up or down in proportion. Means are those of the rule, as long as nothing is cut off.
    """


@dataclass(frozen=True)
class ShiftedAccumulator:
    """As Accumulator, but a product of many factors is first shifted down until the bits of its factors fit into 15.

    A trace has 7 bits, w, d and t have 9, further conditions 1, the mantissa 4; a product of b > 15 bits counts
    2^(15 - b) of what it says. A factor is cut to its bits after its constant was added.
    """


@dataclass(frozen=True)
class AwayFromZero:
    """The sum is rounded to the next whole number away from 0, and then by chance to the grid of stored weights."""


@dataclass(frozen=True, kw_only=True)
class LearningDialect:
    """The rules of one model of Loihi's learning.

    decay             how traces decay
    every_tick        True: a trace is rounded at every tick, False: once from the begin of an epoch, or from a spike
                      in it, to where it is read
    sums              how a change is added up and rounded
    keeps_grid        True: a weight changes in steps of the grid of its format; False: by whole numbers
    bounds_on_grid    whether the bounds of a weight lie on this grid, too
    spike_lag         ticks, 0 or 1, from a spike of a neuron to the tick in which learning knows it; spikes from
                      outside are known in their tick
    first_decimated   u<k> holds in the epochs n = 1, 2, ... with n = first_decimated modulo 2^k
    inhibitory_least  smallest mantissa of an inhibitory synapse
    mixed_most        largest mantissa of a synapse of either sign
    delay_most        largest d
    delay_acts        whether d is the delay of a synapse, or merely kept

    Sources: for each dialect, the public code of that model, as its note says.
    """

    name: str
    decay: Decay
    every_tick: bool
    sums: Accumulator | ShiftedAccumulator | AwayFromZero
    keeps_grid: bool
    bounds_on_grid: bool
    spike_lag: int
    first_decimated: int
    inhibitory_least: int
    mixed_most: int
    delay_most: int
    delay_acts: bool

    def limits(self, sign: Sign, grid: int) -> tuple[int, int]:
        """Least and largest mantissa that learning can reach.

        grid  of the stored format
        """
        low, high = {
            Sign.MIXED: (-256, self.mixed_most),
            Sign.EXCITATORY: (0, 255),
            Sign.INHIBITORY: (self.inhibitory_least, 0),
        }[sign]
        if not self.bounds_on_grid:
            return low, high
        return -(-low // grid) * grid, high // grid * grid


# Lava 0.10.0, learning connections tagged fixed_pt (magma/core/model/py/connection.py, magma/core/learning/). It uses
# one random number for all traces of a kind (x or y) and all ticks of an epoch, and one for all weights of an epoch;
# here each trace, tick and weight has its own. Its t may reach -257, by one beyond 9 bits; here it stays at -256.
LAVA_LEARNING = LearningDialect(
    name="lava",
    decay=Exponential(),
    every_tick=True,
    sums=ShiftedAccumulator(),
    keeps_grid=False,
    bounds_on_grid=False,
    spike_lag=0,
    first_decimated=0,
    inhibitory_least=-255,
    mixed_most=255,
    delay_most=255,
    delay_acts=False,
)

# brian2-loihi 0.5.2 (loihi_synapses.py): epochs of one tick, no reward, delay or tag. It has a trace for each synapse,
# here each neuron has one; between neurons a synapse delivers the weight of one tick later there.
BRIAN2LOIHI_LEARNING = LearningDialect(
    name="brian2loihi",
    decay=FirstOrder(),
    every_tick=True,
    sums=AwayFromZero(),
    keeps_grid=True,
    bounds_on_grid=False,
    spike_lag=1,
    first_decimated=1,
    inhibitory_least=-256,
    mixed_most=254,
    delay_most=62,
    delay_acts=True,
)

# The chip, as far as it is told: widths of Davies et al. 2018 (accumulator 16 bits, traces 7, delay 6, weight and
# tag 9), and stochastic rounding. Where Lava and brian2-loihi disagree nobody could ask a chip here: products are
# taken as they are written, means are kept, weights stay on the grid of their format, and a trace is rounded once an
# epoch, in which the chip's learning engine runs once.
SILICON_LEARNING = LearningDialect(
    name="silicon",
    decay=Exponential(),
    every_tick=False,
    sums=Accumulator(),
    keeps_grid=True,
    bounds_on_grid=True,
    spike_lag=0,
    first_decimated=0,
    inhibitory_least=-255,
    mixed_most=254,
    delay_most=62,
    delay_acts=True,
)
