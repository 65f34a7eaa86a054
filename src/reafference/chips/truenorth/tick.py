"""The loop over ticks of one worker. Each owns a range of cores; they meet once a tick, in compiled code.

A worker writes the spikes of its neurons into an inbox of its own that has a bit for every axon of the machine; who
owns an axon reads the bits of all workers and clears them. Several spikes on one axon in one tick are one, on the chip
and here, so the order in which bits are set plays no part.
"""

# pyright: basic
from __future__ import annotations

import numba
import numpy as np

from reafference.chips.truenorth.counters import MOST, count
from reafference.chips.truenorth.drawn import sweep_drawn, walk_drawn
from reafference.chips.truenorth.sweep import sweep_alike, sweep_each
from reafference.chips.truenorth.tables import (
    ABOUT,
    ALIKE,
    AT,
    AXONS,
    BATCH,
    DRAWN,
    EACH,
    EVENTS,
    HOW,
    NUMBERS,
    SET_DRAWN,
    SET_WEIGHT,
    SETS,
    SHORTS,
    SWEPT,
    WEIGHT,
)
from reafference.chips.truenorth.words import lowest, ones_of
from reafference.engine.barrier import wait
from reafference.engine.kernel import kernel, piece, routine
from reafference.engine.prefetch import LINE, prefetch
from reafference.engine.routine import address_of, call

# What is called by its address: compiled once, whatever calls it, and only if a machine needs it. The first three are
# the sweeps ALIKE, EACH and DRAWN.
WALK, COUNT, ADD_ROW, CODES = 3, 4, 5, 6
NEAR = 64  # cores that stay in the cache by themselves
FEW = 32  # rows or links that are asked for ahead; where more are due, the processor sees by itself how it goes on


def codes(fabric, scratch):
    """Addresses of the compiled routines that this machine needs, (CODES,) int64; 0 where it needs none."""
    number = numba.typeof(np.int64(0))
    of_fabric, ints, shorts = (numba.typeof(one) for one in (fabric, fabric.number, fabric.short))
    flags, words, axons, first = (
        numba.typeof(one) for one in (scratch.counts, scratch.fired, scratch.axons, scratch.first)
    )
    code = np.zeros(CODES, np.int64)
    how = set(fabric.about[HOW::ABOUT].tolist())
    for which, sweep in ((ALIKE, sweep_alike), (EACH, sweep_each)):
        if which in how:
            code[which] = address_of(sweep, shorts, ints, *[number] * 6, ints, number, flags, words, number)
    if DRAWN in how:
        code[WALK] = address_of(walk_drawn, of_fabric, number, number, number, axons, first, ints)
        code[DRAWN] = address_of(sweep_drawn, of_fabric, number, number, number, ints, flags, ints, words, number)
    wide = numba.typeof(scratch.words)
    code[COUNT] = address_of(count, words, number, axons, number, number, words, wide, flags, number)
    code[ADD_ROW] = address_of(add_row, of_fabric, ints, number, number, number)
    return code


@routine
def gather(fabric, inbox, core, at, apart, workers, scratch, hand):
    """List the active axons of a core, those of type 0 first, and clear them; returns how many there are.

    at     the core's first word in the inbox of the first worker, `apart` words from that of the next
    hand   which of the cores in hand this is
    """
    filled, first = 256 * hand, 5 * hand
    for group in range(5):
        scratch.first[first + group] = filled
    for word in range(4):
        left = np.uint64(0)
        for worker in range(workers):
            place = np.uint64(at + worker * apart + word)
            left |= inbox[place]
            inbox[place] = np.uint64(0)
        for group in range(1, 4):
            scratch.first[first + group] += ones_of(
                left & below(np.int64(fabric.border[4 * core + group - 1]) - 64 * word)
            )
        while left:
            scratch.axons[np.uint64(filled)] = np.uint8(64 * word + lowest(left))
            filled += 1
            left &= left - np.uint64(1)
    scratch.first[first + 4] = filled
    present = 0
    for group in range(4):
        present |= np.int64(scratch.first[first + group + 1] > scratch.first[first + group]) << group
    scratch.present[hand] = present
    return filled - 256 * hand


