"""A network that was split for a chip fires the same spikes, one by one, and fits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs import random_graph
from plain_placement import plain_violations
from plain_relays import plain_run
from reafference.chips import DoesNotFit
from reafference.chips.placement import (
    Copies,
    CoreLimits,
    Graph,
    Grown,
    Mesh,
    Relays,
    Role,
    Spread,
    copied,
    place,
    relayed,
    unchanged,
)

seeds = st.integers(0, 10**6)


def cells(seed, graph):
    """Thresholds, leaks and input from outside that keep a network busy, and integer weights of both signs."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-3, 9, graph.synapses)
    threshold = rng.integers(5, 20, graph.neurons).tolist()
    leak = rng.integers(0, 9, graph.neurons).tolist()
    driven = zip(rng.integers(0, 40, 200).tolist(), rng.integers(0, graph.neurons, 200).tolist(), strict=True)
    return replace(graph, weight=weight), threshold, leak, dict.fromkeys(driven, 12)


def spikes_of_the_network(extended, threshold, leak, drive, neurons, ticks=60):
    run = plain_run(extended.graph, extended.role, extended.origin, threshold, leak, drive, ticks)
    return {spike for spike in run if spike[1] < neurons}, run


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 6), st.sampled_from([None, 1, 2]))
def test_relays_keep_every_spike_and_make_axons_fit(seed, cores, each):
    graph = random_graph(seed, neurons=30, synapses=200, kinds=2)
    graph = replace(graph, delay=graph.delay + 3)
    graph, threshold, leak, drive = cells(seed, graph)
    core = np.random.default_rng(seed).integers(0, cores, 30)
    limits = CoreLimits(neurons=40, axons_in=300, axons_out=45, axons_per_neuron=each)
    made = relayed(graph, core, limits)
    assert not made.shortages
    assert plain_violations(made.extended.graph, made.core, limits) == set()
    before, _ = spikes_of_the_network(unchanged(graph), threshold, leak, drive, 30)
    after, _ = spikes_of_the_network(made.extended, threshold, leak, drive, 30)
    assert after == before and len(before) > 30
    assert made.extended.price.neurons == len(made.extended.role) - 30
    # The price in spikes is what relays fire.
    counted = np.bincount([n for _, n in before], minlength=30)
    priced = relayed(replace(graph, spikes=counted.astype(float)), core, limits)
    assert priced.extended.price.spikes == counted[priced.extended.origin[priced.extended.role == Role.RELAY]].sum()


def test_a_tree_of_relays_reaches_what_a_single_group_cannot():
    graph = Graph(60, np.zeros(59, int), np.arange(1, 60), delay=np.full(59, 5), weight=np.full(59, 9))
    core = np.arange(60)
    limits = CoreLimits(neurons=4, axons_in=9, axons_out=4, axons_per_neuron=1)
    made = relayed(graph, core, limits)
    assert not made.shortages and plain_violations(made.extended.graph, made.core, limits) == set()
    assert made.extended.price.neurons == 59 + 15 + 4  # one an axon; one for each of 15 groups; one for each 4 of these
    before, after = (
        spikes_of_the_network(extended, [5] * 60, [0] * 60, {(2, 0): 9}, 60)[0]
        for extended in (unchanged(graph), made.extended)
    )
    assert after == before == {(2, 0)} | {(7, n) for n in range(1, 60)}


def test_too_short_delays_are_refused_with_what_is_missing():
    graph = Graph(6, np.zeros(5, int), np.arange(1, 6), delay=np.array([1, 4, 4, 4, 4]))
    made = relayed(graph, np.arange(6), CoreLimits(neurons=9, axons_per_neuron=1))
    (short,) = made.shortages
    assert (short.resource, short.where, short.needed, short.available) == ("delay", "neuron 0", 2, 1)
    assert "copy the neuron" in short.remedy and made.extended.price.neurons == 0
    made = relayed(graph, np.arange(6), CoreLimits(axons_out=4))  # the short one goes direct, the others by relay
    assert not made.shortages and made.extended.price.neurons == 1
    made = relayed(replace(graph, delay=np.ones(5, int)), np.arange(6), CoreLimits(axons_out=2))
    (short,) = made.shortages
    assert (short.resource, short.where, short.needed, short.available) == ("axons out", "core 0", 5, 2)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 6), st.integers(1, 3))
def test_copies_keep_every_spike_at_any_delay(seed, cores, each):
    graph = random_graph(seed, neurons=30, synapses=150, kinds=2)
    graph, threshold, leak, drive = cells(seed, graph)
    core = np.random.default_rng(seed).integers(0, cores, 30)
    made, where = copied(graph, core, each)
    assert plain_violations(made.graph, where, CoreLimits(axons_per_neuron=each)) == set()
    before, _ = spikes_of_the_network(unchanged(graph), threshold, leak, drive, 30)
    after, everything = spikes_of_the_network(made, threshold, leak, drive, 30)
    assert after == before and len(before) > 20
    assert {(t, int(made.origin[n])) for t, n in everything} == before  # a copy fires when its origin does
    assert heard(made.graph, where, made.origin) == heard(graph, core, made.origin)  # no core hears more


def heard(graph, core, origin):
    """Axons of the network's neurons that reach a core, as (core, neuron, kind)."""
    of = zip(core[graph.target].tolist(), origin[graph.source].tolist(), graph.kinds().tolist(), strict=True)
    return set(of)


def test_places_choose_the_way_with_the_fewest_cores():
    graph = random_graph(9, neurons=100, synapses=400)
    graph = replace(graph, delay=graph.delay + 1)
    limits = CoreLimits(neurons=20, axons_out=25)
    board = Mesh(width=8, height=8)
    cores = {}
    for name, ways in (("spread", (Spread(),)), ("relays", (Relays(),)), ("both", (Spread(), Relays()))):
        found = place(graph, limits, board, chip="toy", ways=ways, starts=(Grown(),))
        assert plain_violations(found.graph, found.core, limits) == set()
        cores[name] = found.cores
        assert (found.extended.price.neurons > 0) == (found.graph.neurons > 100)
        assert found.traffic().spikes == graph.spikes.sum() + found.extended.price.spikes
    assert cores["both"] == min(cores.values()) and cores["spread"] != cores["relays"]
    with pytest.raises(DoesNotFit, match="axons out"):
        place(graph, limits, board, chip="toy", ways=(), starts=(Grown(),))


def test_a_chip_with_one_axon_a_neuron_is_served_by_copies_or_relays():
    graph = random_graph(4, neurons=80, synapses=400)
    limits = CoreLimits(neurons=40, axons_in=60, axons_per_neuron=1)
    board = Mesh(width=8, height=8)
    found = place(graph, limits, board, chip="toy", ways=(Copies(),), starts=(Grown(),))
    assert plain_violations(found.graph, found.core, limits) == set()
    assert set(found.extended.role.tolist()) == {Role.NEURON, Role.COPY}
    with pytest.raises(DoesNotFit, match="needs 2 tick delay, has 1"):
        place(graph, limits, board, chip="toy", ways=(Relays(),), starts=(Grown(),))
    found = place(replace(graph, delay=graph.delay + 1), limits, board, chip="toy", ways=(Relays(),), starts=(Grown(),))
    assert plain_violations(found.graph, found.core, limits) == set()
