"""What a worker does: one run, and what there is to say of it. Imported in every worker, so it is kept light."""

from __future__ import annotations

import json
import pickle
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from reafference.sweeps.codec import Unstorable, encode

# Characters of a traceback that are kept, from its end.
TRACE = 10_000


@dataclass(frozen=True)
class Failure:
    """Why a run has no value.

    kind   name of the exception, or "worker died", "worker lost", "out of time"
    text   its message, or how the worker ended
    trace  traceback in the worker, "" where there is none
    """

    kind: str
    text: str
    trace: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.text else self.kind


class Packed(NamedTuple):
    """A value on its way from the worker: its text (JSON or pickle), and its arrays as bytes of .npy files."""

    text: bytes
    arrays: tuple[bytes, ...] = ()


class Answer(NamedTuple):
    """What one run came to: a value or a failure, and the wall-clock time it took (s)."""

    packed: Packed | None
    failure: Failure | None
    seconds: float


Pack = Callable[[Any], Packed]


def call(function: Callable[..., Any], arguments: Mapping[str, Any], pack: Pack) -> Answer:
    """Make one run. What the function raises, or a value that cannot be packed, is a failure; Ctrl-C goes through."""
    begin = time.perf_counter()
    try:
        packed, failure = pack(function(**arguments)), None
    except (Exception, SystemExit) as error:
        inside = error.__traceback__.tb_next if error.__traceback__ else None
        trace = "".join(traceback.format_exception(error.with_traceback(inside)))
        packed, failure = None, Failure(type(error).__name__, _text(error), trace[-TRACE:])
    return Answer(packed, failure, time.perf_counter() - begin)


def pack_any(value: Any) -> Packed:
    """Pack for this session's memory: whatever can be pickled."""
    return Packed(pickle.dumps(value, protocol=5))


def pack_plain(value: Any) -> Packed:
    """Pack for a folder: plain values and arrays only, since a pickle may run anything when it is read."""
    arrays: list[bytes] = []
    try:
        tree = encode(value, "its result", arrays)
    except Unstorable as error:
        raise TypeError(
            f"{error}; a folder keeps numbers, texts, None, arrays, and lists, tuples and dicts of them: return what "
            "is to be kept as such, or sweep without `out`."
        ) from None
    return Packed(json.dumps(tree, separators=(",", ":"), allow_nan=False).encode(), tuple(arrays))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message cannot be read)"
