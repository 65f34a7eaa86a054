"""The learner of value: its counts and values against plain twins, and the laws of planning by replay."""

import gymnasium
import numpy as np
import pytest

from plain_value import plain_counts, plain_sweeps, plain_value_iteration
from reafference.brain.maps.sweep import Queue, take, tell
from reafference.brain.maps.value import ValueLearner, ValuePlan


def small_world(seed, places=6, actions=3):
    """A random world: model[place][action] = [(probability, next place, reward, ended)]."""
    rng = np.random.default_rng(seed)
    return [
        [
            [
                (float(p), int(to), float(rng.normal()), bool(rng.random() < 0.1))
                for p, to in zip(rng.dirichlet([1, 1, 1]), rng.choice(places, 3, replace=False), strict=True)
            ]
            for _ in range(actions)
        ]
        for _ in range(places)
    ]


def stream_of(model, seed, steps):
    """A random walk: (place, action, reward, next place, ended)."""
    rng = np.random.default_rng(seed)
    place, stream = 0, []
    for _ in range(steps):
        action = int(rng.integers(len(model[place])))
        outcomes = model[place][action]
        _, to, reward, ended = outcomes[rng.choice(len(outcomes), p=[o[0] for o in outcomes])]
        stream.append((place, action, reward, to, ended))
        place = int(rng.integers(len(model))) if ended else to
    return stream


def taught(stream, actions=3, seed=1, **plan):
    learner = ValueLearner(actions, ValuePlan(**plan), seed=seed)
    for step in stream:
        learner.learn(*step)
    return learner


