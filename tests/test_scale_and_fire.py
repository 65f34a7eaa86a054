"""The scale-and-fire neuron, its equivalence to many steps, and the three ways in which counts travel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_scale_and_fire import events, spikes, steps

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra convert)")

from reafference.convert.emission import BitPlane, Graded, Unary  # noqa: E402
from reafference.convert.neuron import ScaleAndFire, fires, integrate_and_fire  # noqa: E402
from reafference.convert.shares import Shares  # noqa: E402

FORMS = (Graded(), Unary(), BitPlane())


@settings(max_examples=300, deadline=None)
@given(
    current=st.integers(-400, 400),
    threshold=st.integers(1, 64),
    low=st.integers(-20, 0),
    high=st.integers(1, 20),
)
def test_a_layer_fires_as_the_plain_neuron(current, threshold, low, high):
    layer = ScaleAndFire(torch.tensor(threshold / 8), axis=0, low=low, high=high)
    assert int(layer(torch.tensor([current / 8]))) == spikes(current, threshold, low, high)


def test_channels_have_thresholds_of_their_own_wherever_their_axis_is():
    threshold = torch.tensor([0.5, 1.0, 2.0])
    current = torch.full((2, 3, 4), 3.1)
    wanted = torch.tensor([6.0, 3.0, 2.0])
    assert torch.equal(ScaleAndFire(threshold, axis=1, low=0, high=9)(current)[0, :, 0], wanted)
    turned = current.transpose(1, 2)
    assert torch.equal(ScaleAndFire(threshold, axis=-1, low=0, high=9)(turned)[0, 0], wanted)


def test_one_step_of_many_thresholds_is_many_steps_of_one():
    """Theorem 1: constant current below the threshold, T from 1 to 64; a million draws, no mismatch."""
    generator = torch.Generator().manual_seed(1)
    draws = 1_000_000 // 64 + 1
    mismatches = 0
    for count in range(1, 65):
        threshold = torch.rand(draws, generator=generator, dtype=torch.float64) + 0.1
        current = torch.rand(draws, generator=generator, dtype=torch.float64) * threshold
        start = torch.rand(draws, generator=generator, dtype=torch.float64) * threshold
        many = integrate_and_fire(current.expand(count, -1), threshold=threshold, start=start)
        once = fires(current, threshold=threshold / count, start=start / count, low=0, high=count)
        mismatches += int((many != once).sum())
    assert mismatches == 0


def test_many_steps_are_those_of_the_plain_neuron_and_uneven_currents_break_the_theorem():
    rng = np.random.default_rng(2)
    for _ in range(200):
        threshold, count = int(rng.integers(1, 50)), int(rng.integers(1, 40))
        current, start = int(rng.integers(0, threshold + 1)), int(rng.integers(0, threshold))
        many = integrate_and_fire(
            torch.full((count, 1), float(current)),
            threshold=torch.tensor([float(threshold)]),
            start=torch.tensor([float(start)]),
        )
        assert int(many) == steps(current, threshold, start, count)
    uneven = torch.randn(32, 10_000, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    uneven = uneven - uneven.mean(0) + torch.rand(10_000, dtype=torch.float64)
    one = torch.ones(10_000, dtype=torch.float64)
    many = integrate_and_fire(uneven, threshold=one, start=one / 2)
    once = fires(uneven.mean(0), threshold=one / 32, start=one / 64, low=0, high=32)
    assert (many != once).double().mean() > 0.2


@settings(max_examples=200, deadline=None)
@given(counts=st.lists(st.integers(-40, 40), min_size=1, max_size=30))
def test_every_form_carries_the_same_count(counts):
    sent = torch.tensor(counts, dtype=torch.float32)
    for form in FORMS:
        planes = form.planes(sent, most=40)
        assert torch.equal(planes.sum(0), sent)
        taken = [len(events(count, form.name)) for count in counts]
        assert form.events(sent).tolist() == taken == (planes != 0).sum(0).tolist()
        for number, count in enumerate(counts):
            column = planes[:, number]
            assert sorted(column[column != 0].tolist()) == sorted(map(float, events(count, form.name)))


def test_shares_are_the_nearest_power_on_a_scale_of_logarithms():
    shares = torch.rand(10_000, generator=torch.Generator().manual_seed(4)) ** 4
    sizes = np.array([2.0 ** (-k / 2) for k in range(16)])
    found = Shares(16)(shares).numpy()
    for share, size in zip(shares.numpy().astype(np.float64), found, strict=True):
        step = -2 * np.log2(max(share, 1e-300))
        wanted = 0.0 if np.floor(step + 0.5) >= 16 else sizes[int(np.floor(step + 0.5))]
        assert size == pytest.approx(wanted, abs=1e-7) or abs(step % 1 - 0.5) < 1e-4
    assert float(Shares(4)(torch.tensor(0.0))) == 0.0 and float(Shares(4)(torch.tensor(1.0))) == 1.0


@pytest.mark.parametrize(
    ("threshold", "low", "high", "said"),
    [(0.0, 0, 4, "above 0"), (float("nan"), 0, 4, "above 0"), (1.0, 1, 4, "low"), (1.0, 0, 0, "high")],
)
def test_what_no_neuron_can_be(threshold, low, high, said):
    with pytest.raises(ValueError, match=said):
        ScaleAndFire(torch.tensor(threshold), axis=0, low=low, high=high)
