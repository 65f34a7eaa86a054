"""What the engine asks of a neuron: compiled answers for all neurons of one kind that one worker owns.

A module of a neuron has
    make(kinds, dt)        -> a named tuple of arrays, the state and parameters of all neurons of this kind, one after
                              the other; `kinds` is a list of (dataclass, number of neurons)
    part(cells, low, high) -> the same for the neurons low <= i < high alone
    OBSERVABLES            names of what can be traced; the place in this tuple is `what` in `observe`
    SHARED                 parameters whose values in other neurons may change the last bit of what a neuron does, as
                           neurons of a group share tables; () if it is not there. A process that has only some of the
                           neurons makes its own and, of the others, one for each combination of these values
and `@overload` implementations of the functions below. `tick` counts steps of dt. A tick of a group is

    begin, then `arrive` for every event (and, where `checks` says so, `notice` after one of positive weight), then
    `settle`.

A neuron that is advanced at every tick needs none of this by hand: see engine/stepped.py.
"""

from __future__ import annotations

from typing import Any


def begin(cells: Any, tick: Any) -> None:
    """A tick begins: bring back those whose refractory time has ended, keep numbers in range."""


def opening(cells: Any, tick: Any) -> Any:
    """What all events of this tick have in common: a tuple of numbers that is handed to `arrive` and `notice`.

    It changes nothing: everything that delivers events asks for itself.
    """
    raise NotImplementedError


def arrive(cells: Any, scale: Any, i: Any, weight: Any) -> None:
    """An event of `weight` reaches neuron i."""


def checks(cells: Any) -> bool:
    """Whether `notice` is wanted after the events of this tick; if not, `settle` looks at every neuron."""
    raise NotImplementedError


def notice(cells: Any, scale: Any, i: Any) -> None:
    """Neuron i has received an event of positive weight, which may make it fire, now or later: look at it then."""


def looks(cells: Any) -> int:
    """How many neurons the coming `settle` will look at: the work that is not events."""
    raise NotImplementedError


def settle(cells: Any, tick: Any, events: Any, fired: Any) -> int:
    """All `events` of the tick have arrived: write who fires into `fired` (numbers within the group), reset them.

    Returns how many. The order plays no part.
    """
    raise NotImplementedError


def observe(cells: Any, i: Any, tick: Any, what: Any) -> float:
    """The variable OBSERVABLES[what] of neuron i at the end of `tick`. Changes nothing."""
    raise NotImplementedError


def drive(cells: Any, i: Any, current: Any, tick: Any) -> None:
    """After `tick`, neuron i receives an injected `current` (A) besides its constant one."""


def emit(source: Any, tick: Any, out: Any, row: Any) -> None:
    """A source appends its spikes of `tick` to row `row` of `out`."""
