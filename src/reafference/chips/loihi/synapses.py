"""Synapses of Loihi's cores: groups that share a format."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.weights import SynapseFormat
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
MAX_DELAY = 62


@dataclass(frozen=True, kw_only=True, eq=False)
class SynapseGroup:
    """Synapses that share exponent, bits and sign.

    source    (synapses,) int: 0 to compartments - 1 are neurons, those above are inputs, counted on
    target    (synapses,) int, neurons
    mantissa  (synapses,) int within the limits of the format's sign; low bits that are not stored are dropped
    delay     (synapses,) int or one for all, 0 to 62 ticks more than a spike takes anyway
    form      the format

    Raises ValueError naming the first value out of range, TypeError for values that are no whole numbers.
    """

    source: npt.NDArray[np.integer]
    target: npt.NDArray[np.integer]
    mantissa: npt.NDArray[np.integer]
    delay: int | npt.NDArray[np.integer] = 0
    form: SynapseFormat = field(default_factory=SynapseFormat)

    def __post_init__(self) -> None:
        size = np.shape(self.source)
        for name in ("source", "target", "mantissa", "delay"):
            value = np.asarray(getattr(self, name))
            if value.size and not np.issubdtype(value.dtype, np.integer):
                raise TypeError(f"SynapseGroup.{name} is {value.dtype}; the chip has whole numbers only.")
            if (value.shape != size and not (name == "delay" and value.ndim == 0)) or len(size) != 1:
                raise ValueError(
                    f"SynapseGroup.{name} has the shape {value.shape}, source {size}; give 1-D arrays of equal length."
                )
            own = np.broadcast_to(value.astype(np.int64), size)
            object.__setattr__(self, name, own)
        check_range("SynapseGroup.mantissa", self.mantissa, *self.form.sign.limits, "")
        check_range("SynapseGroup.delay", self.delay, 0, MAX_DELAY, "")

    def check(self, compartments: int, inputs: int) -> None:
        """Raise ValueError if a source or target is none of the neurons and inputs."""
        check_range("SynapseGroup.source", self.source, 0, compartments + inputs - 1, "")
        check_range("SynapseGroup.target", self.target, 0, compartments - 1, "")

    def __repr__(self) -> str:
        return f"SynapseGroup({np.size(self.source)} synapses, {self.form})"


def rows(source: Ints, delay: Ints, target: Ints, sources: int) -> tuple[Ints, Ints]:
    """(order, first): synapses by source, then delay, then target; those of source s are first[s] to first[s + 1]."""
    order = np.lexsort((target, delay, source))
    return order, np.concatenate([[0], np.cumsum(np.bincount(source, minlength=sources))]).astype(np.int64)
