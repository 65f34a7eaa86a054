"""From descriptions of spike-timing dependent plasticity to the arrays that its kernel walks."""

# pyright: basic
from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from reafference.engine.draw import Tract
from reafference.engine.eligibility import CHANGES, EVER, NEVER, Reward
from reafference.engine.postsynaptic import no_past
from reafference.engine.stdp import BLOCK, MINUS, PLUS, ROWS, TAIL, Stdp
from reafference.engine.stdp_rule import (
    A2_MINUS,
    A2_PLUS,
    A3_MINUS,
    A3_PLUS,
    AFFINE,
    CONSTANTS,
    HIGH,
    KEPT,
    LOW,
    MINUS0,
    MINUS1,
    MU_MINUS,
    MU_PLUS,
    OFFSET,
    PLUS0,
    PLUS1,
    POWER,
    SCALE_MINUS,
    SCALE_PLUS,
    STEP_C,
    STEP_PLUS,
    STEP_X,
    STEP_Y,
)
from reafference.network.plasticity import (
    Additive,
    Dependence,
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    PairSTDP,
    PowerLaw,
    RewardSTDP,
    SoftBounds,
    SpikeRule,
    TripletSTDP,
    check_weights,
)

REACH = 40.0  # time constants after which a trace is forgotten: exp(-40) is far below the last bit of what it was
MOST_ENTRIES = 2**22  # of a table
TO_PLUS, TO_MINUS = [PLUS0, PLUS1, SCALE_PLUS, MU_PLUS], [MINUS0, MINUS1, SCALE_MINUS, MU_MINUS]


def stdp_of(tracts: Sequence[Tract], arrays: dict[str, np.ndarray], dt: float, low: int, high: int) -> Stdp:
    """What the synapses onto the neurons low <= i < high of a group need to learn from spikes.

    arrays  of their inbox, as `wire` returns them. Raises ValueError for drawn weights beyond their bounds
    """
    rows = [row for row, tract in enumerate(tracts) if isinstance(tract.projection.plasticity, SpikeRule)]
    rules: list[SpikeRule] = [tracts[row].projection.plasticity for row in rows]  # pyright: ignore
    count = np.zeros(len(tracts), np.int64)
    np.add.at(count, arrays["projection"], arrays["count"])
    begin = np.cumsum(count) - count  # synapses lie in the order of their tracts
    for row, rule in zip(rows, rules, strict=True):
        first = begin[row] - arrays["shift"][row]
        check_weights(tracts[row].projection.name, rule, arrays["weight"][first : first + count[row]])
    number = np.full(len(tracts), -1, np.int16)
    number[rows] = np.arange(len(rows))
    sizes = [tracts[row].projection.target.size for row in rows]
    first = np.array([tracts[row].place for row in rows], np.int64)
    cells = np.clip(np.stack([first, first + sizes], axis=1) - low, 0, high - low) if rows else np.zeros((0, 2))
    cells = cells.astype(np.int64)
    past = np.concatenate([[0], np.cumsum(cells[:, 1] - cells[:, 0])]).astype(np.int64)
    table, part = tables([tracts[row].projection.name for row in rows], rules, dt)
    triplet = np.array([isinstance(rule, TripletSTDP) for rule in rules], np.uint8)
    segments = arrays["delay"].size
    return Stdp(
        rule=number,
        form=np.array([forms(rule) for rule in rules], np.int8).reshape(-1, 2),
        triplet=triplet,
        constant=np.array([constants(rule, dt) for rule in rules]).reshape(-1, CONSTANTS),
        cells=cells,
        shift=past[:-1] - cells[:, 0],
        table=table,
        part=part,
        trace=np.zeros(segments if rules else 0),
        slow=np.zeros(segments if triplet.any() else 0),
        touched=np.zeros(segments if rules else 0, np.int64),
        past=no_past(int(past[-1]), gains=bool(triplet.any())),
        reward=reward_of(rules, begin[rows], count[rows]),
        scratch=np.zeros((ROWS, BLOCK)),
        target=np.zeros(BLOCK, np.uint32),
        listed=np.zeros(BLOCK + 1, np.int32),
    )


def reward_of(rules: Sequence[SpikeRule], begin: np.ndarray, count: np.ndarray) -> Reward:
    """Modulators and eligibilities; the synapses of rule k are begin[k] to begin[k] + count[k]."""
    uses = np.array([isinstance(rule, RewardSTDP) for rule in rules], np.uint8)
    eligible = np.where(uses, count, 0)
    rows = len(rules) if uses.any() else 0
    changed, modulator = np.full((rows, CHANGES + 1), NEVER), np.zeros((rows, CHANGES))
    changed[:, 0] = EVER
    for number in range(rows):
        rule = rules[number]
        modulator[number, 0] = rule.modulator if isinstance(rule, RewardSTDP) else 0.0
    return Reward(
        uses=uses,
        changed=changed,
        modulator=modulator,
        changes=np.ones(len(rules), np.int64),
        eligible=np.zeros(int(eligible.sum()), np.float32),
        shift=begin - (np.cumsum(eligible) - eligible),
        span=np.zeros((CHANGES if rows else 0, 2)),
    )


def sign_and_range(rule: SpikeRule) -> tuple[float, float]:
    """1 for excitatory synapses, -1 for inhibitory ones; high - low."""
    return (1.0 if rule.high > 0 else -1.0), rule.high - rule.low


