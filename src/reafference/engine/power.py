"""A logarithm and a power that the compiler can turn into vector instructions; see exponential.py for why.

The logarithm is right to about two units in the last place, the power to about 1e-15 (2 + |mu log(base)|).

Source: the series of the inverse hyperbolic tangent, log(m) = 2 artanh((m - 1) / (m + 1)), with ln 2 in two parts.
"""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.exponential import LN2_HIGH, LN2_LOW, exp
from reafference.engine.kernel import piece

ROOT_BITS = 0x3FE6A09E667F3BCD  # of sqrt(1 / 2)
WHOLE_BITS = 0x4330000000000000  # of 2^52: a whole number below 2^52 added to them makes 2^52 plus this number
BIAS = 2.0**52 + 2048.0
LEAST = 1e-300


@piece
def log(x):
    """Natural logarithm of a positive x that is not subnormal."""
    bits = np.float64(x).view(np.int64)
    # x = m 2^k with sqrt(1/2) <= m < sqrt(2)
    k = (bits - ROOT_BITS) >> 52
    m = np.int64(bits - (k << 52)).view(np.float64)
    whole = np.int64(k + (WHOLE_BITS + 2048)).view(np.float64) - BIAS
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    series = ((1.0 / 3.0 + z * (1.0 / 5.0)) + z2 * (1.0 / 7.0 + z * (1.0 / 9.0))) + z4 * (
        ((1.0 / 11.0 + z * (1.0 / 13.0)) + z2 * (1.0 / 15.0 + z * (1.0 / 17.0))) + z4 * (1.0 / 19.0 + z * (1.0 / 21.0))
    )
    return whole * LN2_HIGH + (2.0 * s + (2.0 * s * z * series + whole * LN2_LOW))


@piece
def power(base, mu):
    """base to the power of mu >= 0; that of 0, or of what rounding has brought below, is 0, or 1 where mu is 0."""
    value = exp(mu * log(max(base, LEAST)))
    return value if base > 0.0 or mu == 0.0 else 0.0
