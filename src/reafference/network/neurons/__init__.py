"""Neurons as data: equations, parameters, sources. Nothing here runs."""

from reafference.network.neurons.adex import AdEx
from reafference.network.neurons.conductance import ConductanceLIF
from reafference.network.neurons.integer import IntegerNeuron, WholePerNeuron
from reafference.network.neurons.izhikevich import Izhikevich
from reafference.network.neurons.lif import CurrentLIF, DeltaLIF
from reafference.network.neurons.neuron import Neuron

__all__ = [
    "AdEx",
    "ConductanceLIF",
    "CurrentLIF",
    "DeltaLIF",
    "IntegerNeuron",
    "Izhikevich",
    "Neuron",
    "WholePerNeuron",
]
