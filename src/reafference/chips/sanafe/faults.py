"""What is wrong with a file, gathered while it is read, and the small things that are read in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

MOST = 20  # faults that an error prints


class BadSanafe(ValueError):
    """A description that cannot be read; `faults` has all that is wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        more = [f"and {len(self.faults) - MOST} more"] if len(self.faults) > MOST else []
        super().__init__("\n".join(["this is no network for SANA-FE's Loihi:", *self.faults[:MOST], *more]))


@dataclass
class Faults:
    """Gathers faults."""

    found: list[str] = field(default_factory=list[str])

    def add(self, fault: str) -> None:
        """One more."""
        if fault not in self.found:
            self.found.append(fault)

    def end(self) -> None:
        """Raise BadSanafe if there were any."""
        if self.found:
            raise BadSanafe(self.found)


def flat(said: object) -> dict[str, object]:
    """Attributes as one dictionary: SANA-FE takes one, or a list of several of which the later win."""
    if isinstance(said, Mapping):
        return {str(name): value for name, value in said.items()}
    made: dict[str, object] = {}
    for each in said if isinstance(said, Sequence) and not isinstance(said, str) else ():
        made |= flat(each)
    return made


def entries(listed: object) -> Iterator[tuple[str, object]]:
    """(key, value) of a list of small dictionaries, or of bare keys."""
    for each in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
        if isinstance(each, Mapping):
            yield from ((str(key), value) for key, value in each.items())
        else:
            yield str(each), {}


def span(key: str, where: str, faults: Faults) -> tuple[int, int] | None:
    """Begin and end, the end not within, of "3" or "3..7"."""
    begin, _, end = key.partition("..")
    if not begin.strip().isdecimal() or not (end or begin).strip().isdecimal() or int(end or begin) < int(begin):
        faults.add(f"{where}: {key!r} is no neuron and no range such as 0..7")
        return None
    return int(begin), int(end or begin) + 1


def numbers(value: object, what: str, faults: Faults) -> npt.NDArray[np.float64]:
    """One number or (nested) lists of them, as an array of one dimension or more."""
    try:
        found = np.atleast_1d(np.array(value, np.float64))
    except (TypeError, ValueError):
        faults.add(f"{what} = {str(value)[:40]!r} is not made of numbers")
        return np.zeros(0)
    if not np.isfinite(found).all():
        faults.add(f"{what} has values that are not finite")
    return found


def number(value: object, what: str, faults: Faults) -> float:
    """One number."""
    found = numbers(value, what, faults)
    if found.shape != (1,):
        faults.add(f"{what} = {str(value)[:40]!r} is not one number")
        return 0.0
    return float(found[0])


def whole(value: object, what: str, faults: Faults) -> int:
    """One whole number, 0 and more."""
    found = number(value, what, faults)
    if not 0 <= found < 2**31 or found != int(found):
        faults.add(f"{what} = {str(value)[:40]!r} is no whole number of 0 and more")
        return 0
    return int(found)


def truth(value: object, what: str, faults: Faults) -> bool:
    """True or false, as YAML writes them."""
    if str(value).lower() not in ("true", "false"):
        faults.add(f"{what} = {value!r} is neither true nor false")
    return str(value).lower() == "true"
