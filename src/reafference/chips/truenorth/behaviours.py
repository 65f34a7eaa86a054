"""The 20 behaviours of Izhikevich's list, in one or two neurons of TrueNorth (one of them takes 17).

Cassidy et al. (IJCNN 2013, doi 10.1109/IJCNN.2013.6707077) state that the neuron of the chip can replicate all 20 in
quality; the parameters here were found anew from the equations. Constant current is a spike on an input axon at every
tick, stronger current more axons. The first neuron of each circuit is the one that behaves; others wait on it.

The list: E. M. Izhikevich, IEEE Trans. Neural Networks 15 (2004) 1063-1070, figure 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reafference.chips.truenorth.core import NOWHERE, Core, Target
from reafference.chips.truenorth.machine import Machine, Run, Spikes
from reafference.chips.truenorth.neuron import Neuron, Reset

Input = tuple[int, int]  # tick, axon


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A circuit in one core and what is done to it.

    neurons  the first is the one that behaves
    axons    for each, its type and the neurons that it reaches
    targets  of each neuron, within core 0
    inputs   (tick, axon) of spikes from outside
    note     what is only nearly so, or how it comes about
    """

    letter: str
    name: str
    neurons: tuple[Neuron, ...]
    axons: tuple[tuple[int, tuple[int, ...]], ...]
    inputs: tuple[Input, ...]
    ticks: int
    targets: tuple[Target, ...] = (NOWHERE,)
    note: str = ""

    def core(self) -> Core:
        """The circuit as a core."""
        crossbar = np.zeros((len(self.axons), len(self.neurons)), np.bool_)
        for axon, (_, reached) in enumerate(self.axons):
            crossbar[axon, list(reached)] = True
        return Core(
            crossbar=crossbar,
            axon_type=[kind for kind, _ in self.axons],
            neurons=self.neurons,
            kind=np.arange(len(self.neurons)),
            targets=self.targets,
        )

    def run(self) -> Run:
        """What the neurons do; `potential` is that of all of them."""
        tick, axon = np.array(self.inputs, np.int64).reshape(-1, 2).T
        spikes = Spikes(tick, np.zeros_like(tick), axon)
        return Machine([self.core()]).run(self.ticks, spikes, watch=[(0, n) for n in range(len(self.neurons))])

    def drive(self) -> npt.NDArray[np.int64]:
        """Sum of the weights with which the inputs reach the first neuron, (ticks,)."""
        summed = np.zeros(self.ticks, np.int64)
        for tick, axon in self.inputs:
            kind, reached = self.axons[axon]
            summed[tick] += self.neurons[0].weights[kind] if 0 in reached else 0
        return summed


def during(begin: int, end: int, *axons: int) -> list[Input]:
    """A spike on each of `axons` at every tick from begin to end - 1."""
    return [(tick, axon) for tick in range(begin, end) for axon in axons]


def steps(count: int, long: int) -> list[Input]:
    """One axon active at first, every `long` ticks one more."""
    return [spike for k in range(count) for spike in during(long * (k + 1), long * (count + 1), k)]


