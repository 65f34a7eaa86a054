"""Kernel of PoissonInput: how many spikes of its own source each neuron receives at a tick.

The counts of a tick are drawn together, 16 random bits a neuron, from a table of the inverse distribution; where 16
bits do not decide (one draw in some thousands), 53 more do, so the distribution is exact to 2^-53. Numbers depend on
seed, population, neuron and tick alone.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reafference.engine.contract import arrive, checks, notice, opening
from reafference.engine.draw import Tract
from reafference.engine.handle import opened
from reafference.engine.kernel import kernel, piece, routine
from reafference.engine.random import GOLDEN, mix
from reafference.network import Network, OneToOne, Projection
from reafference.network.values import per_neuron

PRIVATE = True  # its spikes reach one neuron each and are never seen by anybody else
UNDECIDED = 255  # in the table: 16 bits do not tell
MOST = 254  # spikes of one source in one tick
HIGHEST = 100.0  # mean number of spikes in a tick
STREAM = 3  # purpose of the random numbers, beside those of the wiring


class Noise(NamedTuple):
    """Private Poisson input of one group of neurons; an input is one projection."""

    cell: np.ndarray  # (inputs,) int64, first neuron of the group that it reaches
    source: np.ndarray  # (inputs,) int64, number of that neuron's source within its population
    size: np.ndarray  # (inputs,) int64, neurons reached
    weight: np.ndarray  # (inputs,) float64
    seed: np.ndarray  # (inputs,) uint64
    first: np.ndarray  # (inputs,) int64, place of the first neuron's mean in `mean`
    mean: np.ndarray  # (sum of sizes,) float64, spikes a tick
    alike: np.ndarray  # (inputs,) uint8: all means of its population are equal and `table` holds
    table: np.ndarray  # (inputs, 65536) uint8, count for 16 random bits, or UNDECIDED
    word: np.ndarray  # (largest size / 4 + 2,) uint64, random bits of one tick
    bits: np.ndarray  # the same memory as uint16
    count: np.ndarray  # (largest size,) uint8, spikes of one tick


def noise_of(private: Sequence[Tract], network: Network, low: int, high: int) -> Noise:
    """The input of the neurons low <= i < high of a group from `private`, its projections from PoissonInputs.

    Every projection is an input, also where it reaches none of these neurons.
    """
    inputs = []
    for tract in private:
        projection = tract.projection
        begin = min(max(low, tract.place), tract.place + projection.target.size)
        end = max(begin, min(high, tract.place + projection.target.size))
        number = [population.name for population in network.populations].index(projection.source.name)
        stream = np.random.SeedSequence([tract.seed, number, STREAM]).generate_state(1, np.uint64)
        weight = one_weight(projection)
        rate = np.asarray(projection.source.kind.rate, np.float64)  # type: ignore[attr-defined]
        mine = rate if rate.ndim == 0 else rate[begin - tract.place : end - tract.place]
        mean = means(projection.source.name, per_neuron("rate", mine, end - begin), tract.dt)
        inputs.append((begin - low, begin - tract.place, weight, int(stream[0]), mean, one_rate(rate)))
    return make(inputs)


def means(name: str, rate: np.ndarray, dt: float) -> np.ndarray:
    """Mean number of spikes a tick for rates (Hz) of the population `name`."""
    mean = rate * dt
    if mean.size and mean.max() > HIGHEST:
        raise ValueError(
            f"{name}: PoissonInput.rate = {mean.max() / dt:g} Hz is {mean.max():g} spikes in a tick of {dt:g} "
            f"s, above the limit of {HIGHEST:g}; use a smaller dt, or a lower rate with a larger weight."
        )
    return mean


def set_noise(noise: Noise, names: Sequence[str], population: str, mean: np.ndarray) -> None:
    """New means (spikes a tick) of the sources of `population`, in all inputs from it; `names` are their sources."""
    for number, name in enumerate(names):
        if name == population:
            first = int(noise.source[number])
            set_means(noise, number, mean[first : first + int(noise.size[number])], one_rate(mean))


def one_rate(rate: np.ndarray) -> bool:
    """Whether all neurons of a population have one rate. Which worker has which of them must play no part."""
    return bool((rate == rate.flat[0]).all())


def one_weight(projection: Projection) -> float:
    """The weight of a projection from a PoissonInput; raises where there is not just one."""
    if not isinstance(projection.wiring, OneToOne):
        raise ValueError(
            f"{projection.name}: {projection.source!r} is wired by {projection.wiring!r}; each neuron hears a process "
            "of its own, so wire it OneToOne(), or use Poisson for sources that are shared."
        )
    if projection.source.size != projection.target.size:
        raise ValueError(
            f"{projection.name}: OneToOne needs populations of one size, got {projection.source.size} sources and "
            f"{projection.target.size} targets; resize one."
        )
    if projection.plasticity is not None or not isinstance(projection.weight, float | int | np.number):
        raise ValueError(
            f"{projection.name}: synapses from a PoissonInput have one weight that stays; give a number or use Poisson."
        )
    return float(projection.weight)


def make(inputs: Sequence[tuple[int, int, float, int, np.ndarray, bool]]) -> Noise:
    """Noise from (first cell, first source, weight, seed, mean of each neuron (a tick), alike) of every input."""
    sizes = np.array([mean.size for *_, mean, _ in inputs], np.int64)
    word = np.zeros(int(sizes.max(initial=0)) // 4 + 2, np.uint64)
    noise = Noise(
        cell=np.array([cell for cell, *_ in inputs], np.int64),
        source=np.array([source for _, source, *_ in inputs], np.int64),
        size=sizes,
        weight=np.array([weight for _, _, weight, *_ in inputs], np.float64),
        seed=np.array([seed for _, _, _, seed, *_ in inputs], np.uint64),
        first=np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64),
        mean=np.concatenate([np.zeros(0), *(mean for *_, mean, _ in inputs)]),
        alike=np.zeros(sizes.size, np.uint8),
        table=np.zeros((sizes.size, 2**16), np.uint8),
        word=word,
        bits=word.view(np.uint16),
        count=np.zeros(int(sizes.max(initial=0)), np.uint8),
    )
    for number, (*_, mean, same) in enumerate(inputs):
        set_means(noise, number, mean, same)
    return noise


def set_means(noise: Noise, number: int, mean: np.ndarray, same: bool) -> None:
    """New means (spikes a tick) of input `number`, (size,); `same` if all of its population are equal."""
    noise.mean[noise.first[number] : noise.first[number] + mean.size] = mean
    noise.alike[number] = same
    if same and mean.size:
        fill_table(noise.table[number], float(mean[0]))


@piece
def inverse(mean, u):
    """Number n of spikes with P(N < n) <= u < P(N <= n) for a Poisson distribution."""
    n, p = 0, np.exp(-mean)
    below = p
    while u >= below and n < MOST:
        n += 1
        p *= mean / n
        below += p
    return n


@kernel
def fill_table(table, mean):
    """Counts for all 16-bit numbers j: those of u = j / 65536 and of u just below (j + 1) / 65536, if they agree."""
    low = inverse(mean, 0.0)
    for j in range(table.size):
        high = inverse(mean, (j + 1.0 - 2.0**-37) / table.size)
        table[j] = low if low == high else UNDECIDED
        low = inverse(mean, (j + 1.0) / table.size)


@piece
def part_of_one(word):
    """A number in [0, 1) from 64 random bits."""
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@piece
def draw(noise, number, tick):
    """Draw the counts of one input at `tick`; returns their sum."""
    source, size = noise.source[number], noise.size[number]
    key = mix(noise.seed[number] + GOLDEN * (np.uint64(tick) + np.uint64(1)))
    total = 0
    if noise.alike[number] == 0:
        for j in range(size):
            u = part_of_one(mix(key + GOLDEN * np.uint64(source + j + 1)))
            noise.count[j] = inverse(noise.mean[noise.first[number] + j], u)
            total += np.int64(noise.count[j])
        return total
    quad = source >> 2
    for q in range(((source + size - 1) >> 2) - quad + 1):
        noise.word[q] = mix(key + GOLDEN * np.uint64(quad + q + 1))
    offset = source & 3
    undecided = 0
    for j in range(size):
        count = noise.table[number, noise.bits[offset + j]]
        noise.count[j] = count
        total += np.int64(count)
        undecided += np.int64(count == UNDECIDED)
    if undecided:
        for j in range(size):
            if noise.count[j] == UNDECIDED:
                rest = part_of_one(mix(mix(key + GOLDEN * np.uint64((source + j + 1) << 1)) ^ GOLDEN))
                u = (np.float64(noise.bits[offset + j]) + rest) / 2.0**16
                noise.count[j] = inverse(noise.mean[noise.first[number]], u)
                total += np.int64(noise.count[j]) - UNDECIDED
    return total


@routine
def hear(group, tick):
    """All private input of a group at `tick`; returns the number of events."""
    cells, noise = opened(group.cells), group.noise
    scale = opening(cells, tick)
    events = 0
    for number in range(noise.size.size):
        cell, weight = noise.cell[number], noise.weight[number]
        heard = draw(noise, number, tick)
        events += heard
        if 2 * heard < noise.size[number]:  # most hear nothing
            for j in range(noise.size[number]):
                if noise.count[j]:
                    i = np.int64(np.uint32(cell + j))
                    arrive(cells, scale, i, weight * noise.count[j])
                    if checks(cells):
                        notice(cells, scale, i)
            continue
        for j in range(noise.size[number]):
            arrive(cells, scale, np.int64(np.uint32(cell + j)), weight * noise.count[j])
        if checks(cells):
            for j in range(noise.size[number]):
                if noise.count[j]:
                    notice(cells, scale, cell + j)
    return events
