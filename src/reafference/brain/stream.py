"""What a body senses over a life, in the units of the sense organs, so that a twin can be given the very same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Organs:
    """Range and sensitivity of each sense. They adapt to what is felt while the brain may learn, and hold in tests.

    state   of a sense in -1 .. 1, from the bounds that the world states, or else from the lowest and highest value
            so far
    change  of a sense within a frame, in root mean squares of all its changes so far
    """

    def __init__(self, low: Floats, high: Floats) -> None:
        self._bounded = np.isfinite(low) & np.isfinite(high) & (high - low < 1e6)
        self._low = np.where(self._bounded, low, np.inf)
        self._high = np.where(self._bounded, high, -np.inf)
        self._square, self._count = np.zeros(low.size), 0

    def adapt(self, observation: Floats, change: Floats | None) -> None:
        """Take one observation (senses,) into account, and its change since the last frame where there was no break."""
        self._low = np.where(self._bounded, self._low, np.minimum(self._low, observation))
        self._high = np.where(self._bounded, self._high, np.maximum(self._high, observation))
        if change is not None:
            self._count += 1
            self._square += (np.square(change) - self._square) / self._count

    def state(self, observation: Floats) -> Floats:
        """Observation as the afferents see it, (senses,) in -1 .. 1; 0 for a sense that never moved."""
        half = (self._high - self._low) / 2
        centred = observation - (self._high + self._low) / 2
        return np.clip(np.where(half > 0, centred / np.where(half > 0, half, 1.0), 0.0), -1.0, 1.0)

    def change(self, change: Floats) -> Floats:
        """Change as the sensory cells see it, (senses,); 0 for a sense that never moved."""
        spread = np.sqrt(self._square)
        moves = spread > 1e-9 * np.maximum(np.abs(self._high), np.abs(self._low))
        return np.where(moves, change / np.where(moves, spread, 1.0), 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stream:
    """Sensations of a life, frame by frame.

    state    (frames, senses)  -1 .. 1
    change   (frames, senses)  root mean squares of the sense; zero in a frame that begins with a restart
    clean    (frames,) bool    the change was felt: no restart, senses open
    """

    state: Floats
    change: Floats
    clean: npt.NDArray[np.bool_]
