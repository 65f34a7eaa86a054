"""The arrays that kernels work on: what a machine is, and what changes in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Shorts = npt.NDArray[np.int16]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.uint8]

WAKES, REVERSES, DROPS = 1, 2, 4  # marks of a core: something random; some reversing leak; some reset below the floor
LOWEST = -(2**30)  # below any potential: a floor or a lower threshold that is not there

# Columns of Fabric.about.
MARK = 0  # see above
HOW = 1  # one of the three below
AT = 2  # alike, each: rows of parameters before those of this core; drawn: cores with something random before this one
ABOUT = 4  # columns
ALIKE, EACH, DRAWN = range(3)  # one row of parameters for all 256 neurons; 256 rows; sets, as something is random

# Fields of Fabric.short, each with as many values as the core has rows.
WEIGHT = 0  # and 1, 2, 3: of the four types of axon
LEAK = 4  # added where the potential is positive
LEAK_ZERO = 5  # added where it is 0
LEAK_NEGATIVE = 6  # added where it is negative
KEEP_UP = 7  # -1: the potential stays under the reset of a spike; 0: it goes
KEEP_DOWN = 8  # the same for a reset below the floor
SHORTS = 9
# Fields of Fabric.number.
THRESHOLD = 0  # alpha
FLOOR = 1  # lowest potential that is left: -beta, or LOWEST if kappa is 0
UNDER = 2  # below it the potential is reset: -beta, or LOWEST if kappa is 1
ADD_UP = 3  # after `KEEP_UP`
ADD_DOWN = 4
NUMBERS = 5
# Columns of Fabric.sets: weights of the four types, whether their synapses are drawn, and so on.
SET_WEIGHT, SET_DRAWN = 0, 4
SET_LEAK, SET_REVERSES, SET_LEAK_DRAWN, SET_THRESHOLD, SET_MASK, SET_BETA, SET_KAPPA, SET_GAMMA, SET_RESET = range(
    8, 17
)
SETS = 17


class Fabric(NamedTuple):
    """What a machine of so many cores is; nothing of it changes.

    Within a core its axons are numbered anew here, those of type 0 first: so the list of active ones is in the order in
    which they are counted.
    """

    crossbar: Words  # (1024 cores,) four words for each axon: the neurons that it reaches
    border: Shorts  # (4 cores,) first axon of type 1, of 2, of 3, and 256
    about: Ints  # (4 cores,)
    short: Shorts  # (SHORTS rows,) core after core, in it field after field
    number: Ints  # (NUMBERS rows,)
    chance: Words  # (16 drawn cores,) four words for each type: the neurons whose synapses of it are drawn
    outer: Flags  # (256 drawn cores,) number that an axon has for the user, on which draws depend
    kind: Ints  # (256 drawn cores,) which set a neuron has
    sets: Ints  # (SETS sets,) parameters as they were given
    wraps: int  # 1: a potential goes on at the other end of its 20 bits; 0: it stays within low and high
    low: int
    high: int
    seed: int


class State(NamedTuple):
    """What changes from tick to tick. An axon's bit is set if one spike or several arrive."""

    potential: Ints  # (256 cores,)
    inbox: Words  # (16 workers cores 4,) [slot, worker, core, word]: spikes that wait, a slot for each tick modulo 16
    asleep: Flags  # (cores,) 1: nothing changes in this core until a spike arrives
    link: npt.NDArray[np.uint32]  # (512 cores,) of each neuron: where its spikes go, core << 12 | axon << 4 | delay in
    #                               ticks (0: nowhere), and how many there were in this run
    work: npt.NDArray[np.int64]  # (workers, 8) see below


# Columns of State.work.
EVENTS, AXONS, SWEPT = 0, 1, 2  # synaptic events; active axons; cores that were looked at


class Train(NamedTuple):
    """Spikes from outside, in order of tick, all (spikes,)."""

    tick: npt.NDArray[np.int64]
    core: npt.NDArray[np.int32]
    axon: npt.NDArray[np.int32]


class Seen(NamedTuple):
    """What is written down of a stretch of ticks, a row for each."""

    record: npt.NDArray[np.uint64]  # (ticks, recorded cores, 4) who spiked
    record_at: npt.NDArray[np.int32]  # (cores,) place in `record`, -1: not recorded
    watched: npt.NDArray[np.int64]  # (watched,) neurons whose potential is written down
    trace: Ints  # (ticks, watched)


BATCH = 8  # cores that a worker has in hand: what one of them needs is asked for while others are worked on


class Scratch(NamedTuple):
    """Memory of one worker."""

    planes: Words  # (32,) upright counters
    words: npt.NDArray[np.uint32]  # (64,) the same memory
    counts: Flags  # (1024,) active axons of each type, for each neuron
    extra: Ints  # (256,) what stochastic synapses add
    fired: Words  # (4 BATCH,)
    axons: Flags  # (256 BATCH,) active axons of each core in hand, those of type 0 first
    first: npt.NDArray[np.int64]  # (5 BATCH,) where those of each type begin
    present: npt.NDArray[np.int64]  # (BATCH,) bit g: some axon of type g is active
    slot: npt.NDArray[np.int64]  # (16,) where in the inbox spikes of a delay go at this tick


def scratch() -> Scratch:
    """Memory for one worker."""
    planes = np.zeros(32, np.uint64)
    return Scratch(
        planes=planes,
        words=planes.view(np.uint32),
        counts=np.zeros(1024, np.uint8),
        extra=np.zeros(256, np.int32),
        fired=np.zeros(4 * BATCH, np.uint64),
        axons=np.zeros(256 * BATCH, np.uint8),
        first=np.zeros(5 * BATCH, np.int64),
        present=np.zeros(BATCH, np.int64),
        slot=np.zeros(16, np.int64),
    )
