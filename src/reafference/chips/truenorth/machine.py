"""A TrueNorth machine: legal cores on a mesh, run tick by tick in the chip's own integers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth import core as cores_room
from reafference.chips.truenorth import mesh as mesh_room
from reafference.chips.truenorth import tick as loops
from reafference.chips.truenorth.core import SIZE, Core, Parts, parts_of
from reafference.chips.truenorth.illegal import refuse
from reafference.chips.truenorth.mesh import REACH, Mesh
from reafference.chips.truenorth.pack import fabric_of, inner_axons, links_of
from reafference.chips.truenorth.rules import LEAST, MOST, Rules
from reafference.chips.truenorth.tables import AXONS, EVENTS, SWEPT, Seen, State, Train, scratch
from reafference.engine.barrier import BROKEN, barrier
from reafference.units import check_range

TICK = 1e-3  # s
CHUNK = 1 << 22  # words of recorded spikes that are kept before they are read
MOST_CORES = 2**20  # that a target can name here

Numbers = npt.NDArray[np.int64]


class Spikes(NamedTuple):
    """Spikes in order of tick, core and neuron, all (spikes,)."""

    tick: Numbers
    core: Numbers
    neuron: Numbers


NO_INPUT = Spikes(*(np.zeros(0, np.int64) for _ in range(3)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """What happened in some ticks.

    ticks      how many
    spikes     of the recorded cores
    potential  (ticks, watched) int32, of the watched neurons at the end of each tick
    work       what the chip did: "spikes", "axon_events" (active axons), "synaptic_events" (set bits of their rows),
               "neuron_updates" (the chip updates every neuron of a used core at every tick), "hops" (routers that
               spikes passed on), "crossings" (edges between chips), and of this machine "cores_swept", the cores it
               had to look at
    """

    ticks: int
    spikes: Spikes
    potential: npt.NDArray[np.int32]
    work: dict[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        work = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in self.work.items())
        return f"Run of {self.ticks} ticks: {work}"


class Machine:
    """TrueNorth chips that hold these cores.

    cores    what is programmed; a target names one by its number here
    mesh     chips side by side
    places   (cores, 2) int, x and y of each core; None: in order
    rules    readings of what is not published
    seed     of everything random
    threads  at least 1; no spike and no potential depends on how many

    Raises Illegal, which lists everything that the chip cannot hold.
    """

    def __init__(
        self,
        cores: Sequence[Core],
        *,
        mesh: Mesh | None = None,
        places: npt.ArrayLike | None = None,
        rules: Rules | None = None,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        rules = Rules() if rules is None else rules
        mesh = Mesh() if mesh is None else mesh
        parts = [parts_of(core) for core in cores]
        where = mesh.in_order(len(cores)) if places is None else np.asarray(places)
        refuse("TrueNorth", _problems(cores, parts, mesh, where, rules, seed, threads))
        self.mesh, self.rules, self.places = mesh, rules, where
        self.cores = len(cores)
        self.threads = min(threads, self.cores)
        self.tick = 0
        self._fabric = fabric_of(cores, parts, rules, seed)
        self._hops, self._crossings = _routes(parts, mesh, where)
        self._inner = inner_axons(parts)
        self._spikes = np.zeros(self.cores * SIZE, np.int64)
        start = np.zeros((self.cores, SIZE), np.int32)
        for row, core, part in zip(start, cores, parts, strict=True):
            row[: part.kind.size] = np.array([one.start for one in core.neurons], np.int32)[part.kind]
        self._state = State(
            potential=start.ravel(),
            inbox=np.zeros(16 * self.threads * self.cores * 4, np.uint64),
            asleep=np.zeros(self.cores, np.uint8),
            link=links_of(parts, self._inner),
            work=np.zeros((self.threads, 8), np.int64),
        )
        self._scratch = [scratch() for _ in range(self.threads)]
        self._code = loops.codes(self._fabric, self._scratch[0])
        self._pool = ThreadPoolExecutor(self.threads - 1) if self.threads > 1 else None

    @property
    def potential(self) -> npt.NDArray[np.int32]:
        """(cores, 256) int32, a copy."""
        return self._state.potential.reshape(self.cores, SIZE).copy()

    @property
    def spike_counts(self) -> Numbers:
        """(cores, 256) int64, of each neuron since the beginning, a copy."""
        return self._spikes.reshape(self.cores, SIZE).copy()

    def set_potential(self, potential: npt.ArrayLike) -> None:
        """Set all potentials, (cores, 256) int within 20 bits. Raises ValueError for others."""
        given = np.asarray(potential)
        if given.shape != (self.cores, SIZE):
            raise ValueError(f"potential has shape {given.shape}; give ({self.cores}, {SIZE}).")
        if given.dtype.kind not in "iu":
            raise TypeError(f"potential is an array of {given.dtype}; give whole numbers.")
        check_range("potential", given, LEAST, MOST, "")
        self._state.potential[:] = given.ravel()
        self._state.asleep[:] = 0

    def run(
        self,
        ticks: int,
        inputs: Spikes = NO_INPUT,
        *,
        record: Sequence[int] | None = None,
        watch: Sequence[tuple[int, int]] = (),
    ) -> Run:
        """Go on for so many ticks.

        inputs  spikes from outside: `neuron` is an axon here, `tick` counts from this call's first tick, 0
        record  cores whose spikes are kept, None: all; the counters always count all
        watch   (core, neuron) whose potential is kept

        Raises Illegal for inputs outside the machine or the run.
        """
        kept = np.arange(self.cores) if record is None else np.unique(np.asarray(record, np.int64))
        refuse("TrueNorth, run", _wrong_inputs(ticks, inputs, kept, watch, self.cores))
        order = np.argsort(inputs.tick, kind="stable")
        train = Train(
            np.asarray(inputs.tick, np.int64)[order] + self.tick,
            np.asarray(inputs.core, np.int32)[order],
            self._inner[np.asarray(inputs.core)[order], np.asarray(inputs.neuron)[order]].astype(np.int32),
        )
        record_at = np.full(self.cores, -1, np.int32)
        record_at[kept] = np.arange(kept.size)
        watched = np.array([SIZE * core + neuron for core, neuron in watch], np.int64)
        rows = max(1, min(ticks, CHUNK // max(4 * kept.size + watched.size, 64)))
        seen = Seen(
            np.zeros((rows, kept.size, 4), np.uint64), record_at, watched, np.zeros((rows, watched.size), np.int32)
        )
        before = self._totals()
        found, traces = [NO_INPUT], [np.zeros((0, watched.size), np.int32)]
        end = self.tick + ticks
        while self.tick < end:
            stop = min(end, self.tick + rows)
            seen.record[:] = 0
            self._advance(train, stop, seen)
            found.append(_read(seen.record[: stop - self.tick], kept, self.tick - (end - ticks)))
            traces.append(seen.trace[: stop - self.tick].copy())
            self.tick = stop
            self._spikes += self._state.link[1::2]
            self._state.link[1::2] = 0
        spikes = Spikes(*(np.concatenate(column) for column in zip(*found, strict=True)))
        after = self._totals()
        work = {name: after[name] - before[name] for name in after}
        work["neuron_updates"] = SIZE * self.cores * ticks
        return Run(ticks=ticks, spikes=spikes, potential=np.concatenate(traces), work=work)

    def _advance(self, train: Train, stop: int, seen: Seen) -> None:
        workers, gate = self.threads, barrier()
        left = slice(int(np.searchsorted(train.tick, self.tick)), None)
        train = Train(train.tick[left], train.core[left], train.axon[left])
        following = loops.begin(self._state, train, self.tick, workers, self.cores)
        cut = np.linspace(0, self.cores, workers + 1).astype(int).tolist()

        def work(row: int) -> None:
            share = np.array([row, workers, cut[row], cut[row + 1]], np.int64)
            span = np.array([self.tick, stop], np.int64)
            loops.advance(
                self._code, self._fabric, self._state, self._scratch[row], gate, train, following, share, span, seen
            )

        jobs = [self._pool.submit(work, row) for row in range(1, workers)] if self._pool is not None else []
        try:
            work(0)
        except BaseException:  # also Ctrl-C: nobody may wait for a worker that never comes
            gate[BROKEN] = 1
            raise
        for job in jobs:
            job.result()

    def _totals(self) -> dict[str, int]:
        work, spikes = self._state.work.sum(axis=0), self._spikes
        return {
            "spikes": int(spikes.sum()),
            "axon_events": int(work[AXONS]),
            "synaptic_events": int(work[EVENTS]),
            "neuron_updates": 0,
            "hops": int(spikes @ self._hops),
            "crossings": int(spikes @ self._crossings),
            "cores_swept": int(work[SWEPT]),
        }


def _problems(
    cores: Sequence[Core],
    parts: Sequence[Parts],
    mesh: Mesh,
    places: Numbers,
    rules: Rules,
    seed: int,
    threads: int,
) -> list[str]:
    """Everything that is wrong with a machine."""
    found = list(mesh_room.problems_of(mesh, places, len(cores)))
    if not cores:
        found.append("there are no cores; give at least one")
    if len(cores) > MOST_CORES:
        found.append(
            f"{len(cores):,} cores are above the limit of {MOST_CORES:,} of this simulation; split the program"
        )
    if threads < 1:
        found.append(f"threads = {threads} is below 1; use at least one")
    if not 0 <= seed < 2**63:
        found.append(f"seed = {seed} is outside 0 to 2^63 - 1; use a number within")
    fine = not found
    for number, (core, part) in enumerate(zip(cores, parts, strict=True)):
        wrong = [f"core {number}: {problem}" for problem in cores_room.problems_of(core, part, rules, len(cores))]
        found += wrong
        if fine and not wrong:
            some = np.flatnonzero(part.targets[:, 0] >= 0)
            away = np.abs(places[part.targets[some, 0]] - places[number]).max(axis=1, initial=0)
            for neuron in some[away > REACH][:1]:
                found.append(
                    f"core {number}: the target of neuron {neuron} is {away.max()} cores away along an axis, "
                    f"above the reach of {REACH}; place them nearer, or relay"
                )
    return found


def _routes(parts: Sequence[Parts], mesh: Mesh, places: Numbers) -> tuple[Numbers, Numbers]:
    """Hops and crossings of a spike of each neuron, (256 cores,)."""
    hops, crossings = (np.zeros((len(parts), SIZE), np.int64) for _ in range(2))
    for number, part in enumerate(parts):
        some = np.flatnonzero(part.targets[:, 0] >= 0)
        goal = places[part.targets[some, 0]]
        here = np.broadcast_to(places[number], goal.shape)
        hops[number, some], crossings[number, some] = mesh.hops(here, goal), mesh.crossings(here, goal)
    return hops.ravel(), crossings.ravel()


def _wrong_inputs(ticks: int, inputs: Spikes, kept: Numbers, watch: Sequence[tuple[int, int]], cores: int) -> list[str]:
    found: list[str] = []
    if ticks < 0:
        found.append(f"ticks = {ticks} is below 0; time goes forward")
    if len({np.shape(column) for column in inputs}) != 1:
        found.append(f"inputs have shapes {[np.shape(column) for column in inputs]}; give arrays of one length")
    limits = [("inputs: tick", inputs.tick, max(ticks, 1)), ("inputs: core", inputs.core, cores)]
    limits += [("inputs: axon", inputs.neuron, SIZE), ("record: core", kept, cores)]
    limits += [("watch: core", [core for core, _ in watch], cores), ("watch: neuron", [n for _, n in watch], SIZE)]
    for name, given, end in limits:
        values = np.asarray(given)
        if values.size and values.dtype.kind not in "iu":
            found.append(f"{name} is an array of {values.dtype}; give whole numbers")
        elif values.size and not 0 <= values.min() <= values.max() < end:
            wrong = values[(values < 0) | (values >= end)]
            found.append(f"{name} = {wrong[0]} is outside 0 to {end - 1}; {wrong.size} of {values.size} are wrong")
    return found


def _read(record: npt.NDArray[np.uint64], kept: Numbers, tick: int) -> Spikes:
    """Spikes of a record of bits (ticks, cores, 4), whose first row is `tick`."""
    row, core, word = np.nonzero(record)
    octets = record[row, core, word].astype("<u8").view(np.uint8).reshape(-1, 8)
    which, bit = np.nonzero(np.unpackbits(octets, axis=1, bitorder="little"))
    return Spikes(row[which] + tick, kept[core[which]], 64 * word[which] + bit)
