"""What breaks the sheet is noticed, what does not is not; fast against slow."""

from __future__ import annotations

import numpy as np
import pytest

import plain_notice as plain
from charted_rooms import Room
from reafference.brain.maps import charts as kernels
from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.doors import door, sides
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.notice import Folds, excess, foretold, repetition
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.snapshot import Phase
from reafference.brain.maps.spiking_hypotheses import SPIKING, SpikingHypotheses
from reafference.brain.maps.suspicion import LONGEST, errand, untold

SHEET = Sheet.planar(9)
TURNING = Sheet.egocentric(5)


def walked(sheet, symbols, rules=None, charts=8, steps=60, seed=1, kind=Hypotheses):
    """Charts after a random walk in a 3 x 4 room, or for a body of three actions, of its poses' symbols at random."""
    rng = np.random.default_rng(seed)
    room = Room(3, 4, symbols, 10_000 + seed, noise=0.1)
    hypotheses = kind(sheet.target, charts=charts, symbols=symbols, first=room.sense(), rng=rng, rules=rules)
    for action in rng.integers(sheet.actions, size=steps).tolist():
        turns = sheet.actions == 3 and action < 2
        hypotheses.move(action, room.sense() if turns else room.step(int(rng.integers(4))))
    return hypotheses


def mapped(sheet, look, barrier=(), visits=3, charts=1, symbols=4):
    """Charts that know each cell of `look` {cell: symbol}, and barriers ((cell, action, evidence), ...)."""
    hypotheses = Hypotheses(sheet.target, charts=charts, symbols=symbols, first=look[0], rng=np.random.default_rng(1))
    for k in range(charts):
        hypotheses.charts.count[k] = 0
        for cell, symbol in look.items():
            for _ in range(visits):
                kernels.tag(hypotheses.charts, k, cell, symbol, symbols)
        for cell, action, evidence in barrier:
            kernels.touch(hypotheses.charts, k, cell)
            hypotheses.charts.barrier[k, cell, action] = evidence
    return hypotheses


CASES = [
    (SHEET, None),
    (SHEET, Rules(wall=0.3, alpha=0.2, free=0b0100)),
    (TURNING, Rules(free=0b011)),
    (TURNING, None),
]


