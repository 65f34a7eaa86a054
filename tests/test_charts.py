"""The charts against their plain twin, and against what a map must be."""

from __future__ import annotations

import numpy as np
import pytest

from charted_rooms import Room, planar
from plain_charts import PlainChart, plain_move, plain_overwrite, plain_shares
from reafference.brain.maps import charts as kernels
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.mapper import Mapper
from reafference.brain.maps.sheet import Sheet
from reafference.brain.worlds import AliasedRoom, Turning

TARGET, CELLS = planar(5)


def sheet(place, action):
    there = int(TARGET[place, action])
    return None if there < 0 else there


@pytest.mark.parametrize(
    ("rules", "height", "width"),
    [(Rules(quantum=0.0), 3, 9), (Rules(keep=0.98, most=2), 1, 3), (Rules(free=0b0101), 1, 9)],
)
def test_charts_do_what_the_plain_ones_do(rules, height, width):
    """Packets, tags, barriers, strengths, copies: in a room wider than the sheet, and where counts are halved."""
    symbols, size = 3, 16
    rng = np.random.default_rng(5)
    room = Room(height, width, symbols, 10_001, noise=0.05)
    first = room.sense()
    plain = [PlainChart(first) for _ in range(size)]
    fast = kernels.blank(size, len(TARGET), 4, symbols)
    for k in range(size):
        kernels.tag(fast, k, 0, first, symbols)
    back, weight, copies = kernels.way_back(TARGET), np.zeros(size), np.zeros(size, np.int64)
    copied, fullest, edge = 0, 0, 0
    for _ in range(400):
        action, draw = int(rng.choice(4, p=[0.1, 0.4, 0.1, 0.4])), rng.random(size)
        symbol = room.step(action)
        edge += int((TARGET[fast.place, action] < 0).sum())
        kernels.move(fast, TARGET, back, rules, action, symbol, symbols, draw)
        for k in range(size):
            plain_move(plain[k], sheet, rules, action, symbol, symbols, draw[k])
        assert fast.place.tolist() == [chart.place for chart in plain]
        np.testing.assert_allclose(fast.strength, [chart.strength for chart in plain], rtol=1e-12, atol=1e-12)
        fullest = max(fullest, int(fast.count.sum(axis=2).max()))
        effective = kernels.normalise(fast, weight)
        shares, plain_effective = plain_shares(plain)
        np.testing.assert_allclose(weight, shares, rtol=1e-9)
        assert effective == pytest.approx(plain_effective)
        if effective < size / 2:
            draw = rng.random()
            kernels.offspring(weight, draw, copies)
            copied += kernels.overwrite(fast, copies)
            plain_overwrite(plain, shares, draw)
    assert copied > size
    np.testing.assert_allclose(fast.standing, [chart.standing for chart in plain], rtol=1e-9)
    for k, chart in enumerate(plain):
        tags = {(place, s): n for place, count in chart.tags.items() for s, n in count.items() if n}
        assert {(int(c), int(s)): int(fast.count[k, c, s]) for c, s in np.argwhere(fast.count[k])} == tags
        barriers = {way: n for way, n in chart.barriers.items() if n}
        assert {(int(c), int(a)): int(fast.barrier[k, c, a]) for c, a in np.argwhere(fast.barrier[k])} == barriers
    assert edge > 0 and (fullest >= kernels.FULL) == (width == 3)


def test_copies_are_as_many_as_the_strengths_say():
    """Systematic resampling gives each chart one of the two whole numbers around its share."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        weight = rng.dirichlet(np.full(40, 0.3))
        copies = np.zeros(40, np.int64)
        kernels.offspring(weight, rng.random(), copies)
        assert copies.sum() == 40
        assert (np.abs(copies - 40 * weight) < 1 + 1e-9).all()


def test_a_room_of_places_that_look_alike_becomes_one_map():
    """24 places, 3 symbols: found as a map of 24 places that foretells, by commands and symbols alone."""
    room = Room(4, 6, 3, 10_002)
    mapper = Mapper(planar(12)[0], charts=128, symbols=3, first=room.sense(), seed=10_002)
    for _ in range(250):
        mapper.feel(room.step(mapper.act()))
    actions, seen, true = room.walk(400, 1)
    assert (mapper.hypotheses.foretell(actions, seen) == true).mean() > 0.99
    assert mapper.hypotheses.places() == 24


def test_a_twin_that_is_told_the_commands_has_the_map_too():
    """What it did not choose itself serves a passive twin as well, with draws and rests of its own."""
    room = Room(4, 6, 3, 10_002)
    first = room.sense()
    mapper, twin = (Mapper(planar(12)[0], charts=128, symbols=3, first=first, seed=seed) for seed in (10_002, 7))
    for _ in range(250):
        action = mapper.act()
        symbol = room.step(action)
        mapper.feel(symbol)
        twin.hear(action, symbol)
    actions, seen, true = room.walk(400, 1)
    assert twin.lived == mapper.lived
    assert (twin.hypotheses.foretell(actions, seen) == true).mean() > 0.99


def test_a_body_that_turns_maps_by_poses_once_it_knows_that_nothing_stops_a_turn():
    """Six places, 24 poses; turning does not change what is seen, so nothing else tells that the body turned."""
    right = {}
    for free in (0b011, 0):
        room = AliasedRoom(2, 3, symbols=3, body=Turning(), seed=10_001)
        first, info = room.reset(seed=1)
        target = Sheet.egocentric(9).target
        mapper = Mapper(target, charts=128, symbols=3, first=first, seed=1, rules=Rules(free=free))
        for _ in range(200):
            symbol, _, _, _, info = room.step(mapper.act())
            mapper.feel(int(symbol))
        actions = np.random.default_rng(1).integers(3, size=300)
        pose, seen = info["pose"], []
        for action in actions:
            pose = room.layout.target[pose, action]
            seen.append(room.layout.symbol[pose])
        right[free] = (mapper.hypotheses.foretell(actions, np.array(seen)) == seen).mean()
    assert right[0b011] > 0.99
    assert right[0] < 0.9


def test_without_the_commands_there_is_no_map():
    """The same charts, symbols and room, but somebody else's commands."""
    room, rng = Room(4, 6, 3, 10_002), np.random.default_rng(3)
    charts = Hypotheses(planar(12)[0], charts=128, symbols=3, first=room.sense(), rng=rng)
    for _ in range(250):
        charts.move(int(rng.integers(4)), room.step(int(rng.integers(4))))
    actions, seen, true = room.walk(400, 1)
    assert (charts.foretell(actions, seen) == true).mean() < 0.6


def test_evidence_is_what_a_single_chart_says():
    """With one chart the estimate is the product of what it foretold; living the past again repeats the past."""
    room, rng = Room(4, 6, 3, 10_003), np.random.default_rng(3)
    charts = Hypotheses(TARGET, charts=1, symbols=3, first=room.sense(), rng=rng)
    lived = []
    for action in rng.integers(4, size=30):
        lived.append((int(action), room.step(int(action))))
        charts.move(*lived[-1])
    assert charts.evidence == pytest.approx(charts.charts.strength[0])
    again = charts.relived(lived, [None] * len(lived))
    assert again.evidence < 0.0 and int(again.charts.count.sum()) == 31


def test_a_symbol_beyond_those_expected_is_an_error():
    charts = Hypotheses(TARGET, charts=2, symbols=3, first=0, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="symbol 3 is not one of 0 to 2"):
        charts.move(0, 3)
    with pytest.raises(ValueError, match="charts = 0"):
        Hypotheses(TARGET, charts=0, symbols=3, first=0, rng=np.random.default_rng(0))
