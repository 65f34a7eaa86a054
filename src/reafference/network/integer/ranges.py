"""Within what each number of a step can lie: found before anything runs, so that nothing but registers can run over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reafference.network.integer.faults import Fault
from reafference.network.integer.program import Instruction, IntegerProgram, Op

LONGEST_SHIFT = 62


class Range(NamedTuple):
    """All whole numbers from low to high."""

    low: int
    high: int


def signed(bits: int) -> Range:
    """What a register of so many bits holds, sign included."""
    return Range(-(1 << bits - 1), (1 << bits - 1) - 1)


def check_ranges(
    program: IntegerProgram, parameters: Mapping[str, Range], *, register: int, between: int, message: int
) -> list[Fault]:
    """What may not fit, one fault for each instruction at which it first does not.

    parameters  what the values of each lie within
    register    bits of a register, which wraps: state variables, the input, whatever is assigned to a name
    between     bits of what an expression gives on its way, which must not run over
    message     bits of what is sent

    Each number is bounded by itself, so that a bound may be wider than what can happen.
    """
    full = signed(register)
    known = [full] * len(program.state) + [parameters[name] for name in program.parameters] + [signed(64)]
    at, faults = dict(enumerate(known)), list[Fault]()
    for each in program.instructions:
        if each.op is Op.STORE:
            continue
        if each.op is Op.SEND:
            if beyond(at[each.a], signed(message)):
                reason = f"is a message of {bits(at[each.a])} bits, one has {message}"
                faults.append(fault(program, each, reason, "Shift it right, or clip it by min and max."))
            continue
        if each.op is Op.WRAP:
            found = at[each.a] if not beyond(at[each.a], full) else full
        else:
            problem = operands(each, at)
            if problem:
                faults.append(fault(program, each, *problem))
                at[each.result] = full
                continue
            found = result(each, at, program.constants)
            if beyond(found, signed(between)):
                reason = f"takes {bits(found)} bits, there are {between}"
                remedy = "Shift its parts right first, or give them names: what has a name is kept in a register."
                faults.append(fault(program, each, reason, remedy))
                found = full
        at[each.result] = found
    return faults


def fault(program: IntegerProgram, each: Instruction, reason: str, remedy: str) -> Fault:
    """A fault of an instruction."""
    return Fault(program.file, each.place.line, each.place.expression, reason, remedy)


def beyond(found: Range, limit: Range) -> bool:
    """Whether some of a range is outside of a limit."""
    return found.low < limit.low or found.high > limit.high


def bits(found: Range) -> int:
    """Bits that hold a range, sign included."""
    return (
        max(
            found.low if found.low >= 0 else -found.low - 1, found.high if found.high >= 0 else -found.high - 1
        ).bit_length()
        + 1
    )


def operands(each: Instruction, at: Mapping[int, Range]) -> tuple[str, str] | None:
    """Reason and remedy where an operation makes no sense for some of the numbers it may get."""
    if each.op in (Op.SHL, Op.SHR):
        low, high = at[each.b]
        if low < 0 or high > LONGEST_SHIFT:
            remedy = "Shift by a number or a parameter, or clip the shift by min and max."
            return f"shifts by {low} to {high}, a shift is 0 to {LONGEST_SHIFT}", remedy
    if each.op in (Op.DIV, Op.MOD) and at[each.b].low <= 0 <= at[each.b].high:
        return "may divide by 0", "Keep the divisor above 0, as in x // max(n, 1)."
    return None


def result(each: Instruction, at: Mapping[int, Range], constants: tuple[int, ...]) -> Range:
    """What an operation can give."""
    op = each.op
    if op is Op.CONST:
        return Range(constants[each.a], constants[each.a])
    a, b, c = at[each.a], at.get(each.b, Range(0, 0)), at.get(each.c, Range(0, 0))
    match op:
        case Op.ADD:
            return Range(a.low + b.low, a.high + b.high)
        case Op.SUB:
            return Range(a.low - b.high, a.high - b.low)
        case Op.MUL:
            return corners([x * y for x in a for y in b])
        case Op.SHL:
            return corners([x << y for x in a for y in b])
        case Op.SHR:
            return corners([x >> y for x in a for y in b])
        case Op.DIV:
            return corners([x // y for x in a for y in b])
        case Op.MOD:
            return Range(0, b.high - 1) if b.low > 0 else Range(b.low + 1, 0)
        case Op.AND | Op.OR | Op.XOR:
            return bitwise(op, a, b)
        case Op.NOT:
            return Range(-a.high - 1, -a.low - 1)
        case Op.NEG:
            return Range(-a.high, -a.low)
        case Op.ABS:
            return Range(0 if a.low <= 0 <= a.high else min(abs(a.low), abs(a.high)), max(abs(a.low), abs(a.high)))
        case Op.MIN:
            return Range(min(a.low, b.low), min(a.high, b.high))
        case Op.MAX:
            return Range(max(a.low, b.low), max(a.high, b.high))
        case Op.SELECT:
            return corners([*b, *c])
        case Op.MOVE:
            return a
        case _:
            return Range(0, 1)  # comparisons


def corners(values: list[int]) -> Range:
    """From the smallest to the largest."""
    return Range(min(values), max(values))


def bitwise(op: Op, a: Range, b: Range) -> Range:
    """What bits of two numbers can make."""
    if op is Op.AND and (a.low >= 0 or b.low >= 0):
        return Range(0, min(each.high for each in (a, b) if each.low >= 0))
    most = (1 << max(bits(a), bits(b)) - 1) - 1
    return Range(0 if a.low >= 0 and b.low >= 0 else -most - 1, most)
