"""Compiled kernels of this folder and where they are kept between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

from reafference.engine.kernel import cache_folder, kept_in


@cache
def folder() -> Path:
    """Part of the engine's folder of kernels, named after the sources here.

    A change in any of them can so never be answered by an old machine code that inlines what was changed.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    path = cache_folder() / f"truenorth-{digest.hexdigest()[:16]}"
    path.mkdir(exist_ok=True)
    return path


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, without the interpreter's lock; it may allocate nothing."""
    return _kept(function)


def routine(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that only compiled code calls, so that it needs no way in from Python."""
    return _kept(function, no_cpython_wrapper=True)


def _kept(function: Callable[..., Any], **more: bool) -> Callable[..., Any]:
    options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
    options |= more
    with kept_in(folder()):
        return numba.njit(**options)(function)
