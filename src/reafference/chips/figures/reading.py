"""Read the figures of a chip from its TOML file, or say everything that is wrong with it at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, cast

from reafference.chips.figures.figure import Figure, Figures, Listed, Origin, Stated, origin_faults

SCHEMA: Final = 1
SHAPES: Final = ("value", "list", "text")
_ORIGIN: Final = tuple(each.name for each in fields(Origin))
_KEYS: Final = (*SHAPES, "unit", "bound", *_ORIGIN)
_HEAD: Final = ("schema", "chip", "title", "notes", "unpublished")


class BadFigures(ValueError):
    """A file of figures that cannot be used, so that nothing is priced with it.

    file    its name
    faults  everything that is wrong, one sentence each
    """

    def __init__(self, file: str, faults: tuple[str, ...]) -> None:
        self.file, self.faults = file, faults
        count = len(faults)
        head = f"{file}: {count} fault{'s' * (count != 1)}; nothing is priced with it:"
        super().__init__("\n".join([head, *(f"- {fault}" for fault in faults)]))

    def __reduce__(self) -> tuple[type[BadFigures], tuple[str, tuple[str, ...]]]:
        """Errors cross processes with their fields."""
        return type(self), (self.file, self.faults)


def figures_of(chip: str) -> Figures:
    """The figures that come with this package for a chip: `figures_of("truenorth")`.

    Raises KeyError for a chip without a file here.
    """
    folder = resources.files("reafference.chips.figures")
    file = folder / f"{chip}.toml"
    if not file.is_file():
        names = sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".toml"))
        raise KeyError(f"no figures of {chip!r}; there are {', '.join(names)}. Read others by read_figures(path).")
    return read_figures(file)


def read_figures(file: str | Path | Traversable) -> Figures:
    """Read a file of figures (schema 1, see docs/chips_figures.md).

    Raises BadFigures with every fault that was found, FileNotFoundError for a file that is not there.
    """
    path = Path(file) if isinstance(file, str) else file
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFigures(
            path.name, (f"it is no TOML: {error}. A name that stands twice is also refused here.",)
        ) from error
    return figures_from(raw, path.name)


def figures_from(raw: Mapping[str, Any], file: str) -> Figures:
    """The same from what a TOML file holds. `file` is how faults call it."""
    faults = list(_head_faults(raw, file))
    found: dict[str, Figure | Listed | Stated] = {}
    for name, table in _leaves(raw, faults):
        shape = _figure(name, table, faults)
        if shape is not None:
            found[name] = shape
    unpublished = _unpublished(raw.get("unpublished", {}), faults)
    for name in unpublished:
        if name in found:
            faults.append(f"{name} is both a figure and unpublished; take one of them out.")
    for name, figure in found.items():
        for source in figure.origin.of:
            if source not in found:
                faults.append(f"{name} is derived from {source!r}, which is not in the file; add it or name another.")
    if faults:
        raise BadFigures(file, tuple(faults))
    return Figures(raw["chip"], raw["title"], found, unpublished, tuple(raw.get("notes", ())))


def _head_faults(raw: Mapping[str, Any], file: str) -> Iterator[str]:
    if raw.get("schema") != SCHEMA:
        yield f"schema = {raw.get('schema')!r} is unknown; write schema = {SCHEMA}, and update what reads it otherwise."
    for name in ("chip", "title"):
        if not isinstance(raw.get(name), str) or not raw[name].strip():
            yield f"{name} = {raw.get(name)!r}; give a name."
    stem = file.removesuffix(".toml")
    if isinstance(raw.get("chip"), str) and raw["chip"] != stem:
        yield f"chip = {raw['chip']!r} and the file's name {stem!r} differ; call them alike."
    notes = raw.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in cast(list[Any], notes)):
        yield f"notes = {notes!r}; give a list of sentences."


def _leaves(raw: Mapping[str, Any], faults: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table that is a figure, by its name; what is neither a section nor a figure is a fault."""
    waiting = [(name, value) for name, value in raw.items() if name not in _HEAD]
    while waiting:
        name, value = waiting.pop(0)
        if not isinstance(value, dict):
            faults.append(
                f"{name} = {value!r} is a bare value; give a table with value, unit, kind, basis, read, source."
            )
            continue
        table = cast(dict[str, Any], value)
        if table and all(isinstance(each, dict) for each in table.values()):
            waiting[:0] = [(f"{name}.{key}", each) for key, each in table.items()]
        else:
            yield name, table


def _figure(name: str, table: Mapping[str, Any], faults: list[str]) -> Figure | Listed | Stated | None:
    """One figure, or None after its faults were added."""
    own: list[str] = [f"{key} is an unknown key; the keys are {', '.join(_KEYS)}." for key in table if key not in _KEYS]
    origin = _origin(table, own)
    given = [shape for shape in SHAPES if shape in table]
    figure: Figure | Listed | Stated | None = None
    if len(given) != 1:
        held = f"holds {' and '.join(given)}" if given else "holds none of them"
        own.append(f"it {held}; give one of value (a number or [low, high]), list, text.")
    else:
        try:
            figure = _shape(name, given[0], table, origin)
        except (TypeError, ValueError) as error:
            own.append(str(error).removeprefix(f"{name}: "))
    faults += [f"{name}: {fault}" for fault in own]
    return None if own else figure


def _origin(table: Mapping[str, Any], faults: list[str]) -> Origin:
    """The origin; where it is faulty, one in its place, so that the number is looked at as well."""
    given: dict[str, Any] = {key: table[key] for key in _ORIGIN if key in table}
    wrong = origin_faults(given)
    faults += wrong
    if wrong:
        return Origin(kind="assumed", basis="estimate", read="here", source="faulty")
    given["of"] = tuple(given.get("of", ()))
    return Origin(**given)


def _shape(name: str, shape: str, table: Mapping[str, Any], origin: Origin) -> Figure | Listed | Stated:
    if shape == "text":
        return Stated(name=name, text=table["text"], origin=origin)
    unit = table.get("unit")
    if not isinstance(unit, str):
        raise ValueError('unit is missing; write unit = "" for a number without one.')
    numbers = table[shape] if isinstance(table[shape], list) else [table[shape]]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise TypeError(f"{shape} = {table[shape]!r} is not made of numbers; write facts in words as text.")
    if shape == "list":
        return Listed(name=name, values=tuple(float(number) for number in numbers), unit=unit, origin=origin)
    if isinstance(table[shape], list) and len(numbers) != 2:
        raise ValueError(f"value has {len(numbers)} numbers; give one or [low, high], or call it list.")
    bound = table.get("bound", "")
    return Figure(name=name, low=float(numbers[0]), high=float(numbers[-1]), unit=unit, origin=origin, bound=bound)


def _unpublished(raw: Any, faults: list[str]) -> dict[str, str]:
    if not isinstance(raw, dict):
        faults.append(f'unpublished = {raw!r}; give a table of names and words: "energy.hop" = "energy of a hop".')
        return {}
    table = cast(dict[str, Any], raw)
    wrong = [name for name, what in table.items() if not isinstance(what, str) or not what.strip()]
    faults += [f"unpublished.{name}: say in words what it is; put a name with points in quotes." for name in wrong]
    return {name: what for name, what in table.items() if name not in wrong}
