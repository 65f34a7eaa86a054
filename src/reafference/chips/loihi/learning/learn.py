"""The end of an epoch of learning, compiled: traces are swept, synapses are walked by spikes."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.chips.loihi.learning.draws import R1, WEIGHT, Y1, draw
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
X_TRACE, Y_TRACE, REWARD, W, D, T, NAMES = 4, 6, 9, 10, 11, 12, 13
MANTISSA, EXPONENT, CONDITION, FACTORS, SHIFT, HEAD = range(
    6
)  # of a product, then (code, constant, sign, bits) a factor
PLAIN, SHIFTED, AWAY = range(3)
(
    EPOCH,
    EVERY_TICK,
    SUMS,
    GRID,
    SIGN,
    X0_COUNTS,
    Y0_COUNTS,
    R0_COUNTS,
    FIRST,
    SEED,
    LEAST,  # of w, d, t
) = range(11)
LARGEST = LEAST + 3
NUMBERS = LARGEST + 3
UPDATES, CHANGES, COUNTED = range(3)
ACCUMULATOR = 2**15
FRACTION = 7  # bits of an accumulator below a whole mantissa
MOST = 127  # of a trace


class Form(NamedTuple):
    """A group that learns and its rule; nothing here changes."""

    numbers: np.ndarray  # (NUMBERS,) int64
    products: np.ndarray  # (products, words) int64: those of dw, then dd, then dt
    first: np.ndarray  # (4,) int64, the products of each
    jumps: np.ndarray  # (2, 6) int64: which of x1 x2 y1 y2 y3 r1 there are, and by how much spikes raise them
    fade: (
        np.ndarray
    )  # (2, 6, epoch + 1, 128) int64: a trace after so many ticks, rounded down; chance of one more, of 2^32
    place: np.ndarray  # (3, sources) int32: among the group's sources, among its targets (-1: none), 1 if it rewards
    pre_id: np.ndarray  # (pre,) int64, numbers of the sources, and
    post_id: np.ndarray  # (post,) int64, of the targets
    ends: np.ndarray  # (2, synapses) int32, places of source and target
    first_out: np.ndarray  # (pre + 1,) int64: synapses of a source are walk[0, first_out[p] : first_out[p + 1]]
    first_in: np.ndarray  # (post + 1,) int64, of a target walk[1, ...]
    walk: np.ndarray  # (2, synapses) int32


class Held(NamedTuple):
    """What changes; `*_at` are ticks within the epoch, 0: no spike; histories have a row for each tick of the epoch."""

    wdt: np.ndarray  # (3, synapses) int64
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
    known: np.ndarray  # (4, NAMES) int64: by condition, what the factors are for the synapse at hand
    visit: np.ndarray  # (synapses,) int32, synapses to update


@piece
def hear(impulse, trace, at, column, begin, kinds, step):
    """A spike in this epoch: earlier ones of the epoch count as if they had been at its begin."""
    if at[column] == step:
        return
    if at[column] > 0:
        for k in range(kinds):
            trace[k, column] = min(MOST, trace[k, column] + impulse[1, begin + k])
    at[column] = step


@piece
def stirs(trace, at, stirred, column, kinds):
    """Whether the history of one neuron has to be written: its traces live, or lived in the epoch before."""
    lives = at[column] > 0
    for k in range(kinds):
        lives = lives or trace[k, column] != 0
    had = stirred[column] == 1
    stirred[column] = lives
    return lives or had


@routine
def follow(numbers, jumps, fade, trace, at, past, column, number, begin, kinds, before, given, is_given):
    """The history of the traces of one neuron in this epoch, from which its next begins; some of it may be given."""
    for k in range(kinds):
        kind = begin + k
        if jumps[0, kind] == 0:
            continue
        value, since = trace[k, column], np.int64(0)
        start = value
        past[0, k, column] = value
        for step in range(1, numbers[EPOCH] + 1):
            old, ticks = (value, np.int64(1)) if numbers[EVERY_TICK] == 1 else (start, step - since)
            size = abs(old)
            word = draw(numbers[SEED], kind, number, before + step)
            left = fade[0, kind, ticks, size] + np.int64(word < fade[1, kind, ticks, size])
            value = left if old >= 0 else -left
            if at[column] == step:
                value = min(MOST, value + jumps[1, kind])
                start, since = value, np.int64(step)
            if is_given[step] == 1:
                value = given[step]
                start, since = value, np.int64(step)
            past[step, k, column] = value
        trace[k, column] = value


@piece
def clipped(x, low, high):
    """x within its bounds."""
    return min(max(x, low), high)


@routine
def product_of(words, known, sums):
    """A product in 2^-7 of a mantissa. words: its row; known: the factors as its condition sees them, (NAMES,)."""
    result = np.int64(1)
    for f in range(words[FACTORS]):
        at = HEAD + 4 * f
        value = known[words[at]] + words[at + 1]
        if words[at + 2] == 1:
            value = np.int64(value > 0) - np.int64(value < 0)
        if sums == SHIFTED:
            value = clipped(value, -(np.int64(1) << words[at + 3]), (np.int64(1) << words[at + 3]) - 1)
            result = np.int64(np.int32(result * value))  # registers of 32 bits
        else:
            result *= value
    result *= words[MANTISSA]
    if sums == SHIFTED:
        result = np.int64(np.int32(result)) >> words[SHIFT]
    return result << words[EXPONENT]


@routine
def next_of(sums, grid, old, total, word):
    """A variable with its change, rounded, before it is cut to its bounds. total in 2^-7 of a mantissa."""
    if sums == AWAY:
        size = (abs(total) + (1 << FRACTION) - 1) >> FRACTION
        steps = size // grid
        steps += np.int64(word < ((size - steps * grid) << 32) // grid)
        return old + grid * (steps if total >= 0 else -steps)
    unit = grid << FRACTION
    steps = total // unit if total >= 0 else -((-total + unit - 1) // unit)
    steps += np.int64(word < ((total - steps * unit) << 32) // unit)
    return steps * grid


@routine
def changed_by(numbers, products, begin, end, known, target, old):
    """Old value and change of a variable in 2^-7 of a mantissa (of AWAY the change alone)."""
    sums = numbers[SUMS]
    total = np.int64(0) if sums == AWAY else old << FRACTION
    for n in range(begin, end):
        condition = products[n, CONDITION]
        if known[condition, condition] == 0:
            continue
        part = product_of(products[n], known[condition], sums)
        if sums == SHIFTED:
            part = clipped(part, -ACCUMULATOR - 1, ACCUMULATOR - 1)
            total = clipped(total + part, -ACCUMULATOR - 1, ACCUMULATOR - 1)
        else:
            total += part
    if sums == PLAIN:
        total = clipped(total, -ACCUMULATOR, ACCUMULATOR - 1)
    if sums == SHIFTED and ((target == 0 and numbers[SIGN] > 0) or target == 1):
        total = max(total, 0)
    if sums == SHIFTED and target == 0 and numbers[SIGN] < 0:
        total = min(total, 0)
    return total


@piece
def look(form, held, s, decimated):
    """Put down what the factors of a synapse are, as each condition sees them."""
    p, q = form.ends[0, s], form.ends[1, s]
    for condition in range(4):
        known = held.known[condition]
        known[IF_X0], known[IF_Y0] = held.x_at[p] > 0, held.y_at[q] > 0
        known[IF_R0], known[IF_U] = held.r_at[0] > 0, decimated
        if known[condition] == 0:
            continue
        step = form.numbers[EPOCH]
        if condition == IF_X0:
            step = held.x_at[p]
        elif condition == IF_Y0:
            step = held.y_at[q]
        elif condition == IF_R0:
            step = held.r_at[0]
        for k in range(2):
            known[X_TRACE + k] = held.x_past[step, k, p]
        for k in range(3):
            known[Y_TRACE + k] = held.y_past[step, k, q]
            known[W + k] = held.wdt[k, s]
        known[REWARD] = held.r_past[step, 0, 0]


@piece
def find(form, held, everyone):
    """List the synapses whose rule has to be worked out; returns how many they are."""
    count = 0
    if everyone:
        for s in range(form.ends.shape[1]):
            held.visit[s] = s
        return form.ends.shape[1]
    if form.numbers[X0_COUNTS] == 1:
        for p in range(form.pre_id.size):
            if held.x_at[p] > 0:
                for i in range(form.first_out[p], form.first_out[p + 1]):
                    held.visit[count] = form.walk[0, i]
                    count += 1
    if form.numbers[Y0_COUNTS] == 1:
        for q in range(form.post_id.size):
            if held.y_at[q] > 0:
                for i in range(form.first_in[q], form.first_in[q + 1]):
                    s = form.walk[1, i]
                    if form.numbers[X0_COUNTS] == 0 or held.x_at[form.ends[0, s]] == 0:
                        held.visit[count] = s
                        count += 1
    return count


@kernel
def learn(form, held, spikes, given, is_given, never, before, decimated, work, changed):
    """The end of an epoch.

    spikes     (2, n) int64, tick and number of each spike that learning hears in this epoch, in order of time
    given      (epoch + 1,) int64: the reward trace at the ticks of the epoch where is_given (uint8) says so
    never      (epoch + 1,) uint8, all 0
    before     the last tick of the epoch before
    decimated  whether u<k> holds
    work       (COUNTED,) int64: synapses updated, and those of which weight or delay changed
    changed    (synapses,) int32: these
    """
    numbers = form.numbers
    for i in range(spikes.shape[1]):
        step, number = spikes[0, i] - before, spikes[1, i]
        if form.place[0, number] >= 0:
            hear(form.jumps, held.x, held.x_at, form.place[0, number], 0, 2, step)
        if form.place[1, number] >= 0:
            hear(form.jumps, held.y, held.y_at, form.place[1, number], Y1, 3, step)
        if form.place[2, number] == 1:
            hear(form.jumps, held.r, held.r_at, 0, R1, 1, step)
    jumps, fade = form.jumps, form.fade
    for p in range(form.pre_id.size):
        if stirs(held.x, held.x_at, held.x_stirred, p, 2):
            at, number = held.x_at, form.pre_id[p]
            follow(numbers, jumps, fade, held.x, at, held.x_past, p, number, 0, 2, before, given, never)
    for q in range(form.post_id.size):
        if stirs(held.y, held.y_at, held.y_stirred, q, 3):
            at, number = held.y_at, form.post_id[q]
            follow(numbers, jumps, fade, held.y, at, held.y_past, q, number, Y1, 3, before, given, never)
    follow(numbers, jumps, fade, held.r, held.r_at, held.r_past, 0, 0, R1, 1, before, given, is_given)
    for step in range(1, numbers[EPOCH] + 1):
        if is_given[step] == 1 and step > held.r_at[0]:
            held.r_at[0] = step

    count = find(form, held, decimated or (numbers[R0_COUNTS] == 1 and held.r_at[0] > 0))
    work[UPDATES], work[CHANGES] = count, 0
    for i in range(count):
        s = held.visit[i]
        look(form, held, s, decimated)
        moves = False
        for target in range(3):
            begin, end = form.first[target], form.first[target + 1]
            if begin == end:
                continue
            old = held.wdt[target, s]
            total = changed_by(numbers, form.products, begin, end, held.known, target, old)
            word = draw(numbers[SEED], WEIGHT + target, numbers[FIRST] + s, before + numbers[EPOCH])
            grid = numbers[GRID] if target == 0 else np.int64(1)
            new = next_of(numbers[SUMS], grid, old, total, word)
            new = clipped(new, numbers[LEAST + target], numbers[LARGEST + target])
            held.wdt[target, s] = new
            moves = moves or (new != old and target < 2)
        if moves:
            changed[work[CHANGES]] = s
            work[CHANGES] += 1
    for p in range(held.x_at.size):
        held.x_at[p] = 0
    for q in range(held.y_at.size):
        held.y_at[q] = 0
    held.r_at[0] = 0
