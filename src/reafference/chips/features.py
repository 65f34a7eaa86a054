"""What a network holds that a chip may lack: every part that it cannot run, found in one look."""

from __future__ import annotations

from collections.abc import Mapping

from reafference.chips.circuit import is_source
from reafference.chips.shortage import Shortage
from reafference.network import Network, Poisson, Projection, SpikeTrain

SOURCES = Poisson, SpikeTrain  # whose spikes can be listed, and so be sent to a chip
PLASTICITY, SHORT_TERM, RELEASE = "plasticity", "short-term plasticity", "unreliable release"


def lacking(network: Network, kinds: tuple[type, ...], unsupported: Mapping[str, str]) -> list[Shortage]:
    """A shortage for each population and projection that a chip cannot run.

    kinds        neurons that the chip can run
    unsupported  feature and reason, as `Chip.unsupported`: of PLASTICITY, SHORT_TERM and RELEASE those that are
                 there are refused; the name of a neuron's class gives the reason for that neuron
    """
    found = list[Shortage]()
    words = ", ".join(kind.__name__ for kind in kinds)
    for population in network.populations:
        name, where = type(population.kind).__name__, f"population {population.name!r}"
        if is_source(population):
            if not isinstance(population.kind, SOURCES):
                remedy = "Use Poisson, whose spikes can be listed and sent to the chip."
                found.append(Shortage(f"source {name}", where, None, None, remedy))
        elif not isinstance(population.kind, kinds):
            remedy = unsupported.get(name, f"The chip runs {words}; describe the population as one of these.")
            found.append(Shortage(f"neuron {name}", where, None, None, remedy))
    for projection in network.projections:
        where = f"projection {projection.name!r}"
        found += [
            Shortage(feature, where, None, None, unsupported[feature])
            for feature in _features(projection)
            if feature in unsupported
        ]
    return found


def _features(projection: Projection) -> list[str]:
    """What a projection has beyond fixed weights and delays."""
    parts = (
        (PLASTICITY, projection.plasticity),
        (SHORT_TERM, projection.short_term),
        (RELEASE, projection.release),
    )
    return [name for name, part in parts if part is not None]
