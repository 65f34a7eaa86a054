"""Plain twin of TrueNorth: one neuron, one synapse, one tick after the other, in Python's own whole numbers.

Written from the equations; it shares no code with what it checks. In every tick, for every neuron:

    1. synapses of active axons act;  2. the leak acts;  3. threshold, reset, or what is done below the floor;
    4. spikes go to their axons, `delay` ticks later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from plain import GOLDEN, WORD, plain_mix

LEAK, THRESHOLD = 256, 257


def plain_draw(seed: int, neuron: int, tick: int, purpose: int) -> int:
    own = plain_mix((seed + GOLDEN * (neuron + 1)) & WORD)
    return plain_mix((own + GOLDEN * (tick * 512 + purpose + 1)) & WORD)


def sgn(x: int) -> int:
    return (x > 0) - (x < 0)


@dataclass
class PlainTrueNorth:
    """`cores`: dictionaries of crossbar[axon][neuron], axon_type[axon], neurons (one for each) and targets.

    Neurons may be anything with the attributes of the real ones. `overflow(v)` brings a potential into its limits.
    """

    cores: list[dict]
    overflow: object
    seed: int

    def __post_init__(self):
        self.v = [[neuron.start for neuron in core["neurons"]] for core in self.cores]
        self.arriving = defaultdict(set)  # tick -> {(core, axon)}
        self.tick = 0
        self.synaptic_events = self.axon_events = 0

    def run(self, ticks, inputs=()):
        """Spikes (tick, core, neuron) of so many ticks; `inputs` are (tick, core, axon), ticks from now."""
        for tick, core, axon in inputs:
            self.arriving[self.tick + tick].add((core, axon))
        spikes, begin = [], self.tick
        for self.tick in range(begin, begin + ticks):
            active = self.arriving.pop(self.tick, set())
            self.axon_events += len(active)
            for c, core in enumerate(self.cores):
                axons = sorted(axon for where, axon in active if where == c and axon < len(core["axon_type"]))
                for n, neuron in enumerate(core["neurons"]):
                    if self.one(c, core, axons, n, neuron):
                        spikes.append((self.tick - begin, c, n))
                        target = core["targets"][n]
                        if target[0] >= 0:
                            self.arriving[self.tick + target[2]].add((target[0], target[1]))
        self.tick = begin + ticks
        return spikes

    def one(self, c, core, axons, n, neuron):
        """One tick of one neuron; returns whether it spikes."""
        rho = lambda purpose: plain_draw(self.seed, 256 * c + n, self.tick, purpose)  # noqa: E731
        v = self.v[c][n]
        for axon in axons:
            if core["crossbar"][axon][n]:
                self.synaptic_events += 1
                group = core["axon_type"][axon]
                weight = neuron.weights[group]
                if neuron.stochastic_weights[group]:
                    weight = sgn(weight) if abs(weight) >= rho(axon) >> 56 else 0
                v += weight
        v = self.overflow(v)
        leak = neuron.leak
        if neuron.stochastic_leak:
            leak = sgn(leak) if abs(leak) >= rho(LEAK) >> 56 else 0
        v = self.overflow(v + (sgn(v) * leak if neuron.leak_reverses else leak))
        eta = (rho(THRESHOLD) >> 46) & neuron.threshold_mask
        alpha, beta, gamma = neuron.threshold, neuron.floor, neuron.reset.name
        spike = v >= alpha + eta
        if spike:
            v = {"VALUE": neuron.reset_to, "LINEAR": v - (alpha + eta), "NONE": v}[gamma]
        elif neuron.floor_saturates:
            if v < -beta:
                v = -beta
        elif v < -(beta + eta):
            v = {"VALUE": -neuron.reset_to, "LINEAR": v + beta + eta, "NONE": v}[gamma]
        self.v[c][n] = v
        return spike
