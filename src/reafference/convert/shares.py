"""Neurons for parts of one, as a softmax makes them: thresholds on a scale of logarithms.

A share p becomes 2^(-k / 2) with the nearest k in the logarithm, or nothing where it is below the last threshold. Even
k are shifts, odd k shifts of one more constant, the root of 2.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reafference.units import check_range


class Shares(nn.Module):
    """A layer without state.

    levels  how many sizes there are: 1, 2^(-1/2), ..., 2^(-(levels - 1) / 2)
    """

    def __init__(self, levels: int) -> None:
        super().__init__()
        check_range("Shares.levels", levels, 1, 64, "")
        self.levels = levels

    def forward(self, shares: Tensor) -> Tensor:
        """The size of each spike, 0 where there is none, of the shape of `shares`."""
        step = torch.floor(-2.0 * torch.log2(shares.clamp(min=2.0**-120)) + 0.5)
        return torch.where(step < self.levels, torch.exp2(-step / 2), torch.zeros_like(shares))

    def extra_repr(self) -> str:
        """For print."""
        return f"{self.levels} sizes"
