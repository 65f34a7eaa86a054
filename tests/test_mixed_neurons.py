"""Neurons of all kinds in one network: threads, injected currents, events from one kind to another, refractory time."""

from __future__ import annotations

import numpy as np
import pytest

from neuron_runs import KINDS, simulated
from reafference import (
    AdEx,
    ConductanceLIF,
    CurrentLIF,
    EdgeList,
    FixedProbability,
    Izhikevich,
    Network,
    Population,
    Projection,
    Simulation,
    SpikeTrain,
    Watch,
)
from reafference.units import ms, mV, nA, pA


def mixed(threads=1):
    """All kinds drive each other at random; two of them are driven by nothing else."""
    cells = Population("cells", 30, AdEx(current=np.linspace(0.5, 1.2, 30) * nA, refractory=2 * ms))
    conductance = Population("conductance", 25, ConductanceLIF())
    simple = Population("izhikevich", 25, Izhikevich())
    currents = Population("currents", 11, CurrentLIF())
    train = Population("train", 4, SpikeTrain(time=np.arange(1, 41) * 5 * ms, neuron=np.arange(40) % 4))
    populations = [cells, conductance, simple, currents, train]
    strength = {"cells": 15 * mV, "conductance": 1.5, "izhikevich": 6 * mV, "currents": 20 * mV}
    projections = [
        Projection(source, target, FixedProbability(0.25), weight=strength[target.name], delay=delay * ms)
        for delay, source in zip((1, 1.5, 0.3, 2, 1), populations, strict=True)
        for target in populations[:-1]
        if source is not target
    ]
    network = Network(populations=populations, projections=projections)
    watch = [Watch(population=p.name, neurons=[0, p.size - 1]) for p in populations[:-1]]
    return Simulation(network, threads=threads, seed=3, watch=watch)


def test_all_kinds_in_one_network_on_any_number_of_threads():
    runs = []
    for threads in (1, 2, 3):
        simulation = mixed(threads)
        spikes = [simulation.advance(0.12), simulation.advance(0.08)]
        runs.append([(s.tick.tobytes(), s.neuron.tobytes()) for s in spikes])
        recording = simulation.recording()
        runs[-1].append([trace.value.tobytes() for trace in recording.traces.values()])
    assert runs[0] == runs[1] == runs[2]
    assert all(np.count_nonzero(recording.counts(name)) > 3 for name in ("cells", *list(KINDS)[1:], "currents"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_current_that_is_injected_is_one_that_flows(kind):
    strong = {"adex": 0.9 * nA, "conductance": 0.3 * nA, "izhikevich": 10 * pA}[kind]
    constant, injected = simulated(KINDS[kind](current=strong)), simulated(KINDS[kind](current=0.25 * strong))
    injected.inject_current("cells", 0.75 * strong)
    for simulation in (constant, injected):
        simulation.advance(0.2)
    np.testing.assert_array_equal(constant.recording().of("cells")[0], injected.recording().of("cells")[0])
    assert constant.recording().of("cells")[0].size > 4
    injected.inject_current("cells", 0.0)
    injected.advance(0.2)
    assert injected.recording().of("cells")[0].max() < 0.2 + 1 * ms


def test_a_spike_of_one_kind_moves_another():
    """1.5 ms after the spike of a neuron of the first kind, v of the Izhikevich neuron is higher by the weight."""
    source = Population("cells", 1, ConductanceLIF(initial=-50 * mV, threshold=-50.1 * mV))
    target, other = Population("izhikevich", 2, Izhikevich(initial=-70 * mV)), Population("adex", 1, AdEx())
    currents, train = Population("currents", 1, CurrentLIF()), Population("train", 1, SpikeTrain())
    edges = EdgeList(source=[0], target=[1])
    projections = [Projection(source, target, edges, weight=3 * mV, delay=1.5 * ms)]
    simulation = Simulation(Network(populations=[source, target, other, currents, train], projections=projections))
    assert simulation.advance(0.1 * ms).neuron.tolist() == [0]
    simulation.advance(1.4 * ms)
    before = simulation.read("izhikevich")
    assert before[0] == before[1]
    simulation.advance(0.1 * ms)
    after = simulation.read("izhikevich")
    assert after[1] - after[0] == pytest.approx(3 * mV, abs=1e-15)


def test_synapses_and_adaptation_go_on_while_v_is_held():
    dt, refractory = 0.1 * ms, 4 * ms
    watch = [Watch(population="cells", variable=name) for name in ("v", "g_e")]
    lif = simulated(
        ConductanceLIF(refractory=refractory, initial=-50 * mV, current=1 * nA),
        events=[(20 * dt, 0, 2.0)],
        watch=watch,
    )
    lif.advance(60 * dt)
    v, g_e = (lif.recording().traces[f"cells.{name}"].value[:, 0] for name in ("v", "g_e"))
    assert lif.recording().of("cells")[0][0] == dt, "held for ticks 1 to 41"
    assert np.all(v[0:41] == -60 * mV) and v[41] > -60 * mV
    np.testing.assert_allclose(g_e[19:], 2.0 * np.exp(-np.arange(41) * dt / (5 * ms)), rtol=1e-12)
    watch = [Watch(population="cells", variable=name) for name in ("v", "w")]
    n = AdEx(refractory=refractory, reset=-60 * mV, current=2 * nA, initial=-45 * mV)
    adex = simulated(n, watch=watch)
    adex.advance(60 * dt)
    v, w = (adex.recording().traces[f"cells.{name}"].value[:, 0] for name in ("v", "w"))
    spike = int(np.rint(adex.recording().of("cells")[0][0] / dt)) - 1
    held = slice(spike, spike + 41)
    assert np.all(v[held] == -60 * mV) and v[spike + 41] > -60 * mV
    goal = n.a * (n.reset - n.rest)
    np.testing.assert_allclose(w[held], goal + (w[spike] - goal) * np.exp(-np.arange(41) * dt / n.tau_w), rtol=1e-12)
    assert w[spike] > n.b
