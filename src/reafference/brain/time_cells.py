"""Time cells: chains of spiking cells through which activity passes by itself, some fast and some slow.

A stage that has been reached keeps itself firing through a loop (one spike each `loop` seconds). Each of its spikes
opens the gate of the next stage: a push that is too weak alone. If it meets a spike of the chain's beat cell, the next
stage fires, keeps itself firing, and inhibits the one before. Beats come at random and without memory, each chain at
its own mean rate; so the time spent at a stage is random, too, with a nearly exponential law, and the time to pass n
stages follows a gamma law of order n: its spread grows in proportion to its mean, and chains whose mean times are
equally spaced in log time tell elapsed time with an error in proportion to it (Weber's law).

Nothing in a beat says what time it is. Beats are made by background input of the bank itself ("background"), or by the
copy of the command ("command"): then the same cells count actions, and stand still while the body does.

Source of the fields to be had: Cao, Bladon, Charczynski, Hasselmo and Howard, eLife 11 (2022) e75353: widths grow in
proportion to delay, cells are spread evenly over log time. The chain is the textbook derivation of the gamma law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reafference.network import DeltaLIF, EdgeList, Network, OneToOne, PoissonInput, Population, Projection, SpikeTrain
from reafference.units import check_range, check_time, ms, mV

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DT = 1 * ms  # tick for which delays and window are meant
THRESHOLD = 15 * mV  # above rest
TAU = 4 * ms  # membrane of a stage: how long a gate stays open, or a beat is heard
LOOP_WEIGHT = 1.2 * THRESHOLD
GATE_WEIGHT = 0.9 * THRESHOLD
BEAT_WEIGHT = 0.6 * THRESHOLD
HUSH_WEIGHT = -3.0 * THRESHOLD
START_WEIGHT = 1.5 * THRESHOLD
GATE_DELAY = 9 * ms  # longer than a beat is heard, so that one beat moves a chain by one stage
BEAT_DELAY = 1 * ms
DEAD = 8 * ms  # of a beat cell: two beats never add up to a spike
BEFORE, AFTER = 7, 3  # ticks: a beat acts if it arrives so long before the gate, or after it
SHORTEST_LOOP = 16 * ms


@dataclass(frozen=True, kw_only=True, eq=False)
class TimePlan:
    """A bank of chains.

    times   (chains,) s  mean time that each chain takes through all its stages
    stages  of each chain: the order of the gamma law
    loop    s  interval between two spikes of an active stage, whole ms; a stage lasts 10 ms or longer
    jitter  standard deviation of the logarithm of the beat rates: no two banks are equal

    Raises ValueError where a chain would have to be faster than its cells.
    """

    times: Floats
    stages: int = 8
    loop: float = 20 * ms
    jitter: float = 0.1

    def __post_init__(self) -> None:
        check_time("TimePlan.times", self.times, 1 * ms, 1e4)
        check_range("TimePlan.stages", self.stages, 1, 10_000, "")
        check_time("TimePlan.loop", self.loop, SHORTEST_LOOP, 0.5)
        check_range("TimePlan.jitter", self.jitter, 0.0, 2.0, "")
        if np.ndim(self.times) != 1 or np.size(self.times) == 0:
            raise ValueError(f"TimePlan.times has shape {np.shape(self.times)}; give one time for each chain.")
        quickest = float(np.min(self.times)) / self.stages
        if quickest < self.least_dwell:
            raise ValueError(
                f"TimePlan: the fastest chain would spend {quickest:g} s at a stage, below the {self.least_dwell:g} s "
                "that cells with this loop take; use fewer stages, longer times or a shorter loop."
            )

    @property
    def chains(self) -> int:
        """Number of chains."""
        return int(np.size(self.times))

    @property
    def cells(self) -> int:
        """Cells of one bank: stages, and of each chain the one that ends it and its beat cell."""
        return self.chains * (self.stages + 2)

    @property
    def least_dwell(self) -> float:
        """Shortest mean time at a stage, s: a beat at every other gate."""
        return GATE_DELAY + 1 * ms + self.loop


def log_times(shortest: float, longest: float, chains: int) -> Floats:
    """Times equally spaced in log time, (chains,) s."""
    return np.geomspace(shortest, longest, chains)


def linear_times(shortest: float, longest: float, chains: int) -> Floats:
    """Times equally spaced in time, (chains,) s."""
    return np.linspace(shortest, longest, chains)


def beat_chance(dwell: Floats, loop: float) -> Floats:
    """Chance per tick that a beat cell which is not in its dead time fires, for mean times at a stage (s).

    A stage's m-th spike is the first to meet a beat, m geometric of mean 1 / p; the time at the stage is then
    10 ms + (m - 1) loop. Beats are a renewal process with dead time, and p is the chance that at least one falls into
    the window of BEFORE + 1 + AFTER ticks (equilibrium; that the last beat is known is neglected).
    """
    p = 1.0 / (1.0 + (dwell - GATE_DELAY - 1 * ms) / loop)
    low, high = np.zeros_like(p), np.ones_like(p)
    window, dead = BEFORE + 1 + AFTER, round(DEAD / DT)
    for _ in range(60):
        q = (low + high) / 2
        rate = 1.0 / (dead - 1 + 1.0 / np.maximum(q, 1e-300))
        met = 1.0 - rate * (1.0 - q) ** (window - dead + 1) / np.maximum(q, 1e-300)
        low, high = np.where(met < p, q, low), np.where(met < p, high, q)
    return (low + high) / 2


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeCells:
    """`copies` of one bank, with the same wires and rates and noise of their own, as one network.

    populations of `network`
        onset       SpikeTrain, one for each copy: a spike stops all chains and starts them `delay` later
        background, command  PoissonInput onto the beat cells
        beats       (copies x chains)
        stages      (copies x chains x (stages + 1)): the last of each chain ends it and stays silent
    rate  (copies x chains,) Hz of background or command while they drive the beats
    """

    network: Network
    plan: TimePlan
    copies: int
    rate: Floats

    @property
    def delay(self) -> float:
        """From an onset spike to the first spike of the first stages, s."""
        return start_delay(self.plan.loop)

    def active(self, neuron: Ints) -> npt.NDArray[np.bool_]:
        """Which stages are among spikes (numbers in the network), (copies, chains x stages)."""
        first = self.network.first("stages")
        shape = self.copies, self.plan.chains, self.plan.stages + 1
        size = int(np.prod(shape))
        mine = neuron[(neuron >= first) & (neuron < first + size)] - first
        seen = np.bincount(mine, minlength=size).reshape(shape) > 0
        return seen[:, :, : self.plan.stages].reshape(self.copies, -1)


def start_delay(loop: float) -> float:
    """The last inhibition of a reset comes one loop and one gate after the onset; 20 ms later it is forgotten."""
    return round((loop + GATE_DELAY + 24 * ms) / DT) * DT


def build_time_cells(plan: TimePlan, *, copies: int, seed: int) -> TimeCells:
    """Wire the bank; at first the background drives it, and the command is silent."""
    check_range("copies", copies, 1, 100_000, "")
    chains, row = plan.chains, plan.stages + 1
    banks = copies * chains
    rng = np.random.default_rng([seed, 11])
    chance = beat_chance(np.asarray(plan.times, np.float64) / plan.stages, plan.loop)
    rate = -np.log1p(-chance) / DT * rng.lognormal(0.0, plan.jitter, chains)
    rate = np.tile(rate, copies)

    membrane = {"rest": 0.0, "reset": 0.0, "threshold": THRESHOLD, "initial": 0.0}
    onset = Population("onset", copies, SpikeTrain())
    background = Population("background", banks, PoissonInput(rate=rate))
    command = Population("command", banks, PoissonInput(rate=0.0))
    beats = Population("beats", banks, DeltaLIF(tau=TAU, refractory=DEAD, **membrane))
    stages = Population("stages", banks * row, DeltaLIF(tau=TAU, refractory=2 * ms, **membrane))

    cell = np.arange(banks * row)
    stage = cell % row
    lasting, begun = cell[stage < plan.stages], cell[stage > 0]
    copy = cell // (chains * row)
    hush: Floats = np.arange(1, round((plan.loop + GATE_DELAY) / DT) + 3, 3).astype(np.float64) * DT
    started = cell[stage == 0]

    def edges(source: Ints, target: Ints) -> EdgeList:
        return EdgeList(source=source, target=target)

    projections = [
        Projection(background, beats, OneToOne(), weight=START_WEIGHT),
        Projection(command, beats, OneToOne(), weight=START_WEIGHT),
        Projection(beats, stages, edges(begun // row, begun), weight=BEAT_WEIGHT, delay=BEAT_DELAY),
        Projection(stages, stages, edges(lasting, lasting), weight=LOOP_WEIGHT, delay=plan.loop, name="loop"),
        Projection(stages, stages, edges(lasting, lasting + 1), weight=GATE_WEIGHT, delay=GATE_DELAY, name="gate"),
        Projection(
            stages,
            stages,
            edges(begun, begun - 1),
            weight=HUSH_WEIGHT,
            delay=plan.loop - GATE_DELAY - AFTER * DT,  # just before the loop of the stage that is left comes round
            name="hand over",
        ),
        Projection(
            onset,
            stages,
            edges(np.tile(copy, hush.size), np.tile(cell, hush.size)),
            weight=HUSH_WEIGHT,
            delay=np.repeat(hush, cell.size).astype(np.float64),
            name="stop",
        ),
        Projection(
            onset,
            stages,
            edges(copy[started], started),
            weight=START_WEIGHT,
            delay=start_delay(plan.loop),
            name="start",
        ),
    ]
    network = Network(populations=[onset, background, command, beats, stages], projections=projections)
    return TimeCells(network=network, plan=plan, copies=copies, rate=rate)
