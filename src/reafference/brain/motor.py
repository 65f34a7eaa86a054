"""The motor side: a log-normal network that is never silent, motoneurons that read it, relays that copy the command.

Babble is what the premotor network does by itself: no random numbers are drawn after it is wired. Each motoneuron
weighs all premotor cells with slow synapses, so commands wander over some 150 ms instead of jumping from frame to
frame. The copy of the command (corollary discharge) branches off the motoneurons' own spikes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from reafference.engine import Simulation
from reafference.network import (
    AllToAll,
    CurrentLIF,
    EdgeList,
    LogNormal,
    Network,
    OneToOne,
    Population,
    Projection,
)
from reafference.units import MOhm, ms, mV

Floats = npt.NDArray[np.float64]
RESISTANCE = 100 * MOhm
REST, THRESHOLD = -65 * mV, -50 * mV


def drive(voltage: Floats | float) -> Floats | float:
    """Current (A) that lifts the resting level by `voltage` (V)."""
    return voltage / RESISTANCE


@dataclass(frozen=True, kw_only=True)
class MotorPlan:
    """Sizes and strengths of the motor side; the defaults make commands of about two thirds of the largest force.

    excitatory, inhibitory  premotor cells
    in_excitatory, in_inhibitory  synapses that each premotor cell receives; a fixed in-degree keeps a small network
                            from falling into a short cycle
    excitation, inhibition  V  mean weight of those synapses (log-normal, `log_sigma`)
    level, level_spread     V  constant drive of the premotor cells, mean and standard deviation
    motoneurons             in each pool
    slow                    s  time constant of the synapses onto motoneurons
    swing                   V  standard deviation over time of the drive that tells two opposing pools apart
    rest_drive              V  mean drive of the motoneurons
    full                    s  spikes of one pool above the other that make the full command, per second of frame
    development             s  of premotor activity by which the motoneurons find their gain and bias before birth
    """

    excitatory: int = 400
    inhibitory: int = 100
    in_excitatory: int = 40
    in_inhibitory: int = 10
    excitation: float = 6 * mV
    inhibition: float = -42 * mV
    log_sigma: float = 1.0
    level: float = 22 * mV
    level_spread: float = 2 * mV
    motoneurons: int = 20
    slow: float = 120 * ms
    swing: float = 15 * mV
    rest_drive: float = 17 * mV
    rest_spread: float = 2 * mV
    full: float = 62 / 0.05
    development: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Motor:
    """Populations and projections of the motor side. Pools: two for each dimension of a Box, one for each choice."""

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    pools: tuple[str, ...]
    relays: tuple[str, ...]


def premotor(plan: MotorPlan, rng: np.random.Generator, state: int) -> tuple[Population, Population, list[Projection]]:
    """The log-normal premotor network. `state` other than 0: the same wiring, another history."""
    count = plan.excitatory + plan.inhibitory
    level = rng.normal(plan.level, plan.level_spread, count)
    initial = REST + 15 * mV * rng.random(count)
    wires: list[tuple[int, int]] = []
    for target in range(count):
        for first, size, degree in (
            (0, plan.excitatory, plan.in_excitatory),
            (plan.excitatory, plan.inhibitory, plan.in_inhibitory),
        ):
            others = np.setdiff1d(np.arange(first, first + size), [target])
            wires += [(int(source), target) for source in rng.choice(others, degree, replace=False)]
    edges = np.array(wires)
    excitatory = edges[:, 0] < plan.excitatory
    weight = np.where(
        excitatory,
        LogNormal.with_mean(plan.excitation, log_sigma=plan.log_sigma).sample(rng, edges.shape[0]),
        LogNormal.with_mean(plan.inhibition, log_sigma=plan.log_sigma).sample(rng, edges.shape[0]),
    )
    delay = rng.integers(1, 6, edges.shape[0]) * ms
    if state:
        initial = REST + 15 * mV * np.random.default_rng([state, 1]).random(count)

    def cells(part: slice) -> CurrentLIF:
        return CurrentLIF(
            tau=20 * ms,
            tau_e=5 * ms,
            tau_i=10 * ms,
            refractory=2 * ms,
            current=drive(level[part]),
            initial=initial[part],
        )

    pe = Population("premotor excitatory", plan.excitatory, cells(slice(0, plan.excitatory)))
    pi = Population("premotor inhibitory", plan.inhibitory, cells(slice(plan.excitatory, count)))
    projections: list[Projection] = []
    for source, start in ((pe, 0), (pi, plan.excitatory)):
        for target, begin in ((pe, 0), (pi, plan.excitatory)):
            mine = (
                (edges[:, 0] >= start)
                & (edges[:, 0] < start + source.size)
                & (edges[:, 1] >= begin)
                & (edges[:, 1] < begin + target.size)
            )
            wiring = EdgeList(source=edges[mine, 0] - start, target=edges[mine, 1] - begin)
            projections.append(Projection(source, target, wiring, weight=weight[mine], delay=delay[mine]))
    return pe, pi, projections


def readers(plan: MotorPlan, pools: int, opposed: bool, rng: np.random.Generator) -> Floats:
    """How each motoneuron weighs the premotor cells, (cells, pools * motoneurons), before gain."""
    s, jitter = plan.log_sigma, 0.3
    strength = rng.lognormal(-s * s / 2, s, plan.excitatory)
    columns: list[Floats] = []
    polarity = np.zeros(plan.excitatory)
    for pool in range(pools):
        if not opposed or pool % 2 == 0:
            polarity = rng.permutation(np.resize([1.0, -1.0], plan.excitatory))
        sign = -1.0 if opposed and pool % 2 else 1.0
        for _ in range(plan.motoneurons):
            columns.append(sign * polarity * strength * rng.lognormal(-jitter * jitter / 2, jitter, plan.excitatory))
    return np.stack(columns, axis=1)


def build_motor(plan: MotorPlan, *, action: str, actions: int, seed: int, state: int) -> Motor:
    """Wire the motor side and let it develop: gain and bias of the motoneurons are set by what the network does.

    action  "box": two opposing pools for each of `actions` dimensions; "discrete": one pool for each choice
    state   another number gives the same brain another history, and so other commands
    """
    rng = np.random.default_rng([seed, 1])
    pe, pi, projections = premotor(plan, rng, 0)
    opposed = action == "box"
    pools = 2 * actions if opposed else actions
    weigh = readers(plan, pools, opposed, rng)
    spread = rng.normal(0.0, plan.rest_spread, weigh.shape[1])

    simulation = Simulation(
        Network(populations=[pe, pi], projections=projections), dt=1 * ms, seed=seed, record=[pe.name]
    )
    simulation.advance(plan.development)
    time, neuron = simulation.recording().of(pe.name)
    counts = np.zeros((round(plan.development / ms), plan.excitatory))
    np.add.at(counts, (np.rint(time / ms).astype(np.int64) - 1, neuron), 1.0)
    settled = round(min(2.0, plan.development / 4) / ms)
    slow = lfilter([1.0], [1.0, -np.exp(-ms / plan.slow)], counts @ weigh, axis=0)
    inputs = np.asarray(slow)[settled:]
    pooled = inputs.reshape(inputs.shape[0], pools, plan.motoneurons).mean(axis=2)
    apart = (pooled[:, 0::2] - pooled[:, 1::2]) / 2 if opposed else pooled - pooled.mean(axis=1, keepdims=True)
    gain = plan.swing / float(np.sqrt(np.mean(apart.var(axis=0))))
    bias = plan.rest_drive + spread - gain * inputs.mean(axis=0)

    if state:
        pe, pi, projections = premotor(plan, np.random.default_rng([seed, 1]), state)
    populations, names, relays = [pe, pi], [], []
    for pool in range(pools):
        mine = slice(pool * plan.motoneurons, (pool + 1) * plan.motoneurons)
        label = f"{pool // 2} {'+-'[pool % 2]}" if opposed else str(pool)
        cells = CurrentLIF(tau=10 * ms, tau_e=plan.slow, tau_i=plan.slow, refractory=12 * ms, current=drive(bias[mine]))
        moto = Population(f"motoneurons {label}", plan.motoneurons, cells)
        # A relay answers each spike with one spike, two ticks later.
        relay = Population(
            f"corollary discharge {label}", plan.motoneurons, CurrentLIF(tau=2 * ms, tau_e=0.5 * ms, refractory=4 * ms)
        )
        populations += [moto, relay]
        projections = [
            *projections,
            Projection(pe, moto, AllToAll(), weight=gain * weigh[:, mine].ravel(), delay=2 * ms),
            Projection(moto, relay, OneToOne(), weight=120 * mV, delay=1 * ms),
        ]
        names.append(moto.name)
        relays.append(relay.name)
    return Motor(
        populations=tuple(populations), projections=tuple(projections), pools=tuple(names), relays=tuple(relays)
    )
