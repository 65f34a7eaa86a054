"""The measures of a life, from the logs of the brain and its twins. Every prediction was fixed before it was tested."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reafference.brain.life import ErrorCourse, PushCurve
from reafference.brain.lived import Lived
from reafference.brain.protocol import QUIET, REPLAY, Schedule
from reafference.brain.stream import Stream
from reafference.measure import cancelled_command, cancelled_variance, d_prime, half_time, smallest_detected

Floats = npt.NDArray[np.float64]
Frames = npt.NDArray[np.int64]

SETTLE = 1.0  # s at the start of a test that are not scored: eligible traces and membranes still hold what was before
AGENCY_WINDOW = 0.25  # s
COURSE_WINDOW = 5.0  # s
HALVING_WINDOW = 5.0  # s


def frames_of(plan: Schedule, phase: str, clean: npt.NDArray[np.bool_], frame: float) -> Frames:
    """Frames of a phase that count: after it has settled, felt without a break."""
    settle = round(SETTLE / frame)
    frames = np.arange(plan.first[phase] + settle, plan.end[phase])
    return frames[clean[frames]]


def cancelled(lived: Lived, frames: Frames) -> Floats:
    """Cancelled variance of each sense over `frames`, (senses,); nan for a sense that never changed."""
    return cancelled_variance(lived.sensed[frames], lived.predicted[frames])


def command_cancelled(lived: Lived, cut: Lived, frames: Frames) -> Floats:
    """Cancelled share of what the command causes, (senses,): residual variance against that of the cut twin."""
    return cancelled_command(lived.sensed[frames] - lived.predicted[frames], cut.sensed[frames] - cut.predicted[frames])


def command_sense(cut: Lived, frames: Frames) -> int:
    """The sense that the command moves most: where the twin without command copy leaves the largest share."""
    left = 1.0 - cancelled(cut, frames)
    return int(np.nanargmax(left)) if np.isfinite(left).any() else 0


def surprise(lived: Lived, start: int, length: int, sense: int) -> float:
    """Square root of the error spikes of one sense in a window; the root makes the spread of small and large counts
    alike (Anscombe, Biometrika 35 (1948) 246-254)."""
    return float(np.sqrt(lived.errors[start : start + length, sense].sum()))


def told_apart(signal: list[float], noise: list[float]) -> float:
    """d' of `signal` against `noise`; 0 where both are one and the same number, nan where they are two."""
    if np.var(signal) == 0 and np.var(noise) == 0:
        return 0.0 if np.mean(signal) == np.mean(noise) else float("nan")
    return d_prime(signal, noise)


def push_dprimes(lived: Lived, plan: Schedule, sizes: tuple[float, ...], sense: int) -> Floats:
    """d' of pushes of each size, (sizes,): windows from the first frame that feels the push to one frame after its
    end, against windows of the same length just before every push."""
    length = plan.push_frames + 1
    before = [surprise(lived, push.frame - length - plan.push_frames, length, sense) for push in plan.pushes]
    return np.array(
        [
            told_apart([surprise(lived, p.frame + 1, length, sense) for p in plan.pushes if p.size == size], before)
            for size in sizes
        ]
    )


def push_curve(lives: dict[str, Lived], plan: Schedule, sizes: tuple[float, ...], sense: int) -> PushCurve:
    """Detection curves of the brain and its twins; d' = 1 is reached where the curve first crosses it."""
    curves = {name: push_dprimes(lived, plan, sizes, sense) for name, lived in lives.items()}
    smallest = {
        name: smallest_detected(sizes, curve) if np.isfinite(curve).all() else None for name, curve in curves.items()
    }
    return PushCurve(size=np.asarray(sizes), dprime=curves, smallest=smallest)


def agency(lived: Lived, plan: Schedule, frame: float, sense: int, window: float = AGENCY_WINDOW) -> float:
    """d' of "mine" against "replayed to me": error spikes in windows of the quiet test against the replay."""
    length = max(1, round(window / frame))
    settle = round(SETTLE / frame)

    def windows(phase: str) -> list[float]:
        return [
            surprise(lived, start, length, sense)
            for start in range(plan.first[phase] + settle, plan.end[phase] - length + 1, length)
        ]

    return told_apart(windows(REPLAY), windows(QUIET))


def course(lives: dict[str, Lived], clean: npt.NDArray[np.bool_], frame: float, first: int, end: int) -> ErrorCourse:
    """Share of the sensed variance that was not cancelled, in windows of some seconds from frame `first` to `end`."""
    width = max(4, min(round(COURSE_WINDOW / frame), (end - first) // 4))
    starts = np.arange(first, end - width + 1, width)
    error: dict[str, Floats] = {}
    for name, lived in lives.items():
        values: list[float] = []
        for start in starts:
            mine = np.arange(start, start + width)
            mine = mine[clean[mine]]
            lived_through = mine.size > 3 and lived.frames >= start + width
            left = 1.0 - cancelled(lived, mine) if lived_through else np.full(1, np.nan)
            felt = left[np.isfinite(left)]
            values.append(float(felt.mean()) if felt.size else np.nan)
        error[name] = np.array(values)
    return ErrorCourse(time=np.asarray((starts + width / 2) * frame, dtype=np.float64), error=error)


def inversion_half_time(
    lived: Lived, stream: Stream, plan: Schedule, phase: str, sense: int, frame: float
) -> float | None:
    """Time (s) after the body was inverted (or restored) until the error variance of `sense` has halved.

    Plasticity is on, but every prediction is made with the weights of the frame before its sensation arrives.
    """
    frames = np.arange(plan.first[phase] + 1, plan.end[phase])
    frames = frames[stream.clean[frames]]
    if frames.size * frame < 2 * HALVING_WINDOW:
        return None
    error = np.square(lived.sensed[frames, sense] - lived.predicted[frames, sense])
    if not np.isfinite(error).all() or not error[: round(HALVING_WINDOW / frame)].any():
        return None
    return half_time((frames - frames[0]) * frame, error, window=HALVING_WINDOW)
