"""Steps for an exponential leak, and few numbers for many weights: against plain sums, laws, and exhaustive search."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reafference.chips.truenorth.basis import basis_of, distinct, nearest, power_near, whole
from reafference.chips.truenorth.leak import Course, Leak, after_leak, course_of

seeds = st.integers(0, 10**6)


def squares(course, decay, low, step):
    """Mean of the squares of what a step is off from the decay, over many potentials."""
    x = np.linspace(-low, course.threshold, 2_001)
    return float(np.mean((after_leak(course, x, step) - (1 - decay) * x) ** 2))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.001, 1.0), st.floats(-8.0, 8.0), st.floats(0.5, 20.0), st.booleans())
def test_the_step_has_the_least_squares_of_what_it_is_off(decay, reset, high, inhibited):
    reset = min(reset, high - 0.1)
    course = course_of(decay=decay, level=0.0, threshold=high, reset=reset, inhibited=inhibited)
    low = max(-reset, high if inhibited else 0.0, 0.0)
    assert course.origin == 0 and course.threshold == high and course.leak is not Leak.DRIFT
    tried = course.step * np.linspace(0, 2, 41)
    if course.leak is Leak.BACK and course.step >= high / 2:
        tried = tried[tried <= high / 2]  # a longer one would carry a potential from below rest to threshold
    off = [squares(course, decay, low, step) for step in tried]
    assert squares(course, decay, low, course.step) <= min(off) * (1 + 1e-3) + 1e-12
    # The other leak would be no better, where both can be had.
    other = Leak.BACK if course.leak is Leak.DOWN else Leak.DOWN
    if reset >= 0 or other is Leak.BACK:
        twin = Course(other, 0.0, 0.0, high)
        best = min(squares(twin, decay, low, step) for step in np.linspace(0, high, 101))
        assert squares(course, decay, low, course.step) <= best * (1 + 1e-2) + 1e-9


def test_a_neuron_that_keeps_nothing_is_exact():
    course = course_of(decay=1.0, level=-65.0, threshold=-50.0, reset=-65.0, inhibited=True)
    assert (course.leak, course.step, course.threshold) == (Leak.DOWN, 15.0, 15.0)
    assert after_leak(course, np.array([-9.0, 3.0, 14.9]), course.step).tolist() == [0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 0.5), st.floats(0.1, 50.0), st.floats(1.0, 20.0))
def test_a_drift_takes_as_long_as_the_current(decay, above, way):
    course = course_of(decay=decay, level=way + above, threshold=way, reset=0.0, inhibited=True)
    v, ticks = 0.0, 0
    while v < way:
        v += decay * (way + above - v)
        ticks += 1
    assert course.leak is Leak.DRIFT and course.origin == course.step
    assert ticks - 1 <= way / course.step * (1 + 1e-9) and way / course.step <= ticks * (1 + 1e-9)


def parts_of(basis):
    return [bits.bit_count() for bits in basis.parts.tolist()]


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_sums_are_the_nearest_and_none_has_more_parts(seed, numbers, most, keep_weak):
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0, 1, 60) * rng.choice([1, 1, -2], 60)
    basis = basis_of(weight, numbers, most, keep_weak=keep_weak)
    assert basis.number.size <= numbers and max(parts_of(basis)) <= most
    sums = np.array([sum(some) for k in range(most + 1) for some in combinations(basis.number.tolist(), k)])
    for w, made in zip(weight.tolist(), basis.made.tolist(), strict=True):
        legal = [s for s in sums.tolist() if s * w > 0] or [0.0] if keep_weak else sums
        assert abs(w - made) == pytest.approx(np.abs(w - np.array(legal)).min(), abs=1e-9)
        assert w * made >= 0 or not keep_weak  # never the other sign
    # No number can be moved so that what is off becomes less; so each group keeps its sum.
    for k in range(basis.number.size):
        used = (basis.parts >> k) & 1 > 0
        assert abs(np.sum((weight - basis.made)[used])) < 1e-6 * np.abs(weight).sum()
    if keep_weak and most == 1 and numbers > 1:
        assert basis.made.sum() == pytest.approx(weight.sum())  # what drives the neuron keeps its mean


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(["doubled", "signed", "few"]))
def test_weights_that_sums_can_make_are_made_exactly(seed, how):
    rng = np.random.default_rng(seed)
    step = rng.uniform(0.1, 3)
    levels = {"doubled": np.arange(1, 16), "signed": np.arange(-8, 8), "few": rng.uniform(-5, 5, 4)}[how]
    weight = step * np.concatenate([levels, rng.choice(levels, 40)])
    weight = weight[weight != 0]
    basis = basis_of(weight, 4, 4)
    assert np.allclose(basis.made, weight, rtol=1e-9)
    if how != "few":
        integer, unit, parts = whole(basis, weight, finest=255, most=4)
        made = [sum(w for k, w in enumerate(integer.tolist()) if bits >> k & 1) * unit for bits in parts.tolist()]
        assert np.allclose(made, weight, rtol=1e-9) and 127 <= np.abs(integer).max() <= 255


def fewest_squares(weight, numbers):
    """The least sum of squares with so many numbers, one a weight (or none): every way to share out sorted weights."""
    value = np.sort(weight)
    best = np.inf
    for cut in combinations(range(value.size + 1), numbers + 1):
        # Weights that are left out are those between two groups, which 0 is nearest to.
        for gap in [None, *range(numbers)]:
            off = np.sum(value[: cut[0]] ** 2) + np.sum(value[cut[-1] :] ** 2)
            for k, (a, b) in enumerate(pairwise(cut)):
                group = value[a:b]
                off += np.sum(group**2) if k == gap else np.sum((group - group.mean()) ** 2) if group.size else 0
            best = min(best, off)
    return best


def test_numbers_come_close_to_the_best_that_there_are():
    mine, best = 0.0, 0.0
    for seed in range(12):
        weight = np.random.default_rng(seed).lognormal(0, 1, 9)
        mine += np.sum((weight - basis_of(weight, 2, 1, keep_weak=False).made) ** 2)
        best += fewest_squares(weight, 2)
    assert best <= mine * (1 + 1e-9) and mine <= 1.6 * best


def test_integers_are_within_the_limit_and_keep_equal_weights_equal():
    weight = np.array([6.0, -3.0, 6.0, 1.5])
    integer, unit, parts = whole(basis_of(weight, 4, 4), weight, finest=255, most=4)
    assert integer.tolist() == [-126, 63, 252] and unit == pytest.approx(6 / 252) and parts.tolist() == [4, 1, 4, 2]
    integer, unit, _ = whole(basis_of(weight, 4, 4), weight, finest=9, most=4)
    assert integer.tolist() == [-4, 2, 8] and unit == 0.75
    assert distinct(np.array([1.0, 1.0 + 1e-12, 0.0, -2.0])).tolist() == [-2.0, 1.0]
    assert nearest(np.array([1.0, 1.0]), np.array([1.1, 2.0, 0.1, -1]), 2).tolist() == [1, 3, 1, 0]
    assert nearest(np.array([1.0, 1.0]), np.array([2.0, 0.1, -1]), 2, keep_weak=False).tolist() == [3, 0, 0]


def test_a_reset_comes_near_to_what_can_be_encoded():
    weight = np.array([1.0])
    for reset in np.linspace(0.5, 40, 30):
        _, unit, _ = whole(basis_of(weight, 4, 4), weight, finest=255, most=4, power=-reset)
        kept = power_near(np.array([reset / unit]))[0]
        assert abs(kept * unit / reset - 1) < 0.01
    assert power_near(np.array([0.4, 0.6, 5.0, 5.1, 2.0**30])).tolist() == [0, 1, 3, 7, 2**19 - 1]
