"""SI constants, readable quantities, and range checks that guess a slip of unit.

Every quantity in this package is a float in SI units. The constants only make a number readable: `20 * ms` is 0.02.
Nothing tracks dimensions while the program runs; a range check at the door catches the slip instead.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

ms: Final = 1e-3
us: Final = 1e-6
ns: Final = 1e-9
ps: Final = 1e-12

mV: Final = 1e-3
uV: Final = 1e-6

mA: Final = 1e-3
uA: Final = 1e-6
nA: Final = 1e-9
pA: Final = 1e-12

uF: Final = 1e-6
nF: Final = 1e-9
pF: Final = 1e-12

uS: Final = 1e-6
nS: Final = 1e-9

kOhm: Final = 1e3
MOhm: Final = 1e6
GOhm: Final = 1e9

Hz: Final = 1.0
kHz: Final = 1e3
MHz: Final = 1e6
GHz: Final = 1e9

mJ: Final = 1e-3
uJ: Final = 1e-6
nJ: Final = 1e-9
pJ: Final = 1e-12
fJ: Final = 1e-15
aJ: Final = 1e-18

mW: Final = 1e-3
uW: Final = 1e-6
nW: Final = 1e-9
pW: Final = 1e-12

mm: Final = 1e-3
um: Final = 1e-6
nm: Final = 1e-9

# For each SI unit, the constants that someone may have left out, the likeliest first.
_SLIPS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "s": (("ms", ms), ("us", us), ("ns", ns), ("ps", ps)),
    "V": (("mV", mV), ("uV", uV)),
    "A": (("pA", pA), ("nA", nA), ("uA", uA), ("mA", mA)),
    "F": (("pF", pF), ("nF", nF), ("uF", uF)),
    "S": (("nS", nS), ("uS", uS)),
    "Ohm": (("MOhm", MOhm), ("GOhm", GOhm), ("kOhm", kOhm)),
    "Hz": (("kHz", kHz), ("MHz", MHz), ("GHz", GHz)),
    "J": (("pJ", pJ), ("fJ", fJ), ("nJ", nJ), ("uJ", uJ), ("mJ", mJ), ("aJ", aJ)),
    "W": (("mW", mW), ("uW", uW), ("nW", nW), ("pW", pW)),
    "m": (("um", um), ("mm", mm), ("nm", nm)),
}

_PREFIXES: Final = {
    -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P",
}  # fmt: skip


def si(value: float, unit: str, digits: int = 3) -> str:
    """Return `value` with the SI prefix that leaves 1 to 999 before the point, rounded to `digits` significant digits.

    >>> si(3.2e-12, "J")
    '3.2 pJ'
    >>> si(-0.065, "V"), si(0, "s"), si(12_345, "Hz", digits=2)
    ('-65 mV', '0 s', '12 kHz')

    `unit` must be one that takes a prefix as it stands ("s", "V", "J/event"), so not "kg" or "%". Beyond atto and peta
    the exponent is written out. Raises ValueError for `digits` below 1.
    """
    if digits < 1:
        raise ValueError(f"digits = {digits} is below 1; give the number of significant digits, for example 3.")
    rounded = float(f"{value:.{digits - 1}e}")
    if rounded == 0 or not math.isfinite(rounded):
        return f"{abs(rounded) if rounded == 0 else rounded:g} {unit}".rstrip()
    # The exponent is read after rounding: 999.9 pJ is 1 nJ in three digits.
    exponent = int(f"{rounded:e}".partition("e")[2])
    power = 3 * (exponent // 3)
    if power not in _PREFIXES:
        return f"{rounded:.{digits}g} {unit}".rstrip()
    return f"{rounded / 10.0**power:.15g} {_PREFIXES[power]}{unit}".rstrip()


def check_time(name: str, value: ArrayLike, low: float, high: float) -> None:
    """Raise unless every `value` (s) lies in [low, high]; see `check_range`.

    >>> check_time("CurrentLIF.tau", 20, 0.1 * ms, 1.0)
    Traceback (most recent call last):
    ValueError: CurrentLIF.tau = 20 s is outside 0.0001 to 1 s; did you mean 20 * ms?
    """
    check_range(name, value, low, high, "s")


def check_range(name: str, value: ArrayLike, low: float, high: float, unit: str) -> None:
    """Raise unless every `value` lies in [low, high], naming the first that does not and the likely slip of unit.

    name   what the user wrote: "Class.field" or "function: argument"
    value  a number, or an array of any shape
    unit   SI unit of value, low and high; "" for a number without one

    Either limit may be infinite. Raises ValueError for a number outside or NaN, TypeError for what is no real number.
    """
    if isinstance(value, (float, int)) and not isinstance(value, bool) and low <= value <= high:
        return  # the common case, without the price of an array
    numbers = _real_numbers(name, value)
    inside = (numbers >= low) & (numbers <= high)
    if inside.all():
        return
    outside = np.argwhere(~inside)
    first = tuple(int(index) for index in outside[0])
    offender = float(numbers[first])
    label = f"{name}[{', '.join(map(str, first))}]" if first else name
    count = f" ({len(outside)} of {numbers.size} values are wrong)" if len(outside) > 1 else ""
    if math.isnan(offender):
        raise ValueError(f"{label} is NaN{count}; it must lie in {_interval(low, high, unit)}.")
    shown = _quantity(offender, unit)
    if shown in (_quantity(low, unit), _quantity(high, unit)):
        shown = f"{offender!r} {unit}".rstrip()  # so near the limit that six digits hide the difference
    limit = f"outside {_interval(low, high, unit)}"
    if high == math.inf:
        limit = f"below {_quantity(low, unit)}"
    elif low == -math.inf:
        limit = f"above {_quantity(high, unit)}"
    index = numbers.ndim > 0 and numbers.dtype.kind in "iu"  # numbers of neurons are never percentages
    hint = _hint(offender, low, high, unit, index=index)
    raise ValueError(f"{label} = {shown} is {limit}{count}; {hint}")


def _real_numbers(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as an array of integers or floats, or raise."""
    try:
        numbers = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{name} is not a rectangular array of numbers; give rows of equal length.") from error
    if numbers.dtype.kind == "O" and isinstance(value, int):
        return np.asarray(float(max(min(value, 10**300), -(10**300))))  # beyond 64 bits, perhaps beyond a float
    if numbers.dtype.kind not in "iuf" and numbers.size:
        shown = repr(value)
        shown = shown if len(shown) <= 40 else f"an array of {numbers.dtype}"
        raise TypeError(f"{name} = {shown} is not a real number; give an int, a float, or an array of them.")
    return numbers


def _hint(value: float, low: float, high: float, unit: str, *, index: bool) -> str:
    """Guess what the user meant by a `value` outside [low, high]."""
    for constant, scale in _SLIPS.get(unit, ()):
        if low <= value * scale <= high:
            return f"did you mean {value:g} * {constant}?"
    if low < 0:
        for constant, scale in (("", 1.0), *_SLIPS.get(unit, ())):
            if low <= -value * scale <= high:
                return f"did you mean {_quantity(-value, '')}{f' * {constant}' if constant else ''}?"
    if unit == "" and not index and 2 <= value <= 100 and low <= value / 100 <= high <= 1:
        return f"did you mean {value / 100:g} ({value:g} %)?"
    if unit == "s":
        return "times are in seconds."
    return f"give it in {unit}, within the limit." if unit else "give a number within the limit."


def _quantity(value: float, unit: str) -> str:
    return f"{value:g} {unit}".rstrip()


def _interval(low: float, high: float, unit: str) -> str:
    return f"{low:g} to {_quantity(high, unit)}"
