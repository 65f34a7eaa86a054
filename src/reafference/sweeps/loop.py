"""The sweep itself: hands runs over, keeps what comes back, and goes on when something dies."""

from __future__ import annotations

import multiprocessing
import operator
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reafference.sweeps.foreign import IN_FLIGHT, Executor, Foreign
from reafference.sweeps.function import Function, check_callable, check_sendable, identity_of, name_of, versions
from reafference.sweeps.journal import Journal
from reafference.sweeps.plan import Job, Plan, Product, plan_of
from reafference.sweeps.progress import Tally, reporter
from reafference.sweeps.results import Results, notes_on
from reafference.sweeps.store import Memory, Store
from reafference.sweeps.work import Answer, Failure
from reafference.sweeps.workers import Crew, CrewEnded, Lost, Workers, usable_cores
from reafference.units import check_time

# How long to wait before bars and time limits are looked at again (s).
GLANCE = 0.25


class SweepStopped(RuntimeError):
    """A sweep ended early: too many runs failed, or nobody is left to make them. `results` has what finished."""

    def __init__(self, message: str, results: Results) -> None:
        self.results = results
        super().__init__(message)


class SweepInterrupted(KeyboardInterrupt):
    """A sweep was ended by Ctrl-C. `results` has what finished."""

    def __init__(self, message: str, results: Results) -> None:
        self.results = results
        super().__init__(message)


def sweep(
    function: Function,
    grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    *,
    seeds: int | Iterable[int] | None = None,
    out: str | Path | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    tries: int = 3,
    timeout: float | None = None,
    max_failures: int | None = None,
    accept_change: bool = False,
    progress: bool | Callable[[float], object] = False,
) -> Results:
    """Call `function(seed=seed, **point)` for each point of a grid with each seed, on many processors; keep results.

    function       at the top level of a module; returns numbers, texts, None, arrays, or lists, tuples, dicts of them;
                   without `out`, anything that can be pickled
    grid           {"g": [4, 5, 6], "eta": numpy.linspace(0.9, 2, 5)}: all combinations; or a list of points, each a
                   dict. A point is made of numbers, texts, None, and lists, tuples and dicts of them
    seeds          whole numbers, or how many: 10 is 0 to 9; None: the function is called without a seed
    out            folder in which each run is kept as soon as it ends. What has finished there is not run again, so the
                   same call goes on after an interruption, and a larger grid adds to a smaller one; failed runs are
                   made again
    executor       anything with the `submit` of concurrent.futures; None: processes on this machine
    workers        runs at one time: processes, by default one for each processor that may be used; with an executor,
                   how many runs it is handed at one time, by default 1000
    tries          how often a run is begun whose worker dies, before it counts as failed
    timeout        s, after which a run counts as failed; with an executor from when it is handed over, so set `workers`
                   to what it does at one time
    max_failures   more failed runs than this stop the sweep; None: it goes on. What the function raises is a failure
    accept_change  go on in a folder whose runs were made by another version of the function
    progress       True: a bar on the standard error, if that is a terminal and the sweep takes more than two seconds;
                   or a function that is called with the part done, 0 to 1

    Raises TypeError and ValueError for a mistake before anything is run, SweepStopped (a RuntimeError) and
    SweepInterrupted (a KeyboardInterrupt) for an early end; both have the `results` so far.
    """
    plan = plan_of(grid, seeds)
    check_callable(function, plan)
    _check(executor, workers, tries, timeout, max_failures)
    show = reporter(progress)
    if executor is None:
        _refuse_worker()
        check_sendable(function)
    store = Memory() if out is None else Journal(_folder(out), _head(function, plan), accept_change=accept_change)
    interrupted = False
    try:
        numbers, twins = _missing(plan, store.kept)
        crew: Crew
        if executor is None:
            crew = Workers(min(workers or usable_cores(), max(1, len(numbers))), function, store.pack)
        else:
            crew = Foreign(executor, workers or IN_FLIGHT, function, store.pack)
        tally = Tally(asked=len(plan) - twins, kept=len(plan) - twins - len(numbers))
        work = _Work(plan, store, crew, numbers, tally, tries, timeout, max_failures)
        try:
            with show:
                message = work.finish(show.show)
        except KeyboardInterrupt:
            work.take_what_is_there()
            message, interrupted = "stopped by Ctrl-C", True
        finally:
            crew.stop()
    finally:
        store.close()
    notes = notes_on(store.kept, plan) if isinstance(store, Journal) else ()
    results = Results(plan, store.kept, name=name_of(function), folder=store.folder, notes=notes)
    if message:
        message = _how_to_go_on(message, results)
        raise SweepInterrupted(message, results) if interrupted else SweepStopped(message, results)
    return results


