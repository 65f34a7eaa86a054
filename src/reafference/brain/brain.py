"""A spiking brain with a body: it acts, predicts what acting will feel like, and learns from the difference."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reafference.brain.comparator import ErrorPlan, build_comparator
from reafference.brain.efference import BasisPlan, build_basis
from reafference.brain.motor import MotorPlan, build_motor
from reafference.brain.rigidity import Rigid, Rigidity
from reafference.engine import Simulation, Spikes
from reafference.network import Network
from reafference.units import ms

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SILENCING = -10e-9  # A; pulls a cell far below what any input lifts it to


@dataclass(frozen=True, kw_only=True)
class BrainPlan:
    """What a brain is made of.

    motor, basis, error  its parts
    rigidity       plasticity that falls with the strength of the synapse; None: all synapses learn alike
    maturity   s   learning slows down with age: the modulator is 1 / (1 + age / maturity), at least `least`
    """

    motor: MotorPlan = field(default_factory=MotorPlan)
    basis: BasisPlan = field(default_factory=BasisPlan)
    error: ErrorPlan = field(default_factory=ErrorPlan)
    rigidity: Rigidity | None = None
    maturity: float = 50.0
    least: float = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """What the brain did in one frame.

    efference  (cells,) int   spikes of each efference cell
    sensed     (senses,)      what the sensory cells sent to the error cells: ON minus OFF spikes
    predicted  (senses,)      what the efference spikes of the frame before predict, in the same unit, through the
                              weights as they were before this frame's sensation arrived
    errors     (senses,) int  spikes of the error cells, ON and OFF together
    spikes     of all cells in this frame
    """

    efference: Ints
    sensed: Floats
    predicted: Floats
    errors: Ints
    spikes: Spikes


class Brain:
    """A brain for a body with `senses` senses and a Box (`actions` dimensions) or Discrete (`actions` choices) action.

    frame    s, time between two actions, a whole number of milliseconds
    seed     of everything that is drawn when it is wired
    copied   False: the twin whose efference cells do not hear the command
    history  another number: the same brain with another past, and so with other commands (the yoked twin)

    The loop of one frame is `feel` (what the world gave), `act` (run up to the moment of action; returns the command),
    then the world's step, then `finish`. The world's answer needs `latency` to reach the brain, so the command is
    taken from the spikes up to that long before the frame ends.
    """

    def __init__(
        self,
        *,
        senses: int,
        action: str,
        actions: int,
        frame: float,
        seed: int,
        copied: bool = True,
        history: int = 0,
        plan: BrainPlan | None = None,
    ) -> None:
        plan = plan or BrainPlan()
        self.ticks = round(frame / ms)
        if self.ticks < 2 or abs(self.ticks * ms - frame) > 1e-9:
            raise ValueError(
                f"frame = {frame:g} s is not a whole number of milliseconds >= 2 ms; choose "
                f"{max(self.ticks, 2) * ms:g}."
            )
        if senses < 1 or actions < 1:
            raise ValueError(f"a brain needs at least one sense and one action, got {senses} and {actions}.")
        self.latency = round(0.4 * self.ticks)
        self.senses, self.action, self.actions, self.frame, self.plan = senses, action, actions, frame, plan
        self.motor = build_motor(plan.motor, action=action, actions=actions, seed=seed, state=history)
        self.basis = build_basis(
            plan.basis, self.motor, senses=senses, opposed=action == "box", copied=copied, seed=seed
        )
        efference = self.basis.populations[1]
        self.comparator = build_comparator(plan.error, efference, senses=senses, frame=self.ticks * ms, seed=seed)
        self.network = Network(
            populations=[*self.motor.populations, *self.basis.populations, *self.comparator.populations],
            projections=[*self.motor.projections, *self.basis.projections, *self.comparator.projections],
        )
        self.simulation = Simulation(self.network, dt=1 * ms, seed=seed, record=())
        learned = tuple(name for pair in self.comparator.plastic for name in pair)
        self._rigid = None if plan.rigidity is None else Rigid(plan.rigidity, self.simulation, learned)
        self.learning = True
        self._age = 0.0
        self._motor_spikes = np.zeros(len(self.motor.pools))
        self._before: Ints = np.zeros(efference.size, np.int64)
        self._first: list[Spikes] = []
        self._weights = np.zeros((senses, efference.size))
        self._modulator = 1.0
        self._set_modulator(0.0)

    def feel(self, state: Floats, change: Floats) -> None:
        """Sensations arrive: `state` (senses,) in -1 .. 1 and `change` (senses,) in root mean squares of each sense."""
        self.simulation.inject_current("afferents", self.basis.afferent_current(np.clip(state, -1.0, 1.0)))
        for sense in range(self.senses):
            more, less = self.comparator.sensory_current(float(np.clip(change[sense], -20.0, 20.0)))
            self.simulation.inject_current(f"sensed more {sense}", more)
            self.simulation.inject_current(f"sensed less {sense}", less)

    def act(self) -> Floats | int:
        """Run to the moment of action and return the command: (actions,) in -1 .. 1, or the number of a choice."""
        spikes = self.simulation.advance((self.ticks - self.latency) * ms)
        self._first.append(spikes)
        total = self._motor_spikes + self._motor_counts(spikes)
        if self.action == "box":
            full = self.plan.motor.full * self.frame
            return np.clip((total[0::2] - total[1::2]) / full, -1.0, 1.0)
        return int(np.argmax(total))

    def finish(self) -> Frame:
        """Run to the end of the frame, learn, and say what happened."""
        spikes = self.simulation.advance(self.latency * ms)
        self._motor_spikes = self._motor_counts(spikes)
        first = self._first.pop()
        whole = Spikes(np.concatenate([first.tick, spikes.tick]), np.concatenate([first.neuron, spikes.neuron]))
        counts = np.bincount(whole.neuron, minlength=self.network.neurons)

        def of(population: str) -> Ints:
            start = self.network.first(population)
            return counts[start : start + self._size(population)]

        predicted = -(self._weights @ self._before) / self.plan.error.weight
        sensed = np.array(
            [of(f"sensed more {s}").sum() - of(f"sensed less {s}").sum() for s in range(self.senses)], np.float64
        )
        errors = np.array(
            [of(f"error more {s}").sum() + of(f"error less {s}").sum() for s in range(self.senses)], np.int64
        )
        self._before = of("efference").copy()
        self._modulate()
        return Frame(efference=self._before, sensed=sensed, predicted=predicted, errors=errors, spikes=whole)

    def silence(self, cells: Ints) -> None:
        """Keep these efference cells (numbers) from firing until the next call; an empty list frees all."""
        current = np.zeros(self._before.size)
        current[cells] = SILENCING
        self.simulation.inject_current("efference", current)

    def _modulate(self) -> None:
        """The third factor: learning slows down with age, so that a grown brain does not chase its own noise."""
        if self._modulator != 0.0:
            self._age += self.frame
            if self._rigid is not None:
                self._rigid.hold()
            self._read_weights()
        grown = max(self.plan.least, 1.0 / (1.0 + self._age / self.plan.maturity))
        self._set_modulator(grown if self.learning else 0.0)

    def _set_modulator(self, value: float) -> None:
        if value != self._modulator:
            for pair in self.comparator.plastic:
                for name in pair:
                    self.simulation.set_modulator(name, value)
        self._modulator = value

    def _read_weights(self) -> None:
        """Mean weight of each efference cell onto the error-ON cells of each sense, (senses, cells), V."""
        for sense, (on, _) in enumerate(self.comparator.plastic):
            self._weights[sense] = self.simulation.weights(on).reshape(self._before.size, -1).mean(axis=1)

    def _motor_counts(self, spikes: Spikes) -> Floats:
        return np.array([self.simulation.count(spikes, pool).sum() for pool in self.motor.pools], np.float64)

    def _size(self, population: str) -> int:
        return next(p.size for p in self.network.populations if p.name == population)


def smaller(plan: BrainPlan, cells: int) -> BrainPlan:
    """The same plan with another number of efference cells."""
    return replace(plan, basis=replace(plan.basis, cells=cells))
