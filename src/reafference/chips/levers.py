"""What saves energy on a chip: sparser spikes, or less hardware. A bill tells, since its lines say what they follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reafference.chips.bill import Bill, Follows, Interval
from reafference.chips.bill_table import share_text


@dataclass(frozen=True, kw_only=True)
class Levers:
    """Where the energy of a bill goes, J, and with it what could be saved; print it.

    activity  grows with spikes and synaptic events
    neurons   is paid for each neuron, spike or not
    being_on  is paid while chips or cores are on
    hardware  what is on: "chip" or "core"

    Only what has a price is in them.
    """

    activity: Interval
    neurons: Interval
    being_on: Interval
    hardware: str

    def saved_by_sparser_spikes(self, part: float) -> Interval:
        """Part of all energy (0 to 1) that is saved where `part` (0 to 1) of the activity is left out."""
        return _scaled(part, _share(self.activity, self.neurons, self.being_on))

    def saved_by_less_hardware(self, part: float) -> Interval:
        """Part of all energy (0 to 1) that is saved where `part` (0 to 1) of the hardware that is on is switched off.

        Neurons stay as many: they are packed more tightly.
        """
        return _scaled(part, _share(self.being_on, self.activity, self.neurons))

    def saved_by_fewer_neurons(self, part: float) -> Interval:
        """Part of all energy (0 to 1) that is saved where `part` (0 to 1) of the neurons is left out, with the same
        activity and hardware.
        """
        return _scaled(part, _share(self.neurons, self.activity, self.being_on))

    @property
    def even_at(self) -> Interval | None:
        """How many times the present activity makes spikes cost as much as being on; None without activity.

        Below 1 sparser spikes save more than the same part of the hardware, above 1 less.
        """
        if not self.activity.low:
            return None
        return Interval(self.being_on.low / self.activity.high, self.being_on.high / self.activity.low)

    def __repr__(self) -> str:
        lines = [
            f"half the activity saves {share_text(self.saved_by_sparser_spikes(0.5))} of the energy",
            f"half the {self.hardware}s that are on save {share_text(self.saved_by_less_hardware(0.5))}",
        ]
        if self.neurons.high:
            lines.append(f"half the neurons, at the same activity, save {share_text(self.saved_by_fewer_neurons(0.5))}")
        if self.even_at is not None:
            low, high = (f"{end:.3g}" for end in self.even_at)
            times = low if low == high else f"{low} to {high}"
            lines.append(f"spikes cost as much as being on at {times} times this activity")
        return "\n".join(lines)


def levers(bill: Bill) -> Levers:
    """Split the energy of a bill by what it follows.

    Raises ValueError where the cost of being on, or of activity, has no published figure: then nobody can tell.
    """
    for follows in ("activity", "being on"):
        if bill.unpriced(follows):
            raise ValueError(
                f"{bill.chip}, {bill.profile}: no figure says what {follows} costs, so what saves energy cannot be "
                "told; use a profile that has one."
            )
    hardware = {line.figure.per for line in bill.lines if line.follows == "being on" and line.quantity == "energy"}
    if not hardware:
        raise ValueError(f"{bill.chip}, {bill.profile}: no line of the bill is paid for being on; nothing to compare.")
    return Levers(
        activity=_part(bill, "activity"),
        neurons=_part(bill, "neurons"),
        being_on=_part(bill, "being on"),
        hardware=" and ".join(sorted(hardware)),
    )


def _part(bill: Bill, follows: Follows) -> Interval:
    amounts = [line.amount for line in bill.lines if line.follows == follows and line.quantity == "energy"]
    return Interval(math.fsum(each.low for each in amounts), math.fsum(each.high for each in amounts))


def _share(part: Interval, *rest: Interval) -> Interval:
    low, high = math.fsum(each.low for each in rest), math.fsum(each.high for each in rest)
    return Interval(
        part.low / (part.low + high) if part.low else 0.0, part.high / (part.high + low) if part.high else 0.0
    )


def _scaled(part: float, share: Interval) -> Interval:
    if not 0 <= part <= 1:
        raise ValueError(f"part = {part:g} is outside 0 to 1; give what is left out as a part of all.")
    return Interval(part * share.low, part * share.high)
