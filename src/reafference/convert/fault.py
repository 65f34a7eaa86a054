"""Why a network cannot be converted: a fault for each node, and the error that lists them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One reason.

    node    its name in the exported graph; "the model" or "the samples" where it is of no single node
    where   file and line of the user's code, empty where that is not known
    what    what is wrong
    remedy  what to do about it
    """

    node: str
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.node}{place}: {self.what} {self.remedy}"


class CannotConvert(ValueError):
    """A network that was not converted; it was left as it is. `faults` holds everything that stands in the way."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        head = f"cannot convert; {len(self.faults)} fault{'s' * (len(self.faults) != 1)}:"
        super().__init__("\n".join([head, *(f"- {fault}" for fault in self.faults)]))
