"""One chain of time cells, tick by tick, from the equations: the spikes of its stages given onsets and beats."""

from __future__ import annotations

import math


def plain_chain(beats, onsets, *, stages, loop, ticks, start):
    """Spikes (tick, stage) of a chain of `stages` and the cell that ends it. All times are ticks of 1 ms.

    Membrane in units of the threshold, time constant 4 ms, refractory 2 ms, during which events are lost.
    """
    due = {}

    def send(tick, stage, weight):
        due.setdefault(tick, []).append((stage, weight))

    for beat in beats:
        for stage in range(1, stages + 1):
            send(beat + 1, stage, 0.6)
    for onset in onsets:
        for delay in range(1, loop + 9 + 3, 3):
            for stage in range(stages + 1):
                send(onset + delay, stage, -3.0)
        send(onset + start, 0, 1.5)
    v = [0.0] * (stages + 1)
    free = [0] * (stages + 1)
    spikes = []
    for tick in range(1, ticks + 1):
        v = [level * math.exp(-1 / 4) for level in v]
        for stage, weight in due.pop(tick, []):
            if tick >= free[stage]:
                v[stage] += weight
        for stage in range(stages + 1):
            if v[stage] >= 1 - 1e-9:
                spikes.append((tick, stage))
                v[stage], free[stage] = 0.0, tick + 2 + 1
                if stage < stages:
                    send(tick + loop, stage, 1.2)
                    send(tick + 9, stage + 1, 0.9)
                if stage > 0:
                    send(tick + loop - 12, stage - 1, -3.0)
    return spikes
