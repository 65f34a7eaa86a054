"""Charts of spiking cells do what the charts of arrays do, given the same draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from charted_rooms import Room, planar
from plain_charts import PlainChart, plain_move, plain_preplay
from reafference.brain.maps import charts as kernels
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.dream import preplay
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.mapper import Exploration, Mapper
from reafference.brain.maps.patch import around, seedling
from reafference.brain.maps.replay import chance, order, walk, way_home
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking import SpikingCharts, leaking
from reafference.brain.maps.spiking_hypotheses import SPIKING, DreamingHypotheses, SpikingHypotheses

TARGET, _ = planar(9)
SIZE, SYMBOLS = 12, 3


def sheet(place, action):
    there = int(TARGET[place, action])
    return None if there < 0 else there


def in_weights(cells):
    """Tags and barriers of all places that are known, from the weights of their synapses alone."""
    count = np.zeros_like(cells.charts.count)
    barrier = np.zeros_like(cells.charts.barrier)
    chart, cell = np.nonzero(cells.charts.known)
    row = chart * cells.patch.cells.size + cells.patch.number[cell]
    count[chart, cell] = cells.weights.tags(row)
    for action in range(cells.actions):
        inside = cells.target[cell, action] >= 0
        barrier[chart[inside], cell[inside], action] = cells.weights.evidence(row[inside], action)
    return count, barrier


def test_packets_tags_and_strengths_are_those_of_the_twin():
    """A life with copies, noise, bumps, the edge of the sheet, and places that are made on the way."""
    target = planar(4)[0]
    rng, room = np.random.default_rng(2), Room(3, 7, SYMBOLS, 10_004, noise=0.05)
    first = room.sense()
    cells = SpikingCharts(target, charts=SIZE, symbols=SYMBOLS, first=first, rules=SPIKING, patch=seedling(target, 1))
    twin, rules = kernels.blank(SIZE, len(target), 4, SYMBOLS), leaking(SPIKING)
    for k in range(SIZE):
        kernels.tag(twin, k, 0, first, SYMBOLS)
    back, weight, copies = kernels.way_back(target), np.zeros(SIZE), np.zeros(SIZE, np.int64)
    copied, stayed, edge, grown = 0, 0, 0, cells.built
    for _ in range(150):
        action, draw = int(rng.choice(4, p=[0.1, 0.4, 0.1, 0.4])), rng.random(SIZE)
        symbol, before = room.step(action), twin.place.copy()
        cells.move(action, symbol, draw)
        kernels.move(twin, target, back, rules, action, symbol, SYMBOLS, draw)
        assert cells.charts.place.tolist() == twin.place.tolist()
        np.testing.assert_allclose(cells.charts.strength, twin.strength, atol=1e-6)
        np.testing.assert_allclose(cells.charts.standing, twin.standing, atol=1e-6)
        assert cells.spikes <= 3 * SIZE + SIZE * SPIKING.levels + 3
        stayed += int((before == twin.place).sum())
        edge += int((target[before, action] < 0).sum())
        if kernels.normalise(twin, weight) < SIZE / 2:
            kernels.offspring(weight, rng.random(), copies)
            copied += kernels.overwrite(twin, copies)
            cells.overwrite(copies)
    assert copied > SIZE and stayed > SIZE and edge > 0 and cells.built > grown
    assert cells.patch.cells.size <= around(target, np.flatnonzero(twin.known.any(axis=0)), 4).size
    count, barrier = in_weights(cells)
    assert (count == twin.count).all() and (barrier == twin.barrier).all()
    assert (cells.charts.count == twin.count).all() and (cells.charts.barrier == twin.barrier).all()


@pytest.mark.parametrize("free", [0, 0b010])
def test_bodies_that_turn_have_packets_too(free):
    """Three actions, of which going forward has no single one that leads back; symbols of no world."""
    target, size, rules = Sheet.egocentric(3).target, 6, SPIKING._replace(free=free)
    cells = SpikingCharts(target, charts=size, symbols=2, first=0, rules=rules, patch=seedling(target, 1))
    twin, back, rng = kernels.blank(size, len(target), 3, 2), kernels.way_back(target), np.random.default_rng(1)
    for k in range(size):
        kernels.tag(twin, k, 0, 0, 2)
    for action, symbol in rng.integers([3, 2], size=(40, 2)).tolist():
        draw = rng.random(size)
        cells.move(action, symbol, draw)
        kernels.move(twin, target, back, leaking(rules), action, symbol, 2, draw)
        assert cells.charts.place.tolist() == twin.place.tolist()
    count, barrier = in_weights(cells)
    assert (count == twin.count).all() and (barrier == twin.barrier).all() and (barrier[:, :, 2] != 0).any()


def test_a_patch_is_what_lies_around():
    """On a plane: all cells within so many steps, and targets that are those of the sheet."""
    sheet, where = planar(9)
    for ahead in (0, 1, 3):
        near = around(sheet, np.array([0, 7]), ahead)
        assert near.tolist() == [
            i
            for i, (x, y) in enumerate(where)
            if min(abs(x - where[c][0]) + abs(y - where[c][1]) for c in (0, 7)) <= ahead
        ]
    patch = seedling(sheet, 1).grown(np.array([7]), 2)
    for i, cell in enumerate(patch.cells.tolist()):
        for action, there in enumerate(sheet[cell].tolist()):
            inside = there in patch.cells
            assert patch.target[i, action] == (patch.cells.tolist().index(there) if inside else -2)
    assert patch.cells[0] == 0 and patch.holds(np.array([7]), 2) and not patch.holds(np.array([7]), 4)


def test_weights_are_the_only_memory():
    """R2 at one place, past the number at which counts are halved: the counts are in the weights, however often."""
    target = planar(1)[0]
    cells = SpikingCharts(target, charts=1, symbols=SYMBOLS, first=0, rules=SPIKING)
    twin, plain, rng = kernels.blank(1, len(target), 4, SYMBOLS), PlainChart(0), np.random.default_rng(1)
    kernels.tag(twin, 0, 0, 0, SYMBOLS)
    for symbol in rng.choice(SYMBOLS, size=230, p=[0.7, 0.25, 0.05]).tolist():
        cells.weights.meet(np.zeros(1, np.int64), symbol)
        kernels.tag(twin, 0, 0, symbol, SYMBOLS)
        plain_move(plain, lambda place, action: None, SPIKING, 0, symbol, SYMBOLS, 0.5)
        counted = [plain.tags[0].get(s, 0) for s in range(SYMBOLS)]
        assert cells.weights.tags(np.zeros(1, np.int64))[0].tolist() == counted == twin.count[0, 0].tolist()
    assert sum(counted) < kernels.FULL


def lived(seed, steps):
    """Charts of cells and plain ones after the same life, and its story: (action, places)."""
    rng, room = np.random.default_rng(seed), Room(3, 4, SYMBOLS, 10_005, noise=0.05)
    first = room.sense()
    start = seedling(TARGET, 1)
    cells = SpikingCharts(TARGET, charts=SIZE, symbols=SYMBOLS, first=first, rules=SPIKING, patch=start)
    plain = [PlainChart(first) for _ in range(SIZE)]
    story = [(-1, cells.charts.place.tolist())]
    for action in rng.integers(4, size=steps).tolist():
        symbol, draw = room.step(action), rng.random(SIZE)
        cells.move(action, symbol, draw)
        for k in range(SIZE):
            plain_move(plain[k], sheet, leaking(SPIKING), action, symbol, SYMBOLS, draw[k])
        story.append((action, cells.charts.place.tolist()))
    return cells, plain, room, rng, story


def to_spikes(chances):
    """What is left of probabilities when they are told in spikes: all that are likelier than chance are alike."""
    told = [float(p > 1.2 / len(chances)) for p in chances]
    return [t / sum(told) for t in told] if sum(told) else [1 / len(chances)] * len(chances)


def test_motifs_are_preplayed_in_spikes():
    """Scores are those of the plain charts with answers rounded, close to those without; nothing is changed by it."""
    cells, plain, room, rng, _ = lived(3, 60)
    weight = rng.dirichlet(np.ones(SIZE))
    weight[3] = 1e-9  # not asked
    weight /= weight.sum()
    motifs = rng.integers(4, size=(24, 6))
    value = rng.random(len(TARGET)) * 0.1
    before = cells.charts.strength.copy()
    dreamt = preplay(cells, weight, motifs, decay=0.8, novelty=0.1, leader=5, value=value)
    asked = np.where(weight > 1e-6, weight, 0.0)
    exact = [
        plain_preplay(plain, asked, sheet, SPIKING, motif, SYMBOLS, 0.8, 0.1, 5, lambda place: value[place], to_spikes)
        for motif in motifs.tolist()
    ]
    np.testing.assert_allclose(dreamt.score, exact, atol=1e-6)
    score = np.zeros(len(motifs))
    at, mean = np.zeros(SIZE, np.int32), np.zeros(SYMBOLS)
    kernels.preplay(
        cells.charts, TARGET, SPIKING, weight, motifs.astype(np.int32), SYMBOLS, 0.8, 0.1, 5, value, at, mean, score
    )
    assert spearmanr(score, dreamt.score).statistic > 0.8
    assert dreamt.spikes > 2 * (SIZE - 1) * motifs.size
    for action in rng.integers(4, size=20).tolist():  # awake again, strengths as before
        symbol, draw = room.step(action), rng.random(SIZE)
        cells.move(action, symbol, draw)
        for k in range(SIZE):
            plain_move(plain[k], sheet, leaking(SPIKING), action, symbol, SYMBOLS, draw[k])
        assert cells.charts.place.tolist() == [chart.place for chart in plain]
    np.testing.assert_allclose(cells.charts.strength, [chart.strength for chart in plain], atol=1e-6)
    assert (before > cells.charts.strength).any()


def test_replay_keeps_the_order_of_life():
    """Backwards and forwards in the order of a lived walk, and in none where the commands are shuffled."""
    cells, _, _, rng, story = lived(3, 60)
    stretch = np.array([places[2] for _, places in story[-25:]])
    given = np.array([action for action, _ in story[-24:]])
    home = way_home(TARGET, cells.back, stretch, given)
    both = walk(cells, 2, np.concatenate([home, given]))
    back, forth = order(stretch, both[: home.size]), order(stretch, both[home.size :])
    lost = [
        order(stretch, walk(cells, 2, np.concatenate([home, rng.permutation(given)]))[home.size :]) for _ in range(24)
    ]
    assert back.score < -0.5 and chance(back, lost) < 0.05 and forth.score > 0.5 and chance(forth, lost) < 0.05
    assert abs(np.mean([o.score * o.known for o in lost])) < 0.3
    assert sum(chance(o, [*lost[:i], *lost[i + 1 :]]) < 0.05 for i, o in enumerate(lost)) <= 2


def test_a_motif_that_leaves_all_places_made_so_far_comes_back():
    """Three actions out and three back, at the start of a life, when places are few."""
    cells, plain, _, _, _ = lived(3, 0)
    before, weight, out_and_back = cells.patch.cells.size, np.full(SIZE, 1 / SIZE), [1, 1, 1, 3, 3, 3]
    value = np.zeros(len(TARGET))
    dreamt = preplay(cells, weight, np.array([out_and_back]), decay=0.8, novelty=0.1, leader=5, value=value)
    exact = plain_preplay(
        plain, weight, sheet, SPIKING, out_and_back, SYMBOLS, 0.8, 0.1, 5, lambda place: 0.0, to_spikes
    )
    assert dreamt.score[0] == pytest.approx(exact, abs=1e-6) and cells.patch.cells.size > before


def test_a_mapper_lives_the_same_life_in_spikes():
    """Commands, copies and rests are those of the same agent with charts of arrays."""
    lives = []
    for kind, rules in ((Hypotheses, leaking(SPIKING)), (SpikingHypotheses, SPIKING)):
        room = Room(3, 4, SYMBOLS, 10_006)
        plan = Exploration(rest=30)
        mapper = Mapper(
            TARGET, charts=24, symbols=SYMBOLS, first=room.sense(), seed=4, rules=rules, exploration=plan, kind=kind
        )
        for _ in range(50):
            mapper.feel(room.step(mapper.act()))
        lives.append(mapper)
    arrays, spikes = lives
    assert spikes.lived == arrays.lived and spikes.replayed == arrays.replayed > 0
    assert spikes.hypotheses.overwritten == arrays.hypotheses.overwritten > 0
    assert spikes.hypotheses.evidence == pytest.approx(arrays.hypotheses.evidence, abs=1e-6)
    assert (spikes.hypotheses.charts.count == arrays.hypotheses.charts.count).all()


def test_a_room_is_mapped_in_spikes_alone():
    """Preplay included; 12 places that look alike in threes and fours."""
    room = Room(3, 4, SYMBOLS, 10_006)
    plan = Exploration(motifs=10, rest=0)
    mapper = Mapper(
        TARGET, charts=32, symbols=SYMBOLS, first=room.sense(), seed=4, exploration=plan, kind=DreamingHypotheses
    )
    for _ in range(100):
        mapper.feel(room.step(mapper.act()))
    actions, seen, true = room.walk(300, 1)
    assert (mapper.hypotheses.foretell(actions, seen) == true).mean() > 0.99
    assert mapper.hypotheses.dreamt > 0


def test_surprise_must_be_told_in_spikes():
    with pytest.raises(ValueError, match="how many nats"):
        SpikingCharts(planar(2)[0], charts=2, symbols=2, first=0, rules=Rules(quantum=0.0))
