"""Worker processes on this machine, each with one run at a time, so that a death is known to be that run's."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Protocol

from reafference.sweeps.function import Function, unsendable
from reafference.sweeps.plan import Job
from reafference.sweeps.work import Answer, Failure, Pack, call

# Starts in a row that may fail before it is given up, once workers could be started.
STARTS = 3


class Lost(NamedTuple):
    """A run that never answered. `blamed`: it counts as one of its tries."""

    failure: Failure
    blamed: bool = True


class CrewEnded(Exception):
    """Nobody is left to make runs, and none can be found; says why and what to do."""


Ended = tuple[Job, Answer | Lost]


class Crew(Protocol):
    """Those who make the runs."""

    def free(self) -> int:
        """How many more runs may be handed over now."""
        ...

    def start(self, job: Job) -> None:
        """Hand a run over."""
        ...

    def running(self) -> list[tuple[Job, float]]:
        """Runs that were handed over and have not ended, each with the time.monotonic() it began."""
        ...

    def wait(self, seconds: float) -> Iterator[Ended]:
        """Give what has ended, as it comes; after `seconds` without any, nothing."""
        ...

    def give_up(self, job: Job) -> None:
        """Stop waiting for a run."""
        ...

    def stop(self) -> None:
        """Drop all runs that have not ended."""
        ...


def usable_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(eq=False)
class _Worker:
    """A process with at most one run.

    ready  it has said so
    torn   a message of it is being read; Ctrl-C may have left half of it
    since  when its run began, of time.monotonic(); infinite as long as it is still being started
    """

    process: BaseProcess
    connection: Connection
    job: Job | None = None
    ready: bool = False
    torn: bool = False
    since: float = 0.0


class Workers:
    """Up to `count` processes, started by spawn when there is work.

    Spawn, not fork: a forked copy of a process with threads (numba, BLAS) can hang, and the same script then behaves
    alike on Linux and macOS.
    """

    def __init__(self, count: int, function: Function, pack: Pack) -> None:
        self._count = count
        self._function = function
        self._pack = pack
        self._workers: list[_Worker] = []
        self._ever_ready = False
        self._failed_starts = 0

    def free(self) -> int:
        """How many more runs may be handed over."""
        return self._count - sum(worker.job is not None for worker in self._workers)

    def start(self, job: Job) -> None:
        """Give a run to an idle worker, or to a new one. Raises CrewEnded if none can be started."""
        idle = [worker for worker in self._workers if worker.job is None]
        for worker in idle:
            if worker.process.exitcode is not None:
                self._dismiss(worker)
        worker = next((worker for worker in idle if worker in self._workers), None) or self._hired()
        worker.job, worker.since = job, time.monotonic() if worker.ready else math.inf
        with suppress(OSError):  # it may just have died, which `wait` will find
            worker.connection.send((self._function, job.arguments(), self._pack))

    def running(self) -> list[tuple[Job, float]]:
        """Runs that workers have, each with the time.monotonic() at which it began."""
        return [(worker.job, worker.since) for worker in self._workers if worker.job is not None]

    def wait(self, seconds: float) -> Iterator[Ended]:
        """Give what has ended. Raises CrewEnded if no worker can be started, TypeError if it lacks the function."""
        busy = [(worker, worker.job) for worker in self._workers if worker.job is not None and not worker.torn]
        talking = wait([worker.connection for worker, _ in busy], seconds)
        for worker, job in busy:
            answer = None
            if worker.connection in talking:
                answer = self._heard(worker)
            elif worker.process.exitcode is not None and not worker.connection.poll():
                answer = self._died(worker)  # a child that its run has left behind holds the connection open
            if answer is not None:
                worker.job = None
                yield job, answer

    def give_up(self, job: Job) -> None:
        """End the worker that has a run."""
        for worker in self._workers:
            if worker.job is job:
                self._dismiss(worker)
                return

    def stop(self) -> None:
        """End all workers."""
        for worker in self._workers:
            if worker.job is not None:
                worker.process.terminate()
            worker.connection.close()  # at which the idle ones end by themselves
        for worker in self._workers:
            _end(worker.process)
        self._workers.clear()

    def _hired(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), name="sweep worker")
        try:
            with _ctrl_c_held_back():
                process.start()
        except OSError as error:
            raise CrewEnded(f"no more worker processes can be started ({error}); take fewer `workers`") from error
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.process.terminate()
        worker.connection.close()
        _end(worker.process)

    def _heard(self, worker: _Worker) -> Answer | Lost | None:
        """What a worker has to say of its run; None: nothing yet."""
        worker.torn = True
        try:
            message: Any = worker.connection.recv()
        except (EOFError, OSError):
            return self._died(worker)
        worker.torn = False
        if message is None:
            worker.ready, worker.since = True, time.monotonic()
            self._ever_ready, self._failed_starts = True, 0
            return None
        if isinstance(message, _Unreadable):
            raise unsendable(self._function, message.reason)
        return message

    def _died(self, worker: _Worker) -> Lost:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join(5)
        how = _how_it_ended(worker.process.exitcode)
        _end(worker.process)
        if worker.ready:
            return Lost(Failure("worker died", how))
        self._failed_starts += 1
        if not self._ever_ready or self._failed_starts >= STARTS:
            raise CrewEnded(
                f"worker processes cannot be started: {how} before it took work, and what it complained of is on the "
                "standard error. Each imports the script anew: what starts the sweep must stand below "
                "`if __name__ == '__main__':`"
            )
        return Lost(Failure("worker died", how), blamed=False)


class _Unreadable(NamedTuple):
    """A worker cannot make sense of what it was sent."""

    reason: str


def serve(connection: Connection) -> None:
    """Live as a worker: make the runs that come over `connection` until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that sweeps; it ends its workers
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        connection.send(None)
        while True:
            received = connection.recv_bytes()
            try:
                function, arguments, pack = pickle.loads(received)
            except Exception as error:
                reason = "".join(traceback.format_exception_only(error)).strip()
                connection.send(_Unreadable(f"the worker cannot find it: {reason}"))
                continue
            connection.send(call(function, arguments, pack))
    except (EOFError, OSError):
        pass  # nobody is left to work for


def _end_with_parent() -> None:
    """End this process when the one that sweeps is gone, whatever killed it; nothing runs on unseen for hours."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _ctrl_c_held_back() -> Generator[None]:
    """Children that are started here are born deaf to Ctrl-C, which would else end each with a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(process: BaseProcess) -> None:
    process.join(5)
    if process.exitcode is None:
        process.kill()
        process.join()
    process.close()


def _how_it_ended(status: int | None) -> str:
    if status is None:
        return "a worker closed its connection"
    if status >= 0:
        return f"a worker ended with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    advice = "; if the machine ran out of memory, take fewer `workers`" if name == "SIGKILL" else ""
    return f"a worker was ended by {name}{advice}"
