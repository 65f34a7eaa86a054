"""Thresholds from samples, in closed form or on a grid; no search over accuracy, no gradients.

A threshold is chosen among fractions of the largest activity of its channel, so that the mean square of what rounding
and clipping take away is least. Positions are drawn at random, as a fixed stride over a map of features would meet the
same columns again and again.
"""

from __future__ import annotations

import torch
from torch import Tensor

POSITIONS = 4096  # of each channel that are looked at
FRACTIONS = 48
LEAST = 0.03  # smallest fraction of the largest activity at which it may be clipped


def threshold_of(values: Tensor, *, axis: int, shared: bool, low: int, high: int, generator: torch.Generator) -> Tensor:
    """The thresholds of one site, (channels,) or () where they are shared.

    values     what became of the samples there, any shape
    axis       of channels
    low, high  numbers of spikes that there may be

    A channel that was silent has the middle of the others' thresholds; where all were, every threshold is 1.
    """
    rows = values.detach().movedim(axis, 0).flatten(1) if values.dim() > 1 else values.detach().reshape(1, -1)
    if shared:
        rows = rows.reshape(1, -1)
    if rows.shape[1] > POSITIONS:
        chosen = torch.randint(rows.shape[1], (POSITIONS,), generator=generator)
        reach_up, reach_down = rows.amax(1), -rows.amin(1)
        rows = rows[:, chosen]
    else:
        reach_up, reach_down = rows.amax(1), -rows.amin(1)
    reach = torch.maximum(
        reach_up.clamp(min=0) / high, reach_down.clamp(min=0) / max(-low, 1) if low else 0 * reach_down
    )
    best, least = reach.clone(), torch.full_like(reach, torch.inf)
    for fraction in torch.logspace(float(torch.log10(torch.tensor(LEAST))), 0.0, FRACTIONS).tolist():
        tried = (reach * fraction).clamp(min=torch.finfo(rows.dtype).tiny).unsqueeze(1)
        rounded = torch.floor(rows / tried + 0.5).clamp(low, high) * tried
        error = (rounded - rows).square().mean(1)
        better = error < least
        best, least = torch.where(better, reach * fraction, best), torch.where(better, error, least)
    heard = reach > 0
    middle = best[heard].median() if bool(heard.any()) else torch.ones((), dtype=rows.dtype)
    best = torch.where(heard, best, middle)
    return best.reshape(()) if shared else best
