"""A file of named arrays that is whole or not there, and that tells when it has been cut short or damaged.

    "reafference arrays 1\\n", length of the header (8 bytes), header (JSON), arrays, BLAKE2b of all before (32 bytes)

Nothing of it is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"reafference arrays 1\n"
DIGEST = 32
PIECE = 2**24  # bytes read at once

Arrays = dict[str, npt.NDArray[Any]]


class BadFile(ValueError):
    """A file is none of ours, cut short, or damaged."""


def write_arrays(path: Path, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write under another name, see to it that the disk has it, and only then give it its name."""
    table = [[name, array.dtype.str, array.shape] for name, array in arrays.items()]
    header = json.dumps({"about": about, "arrays": table}).encode()
    total = hashlib.blake2b(digest_size=DIGEST)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            for raw in (MAGIC, len(header).to_bytes(8, "little"), header):
                file.write(raw)
                total.update(raw)
            for array in arrays.values():
                if array.size:
                    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
                    file.write(raw)
                    total.update(raw)
            file.write(total.digest())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_arrays(path: Path) -> tuple[dict[str, Any], Arrays]:
    """What is in a file, after a look at all of it; arrays are read from the disk when they are used.

    Raises BadFile, which says what is wrong.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(MAGIC) + 8)
            if start[: len(MAGIC)] != MAGIC[: len(start)]:
                raise BadFile(f"{path.name} is no file of this package, or of another version of it")
            length = int.from_bytes(start[len(MAGIC) :], "little")
            begin = len(MAGIC) + 8 + length
            if size < begin + DIGEST:
                raise BadFile(f"{path.name} is cut short: it has {size} bytes")
            total = hashlib.blake2b(start, digest_size=DIGEST)
            raw = file.read(length)
            total.update(raw)
            left = size - begin - DIGEST
            while left:
                piece = file.read(min(left, PIECE))
                total.update(piece)
                left -= len(piece)
            whole = file.read(DIGEST) == total.digest()
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read ({error.strerror})") from error
    places: list[tuple[str, np.dtype[Any], tuple[int, ...], int]] = []
    end = begin
    try:
        header = json.loads(raw)
        for name, kind, shape in header["arrays"]:
            places.append((name, np.dtype(kind), tuple(shape), end))
            end += np.dtype(kind).itemsize * math.prod(shape)
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path.name} is damaged: its header cannot be read") from error
    if size < end + DIGEST:
        raise BadFile(f"{path.name} is cut short: it has {size} of {end + DIGEST} bytes")
    if not whole:
        raise BadFile(f"{path.name} is damaged: its checksum is not that of what it holds")
    return header["about"], {
        name: np.memmap(path, kind, "r", place, shape) if math.prod(shape) else np.zeros(shape, kind)
        for name, kind, shape, place in places
    }


def sync_folder(folder: Path) -> None:
    """See to it that the disk has the names of a folder's files."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
