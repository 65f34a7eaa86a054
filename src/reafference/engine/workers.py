"""Who runs the ticks: one worker, or several on threads; in compiled code they exchange their spikes by themselves."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.engine import tick as loops
from reafference.engine.barrier import BROKEN, barrier
from reafference.engine.inbox import grown
from reafference.engine.mail import Mail, put, shortest
from reafference.engine.poisson import PoissonSources
from reafference.engine.spikes import Ints, Spikes
from reafference.engine.state import state_of, with_state
from reafference.engine.table import Table, groups_table, sources_table
from reafference.engine.tick import DONE, FULL, GROW, LINE, MADE, MAIL, ROWS, SENT, Group, Out
from reafference.engine.train import Trains

ROOM = 1 << 15  # spikes that a worker can keep at least before somebody takes them away
TICKS = 64  # for so many ticks between two exchanges with other processes there is room whatever happens


class Stretch(NamedTuple):
    """What came out of a stretch of ticks: spikes, ticks of the samples (rows,), and the samples (rows, traces)."""

    spikes: Spikes
    sampled: Ints
    samples: npt.NDArray[np.float64]


class Workers:
    """The arrays of all workers and the loop that drives them.

    groups   for each worker, its part of every group of neurons
    sources  all sources of this process; they belong to the first worker
    mail     to and from other processes, if there are any
    tick     last tick done
    """

    def __init__(
        self, groups: Sequence[Sequence[Group]], sources: Sequence[Any], *, columns: int, every: int, mail: Mail | None
    ) -> None:
        """`columns` traces of own neurons, sampled `every` so many ticks; 0: never."""
        self.groups = [tuple(part) for part in groups]
        self.sources = tuple(sources)
        self.tick = 0
        self._between = True  # nobody was stopped between two ticks
        count = len(self.groups)
        self._mail = mail
        self._waiting: tuple[Ints, int, int] | None = None  # mail that did not fit: spikes, `since`, border
        self._reach = shortest(self.groups) if mail is None else mail.reach
        self.out = self._out(columns, every)
        self._tables: list[tuple[Table, Table]] = []
        self._in_tables: tuple[Any, ...] = ()
        self._pool = ThreadPoolExecutor(count - 1) if count > 1 else None

    def run(self, stop: int) -> Iterator[Stretch]:
        """Run up to tick `stop`, handing out what happened as often as a buffer is full, and at the end.

        Raises RuntimeError if an earlier run was stopped on its way, by Ctrl-C or an error.
        """
        self.check_whole()
        self._between = False
        self._deliver(self.tick, stop, emptied=True)
        finished = False
        while not finished:
            self._lay_down()
            begin = self.tick
            others = range(1, len(self.groups))
            jobs: list[Future[tuple[int, int]]] = []
            try:
                if self._pool is not None:
                    jobs = [self._pool.submit(self._advance, row, begin, stop) for row in others]
                self.tick, status = self._advance(0, begin, stop)
                while status == MAIL:
                    self._deliver(begin, stop, emptied=False)
                    begin = self.tick
                    self.tick, status = self._advance(0, begin, stop)
            except BaseException:  # also Ctrl-C: nobody may wait for a worker that never comes
                self.out.barrier[BROKEN] = 1
                raise
            for job in jobs:
                job.result()
            if status == GROW:
                self._grow()
            finished = status == DONE
            yield self._take()
            if status == FULL:
                self._deliver(self.tick, stop, emptied=True)
        self._between = True

    def check_whole(self) -> None:
        """Raise RuntimeError if a run was stopped on its way: cells, spikes and `tick` are then not of one moment.

        On several ranks the exchange after that raises RankError on all, so nothing is said here.
        """
        if not self._between and self._mail is None:
            raise RuntimeError(
                f"the simulation was stopped while it advanced from tick {self.tick}, so what it holds is of no one "
                "moment; make a new one, or restore its last checkpoint."
            )

    def warm(self) -> None:
        """Compile, or load what is kept, before time counts."""
        for _ in self.run(self.tick):
            pass

    def make_room(self) -> None:
        """After a change of rates: let the buffers hold what one tick may bring now."""
        self.out = with_room(self.out, np.array([self.reserve(row) for row in range(len(self.groups))], np.int64))

    def work(self) -> Ints:
        """Counters of all since the start, (3,): synaptic events, looks at neurons, weight changes."""
        return np.sum([group.inbox.work for part in self.groups for group in part] + [np.zeros(3, np.int64)], axis=0)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that decides how it goes on, between two calls of `run`. Raises as `run` does."""
        self.check_whole()
        waiting = int(self.out.count[0, MADE])
        spikes = {"waiting.tick": self.out.tick[0, :waiting], "waiting.neuron": self.out.neuron[0, :waiting]}
        return spikes | dict(state_of((tuple(self.groups), self.sources, self.out), "workers"))

    def restore(self, tick: int, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Become what `state` has told, at `tick`."""
        everything = tuple(self.groups), self.sources, self.out
        groups, self.sources, self.out = with_state(everything, "workers", state)
        self.groups = list(groups)
        self.tick = tick
        self.make_room()
        waiting = state["waiting.tick"].size
        self.out = widened(self.out, 2 * waiting)
        self.out.tick[0, :waiting], self.out.neuron[0, :waiting] = state["waiting.tick"], state["waiting.neuron"]

    def _advance(self, row: int, begin: int, stop: int) -> tuple[int, int]:
        mail = self._mail is not None
        groups, sources = self._tables[row]
        return loops.advance(groups.row, sources.row, self.out, row, begin, stop, self._reach, mail)

    def _lay_down(self) -> None:
        """Make the tables of all workers, if anything in them has been replaced."""
        present = (*(group for part in self.groups for group in part), *self.sources, self.out)
        if len(present) != len(self._in_tables) or any(map(operator.is_not, present, self._in_tables)):
            self._tables = [
                (groups_table(part, self.out), sources_table(self.sources if row == 0 else (), self.out))
                for row, part in enumerate(self.groups)
            ]
            self._in_tables = present

    def _deliver(self, since: int, stop: int, *, emptied: bool) -> None:
        """Exchange the spikes of ticks `since` to now with other processes, and agree up to where all have room.

        Where that is not far enough, all empty their buffers before they go on, unless they have just done so.
        """
        if self._mail is not None:
            received, border = self._mail.exchange(self.out, since, self.tick, stop)
            if border < min(stop, self.tick + min(self._reach, TICKS)) and not emptied:
                border = self.tick
            fits = put(self.out, received, since)
            self._waiting = None if fits else (received, since, border)
            self.out.border[0] = border if fits else -1

    def _take(self) -> Stretch:
        """Take finished spikes and samples out of the workers' buffers."""
        out, workers = self.out, len(self.groups)
        done = out.count[:workers, SENT].tolist()
        rows = int(out.count[0, ROWS])
        sampled = out.trace_tick[0, :rows].copy()
        if workers == 1:
            tick, neuron = out.tick[0, : done[0]].copy(), out.neuron[0, : done[0]].copy()
            samples = out.trace[0, :rows].copy()
        else:
            tick = np.concatenate([out.tick[row, : done[row]] for row in range(workers)])
            neuron = np.concatenate([out.neuron[row, : done[row]] for row in range(workers)])
            order = np.lexsort((neuron, tick))
            tick, neuron = tick[order], neuron[order]
            # Each worker fills the columns of its own neurons and leaves zeros elsewhere.
            samples = np.sum(out.trace[:, :rows], axis=0)
        for row in range(workers):
            rest = int(out.count[row, MADE]) - done[row]
            for values in (out.tick[row], out.neuron[row]):
                values[:rest] = values[done[row] : done[row] + rest].copy()
            out.count[row, MADE], out.count[row, SENT], out.count[row, ROWS] = rest, 0, 0
        return Stretch(Spikes(tick, neuron), sampled, samples)

    def _grow(self) -> None:
        """Enlarge every calendar that has too few links for the spikes that wait, and the room for mail."""
        if self._waiting is not None:
            received, since, self.out.border[0] = self._waiting
            self.out = widened(self.out, 2 * received.size)
            put(self.out, received, since)
            self._waiting = None
        out = self.out
        waiting = np.concatenate(
            [out.neuron[row, out.count[row, SENT] : out.count[row, MADE]] for row in range(len(self.groups) + 1)]
        )

        def larger(group: Group) -> Group:
            segments = int((group.inbox.first[waiting + 1] - group.inbox.first[waiting]).sum())
            wanted = segments + (len(self.groups) + 1) * group.inbox.head.size
            return group if wanted <= group.inbox.free[1] else group._replace(inbox=grown(group.inbox, wanted))

        self.groups = [tuple(larger(group) for group in part) for part in self.groups]

    def reserve(self, worker: int) -> int:
        """Spikes that one tick of a worker may make."""
        reserve = sum(group.inbox.identity.size for group in self.groups[worker]) + 16
        if worker == 0:
            for sources in self.sources:
                if isinstance(sources, PoissonSources):
                    mean = float(np.maximum(sources.rate, 0.0).sum())
                    reserve += int(mean + 20 * math.sqrt(mean) + sources.rate.size + 64)
                elif isinstance(sources, Trains) and sources.tick.size:
                    reserve += int(np.unique(sources.tick, return_counts=True)[1].max())
        return reserve

    def _out(self, columns: int, every: int) -> Out:
        workers = len(self.groups)
        reserve = np.array([self.reserve(row) for row in range(workers)], np.int64)
        room = max(2 * int(reserve.max()), ROOM)
        if self._mail is not None:  # windows that room makes shorter cost an exchange each; what is not used costs none
            room = max(room, (2 * min(self._reach, TICKS) + 1) * int(reserve.max()))
        rows = max(1, min(1 << 14, (1 << 22) // max(columns, 1))) if every else 1
        return Out(
            tick=np.empty((workers + 1, room), np.int64),
            neuron=np.empty((workers + 1, room), np.int32),
            count=np.zeros((workers + 1, LINE), np.int64),
            trace=np.zeros((workers, rows, columns)),
            trace_tick=np.zeros((workers, rows), np.int64),
            every=np.array([every or 2**62], np.int64),
            reserve=reserve,
            post=np.zeros((2, workers + 1, LINE), np.int64),
            fits=np.zeros(workers, np.int64),
            cursor=np.zeros((workers, -(-(workers + 1) // LINE) * LINE), np.int64),
            barrier=barrier(),
            border=np.full(1, 2**62, np.int64),
        )


def with_room(out: Out, reserve: Ints) -> Out:
    """`out` with what is in it, and with room for ticks of up to `reserve` spikes of each worker."""
    out.reserve[:] = reserve
    return widened(out, 2 * int(reserve.max()))


def widened(out: Out, room: int) -> Out:
    """`out` with what is in it, and with room for at least so many spikes of each worker."""
    more = room - out.tick.shape[1]
    if more <= 0:
        return out
    return out._replace(
        tick=np.pad(out.tick, ((0, 0), (0, more))),
        neuron=np.pad(out.neuron, ((0, 0), (0, more))),
    )
