"""Which agent the command `reafference map` brings into the world, and how its map is scored."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.brain.maps.agent import LifePlan, MappingAgent
from reafference.brain.maps.born import Agent, Born
from reafference.brain.maps.chart_cells import synapses_of_a_place
from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.sheet import Sheet
from reafference.brain.maps.spiking import SPARE
from reafference.brain.maps.spiking_hypotheses import SpikingHypotheses
from reafference.brain.maps.wider import widen as widen_agent

Ints = npt.NDArray[np.int64]
MOST_SYNAPSES = 20_000_000  # of charts at birth, up to which they are cells if nobody says what they shall be


def newborn(charts: int | None = None, kind: type[Hypotheses] | None = None) -> Born:
    """Agents with so many charts, None: as many as they have by themselves; and what charts are made of.

    kind  None: cells, unless that would take more than MOST_SYNAPSES synapses; arrays then
    A restored agent has what it had.
    """
    many = LifePlan().charts if charts is None else charts

    def of(sheet: Sheet, free: frozenset[int], symbols: int, first: int, seed: int) -> MappingAgent:
        made = kind or (SpikingHypotheses if synapses(sheet, symbols, many) <= MOST_SYNAPSES else Hypotheses)
        plan = LifePlan(charts=many, kind=made, rules=Rules(free=sum(1 << action for action in free)))
        return MappingAgent(sheet, symbols=symbols, first=first, seed=seed, plan=plan)

    return Born(
        of=of,
        restored=MappingAgent.restore,
        score=foretold,
        widen=lambda agent, symbols: widen_agent(_mapping(agent), symbols),
    )


def synapses(sheet: Sheet, symbols: int, charts: int) -> int:
    """Synapses that charts of cells have at birth, about."""
    places = int((sheet.depth() <= 2 * SPARE).sum())
    return charts * places * synapses_of_a_place(symbols, sheet.actions, LifePlan().rules.levels)


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
