"""A core of TrueNorth as data: 256 axons, 256 neurons, one bit between each two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth import neuron as neurons
from reafference.chips.truenorth.neuron import TYPES, Neuron
from reafference.chips.truenorth.rules import Rules

SIZE = 256  # axons, and neurons
DELAYS = 15  # ticks, the longest; the shortest is 1


class Target(NamedTuple):
    """The one axon on which a neuron's spikes arrive, `delay` ticks later (1 to 15)."""

    core: int
    axon: int
    delay: int = 1


NOWHERE = Target(-1, 0, 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Core:
    """Up to 256 axons and neurons; what is not given is not there.

    crossbar   (axons, neurons) bool: which neurons an axon reaches
    axon_type  (axons,) int, 0 to 3: which of its four weights each of them uses
    neurons    sets of parameters
    kind       (neurons,) int: which of these each neuron has. None: all have the only one, or each its own
    targets    (neurons, 3) int: core, axon, delay in ticks of each neuron, or a list of `Target`; a core below 0 is
               nowhere. None: nobody has a target
    """

    crossbar: npt.ArrayLike
    axon_type: npt.ArrayLike
    neurons: Sequence[Neuron]
    kind: npt.ArrayLike | None = None
    targets: npt.ArrayLike | Sequence[Target] | None = None


class Parts(NamedTuple):
    """The arrays of a core, in full length where they are legal."""

    crossbar: npt.NDArray[np.bool_]
    axon_type: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]


def parts_of(core: Core) -> Parts:
    """Its arrays as they were given, with what None stands for."""
    crossbar = np.asarray(core.crossbar)
    wide = crossbar.shape[1] if crossbar.ndim == 2 else 0
    if core.kind is not None:
        kind = np.asarray(core.kind)
    else:
        kind = np.zeros(wide, np.int64) if len(core.neurons) == 1 else np.arange(len(core.neurons))
    targets = np.tile(NOWHERE, (wide, 1)) if core.targets is None else np.asarray(core.targets)
    return Parts(crossbar, np.asarray(core.axon_type), kind, targets)


def problems_of(core: Core, parts: Parts, rules: Rules, cores: int) -> Iterator[str]:
    """Everything that is wrong with a core in a machine of `cores` cores, but for the reach of its targets."""
    for number, neuron in enumerate(core.neurons):
        for problem in neurons.problems_of(neuron, rules):
            yield f"neurons[{number}].{problem}"
    crossbar, axon_type, kind, targets = parts
    if crossbar.ndim != 2 or max(crossbar.shape) > SIZE:
        yield f"crossbar has shape {crossbar.shape}; give (axons, neurons), at most {SIZE} of each, or use more cores"
        return
    if crossbar.dtype != np.bool_ and not np.isin(crossbar, (0, 1)).all():
        yield "crossbar has values other than 0 and 1; a synapse is one bit, its weight is one of the neuron's four"
    axons, wide = crossbar.shape
    for name, given, shape in (
        ("axon_type", axon_type, (axons,)),
        ("kind", kind, (wide,)),
        ("targets", targets, (wide, 3)),
    ):
        if given.shape != shape:
            yield f"{name} has shape {given.shape}; give {shape}, as `crossbar` is ({axons}, {wide})"
        elif given.size and given.dtype.kind not in "iu":
            yield f"{name} is an array of {given.dtype}; give whole numbers"
    if axon_type.shape == (axons,):
        yield from _outside("axon_type", axon_type, 0, TYPES - 1, "the chip has four types of axon")
    if kind.shape == (wide,):
        yield from _outside("kind", kind, 0, len(core.neurons) - 1, f"`neurons` holds {len(core.neurons)}")
    if targets.shape == (wide, 3):
        some = targets[:, 0] >= 0
        yield from _outside("core of targets", targets[:, 0], -1, cores - 1, f"there are {cores} cores")
        yield from _outside("axon of targets", targets[:, 1], 0, SIZE - 1, "use another core", some)
        yield from _outside(
            "delay of targets", targets[:, 2], 1, DELAYS, "a longer delay takes helper neurons (`split`)", some
        )


def _outside(
    name: str,
    given: npt.NDArray[np.int64],
    low: int,
    high: int,
    remedy: str,
    asked: npt.NDArray[np.bool_] | None = None,
) -> Iterator[str]:
    wrong = (given < low) | (given > high)
    if name.startswith("core"):
        wrong = given > high
    if asked is not None:
        wrong &= asked
    at = np.flatnonzero(wrong)
    if at.size:
        more = f" (and {at.size - 1} more)" if at.size > 1 else ""
        yield f"{name}[{at[0]}]{more} = {given[at[0]]} is outside {low} to {high}; {remedy}"
