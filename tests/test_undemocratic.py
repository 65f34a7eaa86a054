"""Few cells that say much: their gains, their share of the spikes, and plasticity that falls with strength."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reafference.brain.brain import Brain, BrainPlan, smaller
from reafference.brain.motor import MotorPlan
from reafference.brain.rigidity import Rigidity
from reafference.measure import half_share
from reafference.network import LogNormal, Normal

# A shorter development before birth: five seconds of premotor activity are enough here.
PLAN = replace(smaller(BrainPlan(), 200), motor=MotorPlan(development=5.0))


def lived(plan, frames=60):
    """A brain whose senses have gone round and round; spikes of each efference cell."""
    brain = Brain(senses=2, action="box", actions=1, frame=0.05, seed=5, plan=plan)
    state = np.sin(np.arange(frames)[:, None] * np.array([0.17, 0.41]))
    counts = np.zeros(plan.basis.cells, np.int64)
    for now, change in zip(state, np.diff(state, axis=0, prepend=state[:1]) / 0.25, strict=True):
        brain.feel(now, change)
        brain.act()
        counts += brain.finish().efference
    return brain, counts


@pytest.fixture(scope="module")
def ordinary():
    return lived(PLAN)


def learned(brain):
    return np.stack([brain.simulation.weights(name) for pair in brain.comparator.plastic for name in pair])


def test_ten_to_twenty_percent_make_half_where_sigma_is_between_084_and_128():
    """Half of the total of a log-normal is made above the median of its first-moment distribution, which is the same
    log-normal moved up by sigma^2: the share above it is Phi(-sigma)."""
    middle = (np.arange(100_000) + 0.5) / 100_000
    z = np.array([NormalDist().inv_cdf(p) for p in middle])
    for share in (0.1, 0.2):
        sigma = -NormalDist().inv_cdf(share)
        assert sigma == pytest.approx({0.1: 1.2816, 0.2: 0.8416}[share], abs=1e-4)
        assert half_share(np.exp(sigma * z)) == pytest.approx(share, abs=0.002)


def test_gains_are_log_normal_unless_the_plan_says_otherwise(ordinary):
    """The measured rates of the default brain are in the claimed range; those of equal gains and thresholds are not."""
    even = replace(PLAN.basis, gains=Normal(mean=0.28, std=0.07, low=0.014), low=0.5, high=0.5)
    _, equal = lived(replace(PLAN, basis=even))
    assert 0.84 < -NormalDist().inv_cdf(half_share(ordinary[1])) < 1.5
    assert half_share(equal) > 1.3 * half_share(ordinary[1])


@given(
    before=st.lists(st.floats(-2e-3, 2e-3), min_size=1, max_size=5),
    change=st.floats(-1e-3, 1e-3),
    most=st.floats(1e-4, 1e-2),
    power=st.floats(0, 8),
)
def test_rigidity_against_its_formula_one_synapse_at_a_time(before, change, most, power):
    held = Rigidity(most=most, power=power).held(np.array(before), np.array(before) + change)
    for start, end in zip(before, held, strict=True):
        left = 1 - abs(start) / most
        plastic = left**power if left > 0 else (1.0 if power == 0 else 0.0)
        assert end == pytest.approx(start + change * plastic, rel=1e-6, abs=1e-15)


def test_a_rigid_brain_keeps_its_strong_synapses_and_power_zero_is_ordinary_learning(ordinary):
    """Gains given as a distribution are those that log_sigma stands for, so all three hear the same spikes."""
    gains = replace(PLAN.basis, gains=LogNormal.with_mean(1.0, log_sigma=1.0))
    usual = learned(ordinary[0])
    strongest = float(np.abs(usual).max())
    free, heard = lived(replace(PLAN, basis=gains, rigidity=Rigidity(most=strongest / 2, power=0.0)))
    rigid, _ = lived(replace(PLAN, rigidity=Rigidity(most=strongest / 2, power=4.0)))
    np.testing.assert_array_equal(heard, ordinary[1])
    np.testing.assert_allclose(learned(free), usual, rtol=1e-9, atol=1e-15)
    assert 0.05 * strongest < np.abs(learned(rigid)).max() < 0.7 * strongest


def test_a_rigidity_that_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match=r"Rigidity\.most"):
        Rigidity(most=0.0)
    with pytest.raises(ValueError, match=r"Rigidity\.power"):
        Rigidity(most=1e-3, power=-1.0)
