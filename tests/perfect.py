"""A whole neuron from outside the package: description and kernel, as CONTRIBUTING describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from reafference.engine.decay import ticks
from reafference.engine.stepped import jumps, stepped
from reafference.network.values import PerNeuron
from reafference.units import check_range, check_time, ms, mV


@dataclass(frozen=True, kw_only=True, eq=False)
class PerfectIF:
    """Integrate-and-fire neuron without a leak: dv/dt = 0; at v >= threshold: spike, then v = 0 for `refractory`."""

    kernel: ClassVar[str] = "perfect"

    threshold: PerNeuron = 15 * mV
    refractory: PerNeuron = 2 * ms

    def check(self, population: str, count: int) -> None:
        """Raise ValueError if a parameter cannot be meant."""
        check_range(f"{population}: PerfectIF.threshold", self.threshold, 1e-9, 1.0, "V")
        check_time(f"{population}: PerfectIF.refractory", self.refractory, 0.0, 0.5)


class PerfectState(NamedTuple):
    """What changes from tick to tick."""

    v: float  # volt
    hold: int  # last tick of the refractory time


class PerfectConstants(NamedTuple):
    """What a step needs to know."""

    threshold: float  # volt
    reset: float  # volt
    refractory: int  # ticks


def start(neuron):
    """State at tick 0."""
    return {"v": 0.0, "hold": -1}


def constants(neuron, dt):
    """Constants of a step."""
    return {"threshold": neuron.threshold, "reset": 0.0, "refractory": ticks(neuron.refractory, dt)}


def step(cell, own, current, tick):
    """State at `tick` from that at the tick before."""
    return cell


make, part, OBSERVABLES = stepped(
    PerfectState, PerfectConstants, start=start, constants=constants, step=step, receive=jumps
)
