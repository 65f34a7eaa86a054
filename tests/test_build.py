"""Synapses lie where the kernels look for them, take the memory that was announced, and can be read back."""

from __future__ import annotations

import tracemalloc
from collections import defaultdict
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building import DT, SPREAD, built, network_of, one, population
from reafference import (
    AllToAll,
    DeltaLIF,
    EdgeList,
    FixedInDegree,
    FixedProbability,
    FixedTotalNumber,
    LogNormal,
    LogNormalDegree,
    Network,
    Normal,
    OneToOne,
    PairSTDP,
    PoissonInput,
    Population,
    Projection,
    RewardSTDP,
    SpikeTrain,
    ThreeFactor,
    TripletSTDP,
    Uniform,
)
from reafference.engine import draw, memory, wire
from reafference.engine.inbox import target_of
from reafference.engine.readback import set_weights, synapses_of, weights_of
from reafference.network.wiring import parts as wirings
from reafference.units import ms, mV

# --- against Python lists -------------------------------------------------------------------------------------------


@dataclass
class PlainSegment:
    """All synapses of one source, projection and delay: targets (in the group) and weights, in order of the wiring."""

    source: int
    row: int
    delay: int
    synapses: list[tuple[int, float]]


def plain_synapses(tract):
    """(source, target, weight, delay in ticks) of a whole projection in the order of its wiring."""
    drawn, number = [], 0
    for part in range(tract.parts.count):
        source, target = draw.synapses(tract, part)
        weight = draw.weights(tract, part, number, source.size)
        delay = draw.delays(tract, part, number, source.size)
        drawn += zip(source.tolist(), target.tolist(), weight.tolist(), delay.tolist(), strict=True)
        number += source.size
    return drawn


def plain_segments(tracts, low, high):
    """The segments of all synapses onto the neurons low <= i < high of a group, by source, projection and delay."""
    rows = defaultdict(list)
    for row, tract in enumerate(tracts):
        for source, target, weight, delay in plain_synapses(tract):
            if low <= tract.place + target < high:
                rows[tract.source + source, row, delay].append((tract.place + target - low, weight))
    return [PlainSegment(*key, rows[key]) for key in sorted(rows)]


def segments_of(inbox):
    """The same, as the kernels would walk it."""
    result = []
    for source in range(inbox.first.size - 1):
        for k in range(inbox.first[source], inbox.first[source + 1]):
            row = int(inbox.projection[k])
            walked = range(inbox.begin[k], inbox.begin[k] + inbox.count[k])
            weight = [
                inbox.weight[s - inbox.shift[row]] if np.isnan(inbox.one[row]) else inbox.one[row] for s in walked
            ]
            target = [int(target_of.py_func(inbox, s)) for s in walked]
            result.append(PlainSegment(source, row, int(inbox.delay[k]), list(zip(target, weight, strict=True))))
    return result


weights = st.sampled_from([
    1 * mV,
    -2 * mV,
    SPREAD,
    Uniform(low=-1 * mV, high=1 * mV),
    Normal(mean=-1 * mV, std=0.1 * mV, high=0.0),
    "array",
    "equal",
])  # fmt: skip
delays = st.sampled_from([
    1.5 * ms,
    Uniform(low=0.1 * ms, high=0.6 * ms),
    Uniform(low=1 * ms, high=300 * ms),
    LogNormal.with_mean(0.3 * ms, log_sigma=1.0),
    Normal(mean=0.2 * ms, std=0.1 * ms, low=0.0),
    "array",
    "equal",
])  # fmt: skip


@st.composite
def networks(draw):
    """Two populations of neurons and one of sources, joined at random in up to four projections."""
    sizes = {name: draw(st.integers(1, 40)) for name in ("train", "b", "a")}
    kinds = {"train": SpikeTrain(), "b": DeltaLIF(), "a": DeltaLIF()}
    populations = {name: Population(name, size, kinds[name]) for name, size in sizes.items()}
    projections = []
    for number in range(draw(st.integers(0, 4))):
        source, target = (
            populations[draw(st.sampled_from(["train", "b", "a"]))],
            populations[draw(st.sampled_from("ab"))],
        )
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        count = draw(st.integers(0, 150))
        edges = EdgeList(
            source=rng.integers(0, source.size, count), target=rng.integers(0, target.size, count, dtype=np.uint16)
        )
        exact = [edges, FixedInDegree(draw(st.integers(0, 9))), FixedTotalNumber(draw(st.integers(0, 99))), AllToAll()]
        other = [
            FixedProbability(draw(st.floats(0, 1))),
            LogNormalDegree(sent=LogNormal(log_mean=1.0, log_sigma=1.0)),
        ]
        weight, delay = draw(weights), draw(delays)
        law = draw(st.sampled_from(exact if isinstance(weight, str) or isinstance(delay, str) else exact + other))
        count = int(law.expected(source.size, target.size))
        arrays = {"array": rng.uniform(0.1, 2, count), "equal": np.full(count, 0.3)}
        options = {
            "weight": arrays[weight] * mV if isinstance(weight, str) else weight,
            "delay": arrays[delay] * ms if isinstance(delay, str) else delay,
            "plasticity": ThreeFactor(rate=0.0) if draw(st.booleans()) else None,
        }
        projections.append(Projection(source, target, law, name=str(number), **options))
    return Network(populations=list(populations.values()), projections=projections)


