"""More symbols for a life that has met more than were provided for."""

from __future__ import annotations

from math import lgamma, log

import numpy as np

from reafference.brain.maps.agent import MappingAgent
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.hypotheses import Hypotheses


class CannotWiden(ValueError):
    """A life cannot be given more symbols."""


def widen(agent: MappingAgent, symbols: int) -> None:
    """Let `agent` meet `symbols` different symbols, at least as many as before.

    Tags get a column for each new symbol, all 0, so places, barriers and strengths stay as they are; from now on a
    place expects each symbol with probability (n + alpha) / (sum of n + alpha x symbols) for the new number. The
    evidence of the charts is put on the new scale by the closed form of the leading chart's tags (the marginal of a
    Dirichlet prior with as many symbols), so that a rest compares like with like; without it, charts that live the past
    again could never win. Life goes on exactly as one that was widened at the same action, not as one that was born
    wider. Raises CannotWiden, and changes nothing.
    """
    mapped = agent.mapper.hypotheses
    if type(mapped) is not Hypotheses:
        raise CannotWiden(
            f"charts in cells are wired for {agent.symbols} symbols and cannot get more; begin a new life with "
            f"{symbols}, in another folder."
        )
    if not agent.symbols <= symbols <= agent.sheet.cells:
        raise CannotWiden(
            f"{symbols} symbols are outside {agent.symbols}, which the life has, to {agent.sheet.cells}, the cells of "
            "its sheet; begin a new life with so many or a larger radius, in another folder, or have the world tell "
            "fewer things apart."
        )
    mapped.evidence += _rescaled(mapped, agent.symbols, symbols)
    more = symbols - agent.symbols
    mapped.charts = mapped.charts._replace(count=np.pad(mapped.charts.count, ((0, 0), (0, 0), (0, more))))
    mapped.symbols = agent.symbols = symbols
    if agent.store is not None:
        _widen_store(agent.store, more)


def _rescaled(mapped: Hypotheses, before: int, after: int) -> float:
    """Nats that the leading chart's tags lose when the same were met among `after` symbols instead of `before`."""
    alpha, nats = mapped.rules.alpha, log(after / before)  # what was met first, at the origin, was never foretold
    for met in mapped.charts.count[mapped.leader].sum(axis=1, dtype=np.int64).tolist():
        if met:
            nats += lgamma(met + before * alpha) - lgamma(before * alpha)
            nats -= lgamma(met + after * alpha) - lgamma(after * alpha)
    return nats


def _widen_store(store: CloneStore, more: int) -> None:
    """Clones for more symbols, none of which was met."""
    block = np.pad(store.counts.block, ((0, 0), (0, more), (0, more)), constant_values=-1)
    store.counts = store.counts._replace(block=block, total=np.pad(store.counts.total, ((0, 0), (0, more), (0, 0))))
    store.symbols += more
