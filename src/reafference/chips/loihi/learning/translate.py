"""Plasticity of this package's networks as rules of Loihi, where Loihi can do the same; the reason where it cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reafference.chips.loihi.learning.dialect import LearningDialect
from reafference.chips.loihi.learning.rule import LearningRule
from reafference.chips.loihi.learning.terms import EPOCHS, EXPONENTS, Factor, Product, Sum, Trace
from reafference.engine.spikes import whole_ticks
from reafference.network import Projection
from reafference.network.plasticity import Additive, InhibitorySTDP, Multiplicative, NearestSpike, PairSTDP, ThreeFactor
from reafference.network.values import per_neuron

ONE_SIGN, BOTH_SIGNS = 255, 254  # mantissas that the bounds stand for
IMPULSES = range(1, 41)  # leaves room for spikes that pile up in a trace of 7 bits
NEAREST = 127  # an impulse that fills a trace, whatever was in it
ROUGH = 0.15  # the largest error of an amplitude that is still called the same rule


@dataclass(frozen=True, kw_only=True)
class Learning:
    """How a projection learns on the chip.

    rule       in the chip's terms
    low, high  V that the least and largest mantissa stand for, between which weights are clipped; one of them 0, or low
               = -high. None: as strong as the strongest weight at the start, or up to twice that; of the signs that
               there are at the start
    reward     population whose spikes are the reward (r0, r1); None: none, or told to `LoihiProgram.learn`
    notes      in what it differs from what the network asks for
    """

    rule: LearningRule
    low: float | None = None
    high: float | None = None
    reward: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.rule, LearningRule):
            raise TypeError(f"Learning.rule = {self.rule!r}; give a LearningRule, as LearningRule.parse(dw=...) makes.")
        if (self.low is None) != (self.high is None):
            raise ValueError("Learning: give both low and high (V), or neither.")
        if self.low is not None and self.high is not None:
            low, high = self.low, self.high
            if not (np.isfinite(low) and np.isfinite(high) and low < high):
                raise ValueError(f"Learning.high = {high:g} V is not above low = {low:g} V.")
            if low != 0 and high != 0 and low != -high:
                raise ValueError(
                    f"Learning: weights of {low:g} to {high:g} V; a format of the chip goes from 0, to 0, or equally "
                    "far both ways."
                )


class Unlike(Exception):
    """The chip cannot do what a rule asks for; says why and what would help."""


def translated(projection: Projection, delay: int, dt: float, dialect: LearningDialect) -> Learning:
    """What a projection's plasticity is on Loihi.

    delay  ticks, the longest of its synapses
    dt     s, a tick

    Raises Unlike where the chip has no such rule.
    """
    rule = projection.plasticity
    if not isinstance(rule, (PairSTDP, InhibitorySTDP, ThreeFactor)):
        raise Unlike(
            f"{type(rule).__name__} has no sum of products here that does the same. PairSTDP, "
            "InhibitorySTDP and ThreeFactor have. Or say what the chip shall do: "
            "Loihi1(learning={name: LearningRule.parse(dw=...)})."
        )
    if delay > 1:
        raise Unlike(
            f"Loihi pairs spikes when they are fired, this rule when they arrive, {delay} ticks later; give the "
            "projection a delay of one tick."
        )
    if isinstance(rule, PairSTDP):
        return _pairs(rule, dt, dialect)
    if isinstance(rule, InhibitorySTDP):
        return _inhibitory(rule, dt, dialect)
    return _three(projection, rule, dt, dialect)


@dataclass(frozen=True)
class _Scale:
    """impulse * mantissa * 2^exponent in place of an amplitude, how far off that is, and the whole as one number."""

    impulse: int
    mantissa: int
    exponent: int
    error: float
    whole: tuple[int, int]


def _nearest(wanted: float) -> tuple[float, int, int]:
    """(relative error, mantissa, exponent) of the number nearest to `wanted` that a product can be scaled by."""
    exponents = range(EXPONENTS[0], EXPONENTS[1] + 1)
    return min((abs(m * 2.0**e / wanted - 1), m, e) for m in range(1, 8) for e in exponents)


def _scale(wanted: float, impulses: range, where: str) -> _Scale:
    """The impulse and scale whose product is nearest to `wanted`, and next to that near a scale themselves.

    wanted  mantissas by which a spike changes a weight
    """
    best, least = None, np.inf
    for impulse in impulses:
        error, mantissa, exponent = _nearest(wanted / impulse)
        off, *whole = _nearest(mantissa * 2.0**exponent * impulse)
        score = error + off / 4 + 1e-6 / impulse  # of equal ones the larger impulse, whose trace fades in finer steps
        if error <= ROUGH and score < least:
            best, least = _Scale(impulse, mantissa, exponent, error, (whole[0], whole[1])), score
    if best is None:
        raise Unlike(
            f"{where} asks for {wanted:.3g} mantissas a spike; a trace of 7 bits that jumps by {impulses[0]} to "
            f"{impulses[-1]} times a number of 4 bits, times 2^{EXPONENTS[0]} to 2^{EXPONENTS[1]}, does not come "
            f"within {ROUGH:.0%} of it. Change the amplitude or the bounds."
        )
    return best


def _trace(impulse: int, tau: float, dt: float, dialect: LearningDialect) -> Trace:
    """A trace that keeps exp(-dt / tau) a tick."""
    ticks = dialect.decay.tau(float(np.exp(-dt / tau)))
    if ticks < 1:
        raise Unlike(f"tau = {tau:g} s is shorter than a tick of {dt:g} s; take shorter ticks.")
    return Trace(impulse=impulse, tau=ticks)


def _off(name: str, error: float) -> str:
    return f"{name} {'exact' if error < 5e-4 else f'{error:.1%} off'}"


def _direction(rule: PairSTDP | InhibitorySTDP) -> int:
    """The sign of the weights of a rule whose bounds begin at 0."""
    if rule.low != 0 and rule.high != 0:
        raise Unlike("its bounds are both beyond 0, and a format of the chip begins at 0; set low (or high) to 0.")
    return 1 if rule.high > 0 else -1


def _pairs(rule: PairSTDP, dt: float, dialect: LearningDialect) -> Learning:
    up = _direction(rule)
    amplitudes = {"a_plus": rule.a_plus * up, "a_minus": -rule.a_minus * up}
    impulses = range(NEAREST, NEAREST + 1) if isinstance(rule.pairing, NearestSpike) else IMPULSES
    if isinstance(rule.dependence, Additive):
        unit, factors = ONE_SIGN, {"a_plus": (), "a_minus": ()}
    elif isinstance(rule.dependence, Multiplicative):
        # (high - w) of excitatory synapses is 255 - w; both factors count as sizes, so their signs are put right here.
        unit = 1
        factors = {"a_plus": (Factor("w", -up * ONE_SIGN),), "a_minus": (Factor("w"),)}
        amplitudes = {"a_plus": -rule.a_plus, "a_minus": -rule.a_minus}
    else:
        raise Unlike(
            f"{type(rule.dependence).__name__} takes powers of the weight; Additive() and Multiplicative() are there."
        )
    # The network's events arrive a tick after they are fired, where the chip pairs them. So a pair is a tick closer
    # there if it potentiates and a tick further if it depresses, and one of the same tick only depresses.
    late = {"a_plus": np.exp(dt / rule.tau_plus), "a_minus": np.exp(-dt / rule.tau_minus)}
    products, traces, notes = list[Product](), dict[str, Trace](), list[str]()
    for name, condition, trace, tau in (
        ("a_plus", "y0", "x1", rule.tau_plus),
        ("a_minus", "x0", "y1", rule.tau_minus),
    ):
        amplitude = amplitudes[name]
        if amplitude == 0:
            continue
        scale = _scale(abs(amplitude) * unit * late[name], impulses, name)
        sign = 1 if amplitude > 0 else -1
        products.append(Product(sign * scale.mantissa, scale.exponent, condition, (Factor(trace), *factors[name])))
        if name == "a_plus":
            mantissa, exponent = scale.whole
            products.append(Product(-sign * mantissa, exponent, "y0", (Factor("x0"), *factors[name])))
        traces[trace] = _trace(scale.impulse, tau, dt, dialect)
        notes.append(_off(name, scale.error))
    if not products:
        raise Unlike("both amplitudes are 0; leave the plasticity out.")
    if isinstance(rule.pairing, NearestSpike):
        notes.append("spikes of one tick hide earlier ones of the source")
    made = LearningRule(dw=Sum(tuple(products)), x1=traces.get("x1"), y1=traces.get("y1"))
    return Learning(rule=made, low=rule.low, high=rule.high, notes=tuple(notes))


def _inhibitory(rule: InhibitorySTDP, dt: float, dialect: LearningDialect) -> Learning:
    up = _direction(rule)
    if rule.rate == 0:
        raise Unlike("its rate is 0; leave the plasticity out.")
    step, late = rule.rate * ONE_SIGN, float(np.exp(dt / rule.tau))  # as of pairs, a spike arrives a tick later
    before, after = _scale(step * late, IMPULSES, "rate"), _scale(step / late, IMPULSES, "rate")
    mantissa, exponent = before.whole
    products = [
        Product(up * before.mantissa, before.exponent, "y0", (Factor("x1"),)),
        Product(-up * mantissa, exponent, "y0", (Factor("x0"),)),
        Product(up * after.mantissa, after.exponent, "x0", (Factor("y1"),)),
    ]
    notes = [_off("rate", max(before.error, after.error))]
    if rule.target_rate:
        error, mantissa, exponent = _nearest(step * 2 * rule.target_rate * rule.tau)
        if error > ROUGH:
            raise Unlike(f"no scale of 4 bits is within {ROUGH:.0%} of 2 target_rate tau rate; change one of them.")
        products.append(Product(-up * mantissa, exponent, "x0"))
        notes.append(_off("target_rate", error))
    traces = {name: _trace(scale.impulse, rule.tau, dt, dialect) for name, scale in (("x1", before), ("y1", after))}
    made = LearningRule(dw=Sum(tuple(products)), x1=traces["x1"], y1=traces["y1"])
    return Learning(rule=made, low=rule.low, high=rule.high, notes=tuple(notes))


def _three(projection: Projection, rule: ThreeFactor, dt: float, dialect: LearningDialect) -> Learning:
    if rule.normalise is not None:
        raise Unlike("normalise divides by a running mean, and the chip does not divide; leave it out.")
    if rule.low != 0 and rule.high != 0 and rule.low != -rule.high:
        raise Unlike("a format of the chip goes from 0, to 0, or equally far both ways; choose low and high so.")
    epoch = whole_ticks("ThreeFactor.interval", rule.interval, dt)
    if not 1 <= epoch <= EPOCHS[1]:
        raise Unlike(f"its interval is {epoch} ticks; an epoch has {EPOCHS[0]} to {EPOCHS[1]}.")
    target = projection.target
    rest = per_neuron(f"{target.name}: refractory", getattr(target.kind, "refractory", 0.0), target.size)
    if epoch > 1 and (np.rint(rest / dt) < epoch - 1).any():
        raise Unlike(
            f"it counts the spikes of the target in {epoch} ticks, and the chip knows whether there were any; make the "
            "interval one tick, or no longer than the refractory time and a tick."
        )
    if rule.rate == 0:
        raise Unlike("its rate is 0; leave the plasticity out.")
    size = max(abs(rule.low), abs(rule.high))
    both = rule.low < 0 < rule.high
    wanted = abs(rule.rate) / size * (BOTH_SIGNS if both else ONE_SIGN)
    scale = _scale(wanted * float(np.exp(dt / rule.tau)), IMPULSES, "rate")
    sign = 1 if rule.rate > 0 else -1
    products = [Product(sign * scale.mantissa, scale.exponent, "u0", (Factor("y0"), Factor("x1")))]
    notes = [_off("rate", scale.error), "the modulator is 1 throughout"]
    if epoch == 1:  # a spike of this tick arrives in the next
        mantissa, exponent = scale.whole
        products.append(Product(-sign * mantissa, exponent, "u0", (Factor("y0"), Factor("x0"))))
    else:
        notes.append("of several spikes of a source in one interval, all but the last count from its begin")
        notes.append("a spike of a source in the last tick of an interval counts in it, and not in the next")
    trace = _trace(scale.impulse, rule.tau, dt, dialect)
    made = LearningRule(dw=Sum(tuple(products)), x1=trace, epoch=epoch)
    return Learning(rule=made, low=rule.low, high=rule.high, notes=tuple(notes))
