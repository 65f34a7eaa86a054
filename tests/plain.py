"""Plain twins of the engine: slow, step by step, written from the equations. They share no code with what they check.

Neurons are numbered through the whole network. Time is counted in ticks of dt. In every tick n:

    1. sources emit;
    2. v goes from n - 1 to n, exactly, with the synaptic currents of n - 1; then the currents decay to n;
    3. the events that arrive at n are added (to v for DeltaLIF, unless refractory; to g_e or g_i for CurrentLIF);
    4. who is at threshold and not refractory spikes, is reset, and held for ticks n + 1 to n + refractory;
    5. weights whose interval ends at n change.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext

import numpy as np


@dataclass
class PlainNeuron:
    """One leaky integrate-and-fire neuron. Times in s, refractory in ticks; tau_e is None for a DeltaLIF."""

    tau: float
    rest: float
    threshold: float
    reset: float
    refractory: int
    drive: float  # V, resistance * current
    resistance: float
    tau_e: float | None = None
    tau_i: float | None = None
    v: float = 0.0
    g_e: float = 0.0
    g_i: float = 0.0
    held_until: int = -1
    injected: float = 0.0  # A


@dataclass
class PlainSynapse:
    source: int
    target: int
    weight: float
    delay: int  # ticks
    trace: float = 0.0
    square: float = 0.0  # running mean of the squared trace

    def act(self, tick: int) -> float:
        """An event arrives: the voltage with which it acts."""
        return self.weight


@dataclass
class PlainRule:
    """A learning rule and the synapses that follow it. `own` is None for ThreeFactor, else AntiHebbian."""

    synapses: list[PlainSynapse]
    rate: float
    tau: float
    interval: int  # ticks
    low: float
    high: float
    own: range | None = None
    other: range | None = None
    memory: float | None = None  # changes over which the square of the trace is averaged
    floor: float = 0.1
    modulator: float = 1.0
    changes: int = 0  # that counted for the average
    spikes: Counter[int] = field(default_factory=Counter)  # of each neuron since the last change

    def power(self, synapse: PlainSynapse) -> float:
        """N_j: what the rate is divided by. Brings the running mean up to date."""
        if self.memory is None:
            return 1.0
        if self.modulator != 0:
            newest = max(1 / self.changes, 1 / self.memory)
            synapse.square = (1 - newest) * synapse.square + newest * synapse.trace**2
        return synapse.square + self.floor

    def teacher(self, synapse: PlainSynapse) -> float:
        """What the rule multiplies the trace with."""
        if self.own is None:
            return self.spikes[synapse.target]
        own, other = (sum(self.spikes[neuron] for neuron in group) for group in (self.own, self.other))
        return -(own - other) / len(self.own)

    def change(self) -> int:
        """End an interval; returns how many weights were asked to change."""
        asked = 0
        self.changes += self.modulator != 0
        for synapse in self.synapses:
            if synapse.trace < 1e-3:
                synapse.trace = 0.0
                if self.memory is None:
                    continue
            step = self.rate * self.modulator * synapse.trace / self.power(synapse) * self.teacher(synapse)
            if step != 0.0:
                synapse.weight = min(max(synapse.weight + step, self.low), self.high)
                asked += 1
        self.spikes.clear()
        return asked


@dataclass
class PlainResult:
    spikes: list[tuple[int, int]]  # (tick, neuron), sorted
    v: np.ndarray  # (ticks + 1, neurons of the network), V; NaN for sources
    g_e: np.ndarray
    g_i: np.ndarray
    events: int  # synaptic events that have arrived
    changes: int  # weights that have changed


def propagator(tau: float, tau_s: float, dt: float) -> float:
    """Voltage after one tick of a synaptic current that was 1 V at its start: from tau v' = -v + g, tau_s g' = -g.

    The textbook's difference of exponentials, in 50 digits: it cancels where the time constants are close.
    """
    with localcontext(Context(prec=50)):
        m, s, t = Decimal(tau), Decimal(tau_s), Decimal(dt)
        if m == s:
            return float(t / m * (-t / m).exp())
        return float(s / (s - m) * ((-t / s).exp() - (-t / m).exp()))


def plain_run(
    neurons: dict[int, PlainNeuron],
    synapses: list[PlainSynapse],
    ticks: int,
    *,
    dt: float,
    given: list[tuple[int, int]] = (),
    injections: dict[int, dict[int, float]] | None = None,
    rules: list[PlainRule] = (),
    learners: list = (),
    modulators: dict[int, list[float]] | None = None,
    count: int | None = None,
) -> PlainResult:
    """Run neurons and synapses for `ticks` ticks.

    given       (tick, neuron) of the spikes of sources, tick 0 included
    injections  {tick: {neuron: A}}: after that tick the neurons receive this current besides their constant one
    learners    rules that learn from spikes, see plain_stdp.py
    modulators  {tick: [one for each rule, then learner]}: after that tick, the third factors
    count       neurons of the network, sources included
    """
    outgoing = defaultdict(list)
    for synapse in synapses:
        outgoing[synapse.source].append(synapse)
    emitted = defaultdict(list)
    for tick, neuron in given:
        emitted[tick].append(neuron)
    learner_of = {id(synapse): learner for learner in learners for synapse in learner.synapses}
    forgetting = {id(synapse): math.exp(-dt / rule.tau) for rule in rules for synapse in rule.synapses}
    constants = {
        k: (
            math.exp(-dt / n.tau),
            *(
                (
                    propagator(n.tau, n.tau_e, dt),
                    math.exp(-dt / n.tau_e),
                    propagator(n.tau, n.tau_i, dt),
                    math.exp(-dt / n.tau_i),
                )
                if n.tau_e is not None
                else (0.0, 0.0, 0.0, 0.0)
            ),
        )
        for k, n in neurons.items()
    }
    count = count or max(neurons) + 1
    v, g_e, g_i = (np.full((ticks + 1, count), np.nan) for _ in range(3))
    arriving: dict[int, list[PlainSynapse]] = defaultdict(list)
    spikes: list[tuple[int, int]] = []
    events = changes = 0

    for tick in range(ticks + 1):
        fired = list(emitted[tick])
        if tick > 0:
            for k, n in neurons.items():
                decay, respond_e, decay_e, respond_i, decay_i = constants[k]
                if tick > n.held_until:
                    level = n.rest + n.drive + n.resistance * n.injected
                    n.v = level + (n.v - level) * decay + n.g_e * respond_e + n.g_i * respond_i
                n.g_e *= decay_e
                n.g_i *= decay_i
            for rule in rules:
                for synapse in rule.synapses:
                    synapse.trace *= forgetting[id(synapse)]
            for learner in learners:
                learner.pass_tick()
            for synapse in arriving.pop(tick, []):
                events += 1
                if id(synapse) in learner_of:
                    learner_of[id(synapse)].arrive(synapse)
                    changes += 1
                synapse.trace += 1.0
                n, strength = neurons[synapse.target], synapse.act(tick)
                if n.tau_e is None:
                    if tick > n.held_until:
                        n.v += strength
                elif strength > 0:
                    n.g_e += strength
                else:
                    n.g_i += strength
            for k, n in neurons.items():
                if n.v >= n.threshold and tick > n.held_until:
                    fired.append(k)
                    n.v = n.reset
                    n.held_until = tick + n.refractory
        for neuron in sorted(fired):
            spikes.append((tick, neuron))
            for synapse in outgoing[neuron]:
                arriving[tick + synapse.delay].append(synapse)
            for rule in rules:
                rule.spikes[neuron] += 1
            for learner in learners:
                learner.spike(neuron)
        for rule in rules:
            if tick > 0 and tick % rule.interval == 0:
                changes += rule.change()
        for rule, modulator in zip([*rules, *learners], (modulators or {}).get(tick, ()), strict=False):
            rule.modulator = modulator
        for neuron, current in (injections or {}).get(tick, {}).items():
            neurons[neuron].injected = current
        for k, n in neurons.items():
            v[tick, k], g_e[tick, k], g_i[tick, k] = n.v, n.g_e, n.g_i
    return PlainResult(spikes, v, g_e, g_i, events, changes)


# --- random numbers -------------------------------------------------------------------------------------------------

WORD = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def plain_mix(x: int) -> int:
    """Finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & WORD
    return x ^ (x >> 31)


