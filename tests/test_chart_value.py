"""Rewards on charts, values planned from them, and an agent that goes where it is paid."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from charted_rooms import Room, planar
from plain_chart_value import PlainPay, plain_promise, plain_promised, plain_return, plain_values
from plain_charts import PlainChart, plain_move
from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.chart_value import ChartValue
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.clone_value import promised
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.mapper import Exploration, Mapper
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking_hypotheses import SpikingHypotheses
from reafference.brain.maps.symbols import symbol_world

TARGET, CELLS = planar(12)


def sheet(place, action):
    there = int(TARGET[place, action])
    return None if there < 0 else there


class PayingRoom(Room):
    """A room of which one place pays 1 to who enters it by a command of its own, who is then led away."""

    def __init__(self, height, width, symbols, seed, paying):
        super().__init__(height, width, symbols, seed)
        self.paying = paying

    def do(self, action):
        before = self.y, self.x
        symbol = self.step(action)
        return symbol, float((self.y, self.x) == self.paying != before)


def paid(agent, room, actions, seed, led=12):
    """Rewards of so many own actions, and the commands."""
    guide, rewards, commands = np.random.default_rng(seed), 0, []
    for _ in range(actions):
        commands.append(agent.act())
        symbol, reward = room.do(commands[-1])
        agent.feel(symbol, reward)
        rewards += reward
        for command in guide.integers(4, size=led if reward else 0).tolist():
            agent.hear(command, room.step(command))
    return rewards, commands


def mapper(room, seed=1, charts=64, **plan):
    return Mapper(
        TARGET, charts=charts, symbols=room.symbols, first=room.sense(), seed=seed, exploration=Exploration(**plan)
    )


def lived_with_a_twin(seed, steps=150):
    """A single chart in a small paying room, and its plain twin: (hypotheses, chart, pay)."""
    room, rules = PayingRoom(3, 4, 3, seed, (1, 1)), Rules()
    rng = np.random.default_rng(seed)
    hypotheses = Hypotheses(TARGET, charts=1, symbols=3, first=room.sense(), rng=np.random.default_rng([seed, 1]))
    draws = np.random.default_rng([seed, 1])
    chart, pay = PlainChart(int(np.argmax(hypotheses.charts.count[0, 0]))), None
    for action in rng.integers(4, size=steps).tolist():
        symbol, reward = room.do(action)
        reward += 0.25 * (action == 2 and rng.random() < 0.5)  # something to be had without going anywhere
        told = None if rng.random() < 0.2 else reward
        before = chart.place
        plain_move(chart, sheet, rules, action, symbol, 3, draws.random())
        hypotheses.move(action, symbol, told)
        assert chart.place == hypotheses.charts.place[0]
        if pay is None and told:
            pay = PlainPay()
        if pay is not None and told is not None:
            pay.earn(before, chart.place, action, told)
    return hypotheses, chart, pay


@pytest.mark.parametrize("seed", range(3))
def test_values_and_motifs_agree_with_the_plain_ones(seed):
    hypotheses, chart, pay = lived_with_a_twin(seed)
    places = hypotheses.charts.touched[0, : hypotheses.charts.size[0]].tolist()
    worth = ChartValue(len(CELLS), discount=0.8, renewal=0.01, precision=1e-9)
    worth.largest = 1.0
    worth.replay(hypotheses, 10**6)
    expected = plain_values(chart, pay, sheet, Rules(), places, 4, 0.8, 0.01)
    got = worth.value
    assert max(expected.values()) > 0.5
    np.testing.assert_allclose(got[places], [expected[place] for place in places], atol=1e-6)
    assert not np.delete(got, places).any()

    motifs = np.random.default_rng(seed).integers(4, size=(50, 5)).astype(np.int32)
    returns = [plain_return(chart, pay, sheet, Rules(), expected, motif, 0.8, 0.01) for motif in motifs.tolist()]
    np.testing.assert_allclose(worth.returns(hypotheses, motifs), returns, atol=1e-6)

    promised = [
        plain_promise(chart, pay, sheet, Rules(), expected, chart.place, action, 0.8, 0.01) for action in range(4)
    ]
    assert promised[int(worth.way(hypotheses, 3)[0])] == pytest.approx(max(promised), abs=1e-6)


def watched(kind):
    """Hypotheses that remember where all packets were before any chart was overwritten."""

    class Watched(kind):
        def _compare(self, before):
            self.reached = self.charts.place.copy()
            super()._compare(before)

    return Watched


@pytest.mark.parametrize(("kind", "charts", "steps"), [(Hypotheses, 32, 200), (SpikingHypotheses, 4, 40)])
def test_a_chart_that_is_overwritten_takes_over_what_the_other_was_paid(kind, charts, steps):
    room, rng = PayingRoom(3, 4, 3, 10_001, (1, 1)), np.random.default_rng(2)
    hypotheses = watched(kind)(TARGET, charts=charts, symbols=3, first=room.sense(), rng=np.random.default_rng(3))
    pays, overwritten = [PlainPay() for _ in range(charts)], 0
    for action in rng.integers(4, size=steps).tolist():
        symbol, reward = room.do(action)
        before, done = hypotheses.charts.place.copy(), hypotheses.overwritten
        hypotheses.move(action, symbol, reward + 0.1)
        for pay, was, now in zip(pays, before.tolist(), hypotheses.reached.tolist(), strict=True):
            pay.earn(was, now, action, reward + 0.1)
        if hypotheses.overwritten > done:
            lost = np.flatnonzero(hypotheses.copies == 0).tolist()
            for k, copies in enumerate(hypotheses.copies.tolist()):
                for _ in range(copies - 1):
                    pays[lost.pop(0)] = pays[k].copied()
            overwritten += hypotheses.overwritten - done
    assert overwritten > charts / 2
    for k, pay in enumerate(pays):
        entered = np.zeros(len(CELLS))
        for place, (_, mean, _) in pay.entered.items():
            entered[place] = mean
        np.testing.assert_allclose(hypotheses.pay.entered[k], entered, atol=1e-5)
        assert hypotheses.pay.stayed[k].sum() == pytest.approx(sum(mean for _, mean in pay.stayed.values()), abs=1e-4)


def test_replay_after_the_first_reward_runs_backwards_and_needs_few_backups():
    """Down a corridor whose end pays each place is told once or twice, where going forwards takes 30 sweeps of 30."""
    target = np.array([[k, min(k + 1, 30)] for k in range(31)], np.int32)
    rules = Rules(free=0b11)
    hypotheses = Hypotheses(target, charts=1, symbols=31, first=0, rng=np.random.default_rng(1), rules=rules)
    for place in range(1, 30):
        hypotheses.move(1, place, 0.0)
    worth = ChartValue(31, discount=0.9, renewal=0.0)
    assert worth.replay(hypotheses, 10**6) == 0 and not worth.value.any()  # nothing paid, nothing to plan
    hypotheses.move(1, 30, 1.0)
    worth.largest = 1.0
    assert worth.replay(hypotheses, 10**6) <= 60
    np.testing.assert_allclose(worth.value, [*0.9 ** np.arange(29, -1, -1), 0.0])


def test_before_it_is_paid_it_knows_nothing_of_reward():
    commands, later = {}, {}
    for value in (0.0, 1.0):
        room, told = PayingRoom(4, 5, 3, 10_000, (2, 3)), mapper(Room(4, 5, 3, 10_000), value=value)
        rewards, done = 0.0, []
        while not rewards:
            done.append(told.act())
            symbol, rewards = room.do(done[-1])
            told.feel(symbol, rewards)
        commands[value] = done
        assert told.hypotheses.pay is not None and told.worth.backups == 0
        later[value], _ = paid(told, room, 200, 1)
    assert commands[0.0] == commands[1.0]
    assert later[1.0] > 3 * later[0.0]


def test_a_world_that_never_pays_is_lived_in_as_one_that_cannot():
    room, other = Room(4, 5, 3, 10_000), Room(4, 5, 3, 10_000)
    silent, zero = mapper(room), mapper(other)
    for _ in range(120):
        assert silent.act() == zero.act()
        silent.feel(room.step(silent.act()))
        zero.feel(other.step(zero.act()), 0.0)
    assert zero.hypotheses.pay is None and zero.worth.backups == 0


def test_a_place_that_pays_is_gone_to_and_one_that_pays_no_more_is_left():
    room = PayingRoom(4, 5, 3, 10_000, (0, 1))
    agent = mapper(room)
    paid(agent, room, 200, 1)
    known, _ = paid(agent, room, 150, 2)
    room.paying = (3, 4)
    paid(agent, room, 200, 3)
    again, _ = paid(agent, room, 150, 4)
    assert known > 150 / 6 and again > 150 / 6  # a walk at random is paid once in thirty actions or less
    assert agent.replayed > 200  # through rests, too


def test_the_past_is_lived_again_with_its_rewards():
    room = PayingRoom(4, 5, 3, 10_000, (0, 1))
    agent = mapper(room)
    paid(agent, room, 250, 1)
    again = agent.hypotheses.relived(agent.lived, agent.rewards)
    leader = again.leader
    best = int(again.pay.entered[leader].argmax())
    assert again.pay.entered[leader, best] == 1.0
    assert again.charts.count[leader, best].argmax() == room.floor[0, 1]


def test_a_saved_life_goes_on_to_the_same_rewards(tmp_path):
    room, twin_room = (PayingRoom(4, 5, 3, 10_000, (0, 1)) for _ in range(2))
    plan = LifePlan(charts=64)
    agent, twin = (MappingAgent(Sheet.planar(12), symbols=3, first=room.sense(), seed=1, plan=plan) for _ in range(2))

    def live(agent, room, actions):
        done = []
        for _ in range(actions):
            done.append(agent.act())
            agent.feel(*room.do(done[-1]))
        return done

    live(agent, room, 150)
    live(twin, twin_room, 150)
    agent.save(tmp_path / "agent")
    other = MappingAgent.restore(tmp_path / "agent")
    assert other.mapper.hypotheses.pay is not None and other.mapper.rewards == agent.mapper.rewards
    np.testing.assert_array_equal(other.mapper.worth.value, agent.mapper.worth.value)
    assert live(other, room, 80) == live(twin, twin_room, 80)
    with pytest.raises(ValueError, match="reward = nan"):
        other.feel(0, float("nan"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"discount": 1.0}, "discount = 1 is outside"), ({"renewal": float("nan")}, "renewal = nan is below 0")],
)
def test_what_no_value_can_be_planned_by_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        ChartValue(5, **{"discount": 0.9, "renewal": 0.0, **wrong})


@pytest.mark.parametrize("seed", range(3))
def test_values_of_clones_agree_with_the_plain_ones(seed):
    room, rng = PayingRoom(3, 4, 3, seed, (1, 1)), np.random.default_rng(seed)
    store, rewards = CloneStore(4, 3, clones=5, memory=300, seed=seed), []
    store.start(room.sense())
    for action in rng.integers(4, size=400).tolist():  # more than is remembered
        symbol, reward = room.do(action)
        store.step(action, symbol)
        rewards.append(None if rng.random() < 0.3 else reward + 0.5 * (action == 1))
    store.replay(3)
    symbols, actions, path = (part.tolist() for part in store.stream)
    expected = plain_promised(symbols, actions, path, rewards[-300:], store.belief.tolist(), 4, 0.8, 0.015)
    got = promised(store, rewards, discount=0.8, renewal=0.01)  # times the largest reward, 1.5
    np.testing.assert_allclose(got, expected, atol=0.02)  # changes below a thousandth are not passed on
    assert max(expected) > min(expected) + 0.05


class PayingTorus(PayingRoom):
    """The same without walls: who leaves comes in on the other side."""

    def step(self, action):
        dx, dy = ((0, 1), (1, 0), (0, -1), (-1, 0))[action]
        self.y, self.x = (self.y + dy) % self.floor.shape[0], (self.x + dx) % self.floor.shape[1]
        return self.sense()


def test_where_the_sheet_was_given_up_clones_lead_to_what_pays():
    rewards = {}
    for value in (0.0, 1.0):
        room = PayingTorus(5, 6, 4, 10_004, (2, 3))
        plan = LifePlan(charts=128, rest=200, replays=10, rivals=0, exploration=Exploration(value=value))
        agent = MappingAgent(Sheet.planar(20), symbols=4, first=room.sense(), seed=1, plan=plan)
        paid(agent, room, 500, 1)
        assert agent.store is not None
        rewards[value], _ = paid(agent, room, 150, 2)
    assert rewards[1.0] > 2 * rewards[0.0]


def test_a_world_that_pays_answers_as_when_nobody_asks_for_the_reward():
    asked, unasked = (symbol_world(gymnasium.make("FrozenLake-v1", is_slippery=False), seed=1) for _ in range(2))
    assert asked.reset() == unasked.reset()
    way = [1, 1, 2, 1, 2, 2]  # down, down, right, down, right, right: the goal
    earned = []
    for action in [2, 1, *way, *np.random.default_rng(1).integers(4, size=100).tolist()]:  # a hole first
        symbol, reward = asked.earn(action)
        assert symbol == unasked.step(action)
        earned.append(reward)
    assert earned[: 2 + len(way)] == [0.0] * 7 + [1.0]
    assert asked.met == unasked.met