@piece
def below(bits):
    """A word whose lowest `bits` bits are set; any number."""
    if bits <= 0:
        return np.uint64(0)
    return (~np.uint64(0)) >> np.uint64(64 - min(bits, 64))


@routine
def count_all(code, fabric, potential, core, hand, scratch):
    """Count the active axons of every type that has some; returns the synaptic events.

    All 256 axons of a core can be of one type, but a byte holds 255: then the last is added at once.
    """
    events = 0
    for group in range(4):
        if (scratch.present[hand] >> group) & 1:
            first, last = scratch.first[5 * hand + group], scratch.first[5 * hand + group + 1]
            if last - first > MOST:
                last -= 1
                events += call(code[ADD_ROW], (fabric, potential, core, group, np.int64(scratch.axons[last])))
            where = (scratch.axons, first, last, scratch.planes, scratch.words, scratch.counts, 256 * group)
            events += call(code[COUNT], (fabric.crossbar, 1024 * core, *where))
    return events


@routine
def add_row(fabric, potential, core, group, axon):
    """Add the weights of one axon's synapses that are not drawn to the potentials; returns its events."""
    how, at = np.int64(fabric.about[ABOUT * core + HOW]), np.int64(fabric.about[ABOUT * core + AT])
    events = 0
    for word in range(4):
        left = fabric.crossbar[1024 * core + 4 * axon + word]
        while left:
            i = 64 * word + lowest(left)
            left &= left - np.uint64(1)
            events += 1
            if how == DRAWN:
                own = SETS * np.int64(fabric.kind[256 * at + i]) + group
                weight = 0 if fabric.sets[own + SET_DRAWN] else np.int64(fabric.sets[own + SET_WEIGHT])
            elif how == ALIKE:
                weight = np.int64(fabric.short[SHORTS * at + WEIGHT + group])
            else:
                weight = np.int64(fabric.short[SHORTS * at + 256 * (WEIGHT + group) + i])
            potential[256 * core + i] += np.int32(weight)
    return events


@routine
def deliver(link, inbox, core, fired, at, slot):
    """Put the spikes of a core, fired[at:at + 4], on their axons, as late as each of them says."""
    for word in range(4):
        left = fired[at + word]
        first = 512 * core + 128 * word
        while left:
            place = np.uint64(first + 2 * lowest(left))
            left &= left - np.uint64(1)
            link[place + np.uint64(1)] += np.uint32(1)
            to = np.uint64(link[place])
            delay = to & np.uint64(15)
            if delay:
                where = np.uint64(slot[delay]) + (to >> np.uint64(10))
                inbox[where] |= np.uint64(1) << ((to >> np.uint64(4)) & np.uint64(63))


@routine
def ask_for_links(link, core, fired, at):
    """Bring what `deliver` will want into the cache, if it is little."""
    if ones_of(fired[at]) + ones_of(fired[at + 1]) + ones_of(fired[at + 2]) + ones_of(fired[at + 3]) > FEW:
        return
    for word in range(4):
        left = fired[at + word]
        while left:
            prefetch(link, 512 * core + 128 * word + 2 * lowest(left))
            left &= left - np.uint64(1)


