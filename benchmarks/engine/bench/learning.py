"""Spike-timing dependent plasticity of pairs, all to all, for every simulator the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PairSTDP:
    """dx/dt = -x / tau_plus, dy/dt = -y / tau_minus; an event of the synapse adds 1 to x, a spike of its target 1 to y.

    additive    event: w <- w - a_minus high y;   spike: w <- w + a_plus high x;    clipped to [0, high]
    power law   event: w <- w - a_minus w y;      spike: w <- w + a_plus w0 (w / w0)^mu x;   0 <= w <= high

    high  V, the highest weight
    mu    exponent of the power law; None: additive
    w0    V, weight of the power law
    """

    high: float
    a_plus: float
    a_minus: float
    tau_plus: float = 20e-3
    tau_minus: float = 20e-3
    mu: float | None = None
    w0: float = 1e-3
