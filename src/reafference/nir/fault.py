"""What is wrong with a graph or a network, and the error that lists all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One reason why a graph cannot be read, or a network not be written.

    where   what it is about: "node 'fc1'", "population 'cells'", "the graph"
    what    what is wrong with it
    remedy  what would help, as a sentence
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


class NIRFaults(ValueError):
    """A graph cannot be read or a network not be written; `faults` holds every reason that was found.

    what    what was tried: "braille.nir cannot be read"
    faults  one `Fault` or more
    """

    def __init__(self, what: str, faults: Sequence[Fault]) -> None:
        if not faults:
            raise ValueError("NIRFaults.faults is empty; without a fault there is no error.")
        self.what, self.faults = what, tuple(faults)
        count = len(self.faults)
        head = f"{what}; {count} {'fault' if count == 1 else 'faults'}:"
        super().__init__("\n".join([head, *(f"- {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type[NIRFaults], tuple[str, tuple[Fault, ...]]]:
        """Errors cross processes with their fields."""
        return type(self), (self.what, self.faults)
