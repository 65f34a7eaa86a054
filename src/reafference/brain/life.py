"""What a life left behind: the measures, and enough of the signals to draw it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.network import Network, save_network
from reafference.recording import Recording

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
    recording    the spikes of the raster, all populations
    network      the brain as it had learned by then, with its senses as sources of what they sent in that stretch
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
    recording: Recording | None = None
    network: Network | None = None
    complete: bool = True
    notes: tuple[str, ...] = field(default=())

    def save(self, folder: str | Path) -> Path:
        """Write what is there into `folder`: `life.json` (the measures), `spikes.npz` (a few seconds of spikes, a
        Recording) and `network.npz` (the brain that made them, for `reafference.load_network`).

        Unknown measures are absent, never zero. The page is written by `write_page`.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        known = {key: value for key, value in self.summary.items() if value is not None}
        part = folder / "life.json.part"
        part.write_text(json.dumps(known, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        part.replace(folder / "life.json")
        if self.recording is not None:
            self.recording.save(folder / "spikes.npz")
        if self.network is not None:
            save_network(self.network, folder / "network.npz")
        return folder

    def __repr__(self) -> str:
        said = self.summary
        lines = [f"Life of {said.get('seconds', 0.0):.4g} s in {said.get('world', '?')}, seed {said.get('seed', '?')}"]
        if not self.complete:
            lines[0] += " (interrupted)"

        def add(text: str, key: str, unit: str = "") -> None:
            value = said.get(key)
            if isinstance(value, dict):
                shown = ", ".join(f"{name} {number:.2f}" for name, number in value.items())
                lines.append(f"  {text}: {shown}")
            elif isinstance(value, int | float):
                lines.append(f"  {text}: {value:.3g}{unit}")

        add("cancelled variance", "cancelled_own")
        add("cancelled variance, yoked twin", "cancelled_yoked")
        add("cancelled share of what the command causes", "command_cancelled_own")
        add("the same, yoked twin", "command_cancelled_yoked")
        add("d' of an outside push", "push_dprime_own")
        add("the same, twin with its command copy cut", "push_dprime_cut")
        add('d\' of "mine or replayed to me"', "agency_dprime_own")
        add("error halved after inversion", "inversion_half_time_s", " s")
        add("neurons that make half of the spikes", "half_spikes_share")
        add("error neurons at rest", "error_rate_at_rest_hz", " Hz")
        add("computing time per second of life", "wall_per_simulated_second", " s")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])
