"""One mapping life: which it is, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reafference.brain.maps.born import Agent
from reafference.brain.maps.flat import Motion
from reafference.brain.maps.record import Record
from reafference.brain.maps.sheet import Sheet
from reafference.brain.worlds.true_room import TrueRoom
from reafference.units import check_range

DEFAULT_WORLD = "reafference/AliasedRoom-v0"
RADIUS = 14  # actions from the origin to which a sheet is unrolled
LEAST_RADIUS = 8  # at which missing relations of a body are noticed (`algebra.derive`), and a motif has room

SAID, LIVED, BRAIN = "map.json", "life.npz", "brain.npz"


@dataclass(frozen=True, kw_only=True)
class MapPlan:
    """Which life it is; what is needed to live it again.

    world    name of a Gymnasium environment
    actions  to live in all
    seed     of world, agent and babble
    radius   actions to which the body's algebra is unrolled
    symbols  different ones that may be met; None: as many as the world says, else 64
    """

    world: str = DEFAULT_WORLD
    actions: int = 400
    seed: int = 0
    radius: int = RADIUS
    symbols: int | None = None

    def __post_init__(self) -> None:
        check_range("actions", self.actions, 1, 10_000_000, "")
        check_range("seed", self.seed, 0, 2**31 - 1, "")
        check_range("radius", self.radius, LEAST_RADIUS, 200, "")
        if self.symbols is not None:
            check_range("symbols", self.symbols, 1, 100_000, "")


@dataclass(frozen=True, kw_only=True, eq=False)
class MapLife:
    """One mapping life, so far.

    summary   the measures of `map.json`
    record    what was done, felt and known
    motions   what each action does on paper; None where nobody can say
    sheet     the body's algebra
    room      the true room; None where the world cannot be drawn
    agent     as it is now
    whole     no action was broken off in its middle
    complete  all actions were lived and the map was scored
    notes     what went otherwise than planned
    """

    plan: MapPlan
    summary: dict[str, Any]
    record: Record
    sheet: Sheet
    motions: tuple[Motion, ...] | None
    room: TrueRoom | None
    agent: Agent
    whole: bool
    complete: bool
    notes: tuple[str, ...] = ()

    def save(self, folder: str | Path) -> Path:
        """Write the measures, the record and the brain; a life that was broken off within an action is not saved."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not self.whole:
            return folder
        self.agent.save(folder / BRAIN)
        self.record.save(folder / LIVED)
        known = {key: value for key, value in self.summary.items() if value is not None}
        part = folder / (SAID + ".part")
        part.write_text(json.dumps(known, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        part.replace(folder / SAID)
        return folder

    def __repr__(self) -> str:
        said, plan = self.summary, self.plan
        lines = [f"Map of {plan.world}, seed {plan.seed}: {said['actions']:,} of {plan.actions:,} actions lived"]
        if said.get("places") is not None:
            by = "charts" if said["phase"] == "charts" else f"clones since action {said['noticed_at']:,}"
            lines.append(f"  {said['places']} places, {said['symbols_met']} symbols met; it lives by {by}")
        if said.get("accuracy") is not None:
            lines.append(
                f"  foretold {said['accuracy']:.1%} of the symbols of a held-out walk of {said['held_out_actions']:,} "
                f"actions; naming the most frequent one, {said['accuracy_of_most_frequent']:.1%}"
            )
        if said.get("surprise_nats") is not None:
            lines.append(f"  surprise at the end {said['surprise_nats']:.3g} nats an action")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])
