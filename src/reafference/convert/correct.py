"""Biases that take away what rounding does to the mean.

Rounding and clipping shift the mean of each channel behind them a little. Where weights have a bias, that shift is
taken back: one run of the samples, layer after layer, each with the layers before it corrected already. No gradients.

Source: Nagel, van Baalen, Blankevoort and Welling, ICCV 2019, arXiv 1906.04721, section 4.2, for quantised networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx


class Corrector(fx.Interpreter):
    """Runs a converted graph and changes its biases on the way.

    biases  name of the bias of each node that has one
    means   (channels,) of the same values in the model, by node
    axes    of the channels of each
    """

    def __init__(
        self, network: fx.GraphModule, biases: Mapping[str, str], means: Mapping[str, Tensor], axes: Mapping[str, int]
    ) -> None:
        super().__init__(network)
        self.network, self.biases, self.means, self.axes = network, biases, means, axes

    def run_node(self, n: fx.Node) -> Any:
        """Run one operation, and correct its bias."""
        result = super().run_node(n)
        if n.name not in self.biases:
            return result
        axis = self.axes[n.name]
        shift = self.means[n.name] - mean_along(result, axis)
        getattr(self.network, self.biases[n.name]).add_(shift)
        shape = [1] * result.dim()
        shape[axis] = -1
        return result + shift.view(shape)


def mean_along(values: Tensor, axis: int) -> Tensor:
    """Mean of each channel, (channels,)."""
    return values.movedim(axis, 0).flatten(1).mean(1)


def correct(
    network: fx.GraphModule,
    biases: Mapping[str, str],
    means: Mapping[str, Tensor],
    axes: Mapping[str, int],
    inputs: tuple[Tensor, ...],
) -> None:
    """Correct the biases of a converted graph, in place."""
    with torch.no_grad():
        Corrector(network, biases, means, axes).run(*inputs)
