"""A leak in steps for one that is exponential, and the whole of a neuron's time course that goes with it.

In a tick of the engine a potential x above its resting level becomes b x, b = exp(-dt / tau); then events act, and it
spikes at threshold. In a tick of the chip events act, then the leak, a step of fixed size, then the threshold is
looked at. So what the chip keeps is a potential on which the leak of the next tick has acted already: its threshold,
reset and start are those of the engine after one leak, and both then agree on when a spike falls. What is left is the
difference between the step and the exponential.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Leak(Enum):
    """How a neuron forgets.

    DOWN   a step down, and a floor where v rests: nothing is kept below
    BACK   a step towards where v rests, from both sides
    DRIFT  a step up at every tick, for neurons that a current brings to threshold
    """

    DOWN = "down"
    BACK = "back"
    DRIFT = "drift"


@dataclass(frozen=True)
class Course:
    """A neuron without input, in V above `origin`.

    leak       which of them
    step       V a tick, 0 and more
    origin     V, where the chip's potential is 0
    threshold  V above origin that an event must reach, before the leak acts
    """

    leak: Leak
    step: float
    origin: float
    threshold: float


def course_of(*, decay: float, level: float, threshold: float, reset: float, inhibited: bool) -> Course:
    """The step that comes nearest to an exponential decay.

        BACK   step = a (n^2 + p^2) / (2 (n + p)), the mean of the decay a |x| over potentials -n to p; at most p / 2
        DOWN   step = a p / (2 - a)
        DRIFT  step = (threshold - reset) / k, k ticks = ln((level - reset) / (level - threshold)) / -ln(1 - a)

    The first two have the least squares of x - step and b x over all potentials between the reset and the threshold, p
    above the level, and as far below it where something inhibits the neuron; of both the one with less is taken. DOWN
    is exact for a neuron that keeps nothing (a = 1). The third is as long on its way from reset to threshold as the
    neuron is that only its current drives.

    decay      a = 1 - exp(-dt / tau)
    level      V that v decays to
    inhibited  whether anything brings it below its level, such as events of negative weight
    """
    if decay == 0:  # it stays where it is, whatever its level
        return Course(Leak.BACK, 0.0, reset, threshold - reset)
    if threshold <= level:
        with np.errstate(divide="ignore"):
            ticks = np.log((level - reset) / (level - threshold)) / -np.log1p(-min(decay, 1 - 1e-16))
        ticks = max(1.0, ticks)
        if not np.isfinite(ticks):  # the level is the threshold itself, which v reaches by rounding only
            ticks = 1 / decay * 40.0
        step = (threshold - reset) / ticks
        return Course(Leak.DRIFT, step, reset + step, threshold - reset - step)
    high = threshold - level
    low = max(level - reset, high if inhibited else 0.0, 0.0)
    back = min(decay * (low**2 + high**2) / (2 * (low + high)), high / 2)
    down = decay * high / (2 - decay)
    course = Course(Leak.BACK, back, level, high)
    if reset < level or off_down(decay, down, low, high) > off_back(decay, back, low, high):
        return course
    return Course(Leak.DOWN, down, level, high)


def off_back(decay: float, step: float, low: float, high: float) -> float:
    """Integral of the squares of what BACK is off, over potentials -low to high, V^3."""
    return sum(decay**2 * x**3 / 3 - decay * step * x**2 + step**2 * x for x in (low, high))


def off_down(decay: float, step: float, low: float, high: float) -> float:
    """The same for DOWN, which keeps nothing below 0."""
    kept = 1 - decay
    under = kept**2 * (low**3 + step**3) / 3
    over = ((decay * high - step) ** 3 + (kept * step) ** 3) / (3 * decay) if decay else 0.0
    return under + over


def after_leak(course: Course, potential: Floats, step: float) -> Floats:
    """What is left of potentials (any,) above `origin` after one leak of `step`, all in one unit."""
    if course.leak is Leak.DRIFT:
        return potential + step
    if course.leak is Leak.DOWN:
        return np.maximum(potential - step, 0.0)
    return potential - np.sign(potential) * step
