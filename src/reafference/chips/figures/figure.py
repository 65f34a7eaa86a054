"""A figure: a number that cannot be had without where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, get_args

from reafference.chips.figures.unit import fault_of_unit, is_cost
from reafference.units import si

Kind = Literal["published", "derived", "measured", "assumed"]
Basis = Literal["silicon", "simulated", "architectural", "fit", "vendor", "estimate", "software"]
Read = Literal["direct", "quoted", "code", "here", "memory"]
Bound = Literal["", "least", "most"]

KINDS: Final[tuple[str, ...]] = get_args(Kind)
BASES: Final[tuple[str, ...]] = get_args(Basis)
READS: Final[tuple[str, ...]] = get_args(Read)
BOUNDS: Final[tuple[str, ...]] = get_args(Bound)


class Unpublished(LookupError):
    """A quantity of a chip that no source gives; it has no number, and so no price.

    chip      name of the chip
    quantity  name of the figure that does not exist: "energy.hop"
    what      the same in words
    """

    def __init__(self, chip: str, quantity: str, what: str = "") -> None:
        self.chip, self.quantity, self.what = chip, quantity, what
        words = f" ({what})" if what else ""
        super().__init__(
            f"{chip}: {quantity}{words} is unpublished. Leave it out and say that the total is a lower bound; where "
            f"you know a source, add the figure to {chip}.toml with it."
        )

    def __reduce__(self) -> tuple[type[Unpublished], tuple[str, str, str]]:
        """Errors cross processes with their fields."""
        return type(self), (self.chip, self.quantity, self.what)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a figure comes from.

    kind    published (somebody wrote it down, or put it into public code), derived (from other figures, see `how`),
            measured (here), assumed (nobody vouches for it)
    basis   what the source itself had: silicon, a simulation before it, the architecture, a fit, a vendor's claim, an
            estimate, software
    read    how the source was read: directly, as quoted by others with its page, in code, worked out here, or from
            memory (which makes it assumed)
    source  who, where
    note    what one must know to use it
    of      of a derived figure: names of the figures that it follows from
    how     of a derived figure: the arithmetic, in words
    """

    kind: Kind
    basis: Basis
    read: Read
    source: str
    note: str = ""
    of: tuple[str, ...] = ()
    how: str = ""

    def __post_init__(self) -> None:
        faults = origin_faults(vars(self))
        if faults:
            raise ValueError("Origin: " + " ".join(faults))

    @property
    def short(self) -> str:
        """Kind and basis, as they stand beside a number in a table."""
        return f"{self.kind}, {self.basis}"


