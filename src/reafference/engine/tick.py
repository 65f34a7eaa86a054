"""The loop over ticks: deliver what arrives, look at who may fire, enter the new spikes into the calendars."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from reafference.engine.contract import QUIET, REACHES, arrive, drive, emit, fire, look, observe
from reafference.engine.inbox import CHUNK, Inbox, enter, links_wanted
from reafference.engine.kernel import WALK, kernel
from reafference.engine.learning import THREE_FACTOR, Rules, change, next_change, teach, touch

DONE, FULL, GROW = 0, 1, 2


class Probe(NamedTuple):
    """Neurons of one group whose variables are traced."""

    cell: np.ndarray  # (traces,) int64, place in the group
    what: np.ndarray  # (traces,) int64, place in OBSERVABLES
    column: np.ndarray  # (traces,) int64, column of Out.trace


class Out(NamedTuple):
    """What a worker has produced and the caller has not yet taken away."""

    tick: np.ndarray  # (room,) int64
    neuron: np.ndarray  # (room,) int32, number in the network
    count: (
        np.ndarray
    )  # (4,) int64: spikes in `tick`; of these in the calendars; rows in `trace`; tick of the last learning
    trace: np.ndarray  # (rows, traces) float64
    trace_tick: np.ndarray  # (rows,) int64
    every: np.ndarray  # (1,) int64: ticks between two rows
    reserve: np.ndarray  # (1,) int64: room that one tick may need


class Group(NamedTuple):
    """Neurons of one kind and everything that reaches them."""

    cells: NamedTuple
    inbox: Inbox
    rules: Rules
    probe: Probe


@kernel
def step_group(group, out, tick):
    """One tick of one group."""
    cells, inbox, rules = group.cells, group.inbox, group.rules
    bucket = tick & (inbox.head.size - 1)
    link = inbox.head[bucket]
    events = 0
    while link >= 0:
        following = inbox.link[link]
        entries = CHUNK if following >= 0 else inbox.fill[bucket]
        for e in range(entries):
            segment = inbox.entry[link, e]
            if inbox.rule[segment] >= 0:
                touch(rules, inbox.rule[segment], segment, tick)
            begin, end = inbox.begin[segment], inbox.begin[segment + 1]
            events += end - begin
            for s in range(begin, end):
                i = np.int64(inbox.target[s])
                arrive(cells, i, inbox.weight[s], tick)
                if not inbox.is_active[i]:
                    inbox.is_active[i] = True
                    inbox.active[inbox.active_count[0]] = i
                    inbox.active_count[0] += 1
        inbox.link[link] = inbox.free[0]
        inbox.free[0] = link
        inbox.free[1] += 1
        link = following
    inbox.head[bucket] = -1
    inbox.tail[bucket] = -1
    inbox.work[0] += events

    k, active = 0, inbox.active_count[0]
    inbox.work[1] += active
    while k < active:
        i = np.int64(inbox.active[k])
        state = look(cells, i, tick)
        if state == REACHES:
            fire(cells, i, tick)
            out.tick[out.count[0]] = tick
            out.neuron[out.count[0]] = inbox.identity[i]
            out.count[0] += 1
            for rule in range(rules.rate.size):
                if rules.form[rule] == THREE_FACTOR:
                    rules.spiked[rule, i] += 1
        if state != QUIET:  # one that has just fired is looked at once more, at the next tick
            k += 1
        else:
            active -= 1
            inbox.active[k] = inbox.active[active]
            inbox.is_active[i] = False
    inbox.active_count[0] = active


@kernel
def trace_group(group, out, tick):
    """Write the traced variables of one group into the current row."""
    for k in range(group.probe.cell.size):
        out.trace[out.count[2], group.probe.column[k]] = observe(
            group.cells, group.probe.cell[k], tick, group.probe.what[k]
        )


# Groups and sources are tuples of different types; these walk them at compile time, so a new neuron needs no line here.
def each_step(groups, out, tick):
    """One tick of every group."""
    raise NotImplementedError


@overload(each_step, jit_options=WALK)
def _each_step(groups, out, tick):
    if len(groups) == 0:
        return lambda groups, out, tick: None

    def walk(groups, out, tick):
        step_group(groups[0], out, tick)
        each_step(groups[1:], out, tick)

    return walk


def each_trace(groups, out, tick):
    """Trace the watched neurons of every group."""
    raise NotImplementedError


@overload(each_trace, jit_options=WALK)
def _each_trace(groups, out, tick):
    if len(groups) == 0:
        return lambda groups, out, tick: None

    def walk(groups, out, tick):
        trace_group(groups[0], out, tick)
        each_trace(groups[1:], out, tick)

    return walk


def each_emit(sources, tick, out):
    """Let every source emit."""
    raise NotImplementedError


@overload(each_emit, jit_options=WALK)
def _each_emit(sources, tick, out):
    if len(sources) == 0:
        return lambda sources, tick, out: None

    def walk(sources, tick, out):
        emit(sources[0], tick, out)
        each_emit(sources[1:], tick, out)

    return walk


def each_room(groups, neuron, begin, end):
    """Whether every calendar has room for the spikes begin..end."""
    raise NotImplementedError


@overload(each_room, jit_options=WALK)
def _each_room(groups, neuron, begin, end):
    if len(groups) == 0:
        return lambda groups, neuron, begin, end: True

    def walk(groups, neuron, begin, end):
        inbox = groups[0].inbox
        return links_wanted(inbox, neuron, begin, end) <= inbox.free[1] and each_room(groups[1:], neuron, begin, end)

    return walk


def each_enter(groups, tick, neuron, begin, end):
    """Enter the spikes begin..end into every calendar."""
    raise NotImplementedError


@overload(each_enter, jit_options=WALK)
def _each_enter(groups, tick, neuron, begin, end):
    if len(groups) == 0:
        return lambda groups, tick, neuron, begin, end: None

    def walk(groups, tick, neuron, begin, end):
        inbox, rules = groups[0].inbox, groups[0].rules
        for k in range(begin, end):
            enter(inbox, neuron[k], tick[k])
            if rules.rate.size > 0:
                teach(rules, neuron[k])
        each_enter(groups[1:], tick, neuron, begin, end)

    return walk


def each_change(groups, now):
    """Change the weights of every group that are due at `now`."""
    raise NotImplementedError


@overload(each_change, jit_options=WALK)
def _each_change(groups, now):
    if len(groups) == 0:
        return lambda groups, now: None

    def walk(groups, now):
        if groups[0].rules.rate.size > 0:
            change(groups[0].rules, groups[0].inbox, now)
        each_change(groups[1:], now)

    return walk


def each_next(groups, now):
    """First tick after `now` at which weights of some group change."""
    raise NotImplementedError


@overload(each_next, jit_options=WALK)
def _each_next(groups, now):
    if len(groups) == 0:
        return lambda groups, now: np.int64(2**62)

    def walk(groups, now):
        return min(next_change(groups[0].rules, now), each_next(groups[1:], now))

    return walk


@kernel
def next_learning(groups, now):
    """First tick after `now` at which weights change, so that spikes up to there must be exchanged by then."""
    return each_next(groups, now)


@kernel
def exchange(groups, tick, neuron, begin, end):
    """Enter the spikes begin..end into the calendars. False, with nothing done, where one has too few links."""
    if not each_room(groups, neuron, begin, end):
        return False
    each_enter(groups, tick, neuron, begin, end)
    return True


@kernel
def learn(groups, now):
    """Change the weights that are due at `now`; every spike up to `now` has been exchanged."""
    each_change(groups, now)


@kernel
def sort(values, begin, end):
    """Sort values[begin:end] in place: by insertion where it is short, else by heap (neither takes memory)."""
    count = end - begin
    if count < 32:
        for a in range(begin + 1, end):
            item, b = values[a], a - 1
            while b >= begin and values[b] > item:
                values[b + 1] = values[b]
                b -= 1
            values[b + 1] = item
        return
    root = count // 2
    while count > 1:
        if root > 0:
            root -= 1
            item = values[begin + root]
        else:
            count -= 1
            item = values[begin + count]
            values[begin + count] = values[begin]
        hole, child = root, 2 * root + 1
        while child < count:
            if child + 1 < count and values[begin + child + 1] > values[begin + child]:
                child += 1
            if values[begin + child] <= item:
                break
            values[begin + hole] = values[begin + child]
            hole, child = child, 2 * child + 1
        values[begin + hole] = item


@kernel
def window(groups, sources, out, now, stop):
    """Ticks now + 1 to `stop` without exchange; ends early when `out` is nearly full. Returns the last tick done."""
    while now < stop:
        if out.tick.size - out.count[0] < out.reserve[0] or out.count[2] >= out.trace.shape[0]:
            break
        now += 1
        first = out.count[0]
        each_emit(sources, now, out)
        each_step(groups, out, now)
        if out.count[0] - first > 1:
            sort(out.neuron, first, out.count[0])
        if now % out.every[0] == 0:
            each_trace(groups, out, now)
            out.trace_tick[out.count[2]] = now
            out.count[2] += 1
    return now


@kernel
def advance(groups, sources, out, now, stop, reach):
    """One worker alone: ticks now + 1 to `stop`, spikes exchanged after at most `reach` ticks (the shortest delay).

    Returns (last tick done, DONE | FULL | GROW); after FULL the caller empties `out`, after GROW it enlarges the
    calendars, and calls again.
    """
    while True:
        if not exchange(groups, out.tick, out.neuron, out.count[1], out.count[0]):
            return now, GROW
        out.count[1] = out.count[0]
        if out.count[3] < now:
            each_change(groups, now)
            out.count[3] = now
        if now >= stop:
            return now, DONE
        until = min(stop, now + reach, each_next(groups, now))
        done = window(groups, sources, out, now, until)
        if done == now:
            return now, FULL
        now = done


@kernel
def inject(cells, inbox, first, current, now):
    """Set the injected current (A) of the neurons from `first` on, and look at them at the next tick."""
    for k in range(current.size):
        i = first + k
        drive(cells, i, current[k], now)
        if not inbox.is_active[i]:
            inbox.is_active[i] = True
            inbox.active[inbox.active_count[0]] = i
            inbox.active_count[0] += 1


@kernel
def read(cells, first, now, what, result):
    """Write a variable of the neurons from `first` on into `result`."""
    for k in range(result.size):
        result[k] = observe(cells, first + k, now, what)
