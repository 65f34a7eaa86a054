"""From a network (data) to the arrays that the kernels walk."""

# pyright: basic
from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from reafference.engine.draw import Tract, tract_of
from reafference.engine.inbox import CHUNK, Inbox, empty_calendar
from reafference.engine.kernel import keep_apart
from reafference.engine.learning import ANTI_HEBBIAN, THREE_FACTOR, Rules
from reafference.engine.memory import check_memory
from reafference.engine.noise import noise_of
from reafference.engine.readback import Stored
from reafference.engine.shares import by_kernel, cuts_of, examples, identities, own_kinds, some
from reafference.engine.short_term import short_term_of
from reafference.engine.spike_learning import NoStdp
from reafference.engine.stdp_make import stdp_of
from reafference.engine.tick import Group, Probe
from reafference.engine.wire import counted, owners, wire
from reafference.network import AntiHebbian, Network, OneToOne, Population, Projection
from reafference.network.plasticity import IntervalRule, SpikeRule

MOST_PROJECTIONS = 2**15 - 1  # into one group of cells


@dataclass
class Cells:
    """All populations of one kind of neuron: one group, split among the workers.

    tracts   what projects to it, in the order of the inbox's `rule`, `one` and `shift`
    marks    fingerprints of their parts, by which drawing again is checked
    private  projections that reach it without an inbox, from sources whose kernel module is PRIVATE
    """

    module: ModuleType
    populations: list[Population]
    cuts: np.ndarray  # (own workers + 1,) int64, first neuron of each worker of this process, and the end
    tracts: list[Tract] = field(default_factory=list)
    marks: list[np.ndarray] = field(default_factory=list)
    private: list[Tract] = field(default_factory=list)

    @property
    def projections(self) -> list[Projection]:
        """What projects to it through the inbox, row by row."""
        return [tract.projection for tract in self.tracts]

    def stored(self, name: str, inboxes: list[Inbox]) -> Stored | None:
        """Where the synapses of projection `name` are, in the inboxes of this group; None if it does not end here."""
        for row, tract in enumerate(self.tracts):
            if tract.projection.name == name:
                return Stored(tract, row, self.marks[row], self.cuts, inboxes)
        return None


def build_groups(
    network: Network, dt: float, seed: int, workers: int, own: range | None = None
) -> tuple[list[Cells], list[list[Group]], list[Any]]:
    """Groups of cells, their arrays for each worker, and the sources.

    workers  among whom the cells of each group are divided evenly
    own      those of them that are built here; None: all. The sources are divided as if they were cells
    """
    own = range(workers) if own is None else own
    check_memory(network, dt, workers, len(own))
    groups: list[Cells] = []
    sources: list[Any] = []
    private: set[str] = set()
    for path, populations in by_kernel(network).items():
        module = importlib.import_module(path)
        keep_apart(module)
        if getattr(module, "PRIVATE", False):
            private |= {population.name for population in populations}
            continue
        cuts = cuts_of(sum(population.size for population in populations), workers, own)
        if hasattr(module, "part"):
            groups.append(Cells(module, populations, cuts))
            continue
        low, high = int(cuts[0]), int(cuts[-1])
        kinds = own_kinds(populations, low, high, getattr(module, "some", some))
        sources.append(module.make(kinds, identities(network, populations, low, high), dt, seed))
    project(network, groups, private, seed, dt)
    parts = [group_parts(group, network, dt) for group in groups]
    return groups, [[part[worker] for part in parts] for worker in range(len(own))], sources


def project(network: Network, groups: list[Cells], private: set[str], seed: int, dt: float) -> None:
    """Hand every projection to the group of its targets, ready to be drawn.

    Each has its own streams of random numbers, so that adding one leaves the others as they were.
    """
    end_of = {}
    for group in groups:
        place = 0
        for population in group.populations:
            end_of[population.name] = group, place
            place += population.size
    for number, projection in enumerate(network.projections):
        if projection.target.name not in end_of:
            raise ValueError(
                f"{projection.name}: {projection.target!r} is a source and takes no input; project onto a "
                "neuron such as CurrentLIF."
            )
        group, place = end_of[projection.target.name]
        first = network.first(projection.source.name)
        ready = tract_of(projection, number=number, source=first, place=place, seed=seed, dt=dt)
        if projection.source.name not in private:
            group.tracts.append(ready)
            continue
        alike = ready.weight is not None and ready.delay is not None and projection.short_term is None
        alike = alike and projection.release is None
        if not isinstance(projection.wiring, OneToOne) or not alike:
            raise ValueError(
                f"{projection.name}: {projection.source!r} is heard by one neuron each and needs OneToOne, one weight "
                "and one delay, without plasticity (long-term or short-term) and without release; or use Poisson."
            )
        group.private.append(ready)
    for group in groups:
        if len(group.tracts) > MOST_PROJECTIONS:
            raise ValueError(
                f"{len(group.tracts)} projections reach {type(group.populations[0].kind).__name__} neurons, above the "
                f"limit of {MOST_PROJECTIONS}; join some with an EdgeList."
            )


