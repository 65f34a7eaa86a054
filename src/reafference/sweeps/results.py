"""What a sweep found, read when it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, overload

from reafference.sweeps.codec import decode, flat
from reafference.sweeps.folder import LINES, Folder, look_through
from reafference.sweeps.plan import Listed, Plan, Product, text_of_point
from reafference.sweeps.store import Store
from reafference.sweeps.table import ABSENT, Column, column, filled
from reafference.sweeps.work import Failure


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One point with one seed.

    point    its parameters
    seed     None if the sweep has none
    value    what the function returned, None unless it finished
    failure  why it has no value; None if it finished or was not run
    seconds  wall-clock time it took in its worker (s)
    tries    how often it was begun, 0: not run
    """

    point: dict[str, Any]
    seed: int | None
    value: Any = None
    failure: Failure | None = None
    seconds: float = 0.0
    tries: int = 0

    @property
    def finished(self) -> bool:
        """Whether there is a value."""
        return self.tries > 0 and self.failure is None


class Results(Sequence[Run]):
    """The runs of a sweep in the order of its grid: the last axis runs faster than the one before, seeds fastest.

    finished, failed, left  number of runs with a value, without one, and not run
    folder                  where they are kept, None: in memory only
    """

    def __init__(
        self, plan: Plan, store: Store, *, name: str, folder: Path | None, notes: tuple[str, ...] = ()
    ) -> None:
        self._plan = plan
        self._store = store
        self._name = name
        self._notes = notes
        self.folder = folder
        states = Counter(store.state(plan.identity(number)) for number in range(len(plan)))
        self.finished, self.failed, self.left = states[True], states[False], states[None]

    def __len__(self) -> int:
        return len(self._plan)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        if isinstance(index, slice):
            return [self._run(number) for number in range(len(self))[index]]
        return self._run(range(len(self))[index])

    def _run(self, number: int) -> Run:
        job = self._plan.job(number)
        point = {name: decode(value) for name, value in job.point.items()}
        if self._store.state(job.identity) is None:
            return Run(point=point, seed=job.seed)
        kept = self._store.read(job.identity)
        return Run(
            point=point, seed=job.seed, value=kept.value, failure=kept.failure, seconds=kept.seconds, tries=kept.tries
        )

    def failures(self) -> Iterator[Run]:
        """Give the runs that failed."""
        for number in range(len(self)):
            if self._store.state(self._plan.identity(number)) is False:
                yield self._run(number)

    def columns(self, *names: str) -> dict[str, Column]:
        """Return a table as a dict of columns, each (finished,), for `pandas.DataFrame(results.columns())`.

        A row is a finished run. There is a column for each parameter, for the seed, and for each part of the values: a
        number is called "value", the item "rate" of a dict "rate", the item "E" of a dict in it "rate.E", the first of
        a tuple "value.0". A name that a parameter has already gets "result." before it. Arrays are kept whole, one in a
        cell. What a run does not have, and None, is NaN among numbers, None elsewhere.

        names  of the value's columns to be returned, none: all
        """
        taken = self._taken()
        rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        found: dict[str, None] = {}
        for run in self:
            if run.finished:
                parts = _parts(run.value, taken)
                found.update(dict.fromkeys(parts))
                rows.append((_parameters(run), {name: parts[name] for name in names or parts if name in parts}))
        self._check_names(names, found)
        columns: dict[str, Column] = {}
        for name in dict.fromkeys(name for parameters, _ in rows for name in parameters):
            columns[name] = column([parameters.get(name, ABSENT) for parameters, _ in rows])
        for name in names or found:
            columns[name] = column([parts.get(name, ABSENT) for _, parts in rows])
        return columns

    def grid(self, name: str = "value") -> Column:
        """Return one part of the values as an array over the axes, seeds last: (axis 1, axis 2, ..., seeds).

        Means over seeds are `results.grid("rate").mean(axis=-1)`. Where a run failed or was not made there is NaN, or
        None if the part is no number. Parts that are arrays of one shape add their own axes at the end. Points given as
        a list are one axis. Raises KeyError if no run has such a part, ValueError if its arrays have several shapes.

        name  as in `columns`
        """
        taken = self._taken()
        cells: list[Any] = []
        found: dict[str, None] = {}
        for run in self:
            parts = _parts(run.value, taken) if run.finished else {}
            found.update(dict.fromkeys(parts))
            cells.append(parts.get(name, ABSENT))
        self._check_names([name], found)
        return filled(name, cells, self._plan.shape())

    def _taken(self) -> set[str]:
        """Names of columns that belong to parameters."""
        axes = self._plan.points.axes()
        names = {part for name, values in axes.items() for value in values for part, _ in flat(name, decode(value))}
        return names if self._plan.seeds is None else names | {"seed"}

    def _check_names(self, names: Sequence[str], found: dict[str, None]) -> None:
        for name in names:
            if name not in found:
                there = ", ".join(found) if found else "none at all, since no run has finished"
                raise KeyError(f"no run has a part called {name!r}; there is {there}.")

    def __repr__(self) -> str:
        points, seeds = len(self._plan.points), self._plan.seeds
        size = f"{len(self)} runs" if seeds is None else f"{len(self)} runs = {points} points x {len(seeds)} seeds"
        lines = [f"Sweep of {self._name}: {size}; {self.finished} finished, {self.failed} failed, {self.left} not run"]
        axes = {name: [decode(value) for value in values] for name, values in self._plan.points.axes().items()}
        if seeds is not None:
            axes["seed"] = list(seeds)
        width = max((len(name) for name in axes), default=0)
        lines += [f"  {name:<{width}}  {_summary(values)}" for name, values in axes.items()]
        if self.failed:
            first = next(self.failures())
            lines.append(f"  first failure: {first.failure} ({_shown(first)}); all of them: failures()")
        lines += [f"  {note}" for note in self._notes]
        if self.folder is not None:
            lines.append(f"  kept in {str(self.folder)!r}")
        return "\n".join(lines)


