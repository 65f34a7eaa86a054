"""How far the populations of a network are from its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def depths(inputs: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Projections on the shortest way from an input to each population; those that none reaches are left out."""
    found = dict.fromkeys(inputs, 0)
    front = set(found)
    step = 0
    while front:
        step += 1
        front = {target for source, target in edges if source in front and target not in found}
        found.update(dict.fromkeys(front, step))
    return found
