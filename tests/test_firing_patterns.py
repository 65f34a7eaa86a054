"""Published firing patterns of Izhikevich and AdEx, by what makes each of them that pattern.

Sources: Izhikevich, IEEE Trans. Neural Netw. 14 (2003) 1569-1572; Naud, Marcille, Clopath, Gerstner, Biol. Cybern. 99
(2008) 335-347.
"""

from __future__ import annotations

import numpy as np

from neuron_runs import simulated
from reafference import AdEx, Izhikevich, Watch
from reafference.units import ms, mV, nS, pA, pF

# Izhikevich (2003), figure 2, with 10 pA: a and b (1/ms), c (mV), d
IZHIKEVICH = {
    "regular spiking": (0.02, 0.2, -65, 8),
    "intrinsic bursting": (0.02, 0.2, -55, 4),
    "chattering": (0.02, 0.2, -50, 2),
    "fast spiking": (0.1, 0.2, -65, 2),
    "low-threshold spiking": (0.02, 0.25, -65, 2),
}
# Naud et al. (2008), table 1: C (pF), g_L (nS), E_L, V_T, Delta_T (mV), a (nS), tau_w (ms), b (pA), V_r (mV), I (pA)
NAUD = {
    "tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    "transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "irregular": (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
}


def published(patterns, neuron_of, seconds):
    """{pattern: (time of its first spike, all its intervals)} in ms, with a step of current at time 0."""
    simulation = simulated(neuron_of(*np.array(list(patterns.values()), float).T), len(patterns))
    simulation.advance(seconds)
    time, neuron = simulation.recording().of("cells")
    times = [time[neuron == k] / ms for k in range(len(patterns))]
    return {name: (train[0], np.diff(train)) for name, train in zip(patterns, times, strict=True)}


def izhikevich(a, b, c, d):
    """The neuron in SI units, at rest before the current comes."""
    return Izhikevich(a=a / ms, b=b / ms, c=c * mV, d=d, current=10 * pA, initial=np.where(b > 0.22, -64.4, -70) * mV)


def naud(C, g, rest, threshold, slope, a, tau_w, b, reset, current):
    """The same."""
    volts = {"rest": rest * mV, "threshold": threshold * mV, "slope": slope * mV, "reset": reset * mV}
    adaptation = {"a": a * nS, "b": b * pA, "tau_w": tau_w * ms}
    return AdEx(tau=C * pF / (g * nS), resistance=1 / (g * nS), current=current * pA, **volts, **adaptation)


def bursts(gaps, pause):
    """Number of spikes of every whole burst after the first; bursts are parted by intervals above `pause`."""
    return np.diff(np.flatnonzero(gaps > pause))


def test_the_firing_patterns_of_izhikevich():
    gaps = {name: interval for name, (_, interval) in published(IZHIKEVICH, izhikevich, 1.0).items()}
    regular, fast, low = gaps["regular spiking"], gaps["fast spiking"], gaps["low-threshold spiking"]
    assert regular[0] < 0.5 * regular[-1] and np.ptp(regular[2:]) < 0.3, "adapts, then is regular"
    bursting = gaps["intrinsic bursting"]
    assert np.all(bursting[:2] < 5) and np.all(bursting[2:] > 20) and np.ptp(bursting[4:]) < 0.3
    chattering = gaps["chattering"]
    sizes = bursts(chattering, 20)
    assert sizes.size > 10 and np.all(sizes >= 4) and chattering[chattering < 20].max() < 8
    assert fast.size > 4 * regular.size and np.ptp(fast[5:]) < 0.3 and fast.size > 100
    assert low[-1] > 3 * low[0] and regular.size < low.size < fast.size
    # Low threshold: 1 pA suffices for it, and for none of the others.
    a, b, c, d = np.array(list(IZHIKEVICH.values())).T
    weak = simulated(Izhikevich(a=a / ms, b=b / ms, c=c * mV, d=d, initial=np.where(b > 0.22, -64.4, -70) * mV), 5)
    for part in np.linspace(0, 1, 100):
        weak.inject_current("cells", np.full(5, part * pA))
        weak.advance(0.01)
    weak.advance(1.0)
    assert set(weak.recording().of("cells")[1]) == {4}


def test_thalamocortical_cells_rebound_and_regular_ones_do_not():
    cells = Izhikevich(b=np.array([0.25, 0.2]) / ms, d=np.array([0.05, 8]), initial=np.array([-64.4, -70]) * mV)
    simulation = simulated(cells, 2)
    simulation.advance(0.2)
    simulation.inject_current("cells", np.full(2, -10 * pA))
    simulation.advance(0.2)
    assert simulation.recording().of("cells")[1].size == 0
    simulation.inject_current("cells", 0.0)
    simulation.advance(0.1)
    assert simulation.recording().counts("cells")[0] >= 3 and simulation.recording().counts("cells")[1] == 0


def test_the_resonator_rings_at_the_frequency_of_its_jacobian():
    """Rest is -62.5 mV, where dv'/dv = 0: eigenvalues -a/2 +- i sqrt(a b - a^2 / 4)."""
    a, b = 0.1 / ms, 0.26 / ms
    neuron = Izhikevich(a=a, b=b, d=2.0, initial=-62.5 * mV)
    simulation = simulated(neuron, events=[(5 * ms, 0, 0.02 * mV)], watch=[Watch(population="cells")])
    simulation.advance(0.12)
    v = simulation.recording().traces["cells.v"].value[:, 0] + 62.5 * mV
    crossings = np.flatnonzero(v[55:-1] * v[56:] < 0)
    assert crossings.size >= 4
    half = np.pi / np.sqrt(a * b - a**2 / 4)
    np.testing.assert_allclose(np.diff(crossings[:4]) * 0.1 * ms, half, rtol=0.02)


def test_the_firing_patterns_of_adex():
    got = published(NAUD, naud, 2.0)
    first, gaps = ({name: pair[k] for name, pair in got.items()} for k in range(2))
    assert np.ptp(gaps["tonic"][5:]) < 0.3 and gaps["tonic"][0] > 0.9 * gaps["tonic"][-1]
    assert np.all(np.diff(gaps["adaptation"]) > -0.3) and gaps["adaptation"][-1] > 5 * gaps["adaptation"][0]
    assert np.all(gaps["initial burst"][:2] < 10) and np.all(gaps["initial burst"][2:] > 40)
    for name, pause in (("regular bursting", 50), ("delayed regular bursting", 20)):
        sizes = bursts(gaps[name], pause)
        assert sizes.size > 8 and sizes[0] >= 2 and np.ptp(sizes) == 0, name
    delayed = gaps["delayed accelerating"]
    assert first["delayed accelerating"] > 1.4 * delayed[0] and np.all(np.diff(delayed) < 0.3)
    assert delayed[0] > 1.5 * delayed[-1]
    assert first["delayed regular bursting"] > 50 > 15 > gaps["delayed regular bursting"][:2].max()
    assert first["transient"] + gaps["transient"].sum() < 100, "it falls silent although the current stays"
    irregular = gaps["irregular"]
    assert irregular.std() / irregular.mean() > 0.4
    for period in range(1, 7):
        assert np.abs(irregular[period:] - irregular[:-period])[-20:].max() > 3, f"no cycle of {period}"
