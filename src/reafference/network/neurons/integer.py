"""Neurons of whole numbers, each written once as a Python function that every place runs alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from reafference.network.integer import BadStep, Fault, IntegerProgram, Range, check_ranges, read_step
from reafference.network.integer.ranges import signed
from reafference.network.values import check_shape
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
WholePerNeuron = int | npt.NDArray[np.integer]
REGISTER, BETWEEN = 24, 63  # bits


@dataclass(frozen=True, kw_only=True, eq=False)
class IntegerNeuron:
    """Base of neurons whose state is whole numbers. Derive a frozen dataclass and write its `step`:

        @dataclass(frozen=True, kw_only=True, eq=False)
        class Leaky(ra.IntegerNeuron):
            v: ra.WholePerNeuron = 0          # a state variable, here as it is at the start
            keep: ra.WholePerNeuron = 3900    # a parameter
            threshold: ra.WholePerNeuron = 1000

            @staticmethod
            def step(v, *, received, keep, threshold):
                v = (v * keep >> 12) + received
                spikes = v >= threshold
                return 0 if spikes else v, spikes

    `step` takes the state variables by place, and by name `received`, the sum of what arrives in this tick, and
    parameters; each but `received` is a field, one whole number or one for each neuron. It returns the new state in
    the same order, and last the message. A truth value is a plain spike or none. A number is the payload of a graded
    spike, 0 being none; the engine's events carry no payload, so such a neuron runs on a chip that has graded spikes.

    In a step there may be + - * << >> // % & | ^ ~, comparisons, and, or, not, `a if c else b`, if, min, max, abs,
    whole numbers, and names of whole numbers outside. There are no loops, no calls, no fractions. What a name is given
    is kept in a register of 24 bits, sign included, that wraps; so are state variables and `received`. What an
    expression gives on its way is exact, and refused where it could need more than 63 bits. A shift to the right rounds
    down, as does //.

    Weights onto it are whole numbers without a unit; others are rounded to the nearest, halves to the even one. An
    event is received in the tick in which its delay ends, and may make a spike in that tick. In plain Python `step`
    can be called as it is, if nothing runs over.

    Raises BadStep (a ValueError) when it is put into a population: every fault with its file, line and expression.
    """

    kernel: ClassVar[str] = "reafference.engine.integers"
    weight_unit: ClassVar[str] = ""
    step: ClassVar[Callable[..., Any]]

    @classmethod
    def program(cls) -> IntegerProgram:
        """Its instructions. Raises BadStep with everything in it that cannot be read."""
        step = getattr(cls, "step", None)
        if step is None:
            raise TypeError(f"{cls.__name__} has no step; write one, as the docstring of IntegerNeuron shows.")
        found = read_step(step)
        faults = list(found) if isinstance(found, tuple) else cls._unmatched(found)
        if faults or isinstance(found, tuple):
            raise BadStep(cls.__name__, faults)
        return found

    @classmethod
    def _unmatched(cls, program: IntegerProgram) -> list[Fault]:
        """Names of the step without a field, and fields that no step asks for."""
        asked, have = (*program.state, *program.parameters), [field.name for field in fields(cls)]
        line = cls.step.__code__.co_firstlineno
        missing = [
            Fault(program.file, line, name, "is no field of the neuron", f"Add `{name}: ra.WholePerNeuron = 0` to it.")
            for name in asked
            if name not in have
        ]
        spare = [
            Fault(
                program.file, line, name, "is a field that the step does not take", "Take it, or leave the field out."
            )
            for name in have
            if name not in asked
        ]
        return missing + spare

    @property
    def observables(self) -> tuple[str, ...]:
        """What can be traced."""
        return self.program().state

    def whole(self, name: str, where: str, count: int) -> Ints:
        """A field as one whole number for each neuron, (count,). Raises where it is none, or fits no register."""
        return np.broadcast_to(self._numbers(name, where, count), count)

    def ranges(self, where: str, count: int) -> Mapping[str, Range]:
        """What the values of each parameter lie within."""
        values = {name: self._numbers(name, f"{where}.{name}", count) for name in self.program().parameters}
        return {name: Range(int(value.min()), int(value.max())) for name, value in values.items()}

    def _numbers(self, name: str, where: str, count: int) -> Ints:
        """A field, () or (count,)."""
        value = np.asarray(getattr(self, name))
        if not np.issubdtype(value.dtype, np.integer):
            raise TypeError(f"{where} = {getattr(self, name)!r}; it takes whole numbers.")
        check_shape(where, value, count)
        check_range(where, value, *signed(REGISTER), "")
        return value.astype(np.int64)

    def check(self, population: str, count: int) -> None:
        """Raise for a step that cannot be read or whose numbers may not fit, or a field that is no whole number."""
        program, where = self.program(), f"{population}: {type(self).__name__}"
        for name in program.state:
            self._numbers(name, f"{where}.{name}", count)
        faults = check_ranges(program, self.ranges(where, count), register=REGISTER, between=BETWEEN, message=BETWEEN)
        if faults:
            raise BadStep(type(self).__name__, faults)
