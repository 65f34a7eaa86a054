"""The end of an epoch of learning, compiled: traces are swept, synapses are walked by spikes."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.chips.loihi.learning.draws import DELAY, R1, TAG, WEIGHT, Y1, draw
from reafference.engine.kernel import kernel, piece, routine

# Codes of what a product is made of.
IF_X0, IF_Y0, IF_R0, IF_U = range(4)
CODES = {
    "x0": 0,
    "y0": 1,
    "r0": 2,
    "u": 3,
    "x1": 4,
    "x2": 5,
    "y1": 6,
    "y2": 7,
    "y3": 8,
    "r1": 9,
    "w": 10,
    "d": 11,
    "t": 12,
}
X_TRACE, Y_TRACE, REWARD, W, D, T = 4, 6, 9, 10, 11, 12
MANTISSA, EXPONENT, CONDITION, FACTORS, SHIFT, HEAD = range(
    6
)  # of a product, then (code, constant, sign, bits) a factor
PLAIN, SHIFTED, AWAY = range(3)
(
    EPOCH,
    EVERY_TICK,
    SUMS,
    GRID,
    W_LEAST,
    W_MOST,
    D_MOST,
    SIGN,
    X0_COUNTS,
    Y0_COUNTS,
    R0_COUNTS,
    FIRST,
    SEED,
    NUMBERS,
) = range(14)
UPDATES, CHANGES, COUNTED = range(3)
ACCUMULATOR = 2**15
FRACTION = 7  # bits of an accumulator below a whole mantissa
MOST = 127  # of a trace
TAG_SIZE = 256


class Form(NamedTuple):
    """A group that learns and its rule; nothing here changes."""

    numbers: np.ndarray  # (NUMBERS,) int64
    products: np.ndarray  # (products, words) int64: those of dw, then dd, then dt
    first: np.ndarray  # (4,) int64, the products of each
    used: np.ndarray  # (6,) uint8: which of x1 x2 y1 y2 y3 r1 there are
    impulse: np.ndarray  # (6,) int64
    floor: np.ndarray  # (6, epoch + 1, 128) int64: a trace after so many ticks, rounded down
    chance: np.ndarray  # (6, epoch + 1, 128) int64, of 2^32: that it is rounded up
    pre_of: np.ndarray  # (sources,) int32: place among the group's sources, -1: none
    post_of: np.ndarray  # (sources,) int32, likewise
    rewards: np.ndarray  # (sources,) uint8: whether its spikes are reward
    pre_id: np.ndarray  # (pre,) int64, numbers of the sources, and
    post_id: np.ndarray  # (post,) int64, of the targets
    pre: np.ndarray  # (synapses,) int32, places
    post: np.ndarray  # (synapses,) int32
    first_out: np.ndarray  # (pre + 1,) int64: synapses of a source are out[first_out[p] : first_out[p + 1]]
    out: np.ndarray  # (synapses,) int32
    first_in: np.ndarray  # (post + 1,) int64, and of a target
    into: np.ndarray  # (synapses,) int32


class Held(NamedTuple):
    """What changes; `*_at` are ticks within the epoch, 0: no spike; histories have a row for each tick of the epoch."""

    w: np.ndarray  # (synapses,) int64
    d: np.ndarray
    t: np.ndarray
    x: np.ndarray  # (2, pre) int64
    y: np.ndarray  # (3, post) int64
    r: np.ndarray  # (1, 1) int64
    x_at: np.ndarray  # (pre,) int64
    y_at: np.ndarray  # (post,) int64
    r_at: np.ndarray  # (1,) int64
    x_stirred: np.ndarray  # (pre,) uint8: whether there was anything in its history of the last epoch
    y_stirred: np.ndarray  # (post,) uint8
    x_past: np.ndarray  # (epoch + 1, 2, pre) int16
    y_past: np.ndarray  # (epoch + 1, 3, post) int16
    r_past: np.ndarray  # (epoch + 1, 1, 1) int16


@piece
def faded(form, kind, value, ticks, word):
    """A trace after some ticks, rounded by chance; one below 0 fades as its size does."""
    size = abs(value)
    left = form.floor[kind, ticks, size] + np.int64(word < form.chance[kind, ticks, size])
    return left if value >= 0 else -left


@piece
def hear(form, trace, at, column, begin, kinds, step):
    """A spike in this epoch: earlier ones of the epoch count as if they had been at its begin."""
    if at[column] == step:
        return
    if at[column] > 0:
        for k in range(kinds):
            trace[k, column] = min(MOST, trace[k, column] + form.impulse[begin + k])
    at[column] = step


@routine
def follow(form, trace, at, past, column, number, begin, kinds, before):
    """The history of the traces of one neuron in this epoch, from which its next begins."""
    epoch, every = form.numbers[EPOCH], form.numbers[EVERY_TICK]
    for k in range(kinds):
        kind = begin + k
        if form.used[kind] == 0:
            continue
        start, since = trace[k, column], np.int64(0)
        past[0, k, column] = start
        value = start
        for step in range(1, epoch + 1):
            word = draw(form.numbers[SEED], kind, number, before + step)
            old, ticks = (value, np.int64(1)) if every == 1 else (start, step - since)
            value = faded(form, kind, old, ticks, word)
            if at[column] == step:
                value = min(MOST, value + form.impulse[kind])
                start, since = value, np.int64(step)
            past[step, k, column] = value
        trace[k, column] = value


@piece
def stirs(trace, at, stirred, column, kinds):
    """Whether the history of one neuron has to be written: its traces live, or lived in the epoch before."""
    lives = at[column] > 0
    for k in range(kinds):
        lives = lives or trace[k, column] != 0
    had = stirred[column] == 1
    stirred[column] = lives
    return lives or had


@piece
def value_of(held, code, step, p, q, old_w, old_d, old_t, decimated):
    """A factor."""
    if code == IF_X0:
        return np.int64(held.x_at[p] > 0)
    if code == IF_Y0:
        return np.int64(held.y_at[q] > 0)
    if code == IF_R0:
        return np.int64(held.r_at[0] > 0)
    if code == IF_U:
        return np.int64(decimated)
    if code < Y_TRACE:
        return np.int64(held.x_past[step, code - X_TRACE, p])
    if code < REWARD:
        return np.int64(held.y_past[step, code - Y_TRACE, q])
    if code == REWARD:
        return np.int64(held.r_past[step, 0, 0])
    if code == W:
        return old_w
    if code == D:
        return old_d
    return old_t


@piece
def clipped(x, low, high):
    """x within its bounds."""
    return min(max(x, low), high)


@routine
def product_of(form, held, n, p, q, old_w, old_d, old_t, decimated):
    """A product in 2^-7 of a mantissa, 0 where its condition does not hold."""
    words = form.products[n]
    condition = words[CONDITION]
    if value_of(held, condition, 0, p, q, old_w, old_d, old_t, decimated) == 0:
        return np.int64(0)
    step = form.numbers[EPOCH]
    if condition == IF_X0:
        step = held.x_at[p]
    elif condition == IF_Y0:
        step = held.y_at[q]
    elif condition == IF_R0:
        step = held.r_at[0]
    shifted = form.numbers[SUMS] == SHIFTED
    result = np.int64(1)
    for f in range(words[FACTORS]):
        at = HEAD + 4 * f
        value = value_of(held, words[at], step, p, q, old_w, old_d, old_t, decimated) + words[at + 1]
        if words[at + 2] == 1:
            value = np.int64(value > 0) - np.int64(value < 0)
        if shifted:
            value = clipped(value, -(np.int64(1) << words[at + 3]), (np.int64(1) << words[at + 3]) - 1)
            result = np.int64(np.int32(result * value))  # registers of 32 bits
        else:
            result *= value
    result *= words[MANTISSA]
    if shifted:
        result = np.int64(np.int32(result)) >> words[SHIFT]
    return result << words[EXPONENT]


@piece
def next_of(form, held, target, old, total, word):
    """A variable with its change, rounded, before it is cut to its bounds. total in 2^-7 of a mantissa."""
    numbers = form.numbers
    grid = numbers[GRID] if target == 0 else np.int64(1)
    if numbers[SUMS] == AWAY:
        size = (abs(total) + (1 << FRACTION) - 1) >> FRACTION
        steps = size // grid
        steps += np.int64(word < ((size - steps * grid) << 32) // grid)
        return old + grid * (steps if total >= 0 else -steps)
    unit = grid << FRACTION
    steps = total // unit if total >= 0 else -((-total + unit - 1) // unit)
    steps += np.int64(word < ((total - steps * unit) << 32) // unit)
    return steps * grid


@routine
def update(form, held, s, before, decimated, work, changed):
    """Change one synapse."""
    numbers = form.numbers
    p, q = form.pre[s], form.post[s]
    old_w, old_d, old_t = held.w[s], held.d[s], held.t[s]
    for target in range(3):
        if form.first[target] == form.first[target + 1]:
            continue
        old = old_w if target == 0 else old_d if target == 1 else old_t
        plain, shifted = numbers[SUMS] == PLAIN, numbers[SUMS] == SHIFTED
        total = old << FRACTION if plain or shifted else np.int64(0)
        for n in range(form.first[target], form.first[target + 1]):
            part = product_of(form, held, n, p, q, old_w, old_d, old_t, decimated)
            if shifted:
                part = clipped(part, -ACCUMULATOR - 1, ACCUMULATOR - 1)
                total = clipped(total + part, -ACCUMULATOR - 1, ACCUMULATOR - 1)
            else:
                total += part
        if plain:
            total = clipped(total, -ACCUMULATOR, ACCUMULATOR - 1)
        if target == 0 and shifted:
            total = max(total, 0) if numbers[SIGN] > 0 else min(total, 0) if numbers[SIGN] < 0 else total
        elif target == 1 and shifted:
            total = max(total, 0)
        purpose = WEIGHT if target == 0 else DELAY if target == 1 else TAG
        word = draw(numbers[SEED], purpose, numbers[FIRST] + s, before + numbers[EPOCH])
        new = next_of(form, held, target, old, total, word)
        if target == 0:
            held.w[s] = clipped(new, numbers[W_LEAST], numbers[W_MOST])
        elif target == 1:
            held.d[s] = clipped(new, 0, numbers[D_MOST])
        else:
            held.t[s] = clipped(new, -TAG_SIZE, TAG_SIZE - 1)
    work[UPDATES] += 1
    if held.w[s] != old_w or held.d[s] != old_d:
        changed[work[CHANGES]] = s
        work[CHANGES] += 1


@kernel
def learn(form, held, spikes, given, is_given, before, decimated, work, changed):
    """The end of an epoch.

    spikes     (2, n) int64, tick and number of each spike that learning hears in this epoch, in order of time
    given      (epoch + 1,) int64: the reward trace at the ticks of the epoch where is_given (uint8) says so
    before     the last tick of the epoch before
    decimated  whether u<k> holds
    work       (COUNTED,) int64: synapses updated, and those of which weight or delay changed
    changed    (synapses,) int32: these
    """
    numbers = form.numbers
    work[UPDATES], work[CHANGES] = 0, 0
    for i in range(spikes.shape[1]):
        step, number = spikes[0, i] - before, spikes[1, i]
        if form.pre_of[number] >= 0:
            hear(form, held.x, held.x_at, form.pre_of[number], 0, 2, step)
        if form.post_of[number] >= 0:
            hear(form, held.y, held.y_at, form.post_of[number], Y1, 3, step)
        if form.rewards[number] == 1:
            hear(form, held.r, held.r_at, 0, R1, 1, step)
    for p in range(form.pre_id.size):
        if stirs(held.x, held.x_at, held.x_stirred, p, 2):
            follow(form, held.x, held.x_at, held.x_past, p, form.pre_id[p], 0, 2, before)
    for q in range(form.post_id.size):
        if stirs(held.y, held.y_at, held.y_stirred, q, 3):
            follow(form, held.y, held.y_at, held.y_past, q, form.post_id[q], Y1, 3, before)
    if form.used[R1] == 1:
        reward(form, held, given, is_given, before)

    everyone = decimated or (numbers[R0_COUNTS] == 1 and held.r_at[0] > 0)
    if everyone:
        for s in range(form.pre.size):
            update(form, held, s, before, decimated, work, changed)
    else:
        if numbers[X0_COUNTS] == 1:
            for p in range(form.pre_id.size):
                if held.x_at[p] > 0:
                    for i in range(form.first_out[p], form.first_out[p + 1]):
                        update(form, held, form.out[i], before, decimated, work, changed)
        if numbers[Y0_COUNTS] == 1:
            for q in range(form.post_id.size):
                if held.y_at[q] > 0:
                    for i in range(form.first_in[q], form.first_in[q + 1]):
                        s = form.into[i]
                        if numbers[X0_COUNTS] == 0 or held.x_at[form.pre[s]] == 0:
                            update(form, held, s, before, decimated, work, changed)
    for p in range(form.pre_id.size):
        held.x_at[p] = 0
    for q in range(form.post_id.size):
        held.y_at[q] = 0
    held.r_at[0] = 0


@routine
def reward(form, held, given, is_given, before):
    """The history of the reward trace, which may also be told."""
    epoch, every = form.numbers[EPOCH], form.numbers[EVERY_TICK]
    start, since = held.r[0, 0], np.int64(0)
    value = start
    held.r_past[0, 0, 0] = start
    for step in range(1, epoch + 1):
        word = draw(form.numbers[SEED], R1, 0, before + step)
        old, ticks = (value, np.int64(1)) if every == 1 else (start, step - since)
        value = faded(form, R1, old, ticks, word)
        if held.r_at[0] == step:
            value = min(MOST, value + form.impulse[R1])
            start, since = value, np.int64(step)
        if is_given[step] == 1:
            value = given[step]
            start, since = value, np.int64(step)
        held.r_past[step, 0, 0] = value
    held.r[0, 0] = value
    for step in range(1, epoch + 1):
        if is_given[step] == 1 and step > held.r_at[0]:
            held.r_at[0] = step
