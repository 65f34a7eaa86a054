"""Where runs are kept: what a sweep asks of a store, and the store that is this session's memory."""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple, Protocol

from reafference.sweeps.plan import Job
from reafference.sweeps.work import Answer, Failure, Packed, pack_any


class Kept(NamedTuple):
    """One run as it is kept. `tries`: how often it was begun."""

    value: Any
    failure: Failure | None
    seconds: float
    tries: int


class Store(Protocol):
    """Runs by their identity."""

    def state(self, identity: bytes) -> bool | None:
        """True: finished, False: failed, None: not there."""
        ...

    def read(self, identity: bytes) -> Kept:
        """Return a run that is there."""
        ...


class Memory:
    """Runs of this session, gone with it; a value may be anything that can be pickled."""

    folder = None
    pack = staticmethod(pack_any)

    def __init__(self) -> None:
        self._kept: dict[bytes, Kept] = {}

    @property
    def kept(self) -> Memory:
        """What it holds."""
        return self

    def state(self, identity: bytes) -> bool | None:
        """True: finished, False: failed, None: not there."""
        kept = self._kept.get(identity)
        return None if kept is None else kept.failure is None

    def read(self, identity: bytes) -> Kept:
        """Return a run that is there."""
        return self._kept[identity]

    def keep(self, job: Job, answer: Answer, tries: int) -> None:
        """Take a run in."""
        value = _unpacked(answer.packed)
        self._kept[job.identity] = Kept(value, answer.failure, answer.seconds, tries)

    def close(self) -> None:
        """Nothing is open."""


def _unpacked(packed: Packed | None) -> Any:
    # These bytes come from a worker of this session, never from a file.
    return None if packed is None else pickle.loads(packed.text)
