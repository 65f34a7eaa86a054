"""Any executor that a user brings: processes, threads, MPI, dask; all that is asked of it is `submit`."""

from __future__ import annotations

import pickle
import queue
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any, Protocol

from reafference.sweeps.function import Function, unsendable
from reafference.sweeps.plan import Job
from reafference.sweeps.work import Answer, Failure, Pack, call
from reafference.sweeps.workers import CrewEnded, Ended, Lost

# Runs that are handed over at one time unless `workers` says another number: enough for a cluster, little for memory.
IN_FLIGHT = 1000


class Future(Protocol):
    """What `submit` returns; those of `concurrent.futures` and of dask are of this kind."""

    def add_done_callback(self, fn: Any, /) -> Any:
        """Call `fn(self)` when it is done."""
        ...

    def cancel(self) -> Any:
        """Drop it if it has not begun."""
        ...

    def result(self) -> Any:
        """Return or raise what it came to."""
        ...


class Executor(Protocol):
    """An executor as in `concurrent.futures`."""

    def submit(self, fn: Any, /, *args: Any) -> Future:
        """Call `fn(*args)` some time, somewhere."""
        ...


class Foreign:
    """A crew that is an executor of the user, who alone can make it anew.

    It is never shut down here; what cannot be cancelled runs on and is forgotten.
    """

    def __init__(self, executor: Executor, in_flight: int, function: Function, pack: Pack) -> None:
        self._executor = executor
        self._in_flight = in_flight
        self._function = function
        self._pack = pack
        self._futures: dict[bytes, tuple[Job, Future, float]] = {}
        self._ended: queue.SimpleQueue[tuple[Job, Future]] = queue.SimpleQueue()

    def free(self) -> int:
        """How many more runs may be handed over."""
        return self._in_flight - len(self._futures)

    def start(self, job: Job) -> None:
        """Submit a run. Raises CrewEnded if it is not taken, TypeError if the function cannot be pickled."""
        try:
            future = self._executor.submit(call, self._function, job.arguments(), self._pack)
        except Exception as error:
            if _about_pickling(error):
                raise unsendable(self._function, str(error)) from error
            raise CrewEnded(
                f"{type(self._executor).__name__} takes no more work ({_shown(error)}); pass a new executor"
            ) from error
        self._futures[job.identity] = job, future, time.monotonic()

        def note(ended: Future) -> None:
            self._ended.put((job, ended))

        future.add_done_callback(note)

    def running(self) -> list[tuple[Job, float]]:
        """Runs that were submitted, each with the time.monotonic() of that."""
        return [(job, since) for job, _, since in self._futures.values()]

    def wait(self, seconds: float) -> Iterator[Ended]:
        """Give what has ended."""
        try:
            ended = [self._ended.get(timeout=seconds)]
            while not self._ended.empty():
                ended.append(self._ended.get_nowait())
        except queue.Empty:
            return
        for job, future in ended:
            known = self._futures.get(job.identity)
            if known is not None and known[0] is job:  # else it was given up, and answers too late
                del self._futures[job.identity]
                yield job, self._heard(future)

    def give_up(self, job: Job) -> None:
        """Forget a run."""
        _, future, _ = self._futures.pop(job.identity)
        future.cancel()

    def stop(self) -> None:
        """Forget all runs, and cancel those that have not begun."""
        for job, _ in self.running():
            self.give_up(job)

    def _heard(self, future: Future) -> Answer | Lost:
        try:
            answer = future.result()
        except CancelledError:
            return Lost(Failure("worker lost", "the executor cancelled the run"))
        except Exception as error:
            # What the function raises is part of an answer, so this comes from the executor itself.
            if _about_pickling(error):
                raise unsendable(self._function, str(error)) from error
            return Lost(Failure("worker lost", _shown(error)))
        if isinstance(answer, Answer):
            return answer
        return Lost(Failure("worker lost", f"the executor answered {answer!r:.80}"))


def _about_pickling(error: Exception) -> bool:
    return isinstance(error, pickle.PicklingError) or (
        isinstance(error, (AttributeError, TypeError)) and "pickle" in str(error).lower()
    )


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
