"""Sources outside a chip need no core; what they send takes axons and memory of the cores that hear them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs import random_graph
from plain_placement import plain_between, plain_messages, plain_traffic, plain_use, plain_violations
from reafference.chips.placement import (
    CoreLimits,
    Graph,
    Grown,
    ListBits,
    Mesh,
    Metis,
    Use,
    cut,
    place,
    traffic,
    violations,
)

BITS = ListBits(synapse=24, head=10, word=64)
TIGHT = CoreLimits(neurons=7, axons_in=40, axons_out=60, synapse_bits=8_000, list_bits=BITS)


def fed_graph(seed, outside=15, **more):
    """A random graph whose first neurons are sources outside the chip."""
    graph = random_graph(seed, **more)
    inside = graph.neurons - outside
    return replace(graph, target=outside + graph.target % inside, outside=np.arange(graph.neurons) < outside)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 2))
def test_a_cut_keeps_every_limit_with_what_comes_from_outside(seed, kinds):
    graph = fed_graph(seed, kinds=kinds, synapses=200)
    made = cut(graph, TIGHT, starts=(Grown(),), seed=seed)
    if made.shortages:
        assert made.shortages[0].resource in ("axons out", "axons in", "synapse memory")
        return
    assert np.array_equal(made.core < 0, graph.outside)
    assert plain_violations(graph, made.core, TIGHT) == set() == set(violations(graph, made.core, TIGHT))
    assert set(made.core[~graph.outside].tolist()) == set(range(made.cores))
    assert made.messages == plain_between(graph, made.core)


@pytest.mark.parametrize("limits", [CoreLimits(axons_in=30), CoreLimits(synapse_bits=6000, list_bits=BITS)])
def test_what_comes_from_outside_fills_cores(limits):
    graph = fed_graph(11, neurons=100, synapses=500, outside=60)
    made = cut(graph, limits, starts=(Grown(),))
    assert not made.shortages and plain_violations(graph, made.core, limits) == set()
    own = ~graph.outside[graph.source]
    without = replace(
        graph, source=graph.source[own], target=graph.target[own], kind=graph.kind[own], delay=graph.delay[own]
    )
    assert made.cores > cut(without, limits, starts=(Grown(),)).cores


def test_the_checker_and_the_traffic_count_like_the_plain_ones():
    graph = fed_graph(3, kinds=2)
    rng = np.random.default_rng(1)
    core = np.where(graph.outside, -1, rng.integers(0, 6, graph.neurons))
    core[~graph.outside] = np.unique(core[~graph.outside], return_inverse=True)[1]
    tight = CoreLimits(
        neurons=3, axons_in=10, axons_out=10, axons_per_neuron=2, fan_in=4, synapse_bits=900, list_bits=BITS
    )
    assert {(s.resource, s.where, s.needed, s.available) for s in violations(graph, core, tight)} == plain_violations(
        graph, core, tight
    )
    use, plain = Use(graph, core), plain_use(graph, core, BITS)
    assert dict(enumerate(use.neurons.tolist())) == dict(sorted(plain["neurons"].items()))
    mesh = Mesh(width=3, height=2)
    slot = rng.permutation(6)[: use.cores]
    got = traffic(graph, core, slot, mesh)
    load, histogram = plain_traffic(graph, core, [(s % 3, s // 3) for s in slot.tolist()], True)
    entering = sum(amount for (a, _), amount in plain_messages(graph, core).items() if a < 0)
    assert got.hops == sum(load.values()) and got.messages == sum(histogram.values()) and got.entering == entering > 0
    assert got.spikes == graph.spikes[~graph.outside].sum()


def test_metis_leaves_them_outside():
    pytest.importorskip("pymetis")
    graph = fed_graph(5, neurons=120, synapses=900)
    limits = CoreLimits(neurons=20)
    placed = place(graph, limits, Mesh(width=4, height=4), chip="toy", starts=(Metis(),))
    assert np.array_equal(placed.core < 0, graph.outside) and plain_violations(graph, placed.core, limits) == set()


def test_synapses_end_on_the_chip():
    with pytest.raises(ValueError, match="holds 0, which is outside"):
        Graph(2, np.array([1]), np.array([0]), outside=np.array([True, False]))
    with pytest.raises(ValueError, match="one truth value"):
        Graph(2, np.array([1]), np.array([0]), outside=np.array([True]))
    inside = Graph(2, np.array([0]), np.array([1]), outside=np.array([True, False]))
    with pytest.raises(ValueError, match="give a core"):
        violations(inside, np.array([0, -1]), CoreLimits())
