"""The log-normal brain at a size that keeps its state: a quarter of the cells, each reached by half as many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reafference import LogNormalPlan, Simulation, lognormal_brain
from reafference.measure import best, fit_families, interval_variation
from reafference.units import mV

# Kernels are those of test_release.py: ConductanceLIF, spike trains, unreliable synapses.
SMALL = LogNormalPlan(excitatory=2500, inhibitory=500, sending_excitatory=0.2, sending_inhibitory=1.0, excitation=18.0)


def lived(plan, seed=1, seconds=2.5):
    """The recording, or what there is of it where nobody spikes any more."""
    simulation = Simulation(lognormal_brain(plan, seed=seed), seed=seed, threads=1, record=["excitatory", "inhibitory"])
    simulation.advance(0.2)
    while simulation.now < seconds - 1e-9 and simulation.advance(0.1).tick.size:
        pass
    return simulation.recording()


@pytest.fixture(scope="module")
def awake():
    return lived(SMALL)


def test_it_keeps_itself_awake_and_irregular(awake):
    """Long after the kick, rates are low, trains irregular, and cells differ by more than counting would make them."""
    assert awake.seconds == pytest.approx(2.5)
    for name, slowest, fastest in (("excitatory", 2.5, 5.5), ("inhibitory", 20, 45)):
        first, end = awake.range(name)
        time, neuron = awake.of(name)
        late = time > 1.25
        counts = np.bincount(neuron[late], minlength=end - first)
        assert slowest < counts.mean() / 1.25 < fastest, name
        halves = [((time > low) & (time <= low + 0.4)).sum() for low in (1.3, 1.7, 2.1)]
        assert max(halves) < 1.5 * min(halves), f"{name}: neither dying nor running away"
        variation = interval_variation(time[late], neuron[late], end - first, least=8)
        assert 0.75 < np.nanmedian(variation) < 1.25, name
    time, neuron = awake.of("excitatory")
    fits = fit_families(np.bincount(neuron[time > 1.25], minlength=2500), 1.25)
    assert fits.counted[0].parameters[1] > 0.6 and best(fits.counted).family.name != "Gaussian"


def test_equal_synapses_of_the_same_mean_fall_silent(awake):
    """What keeps it awake are the few strong synapses: with all EPSPs at the mean the kick dies away at once."""
    equal = replace(SMALL, epsp_sigma=0.0, epsp_mode=SMALL.epsp.mean_below(SMALL.epsp_most))
    recording = lived(equal)
    assert recording.seconds < 1.5 and recording.time.max() < 1.2 < awake.time.max()


def test_without_a_kick_nobody_ever_spikes():
    network = lognormal_brain(replace(SMALL, kick_seconds=0.0))
    assert [population.name for population in network.populations] == ["excitatory", "inhibitory"]
    assert network.projections[0].release is not None
    simulation = Simulation(network, threads=1)
    assert simulation.advance(0.1).tick.size == 0
    assert lognormal_brain(replace(SMALL, failure=0.0)).projections[0].release is None


def test_a_weight_makes_the_epsp_that_it_is_named_after():
    """One event from rest, integrated finely: the conductance for 1 mV makes 1.08 mV, as G = EPSP / 100 does."""
    plan, step = LogNormalPlan(), 2e-6
    weight = 1 * mV * plan.weight_of_epsp
    v, g, top = plan.rest, weight, 0.0
    for _ in range(10_000):
        v += step / plan.tau_excitatory * (plan.rest - v + g * (plan.reversal_e - v))
        g -= step / plan.tau_synapse * g
        top = max(top, v - plan.rest)
    assert top == pytest.approx(1.08 * mV, rel=0.01)
    assert weight == pytest.approx(0.01e3 * plan.tau_excitatory), "0.01 per ms, in leak conductances"


def test_epsps_have_the_published_mean():
    plan = LogNormalPlan()
    values = plan.epsp.sample(np.random.default_rng(1), 400_000)
    assert values.mean() == pytest.approx(0.89 * mV, rel=0.01) and values.max() <= 20 * mV
    density, edges = np.histogram(np.minimum(values, 2 * mV), np.linspace(0, 2 * mV, 41))
    assert 0.1 * mV < edges[density[:-1].argmax()] < 0.3 * mV


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("excitatory", 1, "LogNormalPlan.excitatory = 1 is outside"),
        ("epsp_mode", 0.2, "LogNormalPlan.epsp_mode = 0.2 V is outside"),
        ("inhibition", -2.0, "LogNormalPlan.inhibition = -2 Hz"),
        ("kick_seconds", -1.0, "LogNormalPlan.kick_seconds = -1 s"),
    ],
)
def test_plans_that_cannot_be_meant(field, value, text):
    with pytest.raises(ValueError) as caught:
        LogNormalPlan(**{field: value})
    assert text in str(caught.value)
