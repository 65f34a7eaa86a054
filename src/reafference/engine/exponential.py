"""An exponential that the compiler can turn into vector instructions.

That of the C library is called for one number at a time, which costs more than the rest of a neuron. This one is
additions and multiplications only, so that a number has the same bits whether it is computed alone or side by side with
others. It is right to about two units in the last place.

Source: range reduction with ln 2 in two parts, as in Cody and Waite, *Software Manual for the Elementary Functions*
(1980); the polynomial is Taylor's.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.kernel import piece

LARGEST = 700.0  # exponents beyond +-700 are taken for that: the result stays within the range of float64
ROUND = 1.5 * 2.0**52  # adding it leaves a number rounded to a whole one in the last bits
LOG2_E = 1.4426950408889634
LN2_HIGH = 2977044471 / 2**32  # ln 2 to 32 bits: its products with small whole numbers are exact
LN2_LOW = 1.9082149292705877e-10  # the rest
ONE_BITS = 0x3FF0000000000000  # of 1.0


@piece
def exp(x):
    """e to the power of x."""
    x = min(max(x, -LARGEST), LARGEST)
    rounded = x * LOG2_E + ROUND
    k = rounded - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    low = ((1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0))) + r4 * (
        (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0))
    )
    high = ((1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0))) + r4 * (
        1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    )
    power = np.int64((np.float64(rounded).view(np.int64) << 52) + ONE_BITS).view(np.float64)
    return (low + r4 * r4 * high) * power
