"""A life whose efference spikes are recorded once, and brains that learn from them again and again.

Nothing in the motor side and the efference cells learns, and babble does not listen, so one recording serves any number
of learning rates and lesions: `record` lives, `Learner` wires the comparator to the recorded spikes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.comparator import ErrorPlan, build_comparator
from reafference.brain.efference import BasisPlan, build_basis
from reafference.brain.lived import Body
from reafference.brain.motor import MotorPlan, build_motor
from reafference.brain.protocol import INFANCY, INVERSION, LEARN, QUIET, Schedule
from reafference.brain.rigidity import Rigid, Rigidity
from reafference.brain.stream import Stream
from reafference.brain.worlds import open_world
from reafference.engine import Simulation
from reafference.network import Network, Population, SpikeTrain
from reafference.units import ms

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FRAME, TICKS, LATENCY = 50 * ms, 50, 20
SETTLE = 20  # frames at the start of a test that are not scored


@dataclass(frozen=True, kw_only=True, eq=False)
class Recorded:
    """A life in Pendulum-v1 as the error cells will hear it.

    stream      what was felt
    tick, cell  efference spikes; ticks of 1 ms from birth
    counts      (frames, cells) efference spikes of each frame
    """

    stream: Stream
    tick: Ints
    cell: Ints
    counts: Ints


def record(seed: int, plan: BasisPlan, infancy: int, frames: int) -> Recorded:
    """Live `frames` frames, of which `infancy` with the senses closed. The world is the same for any plan."""
    world = open_world("Pendulum-v1", seed=seed)
    senses, motor = len(world.senses), build_motor(MotorPlan(), action="box", actions=1, seed=seed, state=0)
    basis = build_basis(plan, motor, senses=senses, opposed=True, copied=True, seed=seed)
    network = Network(
        populations=[*motor.populations, *basis.populations], projections=[*motor.projections, *basis.projections]
    )
    simulation = Simulation(network, dt=1 * ms, seed=seed, record=("efference",))
    first, end = {INFANCY: 0, LEARN: infancy}, {INFANCY: infancy, LEARN: frames}
    for late in (QUIET, INVERSION):
        first[late] = end[late] = frames
    course = Schedule(first=first, end=end, pushes=(), force=np.zeros(frames), push_frames=1, frames=frames)
    body, before = Body(world, course), np.zeros(2)

    def sent(ticks: int) -> Floats:
        spikes = simulation.advance(ticks * ms)
        return np.array([simulation.count(spikes, pool).sum() for pool in motor.pools], np.float64)

    for frame in range(frames):
        felt = body.felt(frame)
        if felt is not None:
            simulation.inject_current("afferents", basis.afferent_current(np.clip(felt[0], -1.0, 1.0)))
        total = before + sent(TICKS - LATENCY)
        body.move(frame, np.clip((total[0::2] - total[1::2]) / (MotorPlan().full * FRAME), -1.0, 1.0))
        before = sent(LATENCY)
    time, cell = simulation.recording().of("efference")
    tick = np.rint(time / ms).astype(np.int64)
    counts = np.zeros((frames, plan.cells), np.int64)
    np.add.at(counts, ((tick - 1) // TICKS, cell), 1)
    return Recorded(stream=body.stream(), tick=tick, cell=np.asarray(cell, np.int64), counts=counts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A test with plasticity frozen.

    sensed   (frames, senses)  of frames that count, spikes of sensory cells
    heard    (frames, cells)   efference spikes of the frame before each
    weights  (senses, cells)   V, mean onto error-ON cells
    unit     V                 of one sensory spike
    """

    sensed: Floats
    heard: Ints
    weights: Floats
    unit: float

    def cancelled(self, cells: npt.NDArray[np.bool_]) -> float:
        """Cancelled variance, mean of the senses, of the read-out that hears these cells only."""
        predicted = -(self.heard[:, cells] @ self.weights[:, cells].T) / self.unit
        rest = self.sensed - predicted
        return float(np.mean(1.0 - rest.var(axis=0) / self.sensed.var(axis=0)))