cases = settings(derandomize=True, deadline=None, max_examples=80)


@cases
@given(networks(), st.integers(1, 5), st.sampled_from([3, 50, 2**16]), st.booleans(), st.integers(0, 99))
def test_an_inbox_holds_what_python_lists_hold(network, workers, part, narrow, seed):
    with mock.patch.object(wirings, "PART", part), mock.patch.object(wire, "NARROW", 2**16 if narrow else 0):
        cells, inboxes = built(network, workers, seed=seed)
        assert (
            cells.cuts[[0, -1]].tolist() == [0, sum(inbox.identity.size for inbox in inboxes)]
            and np.ptp(np.diff(cells.cuts)) <= 1
        )
        for worker, inbox in enumerate(inboxes):
            low, high = cells.cuts[worker : worker + 2].tolist()
            assert segments_of(inbox) == plain_segments(cells.tracts, low, high)
            assert inbox.identity.tolist() == (network.populations[0].size + np.arange(low, high)).tolist()
            assert (inbox.wide if narrow else inbox.narrow).size == 0
            assert inbox.head.size > inbox.delay.max(initial=0)  # the calendar reaches as far as the longest delay
            plastic = [projection.plasticity is not None for projection in network.projections]
            assert (inbox.rule >= 0).tolist() == plastic


@cases
@given(networks(), st.integers(1, 5), st.data())
def test_who_builds_plays_no_part(network, workers, data):
    """Restricted to one target, the order of synapses is the same for any cuts and any share of the workers."""
    first = data.draw(st.integers(0, workers))
    last = data.draw(st.integers(first, workers))
    with mock.patch.object(wirings, "PART", 30):
        alone, some = built(network), built(network, workers, range(first, last))

    def by_target(cells, inboxes):
        events = defaultdict(list)
        for worker, inbox in enumerate(inboxes):
            for segment in segments_of(inbox):
                for target, weight in segment.synapses:
                    place = int(cells.cuts[worker]) + target
                    events[place].append((segment.source, segment.row, segment.delay, weight))
        return events

    assert some[0].cuts.tolist() == built(network, workers)[0].cuts[first : last + 1].tolist()
    everything, part = by_target(*alone), by_target(*some)
    low, high = some[0].cuts[[0, -1]]
    assert part == {target: events for target, events in everything.items() if low <= target < high}


@cases
@given(networks(), st.integers(1, 4), st.data())
def test_synapses_are_read_back_in_the_order_of_the_wiring(network, workers, data):
    own = range(data.draw(st.integers(0, workers)), workers)
    with mock.patch.object(wirings, "PART", data.draw(st.sampled_from([30, 2**16]))):
        check_readback(network, workers, own)


def check_readback(network, workers, own):
    cells, inboxes = built(network, workers, own)
    low, high = cells.cuts[[0, -1]]
    for tract in cells.tracts:
        stored = cells.stored(tract.projection.name, inboxes)
        mine = [synapse for synapse in plain_synapses(tract) if low <= tract.place + synapse[1] < high]
        read = synapses_of(stored)
        assert list(zip(*(column.tolist() for column in read[:3]), strict=True)) == [synapse[:3] for synapse in mine]
        assert np.rint(read.delay / DT).tolist() == [synapse[3] for synapse in mine]
        assert weights_of(stored).tolist() == read.weight.tolist()
        if tract.weight is None:
            others = [weights_of(cells.stored(t.projection.name, inboxes)) for t in cells.tracts if t is not tract]
            new = np.random.default_rng(1).random(read.weight.size)
            set_weights(stored, new)
            assert weights_of(stored).tolist() == new.tolist()
            for other, kept in zip((t for t in cells.tracts if t is not tract), others, strict=True):
                assert weights_of(cells.stored(other.projection.name, inboxes)).tolist() == kept.tolist()
        else:
            with pytest.raises(
                ValueError, match="keeps one weight for all synapses, as all were given the same; give it plasticity"
            ):
                set_weights(stored, read.weight)
    assert cells.stored("nobody", inboxes) is None


# --- what is kept and drawn -----------------------------------------------------------------------------------------


def test_each_projection_has_its_own_random_numbers():
    cells = population(50)
    options = {"weight": SPREAD, "plasticity": ThreeFactor(rate=0.0)}
    first, second = (Projection(cells, cells, FixedProbability(0.2), name=name, **options) for name in ("p", "q"))

    def read(name, *projections, seed=3):
        group, inboxes = built(network_of(*projections), seed=seed)
        return synapses_of(group.stored(name, inboxes))

    alone, together, other = read("p", first), read("p", first, second), read("q", first, second)
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)
    assert together.source.tobytes() != other.source.tobytes()
    assert together.weight.tobytes() != other.weight.tobytes()
    assert alone.weight.tobytes() != read("p", first, seed=4).weight.tobytes()


