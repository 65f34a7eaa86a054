"""Delivery: the segments that are due at a tick are walked, and every synapse of them receives its event."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.engine.contract import arrive, checks, notice, opening
from reafference.engine.handle import opened
from reafference.engine.inbox import CHUNK
from reafference.engine.kernel import piece, routine
from reafference.engine.learning import touch
from reafference.engine.prefetch import ASKED, ask_ahead
from reafference.engine.routine import call
from reafference.engine.short_term import release
from reafference.engine.spike_learning import passes
from reafference.engine.unreliable import passes_some


@piece
def walk(cells, scale, target, begin, end, one, weight, shift, released):
    """Deliver the events begin..end, each with the weight `one` or with its own times `released`."""
    begin, end = np.uint64(begin), np.uint64(end)  # an unsigned index needs no look at its sign
    if np.isnan(one):
        own = weight[np.int64(begin) - shift :]
        if checks(cells):
            for s in range(begin, end):
                i = np.uint64(target[s])
                arrive(cells, scale, i, own[s - begin] * released)
                if own[s - begin] > 0.0:
                    notice(cells, scale, i)
        else:
            for s in range(begin, end):
                arrive(cells, scale, np.uint64(target[s]), own[s - begin] * released)
    elif one > 0.0 and checks(cells):
        for s in range(begin, end):
            i = np.uint64(target[s])
            arrive(cells, scale, i, one)
            notice(cells, scale, i)
    else:
        for s in range(begin, end):
            arrive(cells, scale, np.uint64(target[s]), one)


@routine
def walk_released(group, segment, tick):
    """Walk a segment that tires or fails: apart from `deliver`, which is slower where it holds more code."""
    cells, inbox = opened(group.cells), opened(group.inbox)
    scale = opening(cells, tick)
    released, projection = release(group.short_term, segment, tick), inbox.projection[segment]
    if passes_some(group, scale, segment, tick, released):
        return 0
    low, one, shift = inbox.begin[segment], inbox.one[projection] * released, inbox.shift[projection]
    high = low + inbox.count[segment]
    if inbox.wide.size == 0:
        walk(cells, scale, inbox.narrow, low, high, one, inbox.weight, shift, released)
    else:
        walk(cells, scale, inbox.wide, low, high, one, inbox.weight, shift, released)
    return 0


@routine
def deliver(group, code, tick):
    """Walk all segments that are due at `tick`; returns the number of events. `code`: address of `walk_released`."""
    cells, inbox, changes = opened(group.cells), opened(group.inbox), group.short_term.changes
    scale = opening(cells, tick)
    bucket = tick & (inbox.head.size - 1)
    link = inbox.head[bucket]
    events, passed = 0, 0
    while link >= 0:
        following = inbox.link[link]
        entries = CHUNK if following >= 0 else inbox.fill[bucket]
        passed += 1
        if passed >= ASKED:
            ask_ahead(inbox, link, entries, following)
        for k in range(entries):
            segment = inbox.entry[link, k]
            projection = inbox.projection[segment]
            if inbox.rule[projection] >= 0:
                touch(group.rules, inbox.rule[projection], segment, tick)
            passes(group.stdp, group.inbox, segment, tick)
            low = inbox.begin[segment]
            high = low + inbox.count[segment]
            events += high - low
            if changes[projection]:
                call(code, (group, np.int64(segment), tick))
                continue
            one, shift = inbox.one[projection], inbox.shift[projection]
            if inbox.wide.size == 0:
                walk(cells, scale, inbox.narrow, low, high, one, inbox.weight, shift, 1.0)
            else:
                walk(cells, scale, inbox.wide, low, high, one, inbox.weight, shift, 1.0)
        inbox.link[link] = inbox.free[0]
        inbox.free[0] = link
        inbox.free[1] += 1
        link = following
    inbox.head[bucket] = -1
    inbox.tail[bucket] = -1
    return events
