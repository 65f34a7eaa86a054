"""Which arrays of a running network are its state, found by walking through its named tuples.

What is not listed here is state and goes into a checkpoint: an array that is added somewhere is saved without a line
of code. Listed is what a run builds again from its description, and what holds nothing between two calls.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from reafference.engine.current_cells import CurrentCells
from reafference.engine.delta import DeltaCells
from reafference.engine.inbox import Inbox
from reafference.engine.integer_machine import Programs
from reafference.engine.integers import IntegerCells
from reafference.engine.poisson import PoissonSources
from reafference.engine.stepped_cells import SteppedCells
from reafference.engine.tick import Group, Out
from reafference.engine.train import Trains
from reafference.engine.unreliable import Unreliable

PARAMETERS = ("base", "resistance", "threshold", "reset", "refractory", "kind", "run", "table")
NO_STATE: dict[type, tuple[str, ...]] = {
    # Drawn again from the seed; the weights that can change are saved one projection at a time.
    Inbox: (
        *("first", "delay", "projection", "begin", "count", "narrow", "wide", "weight"),
        *("rule", "one", "shift", "most", "identity"),
    ),
    # Where traces go, and room for one tick.
    Group: ("probe", "fired"),
    # What nobody reads between two calls, and rows of spikes, of which only those that wait are saved.
    Out: (
        *("tick", "neuron", "trace", "trace_tick", "every", "reserve"),
        *("post", "fits", "cursor", "barrier", "border"),
    ),
    # Parameters.
    DeltaCells: PARAMETERS,
    CurrentCells: (*PARAMETERS, "carry"),
    SteppedCells: ("constants", "base", "kind", "stretch", "equal"),
    IntegerCells: ("row", "message"),
    Programs: Programs._fields,
    PoissonSources: ("identity", "seed"),
    Trains: ("tick", "neuron"),
    Unreliable: ("fails", "probability", "half", "key"),
}


def state_of(value: Any, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """Name and array of all state in nested tuples. Raises TypeError for anything but arrays and numbers."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, bool | int | float | np.generic):
        yield name, np.asarray(value)
    elif isinstance(value, tuple):
        for field, item in fields_of(value):
            yield from state_of(item, f"{name}.{field}")
    else:
        raise TypeError(f"{name} is {type(value).__name__}; a state is made of arrays and numbers in named tuples.")


def with_state(value: Any, name: str, saved: Mapping[str, np.ndarray]) -> Any:
    """The same tuples with the state of `saved`: written in place, except for arrays that had another length."""
    if isinstance(value, tuple):
        items = {field: with_state(item, f"{name}.{field}", saved) for field, item in fields_of(value)}
        if hasattr(value, "_replace"):
            return value._replace(**items)  # pyright: ignore[reportAttributeAccessIssue]
        return tuple(items.values())
    if name not in saved:
        raise ValueError(f"it has no {name}")
    given = saved[name]
    if not isinstance(value, np.ndarray):
        return type(value)(given[()])
    if given.dtype != value.dtype or given.ndim != value.ndim:
        raise ValueError(f"its {name} is {given.dtype} {given.shape}, not {value.dtype} {value.shape}")
    if given.shape != value.shape:  # what grows while a network runs
        return np.array(given)
    value[...] = given
    return value


def fields_of(value: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Name and value of the fields of a tuple that may be state."""
    names = getattr(value, "_fields", tuple(str(k) for k in range(len(value))))
    for field, item in zip(names, value, strict=True):
        if field not in NO_STATE.get(type(value), ()):
            yield field, item
