"""The processes of one run (its ranks): how they talk, agree, and fail together.

There is one way to talk, `Ranks.exchange`: every rank sends some numbers to every other. Whatever ranks do together is
made of it, so a rank that fails at any point can say so where the others listen next, and nobody waits for ever.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

FAILED = -(2**62)  # what a rank notes that has failed; its words are the reason
AGREE, DIRECTORY, GATHER, CHECKPOINT = -1, -2, -3, -4  # what an exchange is about, if it is not a tick to advance to


class RankError(RuntimeError):
    """The ranks of a run cannot go on together: they disagree, or one of them has failed."""


class Link(Protocol):
    """What carries numbers between ranks. All ranks call the same method at the same time."""

    rank: int  # of this process, from 0
    size: int  # number of ranks

    def trade(self, values: Ints) -> Ints:
        """Row r of `values` (ranks, n) goes to rank r; row r of what comes back is from rank r."""
        ...

    def carry(self, words: Ints, counts: Ints, coming: Ints) -> Ints:
        """The next counts[r] `words` go to rank r; of what comes back, the next coming[r] words are from rank r."""
        ...


class MpiLink:
    """Ranks over a communicator of mpi4py. Everything goes through buffers, nothing is pickled."""

    def __init__(self, comm: Any) -> None:
        self._comm = comm
        self.rank, self.size = int(comm.Get_rank()), int(comm.Get_size())

    def trade(self, values: Ints) -> Ints:
        """MPI_Alltoall."""
        result = np.empty_like(values)
        self._comm.Alltoall(np.ascontiguousarray(values), result)
        return result

    def carry(self, words: Ints, counts: Ints, coming: Ints) -> Ints:
        """MPI_Alltoallv."""
        result = np.empty(int(coming.sum()), np.int64)
        self._comm.Alltoallv([words, (counts, begins(counts))], [result, (coming, begins(coming))])
        return result


class Ranks:
    """All ranks of a run, seen from one of them."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.rank, self.size = link.rank, link.size
        self._lost: str | None = None

    def exchange(
        self, words: Ints, counts: Ints, *, about: int, now: int = 0, note: int = 0
    ) -> tuple[Ints, Ints, Ints]:
        """Send the next counts[r] `words` to rank r, and a `note` to all; returns (words, counts, notes) of all ranks.

        about  what this is about: one of the constants above, or the tick to which the ranks advance
        now    the tick at which they are

        Raises RankError where a rank has failed, or one is elsewhere or about something else.
        """
        if self._lost is not None:
            raise RankError(self._lost)
        header = self._header(counts, note, about, now)
        came = np.ascontiguousarray(header[:, 0])
        received = self._link.carry(words, counts, came)
        failed = np.flatnonzero(header[:, 1] == FAILED)
        if failed.size:
            of = int(failed[0])
            end = int(came[: of + 1].sum())
            self._lost = f"rank {of} failed: {text_of(received[end - int(came[of]) : end])}"
        elif (other := np.flatnonzero((header[:, 2] != about) | (header[:, 3] != now))).size:
            of = int(other[0])
            self._lost = (
                f"ranks do different things: rank {self.rank} {named(about)} from tick {now}, rank {of} "
                f"{named(int(header[of, 2]))} from tick {header[of, 3]}; all must make the same calls."
            )
        if self._lost is not None:
            raise RankError(self._lost)
        return received, came, header[:, 1]

    def fail(self, error: BaseException) -> None:
        """Tell all others, where they listen next, that this rank goes no further."""
        if self._lost is None:
            words = words_of(f"{type(error).__name__}: {error}")
            self._lost = f"rank {self.rank} failed: {type(error).__name__}: {error}"
            counts = np.full(self.size, words.size, np.int64)
            came = np.ascontiguousarray(self._header(counts, FAILED, 0, 0)[:, 0])
            self._link.carry(np.tile(words, self.size), counts, came)

    def _header(self, counts: Ints, note: int, about: int, now: int) -> Ints:
        """What every exchange begins with: (ranks, 4), how many words come from each, and what it is about."""
        header = np.empty((self.size, 4), np.int64)
        header[:, 0], header[:, 1:] = counts, (note, about, now)
        return self._link.trade(header)

    def share(self, words: Ints, *, about: int = AGREE, now: int = 0) -> list[Ints]:
        """Send the same `words` to all; returns those of each rank."""
        counts = np.full(self.size, words.size, np.int64)
        received, came, _ = self.exchange(np.tile(words, self.size), counts, about=about, now=now)
        return np.split(received, np.cumsum(came)[:-1])

    def share_text(self, text: str, *, about: int = AGREE, now: int = 0) -> list[str]:
        """Send a text to all; returns that of each rank."""
        return [text_of(words) for words in self.share(words_of(text), about=about, now=now)]

    def gather(self, words: Ints) -> list[Ints]:
        """Send `words` to rank 0, which gets those of each rank; the others get nothing."""
        counts = np.zeros(self.size, np.int64)
        counts[0] = words.size
        received, came, _ = self.exchange(words, counts, about=GATHER)
        return np.split(received, np.cumsum(came)[:-1]) if self.rank == 0 else []

    def agree(self, facts: Mapping[str, str]) -> None:
        """Raise RankError, on every rank, if facts are not the same on all: it names them.

        facts  name and value; a value that is too long to be shown may be a digest, by a name that begins with "the "
        """
        lines = json.dumps(dict(facts))
        mine = np.frombuffer(hashlib.blake2b(lines.encode(), digest_size=32).digest(), np.int64)
        if all(np.array_equal(words, mine) for words in self.share(mine)):
            return
        told: list[dict[str, str]] = [json.loads(text) for text in self.share_text(lines)]
        for name in dict.fromkeys(name for of in told for name in of):
            for rank, of in enumerate(told):
                if of.get(name) != told[0].get(name):
                    values = "" if name.startswith("the ") else f" ({told[0].get(name)} and {of.get(name)})"
                    self._lost = f"ranks 0 and {rank} disagree about {name}{values}; give all ranks the same."
                    raise RankError(self._lost)

    def on_this_machine(self) -> int:
        """How many ranks share the machine of this one."""
        boot = Path("/proc/sys/kernel/random/boot_id")
        where = f"{platform.node()} {boot.read_text() if boot.exists() else ''}"
        return self.share_text(where).count(where)

    @contextmanager
    def failing_together(self) -> Generator[None]:
        """Whatever goes wrong inside is told to the others."""
        try:
            yield
        except RankError:
            raise
        except BaseException as error:
            self.fail(error)
            raise


