"""A step as a list of instructions on whole numbers, each of which remembers where it was written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Op(IntEnum):
    """What an instruction does with a, b and c. Truth values are 0 and 1."""

    CONST = 0  # number `a` of the constants
    MOVE = 1  # a
    ADD = 2  # a + b
    SUB = 3  # a - b
    MUL = 4  # a b
    SHL = 5  # a 2^b
    SHR = 6  # a / 2^b, rounded down
    AND = 7  # bit by bit
    OR = 8
    XOR = 9
    NOT = 10  # bit by bit: -a - 1
    NEG = 11  # -a
    ABS = 12
    MIN = 13  # of a and b
    MAX = 14
    LT = 15  # a < b
    LE = 16
    EQ = 17
    NE = 18
    SELECT = 19  # b where a is not 0, else c
    WRAP = 20  # a as a register keeps it
    DIV = 21  # a / b, rounded down
    MOD = 22  # what DIV leaves, of the sign of b
    STORE = 23  # a becomes the state variable `result`
    SEND = 24  # a becomes the message


USED = {Op.CONST: 0, Op.MOVE: 1, Op.NOT: 1, Op.NEG: 1, Op.ABS: 1, Op.WRAP: 1, Op.STORE: 1, Op.SEND: 1, Op.SELECT: 3}


@dataclass(frozen=True)
class Place:
    """Where something was written."""

    line: int
    expression: str


@dataclass(frozen=True)
class Instruction:
    """One operation; `result`, `a`, `b`, `c` are numbers of values, each of which is written once.

    Values are numbered: state variables, parameters, the input as it arrived, then results.
    """

    op: Op
    result: int
    a: int = 0
    b: int = 0
    c: int = 0
    place: Place = Place(0, "")

    @property
    def uses(self) -> tuple[int, ...]:
        """The values that it reads."""
        return (self.a, self.b, self.c)[: USED.get(self.op, 2)]


@dataclass(frozen=True)
class IntegerProgram:
    """What a step does in one tick, first to last.

    file          where it was written
    state         names of the state variables; these are the values 0, 1, ...
    parameters    names of the parameters; the next values
    instructions  the first wraps the input
    constants     whole numbers that instructions name
    graded        whether the message is a number, and not only a spike or none
    """

    file: str
    state: tuple[str, ...]
    parameters: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    constants: tuple[int, ...]
    graded: bool

    @property
    def received(self) -> int:
        """Number of the value that the input arrives in."""
        return len(self.state) + len(self.parameters)

    @property
    def work(self) -> int:
        """Operations in a tick: those that compute something."""
        idle = {Op.CONST, Op.MOVE, Op.STORE, Op.SEND, Op.WRAP}
        return sum(instruction.op not in idle for instruction in self.instructions)

    def rows(self) -> tuple[list[tuple[int, int, int, int, int]], int]:
        """(op, result, a, b, c) of each instruction with results in as few places as can be, and how many places.

        The places of results come after that of the input. Used up values give theirs to later ones.
        """
        last = {value: k for k, each in enumerate(self.instructions) for value in each.uses}
        first, place = self.received + 1, dict[int, int]()
        free, count, table = list[int](), 0, list[tuple[int, int, int, int, int]]()
        for k, each in enumerate(self.instructions):
            used = len(each.uses)
            a, b, c = (place.get(x, x) if n < used else x for n, x in enumerate((each.a, each.b, each.c)))
            free += [place[value] for value in set(each.uses) if value in place and last[value] == k]
            result = each.result
            if each.op not in (Op.STORE, Op.SEND):
                if not free:
                    free.append(first + count)
                    count += 1
                result = place[each.result] = free.pop()
                if each.result not in last:
                    free.append(result)
            table.append((int(each.op), result, a, b, c))
        return table, count
