"""What Loihi spends, by two sets of figures: simulations before there was silicon, and fits to silicon.

Davies et al. 2018 (Table 2) give the energy of an operation by circuit simulation, and stress that a synaptic
operation takes at least so much. The public SANA-FE simulator carries fits to measurements of Boyle et al., made in
other terms: each neuron is accessed at each tick, updated where there is something to update, and a spike is paid at
the neuron and again for each core that it is sent to. Neither is the truth; both are printed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

from reafference.chips.bill import Bill, Follows, Line, Missing, priced_or_missing, split
from reafference.chips.figures import Figures, figures_of
from reafference.units import check_range


@dataclass(frozen=True, kw_only=True)
class LoihiWork:
    """What was counted on Loihi, 1 or 2.

    ticks              of the chip
    seconds            s that it was on; the network's own time where it runs no faster
    chips, tiles       in use; tiles of one chip, of the fullest
    events_dense       synaptic events of synapses stored as dense rows
    events_sparse      ... stored as lists
    events_convolution ... shared by a convolution
    synaptic_updates   weights changed by a learning rule
    neuron_accesses    neurons times ticks
    neuron_updates     of these, where state, bias or input was not 0
    spikes             of neurons that are computed on the chip
    messages           one for each core that a spike is sent to, the spikes of sources included
    hops_east_west     of messages from tile to tile, along rows
    hops_north_south   along columns
    """

    ticks: int
    seconds: float
    chips: int
    tiles: int = 1
    events_dense: int = 0
    events_sparse: int = 0
    events_convolution: int = 0
    synaptic_updates: int = 0
    neuron_accesses: int = 0
    neuron_updates: int = 0
    spikes: int = 0
    messages: int = 0
    hops_east_west: int = 0
    hops_north_south: int = 0

    def __post_init__(self) -> None:
        for each in fields(self):
            check_range(f"LoihiWork.{each.name}", getattr(self, each.name), 0, 2**63 - 1, "")
        if self.neuron_updates > self.neuron_accesses:
            raise ValueError(
                f"LoihiWork.neuron_updates = {self.neuron_updates} is above neuron_accesses = {self.neuron_accesses}; "
                "an update is an access, count it as both."
            )

    @property
    def synaptic_events(self) -> int:
        """All of them."""
        return self.events_dense + self.events_sparse + self.events_convolution


class LoihiProfile(Protocol):
    """A set of figures and what they are figures of."""

    @property
    def name(self) -> str:
        """As the bill shows it."""
        ...

    def price(self, work: LoihiWork, figures: Figures | None = None) -> Bill:
        """The bill of what was counted, by the package's figures or by others."""
        ...


@dataclass(frozen=True)
class Davies2018:
    """Davies et al. 2018, Table 2, and the static power of Frady et al. 2020.

    An update where state, bias or input is not 0 is taken as an active one, every other access as an inactive one, and
    each message as one spike within a tile, its hops in addition: the table does not say it more exactly.
    """

    name: str = "davies2018"

    def price(self, work: LoihiWork, figures: Figures | None = None) -> Bill:
        """The bill of what was counted; a lower bound, since the table calls its synaptic operation a minimum."""
        figures = figures_of("loihi1") if figures is None else figures
        idle = work.neuron_accesses - work.neuron_updates
        entries = [
            _energy(figures, "davies2018.energy.synaptic_event", "synaptic events", work.synaptic_events, "event"),
            _energy(
                figures,
                "davies2018.energy.synaptic_update",
                "synaptic updates",
                work.synaptic_updates,
                "synaptic update",
            ),
            _energy(figures, "davies2018.energy.neuron_active", "neuron updates", work.neuron_updates, "neuron update"),
            _energy(figures, "davies2018.energy.neuron_inactive", "neurons at rest", idle, "neuron update", "neurons"),
            _energy(figures, "davies2018.energy.message_in_tile", "messages", work.messages, "message"),
            _energy(figures, "davies2018.energy.hop_east_west", "hops east-west", work.hops_east_west, "hop"),
            _energy(figures, "davies2018.energy.hop_north_south", "hops north-south", work.hops_north_south, "hop"),
            _energy(figures, "davies2018.energy.barrier", "barriers", work.ticks, "tick", "being on"),
            _energy(figures, "power.static_chip", "chips on", work.chips * work.seconds, "chip s", "being on"),
        ]
        return _bill(self.name, work, entries, "Simulated before there was silicon, except static power.")


@dataclass(frozen=True)
class Sanafe:
    """The figures of the Loihi file of SANA-FE (SLAM-Lab/SANA-FE, arch/loihi.yaml), fits to silicon.

    It has no static power; that of `Davies2018` may be read beside it.
    """

    name: str = "sanafe"

    def price(self, work: LoihiWork, figures: Figures | None = None) -> Bill:
        """The bill of what was counted."""
        figures = figures_of("loihi1") if figures is None else figures
        entries = [
            _energy(figures, "sanafe.energy.synapse_dense", "dense synaptic events", work.events_dense, "event"),
            _energy(figures, "sanafe.energy.synapse_sparse", "sparse synaptic events", work.events_sparse, "event"),
            _energy(
                figures,
                "sanafe.energy.synapse_convolution",
                "convolved synaptic events",
                work.events_convolution,
                "event",
            ),
            _energy(
                figures, "sanafe.energy.synaptic_update", "synaptic updates", work.synaptic_updates, "synaptic update"
            ),
            _energy(
                figures,
                "sanafe.energy.neuron_access",
                "neuron accesses",
                work.neuron_accesses,
                "neuron access",
                "neurons",
            ),
            _energy(figures, "sanafe.energy.neuron_update", "neuron updates", work.neuron_updates, "neuron update"),
            _energy(figures, "sanafe.energy.spike", "spikes", work.spikes, "spike"),
            _energy(figures, "sanafe.energy.message", "messages", work.messages, "message"),
            _energy(figures, "sanafe.energy.hop_east_west", "hops east-west", work.hops_east_west, "hop"),
            _energy(figures, "sanafe.energy.hop_north_south", "hops north-south", work.hops_north_south, "hop"),
            _energy(figures, "sanafe.power.static", "chips on", work.chips * work.seconds, "chip s", "being on"),
        ]
        return _bill(self.name, work, entries, "Fits to silicon; static power is not among them.")


def _energy(
    figures: Figures, name: str, what: str, count: float, unit: str, follows: Follows = "activity"
) -> Line | Missing:
    return priced_or_missing(figures, name, what, count, unit, "energy", follows)


def _bill(profile: str, work: LoihiWork, entries: list[Line | Missing], note: str) -> Bill:
    lines, missing = split(entries)
    return Bill(
        chip="loihi1",
        profile=profile,
        seconds=work.seconds,
        synaptic_events=work.synaptic_events,
        lines=lines,
        missing=missing,
        notes=(note,),
    )
