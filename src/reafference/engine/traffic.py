"""How many spikes of Poisson sources will be on their way at once, and whether they fit: asked before a run.

What neurons will do nobody knows beforehand; their spikes at one tick are no more than they are. Sources have rates.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reafference.engine.memory import available_memory, segments_of
from reafference.network import Network, Poisson
from reafference.network.values import LogNormal, Normal, PerSynapse, Uniform

ENTRY = 4.25  # bytes of a segment in the calendar, its share of a link included
SPIKE = 12  # bytes of a spike in a buffer
BUFFERED = 2  # ticks for which buffers have room


def mean_delay(delay: PerSynapse) -> float:
    """Mean of the delays (s) of a projection, about."""
    if isinstance(delay, LogNormal):
        return delay.scale * float(np.exp(delay.log_mean + delay.log_sigma**2 / 2))
    if isinstance(delay, Normal):
        return min(max(delay.mean, delay.low), delay.high)
    if isinstance(delay, Uniform):
        return (delay.low + delay.high) / 2
    return float(np.mean(delay)) if np.size(delay) else 0.0


def traffic(network: Network, dt: float, workers: int, mine: int, rates: Mapping[str, float]) -> tuple[float, float]:
    """Spikes of Poisson sources in a tick, and bytes that those on their way take on `mine` of `workers` workers.

    rates  Hz, of all neurons of a population together, where it is not what its description says
    """
    total = {
        population.name: rates.get(population.name, float(np.broadcast_to(population.kind.rate, population.size).sum()))
        for population in network.populations
        if isinstance(population.kind, Poisson)
    }
    spikes = sum(total.values()) * dt
    needed = spikes * SPIKE * BUFFERED * (mine + 1)
    for projection in network.projections:
        source = projection.source
        if source.name in total:
            synapses = projection.wiring.expected(source.size, projection.target.size) * mine / workers
            each = segments_of(projection, synapses, source.size * mine, dt) / source.size
            needed += total[source.name] * max(mean_delay(projection.delay), dt) * each * ENTRY
    return spikes, needed


def check_traffic(
    network: Network, dt: float, workers: int, mine: int, rates: Mapping[str, float] | None = None
) -> None:
    """Raise MemoryError where spikes of Poisson sources that are on their way would not fit."""
    spikes, needed = traffic(network, dt, workers, mine, rates or {})
    available = available_memory()
    if available is not None and needed > available:
        raise MemoryError(
            f"the Poisson sources make about {spikes:.3g} spikes in a tick of {dt:g} s, and those on their way take "
            f"{needed / 2**30:.3g} GiB; {available / 2**30:.3g} GiB are free. Lower the rates, shorten the delays, or "
            "use PoissonInput where each neuron hears a source of its own."
        )
