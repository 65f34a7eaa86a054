"""Networks and chips by the names that people type."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from reafference.chips import examples
from reafference.chips.contract import Chip
from reafference.network import Network, load_network

EXAMPLES: dict[str, Callable[[], Network]] = {
    "touch": examples.touch,
    "chain": examples.chain,
    "lognormal": examples.lognormal,
}
CHIPS = {
    "loihi1": "reafference.chips.loihi1:Loihi1",
    "truenorth": "reafference.chips.truenorth:TrueNorth",
    "loihi2": "reafference.chips.loihi2:Loihi2",
}


def network_named(name: str) -> Network:
    """An example by its name, or the network of a file.

    Raises ValueError for what is neither, with the names of the examples, and as `load_network`.
    """
    if name in EXAMPLES:
        return EXAMPLES[name]()
    path = Path(name)
    if path.is_dir() and (path / "network.npz").is_file():
        path = path / "network.npz"
    if not path.is_file():
        raise ValueError(f"{name!r} is no file and no example; examples are {', '.join(EXAMPLES)} and brain.")
    if path.suffix != ".npz":
        ending = path.suffix or "a file without ending"
        raise ValueError(f"{name}: a network is read from .npz or .nir, not {ending!r}.")
    return load_network(path)


def chips_named(names: str) -> dict[str, Chip]:
    """Chips by their names, commas between them; "package.module:Class" is one of somebody else's.

    Raises ValueError that lists every name that is no chip.
    """
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if not asked:
        raise ValueError(f"--on names no chip; there are {', '.join(CHIPS)}.")
    found: dict[str, Chip] = {}
    faults: list[str] = []
    for name in asked:
        try:
            found[name.rpartition(":")[2] if ":" in name else name] = _chip(name)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            faults.append(f"{name}: {error}")
    if faults:
        raise ValueError(
            f"--on: {'; '.join(faults)}. There are {', '.join(CHIPS)}, and your own as package.module:Class."
        )
    return found


def _chip(name: str) -> Chip:
    module, _, kind = CHIPS.get(name, name).partition(":")
    if not kind:
        raise ValueError("no chip of that name")
    chip = getattr(importlib.import_module(module), kind)()
    if not isinstance(chip, Chip):
        raise TypeError(f"a {kind} is no chip: it lacks a part of reafference.chips.contract.Chip")
    return chip
