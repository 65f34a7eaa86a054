"""From a NIR graph to a network."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from reafference.network import (
    AllToAll,
    EdgeList,
    Network,
    Neuron,
    Population,
    Projection,
    SpikeTrain,
)
from reafference.network.network import MAX_WEIGHT
from reafference.nir import linear
from reafference.nir.cells import NEURONS, gain_of, neuron_of, one_or_each
from reafference.nir.convention import Convention, Impulses, Units
from reafference.nir.depth import depths
from reafference.nir.fault import Fault, NIRFaults
from reafference.nir.graph import Flat, declared, flat_graph, kind_of, shape_of
from reafference.nir.limits import CANNOT_READ
from reafference.nir.linear import Floats, Ints, Map, Shape, size
from reafference.nir.signal import Signal, Synapses, spikes_of, summed, through, tidy

SUSPECT = 100.0  # times the way from reset to threshold, by one event


def read_nir(
    graph: Any,
    *,
    convention: Convention | None = None,
    units: Units | None = None,
    leave_out: Collection[str] = (),
) -> Network:
    """The network that a NIR graph describes.

    graph       path of a file, or a nir.NIRGraph
    convention  what a spike is; `Impulses()`, the equations as they stand, if not given. What snnTorch, Norse or Lava
                have exported is read with `EulerSteps(dt=...)`
    units       V, A and s of 1; `Units()`, 1 mV, 1 nA and 1 s, if not given
    leave_out   names of nodes that are not read, nor their edges: a readout that no network can hold, say; a node "lin"
                in a graph "lif1" is called "lif1.lin"

    LIF becomes a DeltaLIF, CubaLIF a CurrentLIF, IF a DeltaLIF without leak (tau = inf), Input a silent SpikeTrain (to
    be fed by `inject_spikes` or `reafference.network.feed`): populations under the names of their nodes, flattened with
    the last index running fastest. All that lies between them (Linear, Affine, Scale, Conv1d, Conv2d, SumPool2d,
    AvgPool2d, Flatten, Delay, graphs inside) becomes synapses with weights and delays, one projection for each pair of
    populations; synapses of weight 0 are left out. Biases become constant currents, which act on a CubaLIF from the
    start and not only as its I charges. v starts at 0, which NIR does not say but frameworks do. NIR spikes above
    threshold, the engine at it.

    Raises NIRFaults (a ValueError) with all that is wrong or cannot be held, ImportError without the extra, OSError for
    a file that is not there.
    """
    convention, units = convention or Impulses(), units or Units()
    faults = list[Fault]()
    name = Path(graph).name if isinstance(graph, str | Path) else "the graph"
    if isinstance(leave_out, str):
        raise TypeError(f"leave_out = {leave_out!r} is one word; give a list of names.")
    flat = flat_graph(graph, faults, leave_out)
    network = _Reader(flat, convention, units, faults).network()
    if faults or network is None:
        raise NIRFaults(f"{name} cannot be read", faults)
    return network


class _Reader:
    """Makes populations and projections of a flat graph; faults are added to the list that it is given."""

    def __init__(self, flat: Flat, convention: Convention, units: Units, faults: list[Fault]) -> None:
        self.flat, self.convention, self.units, self.faults = flat, convention, units, faults
        self.whole = not faults  # without a fault so far: what follows from one is no other
        self.into: dict[str, list[str]] = {name: [] for name in flat.nodes}
        for source, target in flat.edges:
            if source in flat.nodes and target in flat.nodes:
                self.into[target].append(source)

    def network(self) -> Network | None:
        """The network, or None where faults are in the way."""
        signals = self.signals()
        populations = dict[str, Population]()
        projections = list[Projection]()
        inputs = [name for name, node in self.flat.nodes.items() if kind_of(node) == "Input"]
        heard = {name: self.heard(name, signals) for name, node in self.flat.nodes.items() if kind_of(node) in NEURONS}
        depth = depths(
            inputs, [(source, name) for name, each in heard.items() for source in (each.paths if each else ())]
        )
        for name in self.in_order():
            node = self.flat.nodes[name]
            if kind_of(node) in (*NEURONS, "Input") and name in signals:
                population = self.population(name, node, signals[name].shape, heard.get(name), depth.get(name, 0))
                if population is not None:
                    populations[name] = population
        for name in self.in_order():
            if kind_of(self.flat.nodes[name]) in NEURONS and name in populations:
                projections += self.projections(name, populations, heard[name])
            elif kind_of(self.flat.nodes[name]) == "Output":
                self.check_output(name, signals)
        if not any(kind_of(node) in NEURONS for node in self.flat.nodes.values()) and not self.faults:
            self.fault("the graph", "it has no neurons", "give it a LIF, CubaLIF or IF.")
        if self.faults:
            return None
        return Network(populations=list(populations.values()), projections=projections)

    def fault(self, where: str, what: str, remedy: str) -> None:
        """Note one."""
        self.faults.append(Fault(where, what, remedy))

    def in_order(self) -> list[str]:
        """Names of nodes as spikes reach them from the Inputs; what none reaches comes last, names in order."""
        found = sorted(name for name, node in self.flat.nodes.items() if kind_of(node) == "Input")
        begin = 0
        while begin < len(found):
            level, begin = set(found[begin:]), len(found)
            found += sorted(name for name in self.into if name not in found and level & set(self.into[name]))
        return found + sorted(self.flat.nodes.keys() - set(found))

    def signals(self) -> dict[str, Signal]:
        """What each node sends; nodes of which that cannot be told are left out."""
        signals = dict[str, Signal]()
        rest = list[str]()
        for name, node in self.flat.nodes.items():
            kind = kind_of(node)
            if kind in CANNOT_READ:
                remedy = f"end the graph before it, or read it with leave_out=[{name!r}]."
                self.fault(f"node {name!r}", f"a {kind} cannot be read: {CANNOT_READ[kind]}", remedy)
            elif kind in (*NEURONS, "Input"):
                shape = self.own_shape(name, node)
                if shape is not None:
                    signals[name] = spikes_of(name, shape)
            elif node is not None and kind != "Output":
                rest.append(name)
        waiting = set(rest)
        while True:
            ready = [name for name in rest if name in waiting and not waiting & set(self.into[name])]
            if not ready:
                break
            for name in ready:
                waiting.discard(name)
                signal = self.sent(name, signals)
                if signal is not None:
                    signals[name] = signal
        if waiting:
            ring = [name for name in rest if name in waiting]
            what = f"they make a ring without a neuron, or are fed by one: {', '.join(ring)}"
            self.fault("nodes", what, "a loop needs a neuron, whose spikes take a tick.")
        return signals

    def own_shape(self, name: str, node: Any) -> Shape | None:
        """Shape of the neurons of a node."""
        if kind_of(node) == "Input":
            if declared(node) is None:
                self.fault(f"node {name!r}", "it has no shape", "say how many inputs there are.")
            return declared(node)
        shape = tuple(np.shape(node.v_threshold))
        for field in ("tau", "tau_mem", "tau_syn", "r", "v_leak", "v_reset", "w_in"):
            given = np.shape(getattr(node, field, node.v_threshold))
            if given != shape:
                what = f"{field} has shape {given}, v_threshold {shape}"
                self.fault(f"node {name!r}", what, "give all parameters one shape.")
                return None
        return shape

    def heard(self, name: str, signals: dict[str, Signal]) -> Signal | None:
        """The sum of what arrives at a node, or None where nothing does or it is unknown."""
        incoming = [signals.get(source) for source in self.into[name]]
        known = [signal for signal in incoming if signal is not None]
        if not known or len(known) < len(incoming):
            return None
        sizes = {source: signals[source].shape for source in self.into[name]}
        if len({_squeezed(shape) for shape in sizes.values()}) > 1:
            what = ", ".join(f"{shape} from {source!r}" for source, shape in sizes.items())
            self.fault(f"node {name!r}", f"what arrives has different shapes: {what}", "make them one.")
            return None
        return summed(known)

    def sent(self, name: str, signals: dict[str, Signal]) -> Signal | None:
        """What a linear node sends."""
        node = self.flat.nodes[name]
        if not self.into[name]:
            if self.whole:
                remedy = "connect it to an Input or a neuron, or take it out."
                self.fault(f"node {name!r}", "no edge leads to it", remedy)
            return None
        heard = self.heard(name, signals)
        if heard is None:
            return None
        try:
            step = self.map_of(node, heard.shape)
        except (ValueError, TypeError, IndexError) as error:
            self.fault(f"node {name!r}", str(error), "write the node anew.")
            return None
        return through(heard, step) if self.fits(name, heard, step.takes) else None

    def fits(self, name: str, heard: Signal, takes: Shape) -> bool:
        """Whether what arrives has the shape that a node takes, ones apart."""
        if _squeezed(heard.shape) == _squeezed(takes):
            return True
        sources = ", ".join(repr(source) for source in self.into[name])
        what = f"it takes an array of shape {takes}, but {heard.shape} comes from {sources}"
        self.fault(f"node {name!r}", what, "make the shapes fit.")
        return False

    def map_of(self, node: Any, heard: Shape) -> Map:
        """A linear node as a map from what arrives."""
        match kind_of(node):
            case "Pass":
                return linear.diagonal(heard if node.shape is None else node.shape)
            case "Linear":
                return linear.dense(np.asarray(node.weight))
            case "Affine":
                return linear.dense(np.asarray(node.weight), node.bias)
            case "Scale":
                return linear.diagonal(tuple(np.shape(node.scale)), node.scale)
            case "Delay":
                wait = np.asarray(node.delay, np.float64) * self.units.time
                if wait.min() < 0.0:
                    raise ValueError(f"a delay of {wait.min():g} s is negative")
                return linear.diagonal(tuple(np.shape(node.delay)), wait=wait)
            case "Flatten":
                takes = declared(node) or heard
                return linear.diagonal(takes, gives=linear.flattened(takes, node.start_dim, node.end_dim))
            case "Conv1d" | "Conv2d":
                return self.convolution(node, heard)
            case "SumPool2d" | "AvgPool2d":
                if len(heard) < 2:
                    raise ValueError(f"a pool needs two axes, but an array of shape {heard} arrives")
                return linear.pool(node, heard, mean=kind_of(node) == "AvgPool2d")
            case kind:
                raise ValueError(f"a {kind} is not known")

    def convolution(self, node: Any, heard: Shape) -> Map:
        """A convolution of what arrives, or of the shape that the node declares."""
        weight = np.asarray(node.weight)
        groups = int(np.asarray(node.groups).reshape(-1)[0])
        takes = heard
        if node.input_shape is not None:
            takes = (weight.shape[1] * groups, *shape_of(node.input_shape))
        if len(takes) != weight.ndim - 1 or takes[0] != weight.shape[1] * groups:
            raise ValueError(
                f"weights of shape {weight.shape} in {groups} groups take {weight.shape[1] * groups} channels of "
                f"{weight.ndim - 2} axes, but an array of shape {takes} arrives"
            )
        return linear.convolution(node, takes)

    def population(self, name: str, node: Any, shape: Shape, heard: Signal | None, depth: int) -> Population | None:
        """The population of a node, or None with a fault."""
        if heard is not None and not self.fits(name, heard, shape):
            return None
        try:
            kind: Neuron = SpikeTrain()
            if kind_of(node) != "Input":
                constant = np.zeros(size(shape)) if heard is None else heard.constant
                kind = neuron_of(node, constant, depth, self.convention, self.units)
            return Population(name, size(shape), kind)
        except (ValueError, TypeError) as error:
            what = str(error).removeprefix(f"{name}: ").rstrip(".")
            self.fault(f"node {name!r}", what, "`units` says what NIR's numbers stand for.")
            return None

    def projections(self, name: str, populations: dict[str, Population], heard: Signal | None) -> list[Projection]:
        """All synapses onto the neurons of a node."""
        if heard is None:
            return []
        target, made = populations[name], list[Projection]()
        gain = gain_of(self.flat.nodes[name], target.size, self.convention, self.units)
        for source, paths in heard.paths.items():
            delay = self.convention.delay(paths.wait)
            paths = tidy(paths.source, paths.place, paths.weight, delay)
            weight = paths.weight * gain[paths.place]
            if source not in populations or not weight.size:
                continue
            self.warn_of_steps(name, source, np.abs(weight), paths.place)
            most = np.abs(weight).max()
            if most > MAX_WEIGHT:
                what = f"its strongest event from {source!r} is {most:g} V, above the limit of {MAX_WEIGHT:g} V"
                remedy = "was it exported by a framework that takes steps? Then give convention=EulerSteps(dt=...)"
                self.fault(f"node {name!r}", what, f"{remedy}; or a smaller Units.voltage.")
                continue
            try:
                wiring = _wiring(paths, populations[source].size, target.size)
                made.append(
                    Projection(populations[source], target, wiring, weight=weight, delay=one_or_each(paths.wait))
                )
            except (ValueError, TypeError) as error:
                self.fault(f"node {name!r}", f"what it hears from {source!r}: {error}", "change the graph.")
        return made

    def warn_of_steps(self, name: str, source: str, strength: Floats, place: Ints) -> None:
        """Say so where events are as strong as they are in a file that was made for steps and read as impulses."""
        node = self.flat.nodes[name]
        far = np.abs(np.asarray(node.v_threshold) - np.asarray(node.v_reset)).reshape(-1)[place] * self.units.voltage
        times = float(np.median(strength / far))
        if isinstance(self.convention, Impulses) and times > SUSPECT:
            warnings.warn(
                f"node {name!r}: half of the events from {source!r} are {times:.3g} times as strong as it takes to "
                "spike; if a framework that takes steps has exported this, read it with convention=EulerSteps(dt=...).",
                stacklevel=5,
            )

    def check_output(self, name: str, signals: dict[str, Signal]) -> None:
        """An Output is the spikes of one population as they are, which are recorded anyway; else a fault."""
        node, heard = self.flat.nodes[name], self.heard(name, signals)
        if heard is None or not self.fits(name, heard, declared(node) or heard.shape):
            return
        for source, paths in heard.paths.items():
            plain = spikes_of(source, heard.shape).paths[source]
            same = all(
                np.array_equal(getattr(paths, field), getattr(plain, field))
                for field in ("source", "place", "weight", "wait")
            )
            if not same or len(heard.paths) > 1 or np.any(heard.constant):
                break
        else:
            return
        nodes = ", ".join(repr(source) for source in self.into[name])
        what = f"what {nodes} computes of spikes leads to no neuron, and populations send spikes alone"
        self.fault(f"node {name!r}", what, f"end the graph with neurons, or read it with leave_out=[{nodes}].")


def _squeezed(shape: Shape) -> Shape:
    return tuple(each for each in shape if each != 1)


def _wiring(paths: Synapses, sources: int, targets: int) -> AllToAll | EdgeList:
    """The pairs of paths, which are in order of source and place."""
    if paths.source.size == sources * targets:
        every = np.arange(sources * targets)
        if np.array_equal(paths.source * targets + paths.place, every):
            return AllToAll()
    return EdgeList(paths.source.astype(np.int32), paths.place.astype(np.int32))
