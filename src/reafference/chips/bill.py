"""A bill: what was counted, times what one of it costs, with the origin of every price and a list of what has none.

    Line(what="synaptic events", count=1000, unit="event", figure=figures["energy.synaptic_event"])

Pure data and sums; the functions of `reafference.chips.pricing` make bills from counts. A total never hides what is
missing: it is then a lower bound, has no upper end, and says what it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from reafference.chips.bill_table import as_dict, as_text
from reafference.chips.figures import Figure, Figures, Unpublished
from reafference.units import check_range

Quantity = Literal["energy", "time"]
Follows = Literal["activity", "neurons", "being on"]
QUANTITIES: Final[tuple[Quantity, ...]] = ("energy", "time")
_FOLLOWS: Final[tuple[Follows, ...]] = ("activity", "neurons", "being on")
_UNIT: Final = {"energy": "J", "time": "s"}


class Interval(NamedTuple):
    """Two ends of what may be true, low <= high, in the unit of whatever it is of."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A count times a figure.

    what     in words: "synaptic events"
    count    how many, 0 and more
    unit     of the count, as the figure is per: "event" for J/event; "chip s" for W/chip (chips times seconds)
    figure   what one costs; J or s each, or W for a count of seconds
    follows  what the count grows with: "activity" (fewer spikes make it smaller), "neurons" (paid for each neuron or
             core, spike or not) or "being on" (paid while the chip is on)

    Raises ValueError where the units do not multiply to J or s.
    """

    what: str
    count: float
    unit: str
    figure: Figure
    follows: Follows = "activity"

    def __post_init__(self) -> None:
        check_range(f"bill: {self.what}: count", self.count, 0, math.inf, "")
        if math.isinf(self.count):
            raise ValueError(f"bill: {self.what}: count is infinite; give what was counted.")
        if self.follows not in _FOLLOWS:
            raise ValueError(f"bill: {self.what}: follows = {self.follows!r}; it is one of {', '.join(_FOLLOWS)}.")
        head, per = self.figure.unit.partition("/")[0], self.figure.per
        wanted = f"{per} s".strip() if head == "W" else per
        if head not in ("J", "s", "W"):
            raise ValueError(f"bill: {self.what}: {self.figure.name} is in {self.figure.unit}, no cost of anything.")
        if self.unit != wanted and (per or head == "W"):
            raise ValueError(
                f"bill: {self.what}: {self.count:g} {self.unit!r} cannot be priced by {self.figure.name}, which is in "
                f"{self.figure.unit}; give a count of {wanted!r}."
            )

    @property
    def quantity(self) -> Quantity:
        """What it adds to."""
        return "time" if self.figure.unit.partition("/")[0] == "s" else "energy"

    @property
    def amount(self) -> Interval:
        """J or s."""
        return Interval(self.count * self.figure.low, self.count * self.figure.high)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Something that was counted and has no published price.

    quantity  what it would add to
    what      in words
    count     how many; 1 and the unit "" where no number says it
    unit      of the count
    why       name of the figure that does not exist, and its words
    follows   as of a `Line`
    """

    quantity: Quantity
    what: str
    count: float
    unit: str
    why: str
    follows: Follows = "activity"

    def __post_init__(self) -> None:
        check_range(f"bill: {self.what}: count", self.count, 0, math.inf, "")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A line that stands beside the bill and is in no sum, because it counts again what the sum holds.

    line  what was counted, and the figure
    why   why it must not be added
    """

    line: Line
    why: str


class Total(NamedTuple):
    """What a sum is known to lie in.

    low      J or s; a lower bound where something is missing
    high     None where nothing bounds it from above
    priced   sum of the lines that have a price
    missing  what has none, in words
    """

    low: float
    high: float | None
    priced: Interval
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it is bounded on both sides."""
        return self.high is not None

    def over(self, divisor: float) -> Total:
        """The same for each of `divisor` seconds or events, above 0."""
        return Total(
            self.low / divisor,
            None if self.high is None else self.high / divisor,
            Interval(self.priced.low / divisor, self.priced.high / divisor),
            self.missing,
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Bill:
    """What a chip spends on something that was run; print it.

    chip, profile    names of the chip and of the set of figures that it is priced by
    seconds          s that the chip was on
    synaptic_events  spikes that arrived at a synapse
    lines            what is added up
    missing          what should be, and has no published price
    shown            what stands beside, each with the reason why it is not added
    ceiling          lines whose sum all energy together cannot exceed, whatever is missing
    notes            what a reader of the totals should know

    Raises ValueError where the lines cost more than the ceiling, which then is that of another chip or run.
    """

    chip: str
    profile: str
    seconds: float
    synaptic_events: int
    lines: Sequence[Line] = ()
    missing: Sequence[Missing] = ()
    shown: Sequence[Shown] = ()
    ceiling: Sequence[Line] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_range("Bill.seconds", self.seconds, 0, math.inf, "s")
        check_range("Bill.synaptic_events", self.synaptic_events, 0, 2**63 - 1, "")
        for name in ("lines", "missing", "shown", "ceiling", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        most = self._ceiling()
        if most is not None and self.priced("energy").low > most * (1 + 1e-12):
            raise ValueError(
                f"{self.chip}: what was counted costs at least {self.priced('energy').low:.4g} J, and the chip cannot "
                f"spend more than {most:.4g} J in {self.seconds:g} s; give more seconds or chips."
            )

    def priced(self, quantity: Quantity) -> Interval:
        """Sum of the lines of one quantity, J or s."""
        amounts = [line.amount for line in self.lines if line.quantity == quantity]
        return Interval(math.fsum(each.low for each in amounts), math.fsum(each.high for each in amounts))

    def total(self, quantity: Quantity) -> Total:
        """The sum, and what is known of its ends, J or s.

        A figure that its source calls a minimum leaves the upper end open, one called a maximum adds nothing to the
        lower end.
        """
        priced = self.priced(quantity)
        missing = tuple(each.what for each in self.missing if each.quantity == quantity)
        counted = [line for line in self.lines if line.quantity == quantity and line.count]
        low = math.fsum(line.amount.low for line in counted if line.figure.bound != "most")
        high = None if missing or any(line.figure.bound == "least" for line in counted) else priced.high
        if quantity == "energy" and high is None:
            high = self._ceiling()
        return Total(low, high, priced, missing)

    @property
    def energy(self) -> Total:
        """J."""
        return self.total("energy")

    @property
    def time(self) -> Total | None:
        """s that the chip needs; None where nothing was counted that takes time."""
        known = any(each.quantity == "time" for each in (*self.lines, *self.missing))
        return self.total("time") if known else None

    @property
    def power(self) -> Total | None:
        """W: energy for each second that the chip was on; None for no time."""
        return self.energy.over(self.seconds) if self.seconds else None

    @property
    def per_event(self) -> Total | None:
        """J of all energy for each synaptic event; None without events."""
        return self.energy.over(self.synaptic_events) if self.synaptic_events else None

    def share(self, follows: Follows) -> Interval | None:
        """Part of the priced energy that follows the activity, the neurons, or being on, from 0 to 1.

        None where nothing is priced, or where that part itself has no price but should.
        """
        if self.unpriced(follows):
            return None
        energy = [line for line in self.lines if line.quantity == "energy"]
        mine = [line.amount for line in energy if line.follows == follows]
        rest = [line.amount for line in energy if line.follows != follows]
        low, high = math.fsum(each.low for each in mine), math.fsum(each.high for each in mine)
        rest_low, rest_high = math.fsum(each.low for each in rest), math.fsum(each.high for each in rest)
        if high + rest_high == 0:
            return None
        return Interval(low / (low + rest_high) if low else 0.0, high / (high + rest_low) if high else 0.0)

    def unpriced(self, follows: Follows) -> bool:
        """Whether energy is missing that follows the activity, the neurons or being on, and none of it has a price."""
        lacks = any(each.quantity == "energy" and each.follows == follows for each in self.missing)
        return lacks and not any(
            line.quantity == "energy" and line.follows == follows and line.count for line in self.lines
        )

    @property
    def static_share(self) -> Interval | None:
        """Part of the priced energy that is paid for being on, 0 to 1."""
        return self.share("being on")

    def _ceiling(self) -> float | None:
        return math.fsum(line.amount.high for line in self.ceiling) if self.ceiling else None

    def to_dict(self) -> dict[str, Any]:
        """All of it in plain dictionaries, lists, numbers and words, for a page or a file."""
        return as_dict(self)

    def __repr__(self) -> str:
        return as_text(self)


def priced_or_missing(
    figures: Figures, name: str, what: str, count: float, unit: str, quantity: Quantity, follows: Follows = "activity"
) -> Line | Missing:
    """The line of a figure, or what is missing where it is unpublished."""
    try:
        figure = figures[name]
    except Unpublished as error:
        why = f"{name}: {error.what}"
        return Missing(quantity=quantity, what=what, count=count, unit=unit, why=why, follows=follows)
    return Line(what=what, count=count, unit=unit, figure=figure, follows=follows)


def split(entries: Sequence[Line | Missing]) -> tuple[tuple[Line, ...], tuple[Missing, ...]]:
    """Lines, and what is missing: of that only what was counted at all, since none of it costs nothing."""
    lines = tuple(each for each in entries if isinstance(each, Line))
    return lines, tuple(each for each in entries if isinstance(each, Missing) and each.count)
