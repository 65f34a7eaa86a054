"""Some weights of a projection, read and written between two advances at the cost of those alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from reafference.engine.readback import Stored, one_weight, replay
from reafference.network.network import weight_limit
from reafference.units import check_range

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class WeightAccess:
    """Single weights of a projection that keeps one for each synapse, by their number in the order of the wiring.

    To find the synapses, the wiring is drawn once more when this is made; from then on a call costs what it touches.
    Keeps 12 bytes for each synapse. Made by `Simulation.weight_access`.

    Raises ValueError for a projection that keeps one weight for all synapses.
    """

    def __init__(self, stored: Stored, of_now: Callable[[Floats | None], Stored]) -> None:
        self.name = stored.tract.projection.name
        if stored.tract.weight is not None:
            raise ValueError(one_weight(self.name))
        found = list(replay(stored))
        self._place: Ints = np.concatenate([np.zeros(0, np.int64), *(part.place for part in found)])
        self._worker = np.concatenate([np.zeros(0, np.int32), *(part.worker.astype(np.int32) for part in found)])
        self._place -= np.array([inbox.shift[stored.row] for inbox in stored.inboxes])[self._worker]
        self._alone = len(stored.inboxes) == 1
        self._learns = stored.tract.projection.plasticity is not None
        self._limit, self._unit = weight_limit(stored.tract.projection.target.kind)
        self._of_now = of_now  # the projection as it is; with weights, after it was made ready to be given these

    @property
    def synapses(self) -> int:
        """How many there are; on several ranks, of this one."""
        return self._place.size

    def read(self, which: Sequence[int] | Ints) -> Floats:
        """Present weights of the synapses `which` (numbers from 0), of the same shape, in the description's unit."""
        index = self._checked(which)
        stored = self._of_now(None)
        if self._alone:
            return stored.inboxes[0].weight[self._place[index]]
        result = np.empty(index.shape)
        for number, inbox in enumerate(stored.inboxes):
            mine = self._worker[index] == number
            result[mine] = inbox.weight[self._place[index[mine]]]
        return result

    def write(self, which: Sequence[int] | Ints, weight: npt.ArrayLike) -> None:
        """Set the weights of the synapses `which`; of several for one synapse the last one counts.

        Raises ValueError, before any is set, for weights out of range or beyond the bounds of a rule that learns from
        spikes, and where the shapes do not fit.
        """
        index, values = self._checked(which), np.asarray(weight, np.float64)
        check_range(f"weights of {self.name}", values, -self._limit, self._limit, self._unit)
        if values.shape not in ((), index.shape):
            raise ValueError(
                f"{self.name}: {index.size} synapses of shape {index.shape} and weights of shape {values.shape}; give "
                "one weight for each, or one for all."
            )
        stored = self._of_now(values)
        values = np.broadcast_to(values, index.shape)
        if self._alone:
            stored.inboxes[0].weight[self._place[index]] = values
            return
        for number, inbox in enumerate(stored.inboxes):
            mine = self._worker[index] == number
            inbox.weight[self._place[index[mine]]] = values[mine]

    def held(self) -> tuple[Floats, Ints]:
        """The array in which the engine holds weights, and the place of each synapse in it, (synapses,).

        For compiled code that changes weights between two advances and keeps to their range by itself; ask again after
        each advance. Raises ValueError where several workers share the projection, or where it has a rule of learning,
        whose traces and bounds would not hear of it.
        """
        if self._learns:
            raise ValueError(f"{self.name} learns by a rule of the engine; change single weights with `write`.")
        if not self._alone:
            raise ValueError(f"{self.name} is shared by several workers; use `read` and `write`, or one thread.")
        return self._of_now(None).inboxes[0].weight, self._place

    def _checked(self, which: Sequence[int] | Ints) -> Ints:
        index = np.asarray(which)
        if index.size and not np.issubdtype(index.dtype, np.integer):
            raise TypeError(f"{self.name}: synapses are {index.dtype}; they are counted from 0 in whole numbers.")
        check_range(f"{self.name}: synapses", index, 0, self.synapses - 1, "")
        return index.astype(np.int64)
