"""Synaptic currents as jumps of the voltage, for chips whose events act within one tick."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from reafference.chips.one_time_constant import scaled, signs_of
from reafference.chips.report import Rounding, rounding
from reafference.network import CurrentLIF, DeltaLIF, Network, Population


def as_jumps(network: Network) -> tuple[Network, tuple[Rounding, ...]]:
    """The network with a DeltaLIF in the place of every CurrentLIF, and what was changed by that.

        jump = weight tau_s / tau

    tau_s is tau_e of what excites and tau_i of what inhibits. Every event brings the same charge, and so moves v by the
    same area, as before; it comes at once and not over some tau_s, and a neuron in its refractory time hears nothing,
    while a current goes on. This is an approximation: run both networks on the engine to see what it changes.

    Raises ValueError where time constants differ within a population, or where tau_e and tau_i differ and the sign of
    weights is left to chance.
    """
    roundings: list[Rounding] = []
    made: dict[str, Population] = {}
    factors: dict[str, tuple[float, float]] = {}
    for population in network.populations:
        kind = population.kind
        made[population.name] = population
        if not isinstance(kind, CurrentLIF):
            continue
        for name in ("tau", "tau_e", "tau_i"):
            if np.unique(getattr(kind, name)).size > 1:
                raise ValueError(
                    f"{population.name}: {name} differs from neuron to neuron, so one weight would be many; make a "
                    "population for each value."
                )
        tau, tau_e, tau_i = (float(np.unique(each)[0]) for each in (kind.tau, kind.tau_e, kind.tau_i))
        same = {field.name: getattr(kind, field.name) for field in fields(DeltaLIF)}
        made[population.name] = Population(population.name, population.size, DeltaLIF(**same))
        factors[population.name] = tau_e / tau, tau_i / tau
        for name, asked in (("tau_e", tau_e), ("tau_i", tau_i)):
            note = "events act at once; every event brings the same charge"
            roundings.append(rounding(population.name, name, asked, 0.0, unit="s", note=note))
    for p in network.projections:
        above, below = factors.get(p.target.name, (1.0, 1.0))
        if above != below:
            signs_of(p)  # raises where it is left to chance which synapses excite
    projections = [
        replace(
            p,
            source=made[p.source.name],
            target=made[p.target.name],
            weight=scaled(p.weight, *factors[p.target.name]) if p.target.name in factors else p.weight,
        )
        for p in network.projections
    ]
    return Network(populations=list(made.values()), projections=projections), tuple(roundings)
