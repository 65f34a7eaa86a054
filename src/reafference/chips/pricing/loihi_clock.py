"""How long one tick of Loihi takes, compiled: neurons, messages, links, queues.

Every core goes through its neurons in order and sends the messages of each that spikes, one after another. A message
takes its way, and then the receiving core's time, in the order in which messages were sent; at the same instant the
core of the lower number is first. The tick is over when the last core is done.

With links that hold so many messages, the model is the one that SANA-FE calls detailed (Boyle et al., IEEE TCAD 44
(2025) 3165-3178), written from its description and its behaviour:

- A message that crosses h links is under way until its receiver takes it, and meanwhile is spread over its own core's
  link and the h links that it crosses, 1 / (h + 2) on each.
- A new message finds on the links of its way D messages in sum. Those under way take their receivers M seconds in the
  mean. If D is more than the h + 1 links hold, it is sent (D - what they hold) M later, and all that its core sends
  after it; and it is under way for D M / (h + 1) if that is longer than its hops.

M is kept up to date as messages come and go, as there, by M += (t - M) / (n + 1) where the message that comes is the
(n + 1)th, and M += (M - t) / (n - 1) where one of n goes, t being its own time; it is 0 when none is left.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reafference.engine.kernel import kernel, piece

NOTHING, END = -2, -1  # what a core does next: nothing any more, be done with its neurons, or else send a message
EAST, WEST, NORTH, SOUTH, DIRECTIONS = range(5)


class Prices(NamedTuple):
    """Seconds, see `LoihiTimes`; `room` is negative where no message waits for a link."""

    access: float
    update: float
    spike: float
    message_out: float
    hop_east_west: float
    hop_north_south: float
    room: float


class Table(NamedTuple):
    """Neurons by core, messages by neuron."""

    order: np.ndarray  # (neurons,) int64, core after core
    begin: np.ndarray  # (cores + 1,) int64: neurons of core c are order[begin[c]] to order[begin[c + 1]]
    computed: np.ndarray  # (neurons,) bool
    first: np.ndarray  # (neurons + 1,) int64: messages of neuron n are first[n] to first[n + 1]
    to: np.ndarray  # (messages,) int64, core
    sender: np.ndarray  # (messages,) int64, core
    x: np.ndarray  # (cores,) int64, column of its tile
    y: np.ndarray  # (cores,) int64, row
    height: int  # rows of tiles
    outside: int  # the core that stands for what comes from outside the chip; its messages are there from the start


class Desk(NamedTuple):
    """Scratch; all of it is written before it is read."""

    at: np.ndarray  # (cores,) int64, position in `order`
    message: np.ndarray  # (cores,) int64, next message of the neuron that spikes
    stop: np.ndarray  # (cores,) int64, one past its last
    what: np.ndarray  # (cores,) int64, next message, END or NOTHING
    sent: np.ndarray  # (cores,) float64, when; infinite for NOTHING
    free: np.ndarray  # (cores,) float64, when a core has taken all messages that were sent to it so far
    due: np.ndarray  # (cores,) float64, when the first message under way to a core is taken, infinite if there is none
    head: np.ndarray  # (cores,) int64, that message, or -1
    tail: np.ndarray  # (cores,) int64, last one
    after: np.ndarray  # (messages,) int64, the next one to the same core, or -1
    taken: np.ndarray  # (messages,) float64, when its receiver takes it
    load: np.ndarray  # (links,) float64, messages on it; own links of cores come after those between tiles


@piece
def go_on(c, prices, table, fires, busy, desk):
    """What core c does next goes to `desk.what`; returns the seconds until it has done it."""
    spent = 0.0
    if desk.message[c] < desk.stop[c]:
        desk.what[c] = desk.message[c]
        desk.message[c] += 1
        return 0.0 if c == table.outside else prices.message_out
    while desk.at[c] < table.begin[c + 1]:
        n = table.order[desk.at[c]]
        desk.at[c] += 1
        if table.computed[n]:
            own = prices.access
            if busy[n] or fires[n]:
                own += prices.update
            if fires[n]:
                own += prices.spike
            spent += own
        if fires[n] and table.first[n] < table.first[n + 1]:
            desk.what[c] = table.first[n]
            desk.message[c] = table.first[n] + 1
            desk.stop[c] = table.first[n + 1]
            return spent if c == table.outside else spent + prices.message_out
    desk.what[c] = END if spent > 0.0 else NOTHING
    return spent


@piece
def along(m, table, load, change):
    """Add `change` to every link on the way of message m; returns what was on them before, in sum."""
    c, to = table.sender[m], table.to[m]
    x, y = table.x[c], table.y[c]
    between = load.size - table.x.size
    link = between + c
    found = load[link]
    load[link] += change
    while x != table.x[to] or y != table.y[to]:
        if x < table.x[to]:
            x, way = x + 1, EAST
        elif x > table.x[to]:
            x, way = x - 1, WEST
        elif y < table.y[to]:
            y, way = y + 1, NORTH
        else:
            y, way = y - 1, SOUTH
        link = (x * table.height + y) * DIRECTIONS + way
        found += load[link]
        load[link] += change
    return found


@piece
def distance(m, table):
    """Hops of message m, east-west and north-south."""
    c, to = table.sender[m], table.to[m]
    return abs(table.x[c] - table.x[to]), abs(table.y[c] - table.y[to])


@kernel
def tick_seconds(prices, table, takes, fires, busy, desk):
    """Seconds from a barrier to the last core that is done.

    takes  (messages,) float64, seconds that the receiver needs for each
    fires  (neurons,) bool, who spikes
    busy   (neurons,) bool, who has something to update
    desk   changed
    """
    cores = table.x.size
    desk.load[:] = 0.0
    last, mean, under_way = 0.0, 0.0, 0
    for c in range(cores):
        desk.at[c] = table.begin[c]
        desk.message[c] = desk.stop[c] = 0
        desk.free[c] = 0.0
        desk.head[c] = desk.tail[c] = -1
        desk.due[c] = np.inf
        spent = go_on(c, prices, table, fires, busy, desk)
        desk.sent[c] = np.inf if desk.what[c] == NOTHING else spent
    while True:
        c, now = -1, np.inf
        for other in range(cores):
            if desk.sent[other] < now:
                c, now = other, desk.sent[other]
        if c < 0:
            return last
        last = max(last, now)
        m = desk.what[c]
        if m >= 0:
            to = table.to[m]
            way = 0.0
            waits = prices.room >= 0 and c != table.outside
            if c != table.outside:
                columns, rows = distance(m, table)
                hops = columns + rows
                way = columns * prices.hop_east_west + rows * prices.hop_north_south
                if waits:
                    for d in range(cores):
                        while desk.due[d] <= now:
                            gone = desk.head[d]
                            desk.head[d] = desk.after[gone]
                            desk.due[d] = np.inf if desk.head[d] < 0 else desk.taken[desk.head[d]]
                            far, wide = distance(gone, table)
                            along(gone, table, desk.load, -1.0 / (2.0 + far + wide))
                            mean = mean + (mean - takes[gone]) / (under_way - 1.0) if under_way > 1 else 0.0
                            under_way -= 1
                    found = along(m, table, desk.load, 1.0 / (2.0 + hops))
                    held = (hops + 1) * prices.room
                    if found > held:
                        now += (found - held) * mean
                    way = max(way, found * mean / (hops + 1.0))
            arrives = now + way
            desk.taken[m] = max(desk.free[to], arrives)
            desk.free[to] = max(desk.free[to] + takes[m], arrives + takes[m])
            last = max(last, now, desk.free[to])
            if waits:
                mean += (takes[m] - mean) / (under_way + 1.0)
                under_way += 1
                desk.after[m] = -1
                if desk.head[to] < 0:
                    desk.head[to], desk.due[to] = m, desk.taken[m]
                else:
                    desk.after[desk.tail[to]] = m
                desk.tail[to] = m
        spent = go_on(c, prices, table, fires, busy, desk)
        desk.sent[c] = np.inf if desk.what[c] == NOTHING else now + spent
