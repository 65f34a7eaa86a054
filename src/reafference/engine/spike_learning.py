"""What the loop over ticks and its caller ask of learning from spikes; nothing where no synapse of the network does so.

Which of the two it is stands in the type, so that a network without such synapses does not wait for the compiler.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine.eligibility import forget_modulator, gained, keep_modulator, mature, spans
from reafference.engine.handle import Handle, handles
from reafference.engine.kernel import WALK, is_a, kernel, routine
from reafference.engine.stdp import Stdp, make_room, note, settle, visit
from reafference.engine.stdp_rule import HIGH, LOW, STEP_C, STEP_PLUS, clip


class NoStdp(NamedTuple):
    """In place of Stdp where nothing learns from spikes."""

    nothing: np.ndarray  # (0,) uint8


def learns(stdp) -> bool:
    """Whether a compiled argument is a handle of Stdp."""
    return isinstance(stdp, Handle) and is_a(stdp.what, Stdp)


def has_room(stdp, inbox, tick):
    """Before `tick`: there will be room for its spikes."""
    raise NotImplementedError


@overload(has_room, jit_options=WALK)
def _has_room(stdp, inbox, tick):
    if learns(stdp):
        return lambda stdp, inbox, tick: make_room(stdp, inbox, tick)
    return lambda stdp, inbox, tick: None


def passes(stdp, inbox, segment, tick):
    """An event is about to pass through a segment: bring its weights up to date."""
    raise NotImplementedError


@overload(passes, jit_options=WALK)
def _passes(stdp, inbox, segment, tick):
    if not learns(stdp):
        return lambda stdp, inbox, segment, tick: None

    def passed(stdp, inbox, segment, tick):
        if stdp.rule[inbox.projection[segment]] >= 0:
            visit(stdp, inbox, segment, segment + 1, tick, True)

    return passed


def spikes(stdp, i, tick):
    """Neuron i of the group spikes at `tick`."""
    raise NotImplementedError


@overload(spikes, jit_options=WALK)
def _spikes(stdp, i, tick):
    if learns(stdp):
        return lambda stdp, i, tick: note(stdp, i, tick)
    return lambda stdp, i, tick: None


@kernel
def bring_up(stdp, inbox, now):
    """After tick `now`: work all spikes into the weights. That changes no bit of what is to come."""
    stdp, inbox = handles((stdp, inbox))
    settle(stdp, inbox, now)


@kernel
def modulate(stdp, inbox, rule, value, now):
    """From after tick `now` on the modulator of a rule is `value`."""
    stdp, inbox = handles((stdp, inbox))
    if not keep_modulator(stdp.reward, rule, value, now):
        settle(stdp, inbox, now)
        renew(stdp, inbox, rule, now)
        forget_modulator(stdp.reward, rule)
        keep_modulator(stdp.reward, rule, value, now)


@kernel
def renew_all(stdp, inbox, rule, now):
    """After tick `now`: bring the weights and eligibilities of a rule to the present."""
    stdp, inbox = handles((stdp, inbox))
    settle(stdp, inbox, now)
    renew(stdp, inbox, rule, now)


@routine
def renew(stdp, inbox, rule, now):
    """Bring all rows of a rule to `now`, into which all spikes have been worked, as if events had passed."""
    reward, c = stdp.reward, stdp.constant[rule]
    for segment in range(inbox.delay.size):
        projection = inbox.projection[segment]
        if stdp.rule[projection] == rule:
            t0 = stdp.touched[segment]
            gain, left = gained(reward, rule, c, t0, spans(reward, rule, c, t0), now), np.exp(-c[STEP_C] * (now - t0))
            s, count = inbox.begin[segment], np.int64(inbox.count[segment])
            weight, eligible = s - inbox.shift[projection], s - reward.shift[rule]
            mature(c, reward.eligible[eligible:], inbox.weight[weight:], gain, left, count)
            stdp.trace[segment] *= np.exp(-c[STEP_PLUS] * (now - t0))
            stdp.touched[segment] = now


@kernel
def show(stdp, inbox, rule, now, weight):
    """Write into a copy of inbox.weight what the weights of a rule are after `now`; all spikes have been worked in."""
    stdp, inbox = handles((stdp, inbox))
    reward, c = stdp.reward, stdp.constant[rule]
    for segment in range(inbox.delay.size):
        projection = inbox.projection[segment]
        if stdp.rule[projection] == rule:
            t0, s = stdp.touched[segment], inbox.begin[segment]
            gain = gained(reward, rule, c, t0, spans(reward, rule, c, t0), now)
            for k in range(s, s + inbox.count[segment]):
                w = k - inbox.shift[projection]
                weight[w] = clip(weight[w] + reward.eligible[k - reward.shift[rule]] * gain, c[LOW], c[HIGH])
