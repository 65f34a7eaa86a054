"""A folder of runs, written: each run is on disk before the next one is waited for, and a cut-off end is cut away."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reafference.sweeps.folder import ARRAYS, FORMAT, LINES, look_through, maker_of, sealed
from reafference.sweeps.function import change
from reafference.sweeps.plan import Job
from reafference.sweeps.work import Answer, Failure, pack_plain

_NO_LOCKS_HERE = (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)  # some file systems of clusters have none


class Journal:
    """The one writer of a folder.

    head           what a head has to say: function, source, bound, versions, axes, seeds
    accept_change  the user says that what is kept is valid for this function, too

    kept           what the folder holds, up to date

    Raises ValueError if the folder keeps runs of another function, OSError if another process writes into it or it
    cannot be written.
    """

    pack = staticmethod(pack_plain)

    def __init__(self, path: Path, head: Mapping[str, Any], *, accept_change: bool) -> None:
        _make(path)
        self.folder = path
        self._lines = _open(path / LINES)
        self._arrays = -1
        try:
            self._lock()
            self.kept = look_through(path)
            self._refuse_change(head, accept_change)
            self._arrays = _open(path / ARRAYS)
            self._mend()
            text = json.dumps({"sweep": FORMAT} | dict(head), separators=(",", ":"), allow_nan=False)
            if json.dumps(_unsealed(self.kept.head), separators=(",", ":")) != text:
                _append(self._lines, sealed(text), path / LINES)
                self.kept.makers.add(maker_of(head))
        except BaseException:
            self.close()
            raise

    def keep(self, job: Job, answer: Answer, tries: int) -> None:
        """Append a run, arrays first, so that a line never speaks of arrays that are not there."""
        places: list[tuple[int, int, int]] = []
        for npy in answer.packed.arrays if answer.packed else ():
            first = _append(self._arrays, npy, self.folder / ARRAYS)
            places.append((first, len(npy), zlib.crc32(npy)))
        about = {
            "id": job.identity.hex(),
            "ok": answer.failure is None,
            "end": max((first + size for first, size, _ in places), default=0),
            "point": job.point,
            "seed": job.seed,
            "seconds": answer.seconds,
            "tries": tries,
        }
        if answer.failure is not None:
            about["error"] = vars(answer.failure)
        text = json.dumps(about, separators=(",", ":"), allow_nan=False)
        if answer.packed is not None:
            arrays = json.dumps(places, separators=(",", ":"))
            text = f'{text[:-1]},"arrays":{arrays},"value":{answer.packed.text.decode()}}}'
        offset = _append(self._lines, sealed(text), self.folder / LINES)
        self.kept.put(job.identity, offset, ok=answer.failure is None)

    def close(self) -> None:
        """Give the folder free."""
        for file in (self._lines, self._arrays):
            if file >= 0:
                os.close(file)
        self._lines = self._arrays = -1

    def _lock(self) -> None:
        try:
            fcntl.flock(self._lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS_HERE:
                return
            raise BlockingIOError(
                f"another sweep is writing into {str(self.folder)!r}; wait until it has ended, or give another folder."
            ) from error

    def _refuse_change(self, head: Mapping[str, Any], accept_change: bool) -> None:
        if self.kept.head is None or accept_change:
            return
        difference = change(self.kept.head, head)
        if difference is not None:
            raise ValueError(
                f"{str(self.folder)!r} keeps runs, but {difference}. Results of both would be mixed; give another "
                "folder, or accept_change=True if what is kept is valid all the same."
            )

    def _mend(self) -> None:
        """Cut away a line that was cut short, and say of runs whose arrays are gone that they failed."""
        os.ftruncate(self._lines, self.kept.end)
        for job in self.kept.short.values():
            failure = Failure("damaged", f"its arrays are missing at the end of {ARRAYS}")
            self.keep(job, Answer(None, failure, 0.0), 0)
        self.kept.short.clear()


def _unsealed(head: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (head or {}).items() if key != "crc32"}


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise type(error)(f"out = {str(path)!r} cannot be a folder ({error.strerror}); give another name.") from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise type(error)(f"{path} cannot be written ({error.strerror}); give another folder.") from error


def _append(file: int, data: bytes, path: Path) -> int:
    """Write `data` whole or not at all; return its first byte."""
    first = os.fstat(file).st_size
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
    except BaseException as error:  # Ctrl-C, too, must not leave a part
        os.ftruncate(file, first)
        if not isinstance(error, OSError):
            raise
        raise OSError(
            error.errno,
            f"a run cannot be kept in {path}: {error.strerror}. What was kept before is whole; make room, call again.",
        ) from error
    return first
