"""Weights that learn from spikes are brought up to date when an event passes; here, before somebody looks at them."""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reafference.engine.build import Cells
from reafference.engine.readback import Stored
from reafference.engine.spike_learning import bring_up, modulate, renew_all, show
from reafference.engine.stdp import Stdp
from reafference.engine.tick import Group
from reafference.network import RewardSTDP
from reafference.network.plasticity import IntervalRule, SpikeRule, check_weights


def size_of(arrays: Any) -> int:
    """Bytes of a named tuple of arrays and of such named tuples."""
    return arrays.nbytes if isinstance(arrays, np.ndarray) else sum(size_of(part) for part in arrays)


def present(stored: Stored, parts: Sequence[Group], now: int) -> Stored:
    """The same projection with its weights as they are after tick `now`. Changes no bit of what is to come.

    parts  of the group of its targets, which the workers of `stored` have
    """
    inboxes = list(stored.inboxes)
    for worker, stdp in enumerate(part.stdp for part in parts):
        if not isinstance(stdp, Stdp) or stdp.rule[stored.row] < 0:
            continue
        rule, inbox = np.int64(stdp.rule[stored.row]), inboxes[worker]
        bring_up(stdp, inbox, now)
        if stdp.reward.uses[rule]:
            weight = inbox.weight.copy()
            show(stdp, inbox, rule, now, weight)
            inboxes[worker] = inbox._replace(weight=weight)
    return stored._replace(inboxes=inboxes)


def ready(stored: Stored, parts: Sequence[Group], weight: np.ndarray, now: int) -> Stored:
    """The same projection, ready to be given weights (V) after tick `now`; raises ValueError if these break its bounds.

    Eligibilities stay.
    """
    plasticity = stored.tract.projection.plasticity
    if isinstance(plasticity, SpikeRule):
        check_weights(stored.tract.projection.name, plasticity, weight)
    for inbox, stdp in zip(stored.inboxes, (part.stdp for part in parts), strict=True):
        if isinstance(stdp, Stdp) and stdp.rule[stored.row] >= 0:
            rule = np.int64(stdp.rule[stored.row])
            if stdp.reward.uses[rule]:
                renew_all(stdp, inbox, rule, now)
            else:
                bring_up(stdp, inbox, now)
    return stored


def set_modulator(cells: Sequence[Cells], parts: Sequence[Sequence[Group]], name: str, value: float, now: int) -> None:
    """From after tick `now` on the modulator of projection `name` is `value`.

    parts  for each worker, its part of every group in `cells`. Raises ValueError where there is no modulator
    """
    known: list[str] = []
    for number, group in enumerate(cells):
        interval = [p.name for p in group.projections if isinstance(p.plasticity, IntervalRule)]
        reward = [p.name for p in group.projections if isinstance(p.plasticity, RewardSTDP)]
        known += interval + reward
        for part in parts:
            rules, stdp, inbox = part[number].rules, part[number].stdp, part[number].inbox
            if name in interval:
                rules.modulator[interval.index(name)] = value
            elif name in reward and isinstance(stdp, Stdp):
                row = [p.name for p in group.projections].index(name)
                modulate(stdp, inbox, np.int64(stdp.rule[row]), float(value), now)
    if name not in known:
        raise ValueError(
            f"{name!r} is no projection with a modulator; those with ThreeFactor, AntiHebbian or RewardSTDP are: "
            f"{', '.join(known) or 'none'}."
        )
