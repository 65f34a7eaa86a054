"""Neurons and synapses in Loihi's integers, without a place on the chip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi import tick as kernel
from reafference.chips.loihi.compartments import DECAY_ONE, THRESHOLD_SHIFT, Compartments
from reafference.chips.loihi.dialect import SILICON, Dialect, FoldOnce, TwosComplement, Wrap
from reafference.chips.loihi.learning.dialect import SILICON_LEARNING, LearningDialect
from reafference.chips.loihi.learning.learner import Learner, PlasticGroup, form_of
from reafference.chips.loihi.synapses import SynapseGroup, rows
from reafference.chips.loihi.tick import Cells, Rows, Sums
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
FAR = 2**62  # no bound
ROOM = 2**16  # spikes that are kept before they are handed over


@dataclass(frozen=True, kw_only=True, eq=False)
class Activity:
    """What the cores did in some ticks.

    tick, neuron  (spikes,) int, in order of tick, then neuron; the first tick of all is 1
    probed        (probed,) int, neurons of the traces
    u, v          (ticks, probed) int, at the end of each tick
    work          "spikes", "input_spikes", "synaptic_events" (synapses walked), "neuron_updates" (every neuron at every
                  tick), "active_updates" (those of neurons where u, v, bias or input was not 0), "synaptic_updates"
                  (synapses that a learning rule was worked out for: each whose source or target, as the rule asks,
                  spiked in an epoch; all where a reward or u<k> asks for it)
    awake         (ticks, neurons) bool, where `advance` was told to watch: where u, v or bias was not 0 or anything
                  arrived, if only what cancels
    """

    tick: Ints
    neuron: Ints
    probed: Ints
    u: Ints
    v: Ints
    work: dict[str, int]
    awake: npt.NDArray[np.bool_] | None = None

    def __repr__(self) -> str:
        counts = (f"{value:,} {name.replace('_', ' ')}" for name, value in self.work.items())
        return f"Activity({', '.join(counts)})"


def width(wrap: Wrap | None) -> tuple[int, int]:
    """Kind and bits of a wrap, as the kernel knows them."""
    if wrap is None:
        return kernel.UNBOUNDED, 0
    kinds = {TwosComplement: kernel.TWOS_COMPLEMENT, FoldOnce: kernel.FOLD_ONCE}
    return kinds[type(wrap)], wrap.bits


def in_numbers(dialect: Dialect) -> Ints:
    """The dialect as the kernel knows it."""
    rules = np.zeros(kernel.RULES, np.int64)
    rules[kernel.INPUT_LAG] = dialect.input_lag
    rules[kernel.HOLD_CODE] = dialect.hold_code
    rules[kernel.V_LOW] = -FAR if dialect.v_low is None else dialect.v_low
    rules[kernel.V_HIGH] = FAR if dialect.v_high is None else dialect.v_high
    rules[kernel.INPUT_WRAP], rules[kernel.INPUT_BITS] = width(dialect.input_wrap)
    rules[kernel.U_WRAP], rules[kernel.U_BITS] = width(dialect.u_wrap)
    rules[kernel.DRIVE_WRAP], rules[kernel.DRIVE_BITS] = width(dialect.drive_wrap)
    return rules


def table(
    groups: Sequence[SynapseGroup], weights: Sequence[Ints], sources: int, *, apart: bool
) -> tuple[Rows, list[Ints]]:
    """All synapses by source, and where those of each group are; with `apart`, groups have rows of their own."""
    base = np.arange(len(groups)) * sources if apart else np.zeros(len(groups), np.int64)
    count = sources * (len(groups) if apart else 1)
    nothing = [np.zeros(0, np.int64)]
    row = np.concatenate(nothing + [group.source + b for group, b in zip(groups, base, strict=True)])
    delay = np.concatenate(nothing + [np.asarray(group.delay) for group in groups])
    target = np.concatenate(nothing + [np.asarray(group.target, np.int64) for group in groups])
    weight = np.concatenate(nothing + list(weights))
    order, first = rows(row, delay, target, count)
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    made = Rows(first, target[order].astype(np.int32), delay[order].astype(np.uint8), weight[order].astype(np.int32))
    ends = np.cumsum([np.size(group.source) for group in groups])
    return made, [place[end - np.size(group.source) : end] for end, group in zip(ends, groups, strict=True)]


class LoihiCores:
    """Loihi's neurons and synapses, run in its own integers; where they would lie on the chip is not its matter.

    compartments  the neurons, numbered from 0
    groups        synapses; sources from len(compartments) on are inputs
    inputs        number of inputs
    dialect       whose rules to follow
    plastic       synapses that learn, beside those of `groups`
    learning      whose rules of learning to follow
    seed          of the random numbers by which learning rounds

    u, v, traces, weights, delays and tags are kept between two calls of `advance`. Neurons are updated at every tick,
    as the chip does; synapses are walked by spikes. At the end of a tick spikes are sent out with the weights that
    there are, then epochs end. Raises ValueError for synapses that name neurons or inputs that do not exist, and for
    decays beyond the dialect's range.
    """

    def __init__(
        self,
        *,
        compartments: Compartments,
        groups: Sequence[SynapseGroup] = (),
        inputs: int = 0,
        dialect: Dialect = SILICON,
        plastic: Sequence[PlasticGroup] = (),
        learning: LearningDialect = SILICON_LEARNING,
        seed: int = 0,
    ) -> None:
        check_range("LoihiCores: inputs", inputs, 0, 2**31 - 1, "")
        check_range("LoihiCores: seed", seed, 0, 2**63 - 1, "")
        compartments.check(dialect)
        self.dialect, self.neurons, self.inputs = dialect, compartments.count, inputs
        sources = self.neurons + inputs
        for group in (*groups, *plastic):
            group.check(self.neurons, inputs)
        fixed, groups = len(groups), [*groups, *(each.synapses for each in plastic)]
        stored = [dialect.weights.stored(np.asarray(group.mantissa, np.int64), group.form) for group in groups]
        summed = [dialect.shift_sum and group.form.exponent < 0 for group in groups]
        direct = [k for k, later in enumerate(summed) if not later]
        later = [k for k, later in enumerate(summed) if later]
        self._rows, places = table(
            [groups[k] for k in direct],
            [dialect.weights.scaled(stored[k], groups[k].form) for k in direct],
            sources,
            apart=False,
        )
        self._sum_rows, sum_places = table([groups[k] for k in later], [stored[k] for k in later], sources, apart=True)
        place = dict(zip([*direct, *later], [*places, *sum_places], strict=True))
        self._learning = learning
        self.learners: list[Learner] = []
        self._summed: list[bool] = []
        first = 0
        for k, each in enumerate(plastic, fixed):
            form, held = form_of(each, stored[k], sources, learning, seed, first)
            self.learners.append(Learner(each, form, held, place[k], learning))
            self._summed.append(summed[k])
            first += stored[k].size
        longest = max([int(np.max(group.delay)) for group in groups if np.size(group.source)], default=0)
        if learning.delay_acts and any(each.rule.dd is not None for each in plastic):
            longest = learning.delay_most
        cells = (longest + 1, self.neurons) if later else (0, 0)
        self._sums = Sums(
            np.array([-groups[k].form.exponent for k in later], np.int64),
            np.zeros(cells, np.int64),
            np.zeros(cells, np.uint8),
            np.zeros(cells[0] * cells[1], np.int64),
        )
        self._inbox = np.zeros((longest + 2, self.neurons), np.int64)
        self._coming = np.zeros((longest + 1, self.neurons), np.uint8)  # what will arrive, as far as it was watched
        self._rules = in_numbers(dialect)
        self._cells = Cells(
            DECAY_ONE - np.asarray(compartments.decay_u) - dialect.decay_offset_u,
            DECAY_ONE - np.asarray(compartments.decay_v) - dialect.decay_offset_v,
            compartments.bias,
            np.left_shift(np.asarray(compartments.threshold), THRESHOLD_SHIFT),
            np.array(compartments.refractory),
            np.array(compartments.u),
            np.array(compartments.v),
            np.zeros(self.neurons, np.int64),
        )
        self.now = 0

    @property
    def u(self) -> Ints:
        """Synaptic currents now, (neurons,)."""
        return self._cells.u.copy()

    @property
    def v(self) -> Ints:
        """Membrane potentials now, (neurons,), as a probe shows them."""
        return self._cells.v + self.dialect.hold_code * self._cells.left

    def advance(
        self,
        ticks: int,
        *,
        tick: npt.ArrayLike = (),
        source: npt.ArrayLike = (),
        probe: npt.ArrayLike = (),
        reward: Mapping[int, Mapping[int, int]] | None = None,
        watch: bool = False,
    ) -> Activity:
        """Go on for some ticks.

        ticks         how many
        tick, source  (spikes,) int: spikes from outside, after `now` and up to now + ticks, and which input makes each,
                      from 0; an input may spike several times in a tick
        probe         neurons whose u and v are traced
        reward        for the number of a plastic group: r1 by tick, -127 to 127, for ticks at which it is told; r0 is 1
                      in their epoch
        watch         also tell which neurons had something to update, `Activity.awake`; from the first call on or never

        Raises ValueError for ticks, inputs and neurons that do not exist.
        """
        check_range("advance: ticks", ticks, 0, 2**31 - 1, "")
        when, who = whole("advance: tick", tick), whole("advance: source", source)
        probed = whole("advance: probe", probe)
        if when.shape != who.shape:
            raise ValueError(f"advance: {when.size} ticks and {who.size} sources; give one of each for a spike.")
        if when.size:
            check_range("advance: tick", when, self.now + 1, self.now + ticks, "")
            check_range("advance: source", who, 0, self.inputs - 1, "")
        if probed.size:
            check_range("advance: probe", probed, 0, self.neurons - 1, "")
        order = np.argsort(when, kind="stable")
        fed = np.stack([when[order], who[order] + self.neurons])
        u, v = np.zeros((2, ticks, probed.size), np.int64)
        work = np.zeros(kernel.COUNTERS, np.int64)
        work[kernel.NOW] = self.now
        spikes = np.zeros((2, max(ROOM, self.neurons)), np.int64)
        made: list[Ints] = []
        self._tell(reward or {}, ticks)
        awake = np.zeros((ticks + self._coming.shape[0] if watch else 0, self.neurons), np.uint8)
        awake[: self._coming.shape[0]] = self._coming[: awake.shape[0]]
        end = self.now + ticks
        updates = sum(learner.updates for learner in self.learners)
        while work[kernel.NOW] < end:
            begin = int(work[kernel.NOW])
            until = min([end, *(begin // e * e + e for e in (each.group.rule.epoch for each in self.learners))])
            fresh = len(made)
            while work[kernel.NOW] < until:
                kernel.advance(
                    self._rules,
                    self._cells,
                    self._rows,
                    self._sum_rows,
                    self._sums,
                    self._inbox,
                    fed,
                    until,
                    probed,
                    u,
                    v,
                    awake,
                    spikes,
                    work,
                )
                made.append(spikes[:, : work[kernel.FIRED]].copy())
                work[kernel.FIRED] = 0
            if self.learners:
                heard = fed[:, np.searchsorted(fed[0], begin, "right") : np.searchsorted(fed[0], until, "right")]
                self._learn(until, [heard], made[fresh:])
        self.now += ticks
        self._coming[: awake.shape[0]] = awake[ticks:]
        all_spikes = np.concatenate([*made, np.zeros((2, 0), np.int64)], axis=1)
        return Activity(
            tick=all_spikes[0],
            neuron=all_spikes[1],
            probed=probed,
            u=u,
            v=v,
            work={
                "spikes": all_spikes.shape[1],
                "input_spikes": int(work[kernel.IN_SPIKES]),
                "synaptic_events": int(work[kernel.EVENTS]),
                "neuron_updates": ticks * self.neurons,
                "active_updates": int(work[kernel.ACTIVE]),
                "synaptic_updates": sum(learner.updates for learner in self.learners) - updates,
            },
            awake=awake[:ticks].astype(np.bool_) if watch else None,
        )

    def _learn(self, tick: int, heard: list[Ints], made: list[Ints]) -> None:
        """End the epochs that end at a tick, and let learned weights and delays act.

        heard, made  spikes from outside and of neurons since the last call
        """
        late = [some + np.array([[self._learning.spike_lag], [0]]) for some in made]
        for number, learner in enumerate(self.learners):
            for some in (*heard, *late):
                learner.hear(some)
            if tick % learner.group.rule.epoch:
                continue
            changed = learner.end(tick)
            if changed.size == 0:
                continue
            table = self._sum_rows if self._summed[number] else self._rows
            weight, place = learner.weight[changed], learner.place[changed]
            form = learner.group.synapses.form
            table.weight[place] = weight if self._summed[number] else self.dialect.weights.scaled(weight, form)
            if self._learning.delay_acts and learner.group.rule.dd is not None:
                table.delay[place] = learner.delay[changed]

    def _tell(self, reward: Mapping[int, Mapping[int, int]], ticks: int) -> None:
        """Hand each group the reward that it is told."""
        for number, told in reward.items():
            if not 0 <= number < len(self.learners):
                raise ValueError(f"advance: reward of the group {number}; there are {len(self.learners)} that learn.")
            if told:
                check_range("advance: tick of a reward", np.array(list(told)), self.now + 1, self.now + ticks, "")
                check_range("advance: reward", np.array(list(told.values())), -127, 127, "")
            self.learners[number].tell(told)

    def __repr__(self) -> str:
        synapses = self._rows.target.size + self._sum_rows.target.size
        return (
            f"LoihiCores({self.neurons} neurons, {self.inputs} inputs, {synapses} synapses, "
            f"{self.dialect.name}, at tick {self.now})"
        )


def whole(name: str, value: npt.ArrayLike) -> Ints:
    """A list of whole numbers as an array, or TypeError."""
    array = np.atleast_1d(np.asarray(value))
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name} is {array.dtype}; give whole numbers.")
    return array.astype(np.int64)
