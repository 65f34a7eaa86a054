"""Spikes of Poisson sources on their way: counted beforehand, refused where they would not fit."""

from __future__ import annotations

import numpy as np
import pytest

from reafference import (
    AllToAll,
    DeltaLIF,
    FixedProbability,
    LogNormal,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    Simulation,
    Uniform,
)
from reafference.engine.traffic import mean_delay, traffic
from reafference.units import ms, mV


def sources_of(rate, size, *, delay):
    sources, cells = Population("sources", size, Poisson(rate=rate)), Population("cells", 50, DeltaLIF())
    joined = Projection(sources, cells, FixedProbability(0.5), weight=1e-9, delay=delay)
    return Network(populations=[sources, cells], projections=[joined])


@pytest.mark.parametrize("delay", [5 * ms, Uniform(1 * ms, 9 * ms), Normal(mean=5 * ms, std=1 * ms, low=1 * ms)])
def test_the_calendar_holds_what_was_foreseen(delay):
    network = sources_of(2000.0, 400, delay=delay)
    simulation = Simulation(network, record=())
    simulation.advance(50 * ms)
    inbox = simulation._groups[0][0].inbox
    waiting = 0
    for bucket, link in enumerate(inbox.head.tolist()):
        while link >= 0:
            following = int(inbox.link[link])
            waiting += inbox.entry.shape[1] if following >= 0 else int(inbox.fill[bucket])
            link = following
    spikes, needed = traffic(network, 0.1 * ms, 1, 1, {})
    assert spikes == pytest.approx(80.0)
    assert (needed - spikes * 12 * 2 * 2) / 4.25 == pytest.approx(waiting, rel=0.25)


def test_mean_delays():
    assert mean_delay(np.zeros(0)) == 0.0  # of a projection without synapses
    drawn = LogNormal.with_mean(5 * ms, log_sigma=0.7)
    assert mean_delay(drawn) == pytest.approx(5 * ms)
    assert mean_delay(Uniform(1 * ms, 3 * ms)) == pytest.approx(2 * ms)
    assert mean_delay(np.array([1 * ms, 5 * ms])) == pytest.approx(3 * ms)


def test_rates_that_would_overflow_the_calendar_are_refused():
    sources, cells = Population("sources", 10**6, Poisson(rate=1e6)), Population("cells", 2, DeltaLIF())
    network = Network(
        populations=[sources, cells], projections=[Projection(sources, cells, AllToAll(), weight=1 * mV, delay=0.9)]
    )
    with pytest.raises(
        MemoryError, match=r"about 1e\+08 spikes in a tick of 0\.0001 s, and those on their way take 3\.\d"
    ):
        Simulation(network)


def test_a_rate_that_is_raised_too_far_is_refused_and_changes_nothing():
    network = sources_of(10.0, 10**5, delay=0.9)
    simulation = Simulation(network, record=())
    with pytest.raises(MemoryError, match="Lower the rates"):
        simulation.set_rate("sources", 1e6)
    assert simulation._workers.sources[0].rate.max() < 0.01
