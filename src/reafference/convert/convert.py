"""One call: a trained network becomes a spiking one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx, nn

from reafference.convert.build import Builder, Levels, SharedNeeded
from reafference.convert.calibrate import threshold_of
from reafference.convert.converted import Converted
from reafference.convert.correct import correct, mean_along
from reafference.convert.exported import Samples, export
from reafference.convert.plan import Site, plan
from reafference.units import check_range


def convert(model: nn.Module, samples: Samples, *, levels: int = 32, seed: int = 0) -> Converted:
    """A spiking network with scale-and-fire neurons that answers in one time step.

    model    in evaluation mode, in floats; it is left as it is
    samples  about a hundred inputs: a tensor (samples, ...), or a tuple of them, one for each input of the model
    levels   N, numbers of spikes of each sign
    seed     of the positions of feature maps that thresholds are found by

    Raises CannotConvert with everything that stands in the way.
    """
    check_range("convert: levels", levels, 1, 4096, "")
    exported = export(model, samples)
    planned = plan(exported)
    sites = dict(planned.sites)
    values = Activities(exported.graph, sites).of(exported.inputs)
    counted = Levels(levels=levels)
    while True:
        generator = torch.Generator().manual_seed(seed)
        thresholds = {node: _threshold(site, values[node], counted, generator) for node, site in sites.items()}
        builder = Builder(exported, sites, thresholds, counted)
        try:
            network = builder.build()
        except SharedNeeded as needed:
            sites[needed.site] = replace(sites[needed.site], shared=True)
            continue
        told = builder.synapses
        means = Activities(exported.graph, {each.tells for each in told.values()}).of(exported.inputs)
        correct(
            network,
            {name: each.bias for name, each in told.items()},
            {name: mean_along(means[each.tells], each.axis) for name, each in told.items()},
            {name: each.axis for name, each in told.items()},
            exported.inputs,
        )
        return Converted(network, planned.reports, levels, names=exported.names)


def _threshold(site: Site, values: Tensor, levels: Levels, generator: torch.Generator) -> Tensor:
    if site.shares:
        return torch.ones(())
    low, high = levels.range(site)
    return threshold_of(values, axis=site.axis, shared=site.shared, low=low, high=high, generator=generator)


class Activities(fx.Interpreter):
    """What the model's values are on the samples, at some nodes."""

    def __init__(self, graph: fx.GraphModule, nodes: Collection[fx.Node]) -> None:
        super().__init__(graph)
        self.nodes, self.found = nodes, dict[fx.Node, Tensor]()

    def of(self, inputs: tuple[Tensor, ...]) -> dict[fx.Node, Tensor]:
        """By node, (samples, ...)."""
        with torch.no_grad():
            self.run(*inputs)
        return self.found

    def run_node(self, n: fx.Node) -> Any:
        """Run one operation, and keep what is asked for."""
        result = super().run_node(n)
        if n in self.nodes:
            self.found[n] = result.detach()
        return result
