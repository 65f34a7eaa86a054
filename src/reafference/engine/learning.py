"""Kernel of the plasticity rules: traces per segment, decayed when touched; weights changed once an interval."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.inbox import target_of
from reafference.engine.kernel import piece, routine

THREE_FACTOR, ANTI_HEBBIAN = 0, 1
FORGOTTEN = 1e-3  # a trace below this part of one spike is set to zero at the next change


class Rules(NamedTuple):
    """Learning rules of the synapses onto one group of neurons, and their traces."""

    form: np.ndarray  # (rules,) int8, THREE_FACTOR or ANTI_HEBBIAN
    rate: np.ndarray  # (rules,) float64, volt; negative for ANTI_HEBBIAN
    step: np.ndarray  # (rules,) float64, dt / tau of the trace
    interval: np.ndarray  # (rules,) int64, ticks
    low: np.ndarray  # (rules,) float64, volt
    high: np.ndarray  # (rules,) float64, volt
    modulator: np.ndarray  # (rules,) float64
    memory: np.ndarray  # (rules,) float64: changes over which the square of the trace is averaged; 0: not normalised
    floor: np.ndarray  # (rules,) float64
    changes: np.ndarray  # (rules,) int64: changes so far that counted for the average
    teacher: np.ndarray  # (rules, 4) int64: first and end of `own`, first and end of `other`
    signal: np.ndarray  # (rules,) float64: spikes of `own` less those of `other` since the last change
    spiked: np.ndarray  # (rules, cells or 1) int32: spikes of each target since the last change, for THREE_FACTOR
    trace: np.ndarray  # (segments or 1,) float64
    touched: np.ndarray  # (segments or 1,) int64, tick of `trace`
    square: np.ndarray  # (segments or 1,) float64: running mean of the squared trace
    squared: np.ndarray  # (segments or 1,) int64: `changes` at which it was brought up to date
    listed: np.ndarray  # (segments or 1,) bool: the segment is in `waiting`
    waiting: np.ndarray  # (segments or 1,) int32: segments with a trace, in waiting[: waiting_count[0]]
    waiting_count: np.ndarray  # (1,) int64


@piece
def touch(rules, rule, segment, tick):
    """An event passes: the trace of its segment decays to now and grows by one."""
    rules.trace[segment] = rules.trace[segment] * np.exp(-rules.step[rule] * (tick - rules.touched[segment])) + 1.0
    rules.touched[segment] = tick
    if not rules.listed[segment]:
        rules.listed[segment] = True
        rules.waiting[rules.waiting_count[0]] = segment
        rules.waiting_count[0] += 1


@routine
def teach(rules, neuron):
    """A spike of `neuron` (number in the network) counts for or against."""
    for rule in range(rules.rate.size):
        if rules.form[rule] == ANTI_HEBBIAN:
            own, own_end, other, other_end = rules.teacher[rule]
            if own <= neuron < own_end:
                rules.signal[rule] += 1.0
            if other <= neuron < other_end:
                rules.signal[rule] -= 1.0
    return 0


def taught(rules: Rules, low: int, high: int) -> np.ndarray:
    """Which of the neurons low <= n < high of the network `teach` must be told of, (high - low,) bool."""
    heard = np.zeros(high - low, np.bool_)
    for own, own_end, other, other_end in rules.teacher[rules.form == ANTI_HEBBIAN].tolist():
        heard[max(own - low, 0) : max(own_end - low, 0)] = True
        heard[max(other - low, 0) : max(other_end - low, 0)] = True
    return heard


@piece
def kept(begin, end, memory):
    """Part of a running mean that is left after the changes begin + 1 .. end, in all of which the new value was zero.

    Change n has weight max(1 / n, 1 / memory).
    """
    left = 1.0
    if begin < memory:
        until = min(float(end), np.floor(memory))
        if until > begin:
            left = begin / until
            begin = until
    if end > begin:
        left *= (1.0 - 1.0 / memory) ** (end - begin)
    return left


@routine
def change(rules, inbox, tick):
    """Change the weights of all rules whose interval ends at `tick`."""
    due = False
    for rule in range(rules.rate.size):
        due |= tick % rules.interval[rule] == 0
    if not due:
        return 0
    for rule in range(rules.rate.size):
        if tick % rules.interval[rule] == 0 and rules.modulator[rule] != 0.0:
            rules.changes[rule] += 1
    k = 0
    while k < rules.waiting_count[0]:
        segment = rules.waiting[k]
        projection = inbox.projection[segment]
        rule = inbox.rule[projection]
        if tick % rules.interval[rule] != 0:
            k += 1
            continue
        trace = rules.trace[segment] * np.exp(-rules.step[rule] * (tick - rules.touched[segment]))
        rules.touched[segment] = tick
        if trace < FORGOTTEN:
            rules.trace[segment] = 0.0
            rules.listed[segment] = False
            rules.waiting_count[0] -= 1
            rules.waiting[k] = rules.waiting[rules.waiting_count[0]]
            continue
        rules.trace[segment] = trace
        power = 1.0
        memory = rules.memory[rule]
        if memory > 0.0:
            if rules.modulator[rule] != 0.0:
                now = rules.changes[rule]
                left = kept(np.float64(rules.squared[segment]), now - 1.0, memory)
                new = max(1.0 / now, 1.0 / memory)
                rules.square[segment] = rules.square[segment] * left * (1.0 - new) + new * trace * trace
                rules.squared[segment] = now
            power = rules.square[segment] + rules.floor[rule]
        scale = rules.rate[rule] * rules.modulator[rule] * trace / power
        low, high = rules.low[rule], rules.high[rule]
        begin = inbox.begin[segment]
        end, shift = begin + inbox.count[segment], inbox.shift[projection]
        if rules.form[rule] == ANTI_HEBBIAN:
            step = scale * rules.signal[rule] / (rules.teacher[rule, 1] - rules.teacher[rule, 0])
            if step != 0.0:
                for w in range(begin - shift, end - shift):
                    inbox.weight[w] = min(max(inbox.weight[w] + step, low), high)
                inbox.work[2] += end - begin
        elif scale != 0.0:
            for s in range(begin, end):
                count = rules.spiked[rule, target_of(inbox, s)]
                if count != 0:
                    inbox.weight[s - shift] = min(max(inbox.weight[s - shift] + scale * count, low), high)
                    inbox.work[2] += 1
        k += 1
    for rule in range(rules.rate.size):
        if tick % rules.interval[rule] == 0:
            rules.signal[rule] = 0.0
            if rules.form[rule] == THREE_FACTOR:
                rules.spiked[rule, :] = 0
    return 0


@routine
def next_change(rules, tick):
    """First tick after `tick` at which some weights change; far away without rules."""
    soonest = np.int64(2**62)
    for rule in range(rules.rate.size):
        interval = rules.interval[rule]
        soonest = min(soonest, (tick // interval + 1) * interval)
    return soonest
