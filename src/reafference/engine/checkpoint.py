"""Checkpoints: a folder from which a run that was killed goes on with the same spikes.

    state-000007-rank-0000     what the network was, with one file for each rank
    history-000007-rank-0000   spikes and samples since the checkpoint before; it stays, nothing is written twice
    checkpoint-000007.json     written last, when the files of all ranks are whole: only then does a checkpoint count

Wiring is not saved but drawn again; a mark tells whether it came out the same. The last two checkpoints are kept. One
process writes into a folder at a time; see claim.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.engine.array_file import Arrays, BadFile, read_arrays, sync_folder, write_arrays
from reafference.engine.claim import Claim
from reafference.engine.history import History
from reafference.engine.inbox import Inbox
from reafference.engine.places import Places
from reafference.engine.ranks import CHECKPOINT, Ranks
from reafference.engine.workers import Workers

KEPT = 2  # checkpoints; the earlier one is used if the last is damaged
STATIC = ("first", "delay", "projection", "begin", "count", "narrow", "wide", "one", "shift", "identity")


class Checkpoints:
    """The checkpoints of one running network in one folder.

    facts     what decides its spikes; see describe.py
    learning  which weights can have changed: (worker, group, projection's row in the inbox)
    """

    def __init__(
        self,
        folder: Path,
        ranks: Ranks | None,
        workers: Workers,
        history: History,
        facts: Mapping[str, str],
        learning: Callable[[], Sequence[tuple[int, int, int]]],
    ) -> None:
        self.folder = folder
        self._ranks, self._workers, self._history = ranks, workers, history
        self._rank, size = (0, 1) if ranks is None else (ranks.rank, ranks.size)
        self._facts = {"ranks": str(size), **facts}
        self._learning = learning
        self._wiring = wiring_mark(workers)
        self._marks: dict[tuple[int, int, int], npt.NDArray[np.uint8]] = {}
        self._claim: Claim | None = None

    def save(self) -> None:
        """Write a checkpoint; until it is whole the ones before it count.

        Raises ValueError if the folder has those of another run, BlockingIOError if another process writes there.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._rank == 0:
            if self._claim is None:
                self._claim = Claim(self.folder)
            self._claim.renew()
        there = self._manifests()
        whole = [number for number, manifest in there.items() if "problem" not in manifest]
        for before in whole:
            self._check_facts(there[before]["facts"])
        number = max([0, *there]) + 1
        kept = [*whole, number][-KEPT:]
        about = {"number": number, "rank": self._rank, "run": self._run()}
        state = self._workers.state() | self._history.state() | {"wiring": self._wiring} | self._weights()
        write_arrays(self._path("state", number), about, state)
        write_arrays(self._path("history", number), about, self._history.new())
        self._meet()
        if self._rank == 0:
            self._write_manifest(number)
        self._meet()
        self._history.filed(number)
        for old in set(self._numbers("state")).difference(kept):
            self._path("state", old).unlink(missing_ok=True)
        if self._rank == 0:
            for old in set(there).difference(kept):
                self._manifest(old).unlink(missing_ok=True)

    def restore(self) -> bool:
        """Become what the last checkpoint was that all ranks can read; False if there is none.

        Raises ValueError if it is that of another run, or none can be read; warns if it is not the last one.
        """
        problems: dict[int, str] = {}
        for number, manifest in reversed(self._manifests().items()):
            if "problem" not in manifest:
                self._check_facts(manifest["facts"])
                manifest["problem"], state, files = self._read(number, manifest["files"])
                told = [manifest["problem"]] if self._ranks is None else self._ranks.share_text(manifest["problem"])
                manifest["problem"] = next((problem for problem in told if problem), "")
                if not manifest["problem"]:
                    self._become(manifest["tick"], state, files)
                    if problems:
                        self._set_aside(problems)
                        told = "; ".join(problems.values())
                        warnings.warn(f"{told}. Going on from checkpoint {number}.", stacklevel=3)
                    return True
            problems[number] = manifest["problem"]
        if problems:
            raise ValueError(f"no checkpoint in {self.folder} can be used: {'; '.join(problems.values())}.")
        return False

    # --- what all ranks do together ---------------------------------------------------------------------------------

    def _told(self, text: str) -> str:
        """What rank 0 says."""
        if self._ranks is None:
            return text
        return self._ranks.share_text(text if self._rank == 0 else "", about=CHECKPOINT, now=self._workers.tick)[0]

    def _meet(self) -> None:
        """Go on when all have come here."""
        if self._ranks is not None:
            self._ranks.share(np.zeros(0, np.int64), about=CHECKPOINT, now=self._workers.tick)

    # --- files ------------------------------------------------------------------------------------------------------

    def _path(self, kind: str, number: int) -> Path:
        return self.folder / f"{kind}-{number:06d}-rank-{self._rank:04d}"

    def _manifest(self, number: int) -> Path:
        return self.folder / f"checkpoint-{number:06d}.json"

    def _numbers(self, kind: str = "checkpoint") -> list[int]:
        """Numbers of the checkpoints, or of the own files of a kind, that are in the folder."""
        pattern = f"{kind}-*.json" if kind == "checkpoint" else f"{kind}-*-rank-{self._rank:04d}"
        found = [path.name.split("-")[1].removesuffix(".json") for path in self.folder.glob(pattern)]
        return sorted(int(number) for number in found if number.isdigit())

    def _run(self) -> str:
        """What files of the same run have in common."""
        return hashlib.blake2b(json.dumps(self._facts).encode(), digest_size=16).hexdigest()

    def _write_manifest(self, number: int) -> None:
        content = json.dumps(
            {"tick": self._workers.tick, "files": [*self._history.files, number], "facts": self._facts}
        )
        path = self._manifest(number)
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps({"content": content, "digest": digest_of(content)}))
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(self.folder)

    def _manifests(self) -> dict[int, dict[str, Any]]:
        """What the manifests hold, by number, or {"problem": ...}; as rank 0 finds them."""
        texts = [(number, self._manifest_text(number)) for number in self._numbers()] if self._rank == 0 else []
        return {number: json.loads(text) for number, text in json.loads(self._told(json.dumps(texts)))}

    def _manifest_text(self, number: int) -> str:
        path = self._manifest(number)
        try:
            whole = json.loads(path.read_text())
            if digest_of(whole["content"]) != whole["digest"]:
                raise ValueError("its checksum differs")
            return whole["content"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            return json.dumps({"problem": f"{path.name} is cut short or damaged ({error})"})

    def _set_aside(self, numbers: Iterable[int]) -> None:
        """Let checkpoints that nobody can use count no longer, unless the folder is read-only."""
        if self._rank == 0:
            with suppress(OSError):
                for number in numbers:
                    path = self._manifest(number)
                    path.replace(path.with_name(path.name + ".damaged"))

    def _check_facts(self, there: Mapping[str, str]) -> None:
        """Raise ValueError if a checkpoint is not of this run."""
        for name in dict.fromkeys([*self._facts, *there]):
            here, before = self._facts.get(name), there.get(name)
            if here != before:
                values = "" if name.startswith("the ") else f": {here} here, {before} there"
                raise ValueError(
                    f"the checkpoint in {self.folder} is of another run: {name} differs{values}. Use another folder, "
                    "or the same network and arguments."
                )

    def _read(self, number: int, files: Sequence[int]) -> tuple[str, Arrays, dict[int, Arrays]]:
        """Own files of a checkpoint and those of its history; or what is wrong with them."""
        state: Arrays = {}
        history: dict[int, Arrays] = {}
        try:
            state = self._read_file("state", number)
            history = {of: self._read_file("history", of) for of in files}
        except BadFile as error:
            return str(error), state, history
        same = np.array_equal(state["wiring"], self._wiring)
        for name, mark in state.items():
            if name.startswith("fixed."):
                same = same and np.array_equal(mark, self._fixed_mark(*places(name)))
        if not same:
            raise ValueError(
                f"the checkpoint in {self.folder} is of another wiring: the same description was drawn otherwise "
                f"here (numpy {np.__version__}); use the versions with which the run began."
            )
        return "", state, history

    def _read_file(self, kind: str, number: int) -> Arrays:
        path = self._path(kind, number)
        about, arrays = read_arrays(path)
        if about != {"number": number, "rank": self._rank, "run": self._run()}:
            raise BadFile(f"{path.name} is of another run")
        return arrays

    # --- what is in them --------------------------------------------------------------------------------------------

    def _become(self, tick: int, state: Arrays, files: Mapping[int, Arrays]) -> None:
        self._workers.restore(tick, state)
        self._history.restore(state, files)
        for name, weights in state.items():
            if name.startswith("weight."):
                self._weights_at(*places(name))[:] = weights

    def _weights_at(self, worker: int, group: int, row: int) -> npt.NDArray[np.float64]:
        return weights_in(self._workers.groups[worker][group].inbox, row)

    def _weights(self) -> Arrays:
        """Weights that can have changed, and marks of those that have not."""
        changing = set(self._learning())
        result: Arrays = {}
        for worker, part in enumerate(self._workers.groups):
            for group, of in enumerate(part):
                for row in np.flatnonzero(np.isnan(of.inbox.one)).tolist():
                    name = f"{worker}.{group}.{row}"
                    if (worker, group, row) in changing:
                        result[f"weight.{name}"] = self._weights_at(worker, group, row)
                    else:
                        result[f"fixed.{name}"] = self._fixed_mark(worker, group, row)
        return result

    def _fixed_mark(self, worker: int, group: int, row: int) -> npt.NDArray[np.uint8]:
        """What tells these weights from others; asked once, as they do not change."""
        place = worker, group, row
        if place not in self._marks:
            self._marks[place] = mark_of([self._weights_at(worker, group, row)])
        return self._marks[place]


def learning(workers: Workers, places: Places, rewritten: set[str]) -> list[tuple[int, int, int]]:
    """(worker, group, row in its inbox) of all projections whose weights can differ from those drawn."""
    return [
        (worker, group, row)
        for worker in range(len(workers.groups))
        for group, cells in enumerate(places.cells)
        for row, projection in enumerate(cells.projections)
        if projection.plasticity is not None or projection.name in rewritten
    ]


def folder_at(folder: str | Path) -> Path:
    """Where checkpoints are to be; raises NotADirectoryError for a file."""
    path = Path(folder).absolute()
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(
            f"{str(folder)!r} is a file, and checkpoints need a folder; give the name of one, or of none: it is made."
        )
    return path


def places(name: str) -> tuple[int, int, int]:
    """(worker, group, row) in the name of an array of weights."""
    worker, group, row = (int(number) for number in name.split(".")[1:])
    return worker, group, row


def wiring_mark(workers: Workers) -> npt.NDArray[np.uint8]:
    """What tells one wiring from another."""
    inboxes = [group.inbox for part in workers.groups for group in part]
    return mark_of([getattr(inbox, name) for inbox in inboxes for name in STATIC])


def mark_of(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.uint8]:
    """A checksum of arrays."""
    total = hashlib.blake2b(digest_size=16)
    for array in arrays:
        total.update(np.ascontiguousarray(array).view(np.uint8).data)
    return np.frombuffer(total.digest(), np.uint8)


def weights_in(inbox: Inbox, row: int) -> npt.NDArray[np.float64]:
    """The weights of one projection, in the order of their synapses; to be read or written."""
    mine = inbox.projection == row
    if not mine.any() or not np.isnan(inbox.one[row]):
        return inbox.weight[:0]
    begin = int(inbox.begin[mine].min()) - int(inbox.shift[row])
    return inbox.weight[begin : begin + int(inbox.count[mine].sum(dtype=np.int64))]


def digest_of(text: str) -> str:
    """A checksum."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
