"""What a chip is: a network goes in, and a placed program, a recording and a bill come out.

    program = Loihi1().compile(network, dt=1 * ms)   # or DoesNotFit, which lists every limit that is broken
    recording = program.run(1.0)                     # in the chip's own integers
    bill = program.price(recording)                  # every figure with its origin
    print(program.report())                          # what was rounded, what was split, where everything went

`reafference.testing.check_chip` holds every chip to this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from reafference.chips.bill import Bill
from reafference.chips.circuit import Circuit
from reafference.chips.report import Report
from reafference.network import Network, SpikeTrain
from reafference.recording import Recording


@runtime_checkable
class Program(Protocol):
    """A network that has been placed on a chip; frozen: running it changes nothing in it."""

    @property
    def circuit(self) -> Circuit:
        """The network with its synapses drawn."""
        ...

    def run(
        self,
        seconds: float,
        *,
        inputs: Mapping[str, SpikeTrain] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Recording:
        """Run from the beginning for `seconds` of the network's time, in the chip's arithmetic.

        inputs    spikes in place of those that the network's sources make by themselves, by population
        progress  called with the part done, 0 to 1

        The recording is of the network's own neurons, numbered as the engine does; helpers that the compiler put in
        are counted in its work, and not among its spikes. The same program and inputs give the same recording.
        """
        ...

    def price(self, recording: Recording) -> Bill:
        """What the chip would spend on what was recorded: joules and seconds, each figure with its origin.

        A recording of the engine can be priced as well, as far as spikes tell what the chip would do. Raises ValueError
        for a recording of another network.
        """
        ...

    def report(self) -> Report:
        """What became of the network: rounding, helpers, cores."""
        ...


@runtime_checkable
class Chip(Protocol):
    """A kind of hardware; a frozen dataclass whose fields are what a user may choose.

    name         one word, as in "loihi1"
    unsupported  what networks of this package may hold and this chip cannot, each with the reason
    """

    @property
    def name(self) -> str:
        """One word."""
        ...

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Feature: reason."""
        ...

    def example(self) -> tuple[Network, float]:
        """A small network that this chip can hold, with a source and a projection between neurons, and its dt (s)."""
        ...

    def compile(self, network: Network, *, dt: float, seed: int = 0) -> Program:
        """Place a network. Raises DoesNotFit with every limit that is broken.

        dt    s of the network's time in one tick of the chip
        seed  of the wiring and of the sources, as in `reafference.run`
        """
        ...
