"""The efference basis: cells that mix the copy of the command with the state of the body, with log-normal gains.

Nothing here learns. Each cell is tuned to a random direction in the space of senses and command and fires beyond its
own threshold along it; strong cells fire fast and are few, weak ones are many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.brain.motor import Motor, drive
from reafference.network import CurrentLIF, EdgeList, LogNormal, Normal, Population, Projection
from reafference.units import ms, mV

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class BasisPlan:
    """Sizes and strengths of afferents and efference cells.

    afferents         for each sense and each direction (ON: more, OFF: less)
    at_limit          of these, how many answer only near the end of the range, and steeply (joint-limit receptors):
                      where a body hits its limits, a smooth code predicts wrongly
    cells             efference cells
    log_sigma         of their gains, whose mean is 1; 1 gives half of the spikes to 16 % of the cells
    gains             another distribution of the gains, such as Normal(mean=1.0, std=0.25, low=0.05); None: that one
    mix               probability that a cell listens to a given sense, or to a given dimension of the command
    fan, fan_command  afferents (relays) of each direction that a listening cell hears
    weight, weight_command  V  summed weight of those, times gain and tuning
    low, high         thresholds of the cells, in units of 15 mV times the gain
    """

    afferents: int = 20
    at_limit: int = 5
    cells: int = 1000
    log_sigma: float = 1.0
    gains: LogNormal | Normal | None = None
    mix: float = 0.7
    mix_command: float = 0.8
    fan: int = 3
    fan_command: int = 12
    weight: float = 30 * mV
    weight_command: float = 50 * mV
    low: float = 0.5
    high: float = 2.0
    longest: float = 20 * ms


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Afferents and efference cells, and how a sensed state drives the afferents.

    drive current of afferent (sense, direction, number) = current + gain * (+-x - threshold), x in -1 .. 1
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    gain: Floats  # (senses, 2, afferents), A
    threshold: Floats  # (senses, 2, afferents)

    def afferent_current(self, state: Floats) -> Floats:
        """Injected current (A), (senses * 2 * afferents,), for a state (senses,) within -1 .. 1."""
        signed = np.stack([state, -state], axis=1)[:, :, None]
        return (drive(15 * mV) + self.gain * (signed - self.threshold)).ravel()


def build_basis(plan: BasisPlan, motor: Motor, *, senses: int, opposed: bool, copied: bool, seed: int) -> Basis:
    """Wire the basis. copied=False cuts the copy of the command: same wires, weight zero."""
    rng = np.random.default_rng([seed, 3])
    pools = len(motor.relays)
    dimensions = pools // 2 if opposed else pools
    shape = (senses, 2, plan.afferents)
    threshold = rng.uniform(-1.0, 0.97, shape)
    gain = np.asarray(drive(30 * mV * rng.lognormal(0.0, 0.5, shape)))
    limit = np.arange(plan.afferents) < plan.at_limit
    threshold = np.where(limit, rng.uniform(0.85, 0.99, shape), threshold)
    gain = np.where(limit, 5 * gain, gain)
    gains = LogNormal.with_mean(1.0, log_sigma=plan.log_sigma) if plan.gains is None else plan.gains
    strength = gains.sample(rng, plan.cells)
    tuning = rng.normal(size=(plan.cells, senses + dimensions))
    mixed = rng.random(tuning.shape) < np.where(np.arange(senses + dimensions) < senses, plan.mix, plan.mix_command)
    alone = np.flatnonzero(~mixed.any(axis=1))
    mixed[alone, rng.integers(senses + dimensions, size=alone.size)] = True
    tuning = np.where(mixed, tuning, 0.0)
    tuning /= np.linalg.norm(tuning, axis=1, keepdims=True)

    relay_size = next(p.size for p in motor.populations if p.name == motor.relays[0])
    heard: list[tuple[int, int, float]] = []
    copies: list[list[tuple[int, int, float]]] = [[] for _ in range(pools)]
    for cell in range(plan.cells):
        for sense in np.flatnonzero(mixed[cell, :senses]):
            for direction in (0, 1):
                chosen = rng.choice(plan.afferents, plan.fan, replace=False)
                sign = (1 - 2 * direction) * tuning[cell, sense] * strength[cell] * plan.weight / plan.fan
                for afferent in chosen:
                    weight = sign * rng.lognormal(-0.125, 0.5)
                    heard.append((int((sense * 2 + direction) * plan.afferents + afferent), cell, weight))
        for dimension in np.flatnonzero(mixed[cell, senses:]):
            for pool, sign in ((2 * dimension, 1), (2 * dimension + 1, -1)) if opposed else ((dimension, 1),):
                chosen = rng.choice(relay_size, min(plan.fan_command, relay_size), replace=False)
                scale = sign * tuning[cell, senses + dimension] * strength[cell] * plan.weight_command / chosen.size
                copies[pool] += [(int(relay), cell, scale * rng.lognormal(-0.125, 0.5)) for relay in chosen]

    level = 15 * mV - strength * 15 * mV * rng.uniform(plan.low, plan.high, plan.cells)
    afferents = Population("afferents", senses * 2 * plan.afferents, CurrentLIF(tau=5 * ms, refractory=2 * ms))
    efference = Population(
        "efference",
        plan.cells,
        CurrentLIF(
            tau=rng.uniform(5 * ms, 15 * ms, plan.cells),
            tau_e=(fast := rng.uniform(3 * ms, 8 * ms, plan.cells)),
            tau_i=fast,
            refractory=2 * ms,
            current=drive(level),
        ),
    )
    source, target, weight = (np.array(column) for column in zip(*heard, strict=True))
    projections = [
        Projection(afferents, efference, EdgeList(source=source, target=target), weight=weight, delay=1 * ms)
    ]
    by_name = {p.name: p for p in motor.populations}
    for relay, wires in zip(motor.relays, copies, strict=True):
        if not wires:
            continue
        source, target, weight = (np.array(column) for column in zip(*wires, strict=True))
        delay = np.asarray(rng.integers(1, round(plan.longest / ms) + 1, source.size) * ms, dtype=np.float64)
        if not copied:
            weight = np.zeros(weight.size)
        wiring = EdgeList(source=source, target=target)
        projections.append(Projection(by_name[relay], efference, wiring, weight=weight, delay=delay))
    return Basis(populations=(afferents, efference), projections=tuple(projections), gain=gain, threshold=threshold)
