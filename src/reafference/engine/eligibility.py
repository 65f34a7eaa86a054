"""Synapses whose spike pairs leave an eligibility c that a modulator M turns into weight.

    dc/dt = -c / tau_c + pairs,    dw/dt = M c / tau_c,    M is constant between two changes

Between events through its row a synapse is kept as of the tick t0 of the last one: c is what it was then, plus each
facilitation g = a exp(-(s - t0) / tau_plus) at a spike s counted back to t0, g exp((s - t0) / tau_c). What that would
have made of w before s is taken from w at once. At the next event

    w <- w + c I(t0, t),    I(t0, t) = integral of M(u) exp(-(u - t0) / tau_c) du / tau_c from t0 to t

which needs one sum over the changes of M since t0 for the whole row. So nothing has to be done for a synapse when M
changes, and what a spike does depends on t0 and s alone, not on when it is worked in. w is clipped at events only; what
is read in between is the clipped sum, which is not stored. When there is no room for one more change of M, all rows are
renewed: brought to the present as at an event, but without one.

c is a float32: each pair adds an error of up to 6e-8 of the largest one. Amplitudes are in the tables PLUS and TAIL.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import piece, routine
from reafference.engine.stdp_rule import HIGH, LOW, MINUS0, STEP_C, clip

CHANGES = 1024  # of a modulator that are kept
EVER = -(2**62)
NEVER = 2**62
SUM, VALUE = range(2)  # places in a row of Reward.span


class Reward(NamedTuple):
    """Modulators and eligibilities."""

    uses: np.ndarray  # (rules,) uint8: whether the rule has an eligibility
    changed: np.ndarray  # (rules or 0, CHANGES + 1) int64, tick after which `modulator` holds; NEVER after the last
    modulator: np.ndarray  # (rules or 0, CHANGES) float64
    changes: np.ndarray  # (rules,) int64
    eligible: np.ndarray  # (synapses or 0,) float32, volt: that of synapse s is eligible[s - shift]
    shift: np.ndarray  # (rules,) int64
    span: np.ndarray  # (CHANGES, 2) float64, see `spans`


@routine
def spans(reward, rule, c, t0):
    """Cut the time since t0 where the modulator changes; returns the first change that counts.

    Until the next change, I(t0, s) = SUM - VALUE exp(-(s - t0) / tau_c); these two are written for each stretch.
    """
    count = reward.changes[rule]
    first = count - 1
    while reward.changed[rule, first] > t0:
        first -= 1
    total, left = 0.0, 1.0
    for k in range(first, count):
        value = reward.modulator[rule, k]
        reward.span[k, SUM] = total + value * left
        reward.span[k, VALUE] = value
        if k + 1 < count:
            after = np.exp(-c[STEP_C] * (reward.changed[rule, k + 1] - t0))
            total += value * (left - after)
            left = after
    return first


@piece
def span_of(reward, rule, first, tick):
    """The stretch in which `tick` lies, not before that of change `first`."""
    k = first
    while tick > reward.changed[rule, k + 1]:
        k += 1
    return k


@piece
def taken(reward, k, grown, size):
    """What a facilitation takes from w: g exp(..) I(t0, s), with `grown` = g exp((s - t0) / tau_c) and g = `size`."""
    return reward.span[k, SUM] * grown - reward.span[k, VALUE] * size


@piece
def gained(reward, rule, c, t0, first, tick):
    """I(t0, tick)."""
    k = span_of(reward, rule, first, tick)
    return reward.span[k, SUM] - reward.span[k, VALUE] * np.exp(-c[STEP_C] * (tick - t0))


@piece
def single(number):
    """The nearest float32, as float64."""
    return np.float64(np.float32(number))


@routine
def credit(eligible, weight, grown, loss, count):
    """One facilitation for each of the first `count` synapses of a block."""
    for j in range(count):
        eligible[j] = single(eligible[j] + grown[j])
        weight[j] -= loss[j]


@routine
def mature(c, eligible, weight, gain, left, count):
    """Bring a block from t0 to the present: `gain` is I(t0, t), `left` is exp(-(t - t0) / tau_c)."""
    low, high = c[LOW], c[HIGH]
    for j in range(count):
        weight[j] = clip(weight[j] + eligible[j] * gain, low, high)
        eligible[j] = single(eligible[j] * left)


@routine
def discredit(c, eligible, trace, count):
    """An event depresses the eligibilities of a block by the postsynaptic trace."""
    minus = c[MINUS0]
    for j in range(count):
        eligible[j] = single(eligible[j] - minus * trace[j])


@routine
def keep_modulator(reward, rule, value, tick):
    """From after `tick` on the modulator is `value`; returns False where there is no room for one more change."""
    count = reward.changes[rule]
    if reward.modulator[rule, count - 1] == value:
        return True
    if reward.changed[rule, count - 1] == tick:
        reward.modulator[rule, count - 1] = value
        return True
    if count == CHANGES:
        return False
    reward.changed[rule, count] = tick
    reward.changed[rule, count + 1] = NEVER
    reward.modulator[rule, count] = value
    reward.changes[rule] = count + 1
    return True


@routine
def forget_modulator(reward, rule):
    """Forget all changes but the last; no synapse may be as of a tick before that."""
    reward.modulator[rule, 0] = reward.modulator[rule, reward.changes[rule] - 1]
    reward.changed[rule, 0] = EVER
    reward.changed[rule, 1] = NEVER
    reward.changes[rule] = 1