def origin_faults(origin: Mapping[str, Any]) -> list[str]:
    """What is wrong with the fields of an `Origin`, one sentence each, remedy included."""
    faults: list[str] = []
    for name, allowed in (("kind", KINDS), ("basis", BASES), ("read", READS)):
        value = origin.get(name)
        if value not in allowed:
            faults.append(f"{name} = {value!r} is unknown; it is one of {', '.join(allowed)}.")
    for name in ("source", "note", "how"):
        if not isinstance(origin.get(name, ""), str):
            faults.append(f"{name} = {origin[name]!r}; say it in words.")
    if not str(origin.get("source", "")).strip():
        faults.append("source is missing; say who published it and where, or leave the figure out as unpublished.")
    of, how, kind = origin.get("of", ()), origin.get("how", ""), origin.get("kind")
    if not isinstance(of, (list, tuple)) or not all(isinstance(each, str) for each in of):
        faults.append(f"of = {of!r}; give a list of names of figures.")
    if kind == "derived" and not (of and how):
        faults.append("it is derived; say `of` which figures and `how`.")
    if kind != "derived" and (of or how):
        faults.append(f"it has `of` or `how` but is {kind}; what follows from other figures is derived.")
    if origin.get("read") == "memory" and kind != "assumed":
        faults.append(f"it was read from memory and is {kind}; what nobody looked up is assumed.")
    return faults


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number with unit and origin; an interval where sources differ or only limits are known.

    name       as in the file, sections joined by points: "energy.synaptic_event"
    low, high  in `unit`; equal where one number is given
    unit       SI, of one of what is counted: "J/event", "W/chip", "s"; a bare count has the name of what it counts
    bound      "least" or "most" where the source calls the number a minimum or a maximum

    Raises ValueError that lists all that is wrong with it.
    """

    name: str
    low: float
    high: float
    unit: str
    origin: Origin
    bound: Bound = ""

    def __post_init__(self) -> None:
        faults = number_faults((self.low, self.high), self.unit)
        if self.low > self.high:
            faults.append(f"low = {self.low:g} is above high = {self.high:g}; give [low, high].")
        if self.bound not in BOUNDS:
            faults.append(f"bound = {self.bound!r} is unknown; it is least or most.")
        if faults:
            raise ValueError(f"{self.name}: " + " ".join(faults))

    @property
    def value(self) -> float:
        """The number. Raises ValueError for an interval, which has none."""
        if self.low != self.high:
            raise ValueError(f"{self.name} is an interval, {self}; use its low and high.")
        return self.low

    @property
    def per(self) -> str:
        """What it is the price of one of: "event" of "J/event"; empty where the unit does not say."""
        return self.unit.partition("/")[2]

    def __str__(self) -> str:
        return quantity(self.low, self.high, self.unit)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Several numbers in an order that means something: the sides of a mesh, the points of a sweep."""

    name: str
    values: tuple[float, ...]
    unit: str
    origin: Origin

    def __post_init__(self) -> None:
        faults = number_faults(self.values, self.unit)
        if not self.values:
            faults.append("the list is empty; leave the figure out.")
        if faults:
            raise ValueError(f"{self.name}: " + " ".join(faults))

    def __str__(self) -> str:
        return ", ".join(quantity(value, value, self.unit) for value in self.values)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A fact in words: a rule of rounding, an order of routing."""

    name: str
    text: str
    origin: Origin

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip():
            raise ValueError(f"{self.name}: the text is empty; leave the figure out.")

    def __str__(self) -> str:
        return self.text


def number_faults(values: tuple[float, ...], unit: str) -> list[str]:
    """What is wrong with numbers in a unit, one sentence each, remedy included."""
    fault = fault_of_unit(unit)
    faults = [fault] if fault else []
    for value in values:
        if not math.isfinite(value):
            faults.append(f"{value} is no number; leave the figure out and list it as unpublished.")
        elif is_cost(unit) and value == 0:
            faults.append(f"0 {unit} looks like unknown, and adds up; list it as unpublished instead.")
        elif is_cost(unit) and value < 0:
            faults.append(f"{value:g} {unit} is negative; what a chip spends is above 0.")
    return list(dict.fromkeys(faults))


def quantity(low: float, high: float, unit: str, digits: int = 4) -> str:
    """A number or an interval with prefixes: "130 fJ/event to 6.84 pJ/event"."""
    if low == high:
        return _number(low, unit, digits)
    first, second = _number(low, unit, digits), _number(high, unit, digits)
    if unit and first.endswith(unit) and first.partition(" ")[2] == second.partition(" ")[2]:
        first = first.partition(" ")[0]
    return f"{first} to {second}"


def _number(value: float, unit: str, digits: int) -> str:
    """With an SI prefix where the unit takes one; counts of things in full."""
    head = unit.partition("/")[0]
    if not head or (head[:1].islower() and head not in ("s", "m", "rad")):
        in_full = (float(value).is_integer() or abs(value) >= 1e4) and abs(value) < 1e15
        return f"{value:,.0f} {unit}".rstrip() if in_full else f"{value:.{digits}g} {unit}".rstrip()
    if "m2" in unit:  # a prefix would be squared with it
        return f"{value:.{digits}g} {unit}"
    return si(value, unit, digits)


_Shape = TypeVar("_Shape", Figure, Listed, Stated)


@dataclass(frozen=True)
class Figures:
    """All figures of one chip, by name.

    chip         name of the chip, and of its file
    title        as people call it
    figures      numbers, lists and texts by name
    unpublished  quantities for which no source was found: name, and the same in words
    notes        what goes for the whole file
    """

    chip: str
    title: str
    figures: dict[str, Figure | Listed | Stated] = field(default_factory=dict[str, "Figure | Listed | Stated"])
    unpublished: dict[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Figure:
        """The figure of that name. Raises Unpublished, or KeyError for a name that the file does not know."""
        return self._of(name, Figure)

    def __contains__(self, name: str) -> bool:
        return name in self.figures

    def listed(self, name: str) -> tuple[float, ...]:
        """The numbers of a list."""
        return self._of(name, Listed).values

    def stated(self, name: str) -> str:
        """The words of a text."""
        return self._of(name, Stated).text

    def count(self, name: str) -> int:
        """A whole number, such as a limit of the structure. Raises ValueError for an interval or a fraction."""
        value = self[name].value
        if not value.is_integer():
            raise ValueError(f"{self.chip}: {name} = {value:g} is no whole number.")
        return int(value)

    def _of(self, name: str, shape: type[_Shape]) -> _Shape:
        if name in self.unpublished:
            raise Unpublished(self.chip, name, self.unpublished[name])
        found = self.figures.get(name)
        if found is None:
            last = name.rpartition(".")[2]
            near = [each for each in self.figures if last and last in each]
            raise KeyError(
                f"{self.chip} has no figure {name!r}; it has {', '.join(near or sorted(self.figures))}. If nobody "
                f"published it, list it under [unpublished] in {self.chip}.toml."
            )
        if not isinstance(found, shape):
            way = {"Figure": "figures[name]", "Listed": "figures.listed(name)", "Stated": "figures.stated(name)"}
            raise TypeError(f"{self.chip}: {name} is {found}; ask for it by {way[type(found).__name__]}.")
        return found

    def __repr__(self) -> str:
        lines = [f"{self.title}: {len(self.figures)} figures, {len(self.unpublished)} unpublished"]
        lines += [f"  {name}: {each} ({each.origin.short})" for name, each in self.figures.items()]
        lines += [f"  {name}: unpublished ({what})" for name, what in self.unpublished.items()]
        return "\n".join(lines)
