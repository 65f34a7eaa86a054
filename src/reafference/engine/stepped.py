"""Neurons that are advanced at every tick: one step of one neuron is written down, the rest of the contract follows.

A kernel module of such a neuron has two named tuples, whose fields are annotated `float` or `int`,

    class State(NamedTuple)            what changes from tick to tick
    class Constants(NamedTuple)        what a step needs to know

two functions that fill them, with a dict of one number for each field, or of one for each neuron,

    def start(neuron)                  the State at tick 0, from the dataclass of the neuron
    def constants(neuron, dt)          the Constants, from the dataclass and the step dt (s)

the step, which is compiled and sees numbers alone,

    def step(cell, own, current, tick) State of one neuron at `tick`, from its State `cell` at the tick before, its
                                       Constants and the current (A) that has flowed since: the field `current` of the
                                       dataclass, if there is one, and what is injected

and one line:

    make, part, OBSERVABLES = stepped(State, Constants, start=start, constants=constants, step=step)

In every tick a neuron takes its step, then the events of the tick arrive, then it is asked whether it spikes and, if
so, is reset. The latter three are the functions below, which go by the usual names v, g_e, g_i, hold, threshold, reset,
refractory; a module may give its own (`receive=`, `spikes=`, `reset=`). They stand here as they are written there.

The compiler makes vector instructions of the loop over neurons as long as `step` and `spikes` have no `if` statement
(`a if c else b` is fine), no loop, and no function of the C library; engine/exponential.py has an `exp` for them.
Constants stay in registers while they are the same from neuron to neuron; others are read from memory.
"""

# pyright: basic
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, get_type_hints

import numpy as np
from numba import types
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError
from numba.extending import overload

from reafference.engine.decay import classes
from reafference.engine.kernel import INLINE, is_a, piece
from reafference.engine.stepped_cells import (
    SteppedCells,
    constants_of,
    part,
    receive_of,
    reset_of,
    spikes_of,
    step_of,
)
from reafference.network.values import PerNeuron, per_neuron


def conductances(state, i, weight, tick):
    """An event adds its weight, without sign, to g_e (above 0) or g_i (below 0) of neuron i."""
    if weight > 0.0:
        state.g_e[i] += weight
    else:
        state.g_i[i] -= weight


def currents(state, i, weight, tick):
    """An event adds its weight to g_e (above 0) or g_i (below 0) of neuron i; g_i is never positive."""
    if weight > 0.0:
        state.g_e[i] += weight
    else:
        state.g_i[i] += weight


def jumps(state, i, weight, tick):
    """An event adds its weight to v of neuron i, unless that is held."""
    if tick > state.hold[i]:
        state.v[i] += weight


def at_threshold(cell, own):
    """A neuron spikes where v has reached threshold."""
    return cell.v >= own.threshold


def to_reset(state, i, own, tick):
    """After a spike v is `reset`, and `hold` the last tick of the refractory time (ticks)."""
    state.v[i] = own.reset
    state.hold[i] = tick + own.refractory


class Kernel(NamedTuple):
    """What a kernel module shows to the engine; see engine/contract.py."""

    make: Callable[[Sequence[tuple[Any, int]], float], SteppedCells]
    part: Callable[[SteppedCells, int, int], SteppedCells]
    observables: tuple[str, ...]


def stepped(
    State: Any,
    Constants: Any,
    *,
    start: Callable[[Any], Mapping[str, PerNeuron]],
    constants: Callable[[Any, float], Mapping[str, PerNeuron]],
    step: Callable[..., Any],
    receive: Callable[..., Any] = conductances,
    spikes: Callable[..., Any] = at_threshold,
    reset: Callable[..., Any] = to_reset,
) -> Kernel:
    """Answer the engine's contract for neurons that are advanced by `step`; see the head of this file.

    step, receive, spikes, reset  plain functions, which are compiled here, or such that numba has compiled already

    To be called once, where the module of the neuron is loaded. Raises TypeError where State or Constants is no
    NamedTuple of numbers, a function takes other arguments, or one from here asks for a field that is not there.
    """
    where = start.__module__
    columns, fields = number_types(State), {*number_types(State), *number_types(Constants)}
    for name, function in (("receive", receive), ("spikes", spikes), ("reset", reset)):
        missing = [field for field in usual_names(function) if field not in fields]
        if missing:
            raise TypeError(
                f"{where}: neither State nor Constants has {missing[0]!r}, which {name}={function.__name__} asks for; "
                f"add it or give your own `{name}`."
            )
    step_piece = compiled(step, step_of)
    receive_piece = compiled(receive, receive_of)
    spikes_piece = compiled(spikes, spikes_of)
    reset_piece = compiled(reset, reset_of)

    places = [f"constants[{k}, i]" for k in range(len(Constants._fields))]
    for k, kind in enumerate(number_types(Constants).values()):
        if kind is np.int64:
            places[k] = f"np.float64({places[k]}).view(np.int64)"
    gather = eval(f"lambda state, constants, i: Constants({', '.join(places)})", {"Constants": Constants, "np": np})

    @overload(constants_of, jit_options=INLINE)
    def _constants_of(state, constants, i):
        if is_a(state, State):
            return gather if isinstance(constants, types.Array) else lambda state, constants, i: constants

    @overload(step_of, jit_options=INLINE)
    def _step_of(cell, own, current, tick):
        if is_a(cell, State):
            check_step(step_piece, State, (cell, own, current, tick))
            return lambda cell, own, current, tick: step_piece(cell, own, current, tick)

    @overload(receive_of, jit_options=INLINE)
    def _receive_of(state, i, weight, tick):
        if is_a(state, State):
            returned(receive_piece, (state, i, weight, tick))
            return lambda state, i, weight, tick: receive_piece(state, i, weight, tick)

    @overload(spikes_of, jit_options=INLINE)
    def _spikes_of(cell, own):
        if is_a(cell, State):
            given = returned(spikes_piece, (cell, own))
            if not isinstance(given, types.Boolean):
                raise TypeError(f"{name_of(spikes_piece)} returns {given}; it says True or False.")
            return lambda cell, own: spikes_piece(cell, own)

    @overload(reset_of, jit_options=INLINE)
    def _reset_of(state, i, own, tick):
        if is_a(state, State):
            returned(reset_piece, (state, i, own, tick))
            return lambda state, i, own, tick: reset_piece(state, i, own, tick)

    def make(kinds: Sequence[tuple[Any, int]], dt: float) -> SteppedCells:
        own = gathered(Constants, f"{where}.constants", [(constants(neuron, dt), count) for neuron, count in kinds])
        base = np.concatenate(
            [per_neuron("current", getattr(neuron, "current", 0.0), count) for neuron, count in kinds]
        )
        cells = SteppedCells(
            state=gathered(State, f"{where}.start", [(start(neuron), count) for neuron, count in kinds]),
            constants=np.stack([column.view(np.float64) for column in own]),
            current=base.copy(),
            base=base,
            kind=classes(*(column.astype(np.float64) for column in own))[1],
            stretch=np.zeros(1, np.int64),
            equal=np.zeros(0, np.uint8),
        )
        return part(cells, 0, base.size)

    return Kernel(make, part, tuple(name for name, kind in columns.items() if kind is np.float64))


