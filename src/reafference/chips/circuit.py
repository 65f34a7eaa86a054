"""A network whose synapses have been drawn: what a chip is handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reafference.engine import Spikes, run
from reafference.engine.draw import Tract, delays, synapses, tract_of, weights
from reafference.network import Network, Population, Projection, SpikeTrain
from reafference.network.values import check_synapses
from reafference.units import check_range, check_time

STEPS = 1e-11, 0.02  # s, shortest and longest tick, as the engine has them


@dataclass(frozen=True, kw_only=True, eq=False)
class Circuit:
    """Every neuron and every synapse of a network by number, drawn as the engine draws them.

    dt, seed    s and seed of the wiring; the same network, dt and seed have the same synapses on the engine
    source      (synapses,) int32, numbers in the network, all populations counted through in order
    target      (synapses,) int32
    weight      (synapses,) float64, V (onto ConductanceLIF a number), as at the start
    delay       (synapses,) int32, ticks from a spike to its event, 1 and more
    first       (projections + 1,) int64: projection p has the synapses first[p] <= s < first[p + 1], in the order of
                its wiring
    """

    network: Network
    dt: float
    seed: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]

    @property
    def neurons(self) -> int:
        """Neurons and sources together."""
        return self.network.neurons

    @property
    def synapses(self) -> int:
        """Synapses of all projections."""
        return self.source.size

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Name and first neuron of each population, as in a Recording."""
        return tuple((population.name, self.network.first(population.name)) for population in self.network.populations)

    def of(self, projection: str) -> slice:
        """The synapses of one projection."""
        names = [each.name for each in self.network.projections]
        if projection not in names:
            raise KeyError(f"no projection is called {projection!r}; there are {', '.join(names) or 'none'}.")
        number = names.index(projection)
        return slice(int(self.first[number]), int(self.first[number + 1]))

    def where(self, neuron: int) -> str:
        """What an error calls a neuron: "cells[3]"."""
        name, first = max((group for group in self.groups if group[1] <= neuron), key=lambda group: group[1])
        return f"{name}[{neuron - first}]"

    def __repr__(self) -> str:
        return f"Circuit of {self.neurons} neurons and {self.synapses} synapses, ticks of {self.dt * 1e3:g} ms"


def is_source(population: Population) -> bool:
    """Whether a population makes spikes without being asked by synapses; on a chip they come from outside."""
    return not getattr(population.kind, "receives", True)


def draw(network: Network, *, dt: float, seed: int = 0) -> Circuit:
    """The circuit of a network.

    dt    s, a tick of the chip
    seed  of the wiring, as in `reafference.run`

    Raises ValueError for a projection whose wiring, weights or delays cannot be drawn.
    """
    check_time("dt", dt, *STEPS)
    check_range("seed", seed, 0, 2**63 - 1, "")
    found = [_drawn(projection, number, network, dt, seed) for number, projection in enumerate(network.projections)]
    sizes = [source.size for source, _, _, _ in found]
    empty = np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int32)
    source, target, weight, delay = (np.concatenate(parts) for parts in zip(empty, *found, strict=True))
    return Circuit(
        network=network,
        dt=dt,
        seed=seed,
        source=source,
        target=target,
        weight=weight,
        delay=delay,
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]),
    )


_Synapses = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.int32]]


def _drawn(projection: Projection, number: int, network: Network, dt: float, seed: int) -> _Synapses:
    """(source, target, weight, delay) of one projection, numbers in the network."""
    first, place = network.first(projection.source.name), network.first(projection.target.name)
    tract = tract_of(projection, number=number, source=first, place=place, seed=seed, dt=dt)
    parts = list(_parts(tract))
    count = sum(source.size for source, _, _, _ in parts)
    for name in ("weight", "delay"):
        check_synapses(f"{projection.name}: {name}", getattr(projection, name), count)
    empty = np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0), np.zeros(0, np.int32)
    source, target, weight, delay = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return (source + first).astype(np.int32), (target + place).astype(np.int32), weight, delay


def _parts(
    tract: Tract,
) -> Iterator[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.float64], npt.NDArray[np.int32]]]:
    begin = 0
    for part in range(tract.parts.count):
        source, target = synapses(tract, part)
        count = source.size
        weight = weights(tract, part, begin, count) if tract.weight is None else np.full(count, tract.weight)
        yield source, target, weight, delays(tract, part, begin, count)
        begin += count


def input_spikes(circuit: Circuit, seconds: float, inputs: Mapping[str, SpikeTrain] | None = None) -> Spikes:
    """What reaches the chip from outside: the spikes of the network's sources, as the engine makes them.

    inputs  other spikes in place of a source population's own, by its name

    Raises KeyError for a name that is no population, ValueError for one that is no source or whose spikes do not fit.
    """
    network, given = circuit.network, dict(inputs or {})
    names = [population.name for population in network.populations if is_source(population)]
    for name, train in given.items():
        network.first(name)
        if name not in names:
            raise ValueError(f"inputs: {name!r} is no source but a population of neurons; inputs go to {names}.")
        if not isinstance(train, SpikeTrain):
            raise TypeError(f"inputs: {name!r} is {train!r}; give a SpikeTrain(time=..., neuron=...).")
    silent = SpikeTrain()
    # Neurons are put in the place of neurons, as random numbers of a source belong to its number in the network.
    populations = [
        replace(population, kind=given.get(population.name, population.kind if population.name in names else silent))
        for population in network.populations
    ]
    if not names:
        return Spikes(np.zeros(0, np.int64), np.zeros(0, np.int32))
    heard = run(Network(populations=populations), seconds, dt=circuit.dt, seed=circuit.seed, record=names)
    tick = np.rint(heard.time / circuit.dt).astype(np.int64)
    return Spikes(tick, heard.neuron.astype(np.int32))
