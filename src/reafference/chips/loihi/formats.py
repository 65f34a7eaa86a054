"""Formats of Loihi's synapses for given weights: exponent, sign, and what the largest mantissa stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.weights import UNIT, Sign, SynapseFormat
from reafference.chips.shortage import Shortage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LARGEST = {Sign.MIXED: 254, Sign.EXCITATORY: 255, Sign.INHIBITORY: 255}  # mantissas
EXACT = 0.01  # how far off bounds of weights that learn may be
OCTAVES = 3  # of weights that share an exponent where a projection has several formats


@dataclass(frozen=True)
class Bounds:
    """V between which the weights of a projection that learns may lie; one is 0, or low = -high."""

    low: float
    high: float

    @property
    def sign(self) -> Sign:
        """Which signs there are."""
        return Sign.EXCITATORY if self.low >= 0 else Sign.INHIBITORY if self.high <= 0 else Sign.MIXED

    @property
    def size(self) -> float:
        """V of the largest mantissa."""
        return max(abs(self.low), abs(self.high))


def bounds_shortages(
    projection: str, bounds: Bounds, weight: Floats, form: SynapseFormat, factor: Floats
) -> list[Shortage]:
    """Weights (V) that are beyond their bounds at the start, and bounds that the chip's numbers do not end at.

    factor  (synapses,) units of u that 1 V is
    """
    where, found = f"projection {projection!r}", list[Shortage]()
    wrong = weight[(weight < bounds.low) | (weight > bounds.high)]
    if wrong.size:
        remedy = (
            f"Change the weight, or bounds of {bounds.low:g} to {bounds.high:g} V; {wrong.size} weights are beyond."
        )
        far = float(wrong[np.argmax(np.abs(wrong))])
        found.append(Shortage("weight where it learns", where, far, bounds.size, remedy, "V"))
    reached = LARGEST[bounds.sign] * 2.0 ** (UNIT + form.exponent) / factor
    off = reached[np.argmax(np.abs(reached / bounds.size - 1))]
    if abs(off / bounds.size - 1) > EXACT:
        remedy = (
            "All weights onto a population share a unit and powers of two: let the bounds of projections that learn "
            "differ by powers of two, be stronger, and the neurons alike."
        )
        found.append(Shortage("bounds of weights that learn", where, bounds.size, float(off), remedy, "V"))
    return found


def format_of(bounds: Bounds, factor: float) -> SynapseFormat:
    """The format whose largest mantissa stands for the bounds, or for up to twice that.

    factor  units of u that 1 V is
    """
    top = np.log2(bounds.size * factor / (LARGEST[bounds.sign] * 2.0**UNIT))
    exponent = int(np.ceil(top - 1e-9))  # where the unit was made to fit it is whole, but for a rounding
    return SynapseFormat(exponent=min(max(exponent, -1 if bounds.sign is Sign.MIXED else 0), 7), sign=bounds.sign)


def formats(strength: Floats, most: int) -> list[tuple[SynapseFormat, npt.NDArray[np.bool_]]]:
    """Formats for weights in units of u, strong ones first, and which synapses each is for."""
    size = np.abs(strength)
    low, high = strength.min(), strength.max()
    sign = Sign.EXCITATORY if low >= 0 else Sign.INHIBITORY if high <= 0 else Sign.MIXED
    largest, least = LARGEST[sign], -1 if sign is Sign.MIXED else 0  # below `least` a step is lost in the shift
    top = size.max() / (largest * 2.0**UNIT)
    exponent = max(int(np.ceil(np.log2(top))) if top > 0 else least, least)
    found, left = list[tuple[SynapseFormat, npt.NDArray[np.bool_]]](), np.ones(size.size, np.bool_)
    for k in range(most):
        finer = max(exponent - OCTAVES, least)
        last = k == most - 1 or exponent == least
        some = left if last else left & (size > largest * 2.0 ** (UNIT + finer))
        if some.any():
            found.append((SynapseFormat(exponent=exponent, sign=sign), some))
        if last:
            break
        left, exponent = left & ~some, finer
    return found


def mantissas(strength: Floats, form: SynapseFormat) -> Ints:
    """The mantissas nearest to weights in units of u, (synapses,)."""
    step = 2**form.dropped
    low, high = form.sign.limits
    nearest = np.rint(strength / 2.0 ** (UNIT + form.exponent) / step).astype(np.int64) * step
    return np.clip(nearest, -(-low // step) * step, high // step * step)
