"""What each tensor operation is to a spiking network."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import fx

aten = torch.ops.aten

LINEAR: Final = frozenset({aten.linear.default})
CONVOLUTIONS: Final = frozenset(
    {
        aten.conv1d.default,
        aten.conv1d.padding,
        aten.conv2d.default,
        aten.conv2d.padding,
    }
)
PRODUCTS: Final = frozenset({aten.matmul.default, aten.bmm.default})
ATTENTION: Final = frozenset({aten.scaled_dot_product_attention.default})
NORMALISED: Final = frozenset({aten.batch_norm.default})
SOFTMAX: Final = frozenset({aten.softmax.int, aten._softmax.default})

NEVER_BELOW: Final = frozenset(
    {
        aten.relu.default,
        aten.relu_.default,
        aten.relu6.default,
        aten.relu6_.default,
        aten.sigmoid.default,
        aten.hardsigmoid.default,
    }
)
OF_BOTH_SIGNS: Final = frozenset(
    {
        aten.gelu.default,
        aten.silu.default,
        aten.silu_.default,
        aten.hardswish.default,
        aten.hardswish_.default,
        aten.leaky_relu.default,
        aten.leaky_relu_.default,
        aten.elu.default,
        aten.elu_.default,
        aten.tanh.default,
        aten.hardtanh.default,
        aten.hardtanh_.default,
        aten.mish.default,
    }
)
ACTIVATIONS: Final = NEVER_BELOW | OF_BOTH_SIGNS

# Operations that move numbers and change none; whole numbers stay whole, and thresholds move with them.
CARRIERS: Final = frozenset(
    {
        aten.view.default,
        aten.reshape.default,
        aten._unsafe_view.default,
        aten.flatten.using_ints,
        aten.unflatten.int,
        aten.transpose.int,
        aten.permute.default,
        aten.t.default,
        aten.unsqueeze.default,
        aten.squeeze.default,
        aten.squeeze.dim,
        aten.squeeze.dims,
        aten.expand.default,
        aten.expand_as.default,
        aten.contiguous.default,
        aten.clone.default,
        aten.alias.default,
        aten.slice.Tensor,
        aten.select.int,
        aten.detach.default,
        aten.pad.default,  # with nothing around; else `is_carrier` says no
        aten.constant_pad_nd.default,
    }
)
# Nothing at all in a model that is not being trained.
NOTHING: Final = frozenset({aten.dropout.default, aten.dropout_.default, aten.feature_dropout.default})
GREATEST: Final = frozenset({aten.max_pool1d.default, aten.max_pool2d.default, aten.adaptive_max_pool2d.default})
AVERAGES: Final = frozenset({aten.avg_pool1d.default, aten.avg_pool2d.default, aten.adaptive_avg_pool2d.default})
SUMS: Final = frozenset({aten.add.Tensor, aten.add_.Tensor, aten.sub.Tensor})
JOINS: Final = frozenset({aten.cat.default})
LOOKUPS: Final = frozenset({aten.embedding.default})
SCALES: Final = {
    aten.layer_norm.default: "divides by a spread that depends on what is sensed; one division for each token",
    aten.rms_norm.default: "divides by a size that depends on what is sensed; one division for each token",
    aten.group_norm.default: "divides by a spread that depends on what is sensed",
    aten.instance_norm.default: "divides by a spread that depends on what is sensed",
    aten.softmax.int: "divides by a sum that depends on what is sensed",
    aten._softmax.default: "divides by a sum that depends on what is sensed",
    aten.mul.Tensor: "multiplies",
    aten.mul_.Tensor: "multiplies",
    aten.mul.Scalar: "multiplies",
    aten.div.Tensor: "divides",
    aten.div.Scalar: "divides",
    aten.neg.default: "changes the sign",
    aten.mean.dim: "averages",
    aten.mean.default: "averages",
    aten.sum.dim_IntList: "sums",
    aten.sum.default: "sums",
    aten.linalg_vector_norm.default: "measures a length",
    aten.pow.Tensor_Scalar: "takes a power",
    aten.rsqrt.default: "takes a root",
    aten.sqrt.default: "takes a root",
    aten.exp.default: "exponential",
    aten.log.default: "logarithm",
    aten.log_softmax.int: "reads out",
    aten.clamp.default: "clips",
    aten.clamp_min.default: "clips",
    aten.masked_fill.Scalar: "masks",
    aten.masked_fill.Tensor: "masks",
    aten.where.self: "chooses",
    aten.amax.default: "takes the greatest",
    aten.argmax.default: "reads out",
}
SYNAPTIC: Final = LINEAR | CONVOLUTIONS | PRODUCTS | ATTENTION
KNOWN: Final = frozenset(
    {
        *SYNAPTIC,
        *NORMALISED,
        *ACTIVATIONS,
        *CARRIERS,
        *NOTHING,
        *GREATEST,
        *AVERAGES,
        *SUMS,
        *JOINS,
        *LOOKUPS,
        *SCALES,
    }
)


def is_float(node: object) -> bool:
    """Whether a node's value is a tensor of floats."""
    value: Any = node.meta.get("val") if isinstance(node, fx.Node) else None
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def is_measured(node: fx.Node) -> bool:
    """Whether a node's value is a tensor of floats or of complex numbers."""
    value: Any = node.meta.get("val")
    return isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex())


def rank_of(node: fx.Node) -> int:
    """Axes of a node's value."""
    return int(node.meta["val"].dim())


def is_carrier(node: fx.Node) -> bool:
    """Whether an operation only moves numbers; padding does with zeros."""
    if node.target is aten.pad.default:
        mode, value = (*node.args[2:4], *(None, None))[:2]
        return mode in (None, "constant") and value in (None, 0, 0.0)
    if node.target is aten.constant_pad_nd.default:
        return len(node.args) < 3 or node.args[2] in (0, 0.0)
    return node.op == "call_function" and node.target in CARRIERS


def data_of(node: fx.Node) -> list[fx.Node]:
    """The operands of a synaptic operation that are not weights, in order."""
    if node.target in LINEAR or node.target in CONVOLUTIONS:
        return [argument for argument in node.args[:1] if isinstance(argument, fx.Node)]
    return [argument for argument in node.args[:3] if isinstance(argument, fx.Node) and is_float(argument)]
