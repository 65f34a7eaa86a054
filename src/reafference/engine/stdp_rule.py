"""What a rule of spike-timing dependent plasticity makes of a weight, one or a block of them side by side.

    facilitation of size a:  w + f_plus(w) a          AFFINE  f_plus(w) = PLUS0 + PLUS1 w
                                                      POWER   f_plus(w) = SCALE_PLUS (PLUS0 + PLUS1 w)^MU_PLUS
    depression of size a:    w - f_minus(w) a         likewise

each clipped to [LOW, HIGH]. A number has the same bits whether it is computed alone or in a block.
"""

# pyright: basic
from __future__ import annotations

from reafference.engine.kernel import piece, routine
from reafference.engine.power import power

AFFINE, POWER = range(2)
(
    LOW,  # V
    HIGH,  # V
    PLUS0,
    PLUS1,
    SCALE_PLUS,
    MU_PLUS,
    MINUS0,
    MINUS1,
    SCALE_MINUS,
    MU_MINUS,
    OFFSET,  # added to the postsynaptic trace when an event depresses
    KEPT,  # part of a trace that is left when one is added to it: 1, or 0 for nearest neighbours
    STEP_PLUS,  # dt / tau_plus
    STEP_X,  # dt / tau_x, of the slow presynaptic trace of triplets
    STEP_Y,  # dt / tau_y, of the slow postsynaptic one
    A2_PLUS,  # gain of a postsynaptic spike, and its increase for each unit of the slow trace
    A3_PLUS,
    A2_MINUS,  # of an event, the same
    A3_MINUS,
    STEP_C,  # dt / tau_c, of the eligibility
    CONSTANTS,
) = range(21)


@piece
def clip(w, low, high):
    """w, or the bound that it is beyond."""
    return min(max(w, low), high)


@routine
def facilitated(form, c, w, size):
    """w after a facilitation."""
    if form == AFFINE:
        return clip(w + (c[PLUS0] + c[PLUS1] * w) * size, c[LOW], c[HIGH])
    return clip(w + c[SCALE_PLUS] * power(c[PLUS0] + c[PLUS1] * w, c[MU_PLUS]) * size, c[LOW], c[HIGH])


@routine
def facilitate(form, c, weight, size, count):
    """Facilitate the first `count` weights of a block."""
    low, high, plus0, plus1, scale, mu = c[LOW], c[HIGH], c[PLUS0], c[PLUS1], c[SCALE_PLUS], c[MU_PLUS]
    if form == AFFINE:
        for j in range(count):
            w = weight[j]
            weight[j] = clip(w + (plus0 + plus1 * w) * size[j], low, high)
    else:
        for j in range(count):
            w = weight[j]
            weight[j] = clip(w + scale * power(plus0 + plus1 * w, mu) * size[j], low, high)


@routine
def depress(form, c, weight, trace, strength, count):
    """Depress the first `count` weights of a block by (postsynaptic trace + OFFSET) * strength."""
    low, high, minus0, minus1, scale, mu = c[LOW], c[HIGH], c[MINUS0], c[MINUS1], c[SCALE_MINUS], c[MU_MINUS]
    offset = c[OFFSET]
    if form == AFFINE:
        for j in range(count):
            w = weight[j]
            weight[j] = clip(w - (minus0 + minus1 * w) * ((trace[j] + offset) * strength), low, high)
    else:
        for j in range(count):
            w = weight[j]
            size = (trace[j] + offset) * strength
            weight[j] = clip(w - scale * power(minus0 + minus1 * w, mu) * size, low, high)
