"""Networks out of pieces: a corelet has cores, smaller corelets, and named inputs and outputs; nobody looks inside.

A corelet may be part of others, and several times of one. `compose` lays all of them out as cores; those of a corelet
follow one another, so it is placed as a unit.

Source of the idea: Amir et al., IJCNN 2013, doi 10.1109/IJCNN.2013.6707078.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth.core import DELAYS, NOWHERE, Core, parts_of
from reafference.chips.truenorth.illegal import refuse

Places = npt.NDArray[np.int64]  # (pins, 2): core, and axon or neuron in it


@dataclass(frozen=True)
class Pins:
    """Axons (as a target) or neurons (as a source) of one of the corelet's own cores, in this order; None: all."""

    core: str
    which: Sequence[int] | None = None


@dataclass(frozen=True)
class Of:
    """A connector of one of its parts: an input as a target, an output as a source."""

    part: str
    connector: str


End = Pins | Of


@dataclass(frozen=True)
class Wire:
    """Pin by pin from a source to a target of the same size, `delay` ticks later (1 to 15)."""

    source: End
    target: End
    delay: int = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Corelet:
    """A piece of network.

    cores    its own, by name; their `targets` are set by wires
    parts    smaller corelets, by name; one corelet may stand under several names
    wires    what goes where inside
    inputs   by name, the pins that spikes from outside reach
    outputs  by name, the pins whose spikes go outside
    unused   outputs of parts that go nowhere on purpose
    """

    name: str
    cores: Mapping[str, Core] = field(default_factory=dict)
    parts: Mapping[str, Corelet] = field(default_factory=dict)
    wires: Sequence[Wire] = ()
    inputs: Mapping[str, Sequence[End]] = field(default_factory=dict)
    outputs: Mapping[str, Sequence[End]] = field(default_factory=dict)
    unused: Sequence[Of] = ()


class Unit(NamedTuple):
    """Cores `first` to `first + cores - 1` belong to the corelet at `path`."""

    path: str
    first: int
    cores: int


@dataclass(frozen=True, eq=False)
class Composition:
    """A corelet laid out.

    cores    with their targets, ready for `Machine`
    names    of each core, its path
    units    every corelet with its cores, the whole first
    inputs   by name, core and axon of each pin
    outputs  by name, core and neuron of each pin
    """

    cores: tuple[Core, ...]
    names: tuple[str, ...]
    units: tuple[Unit, ...]
    inputs: Mapping[str, Places]
    outputs: Mapping[str, Places]


def compose(corelet: Corelet) -> Composition:
    """Lay a corelet out as cores.

    Raises Illegal, which lists everything at once: a corelet that holds itself, connectors and cores that are not
    there, wires between connectors of different sizes, inputs that nothing reaches, outputs that go nowhere and are not
    `unused`, neurons with two targets, delays beyond 1 to 15 ticks.
    """
    layout = _Layout()
    inputs, outputs = layout.lay(corelet, corelet.name, ())
    refuse(f"corelet {corelet.name!r}", layout.problems)
    cores = tuple(replace(core, targets=own) for core, own in zip(layout.cores, layout.targets, strict=True))
    return Composition(cores, tuple(layout.names), tuple(layout.units), inputs, outputs)


Ends = Mapping[str, Places]
NONE = np.zeros((0, 2), np.int64)


