"""Ways to let axons out fit: more cores, relays, copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from reafference.chips.placement.copies import copied
from reafference.chips.placement.cut import Cut, Start, cut
from reafference.chips.placement.extra import Extended, unchanged
from reafference.chips.placement.graph import Graph, Int32s
from reafference.chips.placement.limits import CoreLimits
from reafference.chips.placement.relays import relayed
from reafference.chips.shortage import Shortage


@dataclass(frozen=True)
class Fitted:
    """Neurons on cores, those that a way added among them.

    shortages  limits that it could not keep; empty if it keeps all
    """

    extended: Extended
    core: Int32s
    shortages: tuple[Shortage, ...]


class Way(Protocol):
    """A way to let axons out fit."""

    def __call__(
        self, graph: Graph, base: Cut, limits: CoreLimits, starts: Sequence[Start], most: int, seed: int
    ) -> Fitted:
        """Fit a graph whose cut `base` keeps all other limits, on at most `most` cores."""
        ...


@dataclass(frozen=True)
class Spread:
    """Fewer neurons a core, so more cores; adds no neuron, and does not help where a single neuron sends too far."""

    def __call__(
        self, graph: Graph, base: Cut, limits: CoreLimits, starts: Sequence[Start], most: int, seed: int
    ) -> Fitted:
        """Cut again."""
        made = cut(graph, limits, starts=starts, most=most, seed=seed)
        return Fitted(unchanged(graph), made.core, made.shortages)


@dataclass(frozen=True)
class Relays:
    """Relay neurons on further cores; needs delays of twice `least` ticks, see `relays`.

    least  ticks that a spike takes at least
    """

    least: int = 1

    def __call__(
        self, graph: Graph, base: Cut, limits: CoreLimits, starts: Sequence[Start], most: int, seed: int
    ) -> Fitted:
        """Keep the cut and add relays."""
        made = relayed(graph, base.core, limits, least=self.least)
        return Fitted(made.extended, made.core, made.shortages)


@dataclass(frozen=True)
class Copies:
    """Copies of a neuron on its own core, one for each axon that it cannot send to itself; costs places, no tick.

    For chips that limit `CoreLimits.axons_per_neuron`; exact where neurons draw nothing at random, see `copies`.
    """

    def __call__(
        self, graph: Graph, base: Cut, limits: CoreLimits, starts: Sequence[Start], most: int, seed: int
    ) -> Fitted:
        """Cut again with room for the copies."""
        each = limits.axons_per_neuron
        if each is None:
            return Spread()(graph, base, limits, starts, most, seed)
        roomy = limits
        if limits.neurons is not None:
            room = limits.neurons * each
            roomy = replace(limits, axons_out=min(room, limits.axons_out or room))
        made = cut(graph, roomy, starts=starts, most=most, seed=seed)
        if made.shortages:
            return Fitted(unchanged(graph), made.core, tuple(of_copies(short) for short in made.shortages))
        extended, core = copied(graph, made.core, each)
        return Fitted(extended, np.asarray(core, np.int32), ())


def of_copies(short: Shortage) -> Shortage:
    """What lacks are places for copies, where it was axons out that were counted."""
    if short.resource != "axons out":
        return short
    remedy = "It needs a copy for each; add relays, which need delays of 2 ticks or more, or remove synapses."
    return replace(short, resource="axons out with copies", remedy=remedy)
