"""From a network to a NIR graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.network import CurrentLIF, DeltaLIF, Network, Population, SpikeTrain
from reafference.network.values import per_neuron
from reafference.nir.cells import gain_of
from reafference.nir.convention import Convention, Impulses, Units
from reafference.nir.depth import depths
from reafference.nir.drawn import drawn
from reafference.nir.fault import Fault, NIRFaults
from reafference.nir.limits import Loss
from reafference.nir.linear import Floats
from reafference.nir.package import package
from reafference.nir.signal import Synapses
from reafference.units import check_range

MOST_NUMBERS = 2**27  # of all matrices together: 1 GB
LIMIT = f"{MOST_NUMBERS:,}"
ROUNDED = 1e-12  # of a voltage: what is less was 0


def write_nir(
    network: Network,
    path: str | Path,
    *,
    convention: Convention | None = None,
    units: Units | None = None,
    outputs: Sequence[str] | None = None,
    drop: Collection[Loss] = (),
    seed: int = 0,
) -> Path:
    """Write a network as a NIR file, whole or not at all; see `nir_graph`.

    path  of a file that ends with .nir

    Raises NIRFaults (a ValueError) with all that NIR cannot hold, ValueError for another ending or a folder that is not
    there, ImportError without the extra.
    """
    path = Path(path)
    if path.suffix != ".nir":
        raise ValueError(f"{path.name}: a NIR graph is saved as .nir, not {path.suffix or 'without ending'!r}.")
    if not path.parent.is_dir():
        raise ValueError(f"a graph cannot be saved as {str(path)!r}: there is no such folder; make it first.")
    graph = nir_graph(network, convention=convention, units=units, outputs=outputs, drop=drop, seed=seed)
    part = path.with_name(path.name + ".part")
    try:
        package().write(part, graph)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def nir_graph(
    network: Network,
    *,
    convention: Convention | None = None,
    units: Units | None = None,
    outputs: Sequence[str] | None = None,
    drop: Collection[Loss] = (),
    seed: int = 0,
) -> Any:
    """A network as a nir.NIRGraph.

    convention, units  as in `read_nir`, which with the same ones gives the network back; convention.dt is also the tick
                       to which drawn delays are rounded
    outputs            populations that lead to an Output; None: those whose spikes no other population hears, or all
                       neurons where there is none
    drop               what NIR cannot hold and is to be left out; without it, it is refused
    seed               of the wiring, as in `reafference.run`

    DeltaLIF becomes a LIF, or an IF where it has no leak; CurrentLIF with one synaptic time constant becomes a CubaLIF;
    sources become Inputs. A projection becomes a Linear for each delay that its synapses have, and a Delay where that
    is not one tick; a constant current goes into an Affine, or into v_leak where no projection leads to the neurons.
    What else a network may hold is listed in `CANNOT_HOLD`.
    """
    check_range("seed", seed, 0, 2**63 - 1, "")
    writer = _Writer(network, convention or Impulses(), units or Units(), drop, seed)
    graph = writer.graph(outputs)
    if writer.faults:
        raise NIRFaults("the network cannot be written as NIR", writer.faults)
    return graph


class _Writer:
    """Collects nodes and edges, and what is in the way."""

    def __init__(
        self, network: Network, convention: Convention, units: Units, drop: Collection[Loss], seed: int
    ) -> None:
        self.network, self.convention, self.units, self.seed = network, convention, units, seed
        self.drop, self.faults = frozenset(drop), list[Fault]()
        self.nir = package()
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str]] = []
        self.bias: dict[str, Floats] = {}  # currents that wait for an Affine, in NIR's numbers
        self.numbers = 0
        sources = [p.name for p in network.populations if not getattr(p.kind, "receives", True)]
        self.depth = depths(sources, [(p.source.name, p.target.name) for p in network.projections])

    def graph(self, outputs: Sequence[str] | None) -> Any:
        """The graph, or None with faults."""
        names = [population.name for population in self.network.populations]
        for name in outputs or ():
            if name not in names:
                raise ValueError(f"outputs: no population is called {name!r}; there are {', '.join(names)}.")
        self.check()
        synapses = dict[int, Synapses]()
        for number, projection in enumerate(self.network.projections):
            try:
                synapses[number] = drawn(self.network, number, dt=self.convention.dt, seed=self.seed)
            except (ValueError, TypeError) as error:
                self.faults.append(Fault(f"projection {projection.name!r}", str(error).rstrip("."), "change it."))
        for population in self.network.populations:
            heard = [
                synapses[n] for n, p in enumerate(self.network.projections) if p.target is population and n in synapses
            ]
            self.add_population(population, heard)
        if self.faults:
            return None
        for number, some in synapses.items():
            self.add_projection(number, some)
        if self.faults:
            return None
        for name, current in self.bias.items():  # of neurons that no projection reaches
            node = self.nodes[name]
            node.v_leak = node.v_leak + node.r * current * getattr(node, "w_in", 1.0)
        for name in self.last() if outputs is None else outputs:
            shape = np.array([self.network.populations[names.index(name)].size])
            self.connect(
                name, self.new("output" if not self.has("output") else f"{name} output", self.nir.Output(shape))
            )
        return self.nir.NIRGraph(nodes=self.nodes, edges=self.edges, type_check=False)

    def check(self) -> None:
        """What NIR cannot hold in projections and names."""
        for projection in self.network.projections:
            for loss, part in (
                (Loss.PLASTICITY, projection.plasticity),
                (Loss.SHORT_TERM, projection.short_term),
                (Loss.RELEASE, projection.release),
            ):
                if part is not None:
                    self.lose(loss, f"projection {projection.name!r}")
        for population in self.network.populations:
            if "/" in population.name or population.name == ".":
                what = "a node of a file cannot be called so"
                self.faults.append(Fault(f"population {population.name!r}", what, "use a name without '/'."))

    def lose(self, loss: Loss, where: str) -> None:
        """A fault, unless the caller gives it up."""
        if loss not in self.drop:
            remedy = f"drop={{Loss.{loss.name}}} leaves it out."
            self.faults.append(Fault(where, f"NIR cannot hold {loss.value.partition(';')[0]}", remedy))

    def add_population(self, population: Population, heard: Sequence[Synapses]) -> None:
        """The node of a population."""
        kind, where, count = population.kind, f"population {population.name!r}", population.size
        if not getattr(kind, "receives", True):
            if not isinstance(kind, SpikeTrain) or np.size(kind.time):
                self.lose(Loss.SPIKES, where)
            self.nodes[population.name] = self.nir.Input(np.array([count]))
            return
        if not isinstance(kind, DeltaLIF | CurrentLIF):
            what = f"NIR has no {type(kind).__name__}"
            self.faults.append(Fault(where, what, "describe it as a DeltaLIF or a CurrentLIF, or leave it out."))
            return

        def each(name: str) -> Floats:
            return per_neuron(f"{population.name}: {name}", getattr(kind, name), count)

        if np.any(each("refractory")):
            self.lose(Loss.REFRACTORY, where)
        units = self.units
        level = each("rest") + each("resistance") * each("current")
        initial = each("rest") if kind.initial is None else each("initial")
        start = level + (initial - level) * self.convention.before(self.depth.get(population.name, 0), each("tau"))
        start = np.where(np.abs(start) < ROUNDED * np.maximum(np.abs(level), np.abs(initial)), 0.0, start)
        leak, threshold, reset = ((each(name) - start) / units.voltage for name in ("rest", "threshold", "reset"))
        r = np.where(each("resistance") > 0.0, each("resistance") / units.resistance, 1.0)
        current = np.where(each("resistance") > 0.0, each("current") / units.current, 0.0)
        free = np.isinf(each("tau"))
        if free.any() and not free.all():
            what = "some of its neurons leak and some do not"
            self.faults.append(Fault(where, what, "make two populations of them."))
        elif free.any():
            self.nodes[population.name] = self.nir.IF(r=r, v_threshold=threshold, v_reset=reset)
        elif isinstance(kind, DeltaLIF):
            self.nodes[population.name] = self.nir.LIF(
                tau=self.convention.tau(each("tau")) / units.time,
                r=r,
                v_leak=leak,
                v_threshold=threshold,
                v_reset=reset,
            )
        else:
            tau_s = self.synaptic(where, each("tau_e"), each("tau_i"), heard)
            w_in = self.convention.w_in(self.convention.tau(tau_s), units.time)
            current = current / w_in
            self.nodes[population.name] = self.nir.CubaLIF(
                tau_syn=self.convention.tau(tau_s) / units.time,
                tau_mem=self.convention.tau(each("tau")) / units.time,
                r=r,
                v_leak=leak,
                v_threshold=threshold,
                v_reset=reset,
                w_in=w_in,
            )
        if np.any(current):
            self.bias[population.name] = current

    def synaptic(self, where: str, tau_e: Floats, tau_i: Floats, heard: Sequence[Synapses]) -> Floats:
        """The one synaptic time constant of each neuron."""
        excited, inhibited = (np.zeros(tau_e.size, np.bool_) for _ in range(2))
        for some in heard:
            excited[some.place[some.weight > 0.0]] = True
            inhibited[some.place[some.weight < 0.0]] = True
        if np.any(excited & inhibited & (tau_e != tau_i)):
            what = "it hears excitation and inhibition with two time constants, and a CubaLIF has one"
            self.faults.append(Fault(where, what, "give tau_e and tau_i one value."))
        return np.where(inhibited & ~excited, tau_i, tau_e)

    def add_projection(self, number: int, synapses: Synapses) -> None:
        """Linear (or Affine) and Delay nodes of a projection."""
        projection = self.network.projections[number]
        source, target = projection.source, projection.target
        gain = gain_of(self.nodes[target.name], target.size, self.convention, self.units)
        weight = synapses.weight / gain[synapses.place]
        bundles = list(_bundles(synapses, self.convention.wait(synapses.wait), source.size, target.size))
        self.numbers += len(bundles) * source.size * target.size
        if self.numbers > MOST_NUMBERS:
            what = f"its {len(bundles)} delays take {len(bundles)} matrices of {target.size} x {source.size} numbers"
            remedy = f"NIR's matrices are dense, and all together may have {LIMIT}; use fewer neurons or delays."
            self.faults.append(Fault(f"projection {projection.name!r}", what, remedy))
            return
        for some, before, after in bundles:
            matrix = np.zeros((target.size, source.size))
            matrix[synapses.place[some], synapses.source[some]] = weight[some]
            bias = self.bias.pop(target.name, None)
            node = self.nir.Linear(matrix) if bias is None else self.nir.Affine(matrix, bias)
            begin = source.name
            if np.any(before):
                begin = self.connect(
                    begin, self.new(f"{projection.name} delay", self.nir.Delay(before / self.units.time))
                )
            begin = self.connect(begin, self.new(projection.name, node))
            if np.any(after):
                begin = self.connect(
                    begin, self.new(f"{projection.name} delay", self.nir.Delay(after / self.units.time))
                )
            self.connect(begin, target.name)

    def last(self) -> list[str]:
        """Populations of neurons whose spikes no other population hears; all where there is none."""
        neurons = [p.name for p in self.network.populations if getattr(p.kind, "receives", True)]
        heard = {p.source.name for p in self.network.projections if p.source is not p.target}
        return [name for name in neurons if name not in heard] or neurons

    def has(self, name: str) -> bool:
        """Whether a node, or a population to come, is called so."""
        return name in self.nodes or name in {population.name for population in self.network.populations}

    def new(self, name: str, node: Any) -> str:
        """Add a node under a name that is free; returns it."""
        name = name.replace("/", "|")
        free, count = name, 2
        while self.has(free):
            free, count = f"{name} {count}", count + 1
        self.nodes[free] = node
        return free

    def connect(self, source: str, target: str) -> str:
        """Add an edge; returns its end."""
        self.edges.append((source, target))
        return target


def _bundles(
    synapses: Synapses, wait: Floats, sources: int, targets: int
) -> Iterator[tuple[npt.NDArray[np.bool_], Floats, Floats]]:
    """Synapses that one matrix can hold: (which, wait before it of each source, wait behind it of each target)."""
    nothing_s, nothing_t = np.zeros(sources), np.zeros(targets)
    for index, count, before in ((synapses.source, sources, True), (synapses.place, targets, False)):
        common = np.zeros(count)
        common[index] = wait
        if np.array_equal(common[index], wait):
            every = np.ones(wait.size, np.bool_)
            yield (every, common, nothing_t) if before else (every, nothing_s, common)
            return
    for value in np.unique(wait):
        yield wait == value, np.full(sources, value), nothing_t
