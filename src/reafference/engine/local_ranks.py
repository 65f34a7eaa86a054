"""Ranks in the threads of one process: for tests, and to try what a program does on several ranks without MPI."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from reafference.engine.ranks import RankError

Ints = npt.NDArray[np.int64]


class LocalLink:
    """One of the ranks that `local_ranks` has made; to be used in a thread of its own."""

    def __init__(self, rank: int, slots: list[tuple[Ints, Ints] | None], barrier: threading.Barrier) -> None:
        self.rank, self.size = rank, len(slots)
        self._slots, self._barrier = slots, barrier

    def trade(self, values: Ints) -> Ints:
        """Row r of `values` goes to rank r."""
        rows = self.carry(values.reshape(-1), np.full(self.size, values.shape[1]), np.full(self.size, values.shape[1]))
        return rows.reshape(values.shape)

    def carry(self, words: Ints, counts: Ints, coming: Ints) -> Ints:
        """The next counts[r] words go to rank r."""
        self._slots[self.rank] = words, counts
        self._meet()
        parts: list[Ints] = []
        for slot in self._slots:
            if slot is not None:
                begin = int(slot[1][: self.rank].sum())
                parts.append(slot[0][begin : begin + int(slot[1][self.rank])].copy())
        self._meet()
        if [part.size for part in parts] != coming.tolist():
            raise RankError(f"rank {self.rank} got messages of other lengths than announced.")
        return np.concatenate(parts)

    def _meet(self) -> None:
        try:
            self._barrier.wait()
        except threading.BrokenBarrierError as error:
            raise RankError("a rank has not come to an exchange in time.") from error


def local_ranks(size: int, *, timeout: float = 600.0) -> list[LocalLink]:
    """Communicators for `size` ranks, each of which runs in a thread of this process: `Simulation(network, comm=...)`.

    timeout  s that one rank waits for another before it gives up with RankError
    """
    slots: list[tuple[Ints, Ints] | None] = [None] * size
    barrier = threading.Barrier(size, timeout=timeout)
    return [LocalLink(rank, slots, barrier) for rank in range(size)]