@pytest.mark.parametrize("seed", range(3))
def test_counts_agree_with_the_plain_ones(seed):
    stream = stream_of(small_world(seed, places=40), seed, 1000)
    learner = taught(stream, memory=50)
    expected = plain_counts(stream, 50)
    got = learner.transitions()
    assert len(got) == sum(len(outcomes) for outcomes in expected.values())
    for t in got:
        count, reward = expected[t.place, t.action][t.next_place, t.ended]
        assert t.times == pytest.approx(count, rel=1e-9)
        assert t.reward == pytest.approx(reward, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_rest_gives_the_values_of_its_hypothesis(seed):
    learner = taught(stream_of(small_world(seed), seed, 60), discount=0.9, precision=1e-9)
    learner.rest()
    transitions, unknown = learner.transitions(), learner.unknown
    expected, _ = plain_sweeps(transitions, [0.0] * learner.places, 3, 0.9, unknown, 1e-10)
    np.testing.assert_allclose(learner.value, expected, atol=1e-6)


def test_hypotheses_disagree_where_counts_are_few_and_agree_where_they_are_many():
    model = small_world(4)

    def spread(steps):
        learner = taught(stream_of(model, 4, steps), memory=1e9, awake=0)
        drawn = []
        for _ in range(30):
            learner.rest()
            drawn.append([t.probability for t in learner.transitions()])
        return float(np.std(drawn, axis=0).mean())

    few, many = spread(60), spread(3000)
    assert few > 3 * many > 0  # fiftyfold counts narrow a Dirichlet sevenfold; pairs met once add nothing to few


def test_much_experience_leads_to_the_values_and_the_policy_of_value_iteration():
    model = small_world(5)
    expected, returns = plain_value_iteration(model, 0.6)
    learner = taught(stream_of(model, 5, 8_000), discount=0.6, memory=1e9, awake=0)
    learner.rest()
    np.testing.assert_allclose(learner.value, expected, atol=0.2)  # some 400 visits of each pair, rewards of sd 1
    assert all(
        row[action] > max(row) - 0.1 for row, action in zip(returns, learner.policy(), strict=True)
    )  # no more is lost than sampling explains


def test_replay_from_the_surprise_backwards_needs_far_fewer_backups_than_going_forwards():
    length = 60
    learner = ValueLearner(1, ValuePlan(awake=0, rest=10**6), seed=1)
    for _ in range(100):
        for place in range(length):
            learner.learn(place, 0, 0.0, place + 1, False)
        learner.learn(length, 0, 0.0, length + 1, True)
    learner.rest()
    before = learner.value
    for _ in range(100):  # now the end pays
        learner.learn(length, 0, 1.0, length + 1, True)
    backwards = learner.rest()
    expected, forwards = plain_sweeps(learner.transitions(), before, 1, 0.99, learner.unknown, 1e-4)
    np.testing.assert_allclose(learner.value, expected, atol=0.02)
    assert backwards * 5 < forwards


def test_the_queue_gives_the_most_surprised_place_first():
    rng = np.random.default_rng(6)
    queue = Queue(np.zeros(50), np.zeros(50, np.int64), np.full(50, -1), np.zeros(1, np.int64))
    told = np.zeros(50)
    for place in rng.integers(50, size=200):
        change = float(rng.random())
        tell(queue, int(place), change)
        told[place] += change
    order = []
    while queue.size[0]:
        order.append(take(queue))
    assert order == sorted(np.flatnonzero(told).tolist(), key=lambda place: -told[place])


def test_a_world_that_always_answers_alike_is_soon_believed_and_a_slippery_one_is_not():
    rng = np.random.default_rng(7)
    steady, slippery = (ValueLearner(2, ValuePlan(awake=0), seed=1) for _ in range(2))
    for place in range(150):
        for action in (0, 1, 0, 1):
            steady.learn(place, action, 0.0, place + 1, False)
            slippery.learn(place, action, 0.0, place + int(rng.integers(3)), False)
    assert steady.chance_of_new(1, 1) < 0.02
    assert 0.55 < slippery.chance_of_new(1, 1) < 0.75  # two of three
    assert steady.chance_of_new(0, 0) == 1.0


def test_td_error_falls_to_nothing_where_all_is_known():
    learner = ValueLearner(1, ValuePlan(discount=0.5), seed=1)
    first = learner.learn(0, 0, 1.0, 0, False)
    for _ in range(30):
        for _ in range(20):
            last = learner.learn(0, 0, 1.0, 0, False)
        learner.rest()
    assert abs(last) < 0.02 < abs(first)
    assert learner.value[0] == pytest.approx(2.0, abs=0.05)


def test_a_reward_that_changes_is_felt_before_the_next_rest():
    learner = taught([(0, 0, 0.0, 1, False), (1, 0, 0.0, 2, True)] * 40, actions=1)
    learner.rest()
    before = learner.value
    learner.learn(1, 0, 1.0, 2, True)
    assert (learner.value[:2] > before[:2]).all()


def test_policy_says_nothing_of_places_it_never_left():
    learner = taught([(0, 1, 1.0, 3, False)])
    assert learner.policy().tolist() == [1, -1, -1, -1]
    assert ValueLearner(2, ValuePlan(), seed=1).rest() == 0


def live(seed, episodes):
    env = gymnasium.make("FrozenLake-v1", is_slippery=False)
    learner = ValueLearner(4, ValuePlan(), seed=seed)
    trail, reached = [], []
    for episode in range(episodes):
        place, _ = env.reset(seed=seed) if episode == 0 else env.reset()
        over, score = False, 0.0
        while not over:
            action = learner.choose(place)
            following, reward, ended, timed_out, _ = env.step(action)
            learner.learn(place, action, float(reward), following, ended)
            trail.append((place, action))
            place, over, score = following, ended or timed_out, score + float(reward)
        learner.rest()
        reached.append(score)
    env.close()
    return trail, reached


def test_the_same_seed_lives_the_same_life_and_another_seed_another():
    first, again, other = live(3, 10), live(3, 10), live(4, 10)
    assert first == again
    assert first != other


def test_a_lake_that_is_not_slippery_is_solved_within_some_forty_tries():
    _, reached = live(5, 60)
    assert reached[-15:] == [1.0] * 15


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"discount": 1.0}, "discount = 1 is outside 0 to below 1"),
        ({"memory": 1.0}, "memory = 1 is below 2"),
        ({"precision": 0.0}, "precision = 0 is not positive"),
        ({"awake": -1}, "awake = -1 is below 0"),
        ({"tries": 0}, "tries = 0 is below 1"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(plan, words):
    with pytest.raises(ValueError, match=words):
        ValuePlan(**plan)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ((0, 3, 0.0, 1, False), "action = 3 is outside 0 to 2"),
        ((-1, 0, 0.0, 1, False), "place = -1"),
        ((0, 0, float("nan"), 1, False), "reward = nan"),
    ],
)
def test_a_step_that_cannot_be_is_refused(step, words):
    with pytest.raises(ValueError, match=words):
        taught([step])


def test_a_body_needs_an_action():
    with pytest.raises(ValueError, match="at least 1"):
        ValueLearner(0, ValuePlan(), seed=1)
