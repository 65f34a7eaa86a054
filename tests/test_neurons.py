"""Laws of the neurons that are advanced at every tick: exact solutions, where they rest, and when they fire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from neuron_runs import KINDS, intervals, simulated
from random_networks import FEW
from reafference import AdEx, ConductanceLIF, Izhikevich, Watch
from reafference.units import MOhm, ms, mV, nA, nS, pA

# --- the equations of the docstrings, solved to twelve digits -------------------------------------------------------


def equations(n):
    """(dy/dt, y at the start, names of y, what an event does) of a neuron with single numbers for parameters."""
    if isinstance(n, ConductanceLIF):

        def slope(t, y):
            v, g_e, g_i = y
            drive = n.resistance * n.current + g_e * (n.reversal_e - v) + g_i * (n.reversal_i - v)
            return (n.rest - v + drive) / n.tau, -g_e / n.tau_e, -g_i / n.tau_i

        def receive(y, weight):
            y[1 if weight > 0 else 2] += abs(weight)

        return slope, (n.rest, 0.0, 0.0), ("v", "g_e", "g_i"), receive
    if isinstance(n, AdEx):

        def slope(t, y):
            v, w, g_e, g_i = y
            drive = n.slope * np.exp(min((v - n.threshold) / n.slope, 300)) + n.resistance * (n.current - w) + g_e + g_i
            return (n.rest - v + drive) / n.tau, (n.a * (v - n.rest) - w) / n.tau_w, -g_e / n.tau_e, -g_i / n.tau_i

        def receive(y, weight):
            y[2 if weight > 0 else 3] += weight

        return slope, (n.rest, 0.0, 0.0, 0.0), ("v", "w", "g_e", "g_i"), receive

    def slope(t, y):
        v, u = y
        return 40_000 * v**2 + 5000 * v + 140 - u + n.current / n.capacitance, n.a * (n.b * v - u)

    def receive(y, weight):
        y[0] += weight

    return slope, (n.initial, n.b * n.initial), ("v", "u"), receive


def solution(neuron, times, events=()):
    """Exact state at `times`, {name: (times,)}, with events as in `simulated`."""
    slope, y, names, receive = equations(neuron)
    now, y, states = 0.0, np.array(y), {}
    for mark in sorted({*times, *(time for time, *_ in events)}):
        if mark > now:
            y = solve_ivp(slope, (now, mark), y, method="DOP853", rtol=1e-12, atol=1e-16).y[:, -1]
        now = mark
        for time, _, weight in events:
            if time == mark:
                receive(y, weight)
        states[mark] = y.copy()
    return dict(zip(names, np.array([states[time] for time in times]).T, strict=True))


def first_spike(neuron):
    """Exact time at which the solution reaches its peak."""
    slope, y, *_ = equations(neuron)
    peak = neuron.peak if isinstance(neuron, AdEx) else 30 * mV

    def over(t, y):
        return y[0] - peak

    over.terminal = True
    return solve_ivp(slope, (0, 1), y, method="DOP853", rtol=1e-11, atol=1e-15, events=over).t_events[0][0]


# neuron, events in ms, end in ms: a course with synapses and currents, the last two on their way to a spike
COURSES = {
    "conductance": (ConductanceLIF(threshold=0.5), [(8, 0.6), (16, 0.6), (24, -6.7), (40, 0.6)], 56),
    "adex": (AdEx(current=0.5 * nA), [(8, 5 * mV), (16, -9 * mV), (24, 33 * mV)], 30.4),
    "izhikevich": (Izhikevich(current=1 * pA, initial=-70 * mV), [(8, 3 * mV), (16, -3 * mV), (24, 14 * mV)], 26.4),
}


@pytest.mark.parametrize("kind", COURSES)
def test_each_method_is_of_second_order(kind):
    neuron, events, end = COURSES[kind]
    exact, errors = None, []
    for step in (0.4, 0.2, 0.1, 0.05):
        given = [(time * ms, 0, weight) for time, weight in events]
        simulation = simulated(neuron, dt=step * ms, events=given)
        assert simulation.advance(end * ms).tick.size == len(events), "only the train has spiked"
        exact = exact or solution(neuron, [end * ms], given)
        errors.append([abs(simulation.read("cells", name)[0] - value[0]) for name, value in exact.items()])
    errors = np.array(errors)
    order = np.log2(errors[1:-1] / errors[2:])
    slow = [name.startswith("g_") for name in exact]
    assert np.all(errors[:, slow] < 1e-12), "synapses are exact"
    moving = order[:, np.logical_not(slow)]
    assert np.all(np.abs(moving - 2) < 0.1), moving
    # It is the exponential or the square that is being integrated, not only the leak.
    if kind == "adex":
        assert exact["v"][0] > neuron.threshold + neuron.slope
    elif kind == "izhikevich":
        assert exact["v"][0] > -50 * mV


@pytest.mark.parametrize(
    ("name", "inputs", "bound"),
    [
        ("a single event of each sign", None, 0.05e-6),
        ("what a neuron of the benchmark hears at 20 Hz: 64 excitatory neurons, 16 inhibitory ones", (64, 16), 3e-6),
    ],
)
def test_the_error_of_conductance_synapses_is_what_the_docstring_says(name, inputs, bound):
    ticks, dt, rng = 2000, 0.1 * ms, np.random.default_rng(1)
    if inputs is None:
        when, weight = np.array([100, 600]), np.array([0.6, -6.7])
    else:
        counts = [rng.poisson(number * 20 * dt, ticks - 2) for number in inputs]
        when = np.concatenate([np.repeat(np.arange(2, ticks), count) for count in counts])
        weight = np.repeat([0.6, -6.7], [count.sum() for count in counts])
    neuron = ConductanceLIF(threshold=0.5)
    events = [(tick * dt, 0, size) for tick, size in zip(when.tolist(), weight.tolist(), strict=True)]
    simulation = simulated(neuron, events=events, watch=[Watch(population="cells")])
    simulation.advance(ticks * dt)
    trace = simulation.recording().traces["cells.v"].value[:, 0]
    look = np.arange(1, ticks, 7)
    error = np.abs(trace[look - 1] - solution(neuron, (look * dt).tolist(), events)["v"]).max()
    assert bound / 10 < error < bound, error


@settings(FEW, max_examples=15)
@given(seed=st.integers(0, 2**31))
def test_strong_conductances_never_carry_v_out_of_its_bounds(seed):
    """However strong the synapses and long the tick, v stays between rest and the reversal potentials."""
    rng = np.random.default_rng(seed)
    dt, tau = rng.choice([0.1, 1]) * ms, rng.choice([0.05, 1, 20]) * ms
    neuron = ConductanceLIF(threshold=1.0, initial=rng.uniform(-80, 0) * mV, tau=tau)
    weights = rng.uniform(0, 10, 200) * rng.choice([-1, 1], 200)
    events = [(int(tick) * dt, 0, size) for tick, size in zip(rng.integers(2, 40, 200), weights, strict=True)]
    simulation = simulated(neuron, dt=dt, events=events, watch=[Watch(population="cells")])
    simulation.advance(100 * dt)
    v = simulation.recording().traces["cells.v"].value
    assert v.min() >= neuron.reversal_i and v.max() <= neuron.reversal_e


STRONG = {
    "adex": AdEx(current=np.array([0.7, 0.8, 1.0, 1.5, 2.0, 3.0]) * nA),
    "izhikevich": Izhikevich(current=np.array([4.5, 5, 7, 10, 20, 50]) * pA),
}


@pytest.mark.parametrize("kind", STRONG)
@pytest.mark.parametrize("dt", [0.05 * ms, 0.2 * ms])
def test_a_spike_lies_on_the_first_tick_after_the_solution_has_got_there(kind, dt):
    simulation = simulated(STRONG[kind], 6, dt=dt)
    simulation.advance(0.15)
    time, neuron = simulation.recording().of("cells")
    for k, current in enumerate(STRONG[kind].current):
        late = time[neuron == k][0] - first_spike(KINDS[kind](current=float(current)))
        assert -0.02 * dt < late < 1.02 * dt, (current, late / dt)


def test_where_the_peak_is_matters_little():
    """The upstroke takes less than a tick; later spikes differ by what it does to the adaptation."""
    current = np.linspace(0.8, 2, 8) * nA
    trains = []
    for peak in (-20 * mV, 20 * mV):
        simulation = simulated(AdEx(current=current, peak=peak), 8)
        simulation.advance(0.5)
        time, neuron = simulation.recording().of("cells")
        trains.append([time[neuron == k] for k in range(8)])
    for low, high in zip(*trains, strict=True):
        assert low.size == high.size > 5
        assert np.abs(low - high)[:2].max() < 0.15 * ms and np.abs(low - high).max() < 0.01 * low.max()


# --- where a neuron rests, and when it fires ------------------------------------------------------------------------


def test_constant_conductances_hold_v_at_their_weighted_mean():
    neuron, dt = ConductanceLIF(threshold=0.5, current=0.05 * nA), 0.1 * ms
    events = [(tick * dt, 0, weight) for tick in range(2, 3000) for weight in (0.02, -0.03)]
    simulation = simulated(neuron, events=events)
    simulation.advance(2999 * dt)

    def middle(weight, tau):  # of a tick, when an event arrives at each
        return weight * np.exp(-dt / 2 / tau) / (1 - np.exp(-dt / tau))

    g_e, g_i = middle(0.02, neuron.tau_e), middle(0.03, neuron.tau_i)
    levels = neuron.rest + neuron.resistance * neuron.current + g_e * neuron.reversal_e + g_i * neuron.reversal_i
    assert simulation.read("cells")[0] == pytest.approx(levels / (1 + g_e + g_i), abs=1e-12)
    assert g_e > 0.5 and g_i > 2


def test_the_rate_of_a_leaky_neuron_is_that_of_the_textbook():
    """T = refractory + tau log(RI / (RI - (threshold - rest))), in whole ticks; below the rheobase never."""
    dt, rheobase = 0.1 * ms, 10 * mV / (100 * MOhm)
    current = rheobase * np.array([0.5, 0.999999, 1.00001, 1.01, 1.1, 2, 5, 20])
    refractory = np.array([0, 0, 0, 1, 2, 5, 0.1, 0]) * ms
    simulation = simulated(ConductanceLIF(current=current, refractory=refractory), 8)
    simulation.advance(0.8)
    drive = current[2:] * 100 * MOhm
    exact = refractory[2:] + 20 * ms * np.log(drive / (drive - 10 * mV))
    got = intervals(simulation)
    assert got[0].size == got[1].size == 0 and simulation.read("cells")[1] < -50 * mV
    for interval, expected in zip(got[2:], exact, strict=True):
        assert interval.size > 1
        assert set(np.rint(interval / dt)) == {np.ceil(expected / dt)}


def quadratic_interval(current):
    """Exact interval (s) of dv/dt = 40000 v^2 + 5000 v + 140 + current from -65 mV to 30 mV; current in V / s."""
    width = np.sqrt((140 + current) / 40_000 - (5000 / 80_000) ** 2)
    ends = np.arctan((np.array([0.03, -0.065]) + 5000 / 80_000) / width)
    return (ends[0] - ends[1]) / (40_000 * width)


def exponential_interval(n, current):
    """The same of AdEx without adaptation, for a `current` in A."""

    def slowness(v):
        return n.tau / (n.rest - v + n.slope * np.exp((v - n.threshold) / n.slope) + n.resistance * current)

    return quad(slowness, n.reset, n.peak, points=[n.threshold, n.threshold + 20 * mV], epsabs=1e-14, limit=200)[0]


@pytest.mark.parametrize("dt", [0.05 * ms, 0.1 * ms])
def test_without_adaptation_intervals_are_the_integral_of_the_equation(dt):
    push = np.array([17, 20, 30, 50, 100, 200.0])  # the rheobase is 16.25
    quadratic = simulated(Izhikevich(a=0.0, b=0.0, d=0.0, current=push * pA), 6, dt=dt)
    current = np.array([0.56, 0.6, 0.7, 1, 2, 4]) * nA  # it is 0.546
    adex = AdEx(a=0.0, b=0.0, current=current)
    exponential = simulated(adex, 6, dt=dt)
    for simulation, exact in (
        (quadratic, [quadratic_interval(value) for value in push]),
        (exponential, [exponential_interval(adex, value) for value in current]),
    ):
        simulation.advance(0.4)
        for interval, expected in zip(intervals(simulation), exact, strict=True):
            late = (interval - expected) / dt  # a neuron starts anew on a tick
            assert late.size >= 3 and np.all((late > -0.03) & (late < 1.03)), (late, expected / dt)


def resting(n):
    """The stable fixed point of AdEx below its rheobase."""

    def slope(v):
        bend = n.slope * np.exp((v - n.threshold) / n.slope)
        return n.rest - v + bend + n.resistance * (n.current - n.a * (v - n.rest))

    return brentq(slope, n.rest - 10 * mV, n.threshold + n.slope * np.log(1 + n.a * n.resistance), xtol=1e-14)


def test_where_adex_rests():
    """The fixed point of the splitting lies off the true one by the square of the tick."""
    neuron, errors = AdEx(current=0.45 * nA), []
    for dt in (0.4 * ms, 0.2 * ms, 0.1 * ms):
        simulation = simulated(neuron, dt=dt)
        simulation.advance(4.0)
        errors.append(simulation.read("cells")[0] - resting(neuron))
        drag = neuron.a * (resting(neuron) - neuron.rest)
        assert simulation.read("cells", "w")[0] == pytest.approx(drag, rel=1e-3)
    assert np.abs(errors[-1]) < 1e-6
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(2, abs=0.05)


def adex_rheobase(n):
    """The current (A) at which the fixed point goes: by a saddle and node, or by a Hopf bifurcation.

    Source: Touboul and Brette, Biol. Cybern. 99 (2008) 319-334; Naud et al. (2008), equations 5 and 6.
    """
    a, ratio = n.a * n.resistance, n.tau / n.tau_w
    bend = np.log1p(np.where(a > ratio, ratio, a))
    volts = (1 + a) * (n.threshold - n.rest - n.slope + n.slope * bend) + np.maximum(a - ratio, 0) * n.slope
    return volts / n.resistance


def izhikevich_rheobase(n):
    """The same (A), where the trace of the Jacobian, or else its determinant, is 0."""
    hopf, saddle = (n.a - 5000) / 80_000, (n.b - 5000) / 80_000
    v = np.where(n.b > n.a, hopf, saddle)
    return n.capacitance * (n.b * v - 40_000 * v**2 - 5000 * v - 140)


RHEOBASE = {
    "adex": (
        AdEx(a=np.array([0, 4, 4, 1, 20, -5]) * nS, tau_w=np.array([144, 144, 20, 60, 50, 100]) * ms),
        adex_rheobase,
    ),
    "izhikevich": (
        Izhikevich(
            a=np.array([0.02, 0.1, 0.02, 0.1, 0.3, 0.5]) / ms,
            b=np.array([0.2, 0.2, 0.25, 0.26, 0.2, 0.1]) / ms,
            initial=np.array([-70, -70, -64.4, -64, -70, -70]) * mV,
        ),
        izhikevich_rheobase,
    ),
}


@pytest.mark.parametrize("kind", RHEOBASE)
def test_a_current_that_grows_slowly_makes_spikes_from_the_rheobase_on(kind):
    neuron, formula = RHEOBASE[kind]
    limit = formula(neuron)
    span, near = (3 * pA, 0.03 * pA) if kind == "izhikevich" else (300 * pA, 3 * pA)
    simulation = simulated(neuron, 6)
    for part in np.linspace(1, 0, 200):
        simulation.inject_current("cells", limit - near - span * part**3)
        simulation.advance(0.02)
    simulation.advance(1.0)
    first = simulation.network.first("cells")
    assert simulation.recording().of("cells")[1].size == 0
    simulation.inject_current("cells", limit + near)
    spikes = simulation.advance(2.5)
    assert set(spikes.neuron - first) == set(range(6)), "all of them fire now"