def group_parts(group: Cells, network: Network, dt: float) -> list[Group]:
    """The parts of one group that the workers of this process have."""
    counts = [counted(tract, owners(tract, group.cuts)) for tract in group.tracts]
    group.marks = [count.mark for count in counts]
    wired = wire(group.tracts, counts, group.cuts, network.neurons)
    del counts
    from_spikes = any(isinstance(projection.plasticity, SpikeRule) for projection in network.projections)
    result = []
    base, everybody = int(group.cuts[0]), made(group, dt)
    for low, high in zip(group.cuts[:-1].tolist(), group.cuts[1:].tolist(), strict=True):
        arrays = wired.pop(0)
        segments = arrays["delay"].size
        _, row = rules_of(group, network, dt, high - low, 1)
        rules, _ = rules_of(group, network, dt, high - low, max(segments, 1))
        stdp = stdp_of(group.tracts, arrays, dt, low, high) if from_spikes else NoStdp(np.zeros(0, np.uint8))
        inbox = Inbox(
            **arrays,
            rule=np.array([row.get(projection.name, -1) for projection in group.projections], np.int16),
            **empty_calendar(int(arrays["delay"].max(initial=1)), links=max(1024, segments // (4 * CHUNK))),
            most=np.array([np.diff(arrays["first"]).max(initial=0)]),
            identity=identities(network, group.populations, low, high),
            work=np.zeros(3, np.int64),
        )
        none = np.zeros(0, np.int64)
        cells = group.module.part(everybody, low - base, high - base)
        noise = noise_of(group.private, network, low, high)
        probe, fired = Probe(none, none, none), np.zeros(high - low, np.int32)
        short_term = short_term_of(group.tracts, inbox.first, inbox.projection, inbox.delay, dt)
        result.append(Group(cells, inbox, rules, stdp, short_term, noise, probe, fired))
    return result


def made(group: Cells, dt: float) -> Any:
    """The arrays of all cells of a group that this process has; those of others may follow."""
    low, high = int(group.cuts[0]), int(group.cuts[-1])
    kinds = own_kinds(group.populations, low, high, some)
    if high - low < sum(population.size for population in group.populations):
        shared = getattr(group.module, "SHARED", ())
        if shared or not kinds:
            kinds += examples(group.populations, shared)
    return group.module.make(kinds, dt)


def rules_of(group: Cells, network: Network, dt: float, cells: int, segments: int) -> tuple[Rules, dict[str, int]]:
    """The learning rules of a group that act at intervals; and the row of each projection that follows one."""
    plastic = [projection for projection in group.projections if isinstance(projection.plasticity, IntervalRule)]
    row = {projection.name: number for number, projection in enumerate(plastic)}
    rules = [projection.plasticity for projection in plastic if isinstance(projection.plasticity, IntervalRule)]
    teacher = np.zeros((len(rules), 4), np.int64)
    sizes = {population.name: population.size for population in network.populations}
    interval = np.ones(len(rules), np.int64)
    for number, rule in enumerate(rules):
        interval[number] = round(rule.interval / dt)
        if interval[number] < 1 or abs(interval[number] * dt - rule.interval) > 1e-6 * rule.interval:
            raise ValueError(
                f"{plastic[number].name}: interval = {rule.interval:g} s is no multiple of the step of {dt:g} "
                "s; make it one."
            )
        if isinstance(rule, AntiHebbian):
            own, other = network.first(rule.own), network.first(rule.other)
            teacher[number] = own, own + sizes[rule.own], other, other + sizes[rule.other]
    forms = np.array([ANTI_HEBBIAN if isinstance(rule, AntiHebbian) else THREE_FACTOR for rule in rules], np.int8)
    room = segments if rules else 1
    return Rules(
        form=forms,
        rate=np.array([-r.rate if isinstance(r, AntiHebbian) else r.rate for r in rules], np.float64),
        step=np.array([dt / r.tau for r in rules], np.float64),
        interval=interval,
        low=np.array([r.low for r in rules], np.float64),
        high=np.array([r.high for r in rules], np.float64),
        modulator=np.ones(len(rules)),
        memory=np.array([(r.normalise or 0.0) / r.interval for r in rules], np.float64),
        floor=np.array([r.floor for r in rules], np.float64),
        changes=np.zeros(len(rules), np.int64),
        teacher=teacher,
        signal=np.zeros(len(rules)),
        spiked=np.zeros((len(rules), cells if (forms == THREE_FACTOR).any() else 1), np.int32),
        trace=np.zeros(room),
        touched=np.zeros(room, np.int64),
        square=np.zeros(room),
        squared=np.zeros(room, np.int64),
        listed=np.zeros(room, np.bool_),
        waiting=np.zeros(room, np.int32),
        waiting_count=np.zeros(1, np.int64),
    ), row
