"""Kernel of short-term plasticity: what a segment releases when an event passes, brought up to date in closed form."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.draw import Tract
from reafference.engine.inbox import Inbox
from reafference.engine.kernel import kernel, piece
from reafference.engine.readback import Stored, replay
from reafference.engine.unreliable import Reliable, Unreliable, unreliable_of
from reafference.network.short_term import TsodyksMarkram


class ShortTerm(NamedTuple):
    """Short-term plasticity of the synapses onto one group of neurons, and whether they fail.

    A *state* is that of one segment of a projection that has it; a *kind* is a set of parameters.
    """

    changes: np.ndarray  # (projections,) bool: whether its events act otherwise than with their weights, for either
    state: np.ndarray  # (segments or 0,) int32, of each segment, or -1; empty where no projection has a state
    kind: np.ndarray  # (states,) int32
    u: np.ndarray  # (states,) float64, right after the last event
    x: np.ndarray  # (states,) float64, the same
    last: np.ndarray  # (states,) int64, tick of the last event
    use: np.ndarray  # (kinds,) float64
    recovery: np.ndarray  # (kinds,) float64, dt / tau_recovery; infinite: at once
    facilitation: np.ndarray  # (kinds,) float64, dt / tau_facilitation; the same
    unreliable: Unreliable | Reliable


class Efficacy(NamedTuple):
    """What an event that arrived now would find, for each synapse in the order of the wiring.

    It would act with weight * u * x.
    """

    u: np.ndarray  # (synapses,) float64, part of the resources that it would use
    x: np.ndarray  # (synapses,) float64, part of the resources that are there


def short_term_of(
    tracts: Sequence[Tract], first: np.ndarray, projection: np.ndarray, delay: np.ndarray, dt: float
) -> ShortTerm:
    """Rested synapses of the projections with short-term plasticity; `first`, `projection`, `delay` as in Inbox."""
    rules = [tract.projection.short_term for tract in tracts]
    tires = np.array([rule is not None for rule in rules], np.bool_)
    fails = np.array([tract.projection.release is not None for tract in tracts], np.bool_)
    mine = np.flatnonzero(tires[projection]) if tires.any() else np.zeros(0, np.int64)
    state = np.full(projection.size if tires.any() else 0, -1, np.int32)
    state[mine] = np.arange(mine.size, dtype=np.int32)
    kind = np.zeros(mine.size, np.int32)
    columns: list[tuple[np.ndarray, ...]] = [(np.zeros(0), np.zeros(0), np.zeros(0))]
    begin = 0
    for row, (tract, rule) in enumerate(zip(tracts, rules, strict=True)):
        if rule is None:
            continue
        each = kinds(rule, dt)
        of_row = projection[mine] == row
        kind[of_row] = begin
        if each[0].size > 1:
            kind[of_row] += (np.searchsorted(first, mine[of_row], side="right") - 1 - tract.source).astype(np.int32)
        begin += each[0].size
        columns.append(each)
    use, recovery, facilitation = (np.concatenate(column) for column in zip(*columns, strict=True))
    return ShortTerm(
        changes=tires | fails,
        state=state,
        kind=kind,
        u=np.zeros(mine.size),
        x=np.ones(mine.size),
        last=np.zeros(mine.size, np.int64),
        use=use,
        recovery=recovery,
        facilitation=facilitation,
        unreliable=unreliable_of(tracts, first, projection, delay),
    )


def kinds(rule: TsodyksMarkram, dt: float) -> tuple[np.ndarray, ...]:
    """(use, dt / tau_recovery, dt / tau_facilitation), one number or one for each source neuron."""
    given = rule.use, rule.tau_recovery, rule.tau_facilitation
    use, recovery, facilitation = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, float)) for value in given))
    with np.errstate(divide="ignore"):
        return use.copy(), dt / recovery, dt / facilitation


@piece
def left(rate, ticks):
    """Part of a decaying quantity that is left; an infinite rate leaves nothing, even within a tick."""
    return 0.0 if rate == np.inf else np.exp(-rate * ticks)


@piece
def used(short, state, tick):
    """u by which an event at `tick` acts."""
    kind = short.kind[state]
    use = short.use[kind]
    return use + short.u[state] * (1.0 - use) * left(short.facilitation[kind], tick - short.last[state])


@piece
def there(short, state, tick):
    """x that an event at `tick` finds."""
    recovered = left(short.recovery[short.kind[state]], tick - short.last[state])
    return 1.0 + (short.x[state] - 1.0) * recovered


@piece
def release(short, segment, tick):
    """An event passes through a segment: returns what its weights are multiplied by, and remembers it."""
    state = short.state[segment] if short.state.size else -1
    if state < 0:
        return 1.0
    u, x = used(short, state, tick), there(short, state, tick)
    short.u[state] = u
    short.x[state] = x - u * x
    short.last[state] = tick
    return u * x


@kernel
def look(short, segment, tick, u, x):
    """Write u and x as an event at `tick` would find them."""
    for k in range(segment.size):
        state = short.state[segment[k]]
        u[k] = used(short, state, tick)
        x[k] = there(short, state, tick)


def efficacy_of(stored: Stored, shorts: Sequence[ShortTerm], tick: int) -> Efficacy:
    """What an event that arrived at `tick` would find, for the synapses of a projection whose targets are here."""
    if stored.tract.projection.short_term is None:
        name = stored.tract.projection.name
        raise ValueError(f"{name} has no short-term plasticity; give it short_term=TsodyksMarkram(...).")
    parts = [(np.zeros(0), np.zeros(0))]
    for found in replay(stored):
        u, x = np.empty(found.place.size), np.empty(found.place.size)
        for number, (inbox, short) in enumerate(zip(stored.inboxes, shorts, strict=True)):
            mine = found.worker == number
            segment = segments_of(inbox, stored.row, found.place[mine])
            of_u, of_x = np.empty(segment.size), np.empty(segment.size)
            look(short, segment, tick, of_u, of_x)
            u[mine], x[mine] = of_u, of_x
        parts.append((u, x))
    return Efficacy(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def segments_of(inbox: Inbox, row: int, synapse: np.ndarray) -> np.ndarray:
    """Segments in which synapses of projection `row` lie, (synapses,) int64."""
    segment = np.flatnonzero(inbox.projection == row)  # in the order of their synapses
    return segment[np.searchsorted(inbox.begin[segment], synapse, side="right") - 1]
