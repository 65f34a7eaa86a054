"""Plasticity that falls with strength: strong synapses are rigid, weak ones stay plastic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.engine import Simulation
from reafference.units import check_range

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rigidity:
    """Each change of a synapse is scaled by how far it is from the strongest that there may be.

        w after a change d  =  w + d * max(0, 1 - |w| / most) ** power

    A synapse at `most` changes no more, in either direction. power 0 is ordinary learning, bounds included.

    most   V  the strength at which nothing is plastic
    power     the higher, the sooner plasticity falls

    Source: the rigid and the plastic tail of one distribution, Buzsaki, *The Brain from Inside Out* (2019), last
    chapter; the formula is this package's.
    """

    most: float
    power: float = 1.0

    def __post_init__(self) -> None:
        check_range("Rigidity.most", self.most, 1e-9, 1.0, "V")
        check_range("Rigidity.power", self.power, 0.0, 100.0, "")

    def held(self, before: Floats, after: Floats) -> Floats:
        """What is left of the change from `before` to `after`, V, arrays of one shape."""
        return before + (after - before) * np.maximum(0.0, 1.0 - np.abs(before) / self.most) ** self.power


class Rigid:
    """Holds back what the rules of some projections do. Call `hold` after each of their changes."""

    def __init__(self, rigidity: Rigidity, simulation: Simulation, projections: tuple[str, ...]) -> None:
        self._rigidity, self._simulation = rigidity, simulation
        self._before = {name: simulation.weights(name) for name in projections}

    def hold(self) -> None:
        """Take back the part of the changes since the last call that rigidity forbids."""
        for name, before in self._before.items():
            held = self._rigidity.held(before, self._simulation.weights(name))
            self._simulation.set_weights(name, held)
            self._before[name] = held
