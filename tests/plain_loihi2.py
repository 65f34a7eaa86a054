"""Programs of whole numbers once more: Python's own expressions, evaluated one by one, and true branches."""

import ast
import inspect
import textwrap

from plain_loihi import keep_in, rounded_mantissa, times_two_to

BITS = 24


def keep(value):
    """What a register holds; a truth value stays one."""
    return value if isinstance(value, bool) else keep_in(value, BITS)


class PlainStep:
    """A step, from its source; `widest` is the largest size that any part of an expression has had."""

    def __init__(self, step, outside=None):
        function = ast.parse(textwrap.dedent(inspect.getsource(step))).body[0]
        self.state = [each.arg for each in function.args.args]
        self.body, self.outside, self.widest = function.body, outside or {}, 0
        self.code = {}

    def evaluate(self, node, names):
        """An expression, and each part of it by itself."""
        for part in ast.walk(node):
            if part is node or (isinstance(part, ast.expr) and not isinstance(part, ast.Name | ast.Tuple)):
                if part not in self.code:
                    text = ast.unparse(part)
                    self.code[part] = None if text in ("min", "max", "abs", "int") else compile(text, "<step>", "eval")
                if self.code[part] is not None:
                    value = eval(self.code[part], {}, {**self.outside, **names})
                    if not isinstance(value, tuple):
                        self.widest = max(self.widest, value if value >= 0 else -value - 1)
        return value_of(self.code[node], {**self.outside, **names})

    def run(self, body, names):
        """Statements; returns what is returned."""
        for node in body:
            if isinstance(node, ast.Return):
                return self.evaluate(node.value, names)
            if isinstance(node, ast.If):
                self.run(node.body if self.evaluate(node.test, names) else node.orelse, names)
            elif isinstance(node, ast.AugAssign):
                whole = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
                names[node.target.id] = keep(
                    value_of(compile(ast.unparse(whole), "<step>", "eval"), names | self.outside)
                )
            elif isinstance(node, ast.Assign):
                value = self.evaluate(node.value, names)
                for target in node.targets:
                    if isinstance(target, ast.Tuple):
                        names.update({each.id: keep(one) for each, one in zip(target.elts, value, strict=True)})
                    else:
                        names[target.id] = keep(value)
        return None

    def __call__(self, state, received, parameters):
        """(new state, message)."""
        names = {**dict(zip(self.state, state, strict=True)), **parameters, "received": keep(received)}
        given = self.run(self.body, names)
        *new, message = given if isinstance(given, tuple) else (given,)
        return [keep_in(int(value), BITS) for value in new], message


def value_of(code, names):
    """What an expression gives with these names."""
    return eval(code, {}, dict(names))


def plain_weight(mantissa, exponent, bits, sign):
    """What an event of payload 1 adds."""
    weight = times_two_to(rounded_mantissa(mantissa, exponent, bits, sign, "zero"), exponent)
    return max(-(2**21 - 64), min(2**21 - 64, weight)) // 64


def plain_programs(neurons, synapses, spikes, ticks):
    """(states, fired): states after each tick, fired as (tick, neuron, payload).

    neurons   (PlainStep, state, parameters) each
    synapses  (source, target, weight, delay); sources from len(neurons) on are inputs
    spikes    (tick, input, payload)
    """
    states, arriving, courses, fired = [list(state) for _, state, _ in neurons], {}, [], []
    for tick in range(1, ticks + 1):
        sent = [(len(neurons) + who, what) for when, who, what in spikes if when == tick]
        for n, (step, _, parameters) in enumerate(neurons):
            states[n], message = step(states[n], arriving.pop((tick, n), 0), parameters)
            if message:
                fired.append((tick, n, int(message)))
                sent.append((n, int(message)))
        courses.append([list(state) for state in states])
        for source, payload in sent:
            for origin, target, weight, delay in synapses:
                if origin == source:
                    place = tick + 1 + delay, target
                    arriving[place] = arriving.get(place, 0) + payload * weight
    return courses, fired


def random_source(rng, states, parameters, *, graded):
    """The text of a random step."""
    names = [f"s{k}" for k in range(states)] + [f"p{k}" for k in range(parameters)] + ["received"]

    def truth(depth):
        draw = rng.integers(6)
        if depth == 0 or draw < 3:
            sign = rng.choice(["<", "<=", ">", ">=", "==", "!="])
            return f"({number(0)} {sign} {number(max(depth - 1, 0))})"
        if draw == 3:
            return f"(not {truth(depth - 1)})"
        if draw == 4:
            return f"({number(0)} < {number(0)} <= {number(0)})"
        return f"({truth(depth - 1)} {rng.choice(['and', 'or'])} {truth(depth - 1)})"

    def number(depth):
        draw = rng.integers(16)
        if depth == 0 or draw < 2:
            return str(rng.choice(names)) if rng.random() < 0.8 else str(rng.integers(-300, 300))
        a, b = number(depth - 1), number(depth - 1)
        choices = [
            f"({a} + {b})", f"({a} - {b})", f"({a} * {b} >> {rng.integers(0, 30)})", f"({a} >> {rng.integers(0, 40)})",
            f"({a} << {rng.integers(0, 12)})", f"({a} & {b})", f"({a} | {b})", f"({a} ^ {b})", f"(~{a})", f"(-{a})",
            f"abs({a})", f"min({a}, {b})", f"max({a}, {b}, {rng.integers(-9, 9)})", f"({a} if {truth(1)} else {b})",
            f"({a} // max(abs({b}), 1))", f"({a} % (1 + abs({b})))", f"({a} * int({truth(1)}))",
            f"({a} // min({b}, -1))", f"({a} % min({b}, -3))",
        ]  # fmt: skip
        return str(rng.choice(choices))

    lines = []
    for k in range(int(rng.integers(1, 5))):
        new = f"x{k}"
        kind = rng.integers(4)
        if kind == 0:
            lines.append(f"    if {truth(2)}:\n        {new} = {number(2)}\n        s0 += {number(1)}")
            lines.append(f"    else:\n        {new} = {number(1)}")
        elif kind == 1:
            lines.append(f"    {new}, s0 = {number(2)}, {number(1)}")
        elif kind == 2:
            lines.append(f"    {new} = {truth(2)}\n    if {new}:\n        s0 = {number(2)}")
            continue
        else:
            lines.append(f"    {new} = {number(3)}")
        names.append(new)
    own = ", ".join(f"s{k}" for k in range(states))
    keywords = ", ".join(["received", *(f"p{k}" for k in range(parameters))])
    message = f"min(max({number(2)}, -2147483648), 2147483647)" if graded else truth(2)
    new = ", ".join([number(1), *(f"s{k}" for k in rng.integers(0, states, states - 1))])
    return f"def step({own}, *, {keywords}):\n" + "\n".join(lines) + f"\n    return {new}, {message}\n"
