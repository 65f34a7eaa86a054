"""Routines called by address see the same arrays as numpy, and are compiled once for all networks."""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numba import types

from reafference import DeltaLIF, Izhikevich, Network, Poisson, Population, Projection, run
from reafference.engine import tick as loops
from reafference.engine.deliver import walk_released
from reafference.engine.kernel import kernel, routine
from reafference.engine.routine import Laid, address_of, call, handle_type, place
from reafference.network import AllToAll
from reafference.units import Hz, ms


class Inner(NamedTuple):
    """Of other types and dimensions."""

    small: np.ndarray  # (n,) uint8
    cube: np.ndarray  # (a, b, c) float64


class Outer(NamedTuple):
    """With a tuple in the middle, so that places after it are tested."""

    first: np.ndarray  # (m,) int32
    inner: Inner
    table: np.ndarray  # (r, s) float64, not contiguous
    last: np.ndarray  # (1,) int64


@routine
def see(outer, seen, factor):
    inner, table = outer.inner, outer.table
    seen[:3] = outer.first.size, inner.small.size, table.size
    seen[3:6] = inner.cube.shape
    seen[6:8] = table.shape
    seen[8] = outer.first[-1]
    seen[9] = inner.small[1]
    seen[10] = inner.cube[1, 2, 3]
    seen[11] = table[2, 1]
    outer.last[0] *= factor
    return outer.first[0]


@routine
def see_small(inner, number):
    return inner.small[number]


@routine
def see_v(state):
    return state.v[0]


@kernel
def through(code, address, seen, factor):
    return call(code, (place(address), seen, factor))


@kernel
def through_inner(code, address, number):
    return call(code, (place(address), number))


def example() -> Outer:
    cube = np.arange(60.0).reshape(3, 4, 5)
    inner = Inner(np.array([7, 200, 9], np.uint8), cube)
    return Outer(np.array([5, -6], np.int32), inner, np.arange(48.0).reshape(6, 8)[::2, ::3], np.array([11]))


def test_a_routine_sees_what_numpy_sees_and_writes_there():
    outer, seen = example(), np.zeros(12)
    laid = Laid(outer)
    code = address_of(see, handle_type(outer), types.float64[::1], types.int64)
    assert through(code, laid.address, seen, 3) == 5
    expected = [2, 3, outer.table.size, 3, 4, 5, *outer.table.shape, -6, 200, outer.inner.cube[1, 2, 3]]
    assert seen.tolist() == [*expected, outer.table[2, 1]]
    assert outer.last[0] == 33


def test_a_field_is_where_it_is_said_to_be():
    outer = example()
    code = address_of(see_small, handle_type(outer.inner), types.int64)
    assert through_inner(code, Laid(outer).address_of("inner"), 1) == 200


def test_two_classes_of_the_same_name_and_fields_are_two():
    """As in two modules that each describe a neuron, whose states are both called State."""

    def described():
        class State(NamedTuple):
            v: np.ndarray

        return State(np.array([5], np.int64))

    one, two = described(), described()
    assert str(handle_type(one)) == str(handle_type(two))
    assert handle_type(one) != handle_type(two)
    assert handle_type(one) == handle_type(one._replace(v=np.array([6], np.int64)))
    address_of(see_v, handle_type(one))
    assert (handle_type(two),) not in see_v.overloads


def test_only_arrays_are_laid_down():
    with pytest.raises(TypeError, match="3 is int"):
        Laid((np.zeros(1), 3))


def network(*kinds, noisy: bool) -> Network:
    populations = [Population(f"p{number}", 3, kind) for number, kind in enumerate(kinds)]
    noise = Population("noise", 2, Poisson(rate=50 * Hz))
    to = Projection(noise, populations[0], AllToAll(), weight=1e-3, delay=1 * ms)
    return Network(populations=[*populations, noise] if noisy else populations, projections=[to] if noisy else [])


def test_the_loop_is_compiled_once_and_a_step_once_for_a_kind():
    def compiled() -> tuple[int, int, int]:
        return tuple(len(each.overloads) for each in (loops.advance, loops.step_group, walk_released))  # type: ignore

    run(network(DeltaLIF(), noisy=False), 5 * ms)
    run(network(Izhikevich(), noisy=True), 5 * ms)
    before = compiled()
    run(network(DeltaLIF(tau=5 * ms), Izhikevich(), noisy=True), 5 * ms)
    assert before[0] == 1
    assert compiled() == before
