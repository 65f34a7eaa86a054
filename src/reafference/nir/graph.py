"""A NIR graph without graphs inside, and what is wrong with its nodes and edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reafference.nir.fault import Fault, NIRFaults
from reafference.nir.linear import Shape
from reafference.nir.package import package

Edge = tuple[str, str]
LEAVES = (
    *("Input", "Output", "LIF", "CubaLIF", "IF", "LI", "CubaLI", "I", "Threshold", "Linear", "Affine", "Scale"),
    *("Conv1d", "Conv2d", "SumPool2d", "AvgPool2d", "Flatten", "Delay"),
)
BROKEN = OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, MemoryError, OverflowError
SHOWN = 8  # names that an error lists


@dataclass(frozen=True, eq=False)
class Pass:
    """The Input or Output of a graph inside a graph: what comes goes on. Its shape may be left open."""

    shape: Shape | None


@dataclass(frozen=True, eq=False)
class Flat:
    """Nodes by name and edges; a node "lin" in a graph "lif1" is called "lif1.lin"."""

    nodes: Mapping[str, Any]
    edges: tuple[Edge, ...]


def kind_of(node: Any) -> str:
    """The name of a node's type."""
    return type(node).__name__


def shape_of(value: Any) -> Shape:
    """A shape as it stands in a node."""
    return tuple(int(each) for each in np.asarray(value).reshape(-1))


def declared(node: Any) -> Shape | None:
    """The shape that an Input, Output or Flatten declares, or None where it leaves it open."""
    given = node.output_type["output"] if kind_of(node) == "Output" else node.input_type["input"]
    return None if given is None else shape_of(given)


def flat_graph(graph: Any, faults: list[Fault], leave_out: Collection[str]) -> Flat:
    """The graph of a file (a path) or a nir.NIRGraph. Raises for a file that cannot be opened or is no NIR file."""
    nodes, edges = _from_file(Path(graph), faults) if isinstance(graph, str | Path) else _from_object(graph, faults)
    flat_nodes: dict[str, Any] = {}
    flat_edges: list[Edge] = []
    _flatten(nodes, edges, "", flat_nodes, flat_edges, faults)
    for name in sorted(set(leave_out) - flat_nodes.keys()):
        faults.append(Fault(f"leave_out: {name!r}", "no node is called so", f"there are {_some(flat_nodes)}."))
    for name in leave_out:
        flat_nodes.pop(name, None)
    kept = [edge for edge in flat_edges if not set(edge) & set(leave_out)]
    for name, node in flat_nodes.items():
        before = len(faults)
        _check_numbers(name, node, faults)
        if len(faults) > before:
            flat_nodes[name] = None  # what else could be said of it would follow from that
    return Flat(flat_nodes, tuple(kept))


def _some(names: Collection[str]) -> str:
    shown = sorted(names)[:SHOWN]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "") or "none"


def _from_object(graph: Any, faults: list[Fault]) -> tuple[dict[str, Any], list[Edge]]:
    """Nodes (graphs inside as pairs of the same) and edges of a nir.NIRGraph."""
    if not hasattr(graph, "nodes") or not hasattr(graph, "edges"):
        raise TypeError(f"{graph!r} is no NIR graph; give a path or a nir.NIRGraph.")
    nodes = {str(k): _from_object(n, faults) if hasattr(n, "nodes") else n for k, n in graph.nodes.items()}
    return nodes, [(str(a), str(b)) for a, b in graph.edges]


def _from_file(path: Path, faults: list[Fault]) -> tuple[dict[str, Any], list[Edge]]:
    h5py = package("h5py")
    nir = package()
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}.")
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; give a file.")
    try:
        with h5py.File(path, "r") as file:
            tree = _tree(file["node"])
    except BROKEN as error:
        reason = "it has no group 'node'" if isinstance(error, KeyError) else str(error)
        fault = Fault("the file", f"it is no NIR file, or it is cut short or damaged ({reason})", "write it again.")
        raise NIRFaults(f"{path.name} cannot be read", [fault]) from error
    if tree.get("type") != "NIRGraph":
        tree = {"type": "NIRGraph", "nodes": {"node": tree}, "edges": []}
    return _graph(tree, "", nir, faults)


def _tree(group: Any) -> dict[str, Any]:
    """A group of HDF5 as a dictionary."""
    tree: dict[str, Any] = {}
    for key, item in group.items():
        value: Any = _tree(item) if hasattr(item, "items") else item[()]
        tree[str(key)] = value.decode() if isinstance(value, bytes) else value
    return tree


