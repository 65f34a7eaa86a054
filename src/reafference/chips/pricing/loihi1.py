"""What Loihi spends, by two sets of figures: simulations before there was silicon, and fits to silicon.

Davies et al. 2018 (Table 2) give the energy of an operation by circuit simulation, and stress that a synaptic
operation takes at least so much. The public SANA-FE simulator carries fits to measurements of Boyle et al., made in
other terms: each neuron is accessed at each tick, updated where there is something to update, and a spike is paid at
the neuron and again for each core that it is sent to. Neither is the truth; both are printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Protocol

from reafference.chips.bill import Bill, Follows, Interval, Line, Missing, priced_or_missing, split
from reafference.chips.figures import Figure, Figures, Origin, figures_of
from reafference.chips.figures.figure import Basis
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
    crossings          messages from one chip to another
    clocks             s that all ticks need, by the name of the profile whose times were used, see `pricing.loihi_work`
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
    crossings: int = 0
    clocks: Mapping[str, Interval] = field(default_factory=dict[str, Interval])

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.name != "clocks":
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


@dataclass(frozen=True, kw_only=True)
class LoihiTimes:
    """What operations take, s, by the figures of one profile.

    profile         its name
    access          a neuron, at each tick
    update, spike   in addition, where it is updated, and where it spikes
    message_out     sending a message
    message_in      receiving one
    events          a synaptic event of dense, sparse and convolved synapses
    hop_east_west, hop_north_south  from tile to tile
    barriers        of a tick on one chip, by the fewest tiles in use for which it holds, rising; low and high
    chip_barriers   of a tick on several chips, by how many there are, rising
    link_room       messages that a link holds before others wait for it; None: links make nothing wait
    used            names of the figures
    """

    profile: str
    access: float
    update: float
    spike: float
    message_out: float
    message_in: float
    events: tuple[float, float, float]
    hop_east_west: float
    hop_north_south: float
    barriers: tuple[tuple[float, Interval], ...]
    chip_barriers: tuple[tuple[int, float], ...]
    link_room: int | None
    used: tuple[str, ...]

    def barrier(self, tiles: int, chips: int = 1) -> Interval | None:
        """s with so many tiles in use on the fullest chip.

        A barrier over several chips takes no less than one chip's, or one over fewer chips, and no more than one over
        more chips. None where nobody measured one over as many.
        """
        least = [barrier for fewest, barrier in self.barriers if fewest <= max(tiles, 1)][-1]
        if chips <= 1:
            return least
        fewer = [seconds for measured, seconds in self.chip_barriers if measured <= chips]
        more = [seconds for measured, seconds in self.chip_barriers if measured >= chips]
        return Interval(max([least.low, *fewer]), more[0]) if more else None


class LoihiProfile(Protocol):
    """A set of figures and what they are figures of."""

    @property
    def name(self) -> str:
        """As the bill shows it."""
        ...

    def price(self, work: LoihiWork, figures: Figures | None = None) -> Bill:
        """The bill of what was counted, by the package's figures or by others."""
        ...

    def times(self, figures: Figures | None = None) -> LoihiTimes:
        """What operations take. Raises Unpublished where a figure does not exist."""
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
        entries += [*_crossings(work, figures), _clock(self, work, figures, "simulated", at_most=True)]
        return _bill(self.name, work, entries, "Simulated before there was silicon, except static power.")

    def times(self, figures: Figures | None = None) -> LoihiTimes:
        """What operations take: a spike within a tile is the receiving of a message, and sending takes nothing.

        A barrier over several chips is that of Frady et al. 2020; what a link holds is not said, so nothing waits.
        """
        figures = figures_of("loihi1") if figures is None else figures
        name = "davies2018.time."
        used = tuple(f"{name}{each}" for each in (
            "neuron_inactive", "neuron_active", "message_in_tile", "synaptic_event", "hop_east_west", "hop_north_south",
            "barrier",
        ))  # fmt: skip
        access, active, message, event, east_west, north_south = (figures[each].value for each in used[:-1])
        barrier = figures[used[-1]]
        return LoihiTimes(
            profile=self.name,
            access=access,
            update=active - access,
            spike=0.0,
            message_out=0.0,
            message_in=message,
            events=(event, event, event),
            hop_east_west=east_west,
            hop_north_south=north_south,
            barriers=((1, Interval(barrier.low, barrier.high)),),
            chip_barriers=_chip_barriers(figures),
            link_room=None,
            used=(*used, *CHIP_BARRIERS.values()),
        )


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
        entries += [*_crossings(work, figures), _clock(self, work, figures, "fit")]
        return _bill(self.name, work, entries, "Fits to silicon; static power is not among them.")

    def times(self, figures: Figures | None = None) -> LoihiTimes:
        """What operations take; time on the links is that of `Davies2018`, as in the Loihi file of SANA-FE.

        Its fits know one chip; a barrier over several is that of Frady et al. 2020.
        """
        figures = figures_of("loihi1") if figures is None else figures
        name = "sanafe.time."
        used = tuple(f"{name}{each}" for each in (
            "neuron_access", "neuron_update", "spike", "message_out", "message_in", "synapse_dense", "synapse_sparse",
            "synapse_convolution", "hop_east_west", "hop_north_south",
        ))  # fmt: skip
        access, update, spike, out, into, dense, sparse, convolution, east_west, north_south = (
            figures[each].value for each in used
        )
        steps, ends = figures.listed(f"{name}barrier_tiles"), figures.listed(f"{name}barrier")
        return LoihiTimes(
            profile=self.name,
            access=access,
            update=update,
            spike=spike,
            message_out=out,
            message_in=into,
            events=(dense, sparse, convolution),
            hop_east_west=east_west,
            hop_north_south=north_south,
            barriers=tuple((fewest, Interval(end, end)) for fewest, end in zip(steps, ends, strict=True)),
            chip_barriers=_chip_barriers(figures),
            link_room=figures.count("sanafe.structure.link_room"),
            used=(
                *used,
                f"{name}barrier_tiles",
                f"{name}barrier",
                "sanafe.structure.link_room",
                *CHIP_BARRIERS.values(),
            ),
        )