def tables(names: Sequence[str], rules: Sequence[SpikeRule], dt: float) -> tuple[np.ndarray, np.ndarray]:
    """The tables of all rules one after the other, and where each begins and ends, (rules, 3, 2).

    PLUS and MINUS: exp(-d dt / tau), for the effect of an earlier event or spike. For RewardSTDP PLUS is multiplied by
    the amplitude, and TAIL is the same, counted back by d ticks with tau_c. All end with a zero, for what is long ago.
    """
    parts, table, end = np.zeros((len(rules), 3, 2), np.int64), [np.zeros(0)], 0

    def add(rate: float, amplitude: float, entries: int) -> tuple[int, int]:
        nonlocal end
        begin, end = end, end + entries + 1
        table.append(np.append(amplitude * np.exp(-rate * np.arange(entries)), 0.0))
        return begin, end

    for number, (name, rule) in enumerate(zip(names, rules, strict=True)):
        tau_plus, tau_minus = decays(rule)
        plus, minus = (entries_of(name, tau, dt) for tau in (tau_plus, tau_minus))
        amplitude, slower = 1.0, 0.0
        if isinstance(rule, RewardSTDP):
            sign, span = sign_and_range(rule)
            amplitude, slower = sign * rule.a_plus * span, dt / rule.tau_c
        parts[number, PLUS] = add(dt / tau_plus, amplitude, plus)
        parts[number, MINUS] = add(dt / tau_minus, 1.0, minus)
        parts[number, TAIL] = add(dt / tau_plus - slower, amplitude, plus) if slower else (end - 1, end)
    return np.concatenate(table), parts


def decays(rule: SpikeRule) -> tuple[float, float]:
    """Time constants of the presynaptic and the postsynaptic trace, s."""
    return (rule.tau, rule.tau) if isinstance(rule, InhibitorySTDP) else (rule.tau_plus, rule.tau_minus)


def table_bytes(rule: SpikeRule, dt: float) -> float:
    """Bytes of the tables of a rule, about."""
    tau_plus, tau_minus = decays(rule)
    return 8 * REACH / dt * ((2 if isinstance(rule, RewardSTDP) else 1) * tau_plus + tau_minus)


def entries_of(name: str, tau: float, dt: float) -> int:
    """Ticks after which a trace is forgotten; raises where a table of them would be too long."""
    entries = math.ceil(REACH * tau / dt)
    if entries > MOST_ENTRIES:
        raise ValueError(
            f"{name}: a time constant of {tau:g} s is {tau / dt:.3g} ticks of {dt:g} s, above the limit of "
            f"{MOST_ENTRIES / REACH:.3g} for traces of pairs; use a larger dt."
        )
    return entries


def forms(rule: SpikeRule) -> tuple[int, int]:
    """Form of facilitation, of depression."""
    if isinstance(rule, PairSTDP | TripletSTDP) and isinstance(rule.dependence, SoftBounds | PowerLaw):
        exponents = rule.dependence.mu_plus, rule.dependence.mu_minus
        plus, minus = (AFFINE if mu in (0.0, 1.0) else POWER for mu in exponents)
        return plus, minus
    return AFFINE, AFFINE


def constants(rule: SpikeRule, dt: float) -> np.ndarray:
    """What the kernel computes with, (CONSTANTS,)."""
    c = np.zeros(CONSTANTS)
    sign, span = sign_and_range(rule)
    c[LOW], c[HIGH], c[KEPT] = rule.low, rule.high, 1.0
    if isinstance(rule, InhibitorySTDP):
        c[PLUS0], c[MINUS0] = sign * rule.rate * span, -sign * rule.rate * span
        c[OFFSET] = -2 * rule.target_rate * rule.tau
        c[STEP_PLUS] = dt / rule.tau
        return c
    c[STEP_PLUS] = dt / rule.tau_plus
    if isinstance(rule.pairing, NearestSpike):
        c[KEPT] = 0.0
    if isinstance(rule, RewardSTDP):
        c[MINUS0], c[STEP_C] = sign * rule.a_minus * span, dt / rule.tau_c
        return c
    a_plus = a_minus = 1.0
    if isinstance(rule, TripletSTDP):
        c[STEP_X], c[STEP_Y] = dt / rule.tau_x, dt / rule.tau_y
        c[A2_PLUS], c[A3_PLUS], c[A2_MINUS], c[A3_MINUS] = rule.a2_plus, rule.a3_plus, rule.a2_minus, rule.a3_minus
    else:
        a_plus, a_minus = rule.a_plus, rule.a_minus
    for up, places, amplitude in ((True, TO_PLUS, a_plus), (False, TO_MINUS, a_minus)):
        c[places] = dependence_of(rule, rule.dependence, amplitude, up=up)
    return c


def dependence_of(rule: SpikeRule, dependence: Dependence, amplitude: float, *, up: bool) -> np.ndarray:
    """F_plus (`up`) or F_minus of a weight dependence, times `amplitude`: (zero, one, scale, mu), see stdp_rule.py.

    It is F of the magnitude of w with the sign of w, since it is w that moves.
    """
    sign, span = sign_and_range(rule)
    strong, weak = (rule.high, rule.low) if sign > 0 else (rule.low, rule.high)
    match dependence:
        case Additive():
            mu, base = 0.0, (0.0, 0.0)
            scale = sign * span
        case Multiplicative() | SoftBounds():
            soft = SoftBounds(mu_plus=1.0, mu_minus=1.0) if isinstance(dependence, Multiplicative) else dependence
            mu = soft.mu_plus if up else soft.mu_minus
            base = (sign * strong / span, -sign / span) if up else (-sign * weak / span, sign / span)
            scale = sign * span
        case PowerLaw():
            mu = dependence.mu_plus if up else dependence.mu_minus
            base, scale = (0.0, sign / dependence.w0), sign * dependence.w0
    scale *= amplitude
    if mu == 0.0:
        return np.array([scale, 0.0, 0.0, 0.0])
    if mu == 1.0:
        return np.array([scale * base[0], scale * base[1], 0.0, 0.0])
    return np.array([*base, scale, mu])