def ranks_of(comm: Any) -> Ranks | None:
    """Ranks over `comm`, a communicator of mpi4py or a Link; None for None and for a communicator of one process."""
    if comm is None or isinstance(comm, Ranks):
        return comm
    if hasattr(comm, "Alltoallv"):
        link: Link = MpiLink(comm)
    elif hasattr(comm, "trade") and hasattr(comm, "carry"):
        link = comm
    else:
        raise TypeError(f"comm = {comm!r} is no communicator; give one of mpi4py, such as MPI.COMM_WORLD, or None.")
    return Ranks(link) if link.size > 1 else None


def named(about: int) -> str:
    """What an exchange is about, in words."""
    if about >= 0:
        return f"advances to tick {about}"
    return {AGREE: "starts", DIRECTORY: "starts", GATHER: "gathers", CHECKPOINT: "makes a checkpoint"}[about]


def begins(counts: Ints) -> Ints:
    """Where each of so many words begins."""
    return np.cumsum(counts) - counts


def words_of(text: str) -> Ints:
    """A text as whole numbers."""
    raw = text.encode()
    return np.frombuffer(raw + b" " * (-len(raw) % 8), np.int64)


def text_of(words: Ints) -> str:
    """The text that `words_of` has made into numbers."""
    return np.ascontiguousarray(words).tobytes().decode(errors="replace").rstrip(" ")


def failing_together(ranks: Ranks | None) -> AbstractContextManager[None]:
    """Whatever goes wrong inside is told to the other ranks, if there are any."""
    return nullcontext() if ranks is None else ranks.failing_together()
