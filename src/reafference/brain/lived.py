"""Living a stretch of life and keeping what the scorer needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.brain import Brain, Frame
from reafference.brain.loop import Ending, Tick, answer_of_the_world, live_through
from reafference.brain.protocol import HUBS, INFANCY, INVERSION, OTHERS, QUIET, REPLAY, TESTS, Schedule
from reafference.brain.stream import Organs, Stream
from reafference.brain.worlds import World
from reafference.engine import Spikes, as_learned
from reafference.network import Network

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lived:
    """One brain's log of a life.

    sensed, predicted  (frames, senses)  in spikes of the sensory cells; nan where nothing was lived
    errors             (frames, senses)  spikes of the error cells
    efference          (cells,) int      spikes of each efference cell in the quiet test
    spikes             of the frames that were asked for
    network            the brain as it had learned by the end of these frames; None where they were not lived
    frames             lived so far
    """

    sensed: Floats
    predicted: Floats
    errors: Floats
    efference: npt.NDArray[np.int64]
    spikes: list[Spikes]
    frames: int
    network: Network | None = None


class Log:
    """A log that is being written."""

    def __init__(self, frames: int, senses: int, cells: int) -> None:
        self.sensed, self.predicted, self.errors = (np.full((frames, senses), np.nan) for _ in range(3))
        self.efference = np.zeros(cells, np.int64)
        self.spikes: list[Spikes] = []
        self.network: Network | None = None
        self.frames = 0

    def add(self, frame: int, seen: Frame, phase: str, *, keep_spikes: bool) -> None:
        """Write one frame."""
        self.sensed[frame], self.predicted[frame], self.errors[frame] = seen.sensed, seen.predicted, seen.errors
        if phase == QUIET:
            self.efference += seen.efference
        if keep_spikes:
            self.spikes.append(seen.spikes)
        self.frames = frame + 1

    def lived(self) -> Lived:
        """What was written so far."""
        return Lived(
            sensed=self.sensed,
            predicted=self.predicted,
            errors=self.errors,
            efference=self.efference,
            spikes=self.spikes,
            frames=self.frames,
            network=self.network,
        )


class Body:
    """A world on its way through a life: it is stepped by the brain, pushed and inverted by the schedule.

    In the replay the world rests and the sensations of the quiet test come again. `stream()` gives what was felt.
    """

    def __init__(self, world: World, plan: Schedule) -> None:
        self.world, self.plan = world, plan
        self.organs = Organs(world.low, world.high)
        senses = len(world.senses)
        self._observations = np.zeros((plan.frames + 1, senses))
        self._restarted = np.zeros(plan.frames + 1, np.bool_)
        self._state, self._change = np.zeros((plan.frames, senses)), np.zeros((plan.frames, senses))
        self._clean = np.zeros(plan.frames, np.bool_)
        self._observations[0], self._restarted[0] = world.reset(), True

    def felt(self, frame: int) -> tuple[Floats, Floats] | None:
        """State and change that arrive at the start of `frame`; None while the senses are closed."""
        phase, first = self.plan.phase(frame), self.plan.first
        if phase == INFANCY:
            unbroken = frame > 0 and not self._restarted[frame]
            now = self._observations[frame]
            self.organs.adapt(now, now - self._observations[frame - 1] if unbroken else None)
            return None
        if phase == REPLAY and frame > first[REPLAY]:
            source = first[QUIET] + frame - first[REPLAY]
            self._state[frame], self._change[frame] = self._state[source], self._change[source]
            self._clean[frame] = self._clean[source]
        else:
            unbroken = not self._restarted[frame] and phase != REPLAY and self.plan.phase(frame - 1) != REPLAY
            now = self._observations[frame]
            change = now - self._observations[frame - 1]
            if phase not in TESTS:
                self.organs.adapt(now, change if unbroken else None)
            self._state[frame] = self.organs.state(now)
            if unbroken:
                self._change[frame] = self.organs.change(change)
            self._clean[frame] = unbroken and self.plan.phase(frame - 1) != INFANCY
        return self._state[frame], self._change[frame]

    def move(self, frame: int, command: Floats | int) -> None:
        """Step the world with the brain's command; what it gives is felt at the start of the next frame."""
        phase = self.plan.phase(frame)
        if phase == REPLAY:
            self._observations[frame + 1] = self._observations[frame]
            return
        if frame == self.plan.first[INVERSION]:
            self.world.invert()
        if frame == self.plan.end[INVERSION]:
            self.world.restore()
        if self.plan.force[frame]:
            self.world.push(float(self.plan.force[frame]))
        with answer_of_the_world():
            self._observations[frame + 1], self._restarted[frame + 1] = self.world.step(command)

    def stream(self) -> Stream:
        """Everything that was felt."""
        return Stream(state=self._state, change=self._change, clean=self._clean)


def busiest(spikes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The tenth of the cells that spiked most."""
    return np.argsort(spikes, kind="stable")[::-1][: spikes.size // 10]


def others(spikes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """As many cells drawn at random from the rest."""
    rest = np.argsort(spikes, kind="stable")[::-1][spikes.size // 10 :]
    return np.random.default_rng(spikes.size).permutation(rest)[: spikes.size // 10]


def nobody(spikes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """No cell."""
    return np.zeros(0, np.int64)


def live_in(brain: Brain, body: Body, log: Log, *, keep: range, tick: Tick, until: int | None = None) -> Ending:
    """Live the schedule up to frame `until`, or all of it; what was lived is in `log`.

    keep  frames whose spikes are kept, and at whose end the brain's network is
    """
    first = body.plan.first
    lesions = {first[HUBS]: busiest, first[OTHERS]: others, body.plan.end[OTHERS]: nobody}

    def moment(frame: int) -> str:
        phase = body.plan.phase(frame)
        brain.learning = phase not in TESTS and phase != INFANCY
        felt = body.felt(frame)
        if felt is not None:
            brain.feel(*felt)
        if frame in lesions:
            brain.silence(lesions[frame](log.efference))
        body.move(frame, brain.act())
        log.add(frame, brain.finish(), phase, keep_spikes=frame in keep)
        if frame in keep and frame == keep[-1]:
            log.network = as_learned(brain.simulation)
        return phase

    return live_through(range(body.plan.frames if until is None else until), moment, tick)


def relive(brain: Brain, stream: Stream, plan: Schedule, log: Log, *, learns: bool, until: int, tick: Tick) -> Ending:
    """Give a twin the same sensations up to frame `until`; what it commands moves nothing."""

    def moment(frame: int) -> str:
        phase = plan.phase(frame)
        brain.learning = learns and phase not in TESTS and phase != INFANCY
        if phase != INFANCY:
            brain.feel(stream.state[frame], stream.change[frame])
        brain.act()
        log.add(frame, brain.finish(), phase, keep_spikes=False)
        return phase

    return live_through(range(until), moment, tick)
