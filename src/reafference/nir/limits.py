"""What does not go from NIR to a network of this package, and what does not go the other way."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

# Type of node and why a graph that has it is refused.
CANNOT_READ: Final[Mapping[str, str]] = MappingProxyType(
    {
        "LI": "its output is a voltage and no spike, and populations send spikes alone",
        "CubaLI": "its output is a voltage and no spike, and populations send spikes alone",
        "I": "its output is a voltage and no spike, and populations send spikes alone",
        "Threshold": "it is no neuron: it has no state that events could add to",
    }
)


class Loss(Enum):
    """What `write_nir` leaves out if it is told to. The value says what is lost."""

    PLASTICITY = "rules of plasticity; weights are written as they are at the start"
    SHORT_TERM = "short-term plasticity; synapses act at full strength"
    RELEASE = "unreliable release; every event passes"
    REFRACTORY = "refractory times; a neuron can spike at every tick"
    SPIKES = "what sources do by themselves (rates, given spikes); they become inputs to be fed"


# What a network may hold and NIR does not, and why. Where a Loss is named, `drop` leaves it out.
CANNOT_HOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "plasticity": "NIR's weights are constant (Loss.PLASTICITY)",
        "short-term plasticity": "NIR's synapses have no state (Loss.SHORT_TERM)",
        "unreliable release": "nothing in NIR is random (Loss.RELEASE)",
        "refractory time": "NIR's neurons have none (Loss.REFRACTORY)",
        "Poisson, PoissonInput, SpikeTrain with spikes": "NIR's Input waits for what it is fed (Loss.SPIKES)",
        "AdEx, ConductanceLIF, Izhikevich, neurons of one's own": "NIR has LIF, CubaLIF and IF",
        "two synaptic time constants": "a CubaLIF has one synaptic current; give tau_e and tau_i one value",
        "a constant current without leak": "an IF could hold it, but DeltaLIF without leak has none",
        "which synapses a wiring draws": "the drawn synapses are written, as dense matrices; two of one pair with one "
        "delay become one of the summed weight",
        "where v starts": "NIR does not say it, and others start at 0; so v is written from where it starts, and "
        "v_leak, v_threshold and v_reset are less by that",
        "names of projections": "on reading they are 'source -> target'",
    }
)
