"""How a mapping life is led, and what cannot be one."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

from reafference.brain.maps.charts import Rules
from reafference.brain.maps.hypotheses import Hypotheses
from reafference.brain.maps.mapper import Exploration
from reafference.brain.maps.sheet import Sheet

LARGEST = 2**31  # bytes of tags and barriers


@dataclass(frozen=True, kw_only=True)
class LifePlan:
    """How a life is led.

    charts          hypotheses of the map
    kind            what they are made of: `Hypotheses` of arrays, `SpikingHypotheses` of cells, `DreamingHypotheses` of
                    cells that preplay motifs, too
    rules           by which they learn
    exploration     by which they act
    every           actions between two looks for a map that repeats itself, or holds a door that opens one way only
    repeated, door  nats of evidence from which on it does
    suspected       nats for a map that repeats itself, and
    ajar            for a door, from which on the agent goes to put it to the test, for at most
    errand          actions; if they have not settled it, it does so again after four times as many
    window          actions of the past that tell of what is broken: a room may have changed since
    contradicted    nats of surprise an action beyond what was expected, from which on the map is contradicted
    patience        actions for which it must be, without a break
    clones          cells of each symbol in the clone store
    rest, replays   actions between two rests in the phase of clones, and replays of each
    wandering       share of commands in the phase of clones that are drawn at random even once something was paid
    rivals, dreams  at 1,000 actions and at each doubling, and replays of each
    """

    charts: int = 256
    kind: type[Hypotheses] = Hypotheses
    rules: Rules = field(default_factory=Rules)
    exploration: Exploration = field(default_factory=Exploration)
    every: int = 5
    repeated: float = 10.0
    door: float = 9.0
    suspected: float = 3.0
    ajar: float = 1.5
    errand: int = 50
    window: int = 200
    contradicted: float = 0.5
    patience: int = 150
    clones: int = 20
    rest: int = 500
    replays: int = 30
    wandering: float = 0.1
    rivals: int = 4
    dreams: int = 300


def check_life(sheet: Sheet, symbols: int, first: int, plan: LifePlan) -> None:
    """Raise ValueError, with value, limit and remedy, for what cannot be a life."""
    if plan.charts < 1:
        raise ValueError(f"LifePlan.charts = {plan.charts} is below 1; 256 map most rooms.")
    least_of = {"every": 1, "errand": 0, "window": 1, "patience": 1, "clones": 1, "rest": 1, "replays": 0, "rivals": 0}
    for name, least in least_of.items():
        if not getattr(plan, name) >= least:
            raise ValueError(f"LifePlan.{name} = {getattr(plan, name)} is below {least}.")
    if not 0 <= plan.wandering <= 1:
        raise ValueError(f"LifePlan.wandering = {plan.wandering} is outside 0 to 1.")
    for name in ("repeated", "door", "suspected", "ajar", "contradicted"):
        if not getattr(plan, name) > 0:
            raise ValueError(f"LifePlan.{name} = {getattr(plan, name)} must be above 0; infinite switches it off.")
    operator.index(first)
    if not 1 <= symbols <= sheet.cells:
        raise ValueError(
            f"symbols = {symbols} is outside 1 to {sheet.cells}, the cells of the sheet; unroll a larger sheet, or "
            "have the world tell fewer things apart."
        )
    if not 0 <= first < symbols:
        raise ValueError(f"first = {first} is outside 0 to {symbols - 1}; announce more symbols.")
    if sheet.radius < plan.exploration.length:
        raise ValueError(
            f"the sheet has radius {sheet.radius:g}, less than the {plan.exploration.length} actions of a motif; "
            "unroll it further."
        )
    size = plan.charts * sheet.cells * (symbols + sheet.actions)
    if size > LARGEST:
        raise ValueError(
            f"{plan.charts} charts of {sheet.cells} cells and {symbols} symbols take {size / 1e9:.1f} GB, at most "
            f"{LARGEST / 1e9:.1f} are allowed; give fewer charts, symbols or cells."
        )
