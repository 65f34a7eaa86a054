"""What a run is, in facts that can be compared: between ranks, and between a run and its checkpoint."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np

from reafference.engine.spikes import Watch
from reafference.network import Network, Population


def facts_of(
    network: Network,
    *,
    dt: float,
    seed: int,
    threads: int,
    record: Sequence[str],
    watch: Iterable[Watch],
    sample: float | None,
) -> dict[str, str]:
    """Name and value of everything that decides the spikes and the recording; long values as digests."""
    facts = {
        "dt": f"{dt!r} s",
        "seed": str(seed),
        "threads": str(threads),
        "record": ", ".join(str(name) for name in record),
        "sample": "every tick" if sample is None else f"{sample!r} s",
        "the watched neurons": digest([(w.population, w.variable, w.neurons) for w in watch]),
        "the populations": digest([population.name for population in network.populations]),
    }
    for population in network.populations:
        facts[f"the neurons of {population.name!r}"] = digest((population.size, population.kind))
    facts["the projections"] = digest([projection.name for projection in network.projections])
    for projection in network.projections:
        fields = [(field.name, getattr(projection, field.name)) for field in dataclasses.fields(projection)]
        named = [(name, value.name if isinstance(value, Population) else value) for name, value in fields]
        facts[f"the projection {projection.name!r}"] = digest(named)
    return facts


@cache
def program() -> str:
    """Digest of what runs: the engine's sources, numpy, numba."""
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return digest((np.__version__, numba.__version__, sources))


def digest(value: Any) -> str:
    """A text that differs where a description differs. Raises TypeError for what has no value to be compared."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts(value):
        total.update(part)
    return total.hexdigest()


def parts(value: Any) -> Iterator[bytes | memoryview]:
    """A description as bytes, each part with its type and length before it."""
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        yield from marked("name", f"{value.__module__}.{value.__qualname__}".encode())
    elif value is None or isinstance(value, bool | int | float | str | bytes | np.generic):
        raw = value if isinstance(value, bytes) else repr(value.item() if isinstance(value, np.generic) else value)
        yield from marked(type(value).__name__, raw if isinstance(raw, bytes) else raw.encode())
    elif isinstance(value, np.ndarray) and value.dtype != np.dtype(object):
        yield from marked(f"array {value.dtype.str} {value.shape}", np.ascontiguousarray(value).reshape(-1).data)
    elif isinstance(value, Mapping):
        yield from parts(sorted(value.items(), key=repr))
    elif isinstance(value, Sequence):
        yield from marked("sequence", str(len(value)).encode())
        for item in value:
            yield from parts(item)
    elif dataclasses.is_dataclass(value):
        yield from parts(type(value))
        for field in dataclasses.fields(value):
            yield from parts((field.name, getattr(value, field.name)))
    elif hasattr(value, "__dict__"):
        yield from parts(type(value))
        yield from parts(vars(value))
    else:
        raise TypeError(f"{value!r} cannot be compared between processes; make it a dataclass of numbers and arrays.")


def marked(kind: str, raw: bytes | memoryview) -> Iterator[bytes | memoryview]:
    """Bytes, and before them what and how many they are."""
    yield f"{kind} {len(raw)}:".encode()
    yield raw


def check_network(network: object) -> None:
    """Raise TypeError for what is no Network."""
    if not isinstance(network, Network):
        raise TypeError(f"a simulation runs a Network, not {network!r}.")
