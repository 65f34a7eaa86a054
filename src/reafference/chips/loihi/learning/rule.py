"""Loihi's learning rules: read from strings, checked, printed back."""

from __future__ import annotations

from dataclasses import dataclass

from reafference.chips.loihi.learning.parse import read
from reafference.chips.loihi.learning.problems import Problem, RuleError
from reafference.chips.loihi.learning.terms import TARGETS, TRACES, Sum, Trace, rule_problems


@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """A learning rule of Loihi; `LearningRule.parse` reads it from strings.

        at the end of every epoch:  w <- w + dw,  d <- d + dd,  t <- t + dt

    dw, dd, dt   changes of weight, delay and tag, None: it does not change
    x1, x2       traces of the source, y1, y2, y3 of the target, r1 of the reward; None: there is none
    epoch        1 to 63 ticks

    Raises RuleError with everything that is wrong.
    Sources: Davies et al., IEEE Micro 38 (2018) 82-99, for sums of products; the strings are those of NxSDK and Lava.
    """

    dw: Sum | None = None
    dd: Sum | None = None
    dt: Sum | None = None
    x1: Trace | None = None
    x2: Trace | None = None
    y1: Trace | None = None
    y2: Trace | None = None
    y3: Trace | None = None
    r1: Trace | None = None
    epoch: int = 1

    def __post_init__(self) -> None:
        traces = {name: getattr(self, name) for name in TRACES}
        found = [*rule_problems({name: getattr(self, name) for name in TARGETS}, traces, self.epoch)]
        if found:
            raise RuleError(found)

    @classmethod
    def parse(
        cls,
        *,
        dw: str | None = None,
        dd: str | None = None,
        dt: str | None = None,
        x1: Trace | None = None,
        x2: Trace | None = None,
        y1: Trace | None = None,
        y2: Trace | None = None,
        y3: Trace | None = None,
        r1: Trace | None = None,
        epoch: int = 1,
    ) -> LearningRule:
        """The rule that strings such as "2^-2*x1*y0 - 2^-2*y1*x0" tell.

        dw, dd, dt  products, separated by + and -. A product holds, separated by *: x0, y0, r0 or u0 to u9 (one at
                    least), whole numbers and powers of two (2^-7 to 2^8), x1 x2 y1 y2 y3 r1 w d t, brackets such as (y1
                    - 3), and sgn(w), sgn(d), sgn(t)
        The rest as in LearningRule.

        Raises RuleError with everything that is wrong.
        """
        traces = {"x1": x1, "x2": x2, "y1": y1, "y2": y2, "y3": y3, "r1": r1}
        texts = {"dw": dw, "dd": dd, "dt": dt}
        sums, problems = dict[str, Sum | None](), list[Problem]()
        for name, text in texts.items():
            sums[name], more = (None, []) if text is None else read(name, text)
            problems += more
        told = any(text is not None for text in texts.values())
        problems += rule_problems(sums, traces, epoch, some=told)
        if problems:
            raise RuleError(problems)
        return cls(
            dw=sums["dw"], dd=sums["dd"], dt=sums["dt"], x1=x1, x2=x2, y1=y1, y2=y2, y3=y3, r1=r1, epoch=epoch
        )  # fmt: skip

    @property
    def sums(self) -> dict[str, Sum]:
        """Those of dw, dd and dt that there are, by name."""
        found = {name: getattr(self, name) for name in TARGETS}
        return {name: some for name, some in found.items() if some is not None}

    @property
    def traces(self) -> dict[str, Trace]:
        """Those that there are, by name."""
        found = {name: getattr(self, name) for name in TRACES}
        return {name: some for name, some in found.items() if some is not None}

    @property
    def names(self) -> frozenset[str]:
        """Every factor and condition that is used."""
        return frozenset(name for each in self.sums.values() for name in each.names)

    @property
    def decimation(self) -> int | None:
        """k of u<k>; None where none is used."""
        return next((int(name[1]) for name in sorted(self.names) if name[0] == "u"), None)

    def __str__(self) -> str:
        lines = [f"{name} = {some}" for name, some in self.sums.items()]
        lines += [f"{name}: impulse {some.impulse}, tau {some.tau:g}" for name, some in self.traces.items()]
        return "\n".join([*lines, f"epoch {self.epoch}"])
