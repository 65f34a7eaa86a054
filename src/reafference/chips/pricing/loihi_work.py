"""Count what Loihi does with given spikes, and how long its ticks take.

Within a tick each core goes through its neurons in order: it accesses each, updates those that have something to
update, and sends a message to every core that a spike is for. A core takes messages one after another in the order in
which they were sent, and for each walks the synapses. A tick is over when the last core has gone through its neurons
and its messages; then all cores meet at a barrier.

This is the model of the public simulator SANA-FE (Boyle et al., IEEE TCAD 44 (2025) 3165-3178) as its documentation and
the traces of its messages show it, without one thing: messages that wait because a link is busy. On the networks that
`benchmarks/chips/sanafe_prices.py` compares, the time of all ticks was within 1 % of that package's (12 networks).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reafference.chips.bill import Interval
from reafference.chips.pricing.loihi1 import LoihiTimes, LoihiWork

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
KINDS = ("dense", "sparse", "convolution")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoihiRoutes:
    """Where neurons are and whom their spikes reach. Sources that stand on a core are neurons here.

    core      (neurons,) int, core of each; on a core they are gone through in the order of their numbers
    computed  (neurons,) bool, False for sources, which cost nothing but their messages
    first     (neurons + 1,) int: a spike of neuron n makes the messages first[n] <= m < first[n + 1], in this order
    to        (messages,) int, core
    events    (messages, 3) int, synaptic events there, of dense, sparse and convolved synapses
    x, y      (cores,) int, tile of each core: column and row; one chip

    Raises ValueError for arrays that do not fit together.
    """

    core: Ints
    computed: Bools
    first: Ints
    to: Ints
    events: Ints
    x: Ints
    y: Ints

    def __post_init__(self) -> None:
        for name in ("core", "first", "to", "events", "x", "y"):
            array = np.asarray(getattr(self, name))
            if array.dtype.kind not in "iu":
                raise ValueError(f"LoihiRoutes.{name} holds {array.dtype}; give whole numbers.")
            if array.size and array.min() < 0:
                raise ValueError(f"LoihiRoutes.{name} holds {array.min()}; numbers and counts start at 0.")
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

    @property
    def tiles(self) -> int:
        """Tiles on which there is a neuron."""
        return np.unique(np.stack([self.x[self.core], self.y[self.core]]), axis=1).shape[1]


def loihi_routes(
    *,
    core: npt.ArrayLike,
    computed: npt.ArrayLike,
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    kind: npt.ArrayLike = 0,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
) -> LoihiRoutes:
    """The routes of synapses: one message for each spike and core that it is for, cores in the order they first come.

    core, computed, x, y  as of `LoihiRoutes`
    source, target        (synapses,) int, neurons
    kind                  0 dense, 1 sparse, 2 convolved: one, or one for each synapse

    Raises ValueError for a number of a neuron, core or kind that does not exist.
    """
    where, begins = np.asarray(core, np.int64), np.asarray(source, np.int64)
    ends, kinds = np.asarray(target, np.int64), np.broadcast_to(np.asarray(kind, np.int64), np.shape(source))
    for name, numbers, limit in (("source", begins, where.size), ("target", ends, where.size), ("kind", kinds, 3)):
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < limit:
            raise ValueError(
                f"loihi_routes: {name} runs from {numbers.min()} to {numbers.max()}; it is 0 to {limit - 1}."
            )
    cores = np.size(x)
    pair = begins * max(cores, 1) + where[ends]
    _, first, message = np.unique(pair, return_index=True, return_inverse=True)
    events = np.zeros((first.size, len(KINDS)), np.int64)
    np.add.at(events, (message.ravel(), kinds), 1)
    order = np.lexsort((first, begins[first]))
    counts = np.bincount(begins[first], minlength=where.size)
    return LoihiRoutes(
        core=where,
        computed=np.asarray(computed, np.bool_),
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        to=where[ends[first[order]]],
        events=events[order],
        x=np.asarray(x),
        y=np.asarray(y),
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
        # Neurons in the order in which their core goes through them, core after core.
        self._order = np.argsort(routes.core, kind="stable")
        self._begin = np.searchsorted(routes.core[self._order], np.arange(routes.x.size))
        self._source = np.repeat(np.arange(routes.core.size), np.diff(routes.first))
        self._hops = np.stack(
            [
                np.abs(routes.x[routes.core[self._source]] - routes.x[routes.to]),
                np.abs(routes.y[routes.core[self._source]] - routes.y[routes.to]),
            ]
        )

    def add(self, spiked: npt.ArrayLike, updated: npt.ArrayLike) -> None:
        """One tick.

        spiked   numbers of the neurons and sources that spike in it, in any order
        updated  (neurons,) bool: where state, bias or input was not 0; of sources it is not looked at
        """
        routes = self.routes
        fires = np.zeros(routes.core.size, np.bool_)
        fires[np.asarray(spiked, np.int64)] = True
        busy = np.asarray(updated, np.bool_) & routes.computed
        message = np.flatnonzero(fires[self._source])
        events = routes.events[message].sum(axis=0)
        hops = self._hops[:, message].sum(axis=1)
        found = {
            "ticks": 1,
            **{f"events_{kind}": int(count) for kind, count in zip(KINDS, events, strict=True)},
            "neuron_accesses": int(np.count_nonzero(routes.computed)),
            "neuron_updates": int(np.count_nonzero(busy)),
            "spikes": int(np.count_nonzero(fires & routes.computed)),
            "messages": message.size,
            "hops_east_west": int(hops[0]),
            "hops_north_south": int(hops[1]),
        }
        for name, count in found.items():
            self.counts[name] = self.counts.get(name, 0) + count
        for times in self.times:
            spent = self._tick(fires & routes.computed, busy, message, times)
            low, high = self.needed.get(times.profile, (0.0, 0.0))
            barrier = times.barrier(routes.tiles)
            self.needed[times.profile] = low + spent + barrier.low, high + spent + barrier.high

    def work(self, seconds: float) -> LoihiWork:
        """All that was added. `seconds` that the chip was on."""
        clocks = {profile: Interval(*ends) for profile, ends in self.needed.items()}
        chips = int(self.routes.core.size > 0)
        return LoihiWork(
            seconds=seconds, chips=chips, tiles=self.routes.tiles, clocks=clocks, **{"ticks": 0, **self.counts}
        )

    def _tick(self, fires: Bools, busy: Bools, message: Ints, times: LoihiTimes) -> float:
        """s from the barrier before to the last core that is done."""
        routes, order = self.routes, self._order
        spent = np.where(routes.computed, times.access, 0.0) + busy * times.update + fires * times.spike
        sent = np.bincount(self._source[message], minlength=order.size)
        done = np.empty(order.size)  # when the core of a neuron is through with it and its messages
        all_before = np.cumsum((spent + sent * times.message_out)[order])
        base = np.concatenate([[0.0], all_before])[self._begin]
        done[order] = all_before - base[routes.core[order]]
        last = float(done.max(initial=0.0))
        if not message.size:
            return last
        source = self._source[message]
        rank = message - routes.first[source]  # of a message among those of its spike
        leaves = done[source] - (sent[source] - 1 - rank) * times.message_out
        arrives = leaves + times.hop_east_west * self._hops[0, message] + times.hop_north_south * self._hops[1, message]
        takes = np.asarray(times.message_in + routes.events[message] @ np.asarray(times.events), np.float64)
        return max(last, _queues(routes.core[source], routes.to[message], leaves, arrives, takes))


def _queues(sender: Ints, to: Ints, leaves: Floats, arrives: Floats, takes: Floats) -> float:
    """When the last of all messages is done, each core taking its own one after another in the order they were sent.

    A core is done with message k at f_k = max(arrives_k, f_(k-1)) + takes_k. With T_k the sum of takes_1 to takes_k
    this is T_k + max over j <= k of (arrives_j - T_(j-1)), so that no loop over messages is needed.
    """
    order = np.lexsort((sender, np.round(leaves, 15), to))  # at the same femtosecond, the core of lower number first
    to, arrives, takes = to[order], arrives[order], takes[order]
    begins = np.flatnonzero(np.concatenate([[True], to[1:] != to[:-1]]))
    last = 0.0
    for begin, end in zip(begins, [*begins[1:], to.size], strict=True):
        summed = np.cumsum(takes[begin:end])
        last = max(last, float(summed[-1] + np.max(arrives[begin:end] - summed + takes[begin:end])))
    return last


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
