"""The loop over ticks: deliver what arrives, see who fires, exchange the new spikes once per shortest delay."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.barrier import wait
from reafference.engine.contract import begin, drive, emit, looks, observe, settle
from reafference.engine.handle import handles, opened
from reafference.engine.inbox import Inbox, enter, links_wanted
from reafference.engine.kernel import kernel, piece, routine
from reafference.engine.learning import THREE_FACTOR, Rules
from reafference.engine.noise import Noise
from reafference.engine.routine import call, place
from reafference.engine.short_term import ShortTerm
from reafference.engine.sort import sort
from reafference.engine.spike_learning import NoStdp, has_room, spikes
from reafference.engine.stdp import Stdp

DONE, FULL, GROW, MAIL, LEFT = range(5)
LINE = 16  # numbers a row of what workers write and others read: two threads never write to one cache line
MADE, SENT, ROWS, LEARNT = range(4)  # places in a row of Out.count
BEGIN, END, UNTIL, SURELY = range(4)  # places in a row of Out.post
# Columns of the tables of groups and of sources: where they are, and addresses of what is called for them.
GROUP, INBOX, RULES, STEP, TRACE, ROOM, FITS, ENTER, TEACH, CHANGE, NEXT, HEAR, DELIVER, RELEASE, ASK = range(15)
SOURCE, EMIT = range(2)
FAR = np.int64(2**62)


class Probe(NamedTuple):
    """Neurons of one group whose variables are traced."""

    cell: np.ndarray  # (traces,) int64, place in the group
    what: np.ndarray  # (traces,) int64, place in OBSERVABLES
    column: np.ndarray  # (traces,) int64, column of Out.trace


class Out(NamedTuple):
    """What the workers have produced and the caller has not yet taken away.

    One row for each worker, and in the arrays of spikes a last one for spikes of other processes: the mail.
    """

    tick: np.ndarray  # (workers + 1, room) int64
    neuron: np.ndarray  # (workers + 1, room) int32, number in the network
    count: (
        np.ndarray
    )  # (workers + 1, LINE) int64: spikes MADE; of these SENT to all calendars; ROWS of `trace`; tick LEARNT at last
    trace: np.ndarray  # (workers, rows, traces) float64
    trace_tick: np.ndarray  # (workers, rows) int64
    every: np.ndarray  # (1,) int64: ticks between two rows of `trace`
    reserve: np.ndarray  # (workers,) int64: room that one tick may need
    post: (
        np.ndarray
    )  # (2, workers + 1, LINE) int64, in two rounds by turns: spikes BEGIN..END of a row that are to be exchanged, the
    #    last tick UNTIL which a worker has room for its own, and how many spikes its calendars SURELY take
    fits: np.ndarray  # (workers,) int64: 1 where the calendars of a worker take all posted spikes
    cursor: np.ndarray  # (workers, workers + 1) int64: where each worker is in the rows of spikes
    barrier: np.ndarray  # (24,) int64, see barrier.py
    border: np.ndarray  # (1,) int64: last tick of the coming window that other processes agree to; -1: no room for mail


class Group(NamedTuple):
    """Neurons of one kind and everything that reaches them."""

    cells: NamedTuple
    inbox: Inbox
    rules: Rules
    stdp: Stdp | NoStdp
    short_term: ShortTerm
    noise: Noise
    probe: Probe
    fired: np.ndarray  # (cells,) int32, room for the neurons that fire in one tick


@routine
def step_group(group, code, out, row, tick):
    """One tick of one group; `code` is its row in the table of groups."""
    cells, inbox, rules = opened(group.cells), group.inbox, group.rules
    has_room(group.stdp, inbox, tick)
    begin(cells, tick)
    events = call(code[HEAR], (group, tick)) if code[HEAR] else 0
    events += call(code[DELIVER], (group, code[RELEASE], tick))
    inbox.work[0] += events
    inbox.work[1] += looks(cells)
    call(code[ASK], (inbox, tick + 1))
    count = settle(cells, tick, events, group.fired)
    made = out.count[row, MADE]
    for k in range(count):
        i = group.fired[k]
        out.tick[row, made + k] = tick
        out.neuron[row, made + k] = inbox.identity[i]
        spikes(group.stdp, i, tick)
        for rule in range(rules.rate.size):
            if rules.form[rule] == THREE_FACTOR:
                rules.spiked[rule, i] += 1
    out.count[row, MADE] = made + count
    return count


@routine
def trace_group(group, out, row, tick):
    """Write the traced variables of one group into the current row; returns how many."""
    cells, probe = opened(group.cells), group.probe
    for k in range(probe.cell.size):
        out.trace[row, out.count[row, ROWS], probe.column[k]] = observe(cells, probe.cell[k], tick, probe.what[k])
    return probe.cell.size


@routine
def emit_all(source, out, row, tick):
    """Let all sources of one kind emit; returns how many spikes there are now."""
    emit(opened(source), tick, out, row)
    return out.count[row, MADE]


@routine
def fits(inbox, out, turn):
    """Whether a calendar has room for all posted spikes."""
    wanted = 0
    for row in range(out.count.shape[0]):
        wanted += links_wanted(inbox, out.neuron[row], out.post[turn, row, BEGIN], out.post[turn, row, END])
    return wanted <= inbox.free[1]


@routine
def enter_all(inbox, rules, teach, out, row, turn):
    """Enter all posted spikes into one calendar, in order of (tick, neuron); returns how many rows they stood in.

    `teach` is the address of the routine by which `rules` hear of them, or 0.
    """
    rows = out.count.shape[0]
    if rows == 2 and out.post[turn, 1, BEGIN] == out.post[turn, 1, END]:
        for k in range(out.post[turn, 0, BEGIN], out.post[turn, 0, END]):
            enter(inbox, out.neuron[0, k], out.tick[0, k])
            if teach:
                call(teach, (rules, np.int64(out.neuron[0, k])))
        return 1
    cursor = out.cursor[row]
    for other in range(rows):
        cursor[other] = out.post[turn, other, BEGIN]
    while True:
        soonest, least, whose = FAR, FAR, -1
        for other in range(rows):
            k = cursor[other]
            if k < out.post[turn, other, END]:
                tick, neuron = out.tick[other, k], np.int64(out.neuron[other, k])
                if tick < soonest or (tick == soonest and neuron < least):
                    soonest, least, whose = tick, neuron, other
        if whose < 0:
            return rows
        cursor[whose] += 1
        enter(inbox, least, soonest)
        if teach:
            call(teach, (rules, least))


# --- what is done for every group of a worker, or every kind of source; what to call for it stands in table.py --------


@piece
def each_step(groups, out, row, tick):
    """One tick of every group."""
    for g in range(groups.shape[0]):
        call(groups[g, STEP], (place(groups[g, GROUP]), groups[g], out, row, tick))


@piece
def each_trace(groups, out, row, tick):
    """Trace the watched neurons of every group."""
    for g in range(groups.shape[0]):
        if groups[g, TRACE]:
            call(groups[g, TRACE], (place(groups[g, GROUP]), out, row, tick))


@piece
def each_emit(sources, out, row, tick):
    """Let every source emit."""
    for s in range(sources.shape[0]):
        call(sources[s, EMIT], (place(sources[s, SOURCE]), out, row, tick))


@piece
def each_room(groups):
    """How many spikes the calendars of a worker take, whichever they are."""
    room = FAR
    for g in range(groups.shape[0]):
        room = min(room, call(groups[g, ROOM], (place(groups[g, INBOX]),)))
    return room


@piece
def each_fits(groups, out, turn):
    """Whether every calendar of a worker has room for all posted spikes."""
    fitting = 1
    for g in range(groups.shape[0]):
        fitting = min(fitting, call(groups[g, FITS], (place(groups[g, INBOX]), out, turn)))
    return fitting == 1


@piece
def each_enter(groups, out, row, turn):
    """Enter all posted spikes into the calendars of one worker."""
    for g in range(groups.shape[0]):
        inbox, rules = place(groups[g, INBOX]), place(groups[g, RULES])
        call(groups[g, ENTER], (inbox, rules, groups[g, TEACH], out, row, turn))


@piece
def each_change(groups, now):
    """Change the weights of every group that are due at `now`."""
    for g in range(groups.shape[0]):
        if groups[g, CHANGE]:
            call(groups[g, CHANGE], (place(groups[g, RULES]), place(groups[g, INBOX]), now))


@piece
def each_next(groups, now):
    """First tick after `now` at which weights of some group change, so that spikes must be exchanged by then."""
    soonest = FAR
    for g in range(groups.shape[0]):
        if groups[g, NEXT]:
            soonest = min(soonest, call(groups[g, NEXT], (place(groups[g, RULES]), now)))
    return soonest


@piece
def window(groups, sources, out, row, now, stop):
    """Ticks now + 1 to `stop` without exchange."""
    while now < stop:
        now += 1
        first = out.count[row, MADE]
        each_emit(sources, out, row, now)
        each_step(groups, out, row, now)
        if out.count[row, MADE] - first > 1:
            sort(out.neuron[row], first, out.count[row, MADE])
        if now % out.every[0] == 0:
            each_trace(groups, out, row, now)
            out.trace_tick[row, out.count[row, ROWS]] = now
            out.count[row, ROWS] += 1


@kernel
def advance(groups, sources, out, row, now, stop, reach, by_mail):
    """One worker: ticks now + 1 to `stop`, spikes exchanged with the others after at most `reach` ticks.

    `groups` and `sources` are the worker's tables, see table.py.

    `reach` is the shortest delay of the whole network. With `by_mail` there are other processes: for the first worker
    the function returns (tick, MAIL) whenever spikes have to be exchanged, and is called again with theirs in the last
    row and a new `border`; meanwhile the other workers wait. Returns (last tick done, DONE | FULL | GROW), the same for
    all workers, or LEFT where another one has failed; after FULL the caller empties `out`, after GROW it enlarges the
    calendars (or the room for mail), and calls again.
    """
    (out,) = handles((out,))
    workers = out.count.shape[0] - 1
    turn = 0
    while True:
        turn = 0 if by_mail else 1 - turn  # a worker that is ahead must not write over what another one still reads
        mine = out.post[turn, row]
        mine[BEGIN], mine[END] = out.count[row, SENT], out.count[row, MADE]
        ticks = (out.tick.shape[1] - out.count[row, MADE]) // out.reserve[row]
        rows = (out.trace.shape[1] - out.count[row, ROWS]) * out.every[0] - now % out.every[0]
        mine[UNTIL], mine[SURELY] = now + max(min(ticks, rows), 0), each_room(groups)
        if row == 0:
            mail = out.post[turn, workers]
            mail[BEGIN], mail[END] = out.count[workers, SENT], out.count[workers, MADE]
        if not wait(out.barrier, workers):
            return now, LEFT
        if out.border[0] < 0:
            return now, GROW
        posted = out.post[turn, workers, END] - out.post[turn, workers, BEGIN]
        until, room = FAR, FAR
        for other in range(workers):
            post = out.post[turn, other]
            posted += post[END] - post[BEGIN]
            until, room = min(until, post[UNTIL]), min(room, post[SURELY])
        if posted > room:  # then it depends on which spikes they are
            out.fits[row] = 1 if each_fits(groups, out, turn) else 0
            if not wait(out.barrier, workers):
                return now, LEFT
            for other in range(workers):
                if out.fits[other] == 0:
                    return now, GROW
        each_enter(groups, out, row, turn)
        out.count[row, SENT] = out.count[row, MADE]
        if row == 0:
            out.count[workers, SENT] = out.count[workers, MADE]
        if out.count[row, LEARNT] < now:
            each_change(groups, now)
            out.count[row, LEARNT] = now
        if now >= stop:
            return now, DONE
        until = min(until, stop, now + reach, each_next(groups, now), out.border[0])
        if until <= now:
            return now, FULL
        window(groups, sources, out, row, now, until)
        now = until
        if by_mail:
            if not wait(out.barrier, workers):
                return now, LEFT
            if row == 0:
                return now, MAIL


@kernel
def inject(cells, first, current, now):
    """Set the injected current (A) of the neurons from `first` on."""
    for k in range(current.size):
        drive(cells, first + k, current[k], now)


@kernel
def read(cells, first, now, what, result):
    """Write a variable of the neurons from `first` on into `result`."""
    for k in range(result.size):
        result[k] = observe(cells, first + k, now, what)
