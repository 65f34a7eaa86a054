"""Programmable cores, tick by tick: neurons that are programs, synapses that multiply what a spike carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.cores import ROOM, whole
from reafference.chips.loihi.synapses import SynapseGroup, rows
from reafference.chips.loihi.tick import Rows
from reafference.chips.loihi.weights import UNIT, TruncateWeights, WeightRule
from reafference.chips.microcode import tick as kernel
from reafference.engine.integer_machine import programs_of
from reafference.network import IntegerNeuron
from reafference.network.neurons.integer import REGISTER
from reafference.units import check_range

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class GradedActivity:
    """What the cores did in some ticks.

    tick, neuron, payload  (spikes,) int, in order of tick, then neuron; a spike without a payload has 1
    probed                 (probed,) int, neurons of the traces
    state                  (ticks, variables, probed) int, state variables at the end of each tick, in the order of each
                           neuron's own step
    work                   "spikes", "input_spikes", "synaptic_events", "neuron_updates" (every neuron at every tick)
    """

    tick: Ints
    neuron: Ints
    payload: Ints
    probed: Ints
    state: Ints
    work: dict[str, int]

    def __repr__(self) -> str:
        counts = (f"{value:,} {name.replace('_', ' ')}" for name, value in self.work.items())
        return f"GradedActivity({', '.join(counts)})"


def integer_weights(group: SynapseGroup, rule: WeightRule) -> Ints:
    """What an event of payload 1 adds to what a neuron receives, (synapses,): mantissa times 2^exponent.

    Programs see synapses without the 6 bits by which the leaky neuron's current is finer.
    """
    return np.right_shift(rule.scaled(rule.stored(np.asarray(group.mantissa, np.int64), group.form), group.form), UNIT)


def by_source(groups: Sequence[SynapseGroup], rule: WeightRule, sources: int) -> Rows:
    """All synapses, with what an event of payload 1 adds, by source."""
    columns = [(group.source, np.asarray(group.delay), group.target, integer_weights(group, rule)) for group in groups]
    empty = (np.zeros(0, np.int64),) * 4
    source, delay, target, weight = (np.concatenate(parts) for parts in zip(empty, *columns, strict=True))
    order, first = rows(source, delay, target, sources)
    return Rows(first, target[order].astype(np.int32), delay[order].astype(np.uint8), weight[order].astype(np.int32))


class ProgrammedCores:
    """Neurons that run their own programs, in whole numbers; where they would lie on the chip is not its matter.

    neurons  (neuron, how many), numbered from 0
    groups   synapses; sources from the number of neurons on are inputs
    inputs   number of inputs
    rule     how mantissas are stored and scaled

    In a tick each neuron receives what arrives (the sum of payload times weight, in a register, which wraps), takes its
    step, and what it sends arrives `delay` + 1 ticks later, as do spikes from outside. State is kept between two
    calls of `advance`.

    Raises BadStep for a step that cannot be read, ValueError for synapses that name what does not exist.
    """

    def __init__(
        self,
        *,
        neurons: Sequence[tuple[IntegerNeuron, int]],
        groups: Sequence[SynapseGroup] = (),
        inputs: int = 0,
        rule: WeightRule | None = None,
    ) -> None:
        check_range("ProgrammedCores: inputs", inputs, 0, 2**31 - 1, "")
        rule = rule or TruncateWeights()
        self.neurons, self.inputs = sum(count for _, count in neurons), inputs
        programs = [neuron.program() for neuron, _ in neurons]
        for group in groups:
            group.check(self.neurons, inputs)
        self._variables = max((len(program.state) for program in programs), default=0)
        self._memory = np.zeros((max((p.received for p in programs), default=0) + 1, self.neurons), np.int64)
        low = 0
        for (neuron, count), program in zip(neurons, programs, strict=True):
            name = type(neuron).__name__
            neuron.check(name, count)
            for k, field in enumerate((*program.state, *program.parameters)):
                self._memory[k, low : low + count] = neuron.whole(field, f"{name}.{field}", count)
            low += count
        self._programs = programs_of(programs, [count for _, count in neurons])
        self._plain = np.array([not program.graded for program in programs], np.uint8)
        self._message = np.zeros(self.neurons, np.int64)
        self._rows = by_source(groups, rule, self.neurons + inputs)
        longest = max([int(np.max(group.delay)) for group in groups if np.size(group.source)], default=0)
        self._inbox = np.zeros((longest + 2, self.neurons), np.int64)
        self.now = 0

    @property
    def state(self) -> Ints:
        """State variables now, (variables, neurons), in the order of each neuron's own step."""
        return self._memory[: self._variables].copy()

    def advance(
        self,
        ticks: int,
        *,
        tick: npt.ArrayLike = (),
        source: npt.ArrayLike = (),
        payload: npt.ArrayLike | None = None,
        probe: npt.ArrayLike = (),
    ) -> GradedActivity:
        """Go on for some ticks.

        ticks         how many
        tick, source  (spikes,) int: spikes from outside, after `now` and up to now + ticks, and which input makes each,
                      from 0; an input may spike several times in a tick
        payload       (spikes,) int, what each carries; None: 1
        probe         neurons whose state is traced

        Raises ValueError for ticks, inputs and neurons that do not exist, and payloads beyond 32 bits.
        """
        check_range("advance: ticks", ticks, 0, 2**31 - 1, "")
        when, who, probed = (
            whole("advance: tick", tick),
            whole("advance: source", source),
            whole("advance: probe", probe),
        )
        what = np.ones(when.size, np.int64) if payload is None else whole("advance: payload", payload)
        if not when.shape == who.shape == what.shape:
            raise ValueError(
                f"advance: {when.size} ticks, {who.size} sources, {what.size} payloads; give one of each for a spike."
            )
        if when.size:
            check_range("advance: tick", when, self.now + 1, self.now + ticks, "")
            check_range("advance: source", who, 0, self.inputs - 1, "")
            check_range("advance: payload", what, -(2**31), 2**31 - 1, "")
        if probed.size:
            check_range("advance: probe", probed, 0, self.neurons - 1, "")
        order = np.argsort(when, kind="stable")
        fed = np.stack([when[order], who[order] + self.neurons, what[order]])
        trace = np.zeros((ticks, self._variables, probed.size), np.int64)
        work = np.zeros(kernel.COUNTERS, np.int64)
        work[kernel.NOW] = self.now
        spikes = np.zeros((3, max(ROOM, self.neurons)), np.int64)
        made = [np.zeros((3, 0), np.int64)]
        while work[kernel.NOW] < self.now + ticks:
            kernel.advance(
                self._programs, self._memory, REGISTER, self._plain, self._message, self._rows, self._inbox, fed,
                self.now + ticks, probed, trace, spikes, work,
            )  # fmt: skip
            made.append(spikes[:, : work[kernel.FIRED]].copy())
            work[kernel.FIRED] = 0
        self.now += ticks
        fired = np.concatenate(made, axis=1)
        return GradedActivity(
            tick=fired[0],
            neuron=fired[1],
            payload=fired[2],
            probed=probed,
            state=trace,
            work={
                "spikes": fired.shape[1],
                "input_spikes": int(work[kernel.IN_SPIKES]),
                "synaptic_events": int(work[kernel.EVENTS]),
                "neuron_updates": ticks * self.neurons,
            },
        )

    def hear(self, source: Ints) -> int:
        """Plain spikes of inputs, (spikes,), of the tick that is over; returns the synapses walked."""
        fed = np.stack([source + self.neurons, np.ones(source.size, np.int64)])
        return int(kernel.hear(self._rows, self._inbox, fed, self.now))

    def __repr__(self) -> str:
        return (
            f"ProgrammedCores({self.neurons} neurons, {self.inputs} inputs, {self._rows.target.size} synapses, at tick "
            f"{self.now})"
        )
