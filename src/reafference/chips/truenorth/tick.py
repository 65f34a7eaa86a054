"""The loop over ticks of one worker. Each owns a range of cores; they meet once a tick, in compiled code.

A worker writes the spikes of its neurons into an inbox of its own that has a bit for every axon of the machine; who owns
an axon reads the bits of all workers and clears them. Several spikes on one axon in one tick are one, on the chip and
here, so the order in which bits are set plays no part.
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
    DRAWN,
    EACH,
    EVENTS,
    HOW,
    SET_DRAWN,
    SET_WEIGHT,
    SETS,
    SHORTS,
    SWEPT,
    WEIGHT,
)
from reafference.chips.truenorth.words import lowest
from reafference.engine.barrier import wait
from reafference.engine.routine import address_of, call
from reafference.chips.truenorth.kernels import kernel, routine

# What is called by its address: compiled once, whatever calls it, and only if a machine needs it. The first three are
# the sweeps ALIKE, EACH and DRAWN.
WALK, COUNT, ADD_ROW, CODES = 3, 4, 5, 6


def codes(fabric, state, scratch):
    """Addresses of the compiled routines that this machine needs, (CODES,) int64; 0 where it needs none."""
    of_fabric, number, ints, shorts, flags, words, axons, first = (
        numba.typeof(one)
        for one in (
            fabric, np.int64(0), fabric.number, fabric.short, scratch.counts, scratch.fired, scratch.axons, scratch.first
        )
    )  # fmt: skip
    code = np.zeros(CODES, np.int64)
    how = set(fabric.about[HOW::ABOUT].tolist())
    for which, sweep in ((ALIKE, sweep_alike), (EACH, sweep_each)):
        if which in how:
            code[which] = address_of(sweep, shorts, ints, *[number] * 6, ints, number, flags, words)
    if DRAWN in how:
        code[WALK] = address_of(walk_drawn, of_fabric, number, number, axons, first, ints)
        code[DRAWN] = address_of(sweep_drawn, of_fabric, number, number, number, ints, flags, ints, words)
    wide = numba.typeof(scratch.words)
    code[COUNT] = address_of(count, words, number, axons, number, number, words, wide, flags, number)
    code[ADD_ROW] = address_of(add_row, of_fabric, ints, number, number, number)
    return code


@routine
def gather(axon_type, inbox, core, slot, workers, cores, scratch):
    """List the active axons of a core by type and clear them; returns a bit for each type that has some."""
    present, filled, some = 0, 0, np.uint64(0)
    for word in range(4):
        active = np.uint64(0)
        for worker in range(workers):
            active |= inbox[4 * ((slot * workers + worker) * cores + core) + word]
        scratch.active[word] = active
        some |= active
    if some == 0:
        return present
    for worker in range(workers):
        for word in range(4):
            inbox[4 * ((slot * workers + worker) * cores + core) + word] = np.uint64(0)
    for group in range(4):
        scratch.first[group] = filled
        for word in range(4):
            left = scratch.active[word] & axon_type[16 * core + 4 * group + word]
            while left:
                scratch.axons[filled] = np.uint8(64 * word + lowest(left))
                filled += 1
                left &= left - np.uint64(1)
        present |= np.int64(filled > scratch.first[group]) << group
    scratch.first[4] = filled
    return present


@routine
def count_all(code, fabric, potential, core, present, scratch):
    """Count the active axons of every type that has some; returns the synaptic events.

    All 256 axons of a core can be of one type, but a byte holds 255: then the last is added at once.
    """
    events = 0
    for group in range(4):
        if (present >> group) & 1:
            first, last = scratch.first[group], scratch.first[group + 1]
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
def deliver(target, spikes, inbox, core, tick, worker, workers, cores, fired):
    """Put the spikes of a core on their axons, as late as each of them says."""
    for word in range(4):
        left = fired[word]
        while left:
            neuron = 256 * core + 64 * word + lowest(left)
            left &= left - np.uint64(1)
            spikes[neuron] += 1
            to = np.int64(target[neuron])
            delay = to & 15
            if delay:
                slot = (tick + delay) & 15
                at = 4 * ((slot * workers + worker) * cores + (to >> 12)) + ((to >> 10) & 3)
                inbox[at] |= np.uint64(1) << np.uint64((to >> 4) & 63)


@routine
def step(code, fabric, state, scratch, tick, worker, workers, cores, first, last, record, record_at, row):
    """One tick of the cores first to last - 1."""
    potential, counts, fired = state.potential, scratch.counts, scratch.fired
    for core in range(first, last):
        present = gather(fabric.axon_type, state.inbox, core, tick & 15, workers, cores, scratch)
        if present == 0 and state.asleep[core]:
            continue
        about = ABOUT * core
        mark, how, at = np.int64(fabric.about[about]), fabric.about[about + HOW], np.int64(fabric.about[about + AT])
        if present:
            state.work[worker, AXONS] += scratch.first[4]
            state.work[worker, EVENTS] += count_all(code, fabric, potential, core, present, scratch)
        if how == DRAWN:
            if present:
                call(code[WALK], (fabric, core, tick, scratch.axons, scratch.first, scratch.extra))
            awake = call(code[DRAWN], (fabric, core, tick, present, potential, counts, scratch.extra, fired))
        else:
            what = (at, mark, fabric.wraps, fabric.low, fabric.high, present, potential, 256 * core, counts, fired)
            awake = call(code[how], (fabric.short, fabric.number, *what))
        state.work[worker, SWEPT] += 1
        state.asleep[core] = np.uint8(present == 0 and awake == 0)
        if fired[0] | fired[1] | fired[2] | fired[3]:
            deliver(fabric.target, state.spikes, state.inbox, core, tick, worker, workers, cores, fired)
            to = np.int64(record_at[core])
            if to >= 0:
                for word in range(4):
                    record[row, to, word] = fired[word]


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
