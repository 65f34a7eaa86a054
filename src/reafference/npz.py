"""A .npz file of named arrays and a JSON text about them, and what reading a broken one raises."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

# What numpy, zip, zlib, json and pyarrow raise for a file that is not what its name says; and, as OSErrors, for one
# that is not there, is a folder or may not be read, which a caller lets pass as it is.
BROKEN = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


def write_npz(path: Path, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write `about` and the arrays, none of which may be called "about"."""
    text = np.array(json.dumps(about, allow_nan=False))
    with path.open("wb") as file:
        np.savez_compressed(file, about=text, **arrays)  # pyright: ignore[reportArgumentType]


def read_npz(path: Path) -> tuple[dict[str, Any], Arrays]:
    """What was written. Raises one of BROKEN where it cannot be read."""
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:  # numpy itself leaves a bad file open
        arrays = {name: file[name] for name in file.files}
    return json.loads(str(arrays.pop("about"))), arrays
