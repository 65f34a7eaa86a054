"""Projections that learn on the chip: what is asked for, what becomes of it, and what was learned in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.circuit import Circuit
from reafference.chips.loihi.formats import Bounds
from reafference.chips.loihi.learning.dialect import LearningDialect
from reafference.chips.loihi.learning.rule import LearningRule
from reafference.chips.loihi.learning.terms import POST, PRE
from reafference.chips.loihi.learning.translate import Learning, Unlike, translated
from reafference.chips.shortage import Shortage
from reafference.network import Network
from reafference.recording import Recording
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
REFUSED = "plasticity that Loihi has no rule for"
TAG_BITS, DELAY_BITS, TRACE_BITS, MOST_REWARD = 9, 6, 7, 127


@dataclass(frozen=True, kw_only=True, eq=False)
class Reward:
    """A reward that is told: r1 is `value` at these times, and fades by its time constant.

    time   (n,) s, on ticks of the program
    value  (n,) whole numbers, -127 to 127
    """

    time: npt.ArrayLike
    value: npt.ArrayLike

    def ticks(self, name: str, dt: float, ticks: int) -> dict[int, int]:
        """r1 by tick. Raises ValueError for times beyond the run or between ticks, TypeError for values not whole."""
        time, value = np.atleast_1d(np.asarray(self.time, np.float64)), np.atleast_1d(np.asarray(self.value))
        if time.shape != value.shape:
            raise ValueError(f"rewards[{name!r}]: {time.size} times and {value.size} values; give one of each.")
        if not time.size:
            return {}
        if not np.issubdtype(value.dtype, np.integer):
            raise TypeError(f"rewards[{name!r}]: value is {value.dtype}; the chip has whole numbers only.")
        check_range(f"rewards[{name!r}]: value", value, -MOST_REWARD, MOST_REWARD, "")
        tick = np.rint(time / dt).astype(np.int64)
        if np.abs(time / dt - tick).max() > 1e-6:
            raise ValueError(f"rewards[{name!r}]: times lie between ticks of {dt:g} s; use multiples of it.")
        check_range(f"rewards[{name!r}]: time in ticks", tick, 1, ticks, "")
        return dict(zip(tick.tolist(), value.tolist(), strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedSynapses:
    """What the synapses of a projection hold at the end of a run, in the order of the network's own.

    source, target  (synapses,) int, within their populations
    weight          (synapses,) float64, V
    mantissa        (synapses,) int, as it is stored
    delay           (synapses,) int, ticks beyond the one that a spike takes anyway
    tag             (synapses,) int
    """

    source: Ints
    target: Ints
    weight: Floats
    mantissa: Ints
    delay: Ints
    tag: Ints

    def __repr__(self) -> str:
        if not self.weight.size:
            return "LearnedSynapses(0 synapses)"
        return f"LearnedSynapses({self.weight.size} synapses, {self.weight.min():.3g} to {self.weight.max():.3g} V)"


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedRun:
    """A run on a chip that learned.

    recording  as of `Program.run`; its work counts "synaptic_updates"
    synapses   what was learned, by projection
    """

    recording: Recording
    synapses: Mapping[str, LearnedSynapses]

    def __repr__(self) -> str:
        return "\n".join([repr(self.recording), *(f"{name}: {some}" for name, some in self.synapses.items())])


def wanted(
    network: Network,
    circuit: Circuit,
    asked: Mapping[str, LearningRule | Learning],
    dialect: LearningDialect,
    refused: str,
) -> tuple[dict[str, Learning], list[Shortage]]:
    """How each projection learns, and what cannot be done.

    asked    by projection; in place of the plasticity that the network describes
    refused  what a refusal begins with
    """
    found, short = dict[str, Learning](), list[Shortage]()
    names = [projection.name for projection in network.projections]
    populations = [population.name for population in network.populations]
    for name, each in asked.items():
        if name not in names:
            remedy = f"No projection is called so; there are {', '.join(names) or 'none'}."
            short.append(Shortage("projection", f"learning[{name!r}]", None, None, remedy))
            continue
        if not isinstance(each, (LearningRule, Learning)):
            remedy = f"It is {each!r}; give LearningRule.parse(dw=...) or Learning(rule=...)."
            short.append(Shortage("learning rule", f"learning[{name!r}]", None, None, remedy))
            continue
        learning = Learning(rule=each) if isinstance(each, LearningRule) else each
        if learning.reward is not None and learning.reward not in populations:
            remedy = f"No population is called {learning.reward!r}; there are {', '.join(populations)}."
            short.append(Shortage("reward population", f"learning[{name!r}]", None, None, remedy))
            continue
        found[name] = learning
    for projection in network.projections:
        if projection.plasticity is None or projection.name in asked:
            continue
        mine = circuit.of(projection.name)
        delay = int(circuit.delay[mine].max(initial=1))
        try:
            found[projection.name] = translated(projection, delay, circuit.dt, dialect)
        except Unlike as error:
            where = f"projection {projection.name!r}"
            short.append(Shortage(REFUSED, where, None, None, f"{refused} {error}".strip()))
    return found, short


def bounds_of(learning: Mapping[str, Learning]) -> dict[str, Bounds | None]:
    """Bounds of weights that learn, as `quantise` takes them."""
    return {
        name: None if each.low is None or each.high is None else Bounds(each.low, each.high)
        for name, each in learning.items()
    }


def more_bits(learning: Mapping[str, Learning]) -> tuple[int, int]:
    """(bits of a tag, least bits of a delay) that synapses need because some learn."""
    rules = [each.rule for each in learning.values()]
    tag = any(rule.dt is not None or "t" in rule.names for rule in rules)
    return TAG_BITS * tag, DELAY_BITS * any(rule.dd is not None for rule in rules)


def reward_numbers(learning: Learning, network: Network, number: Ints) -> Ints:
    """Numbers on the chip of the population whose spikes are the reward."""
    if learning.reward is None:
        return np.zeros(0, np.int64)
    first = network.first(learning.reward)
    size = next(population.size for population in network.populations if population.name == learning.reward)
    return number[first : first + size]


def told(name: str, learning: Learning, circuit: Circuit, low: float, high: float) -> list[str]:
    """Lines of a report: the rule, its bounds, what its traces take, and in what it differs."""
    mine, rule = circuit.of(name), learning.rule
    sources, targets = np.unique(circuit.source[mine]).size, np.unique(circuit.target[mine]).size
    pre, post = (sum(trace in rule.traces for trace in some) for some in (PRE, POST))
    bits = TRACE_BITS * (pre * sources + post * targets)
    lines = [
        f"projection {name!r} learns every {rule.epoch} tick{'s' * (rule.epoch > 1)}, {low:.4g} to {high:.4g} V",
        *(f"  {target} = {each}" for target, each in rule.sums.items()),
        *(f"  {trace}: impulse {each.impulse}, tau {each.tau:.5g} ticks" for trace, each in rule.traces.items()),
        f"  traces: {pre} of each of {sources} sources, {post} of each of {targets} targets; {bits} bits, beside the "
        "memory of synapses",
    ]
    if "r1" in rule.traces or "r0" in rule.names:
        by = "is told at run time" if learning.reward is None else f"are the spikes of {learning.reward!r}"
        lines.append(f"  reward {by}")
    return lines + [f"  {note}" for note in learning.notes]


def where_of(circuit: Circuit, name: str) -> tuple[Ints, Ints]:
    """(source, target) of the synapses of a projection, within their populations."""
    projection = next(each for each in circuit.network.projections if each.name == name)
    mine, network = circuit.of(name), circuit.network
    return (
        circuit.source[mine].astype(np.int64) - network.first(projection.source.name),
        circuit.target[mine].astype(np.int64) - network.first(projection.target.name),
    )