@routine
def ask_for_neurons(fabric, potential, core):
    """Bring what a sweep will read of a core into the cache."""
    for i in range(0, 256, LINE // 4):
        prefetch(potential, 256 * core + i)
    if fabric.about[ABOUT * core + HOW] == EACH:
        at = np.int64(fabric.about[ABOUT * core + AT])
        for i in range(0, 512, LINE // 4):
            prefetch(fabric.number, NUMBERS * at + i)
        for i in range(0, 1280, LINE // 2):
            prefetch(fabric.short, SHORTS * at + i)


@routine
def work(code, fabric, state, scratch, tick, core, hand):
    """One tick of a core whose active axons are listed; writes who spikes, returns 0 if it may sleep."""
    about = ABOUT * core
    present, to = scratch.present[hand], 4 * hand
    mark, how, at = np.int64(fabric.about[about]), fabric.about[about + HOW], np.int64(fabric.about[about + AT])
    if how == DRAWN:
        if present:
            call(code[WALK], (fabric, core, tick, hand, scratch.axons, scratch.first, scratch.extra))
        what = (present, state.potential, scratch.counts, scratch.extra, scratch.fired, to)
        return call(code[DRAWN], (fabric, core, tick, *what))
    what = (at, mark, fabric.wraps, fabric.low, fabric.high, present, state.potential, 256 * core)
    return call(code[how], (fabric.short, fabric.number, *what, scratch.counts, scratch.fired, to))


@routine
def step(code, fabric, state, scratch, tick, worker, workers, cores, first, last, record, record_at, row):
    """One tick of the cores first to last - 1, some of them in hand at a time."""
    own, apart = (tick & 15) * workers * 4 * cores, 4 * cores
    for delay in range(16):
        scratch.slot[delay] = 4 * cores * (((tick + delay) & 15) * workers + worker)
    for begin_at in range(first, last, BATCH):
        some = min(BATCH, last - begin_at)
        for hand in range(some):
            core = begin_at + hand
            active = gather(fabric, state.inbox, core, own + 4 * core, apart, workers, scratch, hand)
            state.work[worker, AXONS] += active
            if cores > NEAR and (active or not state.asleep[core]):
                ask_for_neurons(fabric, state.potential, core)
            if active <= FEW:
                for i in range(active):
                    axon = np.int64(scratch.axons[np.uint64(256 * hand + i)])
                    prefetch(fabric.crossbar, 1024 * core + 4 * axon)
        for hand in range(some):
            core, to = begin_at + hand, 4 * hand
            present = scratch.present[hand]
            if present == 0 and state.asleep[core]:
                for word in range(4):
                    scratch.fired[to + word] = np.uint64(0)
                continue
            if present:
                state.work[worker, EVENTS] += count_all(code, fabric, state.potential, core, hand, scratch)
            awake = work(code, fabric, state, scratch, tick, core, hand)
            state.work[worker, SWEPT] += 1
            state.asleep[core] = np.uint8(present == 0 and awake == 0)
            ask_for_links(state.link, core, scratch.fired, to)
        for hand in range(some):
            core, to = begin_at + hand, 4 * hand
            deliver(state.link, state.inbox, core, scratch.fired, to, scratch.slot)
            kept = np.int64(record_at[core])
            if kept >= 0:
                for word in range(4):
                    record[row, kept, word] = scratch.fired[to + word]


@routine
def inject(inbox, train, next_input, tick, workers, cores):
    """Put the external spikes of `tick` into the first worker's inbox; returns the number of the next one."""
    while next_input < train.tick.size and train.tick[next_input] <= tick:
        at = 4 * ((tick & 15) * workers * cores + np.int64(train.core[next_input]))
        axon = np.int64(train.axon[next_input])
        inbox[at + (axon >> 6)] |= np.uint64(1) << np.uint64(axon & 63)
        next_input += 1
    return next_input


@kernel
def begin(state, train, tick, workers, cores):
    """Before the workers start: the external spikes of their first tick; returns the number of the next one."""
    return inject(state.inbox, train, 0, tick, workers, cores)


@kernel
def advance(code, fabric, state, scratch, gate, train, next_input, share, span, seen):
    """Do the ticks span[0] to span[1] - 1 as worker share[0] of share[1], for cores share[2] to share[3] - 1."""
    worker, workers, first, last = share[0], share[1], share[2], share[3]
    cores = fabric.about.size // ABOUT
    for tick in range(span[0], span[1]):
        row = tick - span[0]
        step(code, fabric, state, scratch, tick, worker, workers, cores, first, last, seen.record, seen.record_at, row)
        for k in range(seen.watched.size):
            neuron = seen.watched[k]
            if 256 * first <= neuron < 256 * last:
                seen.trace[row, k] = state.potential[neuron]
        if worker == 0:
            next_input = inject(state.inbox, train, next_input, tick + 1, workers, cores)
        if not wait(gate, workers):
            return
