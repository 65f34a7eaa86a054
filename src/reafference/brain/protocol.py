"""What happens in a life, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.life import Phase
from reafference.units import check_range, check_time

Floats = npt.NDArray[np.float64]

INFANCY, LEARN, QUIET, HUBS, OTHERS, PUSHES, REPLAY, INVERSION, BACK = (
    "infancy",
    "learning",
    "quiet test",
    "hubs silenced",
    "others silenced",
    "pushes",
    "replay",
    "inverted body",
    "body restored",
)
TESTS = (QUIET, PUSHES, REPLAY, HUBS, OTHERS)
PUSH_SECONDS = 0.1
LEAD = 0.5  # s without push before each push, from which the comparison window is taken


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Lengths of the phases of a life, s, and the pushes.

    infancy    babble with the senses still closed: the sense organs find their range
    learn      plasticity on
    quiet      plasticity frozen: what is cancelled, who fires at rest
    lesion     plasticity frozen: the busiest tenth of the efference cells is silenced for so long, then another tenth
               drawn at random
    sizes      pushes by an outside hand, plasticity frozen, in units of the largest force of the body;
               each is given `repeats` times
    replay     plasticity frozen: sensations of the quiet test again, while the brain commands something else
    inversion  the body does the opposite, plasticity on; `back` the same after it is restored
    """

    infancy: float = 10.0
    learn: float = 90.0
    quiet: float = 30.0
    sizes: tuple[float, ...] = (0.1, 0.3, 0.8, 1.5)
    repeats: int = 12
    replay: float = 30.0
    lesion: float = 15.0
    inversion: float = 30.0
    back: float = 20.0

    def __post_init__(self) -> None:
        check_time("Protocol.infancy", self.infancy, 2.0, 1e4)
        check_time("Protocol.learn", self.learn, 5.0, 1e6)
        check_time("Protocol.quiet", self.quiet, 5.0, 1e5)
        check_time("Protocol.replay", self.replay, 5.0, self.quiet)
        check_time("Protocol.lesion", self.lesion, 5.0, 1e5)
        check_time("Protocol.inversion", self.inversion, 12.0, 1e5)
        check_time("Protocol.back", self.back, 12.0, 1e5)
        check_range("Protocol.sizes", np.asarray(self.sizes, dtype=np.float64), 1e-6, 1e3, "")
        check_range("Protocol.repeats", self.repeats, 2, 100_000, "")

    @staticmethod
    def thorough(learn: float = 300.0) -> Protocol:
        """The life that the benchmark measures: longer tests, more pushes."""
        return Protocol(
            learn=learn,
            quiet=90.0,
            sizes=(0.05, 0.1, 0.2, 0.4, 0.8, 1.5),
            repeats=30,
            replay=90.0,
            lesion=30.0,
            inversion=90.0,
            back=45.0,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Push:
    """One push: first frame in which the world is pushed, size (units of the largest force) and sign."""

    frame: int
    size: float
    sign: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Schedule:
    """A protocol counted in frames.

    first   phase name -> its first frame; the phases follow one another
    end     phase name -> frame after its last
    pushes  in order; `force` is what the hand does in each frame of the whole life, (frames,)
    """

    first: dict[str, int]
    end: dict[str, int]
    pushes: tuple[Push, ...]
    force: Floats
    push_frames: int
    frames: int

    def phase(self, frame: int) -> str:
        """Name of the phase that a frame belongs to."""
        return next(name for name, end in self.end.items() if frame < end)

    def phases(self, frame: float) -> tuple[Phase, ...]:
        """The phases in seconds, for a frame of `frame` s."""
        return tuple(
            Phase(name=name, start=self.first[name] * frame, end=self.end[name] * frame) for name in self.first
        )


def schedule(protocol: Protocol, *, frame: float, seed: int, can_push: bool) -> Schedule:
    """Lay a protocol out in frames of `frame` s; the times and signs of pushes are drawn from `seed`."""
    rng = np.random.default_rng([seed, 77])
    held = max(1, round(PUSH_SECONDS / frame))
    first: dict[str, int] = {}
    end: dict[str, int] = {}
    now = 0

    def lay(name: str, frames: int) -> None:
        nonlocal now
        first[name], end[name] = now, now + frames
        now += frames

    for name, seconds in ((INFANCY, protocol.infancy), (LEARN, protocol.learn), (QUIET, protocol.quiet)):
        lay(name, round(seconds / frame))
    for name in (HUBS, OTHERS):
        lay(name, round(protocol.lesion / frame))
    pushes: list[Push] = []
    if can_push:
        lead = max(held + 2, round(LEAD / frame))
        at = now
        for size in rng.permutation(np.repeat(protocol.sizes, protocol.repeats)):
            at += lead + round(rng.uniform(0.5, 1.1) / frame)
            pushes.append(Push(frame=at, size=float(size), sign=int(rng.choice([-1, 1]))))
            at += held
        lay(PUSHES, at + lead - now)
    for name, seconds in ((REPLAY, protocol.replay), (INVERSION, protocol.inversion), (BACK, protocol.back)):
        lay(name, round(seconds / frame))
    force = np.zeros(now)
    for push in pushes:
        force[push.frame : push.frame + held] = push.sign * push.size
    return Schedule(first=first, end=end, pushes=tuple(pushes), force=force, push_frames=held, frames=now)
