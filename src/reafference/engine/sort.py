"""Sorting without memory."""

# pyright: basic
from __future__ import annotations

from reafference.engine.kernel import routine


@routine
def sort(values, begin, end):
    """Sort values[begin:end] in place: by insertion where it is short, else by heap (neither takes memory)."""
    count = end - begin
    k = begin + 1
    while k < end and values[k - 1] <= values[k]:
        k += 1
    if k >= end:
        return
    if count < 32:
        for a in range(begin + 1, end):
            item, b = values[a], a - 1
            while b >= begin and values[b] > item:
                values[b + 1] = values[b]
                b -= 1
            values[b + 1] = item
        return
    root = count // 2
    while count > 1:
        if root > 0:
            root -= 1
            item = values[begin + root]
        else:
            count -= 1
            item = values[begin + count]
            values[begin + count] = values[begin]
        hole, child = root, 2 * root + 1
        while child < count:
            if child + 1 < count and values[begin + child + 1] > values[begin + child]:
                child += 1
            if values[begin + child] <= item:
                break
            values[begin + hole] = values[begin + child]
            hole, child = child, 2 * child + 1
        values[begin + hole] = item
