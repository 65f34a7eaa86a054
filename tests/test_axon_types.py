"""Few axon types make every weight exactly, with as few axons as an exhaustive search finds on small cores."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs import random_graph
from reafference.chips.placement import Graph, typed

seeds = st.integers(0, 10**6)


def weighted(seed, levels, neurons=30, synapses=200):
    graph = random_graph(seed, neurons=neurons, synapses=synapses)
    rng = np.random.default_rng(seed)
    own = rng.choice(levels, (neurons, 4))  # at most four different weights a neuron
    # One synapse a pair, so that no sums of weights appear.
    key = np.unique(graph.source * neurons + graph.target)
    source, target = key // neurons, key % neurons
    return Graph(
        neurons, source, target, weight=own[target, rng.integers(0, 4, target.size)], delay=rng.integers(1, 3, key.size)
    )


def effective(made):
    """Weight of each (source, target, delay) as a crossbar adds it up: by the type of each axon, from the table."""
    total = {}
    axon_type = {}
    graph = made.graph
    columns = (graph.source, graph.target, graph.kind, graph.delay, made.type)
    for s, t, k, d, g in np.stack(columns, axis=1).tolist():
        assert axon_type.setdefault((s, k), (g, d)) == (g, d)  # an axon has one type and one delay
        total[s, t, d] = total.get((s, t, d), 0) + int(made.table[t, g])
    return total, len(axon_type)


def wanted(graph):
    total = {}
    for s, t, d, w in np.stack((graph.source, graph.target, graph.delays(), graph.weight), axis=1).tolist():
        total[s, t, d] = total.get((s, t, d), 0) + w
    return {key: w for key, w in total.items() if w}


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([[1, 2, 3], [-200, -3, 0, 7, 255], list(range(-9, 10))]))
def test_four_types_make_every_weight_of_neurons_with_four(seed, levels):
    graph = weighted(seed, levels)
    made = typed(graph)
    assert not made.shortages
    total, axons = effective(made)
    assert total == wanted(graph) and axons == made.axons >= made.needed
    assert np.array_equal(made.graph.weight, made.table[made.graph.target, made.type])
    assert np.array_equal(graph.source[made.synapse], made.graph.source)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_more_weights_than_types_are_made_as_sums(seed):
    graph = random_graph(seed, neurons=20, synapses=150)  # with repeated synapses, whose weights add
    rng = np.random.default_rng(seed)
    graph = replace(graph, weight=rng.integers(0, 3, graph.synapses), kind=None)
    made = typed(graph)
    assert not made.shortages and effective(made)[0] == wanted(graph)
    signed = weighted(seed, list(range(-8, 8)))
    signed = replace(signed, weight=rng.integers(-8, 8, signed.synapses))  # up to 15 different ones
    made = typed(signed)
    assert not made.shortages and effective(made)[0] == wanted(signed)


def fewest(graph, types):
    """Fewest axons over all choices of all neurons, by trying all."""
    neurons = [n for n in range(graph.neurons) if np.any(graph.target == n)]
    weights = {n: sorted(set(graph.weight[graph.target == n].tolist())) for n in neurons}
    synapses = list(zip(graph.source.tolist(), graph.target.tolist(), graph.weight.tolist(), strict=True))
    best = len(synapses)
    for choice in product(*(permutations(range(types), len(weights[n])) for n in neurons)):
        of = {(n, w): g for n, took in zip(neurons, choice, strict=True) for w, g in zip(weights[n], took, strict=True)}
        best = min(best, len({(s, of[t, w]) for s, t, w in synapses}))
    return best


def test_choices_come_close_to_the_fewest_axons():
    best = mine = alone = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        key = rng.choice(6 * 4, 14, replace=False)
        graph = Graph(6, key // 4, key % 4, weight=rng.integers(1, 4, 14) * (1 + key % 4))
        best += fewest(graph, 3)
        mine += typed(graph, types=3).axons
        alone += typed(graph, types=3, passes=1).axons
    assert best <= mine <= 1.1 * best and mine <= alone


def test_weights_that_no_table_makes_are_refused_with_what_is_missing():
    source, target = np.arange(12), np.repeat([12, 13], 6)
    weight = np.array([1, 10, 100, 37, 211, 5, 1, 2, 300, 4, 5, 6])
    made = typed(Graph(14, source, target, weight=weight))
    assert [(s.resource, s.where, s.needed, s.available) for s in made.shortages] == [
        ("different weights", "neuron 12", 6, 4),
        ("different weights", "neuron 13", 6, 4),
    ]
    assert made.graph.synapses == 0
    (short,) = typed(Graph(2, np.array([0]), np.array([1]), weight=np.array([300]))).shortages
    assert (short.resource, short.needed, short.available) == ("weight", 300, 255)
    with pytest.raises(ValueError, match="whole numbers"):
        typed(Graph(2, np.array([0]), np.array([1]), weight=np.array([0.5])))
    empty = typed(Graph(2, np.zeros(0, int), np.zeros(0, int), weight=np.zeros(0, int)))
    assert empty.axons == 0 and not empty.shortages