# --- what a user may have got wrong -----------------------------------------------------------------------------------


def number_types(kind: Any) -> dict[str, Any]:
    """Name and numpy type of each field of State or Constants."""
    if not (isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")):
        raise TypeError(f"{kind!r} is no NamedTuple; write `class State(NamedTuple)` with lines such as `v: float`.")
    hints, numpy_types = get_type_hints(kind), {float: np.float64, int: np.int64}
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not hints:
        raise TypeError(f"{name} has no field; give it one, such as `v: float`.")
    for field, hint in hints.items():
        if hint not in numpy_types:
            raise TypeError(f"{name}.{field} is annotated {hint}; it can be float or int.")
    return {field: numpy_types[hint] for field, hint in hints.items()}


def gathered(kind: Any, where: str, parts: Sequence[tuple[Mapping[str, PerNeuron], int]]) -> Any:
    """Arrays for all neurons, (cells,) each, from the fields of each population and its size."""
    columns, wanted = [], number_types(kind)
    for fields, _ in parts:
        if not isinstance(fields, dict):
            raise TypeError(f"{where} gave {fields!r}; it gives a dict of {', '.join(wanted)}.")
        if fields.keys() != wanted.keys():
            odd = sorted(fields.keys() ^ wanted.keys())[0]
            raise TypeError(
                f"{where} gave {', '.join(fields)}, but the fields of {kind.__name__} are {', '.join(wanted)}; "
                f"{'leave out' if odd in fields else 'add'} {odd!r}."
            )
    for field, numpy_type in wanted.items():
        name = f"{where}: {field}"
        column = np.concatenate([per_neuron(name, fields[field], count) for fields, count in parts])
        if np.isnan(column).any():
            raise ValueError(f"{name} is NaN; give a number.")
        broken = column != np.rint(column)
        if numpy_type is np.int64 and broken.any():
            raise ValueError(f"{name} = {column[broken][0]:g}, but it is annotated int; round it.")
        columns.append(column.astype(numpy_type))
    return kind(*columns)


def usual_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The fields that a function of this file asks for; none for those of others, which are found out when compiled."""
    return function.__code__.co_names if function.__module__ == __name__ else ()


def compiled(function: Callable[..., Any], like: Callable[..., Any]) -> Any:
    """`function` compiled, if it takes the same arguments as `like`."""
    plain = function.py_func if isinstance(function, Dispatcher) else function
    wanted, given = inspect.signature(like), inspect.signature(plain)
    if list(wanted.parameters) != list(given.parameters):
        raise TypeError(f"{plain.__module__}.{plain.__qualname__} takes {given}; it is called with {wanted}.")
    return function if isinstance(function, Dispatcher) else piece(function)


def name_of(dispatcher: Any) -> str:
    """Where a compiled function was written."""
    return f"{dispatcher.py_func.__module__}.{dispatcher.py_func.__qualname__}"


def returned(dispatcher: Any, arguments: tuple[Any, ...]) -> Any:
    """Type of what a compiled function returns. Raises TypeError where it cannot be compiled."""
    try:
        dispatcher.compile(arguments)
    except NumbaError as error:
        raise TypeError(f"{name_of(dispatcher)} cannot be compiled. {error}") from None
    return dispatcher.overloads[arguments].signature.return_type


def check_step(dispatcher: Any, State: Any, arguments: tuple[Any, ...]) -> None:
    """Raise TypeError where a step does not give a State of the annotated types."""
    given = returned(dispatcher, arguments)
    if not is_a(given, State):
        raise TypeError(f"{name_of(dispatcher)} returns {given}; it returns a {State.__name__}.")
    for (field, wanted), value in zip(number_types(State).items(), given.types, strict=True):
        if not isinstance(value, types.Integer if wanted is np.int64 else (types.Float, types.Integer)):
            raise TypeError(
                f"{name_of(dispatcher)} gives {value} for {State.__name__}.{field}, which is annotated "
                f"{'int' if wanted is np.int64 else 'float'}."
            )