@pytest.mark.parametrize(("sheet", "rules"), CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_repetition_is_what_the_slow_twin_finds(sheet, rules, seed):
    hypotheses = walked(sheet, 3, rules, steps=120, seed=seed)
    slow = plain.evidence(hypotheses)
    fast = repetition(hypotheses, Folds(sheet.target))
    assert fast is not None and len(slow) > 10
    assert fast.evidence == pytest.approx(max(slow.values()), abs=1e-9)
    assert slow[fast.cell] == pytest.approx(fast.evidence, abs=1e-9)


def test_cells_that_turns_join_count_as_one_place():
    """A room of 3 x 3 places, each seen in four directions: its copy is worth nine symbols, and not 36."""
    sheet, rng = TURNING, np.random.default_rng(3)
    symbol = rng.integers(4, size=9)
    look, begin = {}, 0
    for copy in range(2):
        row = begin
        for y in range(3):
            cell = row
            for x in range(3):
                for turn in range(4):
                    look[sheet.walk([0] * turn, cell)] = int(symbol[3 * y + x])
                cell = sheet.walk([2], cell)
            row = sheet.walk([0, 2, 1], row)
        begin = sheet.walk([2, 2, 2], begin) if copy == 0 else begin
    look = {cell: s for cell, s in look.items() if cell >= 0}
    hypotheses = mapped(sheet, look)
    found = repetition(hypotheses, Folds(sheet.target))
    assert found is not None and found.pairs > 12
    slow = plain.evidence(hypotheses)
    assert found.evidence == pytest.approx(max(slow.values()))
    assert found.evidence < 9 * np.log(9)


@pytest.mark.parametrize("seed", range(3))
def test_repetition_finds_the_copy_of_a_room_and_nothing_else(seed):
    """3 x 4 places and their copy, four to the east; with other symbols there, evidence stays below the threshold."""
    sheet, rng, folds = Sheet.planar(12), np.random.default_rng(seed), Folds(Sheet.planar(12).target)
    floor, other = rng.integers(4, size=(2, 3, 4))

    def cell(x, y):
        return sheet.walk([1] * x + [0] * y)

    for right, expected in ((floor, True), (other, False)):
        look = {cell(x, y): int(floor[y, x]) for x in range(4) for y in range(3)}
        look |= {cell(x + 4, y): int(right[y, x]) for x in range(4) for y in range(3)}
        found = repetition(mapped(sheet, look), folds)
        assert found is not None
        assert (found.evidence > LifePlan().repeated) is expected
        if expected:
            assert found.cell in (cell(4, 0), sheet.walk([3] * 4)) and found.pairs == 12


def test_places_at_random_reach_the_threshold_as_seldom_as_the_bound_says():
    """Markov: of 300 maps with independent symbols at most cells * e^-threshold in the mean; in fact, none."""
    folds, rng = Folds(SHEET.target), np.random.default_rng(5)
    near = np.flatnonzero(SHEET.depth() <= 4).tolist()
    most = 0.0
    for _ in range(300):
        found = repetition(mapped(SHEET, {c: int(rng.integers(4)) for c in near}, visits=1), folds)
        assert found is not None
        most = max(most, found.evidence)
    assert 1.0 < most < np.log(SHEET.cells / 0.001)


@pytest.mark.parametrize(("sheet", "rules"), CASES)
def test_excess_is_what_the_slow_twin_finds_and_zero_in_the_mean(sheet, rules):
    hypotheses = walked(sheet, 3, rules, steps=40)
    for action in range(sheet.actions):
        expected = foretold(hypotheses, action)
        assert expected.sum() == pytest.approx(1.0)
        beyond = [excess(hypotheses, action, symbol) for symbol in range(3)]
        assert beyond == pytest.approx([plain.excess(hypotheses, action, symbol) for symbol in range(3)])
        assert expected @ beyond == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_sides_are_what_all_possible_ways_say(seed):
    rng = np.random.default_rng(seed)
    places, actions, symbols, steps = 4, 2, 3, 6
    ahead = rng.integers(-1, places, size=(places, actions))
    free, look = rng.random((places, actions)), rng.dirichlet(np.ones(symbols) / 2, size=places)
    done, seen = rng.integers(actions, size=steps), rng.integers(symbols, size=steps)
    told = np.full((places, actions), np.nan)
    scratch = np.zeros((2, places))
    sides(ahead, free, look, done, seen, 3.0, np.zeros((steps + 1, places)), scratch[0], scratch[1], told)
    slow = plain.sides(ahead.tolist(), free.tolist(), look.tolist(), done.tolist(), seen.tolist(), 3.0)
    assert len(set(np.round(told.ravel(), 6))) > 4
    for (place, action), nats in slow.items():
        assert told[place, action] == pytest.approx(nats, abs=1e-9)


NORTH, EAST, SOUTH, WEST = range(4)
CORNERS = [SHEET.walk(word) for word in ([], [EAST], [EAST, NORTH], [NORTH])]
FOUR = dict(zip(CORNERS, (0, 1, 2, 3), strict=True))  # 2 x 2 places


def tries(word, shut):
    """Commands and symbols of a body that starts at the origin of FOUR; (cell, action) in `shut` do not move it."""
    cell, lived = 0, []
    for action in word:
        if (cell, action) not in shut:
            cell = SHEET.walk([action], cell)
        lived.append((action, FOUR[cell]))
    return lived


ONE_WAY = [EAST, WEST, NORTH, WEST, SOUTH], [(CORNERS[1], WEST)]
OPEN = [EAST, WEST, EAST, NORTH, WEST, SOUTH], []
WALL = [EAST, NORTH, EAST, SOUTH, WEST, NORTH, WEST, SOUTH], [(CORNERS[1], WEST), (CORNERS[0], EAST)]


@pytest.mark.parametrize(("word", "shut", "expected"), [(*ONE_WAY, True), (*OPEN, False), (*WALL, False)])
def test_a_door_is_told_from_a_wall_and_from_none(word, shut, expected):
    lived = tries(word * 3, shut)
    found = door(mapped(SHEET, FOUR), lived)
    assert found is not None
    assert (found.evidence > LifePlan().door) is expected
    if expected:
        assert (found.cell, found.action) in ((CORNERS[0], EAST), (CORNERS[1], WEST))
        twice = door(mapped(SHEET, FOUR), tries(word * 2, shut))
        assert twice is not None and LifePlan().ajar < twice.evidence < LifePlan().door


def test_no_door_is_looked_for_where_each_side_learns_by_itself():
    each = mapped(SHEET, FOUR)
    each.back = kernels.way_back(each.target, Rules(mutual=False))
    assert door(each, tries(ONE_WAY[0] * 3, ONE_WAY[1])) is None
    assert door(mapped(SHEET, {0: 1}), [(0, 1)]) is None


@pytest.mark.parametrize("kind", [Hypotheses, SpikingHypotheses])
def test_each_side_of_a_passage_learns_by_itself_if_barriers_are_not_mutual(kind):
    """In charts of arrays and of cells: after a step east the way back is known if barriers are mutual, else not."""
    for mutual in (True, False):
        rules = SPIKING._replace(mutual=mutual)
        hypotheses = kind(SHEET.target, charts=4, symbols=2, first=0, rng=np.random.default_rng(1), rules=rules)
        hypotheses.move(EAST, 1)
        went = hypotheses.charts.place == CORNERS[1]
        assert went.any()
        told = hypotheses.charts.barrier[:, CORNERS[1], WEST][went]
        assert (told == (-1 if mutual else 0)).all()
        assert (hypotheses.charts.barrier[:, 0, EAST][went] == -1).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_errand_takes_a_shortest_way(seed):
    hypotheses = walked(SHEET, 3, steps=80, seed=seed)
    target, (tags, barrier, here) = SHEET.target.tolist(), plain.leader(hypotheses)
    rng = np.random.default_rng(seed)
    led = 0
    for _ in range(40):
        goals = rng.integers(SHEET.cells, size=2)
        far = plain.steps_to(target, tags, barrier, hypotheses.rules, goals.tolist())
        action = errand(hypotheses, goals)
        if here not in far or not 0 < far[here] < LONGEST:
            assert action is None
        else:
            assert action is not None and far[target[here][action]] == far[here] - 1
            led += 1
    assert led > 5


def test_what_a_suspicion_foretells_is_what_was_not_seen_but_its_image_was():
    sheet, folds = SHEET, Folds(SHEET.target)
    look = {sheet.walk([EAST] * x): x % 4 for x in range(4)}
    fold = sheet.walk([EAST, EAST])
    ends = {sheet.walk([EAST] * x) for x in (4, 5)} | {sheet.walk([WEST] * x) for x in (1, 2)}
    assert set(untold(mapped(sheet, look), folds, fold).tolist()) == ends
    for cell in (fold, sheet.walk([NORTH, WEST])):
        taken = folds.taking(cell)
        for there in range(sheet.cells):
            word = plain.words(sheet.target.tolist())[there]
            assert taken[there] == plain.walked(sheet.target.tolist(), cell, word)


SMALL = Sheet.planar(20)
PLAN = LifePlan(charts=128, rest=200, replays=5, rivals=0)


class Doored(Room):
    """A room in which the way west from one place is shut."""

    shut = (2, 1)

    def step(self, action):
        return self.sense() if (self.x, self.y) == self.shut and action == WEST else super().step(action)


class Changing(Room):
    """A room whose symbols are drawn anew at every step from some action on."""

    steps, calm = 0, 80

    def step(self, action):
        seen = super().step(action)
        self.steps += 1
        return seen if self.steps <= self.calm else int(self.rng.integers(self.symbols))


def life(room, actions, plan=PLAN):
    agent = MappingAgent(SMALL, symbols=room.symbols, first=room.sense(), seed=1, plan=plan)
    for _ in range(actions):
        agent.feel(room.step(agent.act()))
    return agent


def test_a_door_is_noticed_let_into_the_charts_and_kept_in_a_file(tmp_path):
    room = Doored(4, 5, 4, 10_004)
    agent = life(room, 300)
    assert agent.noticed is not None and agent.phase is Phase.CHARTS and agent.store is None
    assert not agent.mapper.hypotheses.rules.mutual
    actions, seen, true = room.walk(400, 3)
    assert (agent.mapper.hypotheses.foretell(actions, seen) == true).mean() > 0.95
    agent.save(tmp_path / "agent")
    again = MappingAgent.restore(tmp_path / "agent")
    assert not again.mapper.hypotheses.rules.mutual and (again.mapper.hypotheses.back == -1).all()
    symbols = [int(s) for s in np.random.default_rng(1).integers(4, size=30)]
    done = []
    for either in (agent, again):
        done.append([])
        for symbol in symbols:
            done[-1].append(either.act())
            either.feel(symbol)
    assert done[0] == done[1]


def test_a_world_that_contradicts_every_map_is_noticed():
    """By surprise alone: nothing else is looked for. Before symbols are drawn at random, there is none."""
    plan = LifePlan(charts=64, patience=40, every=10**6, replays=0, rivals=0)
    assert life(Changing(3, 4, 8, 10_001), Changing.calm, plan).noticed is None
    agent = life(Changing(3, 4, 8, 10_001), 400, plan)
    assert agent.noticed is not None and agent.noticed > Changing.calm + plan.patience
    assert agent.phase is Phase.CLONES
    calm = LifePlan(charts=64, patience=40, every=10**6, replays=0, rivals=0, contradicted=np.inf)
    assert life(Changing(3, 4, 8, 10_001), 400, calm).noticed is None


def test_a_room_that_is_repainted_breaks_no_sheet():
    room = Room(4, 5, 4, 10_004)
    agent = MappingAgent(SMALL, symbols=4, first=room.sense(), seed=1, plan=PLAN)
    for age in range(500):
        if age == 200:
            room.floor[1:3, 1:3] = (room.floor[1:3, 1:3] + 1) % 4
        agent.feel(room.step(agent.act()))
    assert agent.noticed is None
    actions, seen, true = room.walk(400, 3)
    assert (agent.mapper.hypotheses.foretell(actions, seen) == true).mean() > 0.7
