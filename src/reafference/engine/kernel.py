"""Compiled kernels and where they are kept between runs."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from numba import types

INLINE: Any = {"forceinline": True, "error_model": "numpy", "_nrt": False}  # for `@overload(..., jit_options=INLINE)`
WALK: Any = {"error_model": "numpy", "_nrt": False}  # the same for walks over tuples


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernels.

    `REAFFERENCE_CACHE` if that is set, else the user's cache folder, else (not writable) the temporary folder. The last
    part of the path is a hash of this package's engine, numba and Python, so a change in any kernel can never be
    answered by an old machine code that merely calls it.
    """
    digest = hashlib.sha256(f"{numba.__version__} {sys.version} {platform.machine()}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    if "REAFFERENCE_CACHE" in os.environ:
        homes = [Path(os.environ["REAFFERENCE_CACHE"])]
    elif sys.platform == "darwin":
        homes = [Path.home() / "Library" / "Caches" / "reafference"]
    else:
        homes = [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reafference"]
    homes.append(Path(tempfile.gettempdir()) / f"reafference-{os.getuid() if hasattr(os, 'getuid') else 'user'}")
    for home in homes:
        folder = home / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError(f"no folder for compiled kernels can be written ({homes[0]}); set REAFFERENCE_CACHE to one that can.")


def forget_if_changed(module: ModuleType) -> None:
    """Drop all kept kernels when the source of a neuron's module outside this folder is not what they were made from.

    Numba cannot see that a kernel inlines code of another file, so it would go on using the old one.
    """
    source = Path(str(module.__file__))
    if source.parent == Path(__file__).parent:
        return  # part of the hash in the folder's name
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    stamp = cache_folder() / f"{module.__name__}.made-from"
    known = stamp.read_text() if stamp.exists() else digest  # without a stamp nothing was compiled with this module
    if known != digest:
        for kept in (*cache_folder().rglob("*.nbi"), *cache_folder().rglob("*.nbc")):
            kept.unlink(missing_ok=True)
    stamp.write_text(digest)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, without the interpreter's lock, and keep the machine code on disk.

    The code may allocate nothing: without numba's reference counts, which would cost more than the arithmetic here.
    """
    return _kept(function, _nrt=False)


def builder(function: Callable[..., Any]) -> Callable[..., Any]:
    """Like `kernel`, for code that is called once in a while and allocates."""
    return _kept(function, _nrt=True)


def _kept(function: Callable[..., Any], *, _nrt: bool) -> Callable[..., Any]:
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    try:
        options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": _nrt}
        return numba.njit(**options)(function)
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]


def piece(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into the kernels that call it; a call would cost more than what it does."""
    return numba.njit(nogil=True, **INLINE)(function)


def is_a(numba_type: types.Type, kind: type) -> bool:
    """Whether a compiled argument is the named tuple `kind`; by this the kernels of a neuron are chosen."""
    return getattr(numba_type, "instance_class", None) is kind
