"""Private Poisson input: its counts, against a plain twin and against the distribution they should have."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from plain import GOLDEN, WORD, plain_mix
from random_networks import FEW
from reafference import (
    CurrentLIF,
    DeltaLIF,
    FixedProbability,
    Network,
    OneToOne,
    PoissonInput,
    Population,
    Projection,
    Simulation,
    run,
)
from reafference.engine.kernel import kernel
from reafference.engine.noise import draw, make, one_rate
from reafference.units import ms, mV


@kernel
def counts(noise, begin, end, result):
    """Counts of input 0 at the ticks begin..end."""
    for tick in range(begin, end):
        result[tick - begin, -1] = draw(noise, 0, tick)
        for j in range(noise.size[0]):
            result[tick - begin, j] = noise.count[j]


def drawn(mean, *, source=0, seed=5, ticks=(1, 2)):
    """(ticks, sources) counts of the engine."""
    mean = np.asarray(mean, dtype=np.float64)
    noise = make([(0, source, 1.0, seed, mean, one_rate(mean))])
    result = np.zeros((ticks[1] - ticks[0], noise.count.size + 1), np.int64)
    counts(noise, *ticks, result)
    np.testing.assert_array_equal(result[:, :-1].sum(1), result[:, -1])
    return result[:, :-1]


def plain_inverse(mean, u):
    """Smallest n with u < P(N <= n)."""
    n, p = 0, math.exp(-mean)
    below = p
    while u >= below and n < 254:
        n += 1
        p *= mean / n
        below += p
    return n


def plain_count(mean, source, tick, seed, *, alike):
    """The number of spikes of one source at one tick, from its own 16 (and, to be exact, 53 more) random bits."""
    key = plain_mix((seed + GOLDEN * (tick + 1)) & WORD)
    if not alike:
        return plain_inverse(mean, (plain_mix((key + GOLDEN * (source + 1)) & WORD) >> 11) / 2**53)
    word = plain_mix((key + GOLDEN * (source // 4 + 1)) & WORD)
    coarse = (word >> 16 * (source % 4)) & 0xFFFF
    fine = (plain_mix(plain_mix((key + GOLDEN * 2 * (source + 1)) & WORD) ^ GOLDEN) >> 11) / 2**53
    return plain_inverse(mean, (coarse + fine) / 2**16)


@FEW
@given(
    mean=st.one_of(st.floats(0, 100), st.floats(0, 0.01)),
    source=st.integers(0, 9),
    size=st.integers(1, 40),
    seed=st.integers(0, 2**63),
    alike=st.booleans(),
)
def test_counts_are_those_of_the_twin(mean, source, size, seed, alike):
    means = np.full(size, mean) if alike else mean * (1 + np.arange(size)) / size
    alike = alike or size == 1 or mean == 0
    got = drawn(means, source=source, seed=seed, ticks=(7, 12))
    expected = [
        [plain_count(means[j], source + j, tick, seed, alike=alike) for j in range(size)] for tick in range(7, 12)
    ]
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("mean", [0.0005, 0.3, 2.0, 40.0])
@pytest.mark.parametrize("alike", [True, False])
def test_counts_are_poisson(mean, alike):
    means = np.full(1000, mean)
    if not alike:
        means[0] *= 0.5
    got = drawn(means, ticks=(1, 401))[:, 1:].ravel()
    values = np.arange(int(stats.poisson.ppf(1 - 1e-9, mean)) + 2)
    expected = stats.poisson.pmf(values, mean) * got.size
    observed = np.bincount(got, minlength=values.size)[: values.size]
    assert observed.sum() == got.size
    together = expected > 8
    chi2 = ((observed - expected)[together] ** 2 / expected[together]).sum()
    rest_observed, rest_expected = observed[~together].sum(), expected[~together].sum()
    chi2 += (rest_observed - rest_expected) ** 2 / max(rest_expected, 1.0)
    assert stats.chi2.sf(chi2, together.sum()) > 1e-4


def test_neurons_and_ticks_are_independent():
    got = drawn(np.full(8, 2.0), ticks=(1, 20001)).astype(float)
    correlation = np.corrcoef(got, rowvar=False) - np.eye(8)
    assert np.abs(correlation).max() < 5 / math.sqrt(20000)
    for lag in (1, 2, 3, 4):
        assert abs(np.corrcoef(got[:-lag].ravel(), got[lag:].ravel())[0, 1]) < 5 / math.sqrt(160000)


def network(kind, rate, weight=0.1 * mV, size=300):
    noise, cells = Population("noise", size, PoissonInput(rate=rate)), Population("cells", size, kind)
    return Network(
        populations=[noise, cells],
        projections=[
            Projection(noise, cells, OneToOne(), weight=weight),
            Projection(cells, cells, FixedProbability(0.1), weight=-0.2 * mV, delay=1.5 * ms),
        ],
    )


@pytest.mark.parametrize("kind", [DeltaLIF(), CurrentLIF(tau_e=2 * ms)])
def test_same_spikes_on_any_number_of_threads(kind):
    rate = 12e3 if isinstance(kind, DeltaLIF) else 120e3
    results = [run(network(kind, rate), 0.2, threads=threads, seed=3) for threads in (1, 2, 3)]
    assert results[0].time.size > 300
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].time, other.time)
        np.testing.assert_array_equal(results[0].neuron, other.neuron)


def test_mean_and_variance_of_the_voltage_are_those_of_shot_noise():
    """Campbell: mean = rate w tau, variance = rate w^2 tau / 2."""
    rate, weight, tau = 8e3, 0.05 * mV, 10 * ms
    noise = Population("noise", 500, PoissonInput(rate=rate))
    cells = Population("cells", 500, DeltaLIF(tau=tau, threshold=1.0))
    simulation = Simulation(
        Network(populations=[noise, cells], projections=[Projection(noise, cells, OneToOne(), weight=weight)])
    )
    simulation.advance(0.1)
    values = []
    for _ in range(40):
        simulation.advance(0.03)
        values.append(simulation.read("cells") + 65 * mV)
    v = np.array(values)
    assert v.mean() == pytest.approx(rate * weight * tau, rel=0.01)
    assert v.var() == pytest.approx(rate * weight**2 * tau / 2, rel=0.05)


def test_input_that_is_counted_does_not_look_silent():
    simulation = Simulation(network(DeltaLIF(), 12e3))
    simulation.advance(0.05)
    recording = simulation.recording()
    assert "noise: not recorded" in repr(recording)
    with pytest.raises(ValueError, match="those of a PoissonInput are never listed"):
        recording.counts("noise")
    assert recording.counts("cells").sum() > 0
    with pytest.raises(ValueError, match="record has 'noise', a PoissonInput, whose spikes are counted"):
        Simulation(network(DeltaLIF(), 12e3), record=["noise"])
    with pytest.raises(ValueError, match="'noise' is a PoissonInput, whose spikes are counted"):
        simulation.inject_spikes("noise", [0])


def test_a_new_rate_holds_from_the_next_tick_on():
    simulation = Simulation(network(DeltaLIF(), 0.0))
    assert simulation.advance(0.05).tick.size == 0
    simulation.set_rate("noise", 20e3)
    assert simulation.advance(0.05).tick.size > 0
    simulation.set_rate("noise", np.where(np.arange(300) < 10, 40e3, 0.0))
    simulation.advance(0.1)
    spikes = simulation.advance(0.1)
    assert set(np.unique(spikes.neuron - 300)) == set(range(10))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wiring": FixedProbability(0.5)}, "OneToOne"),
        ({"weight": np.full(300, 1e-4)}, "one weight"),
    ],
)
def test_other_wirings_are_refused(change, words):
    noise, cells = Population("noise", 300, PoissonInput(rate=5.0)), Population("cells", 300, DeltaLIF())
    arguments = {"wiring": OneToOne(), "weight": 1e-4} | change
    projection = Projection(noise, cells, arguments["wiring"], weight=arguments["weight"])
    with pytest.raises(ValueError, match=words):
        Simulation(Network(populations=[noise, cells], projections=[projection]))


def test_too_many_spikes_a_tick_are_refused():
    with pytest.raises(ValueError, match="smaller dt"):
        Simulation(network(DeltaLIF(), 2e6))


@pytest.mark.parametrize("rate", [300.0, 20_000.0])  # most hear nothing in a tick; most hear something
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", [DeltaLIF, CurrentLIF])
def test_what_is_heard_in_a_tick_is_counted_and_weighs_what_it_should(rate, sign, kind):
    cells = Population("cells", 400, kind(tau=0.5, threshold=0.9, rest=0.0, reset=0.0))
    noise = Population("noise", 400, PoissonInput(rate=rate))
    weight = sign * 1 * mV
    network = Network(populations=[cells, noise], projections=[Projection(noise, cells, OneToOne(), weight=weight)])
    simulation, before, heard = Simulation(network, seed=3), 0, []
    for _ in range(40):
        simulation.advance(0.1 * ms)
        variable = "v" if kind is DeltaLIF else ("g_e" if sign > 0 else "g_i")
        value = simulation.read("cells", variable)
        tau = cells.kind.tau if kind is DeltaLIF else getattr(cells.kind, f"tau_{variable[-1]}")
        kept = np.exp(-0.1 * ms / tau)
        heard.append((value - before * kept) / weight)
        before = value
    counts = np.array(heard)
    assert np.abs(counts - np.round(counts)).max() < 1e-9
    assert counts.sum() == pytest.approx(simulation.recording().work["synaptic_events"], abs=1e-6)
    mean = rate * 400 * 4 * ms
    assert abs(counts.sum() - mean) < 5 * np.sqrt(mean)
