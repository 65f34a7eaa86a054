"""A network that every simulator is given: cells of one kind, trains, noise, and synapses drawn with numpy.

Quantities are SI floats. A weight is volts for "delta" and "current" cells, and a conductance relative to the leak for
"conductance" cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Index = npt.NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Leaky integrate-and-fire cells with one set of parameters, in named populations that lie one after the other.

        delta        tau dv/dt = rest + drive - v;                                 events add to v
        current      tau dv/dt = rest + drive - v + g_e + g_i;                     events add to g_e (> 0) or g_i (< 0)
        conductance  tau dv/dt = rest + drive - v + g_e (reversal_e - v) + g_i (reversal_i - v);
                     events > 0 add to g_e, events < 0 add their magnitude to g_i

    drive       V       constant input: resistance times current
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
    drive: float = 0.0
    tau_e: float = 5e-3
    tau_i: float = 10e-3
    reversal_e: float = 0.0
    reversal_i: float = -80e-3

    @property
    def count(self) -> int:
        """Cells of all populations together."""
        return sum(self.sizes.values())

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
class LogNormal:
    """Weights of mean `mean` and standard deviation `sigma` of the logarithm, drawn one by one.

    Those of the last `inhibitory` sources (a fraction, 0 to 1) are multiplied by `ratio`, which is negative.
    """

    mean: float
    sigma: float
    inhibitory: float = 0.0
    ratio: float = -1.0

    def draw(self, source: Index, sources: int, rng: np.random.Generator) -> Floats:
        """One weight for each synapse, (synapses,)."""
        weight = rng.lognormal(np.log(self.mean) - self.sigma**2 / 2, self.sigma, source.size)
        weight[source >= round((1 - self.inhibitory) * sources)] *= self.ratio
        return weight


@dataclass(frozen=True, kw_only=True)
class Synapses:
    """Synapses from one population (of cells or trains) to some populations of cells, wired alike to each of them.

    weight  one number for all, a distribution, or one number for each synapse in the order of the wiring
    delay   s, a number, or one for each synapse
    """

    source: str
    targets: tuple[str, ...]
    wiring: Wiring
    weight: float | LogNormal | Floats
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

    def edges(self, number: int, target: str) -> tuple[Index, Index, float | Floats]:
        """(source, target, weight) of `synapses[number]` onto one population; always the same numbers."""
        synapses = self.synapses[number]
        rng = np.random.default_rng([self.seed, number, synapses.targets.index(target)])
        source, ends = synapses.wiring.draw(self.size(synapses.source), self.size(target), rng)
        weight = synapses.weight
        if isinstance(weight, LogNormal):
            weight = weight.draw(source, self.size(synapses.source), rng)
        return source, ends, weight

    def blocks(self) -> Iterator[tuple[int, Index, Index, float | Floats]]:
        """(number, source, target counted in all cells, weight) of each synapses, all targets together."""
        for number, synapses in enumerate(self.synapses):
            parts = [self.edges(number, target) for target in synapses.targets]
            if len(parts) == 1:
                source, ends, weight = parts[0]
                first = self.cells.range(synapses.targets[0])[0]
                yield number, source, ends + np.uint32(first) if first else ends, weight
                continue
            source = np.concatenate([part[0] for part in parts])
            ends = np.concatenate([
                part[1] + np.uint32(self.cells.range(target)[0])
                for part, target in zip(parts, synapses.targets, strict=True)
            ])  # fmt: skip
            weights = [part[2] for part in parts]
            one = isinstance(weights[0], float)
            yield number, source, ends, weights[0] if one else np.concatenate([np.asarray(w) for w in weights])


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a simulator did.

    tick, neuron    (spikes,) of all cells, neurons counted in all cells
    out_degree      (cells,) synapses that each cell sends to cells
    synapses        of the whole network, those of trains included
    start_seconds   to load the simulator (here: and its compiled kernels)
    build_seconds   to draw and build the network, compiling included
    run_seconds     of the run alone
    """

    version: str
    tick: Ints
    neuron: Ints
    out_degree: Ints
    synapses: int
    start_seconds: float
    build_seconds: float
    run_seconds: float
