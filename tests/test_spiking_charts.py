"""Charts of spiking cells do what the charts of arrays do, given the same draws."""

from __future__ import annotations

import numpy as np
import pytest

from charted_rooms import Room, planar
from reafference.brain.maps import charts as kernels
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.spiking import SpikingCharts, leaking

RULES = Rules()


def test_packets_tags_and_strengths_are_those_of_the_twin():
    """A life with copies, noise, bumps, and the edge of the sheet."""
    size, symbols, target = 12, 3, planar(4)[0]
    rng, room = np.random.default_rng(2), Room(3, 7, symbols, 10_004, noise=0.05)
    first = room.sense()
    cells = SpikingCharts(target, charts=size, symbols=symbols, first=first, rules=RULES)
    twin, rules = kernels.blank(size, len(target), 4, symbols), leaking(RULES)
    for k in range(size):
        kernels.tag(twin, k, 0, first, symbols)
    back, weight, copies = kernels.way_back(target), np.zeros(size), np.zeros(size, np.int64)
    copied, stayed, edge = 0, 0, 0
    for _ in range(150):
        action, draw = int(rng.choice(4, p=[0.1, 0.4, 0.1, 0.4])), rng.random(size)
        symbol, before = room.step(action), twin.place.copy()
        cells.move(action, symbol, draw)
        kernels.move(twin, target, back, rules, action, symbol, symbols, draw)
        assert cells.charts.place.tolist() == twin.place.tolist()
        np.testing.assert_allclose(cells.charts.strength, twin.strength, atol=1e-6)
        assert cells.spikes <= 4 * size + size * RULES.levels + 3
        stayed += int((before == twin.place).sum())
        edge += int((target[before, action] < 0).sum())
        if kernels.normalise(twin, weight) < size / 2:
            kernels.offspring(weight, rng.random(), copies)
            copied += kernels.overwrite(twin, copies)
            cells.overwrite(copies)
    assert copied > size and stayed > size and edge > 0
    assert (cells.charts.count == twin.count).all() and (cells.charts.barrier == twin.barrier).all()


def test_surprise_must_be_told_in_spikes():
    with pytest.raises(ValueError, match="how many nats"):
        SpikingCharts(planar(2)[0], charts=2, symbols=2, first=0, rules=Rules(quantum=0.0))
