"""Compiled kernels and where they are kept between runs."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from numba import types
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

_INSIDE: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # no way in, in which all code would stand again
# For `@overload(..., jit_options=INLINE)`.
INLINE: Any = {"forceinline": True, "error_model": "numpy", "_nrt": False, **_INSIDE}
WALK: Any = INLINE | {"forceinline": False}  # the same where a call costs little beside what it does


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


@cache
def folder_of(room: Path) -> Path:
    """Folder of the kernels that stand in the files of `room`, a folder of this package.

    Those of another room than the engine's have a folder within the engine's, named after the sources of their room:
    a kernel may inline code of the files beside it, of which numba would not see that they have changed.
    """
    engine = Path(__file__).parent
    if room == engine or not room.is_relative_to(engine.parent):
        return cache_folder()
    digest = hashlib.sha256()
    for source in sorted(room.glob("*.py")):
        digest.update(source.read_bytes())
    folder = cache_folder() / f"{room.name}-{digest.hexdigest()[:16]}"
    folder.mkdir(exist_ok=True)
    return folder


_outside: dict[str, str] = {}  # modules of neurons outside this package that this process has met, and their sources


def keep_apart(module: ModuleType) -> None:
    """Keep what is compiled from now on in a folder of its own, if `module` is a neuron's from outside this folder.

    Numba cannot see that a kernel inlines code of another file and would go on using old machine code; nor could a
    process that lacks the module read the index of kernels. The folder is named after the sources of all such modules.
    """
    source = Path(str(module.__file__))
    if source.parent == Path(__file__).parent:
        return  # part of the hash in the folder's name
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if _outside.get(module.__name__) == digest:
        return
    _outside[module.__name__] = digest
    name = hashlib.sha256(repr(sorted(_outside.items())).encode()).hexdigest()[:16]
    folder = cache_folder() / f"with-{name}"
    folder.mkdir(exist_ok=True)
    engine = __name__.rpartition(".")[0]
    for path, part in list(sys.modules.items()):
        if path.startswith(f"{engine}."):
            for value in vars(part).values():
                if is_kept(value):
                    with kept_in(folder):
                        value.enable_caching()


def is_kept(value: object) -> bool:
    """Whether `value` is a kernel whose machine code is kept on disk."""
    return isinstance(value, Dispatcher) and isinstance(getattr(value, "_cache", None), FunctionCache)


@contextmanager
def kept_in(folder: Path) -> Generator[None]:
    """Kernels that are decorated meanwhile keep their machine code in `folder`."""
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, without the interpreter's lock, and keep the machine code on disk.

    The code may allocate nothing: without numba's reference counts, which would cost more than the arithmetic here.
    """
    return _kept(function, _nrt=False)


def routine(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that only compiled code calls, so that it needs no way in from Python."""
    return _kept(function, _nrt=False, no_cpython_wrapper=True)


def builder(function: Callable[..., Any]) -> Callable[..., Any]:
    """Like `kernel`, for code that is called once in a while and allocates."""
    return _kept(function, _nrt=True)


def _kept(function: Callable[..., Any], **more: bool) -> Callable[..., Any]:
    options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, **more}
    with kept_in(folder_of(Path(function.__code__.co_filename).parent)):
        return numba.njit(**options)(function)


def piece(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` into the kernels that call it; a call would cost more than what it does."""
    options = INLINE | {"no_cpython_wrapper": False}  # without it a call from Python would end the process
    return numba.njit(nogil=True, **options)(function)


def is_a(numba_type: types.Type, kind: type) -> bool:
    """Whether a compiled argument is the named tuple `kind`; by this the kernels of a neuron are chosen."""
    return getattr(numba_type, "instance_class", None) is kind
