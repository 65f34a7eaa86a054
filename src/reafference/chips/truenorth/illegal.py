"""All that is wrong with a program, in one error."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 20  # problems in the text of an error; the error holds them all


class Illegal(ValueError):
    """A program asks for something that the chip does not have; `problems` lists all of it."""

    def __init__(self, what: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        lines = [f"{what}: {len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"]
        lines += [f"  {problem}." for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"  and {len(self.problems) - SHOWN} more in `problems`.")
        super().__init__("\n".join(lines))


def refuse(what: str, problems: Iterable[str]) -> None:
    """Raise Illegal if there are any problems."""
    found = tuple(problems)
    if found:
        raise Illegal(what, found)
