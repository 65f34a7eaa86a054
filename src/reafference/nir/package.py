"""The package `nir`, which is an extra."""

from __future__ import annotations

import importlib
from typing import Any


def package(name: str = "nir") -> Any:
    """The module `nir`, or h5py that comes with it; ImportError says how to get them."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(
            f"NIR needs the package {name!r}, which is an extra: pip install 'reafference[nir]'.", name=name
        ) from error
