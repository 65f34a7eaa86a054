"""Networks read from and written as NIR, the Neuromorphic Intermediate Representation (extra `nir`).

Source: Pedersen et al., Neuromorphic intermediate representation: a unified instruction set for interoperable
brain-inspired computing, Nature Communications 15 (2024) 8122.
"""

from reafference.nir.convention import Convention, EulerSteps, Impulses, Units
from reafference.nir.fault import Fault, NIRFaults
from reafference.nir.limits import CANNOT_HOLD, CANNOT_READ, Loss
from reafference.nir.read import read_nir
from reafference.nir.write import nir_graph, write_nir

__all__ = [
    "CANNOT_HOLD",
    "CANNOT_READ",
    "Convention",
    "EulerSteps",
    "Fault",
    "Impulses",
    "Loss",
    "NIRFaults",
    "Units",
    "nir_graph",
    "read_nir",
    "write_nir",
]
