"""Networks in the description of the public simulator SANA-FE: read, run and counted as it does it on its Loihi."""

from reafference.chips.sanafe.network import SanafeNetwork, SanafeNeurons
from reafference.chips.sanafe.reading import BadSanafe, read_sanafe, sanafe_network
from reafference.chips.sanafe.run import SanafeRun, run_sanafe
from reafference.chips.sanafe.writing import describe_loihi

__all__ = [
    "BadSanafe",
    "SanafeNetwork",
    "SanafeNeurons",
    "SanafeRun",
    "describe_loihi",
    "read_sanafe",
    "run_sanafe",
    "sanafe_network",
]
