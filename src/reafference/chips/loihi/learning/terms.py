"""What Loihi's learning rules are made of: sums of products of traces, spikes and what a synapse holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from reafference.chips.loihi.learning.problems import Problem

SPIKES = "x0", "y0", "r0"  # whether source, target, reward spiked in this epoch
PRE, POST, REWARD = ("x1", "x2"), ("y1", "y2", "y3"), ("r1",)
TRACES = (*PRE, *POST, *REWARD)
STORED = "w", "d", "t"  # what a synapse holds: weight, delay, tag
TARGETS = "dw", "dd", "dt"
MANTISSAS, EXPONENTS, DECIMATIONS = (-8, 7), (-7, 8), (0, 9)
IMPULSES, TAUS, EPOCHS = (0, 127), (1, math.inf), (1, 63)


def is_condition(name: str) -> bool:
    """Whether a factor can gate a product: x0, y0, r0 or u0 to u9."""
    return name in SPIKES or (len(name) == 2 and name[0] == "u" and name[1].isdigit())


@dataclass(frozen=True)
class Factor:
    """variable + constant, or the sign of it.

    variable  a trace, a stored variable, or a further condition
    constant  whole number that is added
    sign      True: sgn(variable + constant), which is -1, 0 or 1
    """

    variable: str
    constant: int = 0
    sign: bool = False

    def __str__(self) -> str:
        shift = f" {'-' if self.constant < 0 else '+'} {abs(self.constant)}" if self.constant else ""
        inner = f"{self.variable}{shift}"
        return f"sgn({inner})" if self.sign else f"({inner})" if shift else inner


@dataclass(frozen=True)
class Product:
    """mantissa * 2^exponent * condition * factors.

    mantissa   -8 to 7
    exponent   -7 to 8
    condition  when it is added: x0, y0, r0 (in epochs in which source, target or reward spiked; traces are taken at the
               last such spike) or u0 to u9 (at the end of every 2^k-th epoch; traces are taken there)
    factors    what it is multiplied by
    """

    mantissa: int
    exponent: int
    condition: str
    factors: tuple[Factor, ...] = ()

    def __str__(self) -> str:
        size = abs(self.mantissa)
        scale = [str(size)] if size != 1 else []
        if self.exponent:
            scale.append(f"2^{self.exponent}")
        return "*".join([*scale, self.condition, *(str(factor) for factor in self.factors)])


@dataclass(frozen=True)
class Sum:
    """By how much a variable of a synapse changes at the end of an epoch; prints as a string that can be read."""

    products: tuple[Product, ...]

    def __str__(self) -> str:
        text = ""
        for product in self.products:
            minus = product.mantissa < 0
            text += (" - " if minus else " + ") if text else ("-" if minus else "")
            text += str(product)
        return text

    @property
    def names(self) -> tuple[str, ...]:
        """Every factor and condition that is used."""
        return tuple(
            name for product in self.products for name in (product.condition, *(f.variable for f in product.factors))
        )


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A 7-bit number that each spike raises and that decays, rounded up or down by chance.

    impulse  0 to 127, added by a spike; the trace stays at 127 where it would go beyond
    tau      1 tick or more, time constant of the decay; math.inf: it does not fade
    """

    impulse: int
    tau: float


def rule_problems(
    sums: dict[str, Sum | None], traces: dict[str, Trace | None], epoch: int, *, some: bool = False
) -> Iterator[Problem]:
    """What is wrong with a rule beside its strings.

    some  there is a string for a sum, although it may not have been understood
    """
    if not some and not any(sums.values()):
        yield Problem("the rule", "changes nothing; give dw, dd or dt.")
    found = [(target, each) for target, each in sums.items() if each is not None]
    for target, each in found:
        yield from sum_problems(target, each)
    for name, trace in traces.items():
        users = [target for target, each in found if name in each.names]
        if trace is None:
            if users:
                yield Problem(
                    users[0], f"uses {name}, which is not configured; give {name}=Trace(impulse=..., tau=...)."
                )
            continue
        for what, value, (low, high) in (("impulse", trace.impulse, IMPULSES), ("tau", trace.tau, TAUS)):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                yield Problem(name, f"{what} = {value!r} is outside {low} to {high}.")
            elif what == "impulse" and value != int(value):
                yield Problem(name, f"impulse = {value!r} is no whole number; a trace holds whole numbers.")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or not EPOCHS[0] <= epoch <= EPOCHS[1]:
        yield Problem("epoch", f"{epoch!r} is no whole number of ticks from {EPOCHS[0]} to {EPOCHS[1]}.")
    decimations = sorted({name for _, each in found for name in each.names if name[0] == "u"})
    if len(decimations) > 1:
        yield Problem("the rule", f"uses {' and '.join(decimations)}; all products share one u<k>.")


def sum_problems(target: str, each: Sum) -> Iterator[Problem]:
    """What is wrong with a sum that was not read from a string, as a string cannot say it."""
    if not each.products:
        yield Problem(target, "is a sum of nothing.")
    for product in each.products:
        names = [factor.variable for factor in product.factors]
        strange = [name for name in names if not (name in TRACES or name in STORED or is_condition(name))]
        if strange or not is_condition(product.condition):
            yield Problem(target, f"{product} uses {', '.join(strange) or product.condition}, which is no such factor.")
        for what, value, (low, high) in (
            ("mantissa", product.mantissa, MANTISSAS),
            ("exponent", product.exponent, EXPONENTS),
        ):
            if not low <= value <= high:
                yield Problem(target, f"{product} has the {what} {value}, outside {low} to {high}.")
