"""A network in a file: `save_network` and `load_network`.

The file is a .npz: one JSON text of all descriptions, and the arrays that they hold. Each description (neuron, wiring,
distribution, rule) is written as the class that it is and its fields, and made again by calling that class; so what a
class checks is checked again when a file is read, and a new neuron needs nothing here. Nothing in a file is executed,
but reading it imports the modules of its classes: those of this package, and others only where the reader names them.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reafference.network.network import Network, Population, Projection
from reafference.npz import BROKEN, Arrays, read_npz, write_npz

KIND = "reafference network 1"
OWN = "reafference"


def save_network(network: Network, path: str | Path) -> Path:
    """Write a network to a .npz file, whole or not at all.

    Raises ValueError for another ending, a folder that is not there, and for a part that is no dataclass (and so cannot
    be described by its fields).
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"{path.name}: a network is saved as .npz, not {path.suffix or 'without ending'!r}.")
    if not path.parent.is_dir():
        raise ValueError(f"a network cannot be saved as {str(path)!r}: there is no such folder; make it first.")
    arrays: Arrays = {}
    about = {
        "kind": KIND,
        "populations": [
            {"name": p.name, "size": int(p.size), "kind": _encoded(p.kind, p.name, arrays)} for p in network.populations
        ],
        "projections": [_projection(projection, arrays) for projection in network.projections],
    }
    part = path.with_name(path.name + ".part")
    try:
        write_npz(part, about, arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def load_network(path: str | Path, *, modules: Collection[str] = ()) -> Network:
    """The network that was saved.

    modules  top-level packages besides this one whose classes may be imported, such as ("my_neurons",)

    Raises ValueError for a file that is none of ours, cut short or damaged, for a class of a package that is not named,
    and whatever a description raises for parameters that cannot be meant.
    """
    path = Path(path)
    try:
        about, arrays = read_npz(path)
        if about.get("kind") != KIND:
            raise ValueError(f"its kind is {about.get('kind')!r}, not {KIND!r}")
        described = list(about["populations"]), list(about["projections"])
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except BROKEN as error:
        raise ValueError(f"{path} is no network of this package, or it is cut short or damaged ({error}).") from error
    reader = _Reader(path.name, arrays, frozenset({OWN, *modules}))
    populations = {entry["name"]: reader.population(entry) for entry in described[0]}
    return Network(
        populations=list(populations.values()),
        projections=[reader.projection(entry, populations) for entry in described[1]],
    )


def _projection(projection: Projection, arrays: Arrays) -> dict[str, Any]:
    """A projection by the fields that it is made of, its ends by name."""
    told: dict[str, Any] = {}
    for field in fields(projection):
        value = getattr(projection, field.name)
        where = f"{projection.name}: {field.name}"
        told[field.name] = value.name if isinstance(value, Population) else _encoded(value, where, arrays)
    return told


def _encoded(value: Any, where: str, arrays: Arrays) -> Any:
    """A value as a tree for strict JSON; arrays go into `arrays`."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise ValueError(f"{where} is an array of Python objects, which no file can hold; use numbers.")
        arrays[f"array {len(arrays)}"] = value
        return {"$array": f"array {len(arrays) - 1}"}
    if isinstance(value, list | tuple):
        items = [_encoded(item, f"{where}[{k}]", arrays) for k, item in enumerate(value)]
        return {"$tuple": items} if isinstance(value, tuple) else items
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        if "<locals>" in kind.__qualname__ or kind.__module__ == "__main__":
            raise ValueError(
                f"{where} is a {kind.__qualname__} of {kind.__module__}, which a reader cannot import; put its class "
                "into a module of its own."
            )
        parts = {f.name: _encoded(getattr(value, f.name), f"{where}.{f.name}", arrays) for f in fields(value) if f.init}
        return {"$class": [kind.__module__, kind.__qualname__], "fields": parts}
    raise ValueError(f"{where} is a {type(value).__name__} and no dataclass, so it cannot be saved by its fields.")


class _Reader:
    """Makes descriptions of what a file says; `name` is what errors call it."""

    def __init__(self, name: str, arrays: Arrays, packages: frozenset[str]) -> None:
        self.name, self.arrays, self.packages = name, arrays, packages

    def population(self, told: Mapping[str, Any]) -> Population:
        """One population."""
        return Population(told["name"], told["size"], self.value(told["kind"]))

    def projection(self, told: Mapping[str, Any], populations: Mapping[str, Population]) -> Projection:
        """One projection between populations that have been read."""
        known: dict[str, Any] = {}
        for key, tree in told.items():
            if key in ("source", "target"):
                if tree not in populations:
                    raise ValueError(f"{self.name} has a projection from or to {tree!r}, but no such population.")
                known[key] = populations[tree]
            else:
                known[key] = self.value(tree)
        return Projection(**known)

    def value(self, tree: Any) -> Any:
        """The value that was encoded."""
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        match tree:
            case {"$float": text}:
                return float(text)
            case {"$array": key}:
                if key not in self.arrays:
                    raise ValueError(f"{self.name} lacks {key!r}, one of its arrays; it is damaged.")
                return self.arrays[key]
            case {"$tuple": items}:
                return tuple(self.value(item) for item in items)
            case {"$class": [str(module), str(name)], "fields": dict(parts)}:
                return self.kind(module, name)(**{key: self.value(part) for key, part in parts.items()})
            case dict():
                raise ValueError(f"{self.name} holds {sorted(tree)} where a description should be; it is damaged.")
            case _:
                return tree

    def kind(self, module: str, name: str) -> type[Any]:
        """A class by the module and name that a file gives; only dataclasses of allowed packages are called."""
        package = module.partition(".")[0]
        if package not in self.packages:
            raise ValueError(
                f"{self.name} asks for {name} of {module}; if you trust it, load it with modules=[{package!r}]."
            )
        try:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise ValueError(f"{self.name} asks for {name} of {module}, which is not there ({error}).") from error
        if not isinstance(found, type) or not is_dataclass(found):
            raise ValueError(f"{self.name} asks for {name} of {module}, which is no description.")
        return found
