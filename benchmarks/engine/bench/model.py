"""A network that every simulator is given: cells of one kind, trains, noise, and synapses drawn with numpy.

Quantities are SI floats. A weight is volts for "delta" and "current" cells, and a conductance relative to the leak for
"conductance" cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bench.learning import PairSTDP
from bench.values import Floats as Floats
from bench.values import Index as Index
from bench.values import LogNormal, Normal

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Leaky integrate-and-fire cells with one set of parameters, in named populations that lie one after the other.

        delta        tau dv/dt = rest + drive - v;                                 events add to v
        current      tau dv/dt = rest + drive - v + g_e + g_i;                     events add to g_e (> 0) or g_i (< 0)
        conductance  tau dv/dt = rest + drive - v + g_e (reversal_e - v) + g_i (reversal_i - v);
                     events > 0 add to g_e, events < 0 add their magnitude to g_i

    drive       V       constant input: resistance times current; one number, or one for each population by its name
    initial     (n,) V  v at the start
    refractory  s       v is held at `reset` for so many ticks after that of the spike; events to v are lost meanwhile
    """

    kind: str
    sizes: Mapping[str, int]
    initial: Floats
    tau: float = 20e-3
    rest: float = 0.0
    threshold: float = 20e-3
    reset: float = 10e-3
    refractory: float = 2e-3
    drive: float | Mapping[str, float] = 0.0
    tau_e: float = 5e-3
    tau_i: float = 10e-3
    reversal_e: float = 0.0
    reversal_i: float = -80e-3

    @property
    def count(self) -> int:
        """Cells of all populations together."""
        return sum(self.sizes.values())

    def drive_of(self, population: str) -> float:
        """Constant input of a population, V."""
        return self.drive if isinstance(self.drive, float) else self.drive[population]

    def drives(self) -> float | Floats:
        """Constant input of all cells: one number, or (cells,)."""
        if isinstance(self.drive, float):
            return self.drive
        return np.concatenate([np.full(size, self.drive_of(name)) for name, size in self.sizes.items()])

    def range(self, population: str) -> tuple[int, int]:
        """First cell of a population and the one after its last."""
        first = 0
        for name, size in self.sizes.items():
            if name == population:
                return first, first + size
            first += size
        raise KeyError(f"no population is called {population!r}; there are {', '.join(self.sizes)}.")


@dataclass(frozen=True, kw_only=True)
class Trains:
    """Spikes drawn beforehand. `tick` (steps from the start, the first is 1) and `neuron`, both (spikes,)."""

    name: str
    size: int
    tick: Ints
    neuron: Ints

    @staticmethod
    def poisson(name: str, rates: Floats, seconds: float, rng: np.random.Generator, *, dt: float = 0.1e-3) -> Trains:
        """Independent Poisson trains (`rates` in Hz, one each); two spikes of one train in one tick become one."""
        count = rng.poisson(rates * seconds)
        neuron = np.repeat(np.arange(rates.size), count)
        ticks = round(seconds / dt)
        both = np.unique(neuron * (ticks + 1) + rng.integers(1, ticks + 1, neuron.size))
        return Trains(name=name, size=rates.size, tick=both % (ticks + 1), neuron=both // (ticks + 1))


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Every cell of `target` has Poisson input of its own: `inputs` processes of `rate` (Hz), each event `weight`."""

    target: str
    inputs: int
    rate: float
    weight: float


class Wiring(Protocol):
    """Draws the synapses between two populations, neurons counted from 0 in each."""

    def draw(self, sources: int, targets: int, rng: np.random.Generator) -> tuple[Index, Index]:
        """Return (source, target), each (synapses,)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Synapses:
    """Synapses from one population (of cells or trains) to some populations of cells, wired alike to each of them.

    weight  one number for all, a distribution, or one number for each synapse in the order of the wiring
    delay   s, one number or a distribution
    stdp    how the weights learn; None: they stay. The delay is that of the axon
    """

    source: str
    targets: tuple[str, ...]
    wiring: Wiring
    weight: float | LogNormal | Normal | Floats
    delay: float | Normal
    stdp: PairSTDP | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """All synapses of one `Synapses`, onto all its targets.

    source  (synapses,) counted in its population; target (synapses,) counted in all cells
    weight  one number or (synapses,)
    delay   s, the same
    """

    synapses: Synapses
    source: Index
    target: Index
    weight: float | Floats
    delay: float | Floats


@dataclass(frozen=True, kw_only=True)
class Model:
    """A whole network; `seed` is that of its wiring."""

    network: str
    cells: Cells
    synapses: tuple[Synapses, ...]
    trains: tuple[Trains, ...] = ()
    noise: tuple[Noise, ...] = ()
    dt: float = 0.1e-3
    seed: int = 0

    def size(self, name: str) -> int:
        """Neurons of a population of cells or trains."""
        for trains in self.trains:
            if trains.name == name:
                return trains.size
        return self.cells.sizes[name]

    def edges(self, number: int, target: str) -> tuple[Index, Index, float | Floats, float | Floats]:
        """(source, target, weight, delay) of `synapses[number]` onto one population; always the same numbers."""
        synapses = self.synapses[number]
        sources = self.size(synapses.source)
        rng = np.random.default_rng([self.seed, number, synapses.targets.index(target)])
        source, ends = synapses.wiring.draw(sources, self.size(target), rng)
        weight, delay = synapses.weight, synapses.delay
        if isinstance(weight, LogNormal | Normal):
            weight = weight.draw(source, sources, rng)
        if isinstance(delay, Normal):
            # Whole steps, as every simulator would round them.
            delay = np.maximum(np.rint(delay.draw(source, sources, rng) / self.dt), 1.0) * self.dt
        return source, ends, weight, delay

    def blocks(self) -> Iterator[Block]:
        """The synapses, one `Synapses` after the other."""
        for number, synapses in enumerate(self.synapses):
            parts = [self.edges(number, target) for target in synapses.targets]
            firsts = [np.uint32(self.cells.range(target)[0]) for target in synapses.targets]
            ends = [part[1] + first if first else part[1] for part, first in zip(parts, firsts, strict=True)]
            yield Block(
                synapses=synapses,
                source=joined([part[0] for part in parts]),
                target=joined(ends),
                weight=one_or_joined([part[2] for part in parts]),
                delay=one_or_joined([part[3] for part in parts]),
            )


def joined(parts: list[Any]) -> Any:
    """Arrays one after the other; the only one as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def one_or_joined(parts: list[float | Floats]) -> float | Floats:
    """One number that all parts have, or their arrays one after the other."""
    return parts[0] if isinstance(parts[0], float) else joined([np.asarray(part) for part in parts])


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a simulator did.

    tick, neuron    (spikes,) of all cells, neurons counted in all cells
    out_degree      (cells,) synapses that each cell sends to cells
    synapses        of the whole network, those of trains included
    start_seconds   to load the simulator (here: and its compiled kernels)
    build_seconds   to draw and build the network, compiling included
    run_seconds     of the run alone
    more            what else is known, by name
    """

    version: str
    tick: Ints
    neuron: Ints
    out_degree: Ints
    synapses: int
    start_seconds: float
    build_seconds: float
    run_seconds: float
    more: Mapping[str, float] = field(default_factory=dict)


def learnt(weights: list[Floats]) -> dict[str, float]:
    """What is told of weights that have learnt (V): nothing where there are none."""
    if not weights:
        return {}
    every = joined(weights)
    return {"plastic_weight_mean": float(every.mean()), "plastic_weight_std": float(every.std())}
