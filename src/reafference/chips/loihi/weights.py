"""Weights of Loihi's synapses: a mantissa of few bits and an exponent for the whole group."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reafference.units import check_range

Ints = npt.NDArray[np.int64]
UNIT = 6  # bits by which every weight is shifted to line up with u
MANTISSA_BITS = 8


class Sign(Enum):
    """Which signs the weights of a group have; with both, one of the bits is spent on the sign."""

    MIXED = (-256, 255)
    EXCITATORY = (0, 255)
    INHIBITORY = (-255, 0)

    @property
    def limits(self) -> tuple[int, int]:
        """Least and largest mantissa."""
        return self.value


@dataclass(frozen=True, kw_only=True)
class SynapseFormat:
    """What all synapses of a group share.

    exponent  -8 to 7: an event adds mantissa * 2^(6 + exponent) to u
    bits      1 to 8 stored bits of the mantissa, with mixed signs one of them for the sign: mantissas are multiples
              of 2^(8 - bits), with mixed signs of 2^(9 - bits)
    sign      which signs there are

    Sources: Davies et al., IEEE Micro 38 (2018) 82-99; Michaelis et al., Front. Neuroinform. 16 (2022) 1015624.
    """

    exponent: int = 0
    bits: int = MANTISSA_BITS
    sign: Sign = Sign.MIXED

    def __post_init__(self) -> None:
        check_range("SynapseFormat.exponent", self.exponent, -8, 7, "")
        check_range("SynapseFormat.bits", self.bits, 1, MANTISSA_BITS, "")

    @property
    def dropped(self) -> int:
        """Low bits of a mantissa that are not stored."""
        return MANTISSA_BITS - self.bits + (self.sign is Sign.MIXED)


class WeightRule(Protocol):
    """How a dialect of Loihi stores mantissas and scales them."""

    def stored(self, mantissa: Ints, form: SynapseFormat) -> Ints:
        """Mantissas (synapses,) as they are kept."""
        ...

    def scaled(self, stored: Ints, form: SynapseFormat) -> Ints:
        """What an event adds to u, (synapses,)."""
        ...


def shift(stored: Ints, exponent: int) -> Ints:
    """stored * 2^exponent rounded down, times 64: bits below the unit of 64 are lost before the last shift."""
    by = np.left_shift(stored, exponent) if exponent >= 0 else np.right_shift(stored, -exponent)
    return np.left_shift(by, UNIT)


@dataclass(frozen=True)
class FloorWeights:
    """Dropped bits round a mantissa of mixed sign down, and one of one sign toward zero."""

    def stored(self, mantissa: Ints, form: SynapseFormat) -> Ints:
        """Mantissas (synapses,) as they are kept."""
        size = -mantissa if form.sign is Sign.INHIBITORY else mantissa
        kept = np.left_shift(np.right_shift(size, form.dropped), form.dropped)
        return -kept if form.sign is Sign.INHIBITORY else kept

    def scaled(self, stored: Ints, form: SynapseFormat) -> Ints:
        """What an event adds to u, (synapses,)."""
        return shift(stored, form.exponent)


@dataclass(frozen=True)
class TruncateWeights:
    """Dropped bits round a mantissa toward zero; a scaled weight is cut to 21 bits, the lowest six of them zero."""

    def stored(self, mantissa: Ints, form: SynapseFormat) -> Ints:
        """Mantissas (synapses,) as they are kept."""
        return np.sign(mantissa) * np.left_shift(np.right_shift(np.abs(mantissa), form.dropped), form.dropped)

    def scaled(self, stored: Ints, form: SynapseFormat) -> Ints:
        """What an event adds to u, (synapses,)."""
        most = 2**21 - 2**UNIT
        return np.clip(shift(stored, form.exponent), -most, most)


@dataclass(frozen=True)
class NearestWeights:
    """Dropped bits, and those a negative exponent loses, round to the nearest (ties to even); cut symmetrically."""

    def stored(self, mantissa: Ints, form: SynapseFormat) -> Ints:
        """Mantissas (synapses,) as they are kept."""
        most = 2 ** (MANTISSA_BITS - form.dropped) - 1
        kept = np.clip(np.rint(mantissa / 2.0**form.dropped).astype(np.int64), -most, most)
        lost = -(form.dropped + form.exponent)
        if lost > 0:
            near = np.rint(kept / 2.0**lost).astype(np.int64) * 2**lost
            kept = np.clip(near, -most, most)
        return np.left_shift(kept, form.dropped)

    def scaled(self, stored: Ints, form: SynapseFormat) -> Ints:
        """What an event adds to u, (synapses,)."""
        return shift(stored, form.exponent)
