"""The scale-and-fire neuron: one step, several thresholds, an integer number of spikes.

With a threshold theta for its channel and v0 = theta / 2 a neuron that receives h answers, in one step,

    n = clip(floor((h + v0) / theta), low, high)

spikes of size theta: h rounded to whole thresholds. Its output n * theta has the threshold folded into the weights that
it meets, so what travels is the small integer n. Negative n are spikes of a second sign, for currents that have one.

Source: the multi-threshold neuron and its equivalence to T steps of an integrate-and-fire neuron (theta / T, v0 / T)
are Theorem 1 of Chen, Yang, Meng and Ma, arXiv 2510.23383 (2025); `integrate_and_fire` is the neuron of T steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reafference.units import check_range

MOST_LEVELS = 2**20  # integers of this size and sums of some of them are exact in 32-bit floats


class ScaleAndFire(nn.Module):
    """A layer of scale-and-fire neurons, without state.

    threshold  () or (channels,), all above 0, in the unit of the current
    axis       of the channels in what it is given, counted from the left (from 0) or from the right (below 0)
    low, high  least and greatest number of spikes; low <= 0 < high

    It returns whole numbers as floats of the input's kind, n of the equation above.
    """

    threshold: Tensor

    def __init__(self, threshold: Tensor, *, axis: int, low: int, high: int) -> None:
        super().__init__()
        check_range("ScaleAndFire.low", low, -MOST_LEVELS, 0, "")
        check_range("ScaleAndFire.high", high, 1, MOST_LEVELS, "")
        if threshold.dim() > 1:
            raise ValueError(f"ScaleAndFire.threshold has shape {tuple(threshold.shape)}; give () or (channels,).")
        if not bool((torch.isfinite(threshold) & (threshold > 0)).all()):
            raise ValueError(f"ScaleAndFire.threshold goes down to {float(threshold.min()):g}; each must be above 0.")
        self.register_buffer("threshold", threshold.detach().clone())
        self.axis, self.low, self.high = axis, low, high

    def along(self, rank: int) -> Tensor:
        """The thresholds in a shape that broadcasts over a tensor of `rank` axes."""
        if self.threshold.dim() == 0:
            return self.threshold
        shape = [1] * rank
        shape[self.axis] = -1
        return self.threshold.view(shape)

    def forward(self, current: Tensor) -> Tensor:
        """Spikes of each neuron, of the shape of `current`."""
        counts = torch.floor(current / self.along(current.dim()) + 0.5)
        return counts.clamp(self.low, self.high)

    def extra_repr(self) -> str:
        """For print."""
        return f"{self.threshold.numel()} thresholds, {self.low} to {self.high} spikes"


def fires(current: Tensor, *, threshold: Tensor, start: Tensor, low: int, high: int) -> Tensor:
    """Spikes in one step of multi-threshold neurons with any start of the potential, (neurons,).

    start  potential before the step, in the unit of the current
    """
    return torch.floor((current + start) / threshold).clamp(low, high)


def integrate_and_fire(current: Tensor, *, threshold: Tensor, start: Tensor) -> Tensor:
    """Spikes of integrate-and-fire neurons over time: v += current; at v >= threshold a spike and v -= threshold.

    current    (steps, neurons), a current for each step
    threshold  (neurons,)
    start      (neurons,) potential before the first step

    Returns (neurons,), at most one spike in each step.
    """
    potential = start.clone()
    counts = torch.zeros_like(start)
    for now in current:
        potential = potential + now
        spike = (potential >= threshold).to(potential.dtype)
        potential = potential - spike * threshold
        counts = counts + spike
    return counts
