"""Neurons that are advanced at every tick, run without a network: the engine's contract called in its order."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from reafference.engine.contract import arrive, begin, drive, observe, opening, settle


class Course(NamedTuple):
    """What neurons did."""

    spikes: list[tuple[int, int]]  # (tick, neuron), sorted
    traces: dict[str, np.ndarray]  # (ticks + 1, neurons) of each variable, the start included

    def ticks(self, neuron: int = 0) -> np.ndarray:
        """Ticks at which one neuron spikes."""
        return np.array([tick for tick, who in self.spikes if who == neuron], int)


@numba.njit(_nrt=False, nogil=True, error_model="numpy")
def tick_by_tick(cells, event_tick, event_neuron, event_weight, now, until, spikes, fired, traces):
    """Run ticks now + 1 to until; returns the number of spikes."""
    event = np.searchsorted(event_tick, now, side="right") if event_tick.size else 0
    count = 0
    for tick in range(now + 1, until + 1):
        begin(cells, tick)
        scale = opening(cells, tick)
        events = 0
        while event < event_tick.size and event_tick[event] == tick:
            arrive(cells, scale, event_neuron[event], event_weight[event])
            event += 1
            events += 1
        some = settle(cells, tick, events, fired)
        for k in range(some):
            spikes[count, 0] = tick
            spikes[count, 1] = fired[k]
            count += 1
        for what in range(traces.shape[0]):
            for i in range(traces.shape[2]):
                traces[what, tick, i] = observe(cells, i, tick, what)
    return count


@numba.njit(_nrt=False, nogil=True, error_model="numpy")
def look(cells, tick, what, result):
    """Write a variable of all neurons into `result`."""
    for i in range(result.size):
        result[i] = observe(cells, i, tick, what)


@numba.njit(_nrt=False, nogil=True, error_model="numpy")
def inject(cells, current, tick):
    """Set the injected current of all neurons."""
    for i in range(current.size):
        drive(cells, i, current[i], tick)


def course(
    module: Any,
    kinds: list[tuple[Any, int]],
    ticks: int,
    *,
    dt: float,
    events: list[tuple[int, int, float]] = (),
    injections: dict[int, np.ndarray] | None = None,
    cuts: tuple[int, ...] = (),
) -> Course:
    """Run neurons for `ticks` ticks.

    events      (tick, neuron, weight), in any order; those of one tick arrive in the order given
    injections  {tick: (neurons,) A}: after that tick the neurons receive these currents besides their constant ones
    cuts        run the neurons in several parts, cut before these numbers
    """
    whole = module.make(kinds, dt)
    size = whole.current.size
    ordered = sorted(events, key=lambda event: event[0])
    names = module.OBSERVABLES
    spikes, traces = [], np.zeros((len(names), ticks + 1, size))
    for low, high in zip((0, *cuts), (*cuts, size), strict=True):
        cells = module.part(whole, low, high)
        mine = [event for event in ordered if low <= event[1] < high]
        tick, neuron, weight = np.array(mine, float).reshape(-1, 3).T
        part = np.zeros((len(names), ticks + 1, high - low))
        for what in range(len(names)):
            look(cells, 0, what, part[what, 0])
        now = 0
        for until in [*sorted(injections or {}), ticks]:
            found = np.zeros(((until - now) * (high - low), 2), np.int64)
            count = tick_by_tick(
                cells,
                tick.astype(np.int64),
                neuron.astype(np.int64) - low,
                np.ascontiguousarray(weight),
                now,
                until,
                found,
                np.zeros(high - low, np.int32),
                part,
            )
            spikes += [(int(tick), int(who) + low) for tick, who in found[:count]]
            if until in (injections or {}):
                inject(cells, injections[until][low:high].copy(), until)
            now = until
        traces[:, :, low:high] = part
    return Course(sorted(spikes), dict(zip(names, traces, strict=True)))