def plain_uniform(seed: int, neuron: int, count: int) -> float:
    """The `count`-th number in (0, 1) of a neuron's own stream."""
    key = plain_mix((seed + GOLDEN * (neuron + 1)) & WORD)
    bits = plain_mix((key + GOLDEN * (count + 1)) & WORD)
    return ((bits >> 11) + 0.5) / 2**53


def plain_poisson(
    rates: dict[int, float], ticks: int, *, dt: float, seed: int, changes: dict[int, dict[int, float]] | None = None
):
    """(tick, neuron) of Poisson sources, sorted. `rates` in Hz; `changes` {tick: {neuron: Hz}} hold after that tick.

    Intervals are -log(uniform) / rate; a spike falls on the first tick at or after its time. A new rate draws anew.
    """
    spikes = []
    for neuron, first_rate in rates.items():
        steps = sorted((tick, new[neuron]) for tick, new in (changes or {}).items() if neuron in new)
        rate, drawn, begin = first_rate, 0, 0
        for end, following in [*steps, (ticks, None)]:
            time = float(begin)
            if rate > 0:
                while True:
                    time += -math.log(plain_uniform(seed, neuron, drawn)) / (rate * dt)
                    drawn += 1
                    if math.ceil(time) > end:
                        break
                    spikes.append((math.ceil(time), neuron))
            if following is not None:
                assert following != rate, "a rate set to what it is changes nothing in the engine"
                rate, begin = following, end
    return sorted(spikes)
