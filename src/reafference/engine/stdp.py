"""Kernel of spike-timing dependent plasticity: everything about a synapse happens when an event passes through its row.

A row is a segment of the inbox: the synapses of one source with one delay. They share the presynaptic trace x and the
tick t0 of their last event. When the next event passes at tick t,

    1. the postsynaptic spikes s with t0 <= s < t facilitate, in order, by x exp(-(s - t0) / tau_plus);
    2. the event depresses by the postsynaptic trace of the spikes before t;
    3. x decays to t and grows by one; the new weight is delivered.

So at one tick events come before spikes. How weights follow is told in stdp_rule.py and eligibility.py. What a spike
does depends on t0 and s alone, not on when it is worked in: doing so earlier, for all rows, changes no bit of any
weight. That is done when the memory for spikes is full, and before weights are read or set.

A row is done in blocks. Its synapses are copied into scratch memory with what their targets say; the latest two, four
or six pending spikes and the event act on all of them side by side. The few synapses that have more pending spikes are
given the earlier ones before, one by one.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.eligibility import (
    Reward,
    credit,
    discredit,
    gained,
    mature,
    single,
    span_of,
    spans,
    taken,
)
from reafference.engine.kernel import piece, routine
from reafference.engine.postsynaptic import (
    ENTRIES,
    FIRST,
    KNOWN,
    NEWEST,
    NEXT,
    OLDEST,
    SINCE,
    TRACE,
    Past,
    as_float,
    chunk_with,
    forget,
    is_full,
    newer,
    older,
    remember,
)
from reafference.engine.stdp_rule import (
    A2_MINUS,
    A2_PLUS,
    A3_MINUS,
    A3_PLUS,
    KEPT,
    STEP_C,
    STEP_PLUS,
    STEP_X,
    STEP_Y,
    depress,
    facilitate,
    facilitated,
)

BLOCK = 256  # synapses that are done side by side
PLUS, MINUS, TAIL = range(3)  # tables
FEW = 4  # where less than one in so many synapses of a block has more pending spikes, these are given one by one
WEIGHT, POST, ELIGIBLE, SIZE = range(4)  # rows of Stdp.scratch
LOSS = SIZE + KNOWN
ROWS = LOSS + KNOWN


class Stdp(NamedTuple):
    """Rules of spike-timing dependent plasticity of the synapses onto one group of neurons."""

    rule: np.ndarray  # (projections,) int16, row of what follows, or -1
    form: np.ndarray  # (rules, 2) int8, AFFINE or POWER: of facilitation, of depression
    triplet: np.ndarray  # (rules,) uint8
    constant: np.ndarray  # (rules, CONSTANTS) float64, see stdp_rule.py
    cells: np.ndarray  # (rules, 2) int64: neurons of the group, first and end, whose spikes count
    shift: np.ndarray  # (rules,) int64: neuron i is row i + shift of `past`
    table: np.ndarray  # (entries,) float64: exp(-d step) for d = 0, 1, ... and at last 0, for several steps
    part: np.ndarray  # (rules, 3, 2) int64: first entry and end of the PLUS, MINUS and TAIL tables, see stdp_make.py
    trace: np.ndarray  # (segments,) float64: presynaptic trace right after the last event
    slow: np.ndarray  # (segments or 0,) float64: slow presynaptic trace, for triplets
    touched: np.ndarray  # (segments,) int64: tick of the last event
    past: Past
    reward: Reward
    scratch: np.ndarray  # (ROWS, BLOCK) float64
    target: np.ndarray  # (BLOCK,) uint32, rows of `past`
    listed: np.ndarray  # (BLOCK + 1,) int32


@piece
def entry(stdp, rule, what, skipped):
    """First entry of one of the tables of a rule, or a later one."""
    return min(stdp.part[rule, what, 0] + skipped, stdp.part[rule, what, 1] - 1)


@routine
def fetch(stdp, inbox, rule, s, place, count):
    """Copy the synapses from s on into scratch memory; their weights begin at `place`."""
    scratch, target, shift = stdp.scratch[WEIGHT], stdp.target, stdp.shift[rule]
    weight, w = inbox.weight, np.uint64(place)
    for j in range(count):
        scratch[j] = weight[w + np.uint64(j)]
    begin = np.uint64(s)
    if inbox.wide.size == 0:
        narrow = inbox.narrow
        for j in range(count):
            target[j] = np.uint32(np.int64(narrow[begin + np.uint64(j)]) + shift)
    else:
        wide = inbox.wide
        for j in range(count):
            target[j] = np.uint32(np.int64(wide[begin + np.uint64(j)]) + shift)
    if stdp.reward.uses[rule]:
        scratch, eligible = stdp.scratch[ELIGIBLE], stdp.reward.eligible
        e = np.uint64(s - stdp.reward.shift[rule])
        for j in range(count):
            scratch[j] = np.float64(eligible[e + np.uint64(j)])


@routine
def store(stdp, inbox, rule, s, place, count):
    """Copy them back."""
    scratch, weight, w = stdp.scratch[WEIGHT], inbox.weight, np.uint64(place)
    for j in range(count):
        weight[w + np.uint64(j)] = scratch[j]
    if stdp.reward.uses[rule]:
        scratch, eligible = stdp.scratch[ELIGIBLE], stdp.reward.eligible
        e = np.uint64(s - stdp.reward.shift[rule])
        for j in range(count):
            eligible[e + np.uint64(j)] = np.float32(scratch[j])


@routine
def gather(past, target, count, start, tick, x, plus, minus, known, scratch, listed):
    """Sizes of the two latest facilitations of each synapse of a block, or the next two before `known` ones.

    And at first also the postsynaptic trace at `tick`. Spikes before `start` are not pending, their size is 0. Lists
    synapses with still earlier pending ones and returns how many these are.
    """
    recent, place, post = past.recent, NEWEST + known // 2, scratch[POST]
    newer_size, older_size = scratch[SIZE + known], scratch[SIZE + known + 1]
    last_plus, last_minus = np.uint64(plus.size - 1), np.uint64(minus.size - 1)
    more = np.uint64(0)
    for j in range(count):
        row = np.uint64(target[j])
        both = recent[row, place]
        one, two = newer(both), older(both)
        # Ticks before `start` become huge numbers; the last place in a table holds 0.
        newer_size[j] = x * plus[min(np.uint64(one - start), last_plus)]
        older_size[j] = x * plus[min(np.uint64(two - start), last_plus)]
        listed[more] = j
        if place == OLDEST:
            more += np.uint64(two >= start)
        else:
            more += np.uint64(newer(recent[row, place + 1]) >= start)
        if place == NEWEST:
            post[j] = as_float(recent[row, TRACE]) * minus[min(np.uint64(tick - one), last_minus)]
    return np.int64(more)


@routine
def gather_gains(past, target, count, known, scratch):
    """Multiply the sizes of the last `known` facilitations by the gains of their spikes."""
    gain = past.gain
    for k in range(known):
        size = scratch[SIZE + k]
        for j in range(count):
            size[j] *= gain[np.uint64(target[j]), np.uint64(1 + k)]


@routine
def gather_losses(past, reward, rule, target, count, known, start, since, first, x, tail, scratch):
    """Turn the sizes of the last `known` facilitations into what c gains and what w loses by them."""
    last_tail = np.uint64(tail.size - 1)
    for k in range(known):
        size, loss = scratch[SIZE + k], scratch[LOSS + k]
        for j in range(count):
            both = past.recent[np.uint64(target[j]), NEWEST + k // 2]
            tick = older(both) if k % 2 else newer(both)
            span = span_of(reward, rule, first, tick + since)
            grown = x * tail[min(np.uint64(tick - start), last_tail)]
            loss[j] = taken(reward, span, grown, size[j])
            size[j] = grown


@routine
def work_in(stdp, rule, j, known, start, first, x, plus, tail):
    """Give synapse j of a block its pending spikes, but the last `known`."""
    past, row = stdp.past, stdp.target[j]
    if older(past.recent[row, OLDEST]) < start:
        for k in range(KNOWN - 1, known - 1, -1):
            both = past.recent[row, NEWEST + k // 2]
            tick = older(both) if k % 2 else newer(both)
            if tick >= start:
                gain = past.gain[row, 1 + k] if past.gain.size > 0 else 1.0
                work_in_one(stdp, rule, j, tick, gain, start, first, x, plus, tail)
        return
    end = older(past.recent[row, NEWEST + known // 2 - 1])
    chunk, k = chunk_with(past, row, start), 0
    while True:
        tick = np.int64(past.chunk[chunk, FIRST + k])
        if tick >= end:
            return
        if tick >= start:
            gain = past.chunk_gain[chunk, k] if past.gain.size > 0 else 1.0
            work_in_one(stdp, rule, j, tick, gain, start, first, x, plus, tail)
        k += 1
        if k == ENTRIES:
            chunk, k = past.chunk[chunk, NEXT], 0


@routine
def work_in_one(stdp, rule, j, tick, gain, start, first, x, plus, tail):
    """Give synapse j of a block the spike at `tick`."""
    scratch, reward = stdp.scratch, stdp.reward
    size = x * plus[min(tick - start, plus.size - 1)]
    if reward.uses[rule] == 0:
        scratch[WEIGHT, j] = facilitated(stdp.form[rule, 0], stdp.constant[rule], scratch[WEIGHT, j], size * gain)
        return
    grown = x * tail[min(tick - start, tail.size - 1)]
    span = span_of(reward, rule, first, tick + stdp.past.now[SINCE])
    scratch[ELIGIBLE, j] = single(scratch[ELIGIBLE, j] + grown)
    scratch[WEIGHT, j] -= taken(reward, span, grown, size)


@routine
def visit(stdp, inbox, begin, end, tick, event):
    """Work pending spikes into the synapses of the rows begin <= segment < end; an `event` at `tick` acts on them, too.

    After an event the weights of a row are what is to be delivered. Without one, spikes up to `tick` are worked in,
    after which no event of `tick` may come.
    """
    past, reward, scratch, target = stdp.past, stdp.reward, stdp.scratch, stdp.target
    since = past.now[SINCE]
    for segment in range(begin, end):
        projection = inbox.projection[segment]
        rule = np.int64(stdp.rule[projection])
        if rule < 0:
            continue
        c, t0, x = stdp.constant[rule], stdp.touched[segment], stdp.trace[segment]
        uses_reward, uses_triplets = stdp.reward.uses[rule] != 0, stdp.triplet[rule] != 0
        start = max(t0 - since, 0)
        skipped = start + since - t0
        plus = stdp.table[entry(stdp, rule, PLUS, skipped) : stdp.part[rule, PLUS, 1]]
        minus = stdp.table[entry(stdp, rule, MINUS, 0) : stdp.part[rule, MINUS, 1]]
        tail = stdp.table[entry(stdp, rule, TAIL, skipped) : stdp.part[rule, TAIL, 1]]
        strength, change, gain, left = 1.0, 0, 0.0, 1.0
        if uses_triplets:
            strength = c[A2_MINUS] + c[A3_MINUS] * stdp.slow[segment] * np.exp(-c[STEP_X] * (tick - t0))
        if uses_reward:
            change = spans(reward, rule, c, t0)
            gain, left = gained(reward, rule, c, t0, change, tick), np.exp(-c[STEP_C] * (tick - t0))
        low, size = inbox.begin[segment], np.int64(inbox.count[segment])
        for s in range(low, low + size, BLOCK):
            count = min(BLOCK, low + size - s)
            fetch(stdp, inbox, rule, s, s - inbox.shift[projection], count)
            known, more = 0, count
            while known < KNOWN and more * FEW > count:
                more = gather(past, target, count, start, tick - since, x, plus, minus, known, scratch, stdp.listed)
                known += 2
            for k in range(more):
                work_in(stdp, rule, stdp.listed[k], known, start, change, x, plus, tail)
            if uses_reward:
                gather_losses(past, reward, rule, target, count, known, start, since, change, x, tail, scratch)
                for k in range(known - 1, -1, -1):
                    credit(scratch[ELIGIBLE], scratch[WEIGHT], scratch[SIZE + k], scratch[LOSS + k], count)
                if event:
                    mature(c, scratch[ELIGIBLE], scratch[WEIGHT], gain, left, count)
                    discredit(c, scratch[ELIGIBLE], scratch[POST], count)
            else:
                if uses_triplets:
                    gather_gains(past, target, count, known, scratch)
                for k in range(known - 1, -1, -1):
                    facilitate(stdp.form[rule, 0], c, scratch[WEIGHT], scratch[SIZE + k], count)
                if event:
                    depress(stdp.form[rule, 1], c, scratch[WEIGHT], scratch[POST], strength, count)
            store(stdp, inbox, rule, s, s - inbox.shift[projection], count)
        if event:
            inbox.work[2] += size
            stdp.trace[segment] = c[KEPT] * x * np.exp(-c[STEP_PLUS] * (tick - t0)) + 1.0
            if uses_triplets:
                stdp.slow[segment] = c[KEPT] * stdp.slow[segment] * np.exp(-c[STEP_X] * (tick - t0)) + 1.0
            stdp.touched[segment] = tick


@routine
def note(stdp, i, tick):
    """Neuron i spikes at `tick`."""
    past = stdp.past
    for rule in range(stdp.shift.size):
        if stdp.cells[rule, 0] <= i < stdp.cells[rule, 1]:
            c, row = stdp.constant[rule], i + stdp.shift[rule]
            passed = tick - past.now[SINCE] - newer(past.recent[row, NEWEST])
            first, end = stdp.part[rule, MINUS, 0], stdp.part[rule, MINUS, 1]
            trace = as_float(past.recent[row, TRACE]) * stdp.table[min(first + passed, end - 1)]
            gain = 1.0
            if stdp.triplet[rule]:
                slow = past.gain[row, 0] * np.exp(-c[STEP_Y] * passed)
                gain = c[A2_PLUS] + c[A3_PLUS] * slow
                past.gain[row, 0] = c[KEPT] * slow + 1.0
            remember(past, row, tick, c[KEPT] * trace + 1.0, gain)


@routine
def settle(stdp, inbox, tick):
    """Work in all spikes up to `tick`, after which no event of `tick` may come."""
    visit(stdp, inbox, 0, inbox.delay.size, tick, False)
    forget(stdp.past, tick)


@piece
def make_room(stdp, inbox, tick):
    """Before `tick`: settle if its spikes might not fit."""
    if is_full(stdp.past, tick):
        settle(stdp, inbox, tick - 1)
