"""What every neuron is, and the checks that several of them share."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np

from reafference.network.values import PerNeuron, check_shape
from reafference.units import check_range, check_time

if TYPE_CHECKING:
    from reafference.network.neurons import AdEx, ConductanceLIF, CurrentLIF, DeltaLIF, Izhikevich

    Membrane = DeltaLIF | CurrentLIF | ConductanceLIF | AdEx


@runtime_checkable
class Neuron(Protocol):
    """What every neuron is: a frozen dataclass of parameters that names the module which runs it.

    kernel       import path of the engine's kernel module for this neuron; see CONTRIBUTING
    weight_unit  SI unit of the weights of its synapses, "" for numbers without one; "V" where it is not there
    """

    kernel: ClassVar[str]

    def check(self, population: str, count: int) -> None:
        """Raise ValueError naming value, limit and remedy if a parameter cannot be meant."""
        ...


def check_shapes(neuron: Membrane | Izhikevich, population: str, count: int) -> str:
    """Every parameter is one number or one for each neuron. Returns what errors call the neuron."""
    name = f"{population}: {type(neuron).__name__}"
    for field in fields(neuron):
        value = getattr(neuron, field.name)
        if value is not None:
            check_shape(f"{name}.{field.name}", value, count)
    return name


def check_membrane(neuron: Membrane, population: str, count: int, *, tau: PerNeuron | None = None) -> str:
    """Checks that leaky neurons share. Returns what errors call the neuron.

    tau  to be checked in place of the neuron's own
    """
    name = check_shapes(neuron, population, count)
    check_time(f"{name}.tau", neuron.tau if tau is None else tau, 1e-10, 1.0)
    check_time(f"{name}.refractory", neuron.refractory, 0.0, 0.5)
    for field_name in ("rest", "threshold", "reset"):
        check_range(f"{name}.{field_name}", getattr(neuron, field_name), -1.0, 1.0, "V")
    check_range(f"{name}.resistance", neuron.resistance, 0.0, 1e15, "Ohm")
    check_range(f"{name}.current", neuron.current, -1e-6, 1e-6, "A")
    if neuron.initial is not None:
        check_range(f"{name}.initial", neuron.initial, -1.0, 1.0, "V")
    return name


def check_reset(name: str, reset: PerNeuron, of: str, level: PerNeuron) -> None:
    """A neuron whose `reset` is not below the `level` that makes a spike, its field `of`, would never stop."""
    if np.any(np.asarray(reset) >= np.asarray(level)):
        raise ValueError(
            f"{name}.reset = {reset} V is not below {of} = {level} V; the neuron would fire at every tick. "
            f"Lower reset or raise {of}."
        )
