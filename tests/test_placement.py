"""Cores keep every limit, the mesh carries what it should, and the counts are those of the obvious way."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs import random_graph
from plain_placement import plain_between, plain_traffic, plain_use, plain_violations
from reafference.chips import DoesNotFit
from reafference.chips.placement import (
    Annealed,
    CoreLimits,
    Graph,
    Grown,
    ListBits,
    Mesh,
    Metis,
    RowMajor,
    Scattered,
    Use,
    XThenY,
    YThenX,
    cut,
    flow,
    how_cut,
    place,
    traffic,
    usual_starts,
    violations,
)

BITS = ListBits(synapse=24, head=10, word=64)
ROOMY = CoreLimits(neurons=12, axons_in=40, axons_out=60, fan_in=40, synapse_bits=12_000, list_bits=BITS)
seeds = st.integers(0, 10**6)


def broken(graph, core, limits):
    return {(s.resource, s.where, s.needed, s.available) for s in violations(graph, core, limits)}


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 3), st.integers(1, 9))
def test_the_checker_counts_like_the_plain_one(seed, kinds, cores):
    graph = random_graph(seed, kinds=kinds)
    core = np.random.default_rng(seed).integers(0, cores, graph.neurons)
    tight = CoreLimits(
        neurons=6, axons_in=30, axons_out=40, axons_per_neuron=4, fan_in=9, synapse_bits=3000, list_bits=BITS
    )
    assert broken(graph, core, tight) == plain_violations(graph, core, tight)
    for name in ("neurons", "axons_in", "axons_out", "axons_per_neuron", "fan_in"):
        one = CoreLimits(**{name: getattr(tight, name)})
        assert broken(graph, core, one) == plain_violations(graph, core, one)
    assert broken(graph, core, CoreLimits()) == set()
    use, plain = Use(graph, core), plain_use(graph, core, BITS)
    assert dict(enumerate(use.bits(tight).tolist())) == {c: plain["synapse memory"][c] for c in range(use.cores)}


def test_a_list_takes_whole_words():
    assert BITS.table(3).tolist() == [0, 64, 64, 128]  # 34, 58 and 82 bits


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(1, 2), st.integers(1, 4))
def test_a_cut_keeps_every_limit_and_counts_its_messages(seed, kinds, blocks):
    graph = random_graph(seed, kinds=kinds, blocks=blocks, synapses=200)
    made = cut(graph, ROOMY, starts=(Grown(),), seed=seed)
    if made.shortages:
        assert made.shortages[0].resource in ("axons out", "axons in", "fan-in", "synapse memory")
        assert made.shortages[0].needed > made.shortages[0].available
    else:
        assert plain_violations(graph, made.core, ROOMY) == set()
        assert set(made.core.tolist()) == set(range(made.cores))
        assert made.messages == plain_between(graph, made.core)


@pytest.mark.parametrize(
    "limits",
    [
        CoreLimits(neurons=7),
        CoreLimits(axons_in=45),
        CoreLimits(neurons=30, axons_out=90),
        CoreLimits(synapse_bits=6000, list_bits=BITS),
    ],
)
def test_each_limit_alone_is_kept_and_used(limits):
    graph = random_graph(11, kinds=2, neurons=100, synapses=500)
    made = cut(graph, limits, starts=(Grown(),))
    assert not made.shortages and plain_violations(graph, made.core, limits) == set()
    assert made.cores > 1 and plain_violations(graph, np.zeros(100, int), limits)  # one core would not do


def test_moves_only_lower_the_messages():
    graph = random_graph(3, neurons=120, synapses=1500, blocks=6)
    limits = CoreLimits(neurons=32, axons_in=70)
    messages = [cut(graph, limits, starts=(Grown(),), passes=passes).messages for passes in (0, 1, 5)]
    assert messages[0] > messages[1] >= messages[2]


def test_metis_finds_blocks_that_keep_to_themselves():
    pytest.importorskip("pymetis")
    graph = random_graph(5, neurons=160, synapses=4000, blocks=8, within=0.95)
    mixed = np.random.default_rng(0).permutation(160).astype(np.int32)  # numbers say nothing of blocks
    graph = replace(graph, source=mixed[graph.source], target=mixed[graph.target], spikes=None)
    block = np.empty(160, np.int32)
    block[mixed] = np.arange(160) // 20
    made = cut(graph, CoreLimits(neurons=22), starts=(Metis(),))
    assert made.cores == 8 and made.messages <= 1.05 * plain_between(graph, block)


def test_metis_parts_too_large_for_a_core_are_cut_again():
    pytest.importorskip("pymetis")
    graph = random_graph(7, neurons=100, synapses=500, kinds=2)
    limits = CoreLimits(neurons=20, axons_in=45, synapse_bits=6000, list_bits=BITS)
    made = cut(graph, limits, starts=(Metis(),))
    assert not made.shortages and plain_violations(graph, made.core, limits) == set()


def test_without_pymetis_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymetis", None)
    with pytest.raises(ImportError, match=r"reafference\[chips\].*Grown"):
        cut(random_graph(1), CoreLimits(neurons=5), starts=(Metis(),))


def test_without_pymetis_a_network_is_placed_all_the_same_and_a_report_says_so(monkeypatch):
    graph, limits = random_graph(2, neurons=60), CoreLimits(neurons=15)
    monkeypatch.setitem(sys.modules, "pymetis", None)
    assert usual_starts() == (Grown(),) and "reafference[chips]" in how_cut()[0]
    made = place(graph, limits, Mesh(width=3, height=2), chip="toy")
    assert plain_violations(graph, made.core, limits) == set()
    monkeypatch.undo()
    if importlib.util.find_spec("pymetis"):
        assert usual_starts() == (Metis(), Grown()) and how_cut() == []


@pytest.mark.parametrize("route", [XThenY(), YThenX()])
@pytest.mark.parametrize("seed", range(5))
def test_traffic_is_that_of_messages_that_walk(seed, route):
    graph = random_graph(seed, kinds=2, neurons=60)
    mesh = Mesh(width=3, height=2, cores=2, columns=2, rows=2, route=route)
    rng = np.random.default_rng(seed)
    core = rng.integers(0, 15, 60)
    slot = rng.permutation(mesh.slots)[:15]
    got = traffic(graph, core, slot, mesh)
    router = [((s // 2) % 6, (s // 2) // 6) for s in slot.tolist()]
    load, histogram = plain_traffic(graph, core, router, route.columns_first)
    seen = {}
    for (y, x), amount in np.ndenumerate(got.east):
        seen[(x, y), (x + 1, y)] = amount
    for (y, x), amount in np.ndenumerate(got.west):
        seen[(x + 1, y), (x, y)] = amount
    for (y, x), amount in np.ndenumerate(got.north):
        seen[(x, y), (x, y + 1)] = amount
    for (y, x), amount in np.ndenumerate(got.south):
        seen[(x, y + 1), (x, y)] = amount
    assert {link: amount for link, amount in seen.items() if amount} == {k: v for k, v in load.items() if v}
    assert dict(enumerate(got.histogram)) == {h: histogram[h] for h in range(got.histogram.size)}
    # Laws: every hop crosses one link, and the way is as long as the distance.
    assert got.hops == sum(load.values()) == float(np.arange(got.histogram.size) @ got.histogram)
    assert got.histogram.sum() == got.messages and got.spikes == graph.spikes.sum()
    crossing = {((2, y), (3, y)) for y in range(4)} | {((x, 1), (x, 2)) for x in range(6)}
    assert got.crossings == sum(v for (a, b), v in load.items() if (a, b) in crossing or (b, a) in crossing)
    assert got.busiest == max(load.values())
    name, x, y = got.busiest_link
    dx, dy = {"east": (1, 0), "west": (-1, 0), "north": (0, 1), "south": (0, -1)}[name]
    assert load[(x, y), (x + dx, y + dy)] == got.busiest


def chain(cores):
    """Each core sends to the next."""
    return Graph(cores, np.arange(cores - 1), np.arange(1, cores))


def test_arranging_shortens_the_way():
    mesh = Mesh(width=6, height=6)
    mixed = np.random.default_rng(4).permutation(36).astype(np.int32)
    graph = replace(chain(36), source=mixed[np.arange(35)], target=mixed[np.arange(1, 36)])
    one_each = np.arange(36)
    hops = {}
    for way in (Annealed(), Annealed(tries=100), RowMajor(), Scattered()):
        slot = way(flow(graph, one_each, 36), mesh, 1)
        assert len(set(slot.tolist())) == 36
        hops[way] = traffic(graph, one_each, slot, mesh).hops
    assert 35 <= hops[Annealed()] <= 39 <= 0.4 * hops[RowMajor()] and hops[Annealed()] < 0.4 * hops[Scattered()]
    again = Annealed()(flow(graph, one_each, 36), mesh, 1)
    assert np.array_equal(again, Annealed()(flow(graph, one_each, 36), mesh, 1))


def test_links_between_chips_are_avoided_as_they_cost_more():
    graph = Graph(8, np.repeat(np.arange(8), 8), np.tile(np.arange(8), 8), spikes=np.where(np.arange(8) < 4, 10.0, 1.0))
    crossings = []
    for cost in (1.0, 50.0):
        mesh = Mesh(width=2, height=2, columns=2, crossing=cost)
        slot = Annealed()(flow(chain(8), np.arange(8), 8), mesh, 0)
        crossings.append(traffic(chain(8), np.arange(8), slot, mesh).crossings)
    assert crossings[1] == 1 <= crossings[0]
    assert graph.neurons == 8


def test_as_few_chips_as_hold_the_cores():
    board = Mesh(width=4, height=4, cores=2, columns=4, rows=2)
    assert (board.holding(32).columns, board.holding(32).rows) == (1, 1)
    assert board.holding(33).columns * board.holding(33).rows == 2
    assert (board.holding(128).columns, board.holding(128).rows) == (2, 2)
    assert board.holding(10**6) == board
    assert board.chip(np.array([0, 7, 8, 32 * 4])).tolist() == [0, 0, 1, 4]


def test_a_placement_knows_its_chips_and_routes():
    graph = random_graph(2, neurons=60, synapses=240)
    found = place(
        graph, CoreLimits(neurons=6), Mesh(width=2, height=2, columns=4, rows=4), chip="toy", starts=(Grown(),)
    )
    assert found.cores == 10 and found.chips == 3 and found.mesh.columns * found.mesh.rows == 3
    assert found.traffic().messages == pytest.approx(sum(flow(graph, found.core, 10).data))


def test_what_cannot_be_placed_is_told_all_at_once():
    hub = Graph(
        50,
        np.r_[np.arange(50), np.zeros(49, int)],
        np.r_[np.zeros(50, int), np.arange(1, 50)],
        kind=np.r_[[0] * 50, range(49)],
    )
    limits = CoreLimits(neurons=4, axons_in=20, axons_out=30, synapse_bits=1000, list_bits=BITS)
    with pytest.raises(DoesNotFit) as raised:
        place(hub, limits, Mesh(width=2, height=2), chip="toy", starts=(Grown(),))
    named = {s.resource: s for s in raised.value.shortages}
    assert set(named) == {"axons in", "synapse memory"}
    assert named["axons in"].where == "neuron 0" and named["axons in"].needed == 50
    assert named["synapse memory"].needed == 50 * 64
    named = {s.resource: s.needed for s in cut(hub, limits, starts=(Grown(),)).shortages}  # where nothing may be added
    assert named == {"axons in": 50, "synapse memory": 50 * 64, "axons out": 49}
    with pytest.raises(DoesNotFit, match="needs 13 cores, has 4"):
        place(
            random_graph(1, neurons=50), CoreLimits(neurons=4), Mesh(width=2, height=2), chip="toy", starts=(Grown(),)
        )


def test_a_mesh_beyond_its_reach_is_refused():
    line = Mesh(width=12, height=1, reach=5)
    ring = Graph(12, np.arange(12), (np.arange(12) + 6) % 12)
    with pytest.raises(DoesNotFit, match="reach along an axis"):
        place(ring, CoreLimits(neurons=1), line, chip="toy", starts=(Grown(),), arrangement=RowMajor())


def test_graphs_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="target holds 5"):
        Graph(5, np.array([0]), np.array([5]))
    with pytest.raises(ValueError, match="the shortest is 1"):
        Graph(5, np.array([0]), np.array([1]), delay=np.array([0]))
    with pytest.raises(ValueError, match="one a synapse"):
        Graph(5, np.array([0]), np.array([1, 2]))
    with pytest.raises(ValueError, match="finite"):
        Graph(1, np.zeros(0, int), np.zeros(0, int), spikes=np.array([np.nan]))
    with pytest.raises(ValueError, match="at least 1"):
        CoreLimits(neurons=0)
    with pytest.raises(ValueError, match="go together"):
        CoreLimits(synapse_bits=100)


def test_empty_graphs_are_placed_too():
    nothing = np.zeros(0, np.int32)
    found = place(
        Graph(3, nothing, nothing), CoreLimits(neurons=2), Mesh(width=2, height=1), chip="toy", starts=(Grown(),)
    )
    assert found.cores == 2 and found.traffic().hops == 0 and found.traffic().busiest_link is None
    assert (
        place(Graph(0, nothing, nothing), CoreLimits(), Mesh(width=1, height=1), chip="toy", starts=(Grown(),)).cores
        == 0
    )
