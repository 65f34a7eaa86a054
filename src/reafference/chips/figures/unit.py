"""Which units a figure may have: SI without prefix, per what is counted."""

from __future__ import annotations

from typing import Final

SYMBOLS: Final = ("J", "s", "W", "Hz", "V", "A", "F", "H", "Ohm", "K", "m", "m2", "Wb", "rad", "kg")

# What is counted. An event is a spike that arrives at one synapse; an op is an arithmetic operation.
COUNTED: Final = (
    "axon", "axon type", "bit", "byte", "chip", "compartment", "core", "cycle", "edge", "event", "flux quantum", "hop",
    "message", "mode", "neuron", "neuron access", "neuron update", "node", "op", "photon", "processor", "spike",
    "state", "step", "synapse", "synaptic update", "tick", "tile", "weight index",
)  # fmt: skip

_PREFIXES: Final = "afpnuµmcdhkMGTP"
_COSTS: Final = ("J", "s", "W")


def fault_of_unit(unit: str) -> str:
    """What is wrong with a unit and what to write instead; empty where nothing is."""
    if unit == "":
        return ""
    for part in unit.split("/"):
        if part in SYMBOLS or part in COUNTED:
            continue
        if part[:1] in _PREFIXES and part[1:] in SYMBOLS and part[1:]:
            return f"unit {unit!r} has a prefix, {part!r}; convert the value and write {part[1:]!r}."
        return (
            f"unit {unit!r}: {part!r} is no SI unit ({', '.join(SYMBOLS)}) and nothing that is counted "
            f"({', '.join(COUNTED)})."
        )
    return ""


def is_cost(unit: str) -> bool:
    """Whether it is an energy, a time or a power, of which none can be nothing."""
    return unit.partition("/")[0] in _COSTS
