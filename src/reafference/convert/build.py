"""The spiking graph: weights with thresholds in them, scale-and-fire neurons where spikes are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from reafference.convert.exported import Exported
from reafference.convert.neuron import ScaleAndFire
from reafference.convert.operations import (
    ATTENTION,
    AVERAGES,
    CONVOLUTIONS,
    GREATEST,
    JOINS,
    LINEAR,
    NORMALISED,
    NOTHING,
    PRODUCTS,
    is_carrier,
    is_float,
)
from reafference.convert.plan import Site
from reafference.convert.shares import Shares


class SharedNeeded(Exception):
    """A site whose thresholds no weights can take one by one; it must have one threshold for all channels."""

    def __init__(self, site: fx.Node) -> None:
        super().__init__(site.name)
        self.site = site


@dataclass(frozen=True, eq=False)
class Value:
    """What a value of the model is in the spiking graph.

    node    there
    scale   None: a current as it is; else `node` is whole numbers and the value is node * scale, which broadcasts
    origin  the site whose spikes they are, where there is one
    """

    node: fx.Node
    scale: Tensor | None = None
    origin: fx.Node | None = None


@dataclass(frozen=True)
class Synapses:
    """A linear map or convolution of the spiking graph.

    bias   name of its bias
    tells  whose values of the model it makes
    axis   of its channels
    """

    bias: str
    tells: fx.Node
    axis: int


class Builder(fx.Interpreter):
    """Walks through the model once, with a few samples, and writes the spiking graph beside it.

    thresholds  of each site
    neurons     makes the layer of a site from its thresholds
    """

    def __init__(
        self, exported: Exported, sites: Mapping[fx.Node, Site], thresholds: Mapping[fx.Node, Tensor], levels: Levels
    ) -> None:
        super().__init__(exported.graph)
        self.exported, self.sites, self.thresholds, self.levels = exported, sites, thresholds, levels
        self.root, self.graph_made = nn.Module(), fx.Graph()
        self.made: dict[fx.Node, Value] = {}
        self.folded: set[fx.Node] = set()
        self.synapses: dict[str, Synapses] = {}

    def build(self) -> fx.GraphModule:
        """The spiking graph."""
        self.run(*(each[:2] for each in self.exported.inputs))
        made = fx.GraphModule(self.root, self.graph_made, "Converted")
        made.graph.eliminate_dead_code()
        made.delete_all_unused_submodules()
        made.graph.lint()
        made.recompile()
        return made

    def run_node(self, n: fx.Node) -> Any:
        """Write one operation; its value on the samples goes on."""
        result = super().run_node(n)
        made = self._write(n, result)
        if n in self.sites and is_float(n):
            made = self._fire(n, made)
        self.made[n] = made
        return result

    def _write(self, n: fx.Node, result: Any) -> Value:
        if n.op == "placeholder":
            return Value(self.graph_made.placeholder(n.name))
        if n.op == "get_attr":
            return Value(self._keep(n.name, result.detach() if isinstance(result, Tensor) else result))
        if n.op == "output":
            return Value(self.graph_made.output(fx.map_arg(n.args[0], self._real)))
        if n.op == "call_module":  # guards of the export
            return Value(self.graph_made.create_node("call_function", _nothing, (), {}, name=n.name))
        target = n.target
        if target in LINEAR or target in CONVOLUTIONS:
            return self._synapses(n)
        if target in PRODUCTS:
            return self._product(n)
        if target in ATTENTION:
            return self._attention(n)
        if target in NORMALISED and n in self.folded:
            return self.made[n.all_input_nodes[0]]
        if target in NOTHING:
            return self.made[n.all_input_nodes[0]]
        if is_carrier(n) or target in GREATEST or target in AVERAGES:
            return self._carried(n)
        if target in JOINS:
            return self._joined(n)
        return Value(self.graph_made.node_copy(n, self._real))

    def _fire(self, n: fx.Node, made: Value) -> Value:
        """Spikes of a site."""
        site, threshold = self.sites[n], self.thresholds[n]
        current = self._real(n, made)
        if site.shares:
            layer: nn.Module = Shares(self.levels.shares)
            scale = torch.ones((1,) * n.meta["val"].dim())
        else:
            low, high = self.levels.range(site)
            layer = ScaleAndFire(threshold, axis=site.axis, low=low, high=high)
            shape = [1] * n.meta["val"].dim()
            if threshold.dim():
                shape[site.axis] = -1
            scale = threshold.view(shape)
        name = f"{n.name}_fire"
        self.root.add_module(name, layer)
        return Value(self.graph_made.call_module(name, (current,)), scale, n)

    def _real(self, n: fx.Node, made: Value | None = None) -> fx.Node:
        """A value as a current: whole numbers times their threshold."""
        value = made or self.made[n]
        if value.scale is None or (value.scale.numel() == 1 and float(value.scale) == 1.0):
            return value.node
        name = f"{value.node.name}_scale"
        if not hasattr(self.root, name):
            self.root.register_buffer(name, value.scale.clone())
        return self.graph_made.call_function(torch.mul, (value.node, self.graph_made.get_attr(name)))

    def _keep(self, name: str, value: Any) -> fx.Node:
        name = name.replace(".", "_")
        if isinstance(value, Tensor):
            self.root.register_buffer(name, value.clone())
        else:
            setattr(self.root, name, value)
        return self.graph_made.get_attr(name)

    def _constant(self, argument: Any) -> Any:
        """The value of an argument that does not depend on the input."""
        return self.env[argument] if isinstance(argument, fx.Node) else argument

    def _synapses(self, n: fx.Node) -> Value:
        """A linear map or a convolution whose weights have the thresholds of what they hear in them."""
        source = self.made[n.args[0]]  # pyright: ignore[reportArgumentType]
        weight = self._constant(n.args[1]).detach().clone()
        bias = self._constant(n.args[2]) if len(n.args) > 2 else n.kwargs.get("bias")
        bias = None if bias is None else self._constant(bias).detach().clone()
        groups = 1
        if n.target in CONVOLUTIONS:
            given: Any = n.args
            groups = int(given[6]) if len(given) > 6 else 1
        if source.scale is not None:
            axis = 1 if n.target in CONVOLUTIONS and source.scale.dim() > weight.dim() - 1 else 0
            axis = source.scale.dim() - 1 if n.target in LINEAR else axis
            per_input = self._along(source, axis)
            if n.target in LINEAR:
                weight = weight * per_input
            else:
                inside = weight.shape[1]
                each = per_input.expand(inside * groups).reshape(groups, 1, inside)
                out = weight.shape[0] // groups
                each = each.expand(groups, out, inside).reshape(groups * out, inside)
                weight = weight * each.reshape(*each.shape, *(1,) * (weight.dim() - 2))
        normalised, tells = next(iter(n.users), None), n
        if normalised is not None and len(n.users) == 1 and normalised.target in NORMALISED and n not in self.sites:
            factor, shift = _affine(normalised, self._constant)
            weight = weight * factor.view(-1, *(1,) * (weight.dim() - 1))
            bias = shift if bias is None else bias * factor + shift
            self.folded.add(normalised)
            tells = normalised
        if bias is None:
            bias = torch.zeros(weight.shape[0], dtype=weight.dtype)
        rest = fx.map_arg(tuple(n.args[3:]), self._real)
        arguments = (source.node, self._keep(f"{n.name}_weight", weight), self._keep(f"{n.name}_bias", bias), *rest)
        made = self.graph_made.create_node("call_function", n.target, arguments, {}, name=n.name)  # pyright: ignore[reportArgumentType]
        axis = 1 if n.target in CONVOLUTIONS else n.meta["val"].dim() - 1
        if source.scale is not None:
            self.synapses[made.name] = Synapses(f"{n.name}_bias", tells, axis)
        return Value(made)

    def _along(self, source: Value, axis: int) -> Tensor:
        """Thresholds along one axis; all others must not matter."""
        scale = source.scale
        assert scale is not None  # noqa: S101 - the caller has looked
        if scale.numel() == 1:
            return scale.reshape(1)
        if scale.numel() != scale.shape[axis]:
            if source.origin is None:
                raise AssertionError("thresholds of nobody")
            raise SharedNeeded(source.origin)
        return scale.reshape(-1)

    def _product(self, n: fx.Node) -> Value:
        """A product of two values, each of which is spikes or a constant."""
        left, right = (self.made[each] for each in n.args[:2])  # pyright: ignore[reportArgumentType]
        product = self.graph_made.create_node("call_function", n.target, (left.node, right.node), {}, name=n.name)  # pyright: ignore[reportArgumentType]
        for value, axis in ((left, -1), (right, -2)):
            if value.scale is not None and value.scale.numel() > 1 and value.scale.shape[axis] != 1:
                raise SharedNeeded(value.origin or n)
        scales = [value.scale for value in (left, right) if value.scale is not None]
        if not scales:
            return Value(product)
        whole = scales[0] if len(scales) == 1 else scales[0] * scales[1]
        return Value(product, whole) if whole.numel() > 1 or float(whole) != 1.0 else Value(product)

    def _attention(self, n: fx.Node) -> Value:
        """Attention of spikes: counts of queries times counts of keys, a softmax, counts of shares times values."""
        given: dict[str, Any] = dict(zip(("query", "key", "value", "mask", "dropout", "causal"), n.args, strict=False))
        names = {"attn_mask": "mask", "dropout_p": "dropout", "is_causal": "causal"}
        given |= {names.get(name, name): value for name, value in n.kwargs.items()}
        query, key, value = (self.made[given[name]] for name in ("query", "key", "value"))
        for each, axis in ((query, -1), (key, -1), (value, -2)):
            if each.scale is not None and each.scale.numel() > 1 and each.scale.shape[axis] != 1:
                raise SharedNeeded(each.origin or n)
        graph, width = self.graph_made, self.env[given["query"]].shape[-1]
        factor = float(given["scale"]) if given.get("scale") is not None else width**-0.5
        scale = torch.full((), factor)
        if query.scale is not None:
            scale = scale * query.scale
        if key.scale is not None:
            scale = scale * key.scale.transpose(-1, -2)
        name = f"{n.name}_scores"
        scores = graph.call_function(
            torch.matmul, (query.node, graph.call_function(torch.transpose, (key.node, -1, -2)))
        )
        scores = graph.call_function(torch.mul, (scores, self._keep(f"{name}_scale", scale)))
        mask = given.get("mask")
        if mask is not None:
            scores = graph.call_function(masked, (scores, self._real(mask)))
        if given.get("causal"):
            scores = graph.call_function(causal, (scores,))
        shares = graph.call_function(torch.softmax, (scores, -1))
        layer = f"{n.name}_shares_fire"
        self.root.add_module(layer, Shares(self.levels.shares))
        fired = graph.call_module(layer, (shares,))
        made = graph.create_node("call_function", torch.matmul, (fired, value.node), {}, name=n.name)
        return Value(made, value.scale)

    def _carried(self, n: fx.Node) -> Value:
        """An operation that moves whole numbers, or sums them; thresholds go the same way."""
        first = n.args[0]
        assert isinstance(first, fx.Node)  # noqa: S101 - all of these have one
        source = self.made[first]

        def argument(each: fx.Node) -> fx.Node:
            return source.node if each is first else self._real(each)

        made = self.graph_made.node_copy(n, argument)
        if source.scale is None or source.scale.numel() == 1:
            scale = None if source.scale is None else source.scale.reshape((1,) * n.meta["val"].dim())
            return Value(made, scale, source.origin)
        before = source.scale.expand(self.env[first].shape)
        arguments, keywords = self.fetch_args_kwargs_from_env(n)
        target: Callable[..., Tensor] = n.target  # pyright: ignore[reportAssignmentType]
        after = target(before.contiguous(), *arguments[1:], **keywords)
        return Value(made, _least(after), source.origin)

    def _joined(self, n: fx.Node) -> Value:
        """Values side by side; thresholds too, where all of them are spikes."""
        parts: Any = n.args[0]
        values = [self.made[each] for each in parts]
        if any(value.scale is None for value in values):
            return Value(self.graph_made.node_copy(n, self._real))
        made = self.graph_made.create_node(
            "call_function", torch.cat, ([value.node for value in values], *n.args[1:]), {}, name=n.name
        )
        whole = [value.scale.expand(self.env[each].shape) for value, each in zip(values, parts, strict=True)]  # pyright: ignore[reportOptionalMemberAccess]
        return Value(made, _least(torch.cat(whole, *n.args[1:])), values[0].origin)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _least(scale: Tensor) -> Tensor:
    """A scale without the axes along which it does not change."""
    for axis in range(scale.dim()):
        first = scale.narrow(axis, 0, 1)
        if bool((scale == first).all()):
            scale = first
    return scale.clone()


def _affine(node: fx.Node, constant: Callable[[Any], Any]) -> tuple[Tensor, Tensor]:
    """(factor, shift) of each channel of a batch norm that is not being trained."""
    weight, bias, mean, variance = (constant(each) for each in node.args[1:5])
    epsilon = float(node.args[7])  # pyright: ignore[reportArgumentType]
    factor = (variance + epsilon).rsqrt() * (1.0 if weight is None else weight)
    return factor.detach(), ((0.0 if bias is None else bias) - mean * factor).detach()


def masked(scores: Tensor, mask: Tensor) -> Tensor:
    """Scores of what may be attended to; a mask of floats is added."""
    if mask.dtype == torch.bool:
        return scores.masked_fill(~mask, -torch.inf)
    return scores + mask


def causal(scores: Tensor) -> Tensor:
    """Scores of what lies not later."""
    ahead = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(ahead, -torch.inf)


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Levels:
    """How many spikes there may be.

    levels  of each sign
    tail    times as many above 0 behind an activation with a long tail
    shares  thresholds of the parts of one: 1, 2^-1/2, 2^-1, ... so many
    """

    levels: int
    tail: int = 4
    shares: int = 16

    def range(self, site: Site) -> tuple[int, int]:
        """Least and greatest number of spikes."""
        high = self.levels * (self.tail if site.curved else 1)
        return (-self.levels if site.signed else 0), high
