"""Where prediction meets sensation: ON and OFF cells for what was sensed, ON and OFF cells for the error.

An error-ON cell is excited by sensed increases, inhibited by sensed decreases, and receives what the efference cells
predict through synapses that start at zero. The efference spikes need one frame to get there, so that the prediction
made in one frame meets the sensation that arrives in the next. Signs of the plastic synapses are free: each stands for
a direct path and one through an inhibitory cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.motor import REST, drive
from reafference.network import AllToAll, AntiHebbian, CurrentLIF, Population, Projection
from reafference.units import ms, mV

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ErrorPlan:
    """Sizes and strengths of sensory and error cells, and how the prediction learns.

    sensory, errors  cells for each sense and direction
    low, high   V    thresholds of the error cells above rest, spread evenly on a logarithmic scale: a graded code
    level, level_spread  V  drive of the sensory cells without change: level -+ spread, evenly; the wide spread makes
                     the sum of their spikes linear in the change
    gain        V    drive of a sensory cell for a change of one root mean square of that sense
    weight      V    of a sensory spike onto an error cell
    rate        V    learning rate of one synapse (see AntiHebbian), divided by the number of efference cells
    trace       s    of the presynaptic trace
    normalise   frames over which the power of the trace is averaged; None: busy cells learn faster than slow ones
    """

    sensory: int = 15
    errors: int = 10
    low: float = 2.5 * mV
    high: float = 30 * mV
    level: float = 18 * mV
    level_spread: float = 18 * mV
    gain: float = 10 * mV
    weight: float = 1.2 * mV
    rate: float = 10 * mV
    trace: float = 30 * ms
    normalise: int | None = 400
    floor: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Comparator:
    """Sensory and error cells of all senses, in the order: sense ON, sense OFF, error ON, error OFF for each sense."""

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    plastic: tuple[tuple[str, str], ...]  # for each sense: names of the projections onto error ON and error OFF
    base: Floats  # (sensory,), A
    gain: Floats  # (sensory,), A for a change of one root mean square

    def sensory_current(self, change: float) -> tuple[Floats, Floats]:
        """Injected current (A) of the ON and of the OFF cells of one sense, for a change in root mean squares."""
        return self.base + self.gain * change, self.base - self.gain * change


def build_comparator(plan: ErrorPlan, efference: Population, *, senses: int, frame: float, seed: int) -> Comparator:
    """Wire the comparator for `senses` senses."""
    rng = np.random.default_rng([seed, 5])
    gain = np.asarray(drive(plan.gain * rng.lognormal(0.0, 0.2, plan.sensory)))
    base = np.asarray(drive(plan.level + np.linspace(-plan.level_spread, plan.level_spread, plan.sensory)))
    threshold = REST + np.geomspace(plan.low, plan.high, plan.errors)
    populations: list[Population] = []
    projections: list[Projection] = []
    plastic: list[tuple[str, str]] = []
    for sense in range(senses):
        on, off = (
            Population(f"sensed {way} {sense}", plan.sensory, CurrentLIF(tau=10 * ms, refractory=2 * ms))
            for way in ("more", "less")
        )
        cells = CurrentLIF(tau=10 * ms, tau_e=20 * ms, tau_i=20 * ms, threshold=threshold, refractory=5 * ms)
        error_on, error_off = (Population(f"error {way} {sense}", plan.errors, cells) for way in ("more", "less"))
        populations += [on, off, error_on, error_off]
        for source, target, sign in ((on, error_on, 1), (off, error_on, -1), (on, error_off, -1), (off, error_off, 1)):
            projections.append(Projection(source, target, AllToAll(), weight=sign * plan.weight, delay=1 * ms))
        for target, other in ((error_on, error_off), (error_off, error_on)):
            rule = AntiHebbian(
                rate=plan.rate / efference.size,
                own=target.name,
                other=other.name,
                tau=plan.trace,
                interval=frame,
                normalise=None if plan.normalise is None else plan.normalise * frame,
                floor=plan.floor,
            )
            projections.append(Projection(efference, target, AllToAll(), weight=0.0, delay=frame, plasticity=rule))
        plastic.append((projections[-2].name, projections[-1].name))
    return Comparator(
        populations=tuple(populations), projections=tuple(projections), plastic=tuple(plastic), base=base, gain=gain
    )