def _graph(tree: Mapping[str, Any], prefix: str, nir: Any, faults: list[Fault]) -> tuple[dict[str, Any], list[Edge]]:
    """Nodes and edges of a graph as it lies in a file."""
    where = f"graph {prefix[:-1]!r}" if prefix else "the graph"
    nodes: dict[str, Any] = {}
    described: Any = tree.get("nodes", {})
    for name, fields in described.items() if isinstance(described, dict) else ():
        known: Any = fields if isinstance(fields, dict) else {}
        if known.get("type") == "NIRGraph":
            nodes[name] = _graph(known, f"{prefix}{name}.", nir, faults)
        else:
            nodes[name] = _leaf(f"{prefix}{name}", known, nir, faults)
    rows = np.asarray(tree.get("edges", ()), dtype=object)
    if "nodes" not in tree or "edges" not in tree or (rows.size and (rows.ndim != 2 or rows.shape[1] != 2)):
        faults.append(Fault(where, "it lacks nodes or edges, or its edges are no pairs", "write the file again."))
        return nodes, []
    text = [[each.decode() if isinstance(each, bytes) else str(each) for each in row] for row in rows]
    return nodes, [(row[0], row[1]) for row in text]


def _leaf(name: str, fields: Mapping[str, Any], nir: Any, faults: list[Fault]) -> Any:
    """A node of the real package, or None with a fault."""
    kind = fields.get("type")
    if kind not in LEAVES:
        what = f"its type is {kind!r}, which is none of NIR's primitives"
        faults.append(Fault(f"node {name!r}", what, f"known are {', '.join(LEAVES)}."))
        return None
    try:
        return getattr(nir, str(kind)).from_dict(dict(fields))
    except (AssertionError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        faults.append(Fault(f"node {name!r}", f"it is no whole {kind} ({reason})", "write the file again."))
        return None


def _flatten(
    nodes: Mapping[str, Any],
    edges: list[Edge],
    prefix: str,
    flat_nodes: dict[str, Any],
    flat_edges: list[Edge],
    faults: list[Fault],
) -> None:
    """Put a graph's nodes and edges into flat ones; those to and from a graph inside go to its Input and Output."""
    doors: dict[str, tuple[list[str], list[str]]] = {}
    for name, node in nodes.items():
        whole = f"{prefix}{name}"
        if isinstance(node, tuple):
            inner: dict[str, Any] = node[0]
            _flatten(inner, node[1], f"{whole}.", flat_nodes, flat_edges, faults)
            kinds = {f"{whole}.{each}": kind_of(inner[each]) for each in inner}
            doors[name] = (
                [each for each, kind in kinds.items() if kind == "Input"],
                [each for each, kind in kinds.items() if kind == "Output"],
            )
            continue
        if whole in flat_nodes:
            faults.append(Fault(f"node {whole!r}", "two nodes are called so", "rename one."))
        if prefix and kind_of(node) in ("Input", "Output"):
            node = Pass(declared(node))
        flat_nodes[whole] = node
    seen = set[Edge]()
    for edge in edges:
        ends = list[str]()
        if edge in seen:
            faults.append(Fault(f"edge {edge}", "it is there twice", "leave one out; to double a signal, scale it."))
            continue
        seen.add(edge)
        for name, side in zip(edge, ("Output", "Input"), strict=True):
            if name not in nodes:
                what = f"it {'begins' if side == 'Output' else 'ends'} at {prefix + name!r}, which is no node"
                faults.append(Fault(f"edge {prefix}{edge[0]} -> {prefix}{edge[1]}", what, f"there are {_some(nodes)}."))
            elif name in doors:
                door = doors[name][0 if side == "Input" else 1]
                if len(door) != 1:
                    what = f"graph {prefix + name!r} inside has {len(door)} nodes of type {side}"
                    faults.append(Fault(f"edge {edge}", what, "give it one, so that an edge says which."))
                else:
                    ends.append(door[0])
            else:
                ends.append(f"{prefix}{name}")
        if len(ends) == 2:
            flat_edges.append((ends[0], ends[1]))


def _check_numbers(name: str, node: Any, faults: list[Fault]) -> None:
    """Everything in a node is there and finite."""
    if node is None or isinstance(node, Pass):
        return
    where, kind = f"node {name!r}", kind_of(node)
    if kind in ("Input", "Output", "Flatten") and min(declared(node) or (1,)) < 1:
        faults.append(Fault(where, f"its shape is {declared(node)}", "give at least one element along each axis."))
    for field, value in vars(node).items():
        array = np.asarray(0.0 if field in ("input_type", "output_type", "metadata") else value)
        if array.dtype.kind not in "fiu":
            continue
        if array.size == 0:
            faults.append(
                Fault(where, f"{field} has shape {array.shape}, so it is empty", "give at least one element.")
            )
            return
        if not np.all(np.isfinite(array)):
            count = int(np.count_nonzero(~np.isfinite(array)))
            what = f"{field} has {count} of {array.size} values that are NaN or infinite"
            faults.append(Fault(where, what, "write finite numbers."))
