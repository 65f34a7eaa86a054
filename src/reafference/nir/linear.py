"""Nodes that are linear maps (Linear, convolutions, pools, ...), as sparse matrices over flattened arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Map:
    """y = matrix x + bias, delayed.

    takes, gives         shapes of x and y, which are flattened with the last index running fastest
    row, column, weight  (entries,) of the matrix; entries of weight 0 are left out
    bias                 of the flattened y
    wait                 s, of the flattened y
    """

    takes: Shape
    gives: Shape
    row: Ints
    column: Ints
    weight: Floats
    bias: Floats
    wait: Floats


def size(shape: Sequence[int]) -> int:
    """Elements of an array."""
    return int(np.prod(np.asarray(shape, np.int64)))


def diagonal(shape: Shape, factor: Any = 1.0, wait: Any = 0.0, gives: Shape | None = None) -> Map:
    """Each element by itself: times `factor`, `wait` s later, in another shape if `gives` says so."""
    count = size(shape)
    each = np.arange(count)
    weight = np.broadcast_to(np.asarray(factor, np.float64), shape).reshape(count)
    kept = weight != 0.0
    return Map(
        takes=shape,
        gives=gives or shape,
        row=each[kept],
        column=each[kept],
        weight=weight[kept],
        bias=np.zeros(count),
        wait=np.broadcast_to(np.asarray(wait, np.float64), shape).reshape(count),
    )


def dense(weight: npt.NDArray[Any], bias: Any = 0.0) -> Map:
    """Linear and Affine: weight (..., out, in); each of the leading places has a matrix of its own."""
    lead, (outs, ins) = weight.shape[:-2], weight.shape[-2:]
    flat = np.asarray(weight, np.float64).reshape(-1, outs, ins)
    block, out, into = np.nonzero(flat)
    gives = (*lead, outs)
    return Map(
        takes=(*lead, ins),
        gives=gives,
        row=block * outs + out,
        column=block * ins + into,
        weight=flat[block, out, into],
        bias=np.broadcast_to(np.asarray(bias, np.float64), gives).reshape(-1).copy(),
        wait=np.zeros(size(gives)),
    )


def pairs(value: Any, count: int) -> tuple[int, ...]:
    """A number, or one for each axis."""
    given = np.asarray(value).reshape(-1)
    return tuple(int(each) for each in (given if given.size == count else np.repeat(given, count)))


@dataclass(frozen=True, eq=False)
class Window:
    """A window that slides over the last axes of an array.

    before, after  places of zeros that are put around the array, along each axis
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    dilation: tuple[int, ...]

    def places(self, space: Shape) -> tuple[Shape, Ints, Ints, Ints]:
        """Shape of what the window gives, and for each place in each window: (window, place in kernel, place in x)."""
        gives = tuple(
            (n + b + a - d * (k - 1) - 1) // s + 1
            for n, b, a, d, k, s in zip(
                space, self.before, self.after, self.dilation, self.kernel, self.stride, strict=True
            )
        )
        if min(gives) < 1:
            raise ValueError(f"a window of {self.kernel} does not fit into {space}")
        window = np.indices(gives).reshape(len(space), -1, 1)
        inside = np.indices(self.kernel).reshape(len(space), 1, -1)
        stride, before, dilation = (np.reshape(v, (-1, 1, 1)) for v in (self.stride, self.before, self.dilation))
        where = window * stride + inside * dilation - before
        valid = np.all((where >= 0) & (where < np.reshape(space, (-1, 1, 1))), axis=0)
        place: Any = np.ravel_multi_index(tuple(np.where(valid, where, 0)), space)
        number, tap = np.nonzero(valid)
        return gives, number, tap, place[number, tap]


def window_of(node: Any, kernel: Shape) -> Window:
    """The window of a Conv1d, Conv2d or pool. 'same' pads as PyTorch does, the odd place behind."""
    axes = len(kernel)
    dilation = pairs(getattr(node, "dilation", 1), axes)
    padding: Any = node.padding
    if isinstance(padding, bytes):
        padding = padding.decode()
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ValueError(f"padding is {padding!r}; 'same', 'valid' and numbers are known")
        total = [d * (k - 1) if padding == "same" else 0 for d, k in zip(dilation, kernel, strict=True)]
        before = tuple(each // 2 for each in total)
        after = tuple(each - each // 2 for each in total)
    else:
        before = after = pairs(padding, axes)
    return Window(kernel, pairs(node.stride, axes), before, after, dilation)


def convolution(node: Any, takes: Shape) -> Map:
    """Conv1d and Conv2d: weight (out, in / groups, kernel...), as PyTorch's cross-correlation.

    takes  (in, space...)
    """
    weight = np.asarray(node.weight, np.float64)
    outs, ins, kernel = weight.shape[0], weight.shape[1], weight.shape[2:]
    groups = int(np.asarray(node.groups).reshape(-1)[0])
    if groups < 1 or outs % groups:
        raise ValueError(f"{outs} channels cannot be cut into {groups} groups")
    space, number, tap, place = window_of(node, kernel).places(takes[1:])
    flat = weight.reshape(outs, ins, -1)
    out, into, entry = np.indices((outs, ins, number.size)).reshape(3, -1)
    channel = out // (outs // groups) * ins + into
    value = flat[out, into, tap[entry]]
    kept = value != 0.0
    gives = (outs, *space)
    bias = np.asarray(node.bias, np.float64).reshape(-1)
    return Map(
        takes=takes,
        gives=gives,
        row=(out * size(space) + number[entry])[kept],
        column=(channel * size(takes[1:]) + place[entry])[kept],
        weight=value[kept],
        bias=np.repeat(np.broadcast_to(bias, outs), size(space)),
        wait=np.zeros(size(gives)),
    )


def pool(node: Any, takes: Shape, *, mean: bool) -> Map:
    """SumPool2d and AvgPool2d over the last two axes; the mean counts places that were padded."""
    kernel = pairs(node.kernel_size, 2)
    lead, plane = takes[:-2], takes[-2:]
    space, number, _, place = window_of(node, kernel).places(plane)
    channels = size(lead)
    channel = np.repeat(np.arange(channels), number.size)
    gives = (*lead, *space)
    return Map(
        takes=takes,
        gives=gives,
        row=channel * size(space) + np.tile(number, channels),
        column=channel * size(plane) + np.tile(place, channels),
        weight=np.full(channel.size, 1.0 / size(kernel) if mean else 1.0),
        bias=np.zeros(size(gives)),
        wait=np.zeros(size(gives)),
    )


def flattened(takes: Shape, start: int, end: int) -> Shape:
    """The shape in which the axes from `start` to `end`, both included, have become one."""
    axes = len(takes)
    first, last = (int(axis) + axes if axis < 0 else int(axis) for axis in (start, end))
    if not (0 <= first <= last < axes):
        raise ValueError(f"axes {start} to {end} cannot be made one in an array of shape {takes}")
    return (*takes[:first], size(takes[first : last + 1]), *takes[last + 1 :])
