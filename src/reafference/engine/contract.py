"""What the engine asks of a neuron. Each neuron's module gives compiled answers for its own named tuple of arrays.

A module of a neuron has
    make(kinds, dt)       -> the named tuple: state and parameters of all neurons of this kind, one after the other;
                             `kinds` is a list of (dataclass, number of neurons)
    part(cells, low, high) -> the same for the neurons low <= i < high alone
    OBSERVABLES           names of what can be traced; the place in this tuple is `what` in `observe`
and `@overload` implementations of the functions below. State is lazy: it is that of the last event, and a
neuron that nothing happens to is not looked at. `tick` counts steps of dt.
"""

from __future__ import annotations

from typing import Any

QUIET, RESTLESS, REACHES = 0, 1, 2


def arrive(cells: Any, i: Any, weight: float, tick: Any) -> None:
    """An event of `weight` (V) reaches neuron i at `tick`: bring its state to `tick` and add the event."""


def look(cells: Any, i: Any, tick: Any) -> int:
    """What neuron i is up to at `tick`. Changes nothing.

    REACHES   it is at or above threshold and not refractory
    RESTLESS  it is not, but could get there later without further events, by a closed-form upper bound
    QUIET     it cannot
    """
    raise NotImplementedError


def fire(cells: Any, i: Any, tick: Any) -> None:
    """Neuron i spikes at `tick`: reset it."""


def observe(cells: Any, i: Any, tick: Any, what: Any) -> float:
    """The variable OBSERVABLES[what] of neuron i at `tick`. Changes nothing."""
    raise NotImplementedError


def drive(cells: Any, i: Any, current: float, tick: Any) -> None:
    """From `tick` on, neuron i receives an injected `current` (A) besides its constant one."""


def emit(source: Any, tick: Any, out: Any) -> None:
    """A source appends its spikes of `tick` to `out`."""
