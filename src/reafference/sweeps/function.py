"""What function is swept: whether it can be called, whether it can be sent, and whether it is still the same one."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import inspect
import pickle
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from reafference.sweeps.plan import Listed, Plan

Function = Callable[..., Any]

THREADS = "pass executor=concurrent.futures.ThreadPoolExecutor(), whose workers share this process"


def name_of(function: Function) -> str:
    """Module and name. A script that is run and the same file when imported have one name."""
    inner = _inner(function)
    named = inner if hasattr(inner, "__qualname__") else type(inner)
    module = getattr(named, "__module__", None) or "builtins"
    if module == "__main__":
        main = sys.modules["__main__"]
        specification = getattr(main, "__spec__", None)
        file = getattr(main, "__file__", None)
        module = specification.name if specification else Path(file).stem if file else module
    return f"{module}.{named.__qualname__}"


def identity_of(function: Function) -> dict[str, Any]:
    """What must be the same for kept results to be those of this function.

    function  module and name
    source    text of its definition, None where Python knows none; what it calls is not looked into
    bound     digest of what it carries along: arguments of a partial, an object, values from around it

    Raises TypeError if it carries what cannot be pickled.
    """
    inner = _inner(function)
    try:
        source = textwrap.dedent(inspect.getsource(inner if hasattr(inner, "__qualname__") else type(inner)))
    except (OSError, TypeError):
        source = None
    carried = _carried(function)
    try:
        bound = hashlib.blake2b(pickle.dumps(carried, protocol=4), digest_size=16).hexdigest() if carried else None
    except Exception as error:
        raise TypeError(
            f"{name_of(function)} carries what cannot be compared with an earlier run ({error}), so that results of "
            "two functions could be mixed in `out`; define it at the top level of a module, or leave `out` away."
        ) from error
    return {"function": name_of(function), "source": source, "bound": bound}


def versions() -> dict[str, str]:
    """Versions that results may depend on."""
    found = {"python": sys.version.split()[0]}
    for distribution in ("reafference", "numpy", "numba"):
        try:
            found[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            found[distribution] = "unknown"
    return found


def change(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Say how two identities differ; None if they do not."""
    if before["function"] != now["function"]:
        return f"they are those of {before['function']}, and this is {now['function']}"
    if before["source"] != now["source"]:
        return f"the source of {now['function']} has changed: {_first_difference(before['source'], now['source'])}"
    if before["bound"] != now["bound"]:
        return f"{now['function']} carries other arguments or values than then"
    return None


def check_callable(function: Function, plan: Plan) -> None:
    """Raise TypeError unless the names of the parameters fit the function, before anything is run."""
    if not callable(function):
        raise TypeError(f"function = {function!r} cannot be called; give a function of the parameters of the grid.")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # functions written in C need not have one
    for index in _one_of_each_kind(plan):
        arguments = plan.job(index).arguments()
        try:
            signature.bind(**arguments)
        except TypeError as error:
            remedy = "give each parameter that has no default its axis, by the same name"
            if "seed" in str(error):
                remedy = (
                    "for runs with seeds, pass seeds=10 or a list of them"
                    if plan.seeds is None
                    else "add a parameter `seed` to the function, or leave `seeds` away"
                )
            raise TypeError(
                f"{name_of(function)}{signature} cannot be called with {', '.join(arguments) or 'no arguments'}: "
                f"{error}; {remedy}."
            ) from None


def check_sendable(function: Function) -> None:
    """Raise TypeError unless another process can be given the function."""
    try:
        pickle.dumps(function)
    except Exception as error:
        raise unsendable(function, str(error)) from error
    main = sys.modules["__main__"]
    typed = getattr(main, "__spec__", None) is None and not Path(getattr(main, "__file__", None) or "<stdin>").is_file()
    if typed and getattr(_inner(function), "__module__", None) == "__main__":
        raise unsendable(function, "it was typed into an interactive session or notebook")


def unsendable(function: Function, reason: str) -> TypeError:
    """The error for a function that worker processes cannot be given."""
    return TypeError(
        f"{name_of(function)} cannot be sent to worker processes ({reason}); write it with `def` at the top level of a "
        f"module and import it from there, or {THREADS}."
    )


def _one_of_each_kind(plan: Plan) -> list[int]:
    """Number of one run for every set of parameter names that occurs."""
    each = len(plan) // len(plan.points)
    if not isinstance(plan.points, Listed):
        return [0]
    kinds = {frozenset(point): index * each for index, point in reversed(list(enumerate(plan.points.points)))}
    return sorted(kinds.values())


def _inner(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _carried(function: Any) -> list[Any]:
    """What a function takes along besides its source."""
    if isinstance(function, functools.partial):
        return [function.args, sorted(function.keywords.items()), *_carried(function.func)]
    if not hasattr(function, "__qualname__"):
        return [function]
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, ModuleType):
        return [owner]
    return [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]


def _first_difference(before: str | None, now: str | None) -> str:
    if before is None or now is None:
        return "its text is known only of one of the two times"
    old, new = before.splitlines(), now.splitlines()
    for number, (left, right) in enumerate(zip(old, new, strict=False), start=1):
        if left != right:
            return f"line {number} was {left.strip()!r} and is {right.strip()!r}"
    return f"it had {len(old)} lines and has {len(new)}"
