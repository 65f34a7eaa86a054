"""What is wrong with a step of whole numbers: every fault with its file, line and expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """An expression that cannot stay.

    file, line   where it stands
    expression   as Python writes it
    reason       what is wrong with it
    remedy       what to write instead, as a sentence
    """

    file: str
    line: int
    expression: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: `{self.expression}` {self.reason}. {self.remedy}"


class BadStep(ValueError):
    """A step is none of whole numbers, or its numbers do not fit; `faults` holds everything that was found.

    neuron  name of its class
    faults  one `Fault` or more, in the order of lines
    """

    def __init__(self, neuron: str, faults: Sequence[Fault]) -> None:
        if not faults:
            raise ValueError("BadStep.faults is empty; a step without a fault is none.")
        self.neuron, self.faults = neuron, tuple(sorted(faults, key=lambda fault: fault.line))
        count = f"{len(faults)} fault{'s' * (len(faults) > 1)}"
        super().__init__("\n".join([f"the step of {neuron} has {count}:", *(f"- {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type[BadStep], tuple[str, tuple[Fault, ...]]]:
        """Errors cross processes with their fields."""
        return type(self), (self.neuron, self.faults)
