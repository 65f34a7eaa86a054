"""From a Python function to instructions on whole numbers, or everything in it that cannot stay."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from reafference.network.integer.faults import Fault
from reafference.network.integer.program import Instruction, IntegerProgram, Op, Place

RECEIVED = "received"
BINARY: dict[type[ast.operator], Op] = {
    ast.Add: Op.ADD, ast.Sub: Op.SUB, ast.Mult: Op.MUL, ast.LShift: Op.SHL, ast.RShift: Op.SHR,
    ast.BitAnd: Op.AND, ast.BitOr: Op.OR, ast.BitXor: Op.XOR, ast.FloorDiv: Op.DIV, ast.Mod: Op.MOD,
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], tuple[Op, bool]] = {  # and whether the sides are swapped
    ast.Lt: (Op.LT, False), ast.LtE: (Op.LE, False), ast.Gt: (Op.LT, True), ast.GtE: (Op.LE, True),
    ast.Eq: (Op.EQ, False), ast.NotEq: (Op.NE, False),
}  # fmt: skip
ALLOWED = "Use + - * << >> & | ^ ~, comparisons, and, or, not, `a if c else b`, if, min, max and abs."
OTHERWISE: dict[type[ast.AST], tuple[str, str]] = {
    ast.For: ("is a loop", "Write its rounds out; a step has no loops."),
    ast.While: ("is a loop", "A step has no loops; let one tick do one round."),
    ast.Div: ("makes fractions", "Shift right by a power of two, or multiply by a reciprocal and shift."),
    ast.Pow: ("is a power", "Multiply, as in x * x."),
    ast.Attribute: ("looks into an object", "Make it a parameter of the step, which is a field of the neuron."),
    ast.Subscript: ("looks into a collection", "Give each number a name of its own."),
    ast.Return: ("returns early", "Choose values by `if` and return once, in the last line."),
}


@dataclass(frozen=True)
class Value:
    """A number that an expression gives; `truth` says that it is 0 or 1 and meant as no or yes."""

    number: int
    truth: bool = False


Names = dict[str, Value | None]  # None: something is wrong with it, and has been told


@dataclass
class Reading:
    """The instructions so far, and the faults."""

    file: str
    start: int  # line of the first line of the source
    fixed: dict[str, Any]  # what names outside the step stand for
    first: int  # number of the first result
    code: list[Instruction] = field(default_factory=list[Instruction])
    constants: list[int] = field(default_factory=list[int])
    faults: list[Fault] = field(default_factory=list[Fault])
    known: dict[int, Value] = field(default_factory=dict[int, Value])  # constants that are loaded

    def place(self, node: ast.AST) -> Place:
        """Line and text of a node."""
        text = ast.unparse(node).splitlines()[0]
        return Place(getattr(node, "lineno", 1) + self.start - 1, text if len(text) <= 80 else text[:77] + "...")

    def fault(self, node: ast.AST, reason: str, remedy: str) -> None:
        """Note what is wrong."""
        place = self.place(node)
        self.faults.append(Fault(self.file, place.line, place.expression, reason, remedy))

    def emit(self, node: ast.AST, op: Op, *uses: Value | None, truth: bool = False) -> Value | None:
        """The result of an operation; None where something is wrong with what it uses."""
        numbers = [value.number for value in uses if value is not None]
        if len(numbers) < len(uses):
            return None
        result = Value(self.first + len(self.code), truth)
        self.code.append(Instruction(op, result.number, *numbers, place=self.place(node)))
        return result

    def constant(self, node: ast.AST, number: int) -> Value:
        """A whole number, loaded once."""
        if number not in self.known:
            self.constants.append(number)
            self.known[number] = Value(self.first + len(self.code))
            at = len(self.constants) - 1
            self.code.append(Instruction(Op.CONST, self.first + len(self.code), at, place=self.place(node)))
        return self.known[number]

    # --- expressions --------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, names: Names) -> Value | None:
        """What an expression gives; None where there is a fault in it."""
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name():
                return self.name(node, names)
            case ast.UnaryOp():
                return self.unary(node, names)
            case ast.BinOp(
                left=ast.Constant(value=int(base)), op=ast.Pow(), right=ast.Constant(value=int(exponent))
            ) if 0 <= exponent <= 62:
                return self.constant(node, base**exponent)
            case ast.BinOp():
                a, b = self.value(node.left, names), self.value(node.right, names)
                op = BINARY.get(type(node.op))
                if op is None:
                    reason, remedy = OTHERWISE.get(type(node.op), ("is no operation on whole numbers", ALLOWED))
                    self.fault(node, reason, remedy)
                    return None
                bitwise = op in (Op.AND, Op.OR, Op.XOR)
                return self.emit(node, op, a, b, truth=bitwise and bool(a and b and a.truth and b.truth))
            case ast.BoolOp():
                return self.joined(node, names)
            case ast.Compare():
                return self.compared(node, names)
            case ast.IfExp():
                chosen = self.condition(node.test, names)
                yes, no = self.value(node.body, names), self.value(node.orelse, names)
                return self.emit(node, Op.SELECT, chosen, yes, no, truth=bool(yes and no and yes.truth and no.truth))
            case ast.Call():
                return self.called(node, names)
            case _:
                reason, remedy = OTHERWISE.get(type(node), ("is no operation on whole numbers", ALLOWED))
                self.fault(node, reason, remedy)
                return None

    def literal(self, node: ast.Constant) -> Value | None:
        """A number that is written down."""
        if isinstance(node.value, bool):
            return Value(self.constant(node, int(node.value)).number, truth=True)
        if isinstance(node.value, int):
            return self.constant(node, node.value)
        remedy = "Write a whole number."
        if isinstance(node.value, float):
            remedy = f"Scale it: {node.value:g} x is x * {round(node.value * 4096)} >> 12."
        self.fault(node, "is no whole number", remedy)
        return None

    def name(self, node: ast.Name, names: Names) -> Value | None:
        """What a name stands for."""
        if node.id in names:
            return names[node.id]
        outside = self.fixed.get(node.id)
        if isinstance(outside, int | np.integer):
            return self.constant(node, int(outside))
        if node.id in self.fixed:
            reason = f"is {type(outside).__name__}, no whole number"
            self.fault(node, reason, "Only whole numbers may come from outside the step.")
        else:
            self.fault(node, "has no value here", "Give it one on every way that leads here.")
        return None

    def unary(self, node: ast.UnaryOp, names: Names) -> Value | None:
        """-a, +a, ~a, not a."""
        a = self.value(node.operand, names)
        if isinstance(node.op, ast.UAdd):
            return a
        if isinstance(node.op, ast.Not):
            return self.emit(node, Op.EQ, a, self.constant(node, 0), truth=True)
        return self.emit(node, Op.NEG if isinstance(node.op, ast.USub) else Op.NOT, a)

    def joined(self, node: ast.BoolOp, names: Names) -> Value | None:
        """Truth values joined by and, or."""
        op = Op.AND if isinstance(node.op, ast.And) else Op.OR
        values = [self.value(each, names) for each in node.values]
        for each, value in zip(node.values, values, strict=True):
            if value is not None and not value.truth:
                self.fault(each, "is a number where a truth value is joined", "Compare it, as in x != 0.")
                values = [None] * len(values)
        result = values[0]
        for value in values[1:]:
            result = self.emit(node, op, result, value, truth=True)
        return result

    def compared(self, node: ast.Compare, names: Names) -> Value | None:
        """a < b, and chains of it."""
        sides = [self.value(each, names) for each in (node.left, *node.comparators)]
        result: Value | None = None
        for k, kind in enumerate(node.ops):
            if type(kind) not in COMPARE:
                self.fault(node, "is no comparison of numbers", "Use < <= > >= == or !=.")
                return None
            op, swapped = COMPARE[type(kind)]
            a, b = sides[k : k + 2]
            one = self.emit(node, op, b, a, truth=True) if swapped else self.emit(node, op, a, b, truth=True)
            result = one if k == 0 else self.emit(node, Op.AND, result, one, truth=True)
        return result

    def condition(self, node: ast.expr, names: Names) -> Value | None:
        """What an `if` asks."""
        value = self.value(node, names)
        if value is None or value.truth:
            return value
        return self.emit(node, Op.NE, value, self.constant(node, 0), truth=True)

    def called(self, node: ast.Call, names: Names) -> Value | None:
        """min, max and abs."""
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        if function not in ("min", "max", "abs", "int") or function in names or node.keywords or starred:
            self.fault(node, "is a call", "Only min, max and abs of numbers can be called; write the rest out.")
            return None
        values = [self.value(each, names) for each in node.args]
        if len(values) != 1 if function in ("abs", "int") else len(values) < 2:
            wanted = "one number" if function in ("abs", "int") else "two numbers or more"
            self.fault(node, f"has {len(values)} arguments", f"{function} takes {wanted}.")
            return None
        if function == "int":
            return None if values[0] is None else Value(values[0].number)
        if function == "abs":
            return self.emit(node, Op.ABS, values[0])
        result = values[0]
        for value in values[1:]:
            result = self.emit(node, Op.MIN if function == "min" else Op.MAX, result, value)
        return result

    # --- statements ---------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], names: Names) -> None:
        """Go through statements, changing what names stand for."""
        for node in body:
            match node:
                case ast.Pass():
                    pass
                case ast.Expr(value=ast.Constant(value=str())):
                    pass
                case ast.Assign():
                    self.assign(node, node.targets, node.value, names)
                case ast.AugAssign(target=ast.Name(id=name)):
                    whole = ast.copy_location(
                        ast.BinOp(ast.copy_location(ast.Name(name, ast.Load()), node), node.op, node.value),
                        node,
                    )
                    self.assign(node, [node.target], whole, names)
                case ast.If():
                    self.branch(node, names)
                case _:
                    reason, remedy = OTHERWISE.get(
                        type(node), ("is no statement of a step", f"Assign, or if. {ALLOWED}")
                    )
                    self.fault(node, reason, remedy)
                    for each in ast.walk(node):
                        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                            names[each.id] = None
                    if isinstance(node, ast.For | ast.While):  # there may be more to tell in it
                        self.block(node.body, names)

    def assign(self, node: ast.stmt, targets: Sequence[ast.expr], value: ast.expr, names: Names) -> None:
        """Give names what an expression gives, as a register keeps it."""
        for target in targets:
            ends = target.elts if isinstance(target, ast.Tuple) else [target]
            parts = value.elts if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) else [value]
            if len(ends) != len(parts):
                self.fault(node, "spreads what is no list of as many", "Write one value for each name.")
                found = [None] * len(ends)
            else:
                found = [self.kept(node, self.value(each, names)) for each in parts]
            for end, result in zip(ends, found, strict=True):
                if isinstance(end, ast.Name):
                    names[end.id] = result
                else:
                    self.fault(node, "assigns to something that is no name", "Assign to names alone.")

    def kept(self, node: ast.AST, value: Value | None) -> Value | None:
        """A value as a register keeps it."""
        if value is None or value.truth or value.number < self.first - 1:
            return value
        return self.emit(node, Op.WRAP, value)

    def branch(self, node: ast.If, names: Names) -> None:
        """Both ways are computed, and what they leave is chosen."""
        chosen = self.condition(node.test, names)
        ways = dict(names), dict(names)
        for body, own in zip((node.body, node.orelse), ways, strict=True):
            self.block(body, own)
        for name in {**ways[0], **ways[1]}:
            if name not in ways[0] or name not in ways[1]:
                names.pop(name, None)  # it has a value on one way alone
                continue
            yes, no = ways[0][name], ways[1][name]
            truth = bool(yes and no and yes.truth and no.truth)
            names[name] = yes if yes == no else self.emit(node.test, Op.SELECT, chosen, yes, no, truth=truth)

    def end(self, node: ast.stmt, state: Sequence[str], names: Names) -> bool:
        """The last line: the new state and the message. Returns whether that is a number."""
        given = node.value if isinstance(node, ast.Return) else None
        values = given.elts if isinstance(given, ast.Tuple) else [] if given is None else [given]
        if not isinstance(node, ast.Return) or len(values) != len(state) + 1:
            wanted = ", ".join([*state, "message"])
            self.fault(node, "does not return the new state and a message", f"End with `return {wanted}`.")
            return False
        found = [self.value(each, names) for each in values]
        stored: list[Value | None] = []
        for k, (each, value) in enumerate(zip(values[:-1], found[:-1], strict=True)):
            kept = self.kept(each, value)
            if kept is not None and kept.number < self.first - 1 and kept.number != k:
                kept = self.emit(each, Op.MOVE, kept)  # before anything is stored
            stored.append(kept)
        message = found[-1]
        if message is not None:
            self.code.append(Instruction(Op.SEND, -1, message.number, place=self.place(values[-1])))
        for k, value in enumerate(stored):
            if value is not None and value.number != k:
                self.code.append(Instruction(Op.STORE, k, value.number, place=self.place(values[k])))
        return bool(message and not message.truth)


@cache
def read_step(step: Callable[..., Any]) -> IntegerProgram | tuple[Fault, ...]:
    """The instructions of a step, or all of its faults.

    step  a function of state variables (by place) and, after `*`, of `received` and parameters, that returns the new
          state and a message
    """
    name = getattr(step, "__qualname__", repr(step))
    code = getattr(step, "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("<unknown>", 0)
    try:
        lines, start = inspect.getsourcelines(step)
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        remedy = "Write it with `def` in a file or a notebook."
        return (Fault(file, line, name, "has no source that can be read", remedy),)
    if not isinstance(tree, ast.FunctionDef):
        return (Fault(file, line, name, "is no function with a body", "Write it with `def`."),)
    given = tree.args
    state = [each.arg for each in [*given.posonlyargs, *given.args]]
    parameters = [each.arg for each in given.kwonlyargs if each.arg != RECEIVED]
    closure = zip(step.__code__.co_freevars, step.__closure__ or (), strict=True)
    fixed = {**step.__globals__, **{each: cell.cell_contents for each, cell in closure}}
    reading = Reading(file, max(start, 1), fixed, len(state) + len(parameters) + 1)
    defaults = [*given.defaults, *(each for each in given.kw_defaults if each is not None)]
    if given.vararg or given.kwarg or defaults or RECEIVED not in [each.arg for each in given.kwonlyargs]:
        reading.faults.append(
            Fault(
                file,
                tree.lineno + reading.start - 1,
                f"def {tree.name}({ast.unparse(given)})",
                "does not take state variables by place, and `received` and parameters by name, all without defaults",
                f"Write `def {tree.name}({', '.join(state) or 'v'}, *, {RECEIVED}, ...)`.",
            )
        )
    names: Names = {each: Value(k) for k, each in enumerate([*state, *parameters])}
    names[RECEIVED] = reading.emit(given, Op.WRAP, Value(reading.first - 1))
    reading.block(tree.body[:-1], names)
    graded = reading.end(tree.body[-1], state, names)
    if reading.faults:
        return tuple(reading.faults)
    return IntegerProgram(file, tuple(state), tuple(parameters), tuple(reading.code), tuple(reading.constants), graded)