class Learner:
    """Error cells that hear a stretch of a recorded life from frame `start` on.

    alive    (cells,) bool  efference cells that are not lost
    goggles  what the senses say changes sign, as through reversing goggles
    weights  of another learner to begin with; None: zero
    """

    def __init__(
        self,
        life: Recorded,
        plan: ErrorPlan,
        *,
        start: int,
        frames: int,
        seed: int,
        alive: npt.NDArray[np.bool_],
        goggles: bool = False,
        weights: dict[str, Floats] | None = None,
        rigidity: Rigidity | None = None,
    ) -> None:
        self.life, self.plan, self.start, self.alive = life, plan, start, alive
        self.sign = -1.0 if goggles else 1.0
        mine = (life.tick > start * TICKS) & (life.tick <= (start + frames) * TICKS) & alive[life.cell]
        time = np.asarray((life.tick[mine] - start * TICKS) * ms, dtype=np.float64)
        train = SpikeTrain(time=time, neuron=life.cell[mine])
        efference = Population("efference", life.counts.shape[1], train)
        self.senses = life.stream.state.shape[1]
        self.comparator = build_comparator(plan, efference, senses=self.senses, frame=FRAME, seed=seed)
        network = Network(
            populations=[efference, *self.comparator.populations], projections=list(self.comparator.projections)
        )
        self.simulation = Simulation(network, dt=1 * ms, seed=seed, record=())
        self.names = tuple(name for pair in self.comparator.plastic for name in pair)
        for name, values in (weights or {}).items():
            self.simulation.set_weights(name, values)
        self.rigid = None if rigidity is None else Rigid(rigidity, self.simulation, self.names)
        self.frame, self.error_spikes = start, 0

    def weights(self) -> dict[str, Floats]:
        """Present weights of the synapses that learn."""
        return {name: self.simulation.weights(name) for name in self.names}

    def _live(self) -> Floats:
        change = self.sign * np.clip(self.life.stream.change[self.frame], -20.0, 20.0)
        for sense in range(self.senses):
            more, less = self.comparator.sensory_current(float(change[sense]))
            self.simulation.inject_current(f"sensed more {sense}", more)
            self.simulation.inject_current(f"sensed less {sense}", less)
        spikes = self.simulation.advance(FRAME)
        self.frame += 1
        count = self.simulation.count
        self.error_spikes += sum(
            int(count(spikes, f"error {way} {s}").sum()) for s in range(self.senses) for way in ("more", "less")
        )
        return np.array(
            [
                count(spikes, f"sensed more {s}").sum() - count(spikes, f"sensed less {s}").sum()
                for s in range(self.senses)
            ],
            np.float64,
        )

    def learn(self, frames: int) -> None:
        """Plasticity on; it falls with age as in `live`, whose brains mature in a fifth of the time that they have."""
        for k in range(frames):
            for name in self.names:
                self.simulation.set_modulator(name, 1.0 / (1.0 + 5 * k / frames))
            self._live()
            if self.rigid is not None:
                self.rigid.hold()

    def test(self, frames: int) -> Read:
        """Plasticity off."""
        for name in self.names:
            self.simulation.set_modulator(name, 0.0)
        cells = self.life.counts.shape[1]
        weights = np.stack(
            [self.simulation.weights(on).reshape(cells, -1).mean(axis=1) for on, _ in self.comparator.plastic]
        )
        first, sensed = self.frame, np.array([self._live() for _ in range(frames)])
        late = np.arange(frames) >= SETTLE
        late &= self.life.stream.clean[first : first + frames]
        heard = np.where(self.alive, self.life.counts[first - 1 : first - 1 + frames], 0)
        return Read(sensed=sensed[late], heard=heard[late], weights=weights, unit=self.plan.weight)
