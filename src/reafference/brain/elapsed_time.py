"""Reading elapsed time from spikes: a decoder that was fitted to other trials and is never shown the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.time_cells import DT, TimeCells
from reafference.engine import Simulation
from reafference.engine.spikes import Ints, Spikes

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
EDGE = 0.5  # trial added to both counts of a cell, so that no cell ever excludes a time


@dataclass(frozen=True, kw_only=True, eq=False)
class ElapsedDecoder:
    """Probability of elapsed times given which cells fired lately, cells taken as independent.

    times   (times,) s, at equal steps of log time: those that can be told, equally likely at first
    chance  (times, cells) that a cell fires within the window that ends at a time

    Source: Zhang, Ginzburg, McNaughton and Sejnowski, J. Neurophysiol. 79 (1998) 1017-1044, for Bayesian read-out from
    measured tuning curves; here with whether a cell fired in place of its count.
    """

    times: Floats
    chance: Floats

    @staticmethod
    def fit(times: Floats, active: Bools, *, width: float = 0.05) -> ElapsedDecoder:
        """Measure tuning curves on trials whose times are known: active (times, trials, cells).

        width  of the Gaussian by which the curves are smoothed, in log time
        """
        steps = np.diff(np.log(times))
        if active.shape[0] != times.size or times.size < 3 or steps.min() <= 0 or np.ptp(steps) > 0.1 * steps.mean():
            raise ValueError(
                f"decoder: {times.size} times for trials of shape {active.shape}; give (times, trials, cells) at three "
                "times or more, at equal steps of log time."
            )
        near = np.exp(-0.5 * (np.subtract.outer(np.log(times), np.log(times)) / width) ** 2)
        counts = near @ active.sum(axis=1)
        trials = near.sum(axis=1, keepdims=True) * active.shape[1]
        return ElapsedDecoder(times=times, chance=(counts + EDGE) / (trials + 2 * EDGE))

    def read(self, active: Bools) -> Floats:
        """Elapsed time of each trial, s: exp of the posterior mean of log time. active (..., cells) -> (...)."""
        yes, no = np.log(self.chance), np.log1p(-self.chance)
        belief = active.astype(np.float64) @ (yes - no).T + no.sum(axis=1)
        belief = np.exp(belief - belief.max(axis=-1, keepdims=True))
        return np.exp(belief @ np.log(self.times) / belief.sum(axis=-1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Trials:
    """What one run of all copies gave.

    active  (times, copies, cells)  which cells fired in the last `loop` before each time
    steps   (times, copies)  command steps taken by then
    work    spikes and synaptic events of all copies until each time, (times,) each
    """

    active: Bools
    steps: Ints
    spikes: Ints
    events: Ints


Command = Callable[[float], npt.NDArray[np.bool_]]


def run_trials(bank: TimeCells, times: Floats, *, seed: int, command: Command | None = None) -> Trials:
    """Start all copies together and note which cells fire just before each of `times` (s after the start).

    command  None: the bank's own background makes the beats. Otherwise a function of the time since the start (s) that
             says which copies (copies,) take a step of their body now, asked every `loop`; during a step the copy of
             the command makes the beats, and nothing does at other times
    """
    ticks = np.round(np.asarray(times) / DT).astype(np.int64)
    window = round(bank.plan.loop / DT)
    if np.any(np.diff(ticks) <= 0) or ticks[0] < window:
        raise ValueError(f"times = {times} must rise, and not begin before one loop of {bank.plan.loop:g} s.")
    simulation = Simulation(bank.network, dt=DT, seed=seed, record=())
    simulation.inject_spikes("onset", np.arange(bank.copies))
    if command is not None:
        simulation.set_rate("background", 0.0)
    wait = round(bank.delay / DT)
    simulation.advance(wait * DT)
    steps = np.zeros(bank.copies, np.int64)
    recent: list[Spikes] = []
    kept: list[tuple[Bools, Ints, int, int]] = []
    taken = None
    for target in ticks:
        stops = [target]
        if command is not None:
            now = simulation.tick - wait
            stops = [*range((now // window + 1) * window, target, window), target]
        elif target - window > simulation.tick - wait:
            stops = [target - window, target]
        for stop in stops:
            now = simulation.tick - wait
            if command is not None and now % window == 0:
                moving = command(now * DT)
                steps += moving
                if taken is None or np.any(moving != taken):
                    simulation.set_rate("command", bank.rate * np.repeat(moving, bank.plan.chains))
                taken = moving
            if stop > now:
                recent.append(simulation.advance((stop - now) * DT))
                recent = [part for part in recent if part.tick.size and part.tick[-1] > stop + wait - window]
        neuron = np.concatenate([part.neuron[part.tick > target + wait - window] for part in recent] or [[]])
        work = simulation.recording().work
        kept.append((bank.active(neuron.astype(np.int64)), steps.copy(), work["spikes"], work["synaptic_events"]))
    active, steps, spikes, events = (np.array(column) for column in zip(*kept, strict=True))
    return Trials(active=active, steps=steps, spikes=spikes, events=events)


@dataclass(frozen=True, kw_only=True)
class TimeError:
    """Errors of the estimates of one duration: relative bias, coefficient of variation, mean squared log error."""

    bias: float
    variation: float
    log_error: float

    @staticmethod
    def of(estimate: Floats, true: float) -> TimeError:
        """`true` in the unit of the estimates."""
        return TimeError(
            bias=float(estimate.mean() / true - 1),
            variation=float(estimate.std(ddof=1) / estimate.mean()),
            log_error=float(np.mean(np.log(estimate / true) ** 2)),
        )


def weber_slope(times: Sequence[float] | Floats, variation: Sequence[float] | Floats) -> float:
    """Slope of log variation over log time: 0 where the error grows in proportion to time (Weber's law)."""
    return float(np.polyfit(np.log(times), np.log(variation), 1)[0])
