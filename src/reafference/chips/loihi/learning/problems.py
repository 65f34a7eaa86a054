"""What is wrong with a learning rule, and the error that lists all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    where   "dw", "x1", "epoch", "the rule"
    reason  what is wrong and what was expected
    text    the string that holds it, None where there is none
    column  place in the string, counted from 0
    """

    where: str
    reason: str
    text: str | None = None
    column: int = 0

    def __str__(self) -> str:
        if self.text is None:
            return f"{self.where}: {self.reason}"
        mark = " " * (len(self.where) + 5 + self.column) + "^"
        return f"{self.where}, column {self.column + 1}: {self.reason}\n  {self.where} = {self.text}\n{mark}"


class RuleError(ValueError):
    """A learning rule that Loihi does not have; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"this is no learning rule of Loihi; {count} {'thing is' if count == 1 else 'things are'} wrong:"
        super().__init__("\n".join([head, *(f"- {problem}" for problem in self.problems)]))

    def __reduce__(self) -> tuple[type[RuleError], tuple[tuple[Problem, ...]]]:
        """Errors cross processes with their fields."""
        return type(self), (self.problems,)
