"""What one core of a chip holds, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from reafference.chips.placement.graph import Int64s


@dataclass(frozen=True, kw_only=True)
class ListBits:
    """Memory of the list of synapses that one axon has on a core.

    bits(n) = n * synapse + head, rounded up to a multiple of word

    synapse  bits of one synapse: weight, delay, tag, index of the target
    head     bits of the list itself
    word     bits that memory is handed out in
    """

    synapse: int
    head: int = 0
    word: int = 1

    def __post_init__(self) -> None:
        if self.synapse < 1 or self.head < 0 or self.word < 1:
            raise ValueError(f"{self!r}: synapse and word are 1 bit or more, head is 0 or more.")

    def table(self, most: int) -> Int64s:
        """(most + 1,) int64, bits of a list of 0 to `most` synapses; a list of none takes no memory."""
        bits = np.arange(most + 1, dtype=np.int64) * self.synapse + self.head
        bits = -(-bits // self.word) * self.word
        bits[0] = 0
        return bits


@dataclass(frozen=True, kw_only=True)
class CoreLimits:
    """What one core holds. None: the chip sets no such limit (or has published none).

    neurons           neurons of a core
    axons_in          axons that reach a core: distinct pairs of source and kind of synapse
    axons_out         axons that leave a core: for each axon of its neurons one for each core that it reaches, its own
                      core among them
    axons_per_neuron  the same for a single neuron: how many pairs of axon and core one neuron can send to
    fan_in            axons that one neuron can hear
    synapse_bits      memory for synapses; needs `list_bits`
    list_bits         how much of it the list of an axon takes
    """

    neurons: int | None = None
    axons_in: int | None = None
    axons_out: int | None = None
    axons_per_neuron: int | None = None
    fan_in: int | None = None
    synapse_bits: int | None = None
    list_bits: ListBits | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "list_bits" and value is not None and value < 1:
                raise ValueError(f"CoreLimits.{field.name} = {value}; a core holds at least 1, or None for no limit.")
        if (self.synapse_bits is None) != (self.list_bits is None):
            raise ValueError("CoreLimits: synapse_bits and list_bits go together; give both or neither.")