def ramp(begin: int, end: int, most: int) -> list[Input]:
    """Axons 0, 1, ... join one after the other, so that `most` are active at `end`; then all stop."""
    return [spike for k in range(most) for spike in during(begin + (end - begin) * k // most, end, k)]


STEP = tuple(during(20, 120, 0))
RELAY = Neuron(weights=(1, 1, 1, 1), threshold=1)  # one spike for each tick with input
OUT = Neuron(weights=(20, -20, 0, 0), threshold=40, reset=Reset.LINEAR)


def held_back(letter: str, name: str, neuron: Neuron, delay: int, note: str) -> Behaviour:
    """A neuron whose input reaches it again, `delay` ticks later, with the weight of type 1."""
    return Behaviour(
        letter=letter, name=name, note=note, inputs=STEP, ticks=140, neurons=(neuron, RELAY),
        axons=((0, (0, 1)), (1, (0,))), targets=(NOWHERE, Target(0, 1, delay)),
    )  # fmt: skip


def alone(letter: str, name: str, neuron: Neuron, inputs: Iterable[Input], ticks: int, note: str = "") -> Behaviour:
    """A single neuron; eight axons excite it, the ninth inhibits it."""
    axons = (*((0, (0,)),) * 8, (1, (0,)))
    return Behaviour(
        letter=letter, name=name, neurons=(neuron,), axons=axons, inputs=tuple(inputs), ticks=ticks, note=note
    )


INHIBIT = 8  # the axon of `alone` that does
TOWARDS = Neuron(leak=-2, leak_reverses=True)  # back to 0 by 2 a tick
JUMPS = replace(TOWARDS, floor=50, floor_saturates=False, reset_to=-31)  # from below -50 up to 31


def adapting() -> Behaviour:
    """Every spike starts one more pulse that goes round a loop of 16 ticks and inhibits each time it passes."""
    main = Neuron(weights=(30, -26, 0, 0), threshold=60, floor=10_000, reset=Reset.LINEAR)
    loop = Neuron(weights=(1, 1, 1, 0), leak=-1, threshold=1)  # only with input do pulses pass
    return Behaviour(
        letter="F", name="spike frequency adaptation", neurons=(main, loop),
        inputs=tuple(during(20, 260, 0)), ticks=280,
        axons=((0, (0, 1)), (1, (0, 1)), (2, (1,))), targets=(Target(0, 2, 1), Target(0, 1, 15)),
        note="inhibition is kept as pulses in a loop; intervals grow on the whole, not one by one",
    )  # fmt: skip


def bursting() -> Behaviour:
    """Every fourth spike sets the neuron far back."""
    main = Neuron(weights=(30, -240, 0, 0), threshold=60, floor=1000, reset=Reset.LINEAR)
    fourth = Neuron(weights=(0, 0, 1, 0), threshold=4)
    return Behaviour(
        letter="C", name="tonic bursting", neurons=(main, fourth), inputs=STEP, ticks=140,
        axons=((0, (0,)), (1, (0,)), (2, (1,))), targets=(Target(0, 2, 1), Target(0, 1, 1)),
        note="a second neuron counts four spikes and inhibits",
    )  # fmt: skip


def resonator() -> Behaviour:
    """A pulse fires it only together with the echo of another, ten ticks before."""
    main = Neuron(weights=(20, 20, 0, 0), leak=-20, threshold=20)
    pairs = [(tick + gap, 0) for tick, gap in ((20, 0), (20, 5), (60, 0), (60, 10), (100, 0), (100, 15))]
    return Behaviour(
        letter="K", name="resonator", neurons=(main, RELAY), inputs=tuple(pairs), ticks=140,
        axons=((0, (0, 1)), (1, (0,))), targets=(NOWHERE, Target(0, 1, 10)),
        note="an echo by a relay instead of an oscillating potential; it answers to one interval only",
    )  # fmt: skip


def rebound_burst() -> Behaviour:
    """A rebound spike excites the neuron itself, until a second has counted four."""
    main = replace(TOWARDS, weights=(0, -100, 60, -50), threshold=20, floor=50, floor_saturates=False, reset_to=-31)  # pyright: ignore[reportArgumentType]
    fourth = Neuron(weights=(0, 0, 1, 0), threshold=4)
    return Behaviour(
        letter="N", name="rebound burst", neurons=(main, fourth), inputs=tuple(during(20, 40, 0)), ticks=80,
        axons=((1, (0,)), (2, (0, 1)), (3, (0,))), targets=(Target(0, 1, 1), Target(0, 2, 1)),
        note="it excites itself, and a second neuron counts four spikes and inhibits",
    )  # fmt: skip


def accommodating() -> Behaviour:
    """What counts is how much more there came in the last 15 ticks than in the 15 before."""
    main = Neuron(weights=(4, -8, 4, 0), threshold=150, floor=10_000, reset=Reset.NONE)
    first, second = RELAY, RELAY
    slow, fast = ramp(20, 420, 8), ramp(460, 500, 8)
    inputs = [*slow, *fast]
    relays = tuple((0, (0, 1 + k)) for k in range(8))
    return Behaviour(
        letter="R", name="accommodation", neurons=(main, *[first] * 8, *[second] * 8), inputs=tuple(inputs), ticks=540,
        axons=(*relays, *((1, (0, 9 + k)) for k in range(8)), *((2, (0,)) for _ in range(8))),
        targets=(NOWHERE, *(Target(0, 8 + k, 15) for k in range(8)), *(Target(0, 16 + k, 15) for k in range(8))),
        note="two relays for each of eight input axons form the second difference of what came in",
    )  # fmt: skip


def inhibited_bursts() -> Behaviour:
    """As S, but every fourth spike lifts it so far that inhibition takes a while to bring it down again."""
    main = replace(TOWARDS, weights=(0, -20, 170, 0), threshold=60, floor=127, floor_saturates=False, reset_to=-127)  # pyright: ignore[reportArgumentType]
    fourth = Neuron(weights=(0, 0, 0, 1), threshold=4)
    return Behaviour(
        letter="T", name="inhibition-induced bursting", neurons=(main, fourth),
        inputs=tuple(during(20, 120, 0)), ticks=150,
        axons=((1, (0,)), (2, (0,)), (3, (1,))), targets=(Target(0, 2, 1), Target(0, 1, 2)),
        note="a second neuron counts four spikes and excites",
    )  # fmt: skip


def all_behaviours() -> tuple[Behaviour, ...]:
    """All twenty, A to T."""
    return (
        alone("A", "tonic spiking", replace(TOWARDS, weights=(10, 0, 0, 0), threshold=80), STEP, 140),
        held_back(
            "B", "phasic spiking", Neuron(weights=(20, -20, 0, 0), threshold=20), 1, "its input inhibits it, too",
        ),
        bursting(),
        held_back("D", "phasic bursting", OUT, 8, "its input inhibits it, too, eight ticks later"),
        held_back(
            "E", "mixed mode", Neuron(weights=(20, -15, 0, 0), threshold=40, reset=Reset.LINEAR), 8,
            "its input inhibits it, too, less and eight ticks later",
        ),
        adapting(),
        alone(
            "G", "class 1 excitable", Neuron(weights=(5, 0, 0, 0), threshold=200, reset=Reset.LINEAR),
            steps(8, 60), 540,
        ),
        alone(
            "H", "class 2 excitable", Neuron(weights=(10, 0, 0, 0), leak=-35, threshold=10),
            steps(8, 60), 540, "it starts at half the highest rate there is, as input comes in steps of one axon",
        ),
        alone(
            "I", "spike latency",
            Neuron(weights=(20, 0, 0, 0), leak=1, leak_reverses=True, threshold=80, floor=31, reset_to=-31, start=-31),
            [*during(20, 21, 0), *during(60, 61, 0, 1), *during(160, 161, 0, 1, 2)], 240,
        ),
        alone(
            "J", "subthreshold oscillations",
            replace(JUMPS, weights=(60, 0, 0, 0), leak=-4, leak_reverses=False, threshold=60), [(50, 0), (91, 0)], 160,
            "a sawtooth that goes on by itself; it does not fade after a spike",
        ),
        resonator(),
        alone(
            "L", "integrator", replace(TOWARDS, weights=(20, 0, 0, 0), threshold=35),
            [(20, 0), (21, 0), (60, 0), (70, 0)], 100,
        ),
        alone(
            "M", "rebound spike", replace(JUMPS, weights=(20, -100, 0, 0), threshold=20),
            during(20, 40, INHIBIT), 80, "below its floor the potential jumps up",
        ),
        rebound_burst(),
        alone(
            "O", "threshold variability", replace(JUMPS, weights=(20, -100, 0, 0), threshold=45),
            [(20, 0), (60, INHIBIT), (62, 0)], 100,
        ),
        alone(
            "P", "bistability", Neuron(weights=(60, -60, 0, 0), threshold=60, floor=0, reset=Reset.NONE),
            [(20, 0), (80, INHIBIT)], 120, "an inhibiting pulse ends it; Izhikevich's ends by an exciting one",
        ),
        alone(
            "Q", "depolarising after-potential", replace(TOWARDS, weights=(25, 0, 0, 0), threshold=45, reset_to=31),
            [*during(20, 21, 0), *during(60, 61, 0, 1, 2), *during(64, 65, 0), *during(110, 111, 0, 1, 2)], 140,
        ),
        accommodating(),
        alone(
            "S", "inhibition-induced spiking",
            replace(JUMPS, weights=(0, -20, 0, 0), threshold=60, floor=127, reset_to=-127),
            during(20, 100, INHIBIT), 140, "below its floor the potential jumps up; one spike may follow the stimulus",
        ),
        inhibited_bursts(),
    )  # fmt: skip
