"""Parameters of Loihi's neurons, in the integers of its registers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.dialect import Dialect
from reafference.network.values import check_shape
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
PerCompartment = int | npt.NDArray[np.integer]

DECAY_ONE = 4096  # a decay that leaves nothing
THRESHOLD_SHIFT = 6
LIMITS = {
    "decay_u": (0, DECAY_ONE),
    "decay_v": (0, DECAY_ONE),
    "threshold": (0, 2**17 - 1),
    "bias_mantissa": (-(2**12), 2**12 - 1),
    "bias_exponent": (0, 7),
    "refractory": (1, 64),
    "u": (-(2**23), 2**23 - 1),
    "v": (-(2**23), 2**23 - 1),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Compartments:
    """`count` neurons; each parameter is one integer or one for each neuron, (count,).

    decay_u, decay_v  0 to 4096 less the dialect's offset: the part of u and v, in 1/4096, that is lost in a tick
    threshold         0 to 131071: a neuron fires at v > 64 threshold
    bias_mantissa     -4096 to 4095, and
    bias_exponent     0 to 7: bias_mantissa * 2^bias_exponent is added to v at every tick
    refractory        1 to 64 ticks from a spike to the first tick at which v goes on
    u, v              -2^23 to 2^23 - 1, at the start

    Raises ValueError naming the first value out of range, TypeError for values that are no whole numbers.
    Sources: Davies et al., IEEE Micro 38 (2018) 82-99; widths as in the public models that `dialect` names.
    """

    count: int
    decay_u: PerCompartment = 0
    decay_v: PerCompartment = 0
    threshold: PerCompartment = 100
    bias_mantissa: PerCompartment = 0
    bias_exponent: PerCompartment = 0
    refractory: PerCompartment = 1
    u: PerCompartment = 0
    v: PerCompartment = 0

    def __post_init__(self) -> None:
        check_range("Compartments.count", self.count, 1, 2**31 - 1, "")
        for field in fields(self)[1:]:
            value = np.asarray(getattr(self, field.name))
            if not np.issubdtype(value.dtype, np.integer):
                raise TypeError(f"Compartments.{field.name} is {value.dtype}; the chip has whole numbers only.")
            check_shape(f"Compartments.{field.name}", value, self.count)
            low, high = LIMITS[field.name]
            check_range(f"Compartments.{field.name}", value, low, high, "")
            own = np.broadcast_to(value.astype(np.int64), self.count)
            object.__setattr__(self, field.name, own)

    def check(self, dialect: Dialect) -> None:
        """Raise ValueError if a decay and the dialect's offset are more than 4096 together."""
        for name, offset in (("decay_u", dialect.decay_offset_u), ("decay_v", dialect.decay_offset_v)):
            check_range(f"Compartments.{name} ({dialect.name})", getattr(self, name), 0, DECAY_ONE - offset, "")

    @property
    def bias(self) -> Ints:
        """What is added to v at every tick, (count,)."""
        return np.left_shift(np.asarray(self.bias_mantissa), np.asarray(self.bias_exponent))

    def __repr__(self) -> str:
        return f"Compartments(count={self.count})"
