"""Synapses that learn on Loihi's cores: a group and its rule, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.learning import learn as kernel
from reafference.chips.loihi.learning.dialect import (
    CHANCES,
    Accumulator,
    AwayFromZero,
    LearningDialect,
    ShiftedAccumulator,
)
from reafference.chips.loihi.learning.learn import CODES, HEAD, MOST, Form, Held
from reafference.chips.loihi.learning.rule import LearningRule
from reafference.chips.loihi.learning.terms import POST, TARGETS, TRACES, Product
from reafference.chips.loihi.synapses import SynapseGroup
from reafference.chips.loihi.weights import Sign
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
BITS = {"x0": 1, "y0": 1, "r0": 1, "w": 9, "d": 9, "t": 9}  # of a factor; of traces 7, of u<k> 1
SCALE_BITS, ROOM_BITS, TAG_SIZE = 4, 15, 256
SUMS = {Accumulator: kernel.PLAIN, ShiftedAccumulator: kernel.SHIFTED, AwayFromZero: kernel.AWAY}
SIGNS = {Sign.MIXED: 0, Sign.EXCITATORY: 1, Sign.INHIBITORY: -1}


@dataclass(frozen=True, kw_only=True, eq=False)
class PlasticGroup:
    """Synapses that share a format and a learning rule.

    synapses  the group as at the start
    rule      how it learns
    reward    (n,) int: numbers of neurons and inputs whose spikes are reward (r0, r1); none: reward is told
    tag       (synapses,) int or one for all, -256 to 255, at the start

    Raises ValueError for tags out of range or of another number than synapses.
    """

    synapses: SynapseGroup
    rule: LearningRule
    reward: Sequence[int] | npt.NDArray[np.integer] = ()
    tag: int | npt.NDArray[np.integer] = 0

    def __post_init__(self) -> None:
        count = np.size(self.synapses.source)
        tag = np.asarray(self.tag)
        if tag.ndim and tag.shape != (count,):
            raise ValueError(f"PlasticGroup.tag has the shape {tag.shape}; there are {count} synapses.")
        check_range("PlasticGroup.tag", tag, -256, 255, "")

    def check(self, compartments: int, inputs: int) -> None:
        """Raise ValueError if a source, target or reward is none of the neurons and inputs."""
        self.synapses.check(compartments, inputs)
        reward = np.asarray(self.reward, np.int64)
        if reward.size:
            check_range("PlasticGroup.reward", reward, 0, compartments + inputs - 1, "")

    def __repr__(self) -> str:
        return f"PlasticGroup({self.synapses}, {'; '.join(f'{name} = {s}' for name, s in self.rule.sums.items())})"


def bits_of(name: str) -> int:
    """Bits of a factor."""
    return 7 if name in TRACES else BITS.get(name, 1)


def words_of(product: Product, longest: int) -> list[int]:
    """A product as the kernel knows it."""
    bits = sum(bits_of(factor.variable) for factor in product.factors) + SCALE_BITS
    words = [product.mantissa, product.exponent + kernel.FRACTION, code_of(product.condition), len(product.factors)]
    words.append(max(0, bits - ROOM_BITS))
    for factor in product.factors:
        words += [code_of(factor.variable), factor.constant, int(factor.sign), bits_of(factor.variable)]
    return words + [0] * (HEAD + 4 * longest - len(words))


def code_of(name: str) -> int:
    """A factor or condition as the kernel knows it."""
    return CODES["u"] if name[0] == "u" else CODES[name]


def fading(rule: LearningRule, dialect: LearningDialect) -> Ints:
    """(2, 6, epoch + 1, 128): what is left of traces after so many ticks, rounded down, and the chance of one more."""
    fade = np.zeros((2, len(TRACES), rule.epoch + 1, MOST + 1), np.int64)
    for k, name in enumerate(TRACES):
        trace = rule.traces.get(name)
        if trace is not None:
            for ticks in range(rule.epoch + 1):
                left = np.arange(MOST + 1) * dialect.decay.kept(trace.tau, ticks)
                fade[0, k, ticks] = np.floor(left)
                fade[1, k, ticks] = np.ceil((left - fade[0, k, ticks]) * CHANCES)
    return fade


def form_of(
    group: PlasticGroup, stored: Ints, sources: int, dialect: LearningDialect, seed: int, first: int
) -> tuple[Form, Held]:
    """A group as the kernel knows it.

    stored   (synapses,) mantissas as they are kept
    sources  neurons and inputs
    first    number of its first synapse among all that learn
    """
    rule, synapses = group.rule, group.synapses
    source, target = np.asarray(synapses.source, np.int64), np.asarray(synapses.target, np.int64)
    pre_id, pre = np.unique(source, return_inverse=True)
    post_id, post = np.unique(target, return_inverse=True)
    sums = [rule.sums.get(name) for name in TARGETS]
    products = [product for some in sums if some is not None for product in some.products]
    longest = max(len(product.factors) for product in products)
    grid = 2**synapses.form.dropped if dialect.keeps_grid else 1
    low, high = dialect.limits(synapses.form.sign, grid)
    conditions = {product.condition for product in products}
    numbers = np.zeros(kernel.NUMBERS, np.int64)
    numbers[kernel.EPOCH], numbers[kernel.EVERY_TICK] = rule.epoch, dialect.every_tick
    numbers[kernel.SUMS], numbers[kernel.GRID] = SUMS[type(dialect.sums)], grid
    numbers[kernel.LEAST : kernel.LARGEST] = low, 0, -TAG_SIZE
    numbers[kernel.LARGEST :] = high, dialect.delay_most, TAG_SIZE - 1
    numbers[kernel.SIGN] = SIGNS[synapses.form.sign]
    numbers[kernel.X0_COUNTS] = "x0" in conditions
    numbers[kernel.Y0_COUNTS] = "y0" in conditions
    numbers[kernel.R0_COUNTS] = "r0" in conditions
    numbers[kernel.FIRST], numbers[kernel.SEED] = first, seed
    traces = [rule.traces.get(name) for name in TRACES]
    rewards = np.zeros(sources, np.int32)
    rewards[np.asarray(group.reward, np.int64)] = 1
    form = Form(
        numbers=numbers,
        products=np.array([words_of(product, longest) for product in products], np.int64),
        first=np.cumsum([0, *(0 if some is None else len(some.products) for some in sums)]).astype(np.int64),
        jumps=np.array(
            [[trace is not None for trace in traces], [0 if trace is None else trace.impulse for trace in traces]],
            np.int64,
        ),
        fade=fading(rule, dialect),
        place=np.stack([places(pre_id, sources), places(post_id, sources), rewards]),
        pre_id=pre_id,
        post_id=post_id,
        ends=np.stack([pre, post]).astype(np.int32),
        first_out=firsts(pre, pre_id.size),
        first_in=firsts(post, post_id.size),
        walk=np.stack([np.argsort(pre, kind="stable"), np.argsort(post, kind="stable")]).astype(np.int32),
    )
    count, epoch = source.size, rule.epoch
    delay, tag = np.asarray(synapses.delay, np.int64), np.broadcast_to(np.asarray(group.tag, np.int64), count)
    held = Held(
        wdt=np.stack([stored, delay, tag]).astype(np.int64),
        x=np.zeros((2, pre_id.size), np.int64),
        y=np.zeros((3, post_id.size), np.int64),
        r=np.zeros((1, 1), np.int64),
        x_at=np.zeros(pre_id.size, np.int64),
        y_at=np.zeros(post_id.size, np.int64),
        r_at=np.zeros(1, np.int64),
        x_stirred=np.zeros(pre_id.size, np.uint8),
        y_stirred=np.zeros(post_id.size, np.uint8),
        x_past=np.zeros((epoch + 1, 2, pre_id.size), np.int16),
        y_past=np.zeros((epoch + 1, 3, post_id.size), np.int16),
        r_past=np.zeros((epoch + 1, 1, 1), np.int16),
        known=np.zeros((4, kernel.NAMES), np.int64),
        visit=np.zeros(count, np.int32),
    )
    return form, held


def places(numbers: Ints, sources: int) -> npt.NDArray[np.int32]:
    """Where each neuron or input is in a list, -1 where it is not."""
    found = np.full(sources, -1, np.int32)
    found[numbers] = np.arange(numbers.size)
    return found


def firsts(place: npt.NDArray[np.integer], count: int) -> Ints:
    """(count + 1,): where those of each place begin, once they are sorted."""
    return np.concatenate([[0], np.cumsum(np.bincount(place, minlength=count))]).astype(np.int64)


class Learner:
    """What a group that learns holds while the cores run.

    form, held  as the kernel knows them
    synapses    places of its synapses among those that are delivered
    """

    def __init__(self, group: PlasticGroup, form: Form, held: Held, place: Ints, dialect: LearningDialect) -> None:
        self.group, self.form, self.held, self.place, self.dialect = group, form, held, place, dialect
        self.updates = 0
        self._heard: list[Ints] = []
        self._told: dict[int, int] = {}
        self._work = np.zeros(kernel.COUNTED, np.int64)
        self._changed = np.zeros(held.visit.size, np.int32)
        self._given = np.zeros(group.rule.epoch + 1, np.int64)
        self._is_given, self._never = np.zeros((2, group.rule.epoch + 1), np.uint8)

    def hear(self, spikes: Ints) -> None:
        """Keep spikes, (2, n) ticks at which learning knows them and numbers, for the end of their epoch."""
        if spikes.shape[1]:
            self._heard.append(spikes)

    def tell(self, reward: Mapping[int, int]) -> None:
        """Keep r1 by tick, for the end of its epoch."""
        self._told |= reward

    def end(self, tick: int) -> Ints:
        """The end of an epoch at `tick`; returns the synapses of which weight or delay changed."""
        epoch = self.group.rule.epoch
        heard = np.concatenate([np.zeros((2, 0), np.int64), *self._heard], axis=1)
        now = heard[0] <= tick
        self._heard = [] if now.all() else [heard[:, ~now]]
        heard = heard[:, now]
        heard = np.ascontiguousarray(heard[:, np.argsort(heard[0], kind="stable")])
        self._is_given[:] = 0
        for step in range(1, epoch + 1):
            if tick - epoch + step in self._told:
                self._given[step], self._is_given[step] = self._told.pop(tick - epoch + step), 1
        k = self.group.rule.decimation
        decimated = k is not None and (tick // epoch - self.dialect.first_decimated) % 2**k == 0
        kernel.learn(
            self.form,
            self.held,
            heard,
            self._given,
            self._is_given,
            self._never,
            tick - epoch,
            decimated,
            self._work,
            self._changed,
        )
        self.updates += int(self._work[kernel.UPDATES])
        return self._changed[: self._work[kernel.CHANGES]].astype(np.int64)

    def set_post(self, name: str, value: npt.NDArray[np.integer]) -> None:
        """Set y1, y2 or y3 to what the neurons have computed, as Loihi 2's neurons may do.

        value  (targets,) 0 to 127, in order of number; from now on, fading as the trace does (not, with tau=math.inf)

        Raises KeyError for a trace that the rule does not have, ValueError for values out of range.
        """
        if name not in POST or name not in self.group.rule.traces:
            have = [each for each in self.group.rule.traces if each in POST]
            raise KeyError(f"set_post: {name!r} is no trace of the target here; the rule has {have or 'none'}.")
        array = np.asarray(value)
        if array.shape != (self.form.post_id.size,) or not np.issubdtype(array.dtype, np.integer):
            raise ValueError(
                f"set_post: {array.dtype} of the shape {array.shape}; give a whole number for each of "
                f"{self.form.post_id.size} targets."
            )
        check_range(f"set_post: {name}", array, 0, MOST, "")
        self.held.y[POST.index(name)] = array

    @property
    def weight(self) -> Ints:
        """Mantissas, (synapses,)."""
        return self.held.wdt[0]

    @property
    def delay(self) -> Ints:
        """Ticks, (synapses,)."""
        return self.held.wdt[1]

    @property
    def tag(self) -> Ints:
        """Tags, (synapses,)."""
        return self.held.wdt[2]

    @property
    def traces(self) -> dict[str, Ints]:
        """The traces that the rule has as at the end of the last epoch: x1, x2 of each source, y1, y2, y3 of each
        target, both in order of number, r1 (1,).
        """
        every = [*self.held.x, *self.held.y, *self.held.r]
        return {name: every[TRACES.index(name)].copy() for name in self.group.rule.traces}
