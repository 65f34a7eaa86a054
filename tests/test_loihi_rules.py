"""Strings of Loihi's learning rules: read, printed, and refused with everything that is wrong."""

import pickle

import numpy as np
import pytest

from reafference.chips.loihi.learning import Factor, LearningRule, Product, RuleError, Sum, Trace

X, Y = Trace(impulse=16, tau=10), Trace(impulse=127, tau=2.5)


def dw(text, **more):
    traces = dict.fromkeys(("x1", "x2", "y1", "y2", "y3", "r1"), X)
    return LearningRule.parse(dw=text, **traces | more).dw


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("2^-2*x1*y0 - 2^-2*y1*x0", [(1, -2, "y0", ("x1", 0)), (-1, -2, "x0", ("y1", 0))]),
        ("-x0", [(-1, 0, "x0")]),
        ("24*x0*(-2)", [(-6, 3, "x0")]),
        ("16*2^-4*u0*w", [(4, -2, "u0", ("w", 0))]),
        ("(y1 - 3)*x0*2^+1", [(1, 1, "x0", ("y1", -3))]),
        ("(3 - y1)*x0", [(-1, 0, "x0", ("y1", -3))]),
        ("x0*y0*(r0+1)", [(1, 0, "x0", ("y0", 0), ("r0", 1))]),
        ("( - x1 )*(x0)", [(-1, 0, "x0", ("x1", 0))]),
        ("2*sgn( t + 2^3 ) * u9", [(2, 0, "u9", ("t", 8, True))]),
        ("0*x0", [(0, 0, "x0")]),
    ],
)
def test_strings_mean_what_they_say(text, products):
    made = [Product(m, e, condition, tuple(Factor(*each) for each in rest)) for m, e, condition, *rest in products]
    assert dw(text) == Sum(tuple(made))


def test_what_is_printed_reads_back_as_it_was():
    rng = np.random.default_rng(4)
    variables = ("x1", "x2", "y1", "y2", "y3", "r1", "w", "d", "t", "x0", "y0", "r0")
    for _ in range(300):
        products = []
        for _ in range(rng.integers(1, 5)):
            factors = [
                Factor(str(name), int(rng.integers(-128, 128)) if name not in ("x0", "y0", "r0") else 0)
                for name in rng.choice(variables, rng.integers(0, 4))
            ]
            factors.sort(key=lambda factor: factor.variable not in ("x0", "y0", "r0"))
            if rng.random() < 0.2:
                factors.append(Factor("w", int(rng.integers(-9, 9)), True))
            condition = str(rng.choice(["x0", "y0", "r0", "u4"]))
            mantissa = int(rng.choice([m for m in range(-8, 8) if m]))
            products.append(Product(mantissa, int(rng.integers(-7, 9)), condition, tuple(factors)))
        made = Sum(tuple(products))
        assert dw(str(made)) == made
    rule = LearningRule.parse(dw="2^-2*x1*y0", dt="x0", x1=X, epoch=4)
    assert rule == LearningRule.parse(dw=str(rule.dw), dt=str(rule.dt), **rule.traces, epoch=4)
    assert str(rule) == "dw = 2^-2*y0*x1\ndt = x0\nx1: impulse 16, tau 10\nepoch 4"


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("2^-2*z1*y0", 5, "z1 is no factor"),
        ("x0*(y1 - 3", 3, "never closed"),
        ("x0*y1) - x0", 5, "never opened"),
        ("2^-8*x0", 0, "2^-8; exponents go from -7 to 8"),
        ("2^9*x0", 0, "exponents go from"),
        ("11*x0", 0, "11 is no number of -8 to 7"),
        ("x0*x1 + x1*w", 8, "nothing says when"),
        ("x0*", 3, "a factor is missing"),
        ("x0 + - x1*y0", 5, "a factor is missing"),
        ("", 0, "is empty"),
        ("2x1*x0", 1, "'*' is expected between 2 and x1"),
        ("x0 x1", 3, "'*' is expected between x0 and x1"),
        ("0.5*x0", 0, "no whole number"),
        ("x0*x1/2", 5, "no division"),
        ("x0*2**3", 4, "2^3, not 2**3"),
        ("3^2*x0", 0, "only 2 has powers"),
        ("x0*x1^2", 5, "write x1*x1"),
        ("x0*2^x1", 4, "a whole number is expected after 2^"),
        ("x0*sgn(x1)", 3, "sgn is of w, d or t"),
        ("x0*sgn w", 3, "sgn takes brackets"),
        ("x0*(x1*y1)", 6, "one factor and one number"),
        ("x0*(x1 + y1)", 9, "one factor only"),
        ("x0*(x1 + 200)", 3, "200 is too much"),
        ("x0*(w - 300)", 3, "-300 is too much"),
        ("u12*w", 0, "u0 to u9"),
        ("x0*-2", 3, "needs brackets"),
        ("x0*x1 # w", 6, "'#' is no part"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, column, reason):
    with pytest.raises(RuleError) as found:
        dw(text)
    problem = found.value.problems[0]
    assert reason in problem.reason and problem.column == column and problem.where == "dw"
    shown = str(problem).splitlines()
    assert shown[2].index("^") == shown[1].index("dw = ") + 5 + column


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(RuleError) as found:
        LearningRule.parse(
            dw="2^-9*x1*y0 - z3*x0",
            dd="x0*y2",
            dt="u1*t - u2*w",
            x1=Trace(impulse=128, tau=10),
            y1=Trace(impulse=3.5, tau=0.5),
            epoch=64,
        )
    told = [(problem.where, problem.reason) for problem in found.value.problems]
    for where, reason in (
        ("dw", "exponents"),
        ("dw", "z3"),
        ("dd", "uses y2, which is not configured; give y2=Trace(impulse=..., tau=...)"),
        ("x1", "128 is outside 0 to 127"),
        ("y1", "no whole number"),
        ("y1", "tau = 0.5 is outside 1 to inf"),
        ("epoch", "64"),
        ("the rule", "u1 and u2"),
    ):
        assert any(where == there and reason in why for there, why in told), (where, reason)
    assert len(told) == 8 and str(found.value).count("\n- ") == 8
    assert str(pickle.loads(pickle.dumps(found.value))) == str(found.value)


def test_rules_made_by_hand_are_checked_too():
    with pytest.raises(RuleError, match="changes nothing"):
        LearningRule()
    with pytest.raises(RuleError, match="no such factor"):
        LearningRule(dw=Sum((Product(1, 0, "w"),)))
    with pytest.raises(RuleError, match="mantissa 9"):
        LearningRule(dw=Sum((Product(9, 0, "x0"),)))
    with pytest.raises(RuleError, match="sum of nothing"):
        LearningRule(dw=Sum(()), dt=Sum((Product(1, 0, "x0"),)))
