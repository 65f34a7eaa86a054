"""What a life left behind: the measures, and enough of the signals to draw it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of life, in seconds of life."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Sensation:
    """A stretch of test life with plasticity frozen: what was sensed and what had been predicted.

    time       (frames,)         s
    sensed     (frames, senses)  change of each sense within a frame, in the standard deviations of that sense
    predicted  (frames, senses)  the prediction that was fixed before the sensation arrived, same unit
    pushed     (frames,) bool    an outside hand was pushing
    """

    time: Floats
    sensed: Floats
    predicted: Floats
    pushed: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class ErrorCourse:
    """Share of the sensed variance that was not cancelled, over life, averaged over the senses.

    time  (points,) s; each of `error` (points,), 1 = nothing predicted; keys: "own", "yoked", "cut", "frozen"
    """

    time: Floats
    error: dict[str, Floats]


@dataclass(frozen=True, kw_only=True)
class PushCurve:
    """Detection of outside pushes.

    size    (sizes,)  push in units of the largest force of the body
    dprime  (sizes,) each; keys: "own", "cut", "frozen"
    smallest  size that reaches d' = 1, or None where none of the sizes did; same keys
    """

    size: Floats
    dprime: dict[str, Floats]
    smallest: dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Raster:
    """A few seconds of spikes to play.

    time    (spikes,) s from the start of the raster
    neuron  (spikes,) int
    groups  name of each population and its first neuron, in order; `neurons` is the end of the last
    """

    time: Floats
    neuron: npt.NDArray[np.int64]
    groups: tuple[tuple[str, int], ...]
    neurons: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Life:
    """One life of a brain in a body, with its twins.

    summary      the measures of `life.json`
    senses       name of each sense, in the order of the columns of `sensation`
    rates        (efference neurons,) Hz, mean over the test
    complete     False when the life was interrupted; the parts that were not lived are None
    """

    summary: dict[str, Any]
    senses: tuple[str, ...]
    phases: tuple[Phase, ...]
    sensation: Sensation | None = None
    course: ErrorCourse | None = None
    inversion: ErrorCourse | None = None
    pushes: PushCurve | None = None
    rates: Floats | None = None
    raster: Raster | None = None
    complete: bool = True
    notes: tuple[str, ...] = field(default=())

    def save_json(self, path: Path) -> None:
        """Write the measures. Unknown measures are absent, never zero."""
        known = {key: value for key, value in self.summary.items() if value is not None}
        path.write_text(json.dumps(known, indent=2, allow_nan=False) + "\n", encoding="utf-8")