def load_sweep(folder: str | Path) -> Results:
    """Return what a folder keeps, without the function; a sweep that is still going on may be looked at.

    If the last sweep into it was over axes, the results are those of its grid; after one over a list of points, all
    that is kept. Raises FileNotFoundError if there is no sweep in the folder, ValueError if the files are none of ours.
    """
    path = Path(folder)
    kept = look_through(path)
    if kept.head is None:
        raise FileNotFoundError(f"{str(path)!r} keeps no sweep; give the folder that was `out`.")
    axes = kept.head["axes"]
    if axes is not None:
        seeds = kept.head["seeds"]
        plan = Plan(Product(dict(axes)), None if seeds is None else tuple(seeds))
    else:
        points: dict[str, dict[str, Any]] = {}
        found: dict[int | None, None] = {}
        for point, seed in kept.points():
            points.setdefault(text_of_point(point), point)
            found[seed] = None
        seeds = None if None in found else tuple(sorted(seed for seed in found if seed is not None))
        plan = Plan(Listed(list(points.values())), seeds)
    return Results(plan, kept, name=kept.head["function"], folder=path, notes=notes_on(kept, plan))


def notes_on(kept: Folder, plan: Plan) -> tuple[str, ...]:
    """What is odd about a folder."""
    notes: list[str] = []
    asked = (plan.identity(number) for number in range(len(plan)))
    there = (identity for identity in asked if kept.state(identity) is not None)
    others = kept.size - (len(set(there)) if plan.points.repeats() else sum(1 for _ in there))
    if others:
        notes.append(f"{others} more runs are kept that are not of this grid")
    if kept.damaged:
        notes.append(f"{kept.damaged} damaged lines were left out")
    if len(kept.makers) > 1:
        notes.append(
            f"made by {len(kept.makers)} versions of the function or of packages; the heads in {LINES} tell which"
        )
    return tuple(notes)


def _parameters(run: Run) -> dict[str, Any]:
    """Parts of a point, and its seed."""
    parts = dict(pair for name, value in run.point.items() for pair in flat(name, value))
    return parts if run.seed is None else {**parts, "seed": run.seed}


def _parts(value: Any, taken: set[str]) -> dict[str, Any]:
    """Parts of a value by the names of their columns."""
    if isinstance(value, dict):
        pairs = [pair for name, item in value.items() for pair in flat(str(name), item)]
    else:
        pairs = flat("value", value)
    parts = {f"result.{name}" if name in taken else name: item for name, item in pairs}
    if len(parts) < len(pairs):
        names = ", ".join(sorted({name for name, _ in pairs}))
        raise ValueError(f"two parts of a value have one name, among {names}; let the function return other names.")
    return parts


def _summary(values: list[Any]) -> str:
    count = f"{len(values)} value{'s' if len(values) > 1 else ''}"
    real = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    if real and len(values) > 3:
        return f"{count}, {min(values):g} to {max(values):g}"
    shown = ", ".join(f"{value:g}" if real else repr(value) for value in islice(values, 3))
    return f"{count}: {shown}{', ...' if len(values) > 3 else ''}"


def _shown(run: Run) -> str:
    parameters = run.point if run.seed is None else {**run.point, "seed": run.seed}
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items()) or "the only point"
