"""From cores as data to the arrays of the kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth.core import SIZE, Core, Parts
from reafference.chips.truenorth.neuron import TYPES, Neuron, Reset
from reafference.chips.truenorth.rules import LEAST, MOST, Rules, Saturating
from reafference.chips.truenorth.tables import (
    ABOUT,
    ADD_DOWN,
    ADD_UP,
    ALIKE,
    DRAWN,
    DROPS,
    EACH,
    FLOOR,
    KEEP_DOWN,
    KEEP_UP,
    LEAK,
    LEAK_NEGATIVE,
    LEAK_ZERO,
    LOWEST,
    NUMBERS,
    REVERSES,
    SHORTS,
    THRESHOLD,
    UNDER,
    WAKES,
    WEIGHT,
    Fabric,
    Words,
)

INERT = Neuron(threshold=2**18 - 1, floor=2**18 - 1)  # where a core has no neuron: no input, no leak, silence


def fabric_of(cores: Sequence[Core], parts: Sequence[Parts], rules: Rules, seed: int) -> Fabric:
    """The machine that these legal cores make."""
    count = len(cores)
    crossbar = np.zeros((count, 4 * SIZE), np.uint64)
    border = np.zeros((count, TYPES), np.int16)
    outer: list[npt.NDArray[np.uint8]] = []
    about = np.zeros((count, ABOUT), np.int32)
    chance: list[Words] = []
    kinds: list[npt.NDArray[np.int64]] = []
    short: list[npt.NDArray[np.int16]] = []
    number: list[npt.NDArray[np.int32]] = []
    rows = 0
    sets: list[Neuron] = []
    for own, core, part in zip(range(count), cores, parts, strict=True):
        axons, wide = part.crossbar.shape
        full = np.zeros((SIZE, SIZE), np.bool_)
        full[:axons, :wide] = part.crossbar
        order, types = by_type(part)
        crossbar[own] = packed(full[order]).ravel()
        border[own] = np.searchsorted(types[order], np.arange(1, TYPES + 1))
        used = np.unique(part.kind)
        mark = mark_of([core.neurons[k] for k in used])
        neurons, kind = core.neurons, part.kind
        if wide < SIZE:
            neurons, kind = [*neurons, INERT], np.append(kind, np.full(SIZE - wide, len(neurons)))
        if mark & WAKES:
            about[own, :3] = mark, DRAWN, len(chance)
            drawn = np.array([one.stochastic_weights for one in neurons], np.bool_)
            chance.append(packed(drawn[kind].T).ravel())
            outer.append(order.astype(np.uint8))
            kinds.append(kind + len(sets))
            sets += neurons
            continue
        alike = wide == SIZE and used.size == 1
        about[own, :3] = mark, ALIKE if alike else EACH, rows
        kind = used if alike else kind
        short.append(shorts_of(neurons)[:, kind].ravel())
        number.append(numbers_of(neurons)[:, kind].ravel())
        rows += kind.size
    saturates = isinstance(rules.overflow, Saturating)
    return Fabric(
        crossbar=crossbar.ravel(),
        border=border.ravel(),
        about=about.ravel(),
        short=np.concatenate([*short, np.zeros(0, np.int16)]),
        number=np.concatenate([*number, np.zeros(0, np.int32)]),
        chance=np.concatenate([*chance, np.zeros(0, np.uint64)]),
        outer=np.concatenate([*outer, np.zeros(0, np.uint8)]),
        kind=np.concatenate([*kinds, np.zeros(0, np.int64)]).astype(np.int32),
        sets=np.array([set_of(neuron) for neuron in sets], np.int32).ravel(),
        wraps=int(not saturates),
        low=rules.overflow.low if isinstance(rules.overflow, Saturating) else LEAST,
        high=rules.overflow.high if isinstance(rules.overflow, Saturating) else MOST,
        seed=seed,
    )


def by_type(part: Parts) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Axons of a core in the order of their types, and the type of each, both (256,); those not there are of type 3."""
    types = np.full(SIZE, TYPES - 1)
    types[: part.axon_type.size] = part.axon_type
    return np.argsort(types, kind="stable"), types


def inner_axons(parts: Sequence[Parts]) -> npt.NDArray[np.int64]:
    """The number that each axon has within, (cores, 256)."""
    return np.array([np.argsort(by_type(part)[0]) for part in parts])


def links_of(parts: Sequence[Parts], inner: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """State.link at the beginning of a run."""
    link = np.zeros((len(parts), SIZE, 2), np.uint32)
    for own, part in zip(link, parts, strict=True):
        core, axon, delay = part.targets.T
        some = core >= 0
        own[: core.size, 0] = np.where(some, core << 12 | inner[core, np.where(some, axon, 0)] << 4 | delay, 0)
    return link.ravel()


def packed(bits: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Rows of 256 bits as four words each, the first bit the lowest; (rows, 256) to (rows, 4)."""
    octets = np.packbits(bits, axis=-1, bitorder="little")
    return np.ascontiguousarray(octets).view("<u8").astype(np.uint64)


def mark_of(neurons: Sequence[Neuron]) -> int:
    """What the sweeps must look after in a core of such neurons."""
    mark = 0
    for neuron in neurons:
        mark |= WAKES if neuron.random else 0
        mark |= REVERSES if neuron.leak_reverses and neuron.leak else 0
        mark |= 0 if neuron.floor_saturates else DROPS
    return mark


def shorts_of(neurons: Sequence[Neuron]) -> npt.NDArray[np.int16]:
    """Fields of `Fabric.short`, (SHORTS, sets)."""
    table = np.zeros((SHORTS, len(neurons)), np.int16)
    leak = np.array([one.leak for one in neurons])
    reverses = np.array([one.leak_reverses for one in neurons], np.bool_)
    keeps = np.array([0 if one.reset is Reset.VALUE else -1 for one in neurons])
    table[WEIGHT : WEIGHT + TYPES] = np.array([one.weights for one in neurons]).T
    table[LEAK] = leak
    table[LEAK_ZERO] = np.where(reverses, 0, leak)
    table[LEAK_NEGATIVE] = np.where(reverses, -leak, leak)
    table[KEEP_UP] = table[KEEP_DOWN] = keeps
    return table


def numbers_of(neurons: Sequence[Neuron]) -> npt.NDArray[np.int32]:
    """Fields of `Fabric.number`, (NUMBERS, sets)."""
    table = np.zeros((NUMBERS, len(neurons)), np.int32)
    for column, one in zip(table.T, neurons, strict=True):
        up, down = {
            Reset.VALUE: (one.reset_to, -one.reset_to),
            Reset.LINEAR: (-one.threshold, one.floor),
            Reset.NONE: (0, 0),
        }[one.reset]
        column[THRESHOLD] = one.threshold
        column[FLOOR] = -one.floor if one.floor_saturates else LOWEST
        column[UNDER] = LOWEST if one.floor_saturates else -one.floor
        column[ADD_UP], column[ADD_DOWN] = up, down
    return table


def set_of(one: Neuron) -> tuple[int, ...]:
    """Columns of `Fabric.sets`."""
    return (
        *one.weights,
        *one.stochastic_weights,
        one.leak,
        one.leak_reverses,
        one.stochastic_leak,
        one.threshold,
        one.threshold_mask,
        one.floor,
        one.floor_saturates,
        one.reset.value,
        one.reset_to,
    )
