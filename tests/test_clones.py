"""The clone store: laws of its counts and of its sampling, its slow twin, worlds that it learns, and what is saved."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from plain_clones import PlainClones
from reafference.brain.maps.clones import CloneStore
from reafference.engine.array_file import BadFile


def wander(steps, rng, *, rows=4, columns=4, symbols=3):
    """A random walk on a torus of places with random symbols: symbols (steps + 1,), actions (steps,)."""
    seen = rng.integers(symbols, size=(rows, columns))
    actions = rng.integers(4, size=steps)
    moves = np.array([(0, 0), *(((-1, 0), (0, 1), (1, 0), (0, -1))[a] for a in actions)])
    row, column = moves.cumsum(axis=0).T
    return seen[row % rows, column % columns], actions


def live(store, symbols, actions, *, rest=0, sweeps=0, rivals=0):
    """Feed a stream, with `sweeps` replays, and as many of each rival, each `rest` steps; the given probabilities."""
    store.start(int(symbols[0]))
    given = []
    for t, (action, symbol) in enumerate(zip(actions, symbols[1:], strict=True), 1):
        given.append(store.step(int(action), int(symbol)))
        if rest and t % rest == 0:
            store.replay(sweeps)
            for _ in range(rivals):
                store.rival(sweeps)
    return np.array(given)


def same(one, other):
    assert repr(one) == repr(other)
    for mine, theirs in zip((*one.stream, one.belief), (*other.stream, other.belief), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.counts.total, other.counts.total)
    np.testing.assert_array_equal(one.counts.block, other.counts.block)
    blocks = one.counts.block.max() + 1
    np.testing.assert_array_equal(one.counts.count[:blocks], other.counts.count[:blocks])


def test_every_remembered_step_has_exactly_one_count():
    store = CloneStore(4, 5, clones=4, memory=150, stretch=40, seed=3)
    symbols, actions = wander(700, np.random.default_rng(10_000))
    live(store, symbols, actions, rest=37, sweeps=2, rivals=1)
    seen, done, path = store.stream
    assert store.steps == 150
    np.testing.assert_array_equal(seen, symbols[-151:])
    np.testing.assert_array_equal(done, actions[-150:])
    expected = np.zeros_like(store.counts.count)
    np.add.at(expected, (store.counts.block[done, seen[:-1], seen[1:]], path[:-1], path[1:]), 1)
    np.testing.assert_array_equal(store.counts.count, expected)
    left = np.zeros_like(store.counts.total)
    np.add.at(left, (done, seen[:-1], path[:-1]), 1)
    np.testing.assert_array_equal(store.counts.total, left)


def test_agrees_with_the_plain_version_draw_by_draw():
    symbols, actions = wander(90, np.random.default_rng(10_001))
    store = CloneStore(4, 3, clones=3, pseudocount=0.1, memory=60, stretch=17, seed=5)
    plain = PlainClones(3, 3, 0.1, 60, 17, np.random.default_rng(5))
    plain.start(int(symbols[0]))
    store.start(int(symbols[0]))
    for t, (action, symbol) in enumerate(zip(actions.tolist(), symbols[1:].tolist(), strict=True), 1):
        store.step(action, symbol)
        plain.step(action, symbol)
        if t % 30 == 0:
            store.replay(2)
            plain.replay()
            plain.replay()
            assert store.stream[2].tolist() == plain.path
    beliefs, given = plain.filtered(plain.seen, plain.done, [1 / 3] * 3)
    np.testing.assert_allclose(store.belief, beliefs[-1], rtol=1e-9)
    np.testing.assert_allclose(store.listen(plain.seen, plain.done), given, rtol=1e-9)


def test_replay_samples_paths_as_often_as_they_are_probable():
    """Stretches of one symbol and alternating actions: nothing repeats in a stretch, so the sampling is exact."""
    clones, c, actions = 2, 0.5, [0, 1, 0, 1]

    def weight(path):
        """Probability of a path up to a factor: each step by the counts of those before (Polya's urn)."""
        counts, left, result = Counter(), Counter(), 1.0
        for i, a, j in zip(path[:-1], actions, path[1:], strict=True):
            result *= (counts[i, a, j] + c) / (left[i, a] + c * clones)
            counts[i, a, j] += 1
            left[i, a] += 1
        return result

    paths = list(itertools.product(range(clones), repeat=5))
    expected = np.array([weight(path) for path in paths])
    expected /= expected.sum()
    assert expected.max() > 2.5 * expected.min()
    store = CloneStore(2, 1, clones=clones, pseudocount=c, stretch=1, seed=1)
    live(store, [0] * 5, actions)
    found, samples = Counter(), 20_000
    for _ in range(samples):
        store.replay(1)
        found[tuple(store.stream[2].tolist())] += 1
    share = np.array([found[path] for path in paths]) / samples
    # Samples that follow one another are alike; a factor of 3 on the error of independent ones is room for that.
    assert np.abs(share - expected).max() < 4 * 3 * math.sqrt(expected.max() / samples)
    assert np.abs(share - expected).sum() < 0.25 * np.abs(1 / len(paths) - expected).sum()


def test_a_loop_of_lookalikes_is_learned_exactly():
    loop = [0, 0, 1, 0, 1, 1, 0, 2]
    symbols = np.array(loop * 60)
    store = CloneStore(1, 3, clones=6, seed=2)
    given = live(store, symbols, np.zeros(symbols.size - 1, int), rest=40, sweeps=20, rivals=2)
    assert given[-40:].min() > 0.95
    assert given[:8].max() < 0.5
    used = {(int(s), int(k)) for s, k in zip(store.stream[0][-40:], store.stream[2][-40:], strict=True)}
    assert len(used) == len(loop)


def test_a_torus_with_three_symbols_is_learned_by_replay_and_not_without():
    rng = np.random.default_rng(10_002)
    symbols, actions = wander(6000, rng)
    awake, rested = (CloneStore(4, 3, clones=10, seed=1) for _ in range(2))
    live(awake, symbols[:4001], actions[:4000])
    live(rested, symbols[:4001], actions[:4000], rest=500, sweeps=25)
    later = symbols[4000:], actions[4000:]
    assert (rested.listen(*later) > 0.5).mean() > 0.95
    assert (awake.listen(*later) > 0.5).mean() < 0.8


def test_predictions_are_what_a_step_finds():
    symbols, actions = wander(300, np.random.default_rng(10_003))
    store = CloneStore(4, 4, clones=5, seed=1)
    live(store, symbols[:200], actions[:199], rest=50, sweeps=5)
    for action, symbol in zip(actions[199:].tolist(), symbols[200:].tolist(), strict=True):
        for choice in range(4):
            assert abs(store.predict(choice).sum() - 1) < 1e-12
        expected = store.predict(action)[symbol]
        assert store.step(action, symbol) == pytest.approx(expected, rel=1e-12)


def test_the_same_seed_makes_the_same_store_and_another_seed_another():
    symbols, actions = wander(300, np.random.default_rng(10_004))
    one, two, other = (CloneStore(4, 3, seed=seed) for seed in (7, 7, 8))
    for store in (one, two, other):
        live(store, symbols, actions, rest=100, sweeps=3)
    same(one, two)
    assert one.stream[2].tolist() != other.stream[2].tolist()


def test_a_restored_store_goes_on_as_the_saved_one(tmp_path):
    symbols, actions = wander(500, np.random.default_rng(10_005))
    store = CloneStore(4, 3, memory=120, seed=7)
    live(store, symbols[:301], actions[:300], rest=100, sweeps=3)
    store.save(tmp_path / "store")
    twin = CloneStore.restore(tmp_path / "store")
    same(store, twin)
    for half in (store, twin):
        for action, symbol in zip(actions[300:].tolist(), symbols[301:].tolist(), strict=True):
            half.step(action, symbol)
        half.replay(2)
    same(store, twin)
    whole = (tmp_path / "store").read_bytes()
    (tmp_path / "store").write_bytes(whole[:-100])
    with pytest.raises(BadFile, match="cut short"):
        CloneStore.restore(tmp_path / "store")
    (tmp_path / "store").write_bytes(whole.replace(b"clone store 1", b"clone stora 1"))
    with pytest.raises(BadFile, match="damaged"):
        CloneStore.restore(tmp_path / "store")


def test_a_rival_takes_over_only_if_it_explains_the_memory_better():
    symbols, actions = wander(1000, np.random.default_rng(10_007))
    won = []
    for seed in range(6):
        store, twin = CloneStore(4, 3, clones=6, seed=seed), CloneStore(4, 3, clones=6, seed=seed)
        for each in (store, twin):
            live(each, symbols, actions, rest=250, sweeps=5)
        won.append(store.rival(20))
        if won[-1]:
            assert store.surprise() < twin.surprise()
        else:
            twin.sweeps, twin.rng.bit_generator.state = store.sweeps, store.rng.bit_generator.state
            same(store, twin)
        assert not store.rival(0)  # nothing but noise
    assert True in won
    assert False in won


def test_listening_changes_nothing():
    symbols, actions = wander(200, np.random.default_rng(10_006))
    store, twin = CloneStore(4, 3, seed=7), CloneStore(4, 3, seed=7)
    for each in (store, twin):
        live(each, symbols, actions, rest=100, sweeps=3)
    store.listen(symbols, actions)
    same(store, twin)


def test_slips_are_named():
    with pytest.raises(ValueError, match=r"CloneStore.clones = 0 is below 1"):
        CloneStore(4, 3, clones=0)
    with pytest.raises(ValueError, match=r"pseudocount = 0 is not above 0"):
        CloneStore(4, 3, pseudocount=0)
    store = CloneStore(4, 3)
    for early in (lambda: store.step(0, 0), lambda: store.predict(0), lambda: store.replay(1)):
        with pytest.raises(ValueError, match="first symbol to start"):
            early()
    with pytest.raises(ValueError, match=r"symbol = 3 is outside 0 to 2; this store has 3 symbols"):
        store.start(3)
    store.start(0)
    with pytest.raises(ValueError, match="has begun already"):
        store.start(0)
    with pytest.raises(ValueError, match=r"action = 4 is outside 0 to 3"):
        store.step(4, 0)
    with pytest.raises(ValueError, match=r"2 actions lead to 3 symbols, not 2"):
        store.listen([0, 1], [0, 0])
    with pytest.raises(ValueError, match=r"symbol = -1 is outside"):
        store.listen([0, -1], [0])
    assert store.replay_for(1e-9) == 1
