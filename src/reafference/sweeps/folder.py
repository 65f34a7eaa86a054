"""A folder of runs, read: a line of JSON for each in points.jsonl, and their arrays one after the other in arrays.bin.

    {"sweep":1, "function":..., "source":..., ..., "crc32":"..."}           head, again whenever what it says changes
    {"id":..., "ok":true, "end":160, "point":{"g":4.5}, "seed":3, "seconds":2.1, "tries":1,
     "arrays":[[0,160,3735928559]], "value":{"rate":12.5,"spikes":{"$array":0}}, "crc32":"..."}
    {"id":..., "ok":false, ..., "error":{"kind":..., "text":..., "trace":...}, "crc32":"..."}

Each array is [first byte, bytes, CRC-32] in arrays.bin and has the form of a .npy file; `end` is the size that
arrays.bin must have at least. The last line of a run counts. `crc32` is that of the line before `,"crc32"`: a line that
a killed process or a full disk has cut short does not match, and its run is made again. Nothing is a pickle, so that a
folder from elsewhere can be read without trust.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reafference.sweeps.codec import Array, array_of, decode
from reafference.sweeps.plan import Job
from reafference.sweeps.store import Kept
from reafference.sweeps.work import Failure

FORMAT = 1
LINES, ARRAYS = "points.jsonl", "arrays.bin"

_START = re.compile(rb'\{"id":"([0-9a-f]{32})","ok":(true|false),"end":(\d+),')
_SEAL = re.compile(rb',"crc32":"([0-9a-f]{8})"\}\n')
_SEAL_LENGTH = len(',"crc32":"01234567"}\n')


def sealed(text: str) -> bytes:
    """One line for the JSON object `text`, with its checksum."""
    body = text[:-1].encode()
    return body + f',"crc32":"{zlib.crc32(body):08x}"}}\n'.encode()


def intact(line: bytes) -> bool:
    """Whether a line is as it was written."""
    seal = _SEAL.fullmatch(line[-_SEAL_LENGTH:])
    return seal is not None and int(seal[1], 16) == zlib.crc32(line[:-_SEAL_LENGTH])


@dataclass(kw_only=True)
class Folder:
    """What a folder holds, as of when it was looked through; runs are read from it when they are asked for.

    head     what the last head says, None in a folder without any run
    makers   functions and versions that the heads name: more than one if `accept_change` was used, or a package changed
    end      bytes of points.jsonl up to the end of its last whole line
    damaged  lines in it that do not match their checksum
    short    runs whose arrays are missing at the end of arrays.bin, by their identity
    """

    folder: Path
    head: dict[str, Any] | None = None
    makers: set[str] = field(default_factory=set)
    end: int = 0
    damaged: int = 0
    short: dict[bytes, Job] = field(default_factory=dict)
    _offset: dict[bytes, int] = field(default_factory=dict)  # where in points.jsonl; ~offset if the run failed

    @property
    def size(self) -> int:
        """Number of runs."""
        return len(self._offset)

    def state(self, identity: bytes) -> bool | None:
        """True: finished, False: failed, None: not there."""
        offset = self._offset.get(identity)
        return None if offset is None else offset >= 0

    def put(self, identity: bytes, offset: int, *, ok: bool) -> None:
        """Take note that the line at `offset` now counts for a run."""
        self._offset[identity] = offset if ok else ~offset

    def forget(self, identity: bytes) -> None:
        """Take note that no line counts for a run."""
        self._offset.pop(identity, None)

    def read(self, identity: bytes) -> Kept:
        """Return a run that is there. Raises ValueError if it has been damaged since the folder was looked through."""
        record = self._record(identity)
        error = record.get("error")
        return Kept(
            value=decode(record.get("value"), self._arrays(record)),
            failure=None if error is None else Failure(error["kind"], error["text"], error["trace"]),
            seconds=record["seconds"],
            tries=record["tries"],
        )

    def points(self) -> Iterator[tuple[dict[str, Any], int | None]]:
        """(encoded point, seed) of each run, in the order they were first kept."""
        for identity in self._offset:
            record = self._record(identity)
            yield record["point"], record["seed"]

    def _record(self, identity: bytes) -> dict[str, Any]:
        offset = self._offset[identity]
        offset = offset if offset >= 0 else ~offset
        with (self.folder / LINES).open("rb") as file:
            file.seek(offset)
            line = file.readline()
        if not intact(line):
            raise ValueError(
                f"{self.folder / LINES} has been changed by somebody else: the line at byte {offset} is not whole any "
                "more; load the folder again."
            )
        return json.loads(line)

    def _arrays(self, record: dict[str, Any]) -> Callable[[int], Array]:
        def array(index: int) -> Array:
            first, size, checksum = record["arrays"][index]
            with (self.folder / ARRAYS).open("rb") as file:
                file.seek(first)
                npy = file.read(size)
            if zlib.crc32(npy) != checksum:
                raise ValueError(
                    f"{self.folder / ARRAYS} is damaged: bytes {first} to {first + size} do not match their checksum; "
                    f'delete the line of {LINES} that begins with {{"id":"{record["id"]}" and sweep again, which makes '
                    "this run anew."
                )
            return array_of(npy)

        return array


def maker_of(head: Mapping[str, Any]) -> str:
    """One text for what a head says of the function and of versions."""
    return json.dumps([head.get(key) for key in ("function", "source", "bound", "versions")], sort_keys=True)


def look_through(path: Path) -> Folder:
    """Find every whole line of a folder. Raises ValueError for a file that is none of ours."""
    found = Folder(folder=path)
    lines, arrays = path / LINES, path / ARRAYS
    if not lines.exists():
        return found
    room = arrays.stat().st_size if arrays.exists() else 0
    with lines.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                _take(found, line, room)
                found.end += len(line)
    return found


def _take(found: Folder, line: bytes, room: int) -> None:
    """Take one whole line in that begins at `found.end`; arrays.bin has `room` bytes."""
    if found.head is None or line.startswith(b'{"sweep"'):
        head = _head(found, line)
        if head is None:
            found.damaged += 1
        else:
            found.head = head
            found.makers.add(maker_of(head))
        return
    start = _START.match(line)
    if start is None or not intact(line):
        found.damaged += 1
        return
    identity, ok = bytes.fromhex(start[1].decode()), start[2] == b"true"
    if int(start[3]) > room:
        record = json.loads(line)
        found.short[identity] = Job(identity, record["point"], record["seed"])
        found.forget(identity)
    else:
        found.short.pop(identity, None)
        found.put(identity, found.end, ok=ok)


def _head(found: Folder, line: bytes) -> dict[str, Any] | None:
    where = found.folder / LINES
    head: Any = None
    if intact(line):
        head = json.loads(line)
    if found.head is None and (not isinstance(head, dict) or "sweep" not in head):
        raise ValueError(f"{where} is no file of a sweep, or its first line is damaged; give another folder.")
    if head is not None and head["sweep"] != FORMAT:
        raise ValueError(
            f"{where} is of format {head['sweep']}, and this version of reafference reads {FORMAT}; use the version "
            "that wrote it, or give another folder."
        )
    return head
