"""What a mapping agent knows at one moment of its life, for whoever wants to show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class Phase(StrEnum):
    """Which map the agent lives by: charts on the sheet of its body, or clones where the world breaks that sheet."""

    CHARTS = "charts"
    CLONES = "clones"


@dataclass(frozen=True)
class KnownPlace:
    """One place of a chart.

    cell        of the sheet
    symbol      likeliest there
    confidence  probability of that symbol, 0 to 1
    free        (actions,) probability that each action moves from here
    """

    cell: int
    symbol: int
    confidence: float
    free: tuple[float, ...]


@dataclass(frozen=True)
class Motif:
    """A short word of actions that was preplayed, the world shut out.

    actions   of the motif
    foretold  (actions,) likeliest symbol after each
    score     what it promised; the agent takes the best
    """

    actions: tuple[int, ...]
    foretold: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Snapshot:
    """A mapping agent at one moment.

    actions          lived so far
    phase            which map it lives by
    action, symbol   last command, None before the first; last symbol
    surprise         nats an action, smoothed over the last 50 or so
    strengths        (charts,) float64 shares of one, largest first
    place            cell of the leading chart's packet
    places           known to the leading chart
    motifs           best few of the last preplay, best first; empty where none was done
    spikes           of the last action: sources, replay copies and motifs preplayed in spikes are among them, what was
                     lived again at rest is not; None where no charts in cells are at work
    synaptic_events  the same of synaptic events

    In the phase of clones `strengths`, `place` and `places` are those of the charts as they were given up.
    """

    actions: int
    phase: Phase
    action: int | None
    symbol: int
    surprise: float
    strengths: npt.NDArray[np.float64]
    place: int
    places: tuple[KnownPlace, ...]
    motifs: tuple[Motif, ...]
    spikes: int | None
    synaptic_events: int | None

    def __repr__(self) -> str:
        lives_by = "by charts" if self.phase is Phase.CHARTS else "by clones, its charts given up"
        last = "nothing done yet" if self.action is None else f"action {self.action} led to symbol {self.symbol}"
        spikes = "" if self.spikes is None else f", {self.spikes:,} spikes"
        return (
            f"After {self.actions:,} actions, {lives_by}: {last}; surprise {self.surprise:.3g} nats an action, "
            f"{len(self.places)} places and {len(self.strengths)} charts, the strongest with "
            f"{max(self.strengths, default=0.0):.1%} of all{spikes}"
        )
