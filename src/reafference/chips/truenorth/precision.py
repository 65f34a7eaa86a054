"""What may be chosen when a network is put into TrueNorth's integers."""

from __future__ import annotations

from dataclasses import dataclass, field

from reafference.chips.truenorth.neuron import TYPES
from reafference.units import check_range


@dataclass(frozen=True)
class Dropped:
    """The chip has no refractory time: a neuron may spike again at the next tick. The report says what is left out."""


@dataclass(frozen=True)
class Held:
    """A neuron stops itself: at each tick of its refractory time its own spike takes the most that one axon can, 255
    units, off its potential. That brings it below a limit under which the chip resets it, so what arrived is lost, as
    on the engine. It costs one of the four numbers, an axon and a copy of the neuron for each tick, and coarse units:
    threshold, limit and `room` share 255 of them.

    room  in thresholds above rest: how much may arrive in one tick of a refractory time without any of it being kept
    """

    room: float = 1.0

    def __post_init__(self) -> None:
        check_range("Held.room", self.room, 0.1, 20.0, "")


@dataclass(frozen=True, kw_only=True)
class Precision:
    """What may be chosen when a network is put into integers.

    types  1 to 4 axon types in use: so many numbers each neuron has to make its weights of, and so many axons a source
           may need into a core for synapses of one delay. Fewer are coarser and take fewer axons
    parts  1 to `types`: how many of its numbers a weight may be the sum of, which is how many axons one synapse needs
    keep_weak  weights that are nearer to 0 than to what the numbers make take the weakest of their sign, so that what
           drives a neuron keeps its mean; False leaves them out, which takes fewer axons
    refractory  what is done about refractory times: `Dropped()` or `Held()`
    """

    types: int = TYPES
    parts: int = TYPES
    keep_weak: bool = True
    refractory: Dropped | Held = field(default_factory=Dropped)

    def __post_init__(self) -> None:
        check_range("Precision.types", self.types, 1, TYPES, "")
        check_range("Precision.parts", self.parts, 1, TYPES, "")
