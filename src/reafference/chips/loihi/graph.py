"""What placement is handed of a network in Loihi's integers."""

from __future__ import annotations

import numpy as np

from reafference.chips.circuit import Circuit
from reafference.chips.loihi.mapping import check_same
from reafference.chips.loihi.quantise import Quantised
from reafference.chips.placement import Graph
from reafference.recording import Recording


def graph_of(circuit: Circuit, quantised: Quantised, count: int, expected: Recording | None) -> Graph:
    """What is placed: compartments, and inputs that stay outside; synapses of one format share an axon into a core."""
    kind = np.zeros(circuit.synapses, np.int32)
    for number, members in enumerate(quantised.members):
        kind[members] = number
    spikes = None
    if expected is not None:
        check_same(circuit, expected)
        spikes = np.zeros(circuit.neurons)
        spikes[quantised.number] = expected.counts()
    return Graph(
        neurons=circuit.neurons,
        source=quantised.number[circuit.source].astype(np.int32),
        target=quantised.number[circuit.target].astype(np.int32),
        kind=kind,
        delay=circuit.delay,
        spikes=spikes,
        outside=np.arange(circuit.neurons) >= count,
    )