CHIP_BARRIERS = {256: "time.barrier_256_chips", 768: "time.barrier_768_chips"}


def _chip_barriers(figures: Figures) -> tuple[tuple[int, float], ...]:
    """Barriers that were measured over several chips; none where the figures have none."""
    return tuple((chips, figures[name].value) for chips, name in CHIP_BARRIERS.items() if name in figures)


def _energy(
    figures: Figures, name: str, what: str, count: float, unit: str, follows: Follows = "activity"
) -> Line | Missing:
    return priced_or_missing(figures, name, what, count, unit, "energy", follows)


def _crossings(work: LoihiWork, figures: Figures) -> list[Line | Missing]:
    """What lies between chips is in no published figure, neither its energy nor its time."""
    if not work.crossings:
        return []
    what, count = "messages between chips", work.crossings
    return [
        priced_or_missing(figures, "energy.crossing", what, count, "message", "energy"),
        priced_or_missing(figures, "time.crossing", what, count, "message", "time"),
    ]


def _clock(
    profile: LoihiProfile, work: LoihiWork, figures: Figures, basis: Basis, *, at_most: bool = False
) -> Line | Missing:
    """The line of the time that all ticks need."""
    clock = work.clocks.get(profile.name)
    if clock is None or not work.ticks:
        why = "clocks: counted without a model of the ticks, or on more chips than a barrier was measured over"
        return Missing(quantity="time", what="ticks", count=work.ticks, unit="tick", why=why, follows="neurons")
    origin = Origin(
        kind="derived",
        basis=basis,
        read="here",
        source="the figures under time of this profile, of public code SLAM-Lab/SANA-FE or Davies et al. 2018, Table 2",
        of=profile.times(figures).used,
        how="each core goes through its neurons and its messages in order, a barrier ends the tick; mean of all ticks",
        note="synaptic events at their stated maximum; no message waits for a link" if at_most else "",
    )
    figure = Figure(
        name="time.tick",
        low=clock.low / work.ticks,
        high=clock.high / work.ticks,
        unit="s/tick",
        origin=origin,
    )
    return Line(what="ticks", count=work.ticks, unit="tick", figure=figure, follows="neurons")


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
