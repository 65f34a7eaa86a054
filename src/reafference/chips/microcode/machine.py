"""Both parts of a network run together: each hears the spikes of the other as spikes from outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.chips.loihi.cores import LoihiCores
from reafference.chips.microcode.cores import ProgrammedCores

Ints = npt.NDArray[np.int64]
COUNTED: tuple[str, ...] = "spikes", "synaptic_events", "neuron_updates", "active_updates"


@dataclass(frozen=True, eq=False)
class Fired:
    """Spikes of neurons of the network, (3, spikes) int64: tick, neuron, payload; and the work."""

    spikes: Ints
    work: dict[str, int]


@dataclass(frozen=True, eq=False)
class Machine:
    """Leaky neurons and programs, None where there are none, and where each neuron of the network is in each.

    leaky_number, programmed_number  (neurons,) int64, from the count of neurons on an input
    """

    leaky: LoihiCores | None
    leaky_number: Ints
    programmed: ProgrammedCores | None
    programmed_number: Ints

    def advance(self, ticks: int, heard: Ints) -> Fired:
        """Go on for some ticks.

        heard  (3, spikes) int64: tick, neuron and payload of the spikes of the network's sources in these ticks
        """
        if self.leaky is not None and self.programmed is not None:
            return self._together(self.leaky, self.programmed, ticks, heard)
        if self.leaky is not None:
            return self._leaky(self.leaky, ticks, heard)
        if self.programmed is not None:
            return self._programmed(self.programmed, ticks, heard)
        return Fired(np.zeros((3, 0), np.int64), dict.fromkeys(COUNTED, 0))

    def _leaky(self, cores: LoihiCores, ticks: int, heard: Ints) -> Fired:
        """The leaky neurons alone."""
        number = self.leaky_number
        did = cores.advance(ticks, tick=heard[0], source=number[heard[1]] - cores.neurons)
        who = np.argsort(number)[did.neuron]
        return Fired(np.stack([did.tick, who, np.ones(who.size, np.int64)]), {name: did.work[name] for name in COUNTED})

    def _programmed(self, cores: ProgrammedCores, ticks: int, heard: Ints) -> Fired:
        """The programs alone; each of their updates is an active one."""
        number = self.programmed_number
        did = cores.advance(ticks, tick=heard[0], source=number[heard[1]] - cores.neurons, payload=heard[2])
        work = {**did.work, "active_updates": did.work["neuron_updates"]}
        who = np.argsort(number)[did.neuron]
        return Fired(np.stack([did.tick, who, did.payload]), {name: work[name] for name in COUNTED})

    def _together(self, leaky: LoihiCores, programmed: ProgrammedCores, ticks: int, heard: Ints) -> Fired:
        """Tick after tick; spikes of one part reach the other in the next tick at the earliest, as all spikes do."""
        heard = heard[:, np.argsort(heard[0], kind="stable")]
        begin = leaky.now
        cut = np.searchsorted(heard[0], np.arange(begin + 1, begin + ticks + 2))
        found, work = list[Ints](), dict.fromkeys(COUNTED, 0)
        for k in range(ticks):
            outside = heard[:, cut[k] : cut[k + 1]]
            one = self._programmed(programmed, 1, outside)
            other = self._leaky(leaky, 1, np.concatenate([outside, one.spikes], axis=1))
            events = programmed.hear(self.programmed_number[other.spikes[1]] - programmed.neurons)
            found += [one.spikes, other.spikes]
            work = {name: work[name] + one.work[name] + other.work[name] for name in COUNTED}
            work["synaptic_events"] += events
        return Fired(np.concatenate([np.zeros((3, 0), np.int64), *found], axis=1), work)
