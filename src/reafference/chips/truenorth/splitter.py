"""Fan-out: a neuron has one target axon, so what must reach several goes through helpers that repeat its spikes.

A helper neuron spikes in the tick in which a spike reaches it. A source that sends after a ticks and a helper that
sends after d - a ticks together make a delay of d, so the delays that were wanted are kept to the tick, and the split
network makes the spikes of the unsplit one. What that takes is room in the delay: one tick for each helper on the way.
A wanted delay of 1 leaves none. Delays above 15 ticks go through helpers, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from reafference.chips.truenorth.core import DELAYS, NOWHERE, SIZE, Core, Target, parts_of
from reafference.chips.truenorth.illegal import refuse
from reafference.chips.truenorth.neuron import Neuron

RELAY = Neuron(weights=(1, 1, 1, 1), threshold=1)  # a spike in the tick in which one arrives
MOST = SIZE * SIZE  # targets of one neuron, through two helpers on the way

Source = tuple[int, int]  # core, neuron


class Split(NamedTuple):
    """A network in which every neuron has one target.

    cores    those that were given, with targets, and then those of the helpers
    helpers  helper neurons, which are the spikes that the chip makes besides
    axons    of helpers
    """

    cores: tuple[Core, ...]
    helpers: int
    axons: int


@dataclass
class _Open:
    """A core of helpers that is being filled."""

    number: int
    axons: int
    targets: list[Target]
    reached: list[tuple[int, int]]  # of each axon, its first neuron and how many


class _Helpers:
    """Axons and neurons of helpers, core after core."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.open: list[_Open] = []

    def branch(self, count: int) -> tuple[int, int, range]:
        """A new axon, and `count` new neurons that it reaches, all in one core: core, axon, neurons."""
        for core in reversed(self.open):
            if core.axons < SIZE and len(core.targets) + count <= SIZE:
                break
        else:
            core = _Open(self._first + len(self.open), 0, [], [])
            self.open.append(core)
        neurons = range(len(core.targets), len(core.targets) + count)
        core.targets += [NOWHERE] * count
        core.reached.append((neurons.start, count))
        core.axons += 1
        return core.number, core.axons - 1, neurons

    def cores(self) -> list[Core]:
        """All of them as data."""
        made: list[Core] = []
        for core in self.open:
            crossbar = np.zeros((core.axons, len(core.targets)), np.bool_)
            for axon, (first, count) in enumerate(core.reached):
                crossbar[axon, first : first + count] = True
            kind = np.zeros(len(core.targets), np.int64)
            made.append(
                Core(
                    crossbar=crossbar,
                    axon_type=np.zeros(core.axons, np.int64),
                    neurons=[RELAY],
                    kind=kind,
                    targets=core.targets,
                )
            )
        return made

    def route(self, wanted: Sequence[Target]) -> Target:
        """One target that stands for all that are wanted."""
        if len(wanted) == 1 and wanted[0].delay <= DELAYS:
            return wanted[0]
        groups = [wanted[k : k + SIZE] for k in range(0, len(wanted), SIZE)]
        if len(groups) == 1:
            groups = [[target] for target in wanted]
        ahead = min(DELAYS, min(target.delay for target in wanted) - depth(len(wanted)) + 1)
        core, axon, neurons = self.branch(len(groups))
        for neuron, group in zip(neurons, groups, strict=True):
            later = [target._replace(delay=target.delay - ahead) for target in group]
            self.open[core - self._first].targets[neuron] = self.route(later)
        return Target(core, axon, ahead)


def depth(targets: int) -> int:
    """Ticks that the delay to each of so many targets must have at least: one for each neuron on the way."""
    return 1 if targets == 1 else 2 if targets <= SIZE else 3


def split(cores: Sequence[Core], fan_out: Mapping[Source, Sequence[Target]]) -> Split:
    """The same network with one target a neuron.

    cores    without `targets`: what they were is replaced
    fan_out  of (core, neuron), all the axons that its spikes are to reach, each with a delay of at least 1 tick. With
             2 to 256 of them every delay must be at least 2, with up to 65,536 at least 3

    Raises Illegal, which lists every neuron that cannot be split. Machine checks the cores themselves.
    """
    wanted = {source: list(dict.fromkeys(targets)) for source, targets in fan_out.items() if len(targets)}
    refuse("splitting", _problems(cores, wanted))
    helpers = _Helpers(len(cores))
    parts = [parts_of(core) for core in cores]
    targets = [np.tile(NOWHERE, (part.crossbar.shape[1], 1)) for part in parts]
    for (core, neuron), aims in wanted.items():
        targets[core][neuron] = helpers.route(aims)
    made = [replace(core, targets=own) for core, own in zip(cores, targets, strict=True)]
    return Split(
        cores=(*made, *helpers.cores()),
        helpers=sum(len(core.targets) for core in helpers.open),
        axons=sum(core.axons for core in helpers.open),
    )


def _problems(cores: Sequence[Core], wanted: Mapping[Source, Sequence[Target]]) -> list[str]:
    found: list[str] = []
    for (core, neuron), targets in wanted.items():
        name = f"neuron {neuron} of core {core}"
        if not 0 <= core < len(cores):
            found.append(f"{name}: there are {len(cores)} cores; count them from 0")
            continue
        wide = parts_of(cores[core]).crossbar.shape[1]
        if not 0 <= neuron < wide:
            found.append(f"{name}: that core has {wide} neurons; count them from 0")
        if len(targets) > MOST:
            found.append(f"{name}: {len(targets):,} targets are above {MOST:,}; copy the neuron and share them out")
            continue
        least = depth(len(targets))
        short = [target for target in targets if target.delay < least]
        if short:
            found.append(
                f"{name}: {len(targets)} targets need delays of at least {least} ticks, {len(short)} of them have "
                f"{min(target.delay for target in short)}; add {least - min(t.delay for t in short)} to all delays of "
                "the network, or let copies of the neuron share the targets"
            )
    return found
