"""The synapses of a projection, as the engine draws them, in SI units."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from reafference.engine.draw import DELAY, delay_ticks, synapses, tract_of, values, weights
from reafference.network import Network
from reafference.network.values import Distribution, check_synapses
from reafference.nir.linear import Floats, Ints
from reafference.nir.signal import Synapses, tidy


def drawn(network: Network, number: int, *, dt: float, seed: int) -> Synapses:
    """Synapses of projection `number`: weight in V, `wait` the delay in s; several of one pair and delay are one.

    Delays that a distribution draws are rounded to ticks of dt, as in a run; given ones are what they are. Raises
    ValueError for what cannot be drawn.
    """
    projection = network.projections[number]
    tract = tract_of(projection, number=number, source=0, place=0, seed=seed, dt=dt)
    sources: list[Ints] = [np.zeros(0, np.int64)]
    targets: list[Ints] = [np.zeros(0, np.int64)]
    each: list[Floats] = [np.zeros(0)]
    late: list[Floats] = [np.zeros(0)]
    begin = 0
    for part in range(tract.parts.count):
        source, target = synapses(tract, part)
        count = source.size
        delay: npt.NDArray[Any] = values(tract, "delay", projection.delay, DELAY, part, begin, count)
        if isinstance(projection.delay, Distribution):
            delay = delay_ticks(projection, delay, dt) * dt
        weight: npt.NDArray[Any] = (
            weights(tract, part, begin, count) if tract.weight is None else np.full(count, tract.weight)
        )
        sources.append(source.astype(np.int64))
        targets.append(target.astype(np.int64))
        each.append(weight)
        late.append(delay)
        begin += count
    for name in ("weight", "delay"):
        check_synapses(f"{projection.name}: {name}", getattr(projection, name), begin)
    return tidy(np.concatenate(sources), np.concatenate(targets), np.concatenate(each), np.concatenate(late))
