"""Loihi's tick, compiled: neurons are swept, synapses are walked by spikes."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import kernel, piece

UNBOUNDED, TWOS_COMPLEMENT, FOLD_ONCE = 0, 1, 2
(
    INPUT_LAG,
    HOLD_CODE,
    V_LOW,
    V_HIGH,
    INPUT_WRAP,
    INPUT_BITS,
    U_WRAP,
    U_BITS,
    DRIVE_WRAP,
    DRIVE_BITS,
    RULES,
) = range(11)
NOW, FED, TICKS_DONE, FIRED, EVENTS, ACTIVE, IN_SPIKES, COUNTERS = range(8)


class Cells(NamedTuple):
    """Neurons, (neurons,) int64 each; u, v and left change."""

    keep_u: np.ndarray  # 4096 - decay, of 4096
    keep_v: np.ndarray
    bias: np.ndarray
    threshold: np.ndarray  # in the unit of v
    refractory: np.ndarray  # ticks
    u: np.ndarray
    v: np.ndarray
    left: np.ndarray  # ticks of holding that are left, that of the spike included


class Rows(NamedTuple):
    """Synapses by source."""

    first: np.ndarray  # (sources + 1,) int64
    target: np.ndarray  # (synapses,) int32
    delay: np.ndarray  # (synapses,) uint8
    weight: np.ndarray  # (synapses,) int32, in the unit of u; in sums mantissas


class Sums(NamedTuple):
    """Groups whose weights are summed before they are shifted: row g * sources + s is source s of group g."""

    shift: np.ndarray  # (groups,) int64, to the right
    value: np.ndarray  # (delays, neurons) int64, all zero between two groups
    touched: np.ndarray  # (delays, neurons) uint8, all zero between two groups
    cell: np.ndarray  # (delays * neurons,) int64, numbers of those that are touched


@piece
def wrapped(x, kind, bits):
    """x as a register of so many bits keeps it."""
    half = np.int64(1) << (bits - 1)
    if kind == TWOS_COMPLEMENT:
        return ((x + half) & (2 * half - 1)) - half
    if kind == FOLD_ONCE:
        if x > half:
            return x - 2 * half
        if x <= -half:
            return x + 2 * half
    return x


@piece
def decayed(x, keep):
    """x keep / 4096, rounded toward zero."""
    size = (abs(x) * keep) >> 12
    return size if x >= 0 else -size


@piece
def deliver(rows, inbox, source, tick):
    """Put the weights of a spike where they arrive, `tick` plus the delay; returns the synapses walked."""
    slots = inbox.shape[0]
    begin, end = rows.first[source], rows.first[source + 1]
    for s in range(begin, end):
        inbox[(tick + rows.delay[s]) % slots, rows.target[s]] += rows.weight[s]
    return end - begin


@piece
def announce(rows, awake, source, row):
    """Mark the neurons that a spike reaches in the rows of `awake` for the ticks at which it arrives, from `row` on."""
    for s in range(rows.first[source], rows.first[source + 1]):
        awake[row + rows.delay[s], rows.target[s]] = 1


@piece
def gather(rows, sums, row, count):
    """Add the mantissas of a spike to the sums of its group; returns how many sums are touched."""
    neurons = sums.value.shape[1]
    for s in range(rows.first[row], rows.first[row + 1]):
        d, n = np.int64(rows.delay[s]), np.int64(rows.target[s])
        sums.value[d, n] += rows.weight[s]
        if sums.touched[d, n] == 0:
            sums.touched[d, n] = 1
            sums.cell[count] = d * neurons + n
            count += 1
    return count


@piece
def release(sums, group, inbox, tick, count):
    """Shift the sums of a group, put them where they arrive, and clear them."""
    slots, neurons = inbox.shape
    for c in range(count):
        d, n = sums.cell[c] // neurons, sums.cell[c] % neurons
        inbox[(tick + d) % slots, n] += (sums.value[d, n] >> sums.shift[group]) << 6
        sums.value[d, n] = 0
        sums.touched[d, n] = 0


@kernel
def advance(rules, cells, rows, sum_rows, sums, inbox, inputs, until, probed, u_trace, v_trace, awake, spikes, work):
    """Tick after tick to `until`, or until `spikes` could overflow.

    rules    (RULES,) int64, the dialect in numbers
    inbox    (slots, neurons) int64: what arrives at tick t stands in row t % slots; changed
    inputs   (2, n) int64, tick and source of spikes from outside in order of time
    probed   neurons whose u and v go to u_trace and v_trace, (ticks, probed) int64
    awake    (ticks + delays, neurons) uint8, or without rows where nobody asks: 1 where u, v or bias is not 0 or
             anything arrives, if only what cancels; changed
    spikes   (2, room) int64, tick and neuron; changed
    work     (COUNTERS,) int64: NOW is the last tick done, FED the inputs done, FIRED the spikes written; changed
    """
    slots, neurons = inbox.shape
    sources = rows.first.size - 1
    lag = rules[INPUT_LAG]
    groups = sums.shift.size
    asked = awake.shape[0] > 0
    while work[NOW] < until and work[FIRED] + neurons <= spikes.shape[1]:
        tick = work[NOW] + 1
        fed, before = work[FED], work[FIRED]
        while work[FED] < inputs.shape[1] and inputs[0, work[FED]] <= tick:
            work[FED] += 1
        if asked:
            for i in range(fed, work[FED]):
                announce(rows, awake, inputs[1, i], work[TICKS_DONE] + lag)
                for g in range(groups):
                    announce(sum_rows, awake, g * sources + inputs[1, i], work[TICKS_DONE] + lag)
        if lag == 0:
            for i in range(fed, work[FED]):
                work[EVENTS] += deliver(rows, inbox, inputs[1, i], tick)
            for g in range(groups):
                count = np.int64(0)
                for i in range(fed, work[FED]):
                    row = g * sources + inputs[1, i]
                    work[EVENTS] += sum_rows.first[row + 1] - sum_rows.first[row]
                    count = gather(sum_rows, sums, row, count)
                release(sums, g, inbox, tick, count)

        arriving = inbox[tick % slots]
        for n in range(neurons):
            q = wrapped(arriving[n], rules[INPUT_WRAP], rules[INPUT_BITS])
            arriving[n] = 0
            active = q != 0 or cells.u[n] != 0 or cells.v[n] != 0 or cells.bias[n] != 0
            work[ACTIVE] += np.int64(active)
            if asked and active:
                awake[work[TICKS_DONE], n] = 1
            u = wrapped(decayed(cells.u[n], cells.keep_u[n]) + q, rules[U_WRAP], rules[U_BITS])
            cells.u[n] = u
            if cells.left[n] > 0:
                cells.left[n] -= 1
                if cells.left[n] > 0:
                    continue
            drive = wrapped(u + cells.bias[n], rules[DRIVE_WRAP], rules[DRIVE_BITS])
            v = decayed(cells.v[n], cells.keep_v[n]) + drive
            v = min(max(v, rules[V_LOW]), rules[V_HIGH])
            if v > cells.threshold[n]:
                v = np.int64(0)
                cells.left[n] = cells.refractory[n]
                spikes[0, work[FIRED]] = tick
                spikes[1, work[FIRED]] = n
                work[FIRED] += 1
            cells.v[n] = v
        for p in range(probed.size):
            n = probed[p]
            u_trace[work[TICKS_DONE], p] = cells.u[n]
            v_trace[work[TICKS_DONE], p] = cells.v[n] + rules[HOLD_CODE] * cells.left[n]  # v is 0 while it is held

        if asked:
            for i in range(before, work[FIRED]):
                announce(rows, awake, spikes[1, i], work[TICKS_DONE] + 1)
                for g in range(groups):
                    announce(sum_rows, awake, g * sources + spikes[1, i], work[TICKS_DONE] + 1)
        for i in range(before, work[FIRED]):
            work[EVENTS] += deliver(rows, inbox, spikes[1, i], tick + 1)
        if lag == 1:
            for i in range(fed, work[FED]):
                work[EVENTS] += deliver(rows, inbox, inputs[1, i], tick + 1)
        for g in range(groups):
            count = np.int64(0)
            for i in range(before, work[FIRED]):
                row = g * sources + spikes[1, i]
                work[EVENTS] += sum_rows.first[row + 1] - sum_rows.first[row]
                count = gather(sum_rows, sums, row, count)
            if lag == 1:
                for i in range(fed, work[FED]):
                    row = g * sources + inputs[1, i]
                    work[EVENTS] += sum_rows.first[row + 1] - sum_rows.first[row]
                    count = gather(sum_rows, sums, row, count)
            release(sums, g, inbox, tick + 1, count)
        work[IN_SPIKES] += work[FED] - fed
        work[NOW] = tick
        work[TICKS_DONE] += 1
