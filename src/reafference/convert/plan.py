"""What becomes of each operation, and where spikes are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from torch import fx

from reafference.convert.exported import Exported, place_of
from reafference.convert.fault import CannotConvert, Fault
from reafference.convert.operations import (
    ACTIVATIONS,
    ATTENTION,
    AVERAGES,
    CONVOLUTIONS,
    GREATEST,
    JOINS,
    KNOWN,
    LINEAR,
    LOOKUPS,
    NEVER_BELOW,
    NORMALISED,
    NOTHING,
    PRODUCTS,
    SCALES,
    SOFTMAX,
    SUMS,
    SYNAPTIC,
    data_of,
    is_carrier,
    is_float,
    is_measured,
    rank_of,
)


class Fate(Enum):
    """What becomes of an operation."""

    SPIKING = "spiking"
    FOLDED = "folded"
    EXACT = "exact"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class NodeReport:
    """One operation of the model.

    node       its name in the graph
    operation  such as "conv2d"
    where      file and line of the user's code
    fate       what became of it
    why        in words
    """

    node: str
    operation: str
    where: str
    fate: Fate
    why: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """A value that becomes spikes.

    node      whose value
    axis      of its channels
    shared    one threshold for all channels, because no weights could take several
    signed    spikes of both signs
    shares    the numbers are parts of one (a softmax): thresholds are powers of two below 1
    curved    it follows an activation with a long tail (GELU and the like), which has some more levels
    """

    node: fx.Node
    axis: int
    shared: bool = False
    signed: bool = True
    shares: bool = False
    curved: bool = False


@dataclass(frozen=True, eq=False)
class Plan:
    """Sites by node, and the reports of all operations in order."""

    sites: dict[fx.Node, Site]
    reports: tuple[NodeReport, ...]


def plan(exported: Exported) -> Plan:
    """Decide for every operation. Raises CannotConvert that names all operations that nobody knows."""
    graph = exported.graph.graph
    alive = _alive(graph)
    faults = [_unknown(node) for node in graph.nodes if node in alive and is_measured(node) and not _is_known(node)]
    if faults:
        raise CannotConvert(faults)
    leads = _leads(graph, alive)
    if not any(node.target in SYNAPTIC for node in alive):
        what = "it has no weights: no linear, convolution or product depends on the input."
        raise CannotConvert([Fault("the model", "", what, "Give a network.")])
    sites: dict[fx.Node, Site] = {}
    for node in graph.nodes:
        if node in alive and node.target in SYNAPTIC:
            for number, operand in enumerate(data_of(node)):
                for producer in _producers(operand, alive):
                    _mark(sites, producer, node, number)
        if node in alive and node.target in ACTIVATIONS and node in leads and node not in sites:
            sites[node] = _site(node, None)
    reports = [_report(node, sites, alive, leads) for node in graph.nodes if node.op == "call_function"]
    return Plan(sites, tuple(reports))


def _is_known(node: fx.Node) -> bool:
    return node.op != "call_function" or node.target in KNOWN or _is_conversion(node)


def _is_conversion(node: fx.Node) -> bool:
    """Conversions between kinds of numbers, constants, sizes."""
    return any(
        str(node.target).startswith(f"aten.{name}.") for name in ("to", "_to_copy", "full", "zeros", "ones", "arange")
    )


def _unknown(node: fx.Node) -> Fault:
    remedy = "Replace it by operations that are known, or keep it outside the model that is converted."
    return Fault(node.name, place_of(node), f"nobody knows how {node.target} is to spike.", remedy)


def _alive(graph: fx.Graph) -> set[fx.Node]:
    """Nodes whose value depends on an input and is, or is made of, floats; constants are not among them."""
    alive: set[fx.Node] = set()
    for node in graph.nodes:
        inputs = node.op == "placeholder" or any(each in alive for each in node.all_input_nodes)
        if node.op in ("placeholder", "call_function") and inputs:
            alive.add(node)
    return alive


def _leads(graph: fx.Graph, alive: set[fx.Node]) -> set[fx.Node]:
    """Nodes whose value reaches weights."""
    leads: set[fx.Node] = set()
    for node in reversed(graph.nodes):
        for user in node.users:
            if user in alive and (user in leads or (user.target in SYNAPTIC and node in data_of(user))):
                leads.add(node)
    return leads


def _producers(node: fx.Node, alive: set[fx.Node]) -> Iterator[fx.Node]:
    """Where a value's numbers are made: back over all that only moves, joins or averages them."""
    if node not in alive or not is_float(node):
        return
    passed = is_carrier(node) or node.target in NOTHING | GREATEST | AVERAGES
    if node.op == "call_function" and passed:
        yield from _producers(node.args[0], alive) if isinstance(node.args[0], fx.Node) else ()
    elif node.op == "call_function" and node.target in JOINS:
        parts = node.args[0]
        for part in parts if isinstance(parts, list | tuple) else ():
            if isinstance(part, fx.Node):
                yield from _producers(part, alive)
    elif node.op == "call_function":
        yield node


