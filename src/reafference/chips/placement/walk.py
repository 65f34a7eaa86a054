"""Messages walk over the links of a mesh, compiled."""

# pyright: basic
from __future__ import annotations

import numpy as np

from reafference.chips.placement.mesh import Route
from reafference.engine.kernel import builder


def walk(source, target, amount, x, y, width: int, height: int, route: Route):
    """Load of each link (east, west, north, south as in `Traffic`) and the histogram of hops.

    source, target  (pairs,) int64    cores
    amount          (pairs,) float64  messages between them
    x, y            (cores,) int64    their routers
    """
    return _walk(source, target, amount, x, y, width, height, route.columns_first)


@builder
def _walk(source, target, amount, x, y, width, height, columns_first):
    east, west = np.zeros((height, max(width - 1, 0))), np.zeros((height, max(width - 1, 0)))
    north, south = np.zeros((max(height - 1, 0), width)), np.zeros((max(height - 1, 0), width))
    histogram = np.zeros(width + height - 1)
    most = 0
    for k in range(source.size):
        x0, y0, x1, y1 = x[source[k]], y[source[k]], x[target[k]], y[target[k]]
        row, column = (y0, x1) if columns_first else (y1, x0)
        for i in range(x0, x1):
            east[row, i] += amount[k]
        for i in range(x1, x0):
            west[row, i] += amount[k]
        for i in range(y0, y1):
            north[i, column] += amount[k]
        for i in range(y1, y0):
            south[i, column] += amount[k]
        hops = abs(x1 - x0) + abs(y1 - y0)
        histogram[hops] += amount[k]
        most = max(most, hops)
    return east, west, north, south, histogram[: most + 1].copy()