@dataclass(eq=False)
class _Work:
    """What is left to be done and by whom."""

    plan: Plan
    store: Memory | Journal
    crew: Crew
    numbers: array[int]
    tally: Tally
    tries: int
    timeout: float | None
    max_failures: int | None

    def __post_init__(self) -> None:
        self._next = 0
        self._again: deque[Job] = deque()
        self._begun: Counter[bytes] = Counter()  # tries of runs that were lost

    def finish(self, show: Callable[[Tally], None]) -> str:
        """Make all runs; return why it ended early, "" if it did not."""
        show(self.tally)
        try:
            while self._hand_over():
                for job, answer in self.crew.wait(GLANCE):
                    self._take(job, answer)
                    show(self.tally)
                self._end_overdue()
                show(self.tally)
                if self.max_failures is not None and self.tally.failed > self.max_failures:
                    return f"{self.tally.failed} runs failed, and max_failures is {self.max_failures}"
        except CrewEnded as error:
            self.take_what_is_there()
            return str(error)
        return ""

    def take_what_is_there(self) -> None:
        """Keep what has ended without waiting for more."""
        for job, answer in self.crew.wait(0.0):
            if isinstance(answer, Answer):
                self._take(job, answer)

    def _hand_over(self) -> bool:
        """Hand over as many runs as are welcome; say whether anything is still running."""
        while self.crew.free() > 0:
            if self._again:
                self.crew.start(self._again.popleft())
            elif self._next < len(self.numbers):
                self.crew.start(self.plan.job(self.numbers[self._next]))
                self._next += 1
            else:
                break
        return bool(self.crew.running())

    def _take(self, job: Job, answer: Answer | Lost) -> None:
        if isinstance(answer, Answer):
            self._keep(job, answer, self._begun.pop(job.identity, 0) + 1)
            return
        self._begun[job.identity] += answer.blamed
        begun = self._begun[job.identity]
        if begun < self.tries:
            self._again.append(job)
            return
        text = f"{answer.failure.text}; begun {begun} time{'s' if begun > 1 else ''}"
        self._keep(job, Answer(None, Failure(answer.failure.kind, text), 0.0), self._begun.pop(job.identity))

    def _keep(self, job: Job, answer: Answer, tries: int) -> None:
        self.store.keep(job, answer, tries)
        if answer.failure is None:
            self.tally.done += 1
        else:
            self.tally.failed += 1

    def _end_overdue(self) -> None:
        if self.timeout is None:
            return
        now = time.monotonic()
        for job, since in self.crew.running():
            if now - since > self.timeout:
                self.crew.give_up(job)
                failure = Failure("out of time", f"nothing came back within {self.timeout:g} s")
                self._keep(job, Answer(None, failure, now - since), self._begun.pop(job.identity, 0) + 1)


def _missing(plan: Plan, store: Store) -> tuple[array[int], int]:
    """Numbers of the runs to be made, in the order they are to be made, and how many others are twins of these."""
    numbers, twins = array("q"), 0
    seen: set[bytes] | None = set() if plan.points.repeats() else None
    for number in plan.order():
        identity = plan.identity(number)
        if store.state(identity):
            continue
        if seen is not None and identity in seen:
            twins += 1
            continue
        if seen is not None:
            seen.add(identity)
        numbers.append(number)
    return numbers, twins


def _head(function: Function, plan: Plan) -> dict[str, Any]:
    """What a folder says of the sweep."""
    points = plan.points
    axes = [[name, values] for name, values in points.values.items()] if isinstance(points, Product) else None
    seeds = None if plan.seeds is None else list(plan.seeds)
    return {**identity_of(function), "versions": versions(), "axes": axes, "seeds": seeds}


def _folder(out: str | Path) -> Path:
    if not str(out).strip():
        raise ValueError("out is empty; name a folder, or leave it away to keep results in memory only.")
    return Path(out)


def _how_to_go_on(message: str, results: Results) -> str:
    if results.folder is None:
        rest = "They are in `results` of this error and nowhere else, since no folder `out` was given."
    else:
        rest = f"They are kept; call again with out={str(results.folder)!r} to go on."
    return f"{message}; {results.finished} of {len(results)} runs have finished. {rest}"


def _refuse_worker() -> None:
    """Raise if this process is a worker that is only just importing the script."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "a worker process started a sweep while it imported the script; put what starts the sweep below "
            "`if __name__ == '__main__':`, since every worker imports the script anew."
        )


def _check(executor: object, workers: int | None, tries: int, timeout: float | None, max_failures: int | None) -> None:
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(
            f"executor = {executor!r} has no `submit`; give an executor as in concurrent.futures (multiprocessing.Pool "
            "is none), or leave it away for processes on this machine."
        )
    for name, value, low in (("workers", workers, 1), ("tries", tries, 1), ("max_failures", max_failures, 0)):
        if value is not None:
            _check_count(name, value, low)
    if timeout is not None:
        check_time("timeout", timeout, 1e-3, float("inf"))


def _check_count(name: str, value: int, low: int) -> None:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} = {value!r} is no whole number; give one from {low}.") from None
    if number < low:
        raise ValueError(f"{name} = {value} is below {low}; give a whole number from {low}.")
