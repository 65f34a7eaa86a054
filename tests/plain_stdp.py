"""Plain twin of learning from spikes: every synapse has traces of its own, which decay tick by tick.

Written from the equations in the docstrings of reafference.network.plasticity, in magnitudes of weights: inhibitory
synapses are handled by leaving out the sign and putting it back. In a tick traces decay, then events arrive, then
neurons spike.
"""

from __future__ import annotations

import math
from collections import defaultdict

from plain import PlainSynapse
from reafference import (
    Additive,
    InhibitorySTDP,
    Multiplicative,
    NearestSpike,
    PairSTDP,
    PowerLaw,
    RewardSTDP,
    SoftBounds,
    TripletSTDP,
)

TRACES = ("x", "y", "x2", "y2", "c")


class PlainLearner:
    """One rule, taken as the numbers of its description, and the synapses that follow it."""

    def __init__(self, rule, synapses: list[PlainSynapse], dt: float) -> None:
        self.rule, self.synapses, self.dt = rule, synapses, dt
        self.sign = 1 if rule.high > 0 else -1
        self.low, self.high = sorted([abs(rule.low), abs(rule.high)])
        self.state = {id(synapse): dict.fromkeys(TRACES, 0.0) for synapse in synapses}
        self.onto = defaultdict(list)
        for synapse in synapses:
            self.onto[synapse.target].append(synapse)
        self.modulator = getattr(rule, "modulator", 0.0)
        tau = {"x": "tau_plus", "y": "tau_minus", "x2": "tau_x", "y2": "tau_y", "c": "tau_c"}
        if isinstance(rule, InhibitorySTDP):
            tau = {"x": "tau", "y": "tau"}
        self.factor = {trace: math.exp(-dt / getattr(rule, name)) for trace, name in tau.items() if hasattr(rule, name)}
        self.kept = 0.0 if isinstance(getattr(rule, "pairing", None), NearestSpike) else 1.0

    def f(self, m: float, *, up: bool) -> float:
        """F_plus or F_minus of a magnitude m, V."""
        span, dependence = self.high - self.low, self.rule.dependence
        left = self.high - m if up else m - self.low
        match dependence:
            case Additive():
                return span
            case Multiplicative():
                return left
            case SoftBounds():
                return span * (left / span) ** (dependence.mu_plus if up else dependence.mu_minus)
            case PowerLaw():
                return dependence.w0 * (m / dependence.w0) ** (dependence.mu_plus if up else dependence.mu_minus)

    def move(self, synapse: PlainSynapse, change: float) -> None:
        """Change the magnitude of a weight, within the bounds."""
        m = self.sign * synapse.weight + change
        synapse.weight = self.sign * min(max(m, self.low), self.high)

    def pass_tick(self) -> None:
        """Everything decays by one tick; eligibilities turn into weight."""
        for synapse in self.synapses:
            state = self.state[id(synapse)]
            if isinstance(self.rule, RewardSTDP):
                # The integral of M c / tau_c over the tick; not clipped before an event comes.
                synapse.weight += self.sign * self.modulator * state["c"] * -math.expm1(-self.dt / self.rule.tau_c)
            for trace, factor in self.factor.items():
                state[trace] *= factor

    def arrive(self, synapse: PlainSynapse) -> None:
        """An event arrives."""
        rule, state, m = self.rule, self.state[id(synapse)], self.sign * synapse.weight
        span = self.high - self.low
        match rule:
            case PairSTDP():
                self.move(synapse, -rule.a_minus * self.f(m, up=False) * state["y"])
            case TripletSTDP():
                size = state["y"] * (rule.a2_minus + rule.a3_minus * state["x2"])
                self.move(synapse, -self.f(m, up=False) * size)
            case InhibitorySTDP():
                self.move(synapse, rule.rate * span * (state["y"] - 2 * rule.target_rate * rule.tau))
            case RewardSTDP():
                self.move(synapse, 0.0)
                state["c"] -= rule.a_minus * span * state["y"]
        for trace in ("x", "x2"):
            state[trace] = self.kept * state[trace] + 1

    def spike(self, neuron: int) -> None:
        """A neuron spikes."""
        rule, span = self.rule, self.high - self.low
        for synapse in self.onto.get(neuron, ()):
            state, m = self.state[id(synapse)], self.sign * synapse.weight
            match rule:
                case PairSTDP():
                    self.move(synapse, rule.a_plus * self.f(m, up=True) * state["x"])
                case TripletSTDP():
                    size = state["x"] * (rule.a2_plus + rule.a3_plus * state["y2"])
                    self.move(synapse, self.f(m, up=True) * size)
                case InhibitorySTDP():
                    self.move(synapse, rule.rate * span * state["x"])
                case RewardSTDP():
                    state["c"] += rule.a_plus * span * state["x"]
            for trace in ("y", "y2"):
                state[trace] = self.kept * state[trace] + 1

    def weights(self) -> list[float]:
        """Present weights as they are read, V."""
        return [self.sign * min(max(self.sign * s.weight, self.low), self.high) for s in self.synapses]


def plain_weights(rule, weight: float, events, spikes, *, dt: float, ticks: int, modulators=None) -> float:
    """Weight of one synapse after `ticks`, with events and spikes of its target at the given ticks.

    modulators  {tick: M}: after that tick
    """
    synapse = PlainSynapse(0, 1, weight, 1)
    learner = PlainLearner(rule, [synapse], dt)
    events, spikes = set(events), set(spikes)
    for tick in range(ticks + 1):
        if tick > 0:
            learner.pass_tick()
        if tick in events:
            learner.arrive(synapse)
        if tick in spikes:
            learner.spike(1)
        learner.modulator = (modulators or {}).get(tick, learner.modulator)
    return learner.weights()[0]
