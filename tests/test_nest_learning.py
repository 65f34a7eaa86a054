"""Weights of the real NEST under learning from spikes, frozen: tests/data says where they come from.

`benchmarks/nest_learning.py` makes them and says how the two are made comparable: events arrive here when NEST's
sources spike, and neurons spike here one delay after NEST's.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from forced import forced
from reafference import InhibitorySTDP, NearestSpike, PairSTDP, PowerLaw, SoftBounds, TripletSTDP
from reafference.units import ms, uV

DATA = Path(__file__).parent / "data" / "nest_learning.npz"
UNIT = 1e-3 * uV  # what NEST's unit of weight is taken for, so small that weights make no spike


def rule_of(model, p, neuron):
    """NEST's parameters in our words."""
    if model == "vogels_sprekeler_synapse":
        high = -p["Wmax"] * UNIT
        rate, tau = p["eta"] / -p["Wmax"], p["tau"] * ms
        return InhibitorySTDP(low=-high, rate=rate, tau=tau, target_rate=p["alpha"] / (2 * tau))
    tau = {"tau_plus": p["tau_plus"] * ms, "tau_minus": neuron["tau_minus"] * ms}
    if model == "stdp_triplet_synapse":
        return TripletSTDP(
            high=p["Wmax"] * UNIT,
            a2_plus=p["Aplus"] / p["Wmax"],
            a2_minus=p["Aminus"] / p["Wmax"],
            a3_plus=p["Aplus_triplet"] / p["Wmax"],
            a3_minus=p["Aminus_triplet"] / p["Wmax"],
            tau_x=p["tau_plus_triplet"] * ms,
            tau_y=neuron["tau_minus_triplet"] * ms,
            **tau,
        )
    both = {"a_plus": p["lambda"], "a_minus": p["lambda"] * p["alpha"], **tau}
    if model == "stdp_pl_synapse_hom":
        return PairSTDP(high=1e6 * UNIT, dependence=PowerLaw(mu_plus=p["mu"], mu_minus=1.0, w0=UNIT), **both)
    pairing = {"pairing": NearestSpike()} if model == "stdp_nn_symm_synapse" else {}
    soft = SoftBounds(mu_plus=p["mu_plus"], mu_minus=p["mu_minus"])
    return PairSTDP(high=p["Wmax"] * UNIT, dependence=soft, **both, **pairing)


def load():
    with np.load(DATA) as file:
        return {key: file[key] for key in file.files}


@pytest.mark.parametrize("name", ["additive", "multiplicative", "soft", "nearest", "power", "triplet", "inhibitory"])
def test_weights_are_those_of_nest_at_every_presynaptic_spike(name):
    drawn = load()
    case = json.loads(str(drawn["cases"]))[name]
    parameters = case["common"] | case["synapse"]
    rule = rule_of(case["model"], parameters, case["neuron"])
    dt, pre, post = float(drawn["dt"]), drawn["pre"], drawn["post"]
    events = [drawn["pre_tick"][pre == k] for k in range(pre.max() + 1)]
    spikes = [drawn["post_tick"][post == k] + int(drawn["delay"]) for k in range(post.max() + 1)]
    simulation = forced(rule, events, spikes, dt=dt, weight=parameters["weight"] * UNIT)
    for tick, source, theirs in zip(drawn["pre_tick"], pre, drawn[name], strict=True):
        if tick > simulation.tick:
            simulation.advance((tick - simulation.tick) * dt)
        ours = simulation.weights("x -> n").reshape(len(events), len(spikes))[source] / UNIT
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    assert np.ptp(drawn[name]) > 0.2 * abs(parameters["weight"]), "too little learning to prove anything"


def test_the_reference_says_where_it_comes_from():
    origin = json.loads(str(load()["origin"]))
    assert {"simulator", "date", "script", "command"} <= origin.keys()
    assert "NEST" in origin["simulator"]
