"""Who runs the ticks: one worker alone, or several on threads that exchange their spikes once per shortest delay."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.engine import tick as loops
from reafference.engine.inbox import grown
from reafference.engine.poisson import PoissonSources
from reafference.engine.spikes import Ints, Spikes
from reafference.engine.tick import DONE, GROW, Group, Out
from reafference.engine.train import Trains


class Stretch(NamedTuple):
    """What came out of a stretch of ticks: spikes, ticks of the samples (rows,), and the samples (rows, traces)."""

    spikes: Spikes
    sampled: Ints
    samples: npt.NDArray[np.float64]


class Workers:
    """The arrays of all workers and the loop that drives them.

    groups   for each worker, its part of every group of neurons
    sources  all sources; they belong to the first worker
    tick     last tick done
    """

    def __init__(self, groups: Sequence[Sequence[Group]], sources: Sequence[Any], *, columns: int, every: int) -> None:
        self.groups = [tuple(part) for part in groups]
        self.sources = tuple(sources)
        self.tick = 0
        self.outs = [self._out(columns, every, worker) for worker in range(len(self.groups))]
        delays = [int(g.inbox.delay.min()) for part in self.groups for g in part if g.inbox.delay.size]
        self._reach = min(delays, default=2**30)
        self._pool = ThreadPoolExecutor(len(self.groups)) if len(self.groups) > 1 else None

    def run(self, stop: int) -> Iterator[Stretch]:
        """Run up to tick `stop`, handing out what happened as often as a buffer is full, and at the end."""
        finished = False
        while not finished:
            finished = self._alone(stop) if self._pool is None else self._together(stop, self._pool)
            yield self._take()

    def make_room(self) -> None:
        """After a change of rates: let the first worker's buffer hold what one tick may bring now."""
        self.outs[0] = with_room(self.outs[0], self.reserve(0))

    def _alone(self, stop: int) -> bool:
        out = self.outs[0]
        self.tick, status = loops.advance(self.groups[0], self.sources, out, self.tick, stop, self._reach)
        if status == GROW:
            self._grow(0, out.neuron[out.count[1] : out.count[0]])
        return status == DONE

    def _together(self, stop: int, pool: ThreadPoolExecutor) -> bool:
        while True:
            mail = self._mail()
            for worker in range(len(self.groups)):
                while not loops.exchange(self.groups[worker], mail.tick, mail.neuron, 0, mail.tick.size):
                    self._grow(worker, mail.neuron)
            for out in self.outs:
                out.count[1] = out.count[0]
            self._learn()
            if self.tick >= stop:
                return True
            until = min(
                stop, self.tick + self._reach, min(loops.next_learning(groups, self.tick) for groups in self.groups)
            )
            # Every worker must stop at the same tick, so the room is checked for the whole window beforehand.
            room = min((out.tick.size - int(out.count[0])) // max(int(out.reserve[0]), 1) for out in self.outs)
            rows = min(out.trace.shape[0] - int(out.count[2]) for out in self.outs)
            until = min(until, self.tick + room, self.tick + rows)
            if until <= self.tick:
                return False
            jobs = [
                pool.submit(
                    loops.window,
                    groups,
                    self.sources if worker == 0 else (),
                    self.outs[worker],
                    self.tick,
                    until,
                )
                for worker, groups in enumerate(self.groups)
            ]
            for job in jobs:
                job.result()
            self.tick = until

    def _learn(self) -> None:
        for groups, out in zip(self.groups, self.outs, strict=True):
            if out.count[3] < self.tick:
                loops.learn(groups, self.tick)
                out.count[3] = self.tick

    def _mail(self) -> Spikes:
        tick = np.concatenate([out.tick[out.count[1] : out.count[0]] for out in self.outs])
        neuron = np.concatenate([out.neuron[out.count[1] : out.count[0]] for out in self.outs])
        order = np.lexsort((neuron, tick))
        return Spikes(tick[order], neuron[order])

    def _take(self) -> Stretch:
        """Take finished spikes and samples out of the workers' buffers."""
        done = [int(out.count[1]) for out in self.outs]
        tick = np.concatenate([out.tick[:n] for out, n in zip(self.outs, done, strict=True)])
        neuron = np.concatenate([out.neuron[:n] for out, n in zip(self.outs, done, strict=True)])
        if len(self.outs) > 1:
            order = np.lexsort((neuron, tick))
            tick, neuron = tick[order], neuron[order]
        rows = int(self.outs[0].count[2])
        sampled = self.outs[0].trace_tick[:rows].copy()
        # Each worker fills the columns of its own neurons and leaves zeros elsewhere.
        samples = np.sum([out.trace[:rows] for out in self.outs], axis=0)
        for out, n in zip(self.outs, done, strict=True):
            rest = int(out.count[0]) - n
            out.tick[:rest], out.neuron[:rest] = out.tick[n : n + rest].copy(), out.neuron[n : n + rest].copy()
            out.count[0], out.count[1], out.count[2] = rest, 0, 0
        return Stretch(Spikes(tick, neuron), sampled, samples)

    def _grow(self, worker: int, neurons: npt.NDArray[np.int32]) -> None:
        def larger(group: Group) -> Group:
            segments = int((group.inbox.first[neurons + 1] - group.inbox.first[neurons]).sum())
            return group._replace(inbox=grown(group.inbox, segments + group.inbox.head.size))

        self.groups[worker] = tuple(larger(group) for group in self.groups[worker])

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

    def _out(self, columns: int, every: int, worker: int) -> Out:
        reserve = self.reserve(worker)
        room = max(4 * reserve, 1 << 15)
        rows = max(1, min(1 << 14, (1 << 22) // columns)) if columns else 1
        return Out(
            tick=np.empty(room, np.int64),
            neuron=np.empty(room, np.int32),
            count=np.zeros(4, np.int64),
            trace=np.zeros((rows, columns)),
            trace_tick=np.zeros(rows, np.int64),
            every=np.array([every if columns else 2**62], np.int64),
            reserve=np.array([reserve], np.int64),
        )


def with_room(out: Out, reserve: int) -> Out:
    """`out` with what is in it, and with room for ticks of up to `reserve` spikes."""
    out.reserve[0] = reserve
    more = 4 * reserve - out.tick.size
    if more <= 0:
        return out
    return out._replace(
        tick=np.concatenate([out.tick, np.empty(more, np.int64)]),
        neuron=np.concatenate([out.neuron, np.empty(more, np.int32)]),
    )
