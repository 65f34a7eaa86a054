"""What a chip lacks for a network: a shortage for each limit that cannot be met, and the error that lists them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shortage:
    """One limit of a chip that a network cannot keep.

    resource   what is short, in the chip's own word: "axons in", "synapse memory", "delay", ...
    where      what asks for it: "neuron 12", "core 3", "population 'hidden'", "the network"
    needed     how much is asked for, None where no number says it (an equation that the chip cannot run)
    available  how much there is, None likewise
    remedy     what would make it fit, as a sentence
    unit       of `needed` and `available`: "bit", "tick"; empty for counts
    """

    resource: str
    where: str
    needed: float | None
    available: float | None
    remedy: str
    unit: str = ""

    def __post_init__(self) -> None:
        for name in ("resource", "where", "remedy"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise ValueError(f"Shortage.{name} = {value!r}; say it in words.")
        if (self.needed is None) != (self.available is None):
            raise ValueError("Shortage: give both needed and available, or neither.")

    def __str__(self) -> str:
        if self.needed is None or self.available is None:
            return f"{self.where}: {self.resource}. {self.remedy}"
        unit = f" {self.unit}" if self.unit else ""
        needed, available = number(self.needed), number(self.available)
        return f"{self.where}: needs {needed}{unit} {self.resource}, has {available}. {self.remedy}"


def number(value: float) -> str:
    """Whole numbers in full, others with six digits."""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:g}"


class DoesNotFit(Exception):
    """A network asks for more than a chip has; `shortages` holds every limit that was found broken.

    chip       name of the chip
    shortages  one `Shortage` or more
    """

    def __init__(self, chip: str, shortages: Sequence[Shortage]) -> None:
        if not shortages:
            raise ValueError("DoesNotFit.shortages is empty; a network without a shortage fits.")
        self.chip = chip
        self.shortages = tuple(shortages)
        count = len(self.shortages)
        head = f"{chip}: the network does not fit; {count} {'limit is' if count == 1 else 'limits are'} broken:"
        super().__init__("\n".join([head, *(f"- {shortage}" for shortage in self.shortages)]))

    def __reduce__(self) -> tuple[type[DoesNotFit], tuple[str, tuple[Shortage, ...]]]:
        """Errors cross processes with their fields."""
        return type(self), (self.chip, self.shortages)
