"""A tick of programmable cores, compiled: steps are run for blocks of neurons, synapses are walked by spikes."""

# pyright: basic
from __future__ import annotations

from reafference.engine.integer_machine import step_all
from reafference.engine.kernel import kernel, piece

NOW, FED, DONE, FIRED, EVENTS, IN_SPIKES, COUNTERS = range(7)


@piece
def deliver(rows, inbox, source, payload, tick):
    """Put payload times weight where each synapse leads, `tick` plus its delay; returns the synapses walked."""
    slots = inbox.shape[0]
    begin, end = rows.first[source], rows.first[source + 1]
    for s in range(begin, end):
        inbox[(tick + rows.delay[s]) % slots, rows.target[s]] += payload * rows.weight[s]
    return end - begin


@kernel
def advance(programs, memory, bits, plain, message, rows, inbox, fed, until, probed, trace, spikes, work):
    """Tick after tick to `until`, or until `spikes` could overflow.

    programs  of integer_machine.py, and
    memory    (rows, neurons) int64, theirs; state changes
    bits      of a register
    plain     (programs,) uint8: whose spikes carry nothing, which is sent as 1
    message   (neurons,) int64, changed
    rows      synapses by source; inputs are counted on after the neurons
    inbox     (slots, neurons) int64: what arrives at tick t stands in row t % slots; changed
    fed       (3, n) int64, tick, source and payload of spikes from outside in order of time
    probed    neurons whose memory goes to trace, (ticks, rows, probed) int64
    spikes    (3, room) int64, tick, neuron and payload; changed
    work      (COUNTERS,) int64: NOW is the last tick done, FED the inputs done, FIRED the spikes written; changed
    """
    slots, neurons = inbox.shape
    while work[NOW] < until and work[FIRED] + neurons <= spikes.shape[1]:
        tick = work[NOW] + 1
        before = work[FIRED]
        arriving = inbox[tick % slots]
        for p in range(programs.received.size):
            received = programs.received[p]
            for n in range(programs.cell[p], programs.cell[p + 1]):
                memory[received, n] = arriving[n]
                arriving[n] = 0
        step_all(programs, memory, bits, message)
        for p in range(programs.received.size):
            for n in range(programs.cell[p], programs.cell[p + 1]):
                if message[n] != 0:
                    spikes[0, work[FIRED]] = tick
                    spikes[1, work[FIRED]] = n
                    spikes[2, work[FIRED]] = 1 if plain[p] else message[n]
                    work[FIRED] += 1
        for k in range(probed.size):
            for row in range(trace.shape[1]):
                trace[work[DONE], row, k] = memory[row, probed[k]]
        for i in range(before, work[FIRED]):
            work[EVENTS] += deliver(rows, inbox, spikes[1, i], spikes[2, i], tick + 1)
        while work[FED] < fed.shape[1] and fed[0, work[FED]] <= tick:
            work[EVENTS] += deliver(rows, inbox, fed[1, work[FED]], fed[2, work[FED]], tick + 1)
            work[FED] += 1
            work[IN_SPIKES] += 1
        work[NOW] = tick
        work[DONE] += 1


@kernel
def hear(rows, inbox, fed, tick):
    """Spikes from outside, (2, n) int64 source and payload, of `tick`, which is over; returns the synapses walked."""
    events = 0
    for i in range(fed.shape[1]):
        events += deliver(rows, inbox, fed[0, i], fed[1, i], tick + 1)
    return events
