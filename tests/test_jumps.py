"""Currents as jumps: the same charge, the same rates where synapses are fast, and what cannot be done is said."""

import numpy as np
import pytest

import reafference as ra
from reafference.chips.jumps import as_jumps
from reafference.units import Hz, ms, mV


def fed(kind, excite=4 * mV, inhibit=-4 * mV):
    noise, cells = ra.Population("noise", 200, ra.Poisson(rate=20 * Hz)), ra.Population("cells", 40, kind)
    return ra.Network(
        populations=[noise, cells],
        projections=[
            ra.Projection(noise, cells, ra.FixedInDegree(80), weight=excite),
            ra.Projection(noise, cells, ra.FixedInDegree(20), weight=inhibit, name="inhibition"),
        ],
    )


def mean_voltage(network):
    told = ra.run(network, 2.0, dt=0.1 * ms, seed=1, watch=[ra.Watch(population="cells")], sample=1 * ms)
    return told.traces["cells.v"].value[200:].mean()


def test_every_event_moves_the_voltage_by_the_same_area():
    kind = ra.CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=10 * ms, threshold=0.9, rest=0.0, reset=0.0)
    network = fed(kind)
    made, told = as_jumps(network)
    assert isinstance(made.populations[1].kind, ra.DeltaLIF)
    assert [p.weight for p in made.projections] == [pytest.approx(1 * mV), pytest.approx(-2 * mV)]
    assert {(each.parameter, each.worst) for each in told} == {("tau_e", 5 * ms), ("tau_i", 10 * ms)}
    before, after = mean_voltage(network), mean_voltage(made)
    assert before > 10 * mV and abs(after / before - 1) < 0.02


def test_fast_synapses_lead_to_the_same_rates():
    kind = ra.CurrentLIF(tau=20 * ms, tau_e=0.2 * ms, tau_i=0.2 * ms)
    network = fed(kind, excite=200 * mV, inhibit=-100 * mV)
    made, _ = as_jumps(network)
    counts = [ra.run(each, 2.0, dt=0.05 * ms, seed=1).counts("cells").sum() for each in (network, made)]
    assert counts[0] > 500 and abs(counts[1] / counts[0] - 1) < 0.1


def test_others_stay_and_many_time_constants_are_refused():
    plain = fed(ra.DeltaLIF())
    made, told = as_jumps(plain)
    assert not told and made.populations[1].kind is plain.populations[1].kind
    with pytest.raises(ValueError, match="cells: tau_e differs"):
        as_jumps(fed(ra.CurrentLIF(tau_e=np.full(40, 5 * ms) + np.arange(40) * ms)))
    drawn = ra.Uniform(-1 * mV, 1 * mV)
    with pytest.raises(ValueError, match="either sign are drawn"):
        as_jumps(fed(ra.CurrentLIF(tau_e=5 * ms, tau_i=9 * ms), excite=drawn))
    made, _ = as_jumps(fed(ra.CurrentLIF(tau_e=5 * ms, tau_i=5 * ms), excite=drawn))
    assert (made.projections[0].weight.low, made.projections[0].weight.high) == (-0.25 * mV, 0.25 * mV)
