"""Which agent the command `reafference map` brings into the world."""

from __future__ import annotations

from reafference.brain.maps.charted_agent import CHARTS, ChartedAgent
from reafference.brain.maps.life import Born


def newborn(charts: int | None = None) -> Born:
    """Agents with so many charts; None: as many as they have by themselves. A restored one has those that it had."""
    return Born(
        of=lambda sheet, symbols, first, seed: ChartedAgent(
            sheet, symbols=symbols, first=first, seed=seed, charts=CHARTS if charts is None else charts
        ),
        restored=ChartedAgent.restore,
    )
