"""A converted network: what it computes, and what became of every operation."""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor, fx, nn

from reafference.convert.plan import Fate, NodeReport


class Converted(nn.Module):
    """A spiking network that answers in one time step; it has no state between calls.

    network  the graph
    report   what became of each operation of the model, in order
    levels   numbers of spikes of each sign
    names    of the outputs where the model gives a dictionary, None where it gives a tensor, () for a tuple
    """

    def __init__(
        self,
        network: fx.GraphModule,
        report: tuple[NodeReport, ...],
        levels: int,
        *,
        names: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__()
        self.network, self.report, self.levels, self.names = network, report, levels, names
        self.eval()

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...] | dict[str, Tensor]:
        """As the model that was converted."""
        with torch.no_grad():
            outputs: tuple[Tensor, ...] = self.network(*inputs)
        if self.names is None:
            return outputs[0]
        return dict(zip(self.names, outputs, strict=True)) if self.names else tuple(outputs)

    def __repr__(self) -> str:
        fates = Counter(each.fate for each in self.report)
        told = ", ".join(f"{fates[fate]} {fate.value}" for fate in Fate if fates[fate])
        return f"Converted network, {self.levels} levels of each sign; {len(self.report)} operations: {told}"