def _mark(sites: dict[fx.Node, Site], producer: fx.Node, consumer: fx.Node, number: int) -> None:
    site = sites.get(producer) or _site(producer, consumer)
    if consumer.target in PRODUCTS or (consumer.target in ATTENTION and number < 2):
        site = replace(site, shared=True)
    sites[producer] = site


def _site(node: fx.Node, consumer: fx.Node | None) -> Site:
    rank = rank_of(node)
    convolved = consumer is not None and consumer.target in CONVOLUTIONS
    axis = 1 if rank == 4 or (rank == 3 and convolved) else rank - 1
    return Site(
        node=node,
        axis=axis,
        shared=rank < 2,
        signed=node.target not in NEVER_BELOW and node.target not in SOFTMAX,
        shares=node.target in SOFTMAX,
        curved=node.target in ACTIVATIONS and node.target not in NEVER_BELOW,
    )


def _report(node: fx.Node, sites: dict[fx.Node, Site], alive: set[fx.Node], leads: set[fx.Node]) -> NodeReport:
    fate, why = _fate(node, sites, alive, leads)
    if node in sites and fate is not Fate.SPIKING:
        why += "; its result becomes spikes of both signs"
    name = str(node.target).removeprefix("aten.").partition(".")[0]
    return NodeReport(node=node.name, operation=name, where=place_of(node), fate=fate, why=why)


def _fate(node: fx.Node, sites: dict[fx.Node, Site], alive: set[fx.Node], leads: set[fx.Node]) -> tuple[Fate, str]:
    target = node.target
    if node not in alive or not is_float(node):
        return Fate.EXACT, "depends on shapes, masks or constants alone"
    if target in ACTIVATIONS or target in SOFTMAX:
        if node in sites:
            return Fate.SPIKING, "powers of two below 1 as thresholds" if sites[
                node
            ].shares else "scale-and-fire neurons"
        return Fate.KEPT, "reads out: no weights follow"
    if target in SYNAPTIC:
        if target in LINEAR | CONVOLUTIONS:
            analog = not any(True for operand in data_of(node) for _ in _producers(operand, alive))
            if analog:
                return Fate.KEPT, "reads the input, which is no spikes"
            return Fate.EXACT, "synapses; thresholds are folded into its weights"
        return Fate.EXACT, "products of whole numbers of spikes"
    if target in NORMALISED:
        return Fate.FOLDED, "into the weights before it, or a factor of the current"
    if target in NOTHING:
        return Fate.FOLDED, "does nothing in evaluation"
    if target in GREATEST:
        return Fate.EXACT, "the greatest of whole numbers"
    if target in AVERAGES:
        return Fate.EXACT, "a sum of whole numbers; the division is folded into what follows"
    if is_carrier(node) or target in JOINS:
        return Fate.EXACT, "moves numbers and changes none"
    if target in SUMS:
        return Fate.EXACT, "currents that meet"
    if target in LOOKUPS:
        return Fate.EXACT, "a table"
    if node not in leads:
        return Fate.KEPT, "reads out: no weights follow"
    return Fate.KEPT, SCALES.get(target, "converts or fills in numbers")  # pyright: ignore[reportArgumentType, reportCallIssue]
