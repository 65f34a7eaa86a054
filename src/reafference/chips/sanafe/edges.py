"""Edges between groups: dense, sparse and convolved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Edges(NamedTuple):
    """Sources and targets by their place in their groups, and which of the listed weights each has."""

    source: Ints
    target: Ints
    entry: Ints


SHAPE = (
    "input_width", "input_height", "input_channels", "kernel_width", "kernel_height", "kernel_count", "stride_width",
    "stride_height",
)  # fmt: skip


def dense(sources: int, targets: int) -> Edges:
    """Every source to every target; weights are listed source by source."""
    every = np.arange(sources * targets)
    return Edges(every // targets, every % targets, every)


def convolved(shape: dict[str, int], sources: int, targets: int) -> Edges:
    """A convolution without padding, target by target.

    shape  by the names of `SHAPE`

    Neurons are numbered channel by channel, then row by row; weights are listed by row of the kernel, column, channel
    that it reads, and channel that it makes, the last of them fastest.

    Raises ValueError where the groups have other sizes than the shape says.
    """
    width, height, channels, columns, rows, made, step_x, step_y = (shape[name] for name in SHAPE)
    if min(shape[name] for name in SHAPE) < 1 or columns > width or rows > height:
        raise ValueError(f"a convolution of {shape}; all are 1 and more, and the kernel is no larger than its input")
    out_x, out_y = (width - columns) // step_x + 1, (height - rows) // step_y + 1
    for what, needed, given in (
        ("sources", width * height * channels, sources),
        ("targets", out_x * out_y * made, targets),
    ):
        if needed != given:
            raise ValueError(f"a convolution of {shape} has {needed} {what}; the group has {given}")
    sizes = (made, out_y, out_x, channels, rows, columns)
    to, y, x, of, row, column = np.ogrid[tuple(slice(size) for size in sizes)]
    every = (
        (of * height + y * step_y + row) * width + x * step_x + column,
        (to * out_y + y) * out_x + x,
        ((row * columns + column) * channels + of) * made + to,
    )
    return Edges(*(np.broadcast_to(each, sizes).ravel().astype(np.int64) for each in every))
