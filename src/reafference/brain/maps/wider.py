"""More symbols for a life that has met more than were provided for."""

from __future__ import annotations

from math import floor, log

import numpy as np

from reafference.brain.maps.agent import MappingAgent
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.clones import CloneStore
from reafference.brain.maps.hypotheses import Hypotheses


class CannotWiden(ValueError):
    """A life cannot be given more symbols."""


def widen(agent: MappingAgent, symbols: int) -> None:
    """Let `agent` meet `symbols` different symbols, at least as many as before.

    Tags get a column for each new symbol, all 0, so places, barriers and strengths stay as they are; from now on a
    place expects each symbol with probability (n + alpha) / (sum of n + alpha x symbols) for the new number. The
    evidence of the charts is put on the new scale, so that a rest, which lives the past again, compares like with like:
    by what the leading chart's tags would have surprised among so many symbols, exactly where a place always showed the
    same symbol. Life goes on exactly as one that was widened at the same action, not as one that was born
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
    """Nats that the evidence of the leading chart's tags changes by when they are met among `after` symbols."""
    rules, nats = mapped.rules, 0.0
    for cell, counts in enumerate(mapped.charts.count[mapped.leader].tolist()):
        visits = 0
        for count in sorted(filter(None, counts), reverse=True):
            for same in range(count):
                if cell or visits:  # what was met first, at the origin, was never foretold
                    chances = [(same + rules.alpha) / (visits + symbols * rules.alpha) for symbols in (before, after)]
                    nats += _surprise(rules, chances[0]) - _surprise(rules, chances[1])
                visits += 1
    return nats


def _surprise(rules: Rules, chance: float) -> float:
    """Nats, as the charts round them."""
    nats = -log(chance)
    return nats if rules.quantum <= 0 else rules.quantum * min(rules.levels, floor(nats / rules.quantum + 0.5))


def _widen_store(store: CloneStore, more: int) -> None:
    """Clones for more symbols, none of which was met."""
    block = np.pad(store.counts.block, ((0, 0), (0, more), (0, more)), constant_values=-1)
    store.counts = store.counts._replace(block=block, total=np.pad(store.counts.total, ((0, 0), (0, more), (0, 0))))
    store.symbols += more
