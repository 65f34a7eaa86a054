"""Neurons whose excitation and inhibition decay differently, for chips that have one synaptic current a neuron."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reafference.chips.report import Rounding, rounding
from reafference.network import CurrentLIF, LogNormal, Network, Normal, Population, Projection, Uniform
from reafference.network.values import PerSynapse


def one_time_constant(network: Network) -> tuple[Network, tuple[Rounding, ...]]:
    """The network with tau_e = tau_i wherever a CurrentLIF hears both, and what was changed by that.

    The common time constant is the geometric mean, and weights are scaled by tau_e / tau and tau_i / tau, so that every
    event brings the same charge, and so moves v by the same area, as before; it comes later or sooner. This is an
    approximation: run both networks on the engine to see what it changes.

    Raises ValueError where time constants differ within a population, or the sign of weights is left to chance.
    """
    roundings: list[Rounding] = []
    made: dict[str, Population] = {}
    factors: dict[str, tuple[float, float]] = {}
    for population in network.populations:
        made[population.name] = population
        kind = population.kind
        if not isinstance(kind, CurrentLIF) or not np.any(np.asarray(kind.tau_e) != np.asarray(kind.tau_i)):
            continue
        signs = {s for p in network.projections if p.target is population for s in signs_of(p)}
        if len(signs) < 2:
            continue
        for name in ("tau_e", "tau_i"):
            if np.unique(getattr(kind, name)).size > 1:
                raise ValueError(
                    f"{population.name}: {name} differs from neuron to neuron, and neurons hear both excitation and "
                    "inhibition; make a population for each value."
                )
        tau_e, tau_i = float(np.unique(kind.tau_e)[0]), float(np.unique(kind.tau_i)[0])
        tau = math.sqrt(tau_e * tau_i)
        made[population.name] = Population(population.name, population.size, replace(kind, tau_e=tau, tau_i=tau))
        factors[population.name] = tau_e / tau, tau_i / tau
        for name, asked in (("tau_e", tau_e), ("tau_i", tau_i)):
            note = "excitation and inhibition share one time constant; every event brings the same charge"
            roundings.append(rounding(population.name, name, asked, tau, unit="s", note=note))
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


def signs_of(projection: Projection) -> set[bool]:
    """Which signs the weights of a projection have: True for above 0."""
    weight = projection.weight
    if isinstance(weight, LogNormal):
        return {weight.scale > 0} if weight.scale else set()
    if isinstance(weight, Uniform | Normal):
        if weight.low >= 0 or weight.high <= 0:
            return {weight.low >= 0}
        raise ValueError(
            f"{projection.name}: weights of either sign are drawn, so nobody knows beforehand which synapses excite; "
            "draw them (`Simulation.wiring`) and give them one by one."
        )
    return set((np.asarray(weight)[np.asarray(weight) != 0] > 0).tolist())


def scaled(weight: PerSynapse, above: float, below: float) -> PerSynapse:
    """Weights times `above` where they excite, times `below` where they inhibit."""
    if isinstance(weight, LogNormal):
        factor = above if weight.scale > 0 else below
        return replace(weight, scale=weight.scale * factor, most=weight.most * factor)
    if isinstance(weight, Uniform):
        factor = above if weight.low >= 0 else below
        return Uniform(weight.low * factor, weight.high * factor)
    if isinstance(weight, Normal):
        factor = above if weight.low >= 0 else below
        parts = {name: getattr(weight, name) * factor for name in ("mean", "std", "low", "high")}
        return replace(weight, **parts)
    values = np.asarray(weight, np.float64)
    scaled = np.where(values > 0, values * above, values * below)
    return float(scaled) if scaled.ndim == 0 else scaled
