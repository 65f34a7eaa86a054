"""Which agent the command `reafference map` brings into the world, and how its map is scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.born import Agent, Born
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.wider import widen as widen_agent

Ints = npt.NDArray[np.int64]


def newborn(charts: int | None = None) -> Born:
    """Agents with so many charts; None: as many as they have by themselves. A restored one has those that it had."""

    def of(sheet: Sheet, free: frozenset[int], symbols: int, first: int, seed: int) -> MappingAgent:
        plan = LifePlan(rules=Rules(free=sum(1 << action for action in free)))
        plan = plan if charts is None else replace(plan, charts=charts)
        return MappingAgent(sheet, symbols=symbols, first=first, seed=seed, plan=plan)

    return Born(
        of=of,
        restored=MappingAgent.restore,
        score=foretold,
        widen=lambda agent, symbols: widen_agent(_mapping(agent), symbols),
    )


def foretold(agent: Agent, actions: Ints, seen: Ints) -> float:
    """Share of `seen` (steps,) that the leading chart expects, or to which the clones give more than one half."""
    agent = _mapping(agent)
    if agent.store is None:
        return float((agent.mapper.hypotheses.foretell(actions, seen) == seen).mean())
    symbols = np.concatenate([[agent.snapshot().symbol], seen])
    return float((agent.store.listen(symbols, actions) > 0.5)[-len(seen) :].mean())


def _mapping(agent: Agent) -> MappingAgent:
    if not isinstance(agent, MappingAgent):
        raise TypeError(f"{type(agent).__name__} is no MappingAgent; make a Born of its own for it.")
    return agent
