"""Count what Loihi does with given spikes, and how long its ticks take.

Within a tick each core goes through its neurons in order: it accesses each, updates those that have something to
update, and sends a message to every core that a spike is for. A core takes messages one after another in the order in
which they were sent, and for each walks the synapses. A tick is over when the last core has gone through its neurons
and its messages; then all cores meet at a barrier. `loihi_clock` has the rules.

This is the model of the public simulator SANA-FE (Boyle et al., IEEE TCAD 44 (2025) 3165-3178). With the prices of its
Loihi file and the spikes of its own runs, `benchmarks/chips/sanafe_prices.py` compares counts, energy and time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.chips.bill import Interval
from reafference.chips.pricing.loihi1 import LoihiTimes, LoihiWork
from reafference.chips.pricing.loihi_clock import Desk, Prices, Table, tick_seconds

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
KINDS = ("dense", "sparse", "convolution")
OUTSIDE = -1  # core of sources that stand outside the chip


@dataclass(frozen=True, kw_only=True, eq=False)
class LoihiRoutes:
    """Where neurons are and whom their spikes reach. Sources that stand on a core are neurons here.

    core      (neurons,) int, core of each; on a core they are gone through in the order of their numbers. OUTSIDE for
              sources outside the chip: their messages wait at their cores when a tick begins, and make no hops
    computed  (neurons,) bool, False for sources, which cost nothing but their messages
    first     (neurons + 1,) int: a spike of neuron n makes the messages first[n] <= m < first[n + 1], in this order
    to        (messages,) int, core
    events    (messages, 3) int, synaptic events there, of dense, sparse and convolved synapses
    x, y      (cores,) int, tile of each core: column and row, over all chips
    chip      (cores,) int, chip of each core; one for all, from 0

    Raises ValueError for arrays that do not fit together.
    """

    core: Ints
    computed: Bools
    first: Ints
    to: Ints
    events: Ints
    x: Ints
    y: Ints
    chip: npt.ArrayLike = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "chip", np.broadcast_to(np.asarray(self.chip), np.shape(self.x)))
        for name in ("core", "first", "to", "events", "x", "y", "chip"):
            array = np.asarray(getattr(self, name))
            if array.dtype.kind not in "iu":
                raise ValueError(f"LoihiRoutes.{name} holds {array.dtype}; give whole numbers.")
            least = OUTSIDE if name == "core" else 0
            if array.size and array.min() < least:
                raise ValueError(f"LoihiRoutes.{name} holds {array.min()}; numbers and counts start at {least}.")
            object.__setattr__(self, name, array.astype(np.int64))
        object.__setattr__(self, "computed", np.asarray(self.computed, np.bool_))
        neurons, messages, cores = self.core.size, self.to.size, self.x.size
        shapes = {
            "core": (neurons,), "computed": (neurons,), "first": (neurons + 1,), "to": (messages,),
            "events": (messages, len(KINDS)), "x": (cores,), "y": (cores,),
        }  # fmt: skip
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"LoihiRoutes.{name} has shape {getattr(self, name).shape}; it must have {shape}.")
        if self.first[0] != 0 or self.first[-1] != messages or (np.diff(self.first) < 0).any():
            raise ValueError(f"LoihiRoutes.first must rise from 0 to the {messages} messages.")
        for name in ("core", "to"):
            numbers = getattr(self, name)
            if numbers.size and numbers.max() >= cores:
                raise ValueError(f"LoihiRoutes.{name} names core {numbers.max()}; there are {cores}, numbered from 0.")
        if (self.computed & (self.core == OUTSIDE)).any():
            raise ValueError("LoihiRoutes.computed names neurons outside the chip; the chip computes only its own.")

    @property
    def used(self) -> Ints:
        """(cores,) int, cores on which there is a neuron."""
        return np.unique(self.core[self.core != OUTSIDE])

    @property
    def tiles(self) -> int:
        """Tiles on which there is a neuron, of the chip that has most of them."""
        tile = np.stack([np.asarray(each)[self.used] for each in (self.chip, self.x, self.y)])
        return int(np.bincount(np.unique(tile, axis=1)[0]).max(initial=0))

    @property
    def chips(self) -> int:
        """Chips on which there is a neuron."""
        return np.unique(np.asarray(self.chip)[self.used]).size


def loihi_routes(
    *,
    core: npt.ArrayLike,
    computed: npt.ArrayLike,
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    kind: npt.ArrayLike = 0,
    axon: npt.ArrayLike = 0,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    chip: npt.ArrayLike = 0,
) -> LoihiRoutes:
    """The routes of synapses: one message for each spike, axon and core that it is for, cores by their numbers.

    core, computed, x, y, chip  as of `LoihiRoutes`
    source, target        (synapses,) int, neurons
    kind                  0 dense, 1 sparse, 2 convolved: one, or one for each synapse
    axon                  number of the source's axon that the synapse is on: one, or one for each synapse

    Raises ValueError for a number of a neuron, core or kind that does not exist.
    """
    where, begins = np.asarray(core, np.int64), np.asarray(source, np.int64)
    ends, kinds = np.asarray(target, np.int64), np.broadcast_to(np.asarray(kind, np.int64), np.shape(source))
    for name, numbers, limit in (("source", begins, where.size), ("target", ends, where.size), ("kind", kinds, 3)):
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < limit:
            raise ValueError(
                f"loihi_routes: {name} runs from {numbers.min()} to {numbers.max()}; it is 0 to {limit - 1}."
            )
    if where.size and where.max() >= np.size(x):
        raise ValueError(f"loihi_routes: core names core {where.max()}; there are {np.size(x)}, numbered from 0.")
    axons = np.broadcast_to(np.asarray(axon, np.int64), begins.shape)
    cores, most = np.size(x), int(axons.max(initial=0)) + 1
    if (where[ends] == OUTSIDE).any():
        raise ValueError("loihi_routes: a target is outside the chip; synapses are on a core.")
    pair = (begins * most + axons) * max(cores, 1) + where[ends]
    pairs, message = np.unique(pair, return_inverse=True)
    events = np.bincount(message.ravel() * len(KINDS) + kinds, minlength=pairs.size * len(KINDS))
    counts = np.bincount(pairs // max(cores, 1) // most, minlength=where.size)
    return LoihiRoutes(
        core=where,
        computed=np.asarray(computed, np.bool_),
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        to=pairs % max(cores, 1),
        events=events.reshape(-1, len(KINDS)).astype(np.int64),
        x=np.asarray(x),
        y=np.asarray(y),
        chip=chip,
    )


@dataclass(eq=False)
class LoihiCounter:
    """Adds up tick after tick.

    times  what operations take, for each profile whose time is wanted

    `add` it every tick, then ask for `work`.
    """

    routes: LoihiRoutes
    times: tuple[LoihiTimes, ...] = ()
    counts: dict[str, int] = field(default_factory=dict[str, int])
    needed: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def __post_init__(self) -> None:
        routes = self.routes
        self._source = np.repeat(np.arange(routes.core.size), np.diff(routes.first))
        sender, to = routes.core[self._source], routes.to
        inside = sender != OUTSIDE
        hops = [np.abs(each[sender] - each[to]) * inside if to.size else np.zeros(0) for each in (routes.x, routes.y)]
        chip = np.asarray(routes.chip)
        crosses = inside & (chip[sender] != chip[to]) if to.size else np.zeros(0)
        # What a spike of each neuron makes, in the order of the names below.
        self._made = np.stack(
            [np.bincount(self._source, each, minlength=routes.core.size).astype(np.int64) for each in (
                *routes.events.T, np.ones(to.size), *hops, crosses
            )]
        )  # fmt: skip
        self._barrier = {each.profile: each.barrier(routes.tiles, routes.chips) for each in self.times}
        self._clock = {each.profile: (_prices(each), _takes(each, routes)) for each in self.times}
        self._table, self._desk = _table(routes), _desk(routes)

    def add(self, spiked: npt.ArrayLike, updated: npt.ArrayLike) -> None:
        """One tick.

        spiked   numbers of the neurons and sources that spike in it, in any order; a source that is there twice sends
                 twice, for which the clock takes no more time
        updated  (neurons,) bool: where state, bias or input was not 0; of sources it is not looked at, and a neuron
                 that spikes is updated
        """
        routes = self.routes
        who, fires = np.asarray(spiked, np.int64), np.zeros(routes.core.size, np.bool_)
        fires[who] = True
        busy = (np.asarray(updated, np.bool_) | fires) & routes.computed
        made = self._made[:, who].sum(axis=1)
        names = (*(f"events_{kind}" for kind in KINDS), "messages", "hops_east_west", "hops_north_south", "crossings")
        found = {
            "ticks": 1,
            "neuron_accesses": int(np.count_nonzero(routes.computed)),
            "neuron_updates": int(np.count_nonzero(busy)),
            "spikes": int(np.count_nonzero(fires & routes.computed)),
            **{name: int(count) for name, count in zip(names, made, strict=True)},
        }
        for name, count in found.items():
            self.counts[name] = self.counts.get(name, 0) + count
        for profile, (prices, takes) in self._clock.items():
            barrier = self._barrier[profile]
            if barrier is not None:
                low, high = self.needed.get(profile, (0.0, 0.0))
                spent = float(tick_seconds(prices, self._table, takes, fires, busy, self._desk))
                self.needed[profile] = low + spent + barrier.low, high + spent + barrier.high

    def work(self, seconds: float) -> LoihiWork:
        """All that was added. `seconds` that the chip was on."""
        clocks = {profile: Interval(*ends) for profile, ends in self.needed.items()}
        routes = self.routes
        return LoihiWork(
            seconds=seconds, chips=routes.chips, tiles=routes.tiles, clocks=clocks, **{"ticks": 0, **self.counts}
        )


def _prices(times: LoihiTimes) -> Prices:
    room = -1.0 if times.link_room is None else float(times.link_room)
    return Prices(
        times.access, times.update, times.spike, times.message_out, times.hop_east_west, times.hop_north_south, room
    )


def _takes(times: LoihiTimes, routes: LoihiRoutes) -> npt.NDArray[np.float64]:
    """(messages,) s that each takes its receiver."""
    return times.message_in + routes.events @ np.asarray(times.events, np.float64)


def _table(routes: LoihiRoutes) -> Table:
    """The routes as the kernel reads them; what is outside stands on a core of its own behind all others."""
    core = np.where(routes.core == OUTSIDE, routes.x.size, routes.core)
    order = np.argsort(core, kind="stable")
    sender = np.repeat(core, np.diff(routes.first))
    x, y = (np.append(each, 0) for each in (routes.x, routes.y))
    begin = np.searchsorted(core[order], np.arange(x.size + 1))
    height = int(y.max(initial=0)) + 1
    return Table(order, begin, routes.computed, routes.first, routes.to, sender, x, y, height, routes.x.size)


def _desk(routes: LoihiRoutes) -> Desk:
    cores, messages = routes.x.size + 1, routes.to.size
    links = (int(routes.x.max(initial=0)) + 1) * (int(routes.y.max(initial=0)) + 1) * 4 + cores
    whole = [np.zeros(cores, np.int64) for _ in range(6)]
    at, message, stop, what, head, tail = whole
    sent, free, due = np.zeros(cores), np.zeros(cores), np.zeros(cores)
    after, taken = np.zeros(messages, np.int64), np.zeros(messages)
    return Desk(at, message, stop, what, sent, free, due, head, tail, after, taken, np.zeros(links))


def count_loihi(
    routes: LoihiRoutes,
    ticks: Iterable[tuple[npt.ArrayLike, npt.ArrayLike]],
    *,
    seconds: float,
    times: tuple[LoihiTimes, ...] = (),
) -> LoihiWork:
    """What was done in all `ticks`, each (spiked, updated) as of `LoihiCounter.add`, in `seconds` of being on."""
    counter = LoihiCounter(routes, times)
    for spiked, updated in ticks:
        counter.add(spiked, updated)
    return counter.work(seconds)
