"""Strings of learning rules, as users of Loihi write them, and what may be wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reafference.chips.loihi.learning.problems import Problem
from reafference.chips.loihi.learning.terms import (
    DECIMATIONS,
    EXPONENTS,
    MANTISSAS,
    STORED,
    TRACES,
    Factor,
    Product,
    Sum,
    is_condition,
)

WORD = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|[-+*^()]|\S))")
SIGNS = ("+", "-")
CONSTANTS = {"w": 256, "t": 256}  # largest size of a constant that is added; of all others:
CONSTANT = 128
FACTORS = "x0, y0, r0, u0 to u9, x1, x2, y1, y2, y3, r1, w, d, t"


@dataclass(frozen=True)
class Token:
    """A word of a string and where it begins."""

    text: str
    column: int
    kind: str


@dataclass
class Reading:
    """One string and what was found wrong with it so far."""

    where: str
    text: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def wrong(self, column: int, reason: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.where, reason, self.text, column))


@dataclass
class Scale:
    """The numbers of a product, multiplied so far."""

    mantissa: int = 1
    exponent: int = 0


def read(where: str, text: str) -> tuple[Sum | None, list[Problem]]:
    """The sum that a string tells, None where something is wrong, and everything that is."""
    reading = Reading(where, text)
    tokens = words(reading)
    if not tokens and not reading.problems:
        reading.wrong(0, "is empty; a product such as x1*y0 is expected.")
    products = list[Product]()
    if brackets_match(reading, tokens):
        for sign, part, end in signed(tokens, len(text)):
            product = read_product(reading, sign, part, end)
            if product is not None:
                products.append(product)
    return (None if reading.problems else Sum(tuple(products))), reading.problems


def words(reading: Reading) -> list[Token]:
    """The words of a string; those that no rule has are noted."""
    found = list[Token]()
    for match in WORD.finditer(reading.text):
        kind = str(match.lastgroup)
        token = Token(match[kind], match.start(kind), kind)
        if kind == "number" and "." in token.text:
            reading.wrong(token.column, f"{token.text} is no whole number; write fractions as 2^-1, 3*2^-2, ...")
            found.append(Token("1", token.column, kind))  # what was meant, so that the rest can be read
        elif token.text == "/":
            reading.wrong(token.column, "there is no division; multiply by 2^-1, 2^-2, ...")
            found.append(Token("*", token.column, kind))
        elif token.text == "**":
            reading.wrong(token.column, "powers are written 2^3, not 2**3.")
            found.append(Token("^", token.column, kind))
        elif kind == "sign" and token.text not in "+-*^()":
            reading.wrong(token.column, f"{token.text!r} is no part of a rule.")
        else:
            found.append(token)
    return found


def brackets_match(reading: Reading, tokens: list[Token]) -> bool:
    """Whether each bracket has its partner; those without are noted."""
    before, open_ = len(reading.problems), list[Token]()
    for token in tokens:
        if token.text == "(":
            open_.append(token)
        elif token.text == ")" and not open_:
            reading.wrong(token.column, "')' closes a bracket that was never opened.")
        elif token.text == ")":
            open_.pop()
    for token in open_:
        reading.wrong(token.column, "this bracket is never closed; ')' is expected.")
    return len(reading.problems) == before


def signed(tokens: list[Token], end: int) -> list[tuple[int, list[Token], int]]:
    """Parts between + and - outside brackets, each with its sign and where it ends; those of exponents and after * part
    nothing.

    end  where the last part ends
    """
    parts, sign, part = list[tuple[int, list[Token], int]](), 1, list[Token]()
    depth, last = 0, ""
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.text in SIGNS and depth == 0 and last not in ("^", "*"):
            if last:
                parts.append((sign, part, token.column))
            sign, part = -1 if token.text == "-" else 1, []
        else:
            part.append(token)
        last = token.text
    return [*parts, (sign, part, end)]


def read_product(reading: Reading, sign: int, tokens: list[Token], end: int) -> Product | None:
    """A product, or None where something is wrong with it."""
    before, column = len(reading.problems), tokens[0].column if tokens else end
    scale, factors = Scale(sign), list[Factor]()
    conditions = list[str]()
    parts: list[list[Token]] = [[]]
    depth, ends = 0, list[int]()
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "*" and depth == 0:
            ends.append(token.column)
            parts.append([])
        else:
            parts[-1].append(token)
    for part, here in zip(parts, [*ends, end], strict=True):
        if part:
            read_factor(reading, part, scale, factors, conditions)
        else:
            reading.wrong(here, "a factor is missing here.")
    if len(reading.problems) > before:
        return None
    if not conditions:
        reading.wrong(column, "nothing says when this product counts; multiply it by x0, y0, r0 or u0 to u9.")
        return None
    mantissa, exponent = scale.mantissa, scale.exponent
    while not MANTISSAS[0] <= mantissa <= MANTISSAS[1] and mantissa % 2 == 0:
        mantissa, exponent = mantissa // 2, exponent + 1
    if not MANTISSAS[0] <= mantissa <= MANTISSAS[1]:
        reading.wrong(column, f"{mantissa} is no number of {MANTISSAS[0]} to {MANTISSAS[1]} times a power of two.")
        return None
    if not EXPONENTS[0] <= exponent <= EXPONENTS[1]:
        low, high = EXPONENTS
        reading.wrong(column, f"its scale is {mantissa}*2^{exponent}; exponents go from {low} to {high}.")
        return None
    rest = tuple(Factor(name) for name in conditions[1:])
    return Product(mantissa, exponent, conditions[0], (*rest, *factors))


def read_factor(
    reading: Reading, part: list[Token], scale: Scale, factors: list[Factor], conditions: list[str]
) -> None:
    """Add one factor to what was read of a product."""
    head = part[0]
    sgn = head.text == "sgn"
    if head.text == "(" or sgn:
        inner = part[2 if sgn else 1 : -1]
        if sgn and (len(part) < 2 or part[1].text != "("):
            reading.wrong(head.column, "sgn takes brackets: sgn(w).")
        elif part[-1].text != ")" or not brackets_alone(part[1:] if sgn else part):
            reading.wrong(part[-1].column, f"'*' is expected between a bracket and {part[-1].text!r}.")
        else:
            read_bracket(reading, head, inner, sgn, scale, factors, conditions)
    elif head.kind == "number":
        value = literal(reading, part)
        if value is not None:
            scale.mantissa *= value[0]
            scale.exponent += value[1]
    elif head.kind == "name":
        if len(part) > 1 and part[1].text == "^":
            reading.wrong(part[1].column, f"only 2 has powers; write {head.text}*{head.text}.")
        elif len(part) > 1:
            reading.wrong(part[1].column, f"'*' is expected between {head.text} and {part[1].text}.")
        elif known(reading, head):
            if is_condition(head.text):
                conditions.append(head.text)
            else:
                factors.append(Factor(head.text))
    elif head.text in SIGNS:
        reading.wrong(head.column, f"a sign within a product needs brackets: ({head.text}2).")
    else:
        reading.wrong(head.column, f"a factor is expected here, not {head.text!r}.")


def brackets_alone(part: list[Token]) -> bool:
    """Whether the first bracket of a part is closed by its last word."""
    depth = 0
    for token in part[:-1]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return False
    return True


def known(reading: Reading, token: Token) -> bool:
    """Whether a name is a factor; noted if not."""
    name = token.text
    if name in TRACES or name in STORED or is_condition(name):
        return True
    if re.fullmatch(r"u\d*", name):
        low, high = DECIMATIONS
        reading.wrong(token.column, f"{name} is no condition; u{low} to u{high} are, for every 2^k-th epoch.")
    else:
        reading.wrong(token.column, f"{name} is no factor; there are {FACTORS}.")
    return False


def literal(reading: Reading, part: list[Token]) -> tuple[int, int] | None:
    """(mantissa, exponent) of "3" or "2^-4", or None where something is wrong."""
    head = part[0]
    if len(part) == 1:
        return int(head.text), 0
    if part[1].text != "^":
        reading.wrong(part[1].column, f"'*' is expected between {head.text} and {part[1].text}.")
        return None
    if head.text != "2":
        reading.wrong(head.column, f"only 2 has powers, not {head.text}.")
        return None
    rest = part[2:]
    minus = bool(rest) and rest[0].text == "-"
    if rest and rest[0].text in SIGNS:
        rest = rest[1:]
    if len(rest) != 1 or rest[0].kind != "number":
        reading.wrong(part[1].column, "a whole number is expected after 2^.")
        return None
    return 1, -int(rest[0].text) if minus else int(rest[0].text)


def read_bracket(
    reading: Reading,
    head: Token,
    inner: list[Token],
    sgn: bool,
    scale: Scale,
    factors: list[Factor],
    conditions: list[str],
) -> None:
    """Add (factor + constant), sgn of it, or a number in brackets."""
    variable, constant, sign, numbers = None, 0, 1, 0
    items = signed(inner, head.column)
    for plus, item, _ in items:
        if item and item[0].kind == "name":
            if len(item) > 1:
                reading.wrong(item[1].column, "a bracket holds one factor and one number, added.")
                return
            if variable is not None:
                reading.wrong(item[0].column, "a bracket holds one factor only; write products side by side.")
                return
            if not known(reading, item[0]):
                return
            variable, sign = item[0].text, plus
        elif item and item[0].kind == "number":
            value = literal(reading, item)
            if value is None:
                return
            numbers += 1
            if len(items) == 1 and not sgn:
                scale.mantissa *= plus * value[0]
                scale.exponent += value[1]
                return
            if value[1] < 0 or numbers > 1:
                reading.wrong(item[0].column, "one whole number may be added to a factor.")
                return
            constant = plus * value[0] * 2 ** value[1]
        else:
            reading.wrong(head.column, "a bracket holds one factor and one number, such as (y1 - 3).")
            return
    if variable is None:
        reading.wrong(head.column, "a bracket holds one factor and one number, such as (y1 - 3).")
        return
    most = CONSTANTS.get(variable, CONSTANT)
    if abs(constant) > most:
        reading.wrong(head.column, f"{constant} is too much to add to {variable}; {-most} to {most} may be added.")
    elif sgn and variable not in STORED:
        reading.wrong(head.column, f"sgn is of w, d or t, not of {variable}, which is never negative.")
    elif sgn and sign < 0:
        reading.wrong(head.column, f"the factor of sgn has no minus; write -sgn({variable} ...).")
    elif len(items) == 1 and is_condition(variable) and not sgn:
        conditions.append(variable)
        scale.mantissa *= sign
    else:
        scale.mantissa *= sign
        factors.append(Factor(variable, constant * sign, sgn))
