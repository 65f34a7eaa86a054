"""A network: populations and the projections between them. Frozen data; nothing here runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from reafference.network.neurons import Neuron
from reafference.network.plasticity import AntiHebbian, Plasticity, SpikeRule, check_weights
from reafference.network.release import Release
from reafference.network.short_term import TsodyksMarkram
from reafference.network.values import Distribution, LogNormal, Normal, PerSynapse, Uniform
from reafference.network.wiring import Wiring
from reafference.units import check_range, check_time, ms

MAX_DELAY = 1.0  # s; longer ones are slips of unit
MAX_WEIGHT = 10.0  # V; the same, for the tail of a distribution
MAX_COMMON = 1.0  # V; the same, for one weight of all synapses
MAX_NUMBER = 1e4  # weights without a unit


def with_own_arrays(kind: Neuron) -> Neuron:
    """The same neuron with copies of its arrays that cannot be written, or itself where it has none."""
    if not is_dataclass(kind):
        return kind
    copies: dict[str, Any] = {}
    for entry in fields(kind):
        value = getattr(kind, entry.name)
        if isinstance(value, np.ndarray):
            copies[entry.name] = value.copy()
            copies[entry.name].flags.writeable = False
    if not copies:
        return kind
    own = copy(kind)
    for name, value in copies.items():
        object.__setattr__(own, name, value)
    return own


def weight_limit(kind: Neuron) -> tuple[float, str]:
    """The largest weight of synapses onto neurons of a kind, and its unit."""
    unit: str = getattr(kind, "weight_unit", "V")
    return MAX_WEIGHT if unit == "V" else MAX_NUMBER, unit


@dataclass(frozen=True, eq=False)
class Population:
    """`size` neurons of one kind under one name.

    kind  a neuron (DeltaLIF, CurrentLIF) or a source (Poisson, SpikeTrain); arrays in it are copied, so that nobody
          changes a network by writing into them later
    """

    name: str
    size: int
    kind: Neuron

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"a population's name is {self.name!r}; give a word.")
        if isinstance(self.size, bool) or not isinstance(self.size, int | np.integer):
            raise TypeError(f"{self.name}: size = {self.size!r} is not a whole number.")
        check_range(f"{self.name}: size", int(self.size), 1, 2**31 - 1, "")
        if isinstance(self.kind, type) or not isinstance(self.kind, Neuron):
            raise TypeError(
                f"{self.name}: {self.kind!r} is no neuron; give one such as CurrentLIF() or Poisson(rate=5.0)."
            )
        object.__setattr__(self, "kind", with_own_arrays(self.kind))
        self.kind.check(self.name, int(self.size))

    def __repr__(self) -> str:
        return f"Population({self.name!r}, {self.size} {type(self.kind).__name__})"


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from the neurons of `source` to those of `target`.

    wiring      which pairs; see reafference.network.wiring
    weight      V per event, onto ConductanceLIF in leak conductances: one number, one for each synapse (in the order of
                the wiring), or a distribution
    delay       s from spike to event: one number, one for each synapse, or a distribution; rounded to whole ticks >= 1
    plasticity  how the weights learn; None: they stay
    short_term  how the synapses tire and facilitate; None: they do not
    release     with which probability an event passes; None: every event does
    name        by which a running network is asked for it; "source -> target" if not given
    """

    source: Population
    target: Population
    wiring: Wiring
    weight: PerSynapse = field(kw_only=True)
    delay: PerSynapse = field(kw_only=True, default=1 * ms)
    plasticity: Plasticity | None = field(kw_only=True, default=None)
    short_term: TsodyksMarkram | None = field(kw_only=True, default=None)
    release: Release | None = field(kw_only=True, default=None)
    name: str = field(kw_only=True, default="")

    def __post_init__(self) -> None:
        for end in (self.source, self.target):
            if not isinstance(end, Population):
                raise TypeError(f"a projection joins two populations; {end!r} is none.")
        if not self.name:
            object.__setattr__(self, "name", f"{self.source.name} -> {self.target.name}")
        if isinstance(self.wiring, type) or not hasattr(self.wiring, "connect"):
            raise TypeError(
                f"{self.name}: {self.wiring!r} is no wiring; give one such as FixedProbability(probability=0.1)."
            )
        limit, unit = weight_limit(self.target.kind)
        if not isinstance(self.weight, Distribution):
            most = min(limit, MAX_COMMON) if unit == "V" and np.ndim(self.weight) == 0 else limit
            check_range(f"{self.name}: weight", self.weight, -most, most, unit)
        if isinstance(self.delay, Uniform):
            check_time(f"{self.name}: delay", [self.delay.low, self.delay.high], 0.0, MAX_DELAY)
        elif isinstance(self.delay, Normal):
            check_time(f"{self.name}: delay", self.delay.mean, 0.0, MAX_DELAY)
            check_time(f"{self.name}: delay, `low` of its Normal", self.delay.low, 0.0, MAX_DELAY)
        elif not isinstance(self.delay, LogNormal):
            check_time(f"{self.name}: delay", self.delay, 0.0, MAX_DELAY)
        elif self.delay.scale <= 0:
            raise ValueError(
                f"{self.name}: delay has scale = {self.delay.scale:g}, so none is above 0; use a positive scale."
            )
        if self.plasticity is not None and not isinstance(self.plasticity, Plasticity):
            raise TypeError(
                f"{self.name}: {self.plasticity!r} is no plasticity; give one such as PairSTDP(high=1 * mV)."
            )
        if self.plasticity is not None:
            self.plasticity.check(self.name)
            for bound in ("low", "high"):
                name = f"{self.name}: {type(self.plasticity).__name__}.{bound}"
                most = MAX_COMMON if unit == "V" else limit
                check_range(name, getattr(self.plasticity, bound), -most, most, unit)
        if isinstance(self.plasticity, SpikeRule) and not isinstance(self.weight, LogNormal | Normal):
            extremes = [self.weight.low, self.weight.high] if isinstance(self.weight, Uniform) else self.weight
            check_weights(self.name, self.plasticity, extremes)
        if self.short_term is not None and not isinstance(self.short_term, TsodyksMarkram):
            raise TypeError(
                f"{self.name}: {self.short_term!r} is no short-term plasticity; give one such as "
                "TsodyksMarkram(use=0.5, tau_recovery=800 * ms)."
            )
        if self.short_term is not None:
            self.short_term.check(self.name, self.source.size)
        if self.release is not None and not isinstance(self.release, Release):
            raise TypeError(
                f"{self.name}: release = {self.release!r} is no Release; give one such as Release(probability=0.5)."
            )
        if self.release is not None:
            self.release.check(self.name, limit, unit)

    def __repr__(self) -> str:
        return f"Projection({self.name!r}, {self.wiring!r})"


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """What a network is, apart from where and when it runs.

    Raises ValueError for names used twice and for projections between populations that are not in the network.
    """

    populations: Sequence[Population]
    projections: Sequence[Projection] = ()

    def __post_init__(self) -> None:
        for name, kind in (("populations", Population), ("projections", Projection)):
            given = getattr(self, name)
            items = tuple(given) if isinstance(given, Iterable) else ()
            if not isinstance(given, Iterable) or not all(isinstance(item, kind) for item in items):
                raise TypeError(f"a network's {name} are {given!r}; give a list of {kind.__name__}s.")
            object.__setattr__(self, name, items)
        if not self.populations:
            raise ValueError("a network needs at least one population.")
        for kind, names in (
            ("population", [p.name for p in self.populations]),
            ("projection", [p.name for p in self.projections]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                hint = " with name=..." if kind == "projection" else ""
                raise ValueError(f"two {kind}s are called {twice[0]!r}; give each its own name{hint}.")
        known = {id(population) for population in self.populations}
        names = {population.name for population in self.populations}
        for projection in self.projections:
            for end in (projection.source, projection.target):
                if id(end) not in known and end.name in names:
                    raise ValueError(
                        f"{projection.name}: {end!r} is another population of that name than the network's; "
                        "use one and the same object in both places."
                    )
                if id(end) not in known:
                    raise ValueError(
                        f"{projection.name}: {end!r} is not one of the network's populations "
                        f"({', '.join(sorted(names))}); add it."
                    )
            rule = projection.plasticity
            if isinstance(rule, AntiHebbian):
                for name in (rule.own, rule.other):
                    if name not in names:
                        raise ValueError(
                            f"{projection.name}: AntiHebbian names {name!r}, but the populations are "
                            f"{', '.join(sorted(names))}."
                        )

    @property
    def neurons(self) -> int:
        """Number of neurons and sources together."""
        return sum(population.size for population in self.populations)

    def first(self, name: str) -> int:
        """Number of the first neuron of a population when all neurons are counted through in order."""
        start = 0
        for population in self.populations:
            if population.name == name:
                return start
            start += population.size
        raise KeyError(f"no population is called {name!r}; there are {', '.join(p.name for p in self.populations)}.")

    def __repr__(self) -> str:
        expected = sum(p.wiring.expected(p.source.size, p.target.size) for p in self.projections)
        lines = [
            f"Network of {self.neurons} neurons in {len(self.populations)} populations, about {expected:.3g} synapses"
        ]
        lines += [f"  {p.name}: {p.size} {type(p.kind).__name__}" for p in self.populations]
        for p in self.projections:
            kinds = (("plastic", p.plasticity), ("short-term", p.short_term), ("unreliable", p.release))
            lines.append(", ".join([f"  {p.name}: {p.wiring!r}", *(word for word, kind in kinds if kind)]))
        return "\n".join(lines)