class _Layout:
    """The cores so far, and what has been found wrong."""

    def __init__(self) -> None:
        self.cores: list[Core] = []
        self.names: list[str] = []
        self.units: list[Unit] = []
        self.targets: list[npt.NDArray[np.int64]] = []
        self.problems: list[str] = []

    def lay(self, corelet: Corelet, path: str, above: tuple[Corelet, ...]) -> tuple[Ends, Ends]:
        """Add a corelet's cores and wires; returns the places of its inputs and outputs."""
        if any(corelet is one for one in above):
            chain = " > ".join([*(one.name for one in above), corelet.name])
            self.problems.append(f"{path} holds itself ({chain}); a corelet must be made of smaller ones")
            return {}, {}
        first, place = len(self.cores), len(self.units)
        self.units.append(Unit(path, first, 0))
        own: dict[str, int] = {}
        for name, core in corelet.cores.items():
            own[name] = len(self.cores)
            if core.targets is not None:
                self.problems.append(f"{path}/{name} has targets of its own; leave them to wires")
            self.cores.append(core)
            self.names.append(f"{path}/{name}")
            self.targets.append(np.tile(NOWHERE, (parts_of(core).crossbar.shape[-1], 1)))
        parts = {name: self.lay(part, f"{path}/{name}", (*above, corelet)) for name, part in corelet.parts.items()}
        self.units[place] = Unit(path, first, len(self.cores) - first)

        ends = _Ends(self, corelet, path, own, parts)
        used: set[tuple[Of, int]] = set()
        for wire in corelet.wires:
            self._join(path, wire, ends.places(wire.source, 1), ends.places(wire.target, 0))
            used |= {(end, side) for end, side in ((wire.source, 1), (wire.target, 0)) if isinstance(end, Of)}
        outer: list[Ends] = []
        for side, named in ((0, corelet.inputs), (1, corelet.outputs)):
            made: dict[str, Places] = {}
            for name, pins in named.items():
                made[name] = np.concatenate([NONE, *(ends.places(end, side) for end in pins)])
                used |= {(end, side) for end in pins if isinstance(end, Of)}
            outer.append(made)
        used |= {(end, 1) for end in corelet.unused}
        for name, (inputs, outputs) in parts.items():
            for connector in inputs:
                if (Of(name, connector), 0) not in used:
                    self.problems.append(
                        f"{path}: input {name}.{connector} is not connected; wire it or make it an input"
                    )
            for connector in outputs:
                if (Of(name, connector), 1) not in used:
                    self.problems.append(
                        f"{path}: output {name}.{connector} is not connected; wire it, make it an output, or list it "
                        "under `unused`"
                    )
        return outer[0], outer[1]

    def _join(self, path: str, wire: Wire, source: Places, target: Places) -> None:
        what = f"{path}: wire {shown(wire.source)} to {shown(wire.target)}"
        if not 1 <= wire.delay <= DELAYS:
            self.problems.append(f"{what} has delay = {wire.delay}, outside 1 to {DELAYS}; relay it")
            return
        if len(source) != len(target):
            if len(source) and len(target):  # else it has been said that one end is not there
                self.problems.append(f"{what} joins {len(source)} pins to {len(target)}; give ends of one size")
            return
        double = 0
        for (core, neuron), (goal, axon) in zip(source.tolist(), target.tolist(), strict=True):
            double += int(self.targets[core][neuron, 0] >= 0)
            self.targets[core][neuron] = goal, axon, wire.delay
        if double:
            self.problems.append(f"{what} gives {double} neurons a second target; a neuron has one, so split it")


class _Ends:
    """Looks up the ends of wires within one corelet."""

    def __init__(
        self,
        layout: _Layout,
        corelet: Corelet,
        path: str,
        own: Mapping[str, int],
        parts: Mapping[str, tuple[Ends, Ends]],
    ) -> None:
        self._layout, self._corelet, self._path, self._own, self._parts = layout, corelet, path, own, parts

    def places(self, end: End, side: int) -> Places:
        """Where its pins are; `side` 0: axons, inputs, 1: neurons, outputs. Nothing if it is not there."""
        problems = self._layout.problems
        if isinstance(end, Of):
            if end.part not in self._parts:
                problems.append(f"{self._path}: there is no part {end.part!r}; there are {_list(self._parts)}")
                return NONE
            known = self._parts[end.part][side]
            if end.connector not in known:
                kind = ("input", "output")[side]
                problems.append(
                    f"{self._path}: part {end.part!r} has no {kind} {end.connector!r}; there are {_list(known)}"
                )
                return NONE
            return known[end.connector]
        if end.core not in self._own:
            problems.append(f"{self._path}: there is no core {end.core!r}; there are {_list(self._own)}")
            return NONE
        count = parts_of(self._corelet.cores[end.core]).crossbar.shape[side]
        which = np.arange(count) if end.which is None else np.asarray(end.which, np.int64)
        if which.size and not 0 <= which.min() <= which.max() < count:
            kind = ("axons", "neurons")[side]
            wrong = which[(which < 0) | (which >= count)][0]
            problems.append(f"{self._path}/{end.core}: pin {wrong} is outside its {count} {kind}, 0 to {count - 1}")
            return NONE
        return np.stack([np.full(which.size, self._own[end.core]), which], axis=1)


def shown(end: End) -> str:
    """An end as an error names it."""
    return f"{end.part}.{end.connector}" if isinstance(end, Of) else f"core {end.core}"


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
