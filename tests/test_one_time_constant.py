"""Excitation and inhibition with one time constant: the charge stays, and nothing else is touched."""

import numpy as np
import pytest

import reafference as ra
from reafference.chips.one_time_constant import one_time_constant
from reafference.units import ms, mV

TWO = ra.CurrentLIF(tau=20 * ms, tau_e=5 * ms, tau_i=20 * ms, threshold=0.0)


def network(kind=TWO, weights=(3 * mV, -2 * mV)):
    more, less = (
        ra.Population("more", 1, ra.SpikeTrain(time=(0.01,), neuron=(0,))),
        ra.Population("less", 1, ra.SpikeTrain(time=(0.01,), neuron=(0,))),
    )
    cells = ra.Population("cells", 1, kind)
    return ra.Network(
        populations=[more, less, cells],
        projections=[
            ra.Projection(source, cells, ra.AllToAll(), weight=weight)
            for source, weight in zip((more, less), weights, strict=True)
        ],
    )


def area(whole):
    """Integral of v above rest over a second, V s."""
    told = ra.run(whole, 1.0, dt=0.1 * ms, watch=[ra.Watch(population="cells")], sample=0.1 * ms)
    return (told.traces["cells.v"].value[:, 0] + 65 * mV).sum() * 0.1e-3


def test_every_event_moves_v_by_the_same_area():
    for weights in ((3 * mV, 0.0 * mV), (0.0 * mV, -2 * mV), (3 * mV, -2 * mV)):
        changed, roundings = one_time_constant(network())
        whole = network(weights=weights)
        scaled = [p.weight / q.weight for p, q in zip(changed.projections, network().projections, strict=True)]
        kept = ra.Network(
            populations=changed.populations,
            projections=[
                ra.Projection(p.source, p.target, p.wiring, weight=w * s)
                for p, w, s in zip(changed.projections, weights, scaled, strict=True)
            ],
        )
        assert area(kept) == pytest.approx(area(whole), rel=0.01)
        assert [(each.where, each.parameter) for each in roundings] == [("cells", "tau_e"), ("cells", "tau_i")]
    kind = changed.populations[2].kind
    assert kind.tau_e == kind.tau_i == pytest.approx(10 * ms)


def test_who_hears_one_sign_or_has_one_time_constant_is_left_alone():
    for kind, weights in ((TWO, (3 * mV, 2 * mV)), (ra.CurrentLIF(tau_e=5 * ms, tau_i=5 * ms), (3 * mV, -2 * mV))):
        whole = network(kind, weights)
        changed, roundings = one_time_constant(whole)
        assert roundings == () and changed.populations == whole.populations
        assert [p.weight for p in changed.projections] == [p.weight for p in whole.projections]


@pytest.mark.parametrize(
    "weight",
    [
        ra.LogNormal.with_mean(-2 * mV, log_sigma=1.0),
        ra.Uniform(-3 * mV, -1 * mV),
        ra.Normal(mean=-2 * mV, std=1 * mV, high=0.0),
        np.array([-2 * mV]),
    ],
)
def test_drawn_weights_are_scaled_as_they_will_be_drawn(weight):
    changed, _ = one_time_constant(network(weights=(3 * mV, weight)))
    scaled = changed.projections[1].weight
    if isinstance(weight, np.ndarray):
        assert scaled == pytest.approx(2 * weight)
        return
    one, other = (each.sample(np.random.default_rng(1), 1000) for each in (weight, scaled))
    assert other == pytest.approx(2 * one)


def test_signs_left_to_chance_and_mixed_time_constants_are_refused():
    with pytest.raises(ValueError, match="nobody knows beforehand"):
        one_time_constant(network(weights=(3 * mV, ra.Normal(mean=0.0, std=1 * mV))))
    whole = network(ra.CurrentLIF(tau_e=np.array([5 * ms]), tau_i=20 * ms))
    assert one_time_constant(whole)[1]
    two = ra.Population("two", 2, ra.CurrentLIF(tau_e=np.array([5 * ms, 6 * ms]), tau_i=20 * ms))
    mixed = ra.Network(
        populations=[*whole.populations, two],
        projections=[
            ra.Projection(whole.populations[0], two, ra.AllToAll(), weight=np.array([1.0, -1.0]) * mV),
        ],
    )
    with pytest.raises(ValueError, match="tau_e differs from neuron to neuron"):
        one_time_constant(mixed)
