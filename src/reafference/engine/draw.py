"""Drawing a projection part by part, as often as wanted: the numbers depend on seed, projection and part alone."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.engine.decay import ticks
from reafference.network import Projection
from reafference.network.network import weight_limit
from reafference.network.values import Distribution, LogNormal, Normal, PerSynapse, Uniform, one_value, per_synapse
from reafference.network.wiring import Edges, Index, Parts, parts_of
from reafference.units import check_range

WIRING, WEIGHT, DELAY, COMMON = range(4)  # what a stream of random numbers is for
LONGEST = 60.0  # s, delay
MOST_TICKS = 2**24  # of a delay: a calendar has a bucket for each


@dataclass(frozen=True)
class Tract:
    """A projection on its way into a group of cells.

    number  its place in the network's projections
    source  number in the network of the first neuron of its source population
    place   of the first neuron of its target population in the group
    weight  V, of all its synapses; None: each has its own
    delay   ticks, of all its synapses; None: they are drawn or given one by one
    """

    projection: Projection
    number: int
    source: int
    place: int
    seed: int
    dt: float
    parts: Parts
    weight: float | None
    delay: int | None

    @property
    def given(self) -> bool:
        """Whether weights or delays are given one by one, so that the number of a synapse matters."""
        both = self.projection.weight, self.projection.delay
        return any(not isinstance(value, Distribution) and np.ndim(value) for value in both)


def tract_of(projection: Projection, *, number: int, source: int, place: int, seed: int, dt: float) -> Tract:
    """Get ready to draw a projection; raises what its wiring raises."""
    with naming(projection):
        parts = parts_of(
            projection.wiring, projection.source.size, projection.target.size, generator(seed, number, 0, COMMON)
        )
    weight = one_value(projection.weight) if projection.plasticity is None else None
    delay = one_value(projection.delay)
    return Tract(
        projection=projection,
        number=number,
        source=source,
        place=place,
        seed=seed,
        dt=dt,
        parts=parts,
        weight=weight,
        delay=None if delay is None else int(delay_ticks(projection, np.array([delay]), dt)[0]),
    )


def generator(seed: int, number: int, part: int, purpose: int) -> np.random.Generator:
    """The stream of random numbers of one part of projection `number`."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number, part, purpose])))


@contextmanager
def naming(projection: Projection) -> Generator[None]:
    """What a wiring raises says of which projection it speaks."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if type(error) not in (ValueError, TypeError):
            raise
        raise type(error)(f"{projection.name}: {error}") from error


def synapses(tract: Tract, part: int) -> Edges:
    """(source, target) of one part, counted from 0 in their populations."""
    with naming(tract.projection):
        source, target = pair(tract, tract.parts.draw(part, generator(tract.seed, tract.number, part, WIRING)))
        return (
            checked("source", source, tract.projection.source.size),
            checked("target", target, tract.projection.target.size),
        )


def pair(tract: Tract, drawn: object) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """What a wiring returned as two arrays of one length."""
    name = type(tract.projection.wiring).__name__
    if not isinstance(drawn, tuple | list) or len(drawn) != 2:
        raise TypeError(f"{name} drew {type(drawn).__name__}; it must return two arrays, (source, target).")
    source, target = np.asarray(drawn[0]), np.asarray(drawn[1])
    if source.shape != target.shape or source.ndim != 1:
        raise ValueError(
            f"{name} drew sources of shape {source.shape} and targets of shape {target.shape}; it must return two "
            "1-D arrays of equal length."
        )
    return source, target


def checked(name: str, index: npt.NDArray[np.generic], count: int) -> Index:
    """Drawn numbers of neurons as the kernels want them."""
    if index.size == 0:
        return np.zeros(0, np.uint32)
    if not np.issubdtype(index.dtype, np.integer):
        raise TypeError(f"{name} is {index.dtype}; neurons are counted from 0 in whole numbers.")
    if index.min() < 0 or index.max() >= count:
        check_range(name, index, 0, count - 1, "")
    return np.require(index, np.uint32, ["C", "W"])


def weights(tract: Tract, part: int, begin: int, count: int) -> npt.NDArray[np.float64]:
    """Weights (V) of one part, (count,); `begin` is the number of its first synapse."""
    return values(tract, "weight", tract.projection.weight, WEIGHT, part, begin, count)


def delays(tract: Tract, part: int, begin: int, count: int) -> npt.NDArray[np.int32]:
    """Delays in ticks of one part, (count,); `begin` is the number of its first synapse."""
    if tract.delay is not None:
        return np.full(count, tract.delay, np.int32)
    drawn = values(tract, "delay", tract.projection.delay, DELAY, part, begin, count)
    return delay_ticks(tract.projection, drawn, tract.dt)


def values(
    tract: Tract, name: str, value: PerSynapse, purpose: int, part: int, begin: int, count: int
) -> npt.NDArray[np.float64]:
    """Weights or delays of one part, (count,), checked."""
    result = per_synapse(value, begin, count, generator(tract.seed, tract.number, part, purpose))
    limit, unit = weight_limit(tract.projection.target.kind) if purpose == WEIGHT else (np.inf, "s")
    if result.size and not (-limit <= result.min() and result.max() <= limit):
        where = f" of the synapses from {begin} on" if begin else ""
        check_range(f"{tract.projection.name}: {name}{where}", result, -limit, limit, unit)
    return result


def delay_ticks(projection: Projection, delay: npt.NDArray[np.float64], dt: float) -> npt.NDArray[np.int32]:
    """Delays (s) in whole ticks, at least one. A delay that a LogNormal or Normal draws below one tick becomes one."""
    if delay.size == 0:
        return np.ones(0, np.int32)
    longest = float(delay.max())
    if longest > LONGEST:
        raise ValueError(
            f"{projection.name}: a delay of {longest:g} s is above the limit of {LONGEST:g} s; delays are in seconds."
        )
    if longest / dt > MOST_TICKS:
        raise ValueError(
            f"{projection.name}: a delay of {longest:g} s is {longest / dt:.3g} ticks of {dt:g} s, above the limit of "
            f"{MOST_TICKS}; use shorter delays or run with a larger dt."
        )
    count = ticks(delay, dt)
    if isinstance(projection.delay, LogNormal | Normal):
        np.maximum(count, 1, out=count)
    if count.min() < 1:
        least = float(delay[int(count.argmin())])
        hint = "raise `low`" if isinstance(projection.delay, Uniform) else "use a longer delay"
        raise ValueError(
            f"{projection.name}: delay = {least:g} s is below one tick of {dt:g} s; {hint} or run with a smaller dt."
        )
    return count.astype(np.int32)
