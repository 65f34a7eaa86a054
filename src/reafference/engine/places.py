"""Where the neurons of each population are: in which group, with which worker, and which of them this process has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.engine.build import Cells
from reafference.engine.readback import Stored
from reafference.engine.spikes import Ints, Watch
from reafference.engine.tick import Group, Probe
from reafference.network import Network
from reafference.units import check_range


class Owned(NamedTuple):
    """Neurons of one population that one worker of this process has."""

    worker: int
    group: int  # place of the group among those of the worker
    cell: int  # place of the first of them in the worker's part of the group
    begin: int  # the neurons begin <= i < end of the population
    end: int


class Places:
    """The populations of a network and where this process has them.

    own  for each population, which of its neurons this process has: (first, end)
    """

    def __init__(self, network: Network, cells: Sequence[Cells], own: dict[str, tuple[int, int]]) -> None:
        self.network, self.cells, self.own = network, cells, own
        self._first = {population.name: network.first(population.name) for population in network.populations}
        self._size = {population.name: population.size for population in network.populations}
        self._kind = {population.name: population.kind for population in network.populations}

    def population(self, name: str) -> tuple[int, int]:
        """Number of its first neuron in the network, and its size. Raises KeyError where there is none of that name."""
        if name not in self._first:
            raise KeyError(f"no population is called {name!r}; there are {', '.join(self._first)}.")
        return self._first[name], self._size[name]

    def kind(self, name: str) -> object:
        """Its neuron or source."""
        self.population(name)
        return self._kind[name]

    def is_source(self, name: str) -> bool:
        """Whether a population is none of neurons."""
        return name not in {p.name for cells in self.cells for p in cells.populations}

    def group(self, population: str) -> tuple[int, int]:
        """The group that holds a population of neurons, and the place of its first neuron there."""
        for number, cells in enumerate(self.cells):
            place = 0
            for member in cells.populations:
                if member.name == population:
                    return number, place
                place += member.size
        raise ValueError(f"{population!r} is a source; it has neither voltage nor current.")

    def owned(self, population: str) -> list[Owned]:
        """The neurons of a population that this process has, worker by worker."""
        _, size = self.population(population)
        number, place = self.group(population)
        result: list[Owned] = []
        cuts = self.cells[number].cuts.tolist()
        for worker, (least, most) in enumerate(pairwise(cuts)):
            low, high = max(place, least), min(place + size, most)
            if low < high:
                result.append(Owned(worker, number, low - least, low - place, high - place))
        return result

    def observable(self, population: str, variable: str) -> int:
        """The number by which the kernels know a variable."""
        number, _ = self.group(population)
        own = getattr(self.kind(population), "observables", None)  # of neurons that differ in their variables
        names = self.cells[number].module.OBSERVABLES if own is None else own
        if variable not in names:
            raise ValueError(f"{population} has no variable {variable!r}; it has {', '.join(names)}.")
        return names.index(variable)

    def stored(self, projection: str, groups: Sequence[Sequence[Group]]) -> tuple[Stored, list[Group]]:
        """Where the synapses of a projection are, and the group that they reach, worker by worker."""
        for number, cells in enumerate(self.cells):
            parts = [part[number] for part in groups]
            stored = cells.stored(projection, [group.inbox for group in parts])
            if stored is not None:
                return stored, parts
            if any(tract.projection.name == projection for tract in cells.private):
                raise ValueError(f"{projection!r} comes from a PoissonInput and has no synapses one by one.")
        known = ", ".join(p.name for p in self.network.projections) or "none"
        raise ValueError(f"no projection is called {projection!r}; there are: {known}.")

    def index(self, name: str, neurons: Sequence[int] | npt.NDArray[np.integer], size: int) -> Ints:
        """Numbers of neurons of a population of `size`, (count,)."""
        index = np.asarray(neurons).reshape(-1)
        if index.size and not np.issubdtype(index.dtype, np.integer):
            raise TypeError(f"{name}: neurons are {index.dtype}; they are counted from 0 in whole numbers.")
        check_range(name, index, 0, size - 1, "")
        return index.astype(np.int64)

    def watched(self, watch: Sequence[Watch]) -> list[tuple[Watch, Ints]]:
        """What is watched, and the numbers of its neurons, whoever has them."""
        result: list[tuple[Watch, Ints]] = []
        for item in [watch] if isinstance(watch, Watch) else watch:
            if not isinstance(item, Watch):
                raise TypeError(f"watch has {item!r}; give a list of Watch(population=...).")
            _, size = self.population(item.population)
            self.observable(item.population, item.variable)
            if any((item.population, item.variable) == (other.population, other.variable) for other, _ in result):
                raise ValueError(
                    f"{item.variable!r} of {item.population!r} is watched twice; give all neurons in one Watch."
                )
            neurons = range(size) if item.neurons is None else item.neurons
            result.append((item, self.index(f"watched neurons of {item.population}", neurons, size)))
        return result

    def of_own(self, watched: Sequence[tuple[Watch, Ints]]) -> list[tuple[Watch, Ints]]:
        """The same for the neurons that this process has."""
        return [(w, n[(n >= self.own[w.population][0]) & (n < self.own[w.population][1])]) for w, n in watched]

    def probed(self, groups: Sequence[Sequence[Group]], watched: Sequence[tuple[Watch, Ints]]) -> list[list[Group]]:
        """The groups of all workers with the probes of their own watched neurons."""
        rows: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        column = 0
        for watch, neurons in watched:
            what = self.observable(watch.population, watch.variable)
            for own in self.owned(watch.population):
                for k in np.flatnonzero((neurons >= own.begin) & (neurons < own.end)).tolist():
                    row = own.cell + int(neurons[k]) - own.begin, what, column + k
                    rows.setdefault((own.worker, own.group), []).append(row)
            column += neurons.size
        result = [list(part) for part in groups]
        for worker, part in enumerate(result):
            for number, group in enumerate(part):
                table = np.array(rows.get((worker, number), []), np.int64).reshape(-1, 3)
                part[number] = group._replace(probe=Probe(*(np.ascontiguousarray(table[:, k]) for k in range(3))))
        return result