def test_parts_have_streams_of_their_own():
    with mock.patch.object(wirings, "PART", 64):
        network = one(64, FixedInDegree(4), weight=Uniform(low=0.0, high=1.0), delay=Uniform(low=1 * ms, high=1.0))
        cells, inboxes = built(network)
        read = synapses_of(cells.stored("cells -> cells", inboxes))
    for column in (read.source, read.weight, read.delay):
        pieces = {piece.tobytes() for piece in column.reshape(4, 64)}
        assert len(pieces) == 4
    assert not np.array_equal(np.argsort(read.weight), np.argsort(read.delay))


@pytest.mark.parametrize(
    ("weight", "stored"),
    [(1 * mV, 0), (np.full(400, 2 * mV), 0), (0.0, 0), (SPREAD, 400), (np.linspace(0, 1, 400) * mV, 400)],
    ids=str,
)
def test_one_weight_for_all_is_kept_once(weight, stored):
    network = one(20, AllToAll(), weight=weight)
    _, (inbox,) = built(network)
    assert inbox.weight.size == stored and np.isnan(inbox.one[0]) == (stored > 0)
    plastic = one(20, AllToAll(), weight=weight, plasticity=ThreeFactor(rate=0.0))
    _, (inbox,) = built(plastic)
    assert inbox.weight.size == 400 and np.isnan(inbox.one[0])


def test_private_input_has_no_synapses():
    cells = population(5)
    noise = Population("noise", 5, PoissonInput(rate=100.0))
    network = network_of(
        Projection(noise, cells, OneToOne(), weight=1 * mV),
        Projection(cells, cells, AllToAll(), weight=SPREAD),
    )
    group, (inbox,) = built(network)
    assert [tract.projection.name for tract in group.private] == ["noise -> cells"]
    assert [projection.name for projection in group.projections] == ["cells -> cells"]
    assert inbox.count.sum() == 25 and inbox.one.size == 1
    for options in (
        {"wiring": AllToAll()},
        {"weight": SPREAD},
        {"delay": Uniform(low=1 * ms, high=2 * ms)},
        {"plasticity": ThreeFactor(rate=0.0)},
    ):
        wrong = Projection(noise, cells, **({"wiring": OneToOne(), "weight": 1 * mV} | options))
        with pytest.raises(ValueError, match=r"noise -> cells: .* needs OneToOne, one weight and one delay"):
            built(network_of(wrong))


# --- memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "options", "each"),
    [
        (3000, {}, 2),
        (3000, {"weight": SPREAD}, 10),
        (70_000, {"weight": SPREAD}, 12),
        (3000, {"weight": SPREAD, "delay": Uniform(low=1 * ms, high=3 * ms)}, 10),
        (3000, {"delay": LogNormal.with_mean(5 * ms, log_sigma=0.7)}, 2),
        (3000, {"delay": Normal(mean=5 * ms, std=2 * ms, low=0.0)}, 2),
        (3000, {"plasticity": PairSTDP(high=2 * mV)}, 10),
        (3000, {"plasticity": TripletSTDP(high=2 * mV)}, 10),
        (3000, {"plasticity": RewardSTDP(high=2 * mV)}, 14),
    ],
    ids=["one", "own", "wide", "uniform", "log-normal", "normal", "pairs", "triplets", "reward"],
)
@pytest.mark.parametrize("workers", [1, 3])
def test_building_takes_little_more_than_what_stays(size, options, each, workers):
    degree = 900_000 // size
    network = one(size, FixedInDegree(degree), **options)
    built(one(10, FixedInDegree(3), **options), workers)  # whatever is loaded only once
    tracemalloc.start()
    _, inboxes = built(network, workers)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    synapses, segments = degree * size, sum(inbox.delay.size for inbox in inboxes)
    if size > 65_536 and workers > 1:
        each -= 2  # 16 bits are enough for the neurons of one worker
    cells = 150 * size + 8 * size * workers  # parameters, and `first` of each worker
    if "plasticity" in options:
        traces = memory.traces_of(network.projections)[network.populations[0].kind.kernel]
        cells += memory.learning(network.projections, DT, 1.0, workers) - (each - 10) * synapses + traces * segments
    assert kept < each * synapses + memory.SEGMENT * segments + cells + 1e6
    drawn = memory.DRAWN * synapses + memory.RUN * segments if "delay" in options else 0
    parts = memory.PART_BYTES * wirings.PART
    assert peak < max(kept, each * synapses + drawn) + cells + parts
    announced = memory.memory_needed(network, DT, workers, workers)
    assert 0.9 * (peak - parts) < announced < 1.4 * peak + parts


def test_a_network_far_too_large_is_refused_before_anything_is_drawn():
    a, b = population(10**6, "a"), population(10**6, "b")
    huge = network_of(Projection(a, b, AllToAll(), weight=1 * mV))
    with pytest.raises(MemoryError, match=r"about 1e\+12 synapses and 2e\+06 neurons and needs 3\.7\de\+03 GiB to be"):
        built(huge)
    assert memory.memory_needed(huge, DT, 100, 1) < memory.memory_needed(huge, DT, 100, 100) / 90  # a rank's share
